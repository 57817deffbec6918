//! The append-only ledger: what happened, in an order and a form that nobody
//! can change without it showing.
//!
//! Entries are leaves of an RFC 6962 tree; signed checkpoints, proofs and the
//! exported folder follow the C2SP specifications (signed-note,
//! tlog-checkpoint, tlog-tiles, tlog-proof, tlog-cosignature, tlog-witness), so
//! tools written by others can check them. The ledger is *tamper-evident*: the
//! signature alone proves little, since whoever holds the key can rewrite
//! everything; checkpoints that left the building, and witnesses, do.
//!
//! What must never happen: an entry acknowledged and lost, a head signed that
//! does not extend the one signed before, personal data in an entry.

pub mod checkpoint;
pub mod entry;
mod epoch;
mod error;
pub mod event;
pub mod export;
mod files;
pub mod fsck;
pub mod hash;
mod high_water;
pub mod key;
mod ledger;
mod lock;
pub mod package;
mod proof;
pub mod proof_file;
mod reader;
mod signing;
mod store;
mod tree;
pub mod verifier;
pub mod witness;
mod writer;

pub use checkpoint::Checkpoint;
pub use entry::{Body, Entry, NewEntry, Record};
pub use error::{LedgerError, Result};
pub use event::{EpochOpened, LedgerEvent};
pub use hash::Hash;
pub use key::LogKey;
pub use ledger::{Ledger, LedgerHandle, Settings};
pub use reader::{Entries, Inclusion, LedgerReader};
pub use store::Head;
pub use writer::{Clock, Random, Receipt};
