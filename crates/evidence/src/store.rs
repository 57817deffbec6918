//! The content-addressed store: every object is named by its SHA-256.
//!
//! Layout below the root: `objects/<first two digits>/<64 digits>` and
//! `staging/` for files that are being written.
//!
//! Must hold: an object is never overwritten or removed; it appears under its
//! name complete and flushed, or not at all; every read compares the hash, and
//! a difference is [`EvidenceError::Damaged`].

mod staging;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use futures::executor::block_on;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, RenameOptions, RenameTargetMode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tickmark_catalog::Sha256Hex;

use crate::EvidenceError;
pub(crate) use staging::{Staged, StagingFile};

const CHUNK_BYTES: usize = 256 * 1024;

/// A stored object: its name and its size.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// SHA-256 of the bytes; also the object's name.
    pub sha256: Sha256Hex,
    /// Size in bytes.
    pub size_bytes: u64,
}

impl ObjectRef {
    /// Digest and size of a file, read in pieces.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        hash(File::open(path)?)
    }
}

/// A content-addressed store in a local folder.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    staging: PathBuf,
    objects: LocalFileSystem,
    is_read_only: bool,
    next_staging: AtomicU64,
}

impl Store {
    /// Opens the store below `root`, making the folders when they are absent.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when the folders cannot be made.
    pub fn open(root: &Path) -> Result<Self, EvidenceError> {
        for part in ["objects", "staging"] {
            let folder = root.join(part);
            std::fs::create_dir_all(&folder)
                .map_err(|error| EvidenceError::writing(&folder, error))?;
        }
        Self::over(root, root.join("staging"), false)
    }

    /// Opens a store that someone handed over, for reading: nothing is written
    /// below `root`, and storing into it fails; what is derived for comparison
    /// goes to `staging`, another folder.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when there is no store, or `staging` cannot be
    /// made.
    pub fn open_for_reading(root: &Path, staging: &Path) -> Result<Self, EvidenceError> {
        std::fs::create_dir_all(staging).map_err(|error| EvidenceError::writing(staging, error))?;
        Self::over(root, staging.to_owned(), true)
    }

    fn over(root: &Path, staging: PathBuf, is_read_only: bool) -> Result<Self, EvidenceError> {
        let objects = LocalFileSystem::new_with_prefix(root)
            .map_err(|error| EvidenceError::reading(root, error))?;
        let next_staging = AtomicU64::new(0);
        Ok(Self {
            root: root.to_owned(),
            staging,
            objects,
            is_read_only,
            next_staging,
        })
    }

    /// Removes what writers that were killed left in the staging folder. The
    /// caller must be the only one that uses the store.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when a file cannot be removed.
    pub fn remove_abandoned(&self) -> Result<(), EvidenceError> {
        let failed = |error| EvidenceError::writing(&self.staging, error);
        for entry in std::fs::read_dir(&self.staging).map_err(failed)? {
            std::fs::remove_file(entry.map_err(failed)?.path()).map_err(failed)?;
        }
        Ok(())
    }

    /// Stores bytes; storing the same bytes again changes nothing.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when writing fails,
    /// [`EvidenceError::Damaged`] when the object exists with other bytes.
    pub fn put(&self, bytes: &[u8]) -> Result<ObjectRef, EvidenceError> {
        let staged = self.stage_from(bytes, Path::new("bytes in memory"))?;
        self.commit(staged)
    }

    /// Stores a file without loading it into memory.
    ///
    /// `expected`: the hash the file must have, when the caller knows it.
    ///
    /// # Errors
    /// As [`Store::put`]; and [`EvidenceError::Damaged`] when the file does not
    /// have the expected hash, in which case nothing is stored.
    pub fn put_stream(
        &self,
        file: &Path,
        expected: Option<&Sha256Hex>,
    ) -> Result<ObjectRef, EvidenceError> {
        let staged = self.stage_file(file)?;
        match expected {
            Some(sha256) if *sha256 != staged.object.sha256 => Err(EvidenceError::Damaged {
                object: format!("file `{}`", file.display()),
                why: format!("its hash is {}, not {sha256}", staged.object.sha256),
            }),
            _ => self.commit(staged),
        }
    }

    /// The bytes of an object, after comparing their hash.
    ///
    /// # Errors
    /// [`EvidenceError::Damaged`] when the object is absent or has changed.
    pub fn get(&self, sha256: &Sha256Hex) -> Result<Vec<u8>, EvidenceError> {
        let read = async { self.objects.get(&place(sha256)).await?.bytes().await };
        let bytes = block_on(read).map_err(|error| unreadable(sha256, error))?;
        let found = Sha256Hex::of(&bytes);
        if found != *sha256 {
            return Err(changed(sha256, &found));
        }
        Ok(bytes.to_vec())
    }

    /// Compares the hash of an object without holding it in memory.
    ///
    /// # Errors
    /// [`EvidenceError::Damaged`] when the object is absent or has changed.
    pub fn check(&self, sha256: &Sha256Hex) -> Result<(), EvidenceError> {
        let file =
            File::open(self.local_path(sha256)).map_err(|error| unreadable(sha256, error))?;
        let found = hash(file)
            .map_err(|error| unreadable(sha256, error))?
            .sha256;
        if found == *sha256 {
            Ok(())
        } else {
            Err(changed(sha256, &found))
        }
    }

    /// Whether an object of that name is there; its bytes are not compared.
    pub fn contains(&self, sha256: &Sha256Hex) -> bool {
        self.local_path(sha256).is_file()
    }

    /// Where the query engine finds an object. Call [`Store::check`] before
    /// relying on what is there.
    pub fn local_path(&self, sha256: &Sha256Hex) -> PathBuf {
        let (shelf, name) = shelf(sha256);
        self.root.join("objects").join(shelf).join(name)
    }

    /// A new file to write into; it becomes an object by [`Store::commit`].
    pub(crate) fn stage(&self) -> Result<StagingFile, EvidenceError> {
        let number = self.next_staging.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        StagingFile::create(self.staging.join(&name), name)
    }

    /// Copies a file into the staging folder, hashing it on the way.
    pub(crate) fn stage_file(&self, file: &Path) -> Result<Staged, EvidenceError> {
        let source = File::open(file).map_err(|error| EvidenceError::reading(file, error))?;
        self.stage_from(source, file)
    }

    fn stage_from(&self, mut source: impl Read, named: &Path) -> Result<Staged, EvidenceError> {
        let mut staging = self.stage()?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let count = source
                .read(&mut chunk)
                .map_err(|error| EvidenceError::reading(named, error))?;
            let bytes = chunk.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                return staging.finish();
            }
            staging.append(bytes)?;
        }
    }

    /// Makes a staged file an object.
    pub(crate) fn commit(&self, staged: Staged) -> Result<ObjectRef, EvidenceError> {
        if self.is_read_only {
            return Err(EvidenceError::writing(
                &self.root,
                "the store was opened for reading",
            ));
        }
        let to = place(&staged.object.sha256);
        let from = ObjectPath::from_iter(["staging", staged.name()]);
        let options = RenameOptions::new().with_target_mode(RenameTargetMode::Create);
        match block_on(self.objects.rename_opts(&from, &to, options)) {
            Ok(()) => self.flush_shelf(&staged.object.sha256)?,
            Err(object_store::Error::AlreadyExists { .. }) => self.check(&staged.object.sha256)?,
            Err(error) => {
                let path = self.local_path(&staged.object.sha256);
                return Err(EvidenceError::writing(&path, error));
            }
        }
        Ok(staged.object.clone())
    }

    /// Flushes the folder of an object, so that its name outlives a power cut.
    fn flush_shelf(&self, sha256: &Sha256Hex) -> Result<(), EvidenceError> {
        let path = self.local_path(sha256);
        let folder = path.parent().unwrap_or(&self.root);
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| EvidenceError::writing(folder, error))
    }
}

/// Size and hash of what a reader gives.
pub(crate) fn hash(mut source: impl Read) -> std::io::Result<ObjectRef> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size_bytes = 0;
    loop {
        let count = source.read(&mut chunk)?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            let sha256 = Sha256Hex::from_bytes(hasher.finalize().into());
            return Ok(ObjectRef { sha256, size_bytes });
        }
        hasher.update(bytes);
        size_bytes += bytes.len() as u64;
    }
}

fn shelf(sha256: &Sha256Hex) -> (&str, &str) {
    let name = sha256.as_str();
    (name.get(..2).unwrap_or_default(), name)
}

fn place(sha256: &Sha256Hex) -> ObjectPath {
    let (shelf, name) = shelf(sha256);
    ObjectPath::from_iter(["objects", shelf, name])
}

fn unreadable(sha256: &Sha256Hex, error: impl std::fmt::Display) -> EvidenceError {
    EvidenceError::Damaged {
        object: format!("object {sha256}"),
        why: format!("cannot be read: {error}"),
    }
}

fn changed(sha256: &Sha256Hex, found: &Sha256Hex) -> EvidenceError {
    EvidenceError::Damaged {
        object: format!("object {sha256}"),
        why: format!("its bytes now hash to {found}"),
    }
}
