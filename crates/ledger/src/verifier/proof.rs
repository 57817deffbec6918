//! Offline proofs of single entries, and of growth from an older checkpoint.

use base64::prelude::{BASE64_STANDARD, Engine};
use ct_merkle::{InclusionProof, RootHash};
use sha2::Sha256;

use super::Failure;
use super::directory::VerifiedLedger;
use super::leaf::{Names, VerifiedEntry, parse_leaf};
use super::note::{SignedCheckpoint, VerifierKey, open_checkpoint};
use super::tree::prefix_hash;

/// An entry that a `.tlog-proof` places in a signed ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedInclusion {
    /// The entry.
    pub entry: VerifiedEntry,
    /// The checkpoint it is proved against.
    pub checkpoint: SignedCheckpoint,
}

/// Verifies a `.tlog-proof` file and the leaf beside it.
///
/// # Errors
/// The first thing that does not verify.
pub fn verify_proof(
    proof: &[u8],
    leaf: &[u8],
    log: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<VerifiedInclusion, Failure> {
    let parsed = parse_proof(proof)?;
    let checkpoint = open_checkpoint(parsed.note.as_bytes(), log, witnesses)?;
    let path = InclusionProof::<Sha256>::try_from_bytes(parsed.path)
        .map_err(|error| fail(error.to_string()))?;
    RootHash::<Sha256>::new(checkpoint.root.into(), checkpoint.size)
        .verify_inclusion(&leaf, parsed.index, &path)
        .map_err(|error| {
            fail(format!(
                "the leaf is not entry {} of the ledger: {error}",
                parsed.index
            ))
        })?;
    Ok(VerifiedInclusion {
        entry: parse_leaf(parsed.index, leaf, &mut Names::default())?,
        checkpoint,
    })
}

/// Verifies that a ledger extends an older checkpoint: its first entries have
/// the root that was signed then.
///
/// # Errors
/// Says how the two differ.
pub fn verify_extends(ledger: &VerifiedLedger, older: &SignedCheckpoint) -> Result<(), Failure> {
    let fail = |why: String| Failure::new(format!("checkpoint of size {}", older.size), why);
    if older.origin != ledger.checkpoint.origin {
        return Err(fail(format!(
            "it is about `{}`, the ledger is `{}`",
            older.origin, ledger.checkpoint.origin
        )));
    }
    if older.size > ledger.checkpoint.size {
        return Err(fail(format!(
            "the ledger has only {} entries: entries are missing or an older copy was put in its place",
            ledger.checkpoint.size
        )));
    }
    let size = usize::try_from(older.size).map_err(|error| fail(error.to_string()))?;
    if prefix_hash(&ledger.levels, size) == Some(older.root) {
        return Ok(());
    }
    Err(fail(
        "the ledger's first entries are not the ones signed then: history was changed".into(),
    ))
}

struct ParsedProof {
    index: u64,
    path: Vec<u8>,
    note: String,
}

/// Reads `c2sp.org/tlog-proof@v1`.
fn parse_proof(proof: &[u8]) -> Result<ParsedProof, Failure> {
    let text = std::str::from_utf8(proof).map_err(|_| fail("it is not UTF-8 text"))?;
    let (head, note) = text
        .split_once("\n\n")
        .ok_or_else(|| fail("it has no checkpoint"))?;
    let mut lines = head.split('\n').peekable();
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err(fail("its first line is not `c2sp.org/tlog-proof@v1`"));
    }
    lines.next_if(|line| line.starts_with("extra "));
    let index = lines
        .next()
        .and_then(|line| line.strip_prefix("index "))
        .and_then(|text| text.parse::<u64>().ok().filter(|n| n.to_string() == text))
        .ok_or_else(|| fail("it has no index line"))?;
    let mut path = Vec::new();
    for line in lines {
        let hash = BASE64_STANDARD
            .decode(line)
            .ok()
            .filter(|hash| hash.len() == 32)
            .ok_or_else(|| fail(format!("`{line}` is not a hash")))?;
        path.extend(hash);
    }
    Ok(ParsedProof {
        index,
        path,
        note: note.to_owned(),
    })
}

fn fail(why: impl Into<String>) -> Failure {
    Failure::new("proof", why)
}
