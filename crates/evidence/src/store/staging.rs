//! A file on its way into the store: hashed while it is written.
//!
//! Must hold: a staged file that is dropped without being committed is removed;
//! one that is handed over for committing has been flushed to the disk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tickmark_catalog::Sha256Hex;

use super::ObjectRef;
use crate::EvidenceError;

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct StagingFile {
    place: StagingPlace,
    file: BufWriter<File>,
    hasher: Sha256,
    size_bytes: u64,
}

/// A complete file that waits to become an object.
#[derive(Debug)]
pub(crate) struct Staged {
    place: StagingPlace,
    pub(crate) object: ObjectRef,
}

/// Removes its file when dropped; after a commit there is none left to remove.
#[derive(Debug)]
struct StagingPlace {
    path: PathBuf,
    name: String,
}

impl Drop for StagingPlace {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl StagingFile {
    pub(super) fn create(path: PathBuf, name: String) -> Result<Self, EvidenceError> {
        let file = File::create(&path).map_err(|error| EvidenceError::writing(&path, error))?;
        Ok(Self {
            place: StagingPlace { path, name },
            file: BufWriter::with_capacity(256 * 1024, file),
            hasher: Sha256::new(),
            size_bytes: 0,
        })
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        self.write_all(bytes)
            .map_err(|error| EvidenceError::writing(&self.place.path, error))
    }

    /// Flushes the file to the disk and gives its hash.
    pub(crate) fn finish(mut self) -> Result<Staged, EvidenceError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(|error| EvidenceError::writing(&self.place.path, error))?;
        let sha256 = Sha256Hex::from_bytes(self.hasher.finalize().into());
        Ok(Staged {
            place: self.place,
            object: ObjectRef {
                sha256,
                size_bytes: self.size_bytes,
            },
        })
    }
}

impl Write for StagingFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        self.size_bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Staged {
    pub(crate) fn path(&self) -> &Path {
        &self.place.path
    }

    pub(super) fn name(&self) -> &str {
        &self.place.name
    }
}
