//! The body of an `add-checkpoint` request.

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::checkpoint::parse_decimal;
use crate::hash::Hash;

/// Most proof lines a request may have.
const MAX_PROOF: usize = 63;

/// Old size, consistency proof from it, and the new checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size the proof starts from.
    pub old_size: u64,
    /// Consistency proof, RFC 6962.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: Vec<u8>,
}

impl AddCheckpoint {
    /// The request's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            text.push_str(&BASE64_STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.checkpoint);
        bytes
    }

    /// Reads a request.
    ///
    /// # Errors
    /// What is malformed about it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "the request is not UTF-8 text")?;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or("the request has no checkpoint")?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| parse_decimal(line.strip_prefix("old ")?))
            .ok_or("the request does not start with `old` and a size")?;
        let proof: Vec<Hash> = lines
            .map(|line| BASE64_STANDARD.decode(line).ok()?.try_into().ok())
            .collect::<Option<_>>()
            .ok_or("a line of the proof is not a hash")?;
        if proof.len() > MAX_PROOF {
            return Err(format!("the proof has more than {MAX_PROOF} lines"));
        }
        Ok(Self {
            old_size,
            proof,
            checkpoint: checkpoint.as_bytes().to_vec(),
        })
    }
}
