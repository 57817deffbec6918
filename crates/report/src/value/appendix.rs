//! The appendix: how a reader checks that the report is genuine.
//!
//! What must hold: checkpoints are printed exactly as they were signed; every
//! digest names what it is the digest of.

use serde::{Deserialize, Serialize};
use tickmark_catalog::Sha256Hex;

use super::rich_text::Block;

/// A signed checkpoint, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointText {
    /// Whose ledger it is.
    pub realm: String,
    /// The signed note, line feeds included.
    pub text: String,
}

/// The digest of one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDigest {
    /// What it is: `population leavers`, `control test library`, …
    pub what: String,
    /// Its SHA-256.
    pub sha256: Sha256Hex,
}

/// The appendix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appendix {
    /// The title.
    pub title: String,
    /// How to verify.
    pub introduction: Vec<Block>,
    /// The digest of everything the report was computed from.
    pub inputs_digest: Option<Sha256Hex>,
    /// The checkpoints the report relies on.
    pub checkpoints: Vec<CheckpointText>,
    /// The digests of the inputs.
    pub inputs: Vec<InputDigest>,
}
