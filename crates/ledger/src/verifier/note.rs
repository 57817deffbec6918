//! Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint and
//! tlog-cosignature, read from the specifications.

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::Failure;

/// Signature type of a log's own signature.
const LOG_SIGNATURE: u8 = 0x01;
/// Signature type of a witness: cosignature/v1.
const COSIGNATURE: u8 = 0x04;

/// No ledger has more entries; tree arithmetic is safe up to here.
const MAX_SIZE: u64 = (1 << 62) - 1;

/// A public key that someone decided to trust, from a verifier key line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    algorithm: u8,
    key: VerifyingKey,
}

/// What a trusted witness signed, and when it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Name of the witness.
    pub name: String,
    /// First bytes of the digest that names its key.
    pub id: [u8; 4],
    /// POSIX seconds.
    pub time: u64,
}

/// A checkpoint whose signature verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// Name of the ledger.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: [u8; 32],
    /// Trusted witnesses that cosigned it, in the order of their lines.
    pub cosignatures: Vec<Cosignature>,
}

impl VerifierKey {
    /// Reads a verifier key line, `name+id+key`, of a log or a witness.
    ///
    /// # Errors
    /// Names what is wrong with the line.
    pub fn parse(line: &str) -> Result<Self, Failure> {
        let fail = |why| Failure::new(format!("verifier key `{line}`"), why);
        let mut parts = line.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(fail("expected `name+id+key`"));
        };
        let bytes = BASE64_STANDARD
            .decode(encoded)
            .map_err(|_| fail("the key is not base64"))?;
        let Some((algorithm, public)) = bytes.split_first() else {
            return Err(fail("the key is empty"));
        };
        if ![LOG_SIGNATURE, COSIGNATURE].contains(algorithm) {
            return Err(fail("the key is of a type this program does not check"));
        }
        let key = <[u8; 32]>::try_from(public)
            .ok()
            .and_then(|public| VerifyingKey::from_bytes(&public).ok())
            .ok_or_else(|| fail("the key is not an Ed25519 key"))?;
        let own = key_id(name, &bytes);
        if id != hex::encode(own) {
            return Err(fail("the id does not belong to name and key"));
        }
        Ok(Self {
            name: name.to_owned(),
            id: own,
            algorithm: *algorithm,
            key,
        })
    }

    /// Reads the verifier key line of a ledger.
    ///
    /// # Errors
    /// As [`Self::parse`], and for the key of a witness.
    pub fn of_log(line: &str) -> Result<Self, Failure> {
        Self::of_algorithm(
            line,
            LOG_SIGNATURE,
            "it is the key of a witness, not of a ledger",
        )
    }

    /// Reads the verifier key line of a witness.
    ///
    /// # Errors
    /// As [`Self::parse`], and for the key of a ledger.
    pub fn of_witness(line: &str) -> Result<Self, Failure> {
        Self::of_algorithm(
            line,
            COSIGNATURE,
            "it is the key of a ledger, not of a witness",
        )
    }

    fn of_algorithm(line: &str, algorithm: u8, otherwise: &str) -> Result<Self, Failure> {
        let key = Self::parse(line)?;
        if key.algorithm == algorithm {
            return Ok(key);
        }
        Err(Failure::new(format!("verifier key `{line}`"), otherwise))
    }

    /// Whether the holder of this key cosigned a checkpoint.
    #[must_use]
    pub fn cosigned(&self, checkpoint: &SignedCheckpoint) -> bool {
        let mut cosignatures = checkpoint.cosignatures.iter();
        cosignatures.any(|by| (by.name.as_str(), by.id) == (self.name.as_str(), self.id))
    }

    /// Name of the ledger or witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the key of a witness.
    #[must_use]
    pub fn is_witness(&self) -> bool {
        self.algorithm == COSIGNATURE
    }
}

/// Checks a signed checkpoint: signed by `log` under its own origin, and by
/// every one of `witnesses` that left a line; a line of a trusted key that does
/// not verify refuses the whole. Lines of unknown keys are ignored.
///
/// # Errors
/// The first thing that does not verify.
pub fn open_checkpoint(
    note: &[u8],
    log: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<SignedCheckpoint, Failure> {
    if log.is_witness() || !witnesses.iter().all(VerifierKey::is_witness) {
        return Err(fail(
            "the key of a ledger and that of a witness were mixed up",
        ));
    }
    let (text, lines) = split_note(note)?;
    let mut checkpoint = parse_text(text)?;
    let mut signed_by_log = false;
    for line in lines {
        let (name, id, signature) = parse_line(line)?;
        if (name, id) == (log.name.as_str(), log.id) {
            check(log, text.as_bytes(), &signature)?;
            signed_by_log = true;
        }
        for witness in witnesses
            .iter()
            .filter(|w| (w.name.as_str(), w.id) == (name, id))
        {
            let time = check_cosignature(witness, text, &signature)?;
            if !witness.cosigned(&checkpoint) {
                let name = name.to_owned();
                checkpoint.cosignatures.push(Cosignature { name, id, time });
            }
        }
    }
    if !signed_by_log {
        return Err(fail(format!("it is not signed by `{}`", log.name)));
    }
    if checkpoint.origin != log.name {
        return Err(fail(format!(
            "it is about `{}`, the trusted key is that of `{}`",
            checkpoint.origin, log.name
        )));
    }
    Ok(checkpoint)
}

fn fail(why: impl Into<String>) -> Failure {
    Failure::new("checkpoint", why)
}

fn key_id(name: &str, key: &[u8]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update(b"\n");
    hasher.update(key);
    let digest: [u8; 32] = hasher.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// Signed text (with its last newline) and signature lines.
fn split_note(note: &[u8]) -> Result<(&str, Vec<&str>), Failure> {
    let note = std::str::from_utf8(note).map_err(|_| fail("it is not UTF-8 text"))?;
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(fail("it holds control characters"));
    }
    let at = note
        .rfind("\n\n")
        .ok_or_else(|| fail("it has no signature lines"))?;
    let (text, rest) = (note.get(..=at), note.get(at + 2..));
    let (Some(text), Some(rest)) = (text, rest.and_then(|rest| rest.strip_suffix('\n'))) else {
        return Err(fail("it does not end with a newline"));
    };
    Ok((text, rest.split('\n').collect()))
}

fn parse_line(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), Failure> {
    let parsed = (|| {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (!signature.is_empty()).then(|| (name, *id, signature.to_vec()))
    })();
    parsed.ok_or_else(|| fail(format!("`{line}` is not a signature line")))
}

fn parse_text(text: &str) -> Result<SignedCheckpoint, Failure> {
    let mut lines = text.lines();
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(fail("it has fewer than three lines"));
    };
    let number: u64 = size.parse().map_err(|_| fail("its size is not a number"))?;
    if number.to_string() != size {
        return Err(fail("its size is not in plain decimal"));
    }
    if number > MAX_SIZE {
        return Err(fail("its size is beyond that of any ledger"));
    }
    let root = BASE64_STANDARD
        .decode(root)
        .ok()
        .and_then(|root| root.try_into().ok())
        .ok_or_else(|| fail("its root is not 32 bytes in base64"))?;
    Ok(SignedCheckpoint {
        origin: origin.to_owned(),
        size: number,
        root,
        cosignatures: Vec::new(),
    })
}

fn check(key: &VerifierKey, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
    let valid = <[u8; 64]>::try_from(signature).is_ok_and(|bytes| {
        key.key
            .verify_strict(message, &Signature::from_bytes(&bytes))
            .is_ok()
    });
    valid
        .then_some(())
        .ok_or_else(|| fail(format!("the signature of `{}` does not verify", key.name)))
}

/// Time of a cosignature that verifies.
fn check_cosignature(key: &VerifierKey, text: &str, signature: &[u8]) -> Result<u64, Failure> {
    let Some((time, signature)) = signature.split_first_chunk::<8>() else {
        return Err(fail(format!(
            "the cosignature of `{}` is too short",
            key.name
        )));
    };
    let time = u64::from_be_bytes(*time);
    let message = format!("cosignature/v1\ntime {time}\n{text}");
    check(key, message.as_bytes(), signature)?;
    Ok(time)
}
