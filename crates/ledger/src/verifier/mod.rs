//! Verification by code that the writer does not use.
//!
//! What must hold: nothing here calls a function outside `verifier`; the
//! formats are read from their specifications a second time, so that one
//! mistake cannot hide on both sides. Proofs are checked with `ct-merkle`,
//! whole ledgers by hashing every entry again. Nothing here writes.
//!
//! What verification shows: these entries existed, in this order, when the
//! checkpoint was signed, and none was changed since. It cannot show that an
//! entry is true, nor, without a witness or a checkpoint kept from earlier,
//! that the holder of the key did not rewrite the whole.

mod bodies;
mod body_lines;
mod bundle;
mod directory;
mod json;
mod layout;
pub(crate) mod leaf;
mod note;
mod parallel;
mod proof;
mod rotation;
mod text;
mod tiles;
mod tree;

pub use bodies::{Erasure, VerifiedBodies, VerifiedRecord, read_bodies, verify_bodies};
pub use directory::{VerifiedLedger, verify_directory};
pub use leaf::VerifiedEntry;
pub use note::{Cosignature, SignedCheckpoint, VerifierKey, open_checkpoint};
pub use proof::{VerifiedInclusion, verify_extends, verify_proof};
pub use rotation::{Rotation, verify_rotated};

/// One thing that does not verify: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Failure {
    /// The file, or entry, or part of one.
    pub place: String,
    /// What is wrong with it.
    pub why: String,
}

impl Failure {
    fn new(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            why: why.into(),
        }
    }
}

/// Everything that does not verify, in the order it was met; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures(pub Vec<Failure>);

impl std::error::Error for Failures {}

impl std::fmt::Display for Failures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Failure::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl From<Failure> for Failures {
    fn from(failure: Failure) -> Self {
        Self(vec![failure])
    }
}

/// `value` when nothing failed.
fn unless_failed<T>(value: T, failures: Vec<Failure>) -> Result<T, Failures> {
    if failures.is_empty() {
        Ok(value)
    } else {
        Err(Failures(failures))
    }
}
