//! The ledger's own events: those about the ledger itself.

use serde::{Deserialize, Serialize};

/// Something that happened to the ledger, recorded in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum LedgerEvent {
    /// The ledger was created.
    #[serde(rename = "ledger.opened/1")]
    Opened {
        /// Origin line of its checkpoints.
        origin: String,
        /// Verifier key line of its signing key.
        verifier_key: String,
    },
    /// An old copy was restored and goes on under a new origin.
    #[serde(rename = "ledger.epoch_opened/1")]
    EpochOpened(EpochOpened),
    /// The body of an entry was erased; the entry itself stays.
    #[serde(rename = "ledger.body_erased/1")]
    BodyErased {
        /// Index of the entry whose body is gone.
        index: u64,
        /// Why it may be erased; no personal data.
        legal_basis: String,
    },
    /// Checkpoints from here on are signed with another key.
    #[serde(rename = "ledger.key_rotated/1")]
    KeyRotated {
        /// Verifier key line until now.
        old_verifier_key: String,
        /// Verifier key line from now on.
        new_verifier_key: String,
        /// The head before this entry as a signed note of the old key, whose
        /// last line names the new one: [`HANDOVER`] and its verifier key line.
        /// Whoever trusts the old key can follow it to the new.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handover: Option<String>,
    },
}

/// What the last line of a handover begins with.
pub const HANDOVER: &str = "key-rotated-to ";

/// What is known about the history that a new epoch leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochOpened {
    /// Origin of the new epoch.
    pub origin: String,
    /// Verifier key line of the new epoch.
    pub verifier_key: String,
    /// Origin of the epoch before.
    pub previous_origin: String,
    /// The last checkpoint signed before, as a signed note; `None` when none is known.
    pub last_checkpoint: Option<String>,
    /// Entries that go on into the new epoch.
    pub entries_kept: u64,
    /// Entries that the last checkpoint covers and the restored copy lacks.
    pub entries_lost: u64,
    /// Whether the entries kept contradict the last checkpoint.
    pub history_differs: bool,
    /// Why, in the words of whoever opened the epoch.
    pub reason: String,
}

impl LedgerEvent {
    /// Every kind of entry this crate writes.
    pub const KINDS: &'static [&'static str] = &[
        "ledger.opened/1",
        "ledger.epoch_opened/1",
        "ledger.body_erased/1",
        "ledger.key_rotated/1",
    ];

    /// Kind of the entry that records how a ledger began.
    pub(crate) const OPENED: &str = "ledger.opened/1";

    /// Kind of the entry that records an erasure.
    pub(crate) const BODY_ERASED: &str = "ledger.body_erased/1";

    /// Kind of the entry that records a change of the signing key.
    pub(crate) const KEY_ROTATED: &str = "ledger.key_rotated/1";

    /// Kind and version of this event.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "ledger.opened/1",
            Self::EpochOpened(_) => "ledger.epoch_opened/1",
            Self::BodyErased { .. } => "ledger.body_erased/1",
            Self::KeyRotated { .. } => "ledger.key_rotated/1",
        }
    }
}
