//! Putting a backup back: unpack beside the place, verify, and only then the
//! place.

use std::path::Path;

use serde::Serialize;
use tickmark_access::AccessStore;
use tickmark_catalog::Problem;
use tickmark_ledger::{LedgerError, LedgerReader};

use super::archive::Reader;
use super::manifest::Backup;
use super::verify;
use crate::error::{Error, Result};
use crate::folder::Staged;
use crate::workspace::Workspace;

/// What came of putting a backup back.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// What the backup is of.
    #[serde(flatten)]
    pub backup: Backup,
    /// What keeps the ledger from being written, and what to do about it.
    pub notes: Vec<Problem>,
}

/// Verifies a backup without putting it anywhere. It is unpacked in a folder
/// beside it for a while.
///
/// # Errors
/// The archive cannot be read, or something in it does not hold.
pub fn check(archive: &Path) -> Result<Backup> {
    let beside = match archive.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let scratch = tempfile::Builder::new()
        .prefix(".tickmark-check-")
        .tempdir_in(beside)
        .map_err(|error| Error::file("written", beside, &error))?;
    rehearse(archive, &scratch.path().join("unpacked"), None)
}

/// Unpacks a backup into the new folder `place` and verifies what is there.
/// `mark`: the last signed head at the time it was made, where known.
///
/// # Errors
/// As [`check`].
pub(super) fn rehearse(archive: &Path, place: &Path, mark: Option<&Path>) -> Result<Backup> {
    let mut reader = Reader::open(archive)?;
    reader.unpack(place)?;
    verify(&Workspace::open(place, place)?, &reader.backup, mark)?;
    Ok(reader.backup)
}

/// Puts a backup back as the workspace `folder`, which must be empty or not
/// there; `keys` is where its signing key lies or will lie. Everyone has to
/// sign in again.
///
/// # Errors
/// As [`check`], and when `folder` holds anything; nothing is left then.
pub fn restore(archive: &Path, folder: &Path, keys: &Path) -> Result<Restored> {
    let mut reader = Reader::open(archive)?;
    let staged = Staged::beside(folder)?;
    reader.unpack(staged.path())?;
    let workspace = Workspace::open(staged.path(), keys)?;
    verify(&workspace, &reader.backup, None)?;
    let access = workspace.access_store();
    if access.exists() {
        AccessStore::open(&access)?.end_everything_begun()?;
    }
    let notes = notes(&workspace)?;
    staged.settle()?;
    Ok(Restored {
        backup: reader.backup,
        notes,
    })
}

/// What keeps the restored ledger from being written.
fn notes(workspace: &Workspace) -> Result<Vec<Problem>> {
    let mut notes = Vec::new();
    let key = workspace.key_path();
    if !key.exists() {
        notes.push(
            Problem::new(format!("the signing key `{}` is not there", key.display()))
                .hint("put it back from where you keep it: no backup holds it, and nothing can be recorded without it"),
        );
    }
    let reader = LedgerReader::open(&workspace.database())?;
    let mark = workspace.high_water_path();
    match reader.check_mark(&mark) {
        Ok(()) => {}
        Err(LedgerError::RolledBack { .. }) if !mark.exists() => notes.push(
            Problem::new(format!("the mark of the last signed head, `{}`, is not there", mark.display()))
                .cause("without it nobody can tell whether more was signed than the backup holds")
                .hint("put it back if you have it; if not, say so on record with `tickmark ledger epoch --reason REASON`"),
        ),
        Err(LedgerError::RolledBack { why, .. }) => notes.push(
            Problem::new("the ledger is not the one that was last signed")
                .cause(why)
                .hint("look for a later backup; if there is none, say so on record with `tickmark ledger epoch --reason REASON`"),
        ),
        Err(other) => return Err(other.into()),
    }
    Ok(notes)
}
