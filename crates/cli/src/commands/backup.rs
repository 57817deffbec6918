//! `tickmark backup` and `tickmark restore`: a workspace as one file, and back.

use std::path::Path;

use serde::Serialize;
use tickmark_catalog::Problem;
use tickmark_evidence::ObjectRef;
use tickmark_realm::Result;
use tickmark_realm::backup::{self, Backup};

use super::Session;
use crate::args::RestoreArgs;
use crate::output::{BAD, FAINT, GOOD, counted, styled};

/// What was written.
#[derive(Serialize)]
struct Written<'w> {
    file: String,
    /// Digest and size of the archive, to compare a copy with.
    archive: ObjectRef,
    #[serde(flatten)]
    backup: &'w Backup,
}

/// Writes a backup and says what is in it.
///
/// # Errors
/// As [`backup::write`].
pub fn run(session: &Session, file: &Path) -> Result<u8> {
    let workspace = session.open()?;
    let bar = super::progress(session, "backing up");
    let written = backup::write(&workspace, file, session.surroundings.now());
    bar.finish();
    let backup = written?;
    let archive = ObjectRef::of_file(file).map_err(|error| {
        Problem::new(format!("`{}` cannot be read", file.display())).cause(error.to_string())
    })?;
    let written = Written {
        file: file.display().to_string(),
        archive,
        backup: &backup,
    };
    session.output.print(&written, || {
        format!(
            "{}{}\n  archive   {} ({} bytes)\n",
            holds(file, &backup),
            described(&backup),
            written.archive.sha256,
            written.archive.size_bytes
        )
    })?;
    Ok(0)
}

/// Verifies a backup, and puts it back unless only that was asked for.
///
/// # Errors
/// As [`backup::check`] and [`backup::restore`].
pub fn restore(session: &Session, args: &RestoreArgs) -> Result<u8> {
    let bar = super::progress(session, "verifying the backup");
    let Some(folder) = &args.folder else {
        let backup = backup::check(&args.file);
        bar.finish();
        let backup = backup?;
        let text = || format!("{}{}", holds(&args.file, &backup), described(&backup));
        session.output.print(&backup, text)?;
        return Ok(0);
    };
    let restored = backup::restore(&args.file, folder, &session.keys()?);
    bar.finish();
    let restored = restored?;
    session.output.print(&restored, || {
        let mut text = format!(
            "{} `{}` is restored and verified; everyone signs in again\n{}",
            styled(GOOD, "✓"),
            folder.display(),
            described(&restored.backup)
        );
        for note in &restored.notes {
            text.push_str(&format!("{} {}\n", styled(BAD, "!"), note.message));
            for more in note.causes.iter().chain(&note.hint) {
                text.push_str(&format!("  {more}\n"));
            }
        }
        text
    })?;
    Ok(0)
}

fn holds(file: &Path, backup: &Backup) -> String {
    format!(
        "{} `{}` holds {}, and all of it verifies\n",
        styled(GOOD, "✓"),
        file.display(),
        counted(backup.files.len() as u64, "file", "files")
    )
}

fn described(backup: &Backup) -> String {
    format!(
        "  ledger    {} of {}\n  root      {}\n  {}\n",
        counted(backup.entries, "entry", "entries"),
        backup.origin,
        backup.root,
        styled(
            FAINT,
            format!("made {} by version {}", backup.made_at, backup.program)
        )
    )
}
