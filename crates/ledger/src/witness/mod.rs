//! A witness: remembers the last checkpoint it saw of each ledger, demands
//! proof that the next one extends it, and says so with a cosignature.
//!
//! What must hold: a witness never signs two heads of one ledger that do not
//! extend each other. So looking up what it saw, checking and storing happen
//! under one lock, and the new head is durable before the cosignature leaves.
//! Formats: C2SP tlog-witness (`add-checkpoint`) and cosignature/v1.

mod client;
mod request;
mod server;
mod state;

pub use client::{Answer, check_cosignatures, cosign_in_process, request_cosignature, send_http};
pub use request::AddCheckpoint;
pub use server::serve;

use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use signed_note::{Signature, is_key_name_valid};

use crate::checkpoint::{Checkpoint, open_checkpoint, signed_text};
use crate::error::{LedgerError, Result};
use crate::hash::empty_root;
use crate::key::LogKey;
use crate::proof::check_consistency;
use crate::verifier::{VerifiedLedger, VerifierKey, verify_directory, verify_extends};
use state::State;

/// Signature type of cosignature/v1.
const COSIGNATURE: u8 = 0x04;

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request is malformed (400).
    #[error("{0}")]
    Malformed(String),
    /// The ledger is not one this witness follows (404).
    #[error("this witness does not follow `{0}`")]
    UnknownLog(String),
    /// No trusted key of the ledger signed the checkpoint (403).
    #[error("{0}")]
    NotSigned(String),
    /// The proof starts from another size than the witness last saw (409).
    #[error("this witness last saw size {0}")]
    Conflict(u64),
    /// The checkpoint does not extend the one last seen (422).
    #[error("{0}")]
    NotExtending(String),
    /// The witness could not keep what it saw (500).
    #[error(transparent)]
    Failed(#[from] LedgerError),
}

impl Refusal {
    /// HTTP status of tlog-witness.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict(_) => 409,
            Self::NotExtending(_) => 422,
            Self::Failed(_) => 500,
        }
    }
}

/// A witness with its key, the ledgers it follows and what it has seen.
pub struct Witness {
    name: String,
    key: LogKey,
    logs: Vec<(String, String)>,
    state: State,
}

impl Witness {
    /// A witness called `name` that follows the ledgers of the verifier key
    /// lines `logs` and keeps what it saw in the folder `state`.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for a bad name or line, [`LedgerError::File`]
    /// when the folder cannot be used.
    pub fn new(name: &str, key: LogKey, logs: &[String], state: &Path) -> Result<Self> {
        check_name(name)?;
        let logs = logs.iter().map(|line| {
            let parsed = VerifierKey::of_log(line);
            let key = parsed.map_err(|failure| LedgerError::refused(failure.to_string()))?;
            Ok((key.name().to_owned(), line.trim().to_owned()))
        });
        Ok(Self {
            name: name.to_owned(),
            key,
            logs: logs.collect::<Result<_>>()?,
            state: State::open(state)?,
        })
    }

    /// Verifier key line of this witness: what users of its cosignatures pin.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        key_line(&self.name, &self.key)
    }

    /// Size of the last checkpoint cosigned for `origin`; 0 before the first.
    ///
    /// # Errors
    /// [`LedgerError::File`] when what was seen cannot be read.
    pub fn size_of(&self, origin: &str) -> Result<u64> {
        let seen = self.state.lock()?.last(origin)?;
        Ok(seen.map_or(0, |seen| seen.size))
    }

    /// Handles an `add-checkpoint` request; `now` is the time to state.
    /// Returns signature lines without their newlines.
    ///
    /// # Errors
    /// The reason for not cosigning; nothing is stored then.
    pub fn add_checkpoint(&self, request: &[u8], now: Timestamp) -> Result<Vec<String>, Refusal> {
        let request = AddCheckpoint::parse(request).map_err(Refusal::Malformed)?;
        let checkpoint = self.open(&request.checkpoint)?;
        if request.old_size > checkpoint.size {
            return Err(Refusal::Malformed(format!(
                "old size {} exceeds the checkpoint's size {}",
                request.old_size, checkpoint.size
            )));
        }
        self.cosign(&checkpoint, &request.checkpoint, now, |seen| {
            let size = seen.map_or(0, |seen| seen.size);
            if size != request.old_size {
                return Err(Refusal::Conflict(size));
            }
            let root = seen.map_or_else(empty_root, |seen| seen.root);
            extends((size, &root), &checkpoint, &request.proof)
        })
    }

    /// Cosigns the checkpoint of an exported folder, without a network: hashes
    /// every entry again and holds the result against what was last seen.
    ///
    /// # Errors
    /// The reason for not cosigning; nothing is stored then.
    pub fn cosign_folder(&self, folder: &Path, now: Timestamp) -> Result<Vec<String>, Refusal> {
        let note = crate::files::read(&folder.join("checkpoint"))?;
        let checkpoint = self.open(&note)?;
        let ledger = self.verify_folder(folder, &checkpoint.origin)?;
        self.cosign(&checkpoint, &note, now, |seen| {
            let Some(seen) = seen else { return Ok(()) };
            let older = crate::verifier::SignedCheckpoint {
                origin: seen.origin.clone(),
                size: seen.size,
                root: seen.root,
                cosignatures: Vec::new(),
            };
            verify_extends(&ledger, &older).map_err(|e| Refusal::NotExtending(e.to_string()))
        })
    }

    /// Verifies a folder under whichever key of its ledger signed it.
    fn verify_folder(&self, folder: &Path, origin: &str) -> Result<VerifiedLedger, Refusal> {
        let mut told = Refusal::UnknownLog(origin.to_owned());
        for line in self.keys_of(origin)? {
            let key = VerifierKey::parse(line).map_err(|e| Refusal::Malformed(e.to_string()))?;
            match verify_directory(folder, &key, &[]) {
                Ok(ledger) => return Ok(ledger),
                Err(failures) => told = Refusal::NotExtending(failures.to_string()),
            }
        }
        Err(told)
    }

    /// Looks up, checks, stores and signs under one lock.
    fn cosign(
        &self,
        checkpoint: &Checkpoint,
        note: &[u8],
        now: Timestamp,
        check: impl FnOnce(Option<&Checkpoint>) -> Result<(), Refusal>,
    ) -> Result<Vec<String>, Refusal> {
        let seen = self.state.lock()?;
        check(seen.last(&checkpoint.origin)?.as_ref())?;
        seen.store(&checkpoint.origin, note)?;
        Ok(vec![self.sign(note, now)?])
    }

    fn open(&self, note: &[u8]) -> Result<Checkpoint, Refusal> {
        let claimed =
            Checkpoint::parse_note(note).map_err(|e| Refusal::Malformed(e.to_string()))?;
        let keys = self.keys_of(&claimed.origin)?;
        open_checkpoint(note, &keys).map_err(|error| Refusal::NotSigned(error.to_string()))
    }

    fn keys_of(&self, origin: &str) -> Result<Vec<&str>, Refusal> {
        let keys: Vec<&str> = self
            .logs
            .iter()
            .filter(|(name, _)| name == origin)
            .map(|(_, line)| line.as_str())
            .collect();
        if keys.is_empty() {
            return Err(Refusal::UnknownLog(origin.to_owned()));
        }
        Ok(keys)
    }

    fn sign(&self, note: &[u8], now: Timestamp) -> Result<String> {
        let time = u64::try_from(now.as_second())
            .map_err(|_| LedgerError::refused("a cosignature cannot be dated before 1970"))?;
        let message = format!("cosignature/v1\ntime {time}\n{}", signed_text(note)?);
        let mut signature = time.to_be_bytes().to_vec();
        signature.extend_from_slice(&self.key.sign(message.as_bytes()));
        let line = Signature::new(self.name.clone(), key_id(&self.name, &self.key), signature)
            .map_err(|error| LedgerError::refused(error.to_string()))?
            .to_bytes();
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// Verifier key line of the witness called `name` that signs with `key`.
///
/// # Errors
/// [`LedgerError::Refused`] for a name that no witness can have.
pub fn witness_key(name: &str, key: &LogKey) -> Result<String> {
    check_name(name)?;
    Ok(key_line(name, key))
}

fn check_name(name: &str) -> Result<()> {
    if is_key_name_valid(name) {
        return Ok(());
    }
    Err(LedgerError::refused(format!(
        "`{name}` cannot name a witness; use a host and path without spaces or `+`"
    )))
}

fn key_line(name: &str, key: &LogKey) -> String {
    let id = hex::encode(key_id(name, key).to_be_bytes());
    format!("{name}+{id}+{}", BASE64_STANDARD.encode(typed_key(key)))
}

fn typed_key(key: &LogKey) -> Vec<u8> {
    let mut bytes = vec![COSIGNATURE];
    bytes.extend_from_slice(&key.public_key());
    bytes
}

fn key_id(name: &str, key: &LogKey) -> u32 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update(b"\n")
        .chain_update(typed_key(key))
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    u32::from_be_bytes([a, b, c, d])
}

/// Checks that a checkpoint extends what was seen, as tlog-witness asks.
fn extends(
    seen: (u64, &crate::hash::Hash),
    checkpoint: &Checkpoint,
    proof: &[crate::hash::Hash],
) -> Result<(), Refusal> {
    if checkpoint.size == 0 && checkpoint.root != empty_root() {
        return Err(Refusal::NotExtending(
            "an empty ledger has a fixed root".into(),
        ));
    }
    if seen.0 == checkpoint.size && *seen.1 != checkpoint.root {
        return Err(Refusal::NotExtending(format!(
            "another root was seen at size {}",
            seen.0
        )));
    }
    check_consistency(seen, (checkpoint.size, &checkpoint.root), proof)
        .map_err(|error| Refusal::NotExtending(error.to_string()))
}
