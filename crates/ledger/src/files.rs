//! Files that are whole or absent: written beside, synced, renamed, and the
//! folder synced, so that a crash or power cut leaves the old or the new file.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{LedgerError, Result};

/// Reads a file whole.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| LedgerError::file("read", path, error))
}

/// Reads a file whole; `None` when there is none.
pub(crate) fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::file("read", path, error)),
    }
}

/// Replaces a file and makes that durable.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    write_renamed(path, bytes)?;
    sync_folder(folder_of(path))
}

/// Replaces a file; durable once its folder has been synced too.
pub(crate) fn write_renamed(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = temporary_name(path);
    let written = write_synced(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        // Half a file is of no use to anyone; the first failure is the one to tell.
        let _ = fs::remove_file(&beside);
        LedgerError::file("write", path, error)
    })
}

/// Creates a folder with its parents.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| LedgerError::file("create", path, error))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| LedgerError::file("sync", path, error))
}

/// Writes a new file that only its owner can read; never overwrites.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    create_folder(folder_of(path))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(|error| LedgerError::file("create", path, error))?;
    sync_folder(folder_of(path))
}

/// The folder a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// `name.tmp` beside the file: one writer at a time is the caller's business.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}
