//! The archive: a ZIP file, read and written piece by piece.
//!
//! What must hold: only what the manifest lists is unpacked, with the digest
//! and size it lists, never more; whatever an archive says of modes, it is
//! unpacked for its owner alone.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};
use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_evidence::ObjectRef;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::damaged;
use super::manifest::{Backup, LARGEST, LEDGER, MANIFEST, WORKSPACE};
use crate::error::{Error, Result};

const CHUNK_BYTES: usize = 256 * 1024;
/// Above this a ZIP entry needs its long form.
const LONG: u64 = 3 << 30;

/// An archive that is being written.
pub(super) struct Writer {
    zip: ZipWriter<File>,
}

impl Writer {
    /// A new archive, readable by its owner alone.
    ///
    /// # Errors
    /// There is a file already, or it cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .read(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| Error::file("written", path, &error))?;
        Ok(Self {
            zip: ZipWriter::new(file),
        })
    }

    /// Adds a file and says what was read of it; `None` when it is gone.
    ///
    /// # Errors
    /// It cannot be read, or the archive not be written.
    pub fn add(&mut self, name: &str, source: &Path) -> Result<Option<ObjectRef>> {
        let failed = |error: std::io::Error| Error::file("read", source, &error);
        let file = match File::open(source) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        let known = file.metadata().map_err(failed)?;
        let options = options().large_file(known.len() > LONG);
        self.zip
            .start_file(name, options)
            .map_err(|error| unwritten(name, &error))?;
        let (zip, mut written) = (&mut self.zip, Ok(()));
        let object = pour(file, |bytes| {
            written = zip.write_all(bytes);
            written.is_ok()
        });
        let object = object.map_err(failed)?;
        written.map_err(|error| unwritten(name, &error))?;
        Ok(Some(object))
    }

    /// Adds the manifest and makes the archive durable.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self, backup: &Backup) -> Result<()> {
        let bytes = backup.bytes()?;
        let failed = |error: &dyn std::fmt::Display| unwritten(MANIFEST, error);
        self.zip
            .start_file(MANIFEST, options())
            .map_err(|error| failed(&error))?;
        self.zip.write_all(&bytes).map_err(|error| failed(&error))?;
        let file = self.zip.finish().map_err(|error| failed(&error))?;
        file.sync_all().map_err(|error| failed(&error))
    }
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(0o600)
}

fn unwritten(name: &str, error: &dyn std::fmt::Display) -> Error {
    Problem::new("the backup cannot be written")
        .cause(format!("`{name}`: {error}"))
        .hint("check that the disk has room for it")
        .into()
}

/// Hands bytes on in pieces until `take` has enough, and says what they were.
fn pour(mut from: impl Read, mut take: impl FnMut(&[u8]) -> bool) -> std::io::Result<ObjectRef> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size_bytes = 0;
    loop {
        let count = from.read(&mut chunk)?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() || !take(bytes) {
            let sha256 = Sha256Hex::from_bytes(hasher.finalize().into());
            return Ok(ObjectRef { sha256, size_bytes });
        }
        hasher.update(bytes);
        size_bytes += bytes.len() as u64;
    }
}

/// An archive that is read.
pub(super) struct Reader {
    zip: ZipArchive<File>,
    /// What the manifest says.
    pub backup: Backup,
}

impl Reader {
    /// Opens an archive and reads its manifest.
    ///
    /// # Errors
    /// It cannot be read, is no archive, or of a version not known here; and
    /// when it holds anything the manifest does not list, or lacks any.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::file("read", path, &error))?;
        let is_file = file.metadata().is_ok_and(|known| known.is_file());
        if !is_file {
            return Err(Problem::new(format!("`{}` is no file", path.display()))
                .hint("name the file that `tickmark backup` wrote")
                .into());
        }
        let no_archive = |error| {
            damaged(format!(
                "`{}` is no archive, or not all of one: {error}",
                path.display()
            ))
        };
        let mut zip = ZipArchive::new(file).map_err(no_archive)?;
        let backup = Backup::parse(&manifest(&mut zip)?)?;
        let mut found = BTreeSet::new();
        for name in zip.file_names() {
            let name = name.map_err(|error| damaged(error.to_string()))?;
            if name != MANIFEST && !backup.files.contains_key(name.as_ref()) {
                return Err(damaged(format!("`{name}` is not listed in its manifest")));
            }
            found.insert(name.into_owned());
        }
        let needed = [WORKSPACE, LEDGER].map(str::to_owned);
        let mut wanted = backup.files.keys().chain(&needed);
        match wanted.find(|path| !found.contains(*path)) {
            Some(path) => Err(damaged(format!("`{path}` is missing"))),
            None => Ok(Self { zip, backup }),
        }
    }

    /// Unpacks every file below `folder`, comparing each with the manifest.
    ///
    /// # Errors
    /// The first file that is not what is listed, or cannot be written.
    pub fn unpack(&mut self, folder: &Path) -> Result<()> {
        for (path, listed) in &self.backup.files {
            unpack_one(&mut self.zip, path, listed, &folder.join(path))?;
        }
        Ok(())
    }
}

fn manifest(zip: &mut ZipArchive<File>) -> Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| damaged(format!("`{MANIFEST}`: {error}"));
    let entry = zip.by_name(MANIFEST).map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    let count = entry.take(LARGEST + 1).read_to_end(&mut bytes);
    match count.map_err(|error| broken(&error))? as u64 {
        count if count > LARGEST => Err(broken(&"it is too large")),
        _ => Ok(bytes),
    }
}

fn unpack_one(
    zip: &mut ZipArchive<File>,
    name: &str,
    listed: &ObjectRef,
    target: &Path,
) -> Result<()> {
    let broken = |error: &dyn std::fmt::Display| damaged(format!("`{name}`: {error}"));
    let failed = |error: std::io::Error| Error::file("written", target, &error);
    let parent = target.parent().unwrap_or(target);
    fs::create_dir_all(parent).map_err(|error| Error::file("made", parent, &error))?;
    let entry = zip.by_name(name).map_err(|error| broken(&error))?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(target)
        .map_err(failed)?;
    let mut written = Ok(());
    let read = pour(entry.take(listed.size_bytes.saturating_add(1)), |bytes| {
        written = file.write_all(bytes);
        written.is_ok()
    });
    let found = read.map_err(|error| broken(&error))?;
    written.map_err(failed)?;
    if found != *listed {
        return Err(broken(&"it is not the file that was backed up"));
    }
    file.sync_all().map_err(failed)
}
