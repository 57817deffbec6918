//! What a witness has seen: one file per ledger, holding the last checkpoint.
//!
//! What must hold: whoever reads and then replaces a file holds the lock in
//! between, in this process and among processes.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::checkpoint::Checkpoint;
use crate::error::{LedgerError, Result};
use crate::files;

/// The folder of a witness.
pub(super) struct State {
    folder: PathBuf,
}

/// The folder while nobody else can change it.
pub(super) struct Locked<'a> {
    folder: &'a Path,
    _lock: File,
}

impl State {
    pub fn open(folder: &Path) -> Result<Self> {
        files::create_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Waits for the lock. Each call opens the file anew, so threads of one
    /// process exclude each other too.
    pub fn lock(&self) -> Result<Locked<'_>> {
        let path = self.folder.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| LedgerError::file("lock", &path, error))?;
        Ok(Locked {
            folder: &self.folder,
            _lock: lock,
        })
    }
}

impl Locked<'_> {
    /// The last checkpoint seen of a ledger.
    pub fn last(&self, origin: &str) -> Result<Option<Checkpoint>> {
        files::read_if_present(&self.path(origin))?
            .map(|note| Checkpoint::parse_note(&note))
            .transpose()
    }

    /// Replaces the last checkpoint seen, durably.
    pub fn store(&self, origin: &str, note: &[u8]) -> Result<()> {
        files::write_durably(&self.path(origin), note)
    }

    /// Origins hold slashes; their digest makes a file name.
    fn path(&self, origin: &str) -> PathBuf {
        let name = hex::encode(Sha256::digest(origin));
        self.folder.join(format!("{name}.checkpoint"))
    }
}
