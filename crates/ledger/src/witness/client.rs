//! Asking a witness for a cosignature, over HTTP or within one process.

use jiff::Timestamp;

use super::{AddCheckpoint, Witness};
use crate::checkpoint::{Checkpoint, parse_decimal, with_signature_lines};
use crate::error::{LedgerError, Result};
use crate::ledger::LedgerHandle;
use crate::reader::LedgerReader;
use crate::verifier::{VerifierKey, open_checkpoint};

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Signature lines, without their newlines.
    Cosigned(Vec<String>),
    /// It last saw this size; the proof must start there.
    LastSaw(u64),
    /// It does not cosign, for this reason.
    Refused(String),
}

impl From<Result<Vec<String>, super::Refusal>> for Answer {
    fn from(outcome: Result<Vec<String>, super::Refusal>) -> Self {
        match outcome {
            Ok(lines) => Self::Cosigned(lines),
            Err(super::Refusal::Conflict(size)) => Self::LastSaw(size),
            Err(other) => Self::Refused(other.to_string()),
        }
    }
}

/// Gets `witness` to cosign the signed checkpoint `note` of this ledger.
/// `send` delivers a request: over HTTP with [`send_http`], or in one process
/// by calling [`super::Witness::add_checkpoint`]. Returns the lines of that
/// witness, verified; keep them with
/// [`crate::LedgerHandle::add_cosignatures`].
///
/// # Errors
/// [`LedgerError::Refused`] when the witness does not cosign, or saw more than
/// this ledger has: then one of the two has another history.
pub fn request_cosignature(
    reader: &LedgerReader,
    note: &[u8],
    witness: &VerifierKey,
    send: &mut dyn FnMut(&[u8]) -> Result<Answer>,
) -> Result<Vec<String>> {
    let size = Checkpoint::parse_note(note)?.size;
    let mut old_size = 0;
    // The first answer may name the size to start from, and another caller may
    // advance the witness once in between.
    for _ in 0..3 {
        let request = AddCheckpoint {
            old_size,
            proof: reader.prove_consistency(old_size, size)?,
            checkpoint: note.to_vec(),
        };
        match send(&request.to_bytes())? {
            Answer::Cosigned(lines) => return check_cosignatures(reader, note, witness, &lines),
            Answer::LastSaw(seen) if seen > size => {
                return Err(LedgerError::refused(format!(
                    "witness `{}` has seen {seen} entries of this ledger, the checkpoint covers {size}",
                    witness.name()
                )));
            }
            Answer::LastSaw(seen) => old_size = seen,
            Answer::Refused(why) => {
                return Err(LedgerError::refused(format!(
                    "witness `{}` does not cosign: {why}",
                    witness.name()
                )));
            }
        }
    }
    Err(LedgerError::refused(format!(
        "witness `{}` keeps naming another size; try again",
        witness.name()
    )))
}

/// Has a witness in this process cosign a checkpoint of `ledger` and keeps the
/// cosignature; `now` is the time the witness states.
///
/// # Errors
/// Those of [`request_cosignature`].
pub fn cosign_in_process(
    ledger: &LedgerHandle,
    note: &[u8],
    witness: &Witness,
    now: Timestamp,
) -> Result<()> {
    let key = VerifierKey::parse(&witness.verifier_key())
        .map_err(|failure| LedgerError::refused(failure.to_string()))?;
    let mut send = |request: &[u8]| Ok(witness.add_checkpoint(request, now).into());
    let lines = request_cosignature(&ledger.reader()?, note, &key, &mut send)?;
    ledger.add_cosignatures(note, &lines)
}

/// The lines among `lines` that are cosignatures of `witness` under the signed
/// checkpoint `note`, verified. What is kept unverified would spoil the
/// checkpoint for everyone who trusts that witness.
///
/// # Errors
/// [`LedgerError::Refused`] when there is none, or one does not verify.
pub fn check_cosignatures(
    reader: &LedgerReader,
    note: &[u8],
    witness: &VerifierKey,
    lines: &[String],
) -> Result<Vec<String>> {
    let own = format!("\u{2014} {} ", witness.name());
    let lines: Vec<String> = lines
        .iter()
        .filter(|line| line.starts_with(&own))
        .cloned()
        .collect();
    let log = VerifierKey::parse(&reader.verifier_key()?)
        .map_err(|failure| LedgerError::damaged(failure.to_string()))?;
    let cosigned = with_signature_lines(note, &lines)?;
    let checkpoint = open_checkpoint(&cosigned, &log, std::slice::from_ref(witness))
        .map_err(|failure| LedgerError::refused(failure.to_string()))?;
    if !witness.cosigned(&checkpoint) {
        return Err(LedgerError::refused(format!(
            "there is no cosignature of `{}` for the checkpoint at size {}",
            witness.name(),
            checkpoint.size
        )));
    }
    Ok(lines)
}

/// Delivers a request to the witness at `url` (its submission prefix).
///
/// # Errors
/// [`LedgerError::Refused`] when it cannot be reached or answers outside the
/// protocol.
pub fn send_http(url: &str, request: &[u8]) -> Result<Answer> {
    let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let fail =
        |error: ureq::Error| LedgerError::refused(format!("witness at `{address}`: {error}"));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(30)))
        .build()
        .into();
    let mut response = agent.post(&address).send(request).map_err(fail)?;
    let status = response.status().as_u16();
    let text = response
        .body_mut()
        .with_config()
        .limit(1 << 20)
        .read_to_string()
        .map_err(fail)?;
    match status {
        200 => Ok(Answer::Cosigned(text.lines().map(str::to_owned).collect())),
        409 => parse_decimal(text.trim_end())
            .map(Answer::LastSaw)
            .ok_or_else(|| {
                LedgerError::refused(format!(
                    "witness at `{address}` answered 409 without a size"
                ))
            }),
        _ => Ok(Answer::Refused(format!(
            "status {status}: {}",
            text.trim_end()
        ))),
    }
}
