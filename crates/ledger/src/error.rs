//! What can go wrong with a ledger, told so that a person can act on it.
//!
//! What must hold: after [`LedgerError::Stopped`] nothing may be written again
//! by this process. After a failed commit or fsync nobody knows what the disk
//! holds; only a fresh open, which reads it back, can tell.

use std::path::{Path, PathBuf};

/// Result of a ledger operation.
pub type Result<T, E = LedgerError> = std::result::Result<T, E>;

/// Why a ledger operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process has the ledger open for writing.
    #[error("ledger `{path}` is in use by another process{}; close it and try again", holder_text(*.holder))]
    InUse {
        /// The database file.
        path: PathBuf,
        /// Process id of the holder, where it could be read.
        holder: Option<u32>,
    },
    /// There is no ledger at this path.
    #[error("there is no ledger at `{path}`; create one first")]
    Missing {
        /// The database file looked for.
        path: PathBuf,
    },
    /// A ledger exists where one was to be created.
    #[error("a ledger already exists at `{path}`; it was left as it is")]
    Exists {
        /// The database file.
        path: PathBuf,
    },
    /// The file was written by a newer version.
    #[error(
        "ledger `{path}` has format {found}, this program reads format {supported}; use a newer version"
    )]
    NewerFormat {
        /// The database file.
        path: PathBuf,
        /// Format number in the file.
        found: i64,
        /// Newest format number this program reads.
        supported: i64,
    },
    /// The ledger holds a kind of entry this program does not know.
    #[error(
        "ledger `{path}` holds entries of kind `{kind}` (first at index {index}), which this program does not know; use a newer version"
    )]
    UnknownKind {
        /// The database file.
        path: PathBuf,
        /// The kind that is not known.
        kind: String,
        /// Index of its first entry.
        index: u64,
    },
    /// An entry or a request cannot be accepted; nothing was written.
    #[error("{0}")]
    Refused(String),
    /// The key is not the one this ledger is signed with.
    #[error(
        "the signing key does not belong to this ledger: it is signed by `{expected}`, the key given is `{given}`"
    )]
    WrongKey {
        /// Verifier key line recorded in the ledger.
        expected: String,
        /// Verifier key line of the key given.
        given: String,
    },
    /// The database does not extend the last head it signed: an old copy was
    /// restored, or its history was changed.
    #[error(
        "ledger `{path}` is not the one that was last signed: {why}; put the newest copy back, or open a new epoch on purpose with `tickmark ledger epoch`"
    )]
    RolledBack {
        /// The database file.
        path: PathBuf,
        /// How the two differ.
        why: String,
    },
    /// Stored data contradict themselves.
    #[error("damaged: {0}")]
    Damaged(String),
    /// A write failed part way; the process must end (exit status 70).
    #[error(
        "the ledger stopped because a write failed: {0}; the entries of that write were not acknowledged, end this process and start again"
    )]
    Stopped(String),
    /// The ledger was closed while a handle to it was still in use.
    #[error("the ledger is closed")]
    Closed,
    /// The database could not be read or written.
    #[error("cannot {} ledger `{path}`: {source}{}", verb(source), advice(source))]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A file beside the database could not be read or written.
    #[error("cannot {action} `{path}`: {source}")]
    File {
        /// What was tried: `read`, `write`, `create` …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl LedgerError {
    /// Exit status of the command line for this error: 70 when the process
    /// must stop, 3 for damaged or rolled-back ledgers, 2 for the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Stopped(_) => 70,
            Self::Damaged(_) | Self::RolledBack { .. } => 3,
            Self::Database { source, .. } if is_damage(source) => 3,
            _ => 2,
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    pub(crate) fn database(path: &Path, source: rusqlite::Error) -> Self {
        Self::Database {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn file(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// What was tried when SQLite failed, as far as its answer tells.
fn verb(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{DiskFull, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull | ReadOnly) => "write",
        Some(SystemIoFailure) => "use",
        _ => "read",
    }
}

/// What helps where the machine, not the ledger, is at fault.
fn advice(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{DiskFull, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull) => "; make room on the disk and try again",
        Some(SystemIoFailure) => {
            "; the disk may be full or failing: make room, check it, and try again"
        }
        Some(ReadOnly) => "; make the file and its folder writable and try again",
        _ => "",
    }
}

/// Whether SQLite says that the file itself is wrong.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseCorrupt | NotADatabase)
    )
}

fn holder_text(holder: Option<u32>) -> String {
    holder.map_or_else(String::new, |id| format!(" (process {id})"))
}
