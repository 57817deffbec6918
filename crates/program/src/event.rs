//! What happens to a program: a file is set, a file is removed; a new text is
//! drafted, and someone else approves it; a person acknowledges a text.
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
    /// A text was proposed for a file; it is in force only once it is set.
    #[serde(rename = "program.draft_set/1")]
    DraftSet {
        /// The file it is for.
        path: String,
        /// The whole text.
        text: String,
        /// Digest of the text.
        sha256: Sha256Hex,
        /// Who proposed it, as an opaque id: someone else approves.
        by: String,
    },
    /// A proposed text was discarded.
    #[serde(rename = "program.draft_discarded/1")]
    DraftDiscarded {
        /// The file it was for.
        path: String,
    },
    /// A proposed text was approved by who records this; the entry that follows
    /// puts it in force with the day of the approval in it.
    #[serde(rename = "program.draft_approved/1")]
    DraftApproved {
        /// The file it was for.
        path: String,
        /// Digest of the text as it was proposed and read.
        sha256: Sha256Hex,
    },
    /// A person acknowledged the text of a policy that is in force.
    #[serde(rename = "program.policy_acknowledged/1")]
    PolicyAcknowledged {
        /// The policy's file.
        path: String,
        /// Digest of the text acknowledged.
        sha256: Sha256Hex,
        /// Who, as an opaque id.
        by: String,
    },
}

impl ProgramEvent {
    /// Every kind of event of the program.
    pub const KINDS: &[&str] = &[
        "program.file_set/1",
        "program.file_removed/1",
        "program.draft_set/1",
        "program.draft_discarded/1",
        "program.draft_approved/1",
        "program.policy_acknowledged/1",
    ];

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

    /// The event that proposes a text for a file.
    pub fn draft_set(path: &str, text: &str, by: &str) -> Self {
        Self::DraftSet {
            path: path.to_owned(),
            text: text.to_owned(),
            sha256: Sha256Hex::of(text.as_bytes()),
            by: by.to_owned(),
        }
    }

    /// The kind with its version.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FileSet { .. } => "program.file_set/1",
            Self::FileRemoved { .. } => "program.file_removed/1",
            Self::DraftSet { .. } => "program.draft_set/1",
            Self::DraftDiscarded { .. } => "program.draft_discarded/1",
            Self::DraftApproved { .. } => "program.draft_approved/1",
            Self::PolicyAcknowledged { .. } => "program.policy_acknowledged/1",
        }
    }

    /// The file it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::FileSet { path, .. }
            | Self::FileRemoved { path }
            | Self::DraftSet { path, .. }
            | Self::DraftDiscarded { path }
            | Self::DraftApproved { path, .. }
            | Self::PolicyAcknowledged { path, .. } => path,
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
