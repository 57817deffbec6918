//! Evidence: raw files as they came, populations derived from them, and what
//! an auditor has to know about each.
//!
//! A source row comes in through a [`Mapping`] and an [`Import`], which write
//! a snapshot (Parquet in the dataset's schema) and its [`Manifest`] into the
//! content-addressed [`Store`]. A [`Reconciliation`] compares two datasets and
//! decides whether a population is complete. The caller records each step as
//! an [`EvidenceEvent`] in the ledger; [`EvidenceState`] is the fold of them.
//!
//! Must hold:
//! - nothing in the store is ever overwritten, and every read checks the hash;
//! - the same raw files and the same mapping give the same Parquet bytes;
//! - a bad row is told with its place and never dropped in silence;
//! - no clock, randomness or network: instants are parameters.

mod artifact;
pub mod manifest;
pub mod mapping;
mod reconciliation;
pub mod snapshot;
mod store;

mod completeness;
mod draft;
mod error;
mod event;
mod import;
mod peek;
mod raw;
mod rows;
mod state;
mod verify;
mod zone;

pub use artifact::{Artifact, ArtifactKind, sniff};
pub use completeness::Completeness;
pub use draft::{Draft, proposed_columns};
pub use error::EvidenceError;
pub use event::{EvidenceEvent, SnapshotRecord};
pub use import::{DERIVATION, Import, Rejects, Snapshot};
pub use manifest::{Collector, Manifest};
pub use mapping::{Grade, Mapping};
pub use peek::Peek;
pub use raw::{RawFile, RawWriter};
pub use reconciliation::{KeyRow, Reconciliation, ReconciliationResult, Side};
pub use rows::{Rows, read_columns, read_rows};
pub use snapshot::arrow_schema;
pub use state::{AcceptedRejects, EvidenceState, Recorded};
pub use store::{ObjectRef, Store};
pub use verify::verify_manifest;
pub use zone::time_zone;
