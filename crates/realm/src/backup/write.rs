//! Making a backup: copy, archive, read back, verify, and only then the name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;
use tickmark_access::AccessStore;
use tickmark_catalog::Problem;
use tickmark_evidence::ObjectRef;

use super::archive::Writer;
use super::files::files;
use super::manifest::{ACCESS, Backup, LEDGER};
use super::restore::rehearse;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Writes a backup of a workspace to the new file `target`, for its owner alone,
/// and verifies it; a server may go on using the workspace meanwhile.
///
/// It needs room beside `target` for the archive and once more for what is in it.
///
/// # Errors
/// When `target` exists or lies in the workspace, something cannot be read or
/// written, or what was written does not verify; nothing is left then.
pub fn write(workspace: &Workspace, target: &Path, now: Timestamp) -> Result<Backup> {
    let beside = place(workspace, target)?;
    let scratch = scratch(&beside)?;
    let mark = copy_mark(workspace, scratch.path())?;
    // Until it is whole it lies in the folder that is removed in any case.
    let part = scratch.path().join("archive");
    let backup = pack(workspace, &part, scratch.path(), now)?;
    rehearse(&part, &scratch.path().join("unpacked"), mark.as_deref())?;
    refuse_present(target)?;
    fs::rename(&part, target).map_err(|error| Error::file("written", target, &error))?;
    sync(&beside)?;
    Ok(backup)
}

/// The folder the archive will lie in.
fn place(workspace: &Workspace, target: &Path) -> Result<PathBuf> {
    if target.file_name().is_none() {
        let nameless = Problem::new(format!("`{}` does not name a file", target.display()));
        return Err(nameless.hint("give the backup a name").into());
    }
    refuse_present(target)?;
    let beside = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let real = |path: &Path| {
        path.canonicalize()
            .map_err(|error| Error::file("read", path, &error))
    };
    let beside = real(beside)?;
    if beside.starts_with(real(workspace.folder())?) {
        return Err(Problem::new(format!(
            "`{}` lies in the workspace it would be a backup of",
            target.display()
        ))
        .hint("write it to another folder, better to another disk")
        .into());
    }
    Ok(beside)
}

fn refuse_present(target: &Path) -> Result<()> {
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(
        Problem::new(format!("`{}` exists already", target.display()))
            .hint("a backup never replaces another: give it a name of its own")
            .into(),
    )
}

/// A folder for what is only needed meanwhile, for its owner alone.
fn scratch(beside: &Path) -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix(".tickmark-backup-")
        .tempdir_in(beside)
        .map_err(|error| Error::file("written", beside, &error))
}

/// The mark of the last signed head as it was before the ledger is copied: a
/// later one may be of entries that the copy does not have.
fn copy_mark(workspace: &Workspace, scratch: &Path) -> Result<Option<PathBuf>> {
    let mark = workspace.high_water_path();
    let copy = scratch.join("mark");
    match fs::copy(&mark, &copy) {
        Ok(_) => Ok(Some(copy)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", &mark, &error)),
    }
}

fn pack(workspace: &Workspace, part: &Path, scratch: &Path, now: Timestamp) -> Result<Backup> {
    // The ledger first: what its entries name was stored before them.
    let (ledger, access) = (scratch.join("ledger.db"), scratch.join("access.db"));
    workspace.reader()?.copy_to(&ledger)?;
    let has_access = workspace.access_store().exists();
    if has_access {
        AccessStore::copy_file(&workspace.access_store(), &access)?;
    }
    let copy = tickmark_ledger::LedgerReader::open(&ledger)?;
    let head = copy.head()?;
    let mut writer = Writer::create(part)?;
    let mut listed: BTreeMap<String, ObjectRef> = BTreeMap::new();
    let databases = [(LEDGER, &ledger, true), (ACCESS, &access, has_access)];
    for (name, path, _) in databases.iter().filter(|(_, _, there)| *there) {
        listed.extend(writer.add(name, path)?.map(|it| ((*name).to_owned(), it)));
    }
    for path in files(workspace)? {
        let found = writer.add(&path, &workspace.folder().join(&path))?;
        listed.extend(found.map(|it| (path, it)));
    }
    let backup = Backup {
        version: Backup::version(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now,
        realm: workspace.file().realm,
        id: workspace.file().id.clone(),
        origin: copy.origin()?,
        entries: head.size,
        root: hex::encode(head.root),
        files: listed,
    };
    writer.finish(&backup)?;
    Ok(backup)
}

/// Makes the name of the archive durable.
fn sync(folder: &Path) -> Result<()> {
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::file("written", folder, &error))
}
