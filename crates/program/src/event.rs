//! What happens to a program: a file is set, a file is removed.
//!
//! Must hold: the exact text is kept, so a folder written from the ledger is
//! the folder that was recorded, byte for byte; an event of an unknown kind is
//! an error; a subject names nothing a person could be recognized by.

use serde::{Deserialize, Serialize};
use tickmark_catalog::Sha256Hex;

/// An event of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", deny_unknown_fields)]
pub enum ProgramEvent {
    /// A file was added or its text replaced.
    #[serde(rename = "program.file_set/1")]
    FileSet {
        /// Path relative to the program folder, with `/` between its parts.
        path: String,
        /// The whole text.
        text: String,
        /// Digest of the text.
        sha256: Sha256Hex,
    },
    /// A file was removed.
    #[serde(rename = "program.file_removed/1")]
    FileRemoved {
        /// Path relative to the program folder.
        path: String,
    },
}

impl ProgramEvent {
    /// Every kind of event of the program.
    pub const KINDS: &[&str] = &["program.file_set/1", "program.file_removed/1"];

    /// The event that sets a file.
    pub fn file_set(path: &str, text: &str) -> Self {
        Self::FileSet {
            path: path.to_owned(),
            text: text.to_owned(),
            sha256: Sha256Hex::of(text.as_bytes()),
        }
    }

    /// The event that removes a file.
    pub fn file_removed(path: &str) -> Self {
        Self::FileRemoved {
            path: path.to_owned(),
        }
    }

    /// The kind with its version.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FileSet { .. } => "program.file_set/1",
            Self::FileRemoved { .. } => "program.file_removed/1",
        }
    }

    /// The file it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::FileSet { path, .. } | Self::FileRemoved { path } => path,
        }
    }

    /// What the event is about, in a form that may stand in a ledger's leaf: a
    /// leaf cannot be erased and a path could hold a name, so it is the
    /// beginning of the path's digest.
    pub fn subject(&self) -> String {
        let digest = Sha256Hex::of(self.path().as_bytes());
        format!("file-{}", digest.as_str().get(..16).unwrap_or_default())
    }
}
