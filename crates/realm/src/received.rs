//! Where a firm keeps the packages it received.
//!
//! What must hold: a kept package is the one that was verified, byte for byte;
//! two packages with different checkpoints never share a folder.

use std::fs;
use std::path::{Path, PathBuf};

use tickmark_catalog::{Problem, Sha256Hex};

use crate::error::{Error, Result};
use crate::folder::{copy_folder, remove_folder};
use crate::package::read_summary;
use crate::receive::Received;
use crate::workspace::Workspace;

/// The folder of the package with the signed checkpoint `note`.
pub(crate) fn folder(workspace: &Workspace, note: &str) -> PathBuf {
    let name = Sha256Hex::of(note.as_bytes());
    all(workspace).join(name.as_str())
}

fn all(workspace: &Workspace) -> PathBuf {
    workspace.folder().join(".tickmark/received")
}

/// The folders of every package that is kept.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn kept(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let all = all(workspace);
    if !all.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error| Error::file("read", &all, &error);
    let found = fs::read_dir(&all).map_err(failed)?;
    let paths = found.map(|entry| entry.map(|it| it.path()));
    paths.collect::<Result<_, _>>().map_err(failed)
}

/// Copies a package that was verified and insists that the copy is what was
/// verified.
///
/// # Errors
/// The copy cannot be written, or the package changed while it was read.
pub(crate) fn keep(workspace: &Workspace, package: &Path, received: &Received) -> Result<()> {
    let target = folder(workspace, &received.note);
    let beside = all(workspace).join("incoming");
    remove_folder(&beside)?;
    copy_folder(package, &beside)?;
    let (_, sha256) = read_summary(&beside)?;
    if sha256 != received.sha256 {
        return Err(Error::Damaged(
            Problem::new(format!(
                "the package in `{}` has changed",
                package.display()
            ))
            .cause("its list was another when it was verified"),
        ));
    }
    remove_folder(&target)?;
    fs::rename(&beside, &target).map_err(|error| Error::file("written", &target, &error))
}
