//! What a firm relies on: one checkpoint of the company's ledger and the very
//! results that come out of it.
//!
//! What must hold: a later package extends the earlier one under the same key;
//! a report is issued, and verified, on nothing but what the firm's ledger says
//! it relied on.

use std::collections::BTreeMap;

use tickmark_catalog::{ControlTestId, Problem, Sha256Hex};
use tickmark_engagement::CheckpointRelied;
use tickmark_ledger::verifier::{SignedCheckpoint, verify_extends};

use crate::error::{Error, Result};
use crate::firm::Examined;
use crate::receive::Received;

/// Digest of every result that came out, by control test.
pub(crate) fn digests(examined: &Examined) -> Result<BTreeMap<ControlTestId, Sha256Hex>> {
    let mut results = BTreeMap::new();
    for result in &examined.results {
        results.insert(result.test.clone(), result.sha256()?);
    }
    Ok(results)
}

/// Insists that a received ledger extends the checkpoint relied on, signed by
/// the same key or one it was rotated from on record; returns that checkpoint.
///
/// # Errors
/// Another key, another ledger, an older or a rewritten one.
pub(crate) fn check_extends(
    relied: &CheckpointRelied,
    received: &Received,
) -> Result<SignedCheckpoint> {
    let older = received
        .open_older(relied.note.as_bytes())
        .map_err(|error| wrong("the checkpoint the firm relied on", &error.to_string()))?;
    let size = received.checkpoint().size;
    if size < older.size {
        let why = format!(
            "it has {size} entries, the firm already relied on {}",
            older.size
        );
        return Err(wrong("the company's ledger", &why));
    }
    verify_extends(&received.ledger, &older)
        .map_err(|failure| wrong("the company's ledger", &failure.to_string()))?;
    Ok(older)
}

/// Insists that every result relied on came out again, and no other.
///
/// # Errors
/// The first control test whose result is another, or was not relied on, or did
/// not come out.
pub(crate) fn check_results(relied: &CheckpointRelied, examined: &Examined) -> Result<()> {
    let again = digests(examined)?;
    for test in relied.results.keys().chain(again.keys()) {
        let why = match (relied.results.get(test), again.get(test)) {
            (Some(relied), Some(again)) if relied == again => continue,
            (Some(_), Some(_)) => "it gives another result than the one the firm relied on",
            (Some(_), None) => "the firm relied on its result, and it is not in force",
            (None, _) => "the firm did not rely on its result",
        };
        return Err(wrong(&format!("control test `{test}`"), why));
    }
    Ok(())
}

fn wrong(what: &str, why: &str) -> Error {
    Error::Damaged(Problem::new(format!("{what} does not verify")).cause(why.to_owned()))
}
