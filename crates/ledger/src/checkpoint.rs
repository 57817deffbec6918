//! Checkpoints: signed statements "this ledger has this many entries and this
//! root", as C2SP tlog-checkpoint in a signed note.

use base64::prelude::{BASE64_STANDARD, Engine};
use signed_note::{Note, Signature, StandardVerifier, VerifierList};

use crate::error::{LedgerError, Result};
use crate::hash::Hash;
use crate::key::LogKey;

/// Most entries a checkpoint can cover: tree arithmetic is safe up to here.
pub const MAX_SIZE: u64 = (1 << 62) - 1;

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the ledger, unique in the world: `fernhollow.example/ledger`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: origin, size, base64 root, one line each.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            BASE64_STANDARD.encode(self.root)
        )
    }

    /// Reads the text of a checkpoint. Further lines are extensions, ignored.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when it is not a checkpoint.
    pub fn parse_text(text: &str) -> Result<Self> {
        let mut lines = text.split('\n');
        let parsed = (|| {
            let origin = lines.next().filter(|line| !line.is_empty())?;
            let size = parse_decimal(lines.next()?).filter(|size| *size <= MAX_SIZE)?;
            let root = BASE64_STANDARD.decode(lines.next()?).ok()?;
            Some(Self {
                origin: origin.to_owned(),
                size,
                root: root.try_into().ok()?,
            })
        })();
        parsed
            .ok_or_else(|| LedgerError::refused("not a checkpoint: expected origin, size and root"))
    }

    /// Reads a signed note without judging its signatures.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when it is not a signed checkpoint.
    pub fn parse_note(note: &[u8]) -> Result<Self> {
        Self::parse_text(&note_text(&parse_note(note)?)?)
    }

    /// Signs the checkpoint with each key, under the origin as name.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the origin cannot name a signature.
    pub fn sign(&self, keys: &[&LogKey]) -> Result<Vec<u8>> {
        self.sign_with("", keys)
    }

    /// Signs the checkpoint with lines of extension after it, each with its
    /// newline.
    pub(crate) fn sign_with(&self, extension: &str, keys: &[&LogKey]) -> Result<Vec<u8>> {
        let text = self.text() + extension;
        let mut note = Note::new(text.as_bytes(), &[]).map_err(note_error)?;
        for key in keys {
            let signer = key.note_signer(&self.origin)?;
            note.add_sigs(&[&signer]).map_err(note_error)?;
        }
        Ok(note.to_bytes())
    }
}

/// Checks that `note` is a checkpoint signed by the key of one of the
/// verifier key lines, under the checkpoint's own origin as name.
///
/// # Errors
/// [`LedgerError::Refused`] when it is not.
pub fn open_checkpoint(note: &[u8], verifier_keys: &[&str]) -> Result<Checkpoint> {
    let mut known: Vec<Box<dyn signed_note::Verifier>> = Vec::new();
    for line in verifier_keys {
        let verifier = StandardVerifier::new(line)
            .map_err(|error| LedgerError::refused(format!("verifier key `{line}`: {error}")))?;
        known.push(Box::new(verifier));
    }
    let note = parse_note(note)?;
    let (verified, _) = note.verify(&VerifierList::new(known)).map_err(note_error)?;
    let checkpoint = Checkpoint::parse_text(&note_text(&note)?)?;
    if verified.iter().any(|line| line.name() == checkpoint.origin) {
        return Ok(checkpoint);
    }
    Err(LedgerError::refused(format!(
        "checkpoint of `{}` is not signed under that name",
        checkpoint.origin
    )))
}

/// Adds signature lines to a signed note, leaving out those it already has.
///
/// # Errors
/// [`LedgerError::Refused`] when the note or a line is malformed.
pub fn with_signature_lines(note: &[u8], lines: &[String]) -> Result<Vec<u8>> {
    parse_note(note)?;
    let mut text = String::from_utf8_lossy(note).into_owned();
    for line in lines {
        parse_signature_line(line)?;
        if !text.lines().any(|have| have == line) {
            text.push_str(line);
            text.push('\n');
        }
    }
    Ok(text.into_bytes())
}

/// Checks that a line is a note signature line (without its newline).
pub(crate) fn parse_signature_line(line: &str) -> Result<Signature> {
    Signature::from_bytes(line.as_bytes())
        .map_err(|_| LedgerError::refused(format!("`{line}` is not a signature line")))
}

/// The signed part of a note, with its last newline.
///
/// # Errors
/// [`LedgerError::Refused`] when it is not a signed note.
pub fn signed_text(note: &[u8]) -> Result<String> {
    note_text(&parse_note(note)?)
}

fn parse_note(note: &[u8]) -> Result<Note> {
    Note::from_bytes(note).map_err(note_error)
}

fn note_text(note: &Note) -> Result<String> {
    String::from_utf8(note.text().to_vec())
        .map_err(|_| LedgerError::refused("a note must be UTF-8 text"))
}

fn note_error(error: signed_note::NoteError) -> LedgerError {
    LedgerError::refused(format!("checkpoint: {error}"))
}

/// An ASCII decimal without sign and without leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (plain && canonical).then(|| text.parse().ok()).flatten()
}
