//! Entries: what happened, in a form that can be kept for ever.
//!
//! What must hold: an entry carries no personal data, only opaque ids and a
//! salted commitment to its body, so the body can be erased without touching
//! the tree. An entry has exactly one encoding, canonical JSON (RFC 8785); the
//! fields below are declared in that order and numbers stay below 2^53.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::error::{LedgerError, Result};

/// Longest entry in bytes: tlog-tiles prefixes each with a 16-bit length.
pub const MAX_ENTRY_BYTES: usize = 65_535;
/// Longest body in bytes. Larger things are artifacts: store those by hash.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Version of the entry's own layout (`v`).
pub const ENTRY_VERSION: u32 = 1;
/// Largest integer that canonical JSON can hold without loss: 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// An entry as it is hashed into the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Who did it: an opaque id, never a name or mail address.
    pub actor: String,
    /// When it was written, UTC; never earlier than the entry before.
    pub at: Timestamp,
    /// Commitment to the body: HMAC-SHA256(salt, canonical body), hex.
    pub body: String,
    /// What the clock said, where it said less than the entry before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Timestamp>,
    /// Position in the ledger, from 0.
    pub idx: u64,
    /// What kind of event, with its version: `program.file_set/1`.
    pub kind: String,
    /// What it is about: an opaque id.
    pub subject: String,
    /// Version of this layout: [`ENTRY_VERSION`].
    pub v: u32,
}

impl Entry {
    /// The bytes that are hashed as the leaf.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when they exceed [`MAX_ENTRY_BYTES`].
    pub fn to_leaf(&self) -> Result<Vec<u8>> {
        let leaf = serde_json::to_vec(self).map_err(|error| {
            LedgerError::refused(format!("entry {} cannot be encoded: {error}", self.idx))
        })?;
        if leaf.len() > MAX_ENTRY_BYTES {
            return Err(too_long(leaf.len()));
        }
        Ok(leaf)
    }

    /// Reads a leaf back.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it is not an entry or has another version.
    /// Whether it is in canonical form, [`Entry::is_canonical`] tells.
    pub fn from_leaf(leaf: &[u8]) -> Result<Self> {
        let entry: Self = serde_json::from_slice(leaf)
            .map_err(|error| LedgerError::damaged(format!("a leaf is not an entry: {error}")))?;
        if entry.v != ENTRY_VERSION {
            return Err(LedgerError::damaged(format!(
                "entry {} has layout version {}, this program reads {ENTRY_VERSION}",
                entry.idx, entry.v
            )));
        }
        Ok(entry)
    }

    /// Whether `leaf` is exactly the canonical encoding of this entry.
    #[must_use]
    pub fn is_canonical(&self, leaf: &[u8]) -> bool {
        self.to_leaf().is_ok_and(|again| again == leaf)
    }
}

/// The erasable part of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// 32 random bytes; without them the commitment says nothing.
    pub salt: [u8; 32],
    /// Canonical JSON.
    pub bytes: Vec<u8>,
}

impl Body {
    /// HMAC-SHA256 with the salt as key over the canonical body.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        // HMAC pads its key with zeros to the block of the hash, 64 bytes.
        let mut key = [0; 64];
        key.iter_mut()
            .zip(self.salt)
            .for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&key.into());
        mac.update(&self.bytes);
        mac.finalize().into_bytes().into()
    }
}

/// An entry as it stands in the ledger, with its body where that still exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The entry.
    pub entry: Entry,
    /// The leaf it was read from.
    pub leaf: Vec<u8>,
    /// Its body; `None` once it has been erased.
    pub body: Option<Body>,
}

impl Record {
    /// The body as a JSON value; `None` once it has been erased.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it is not JSON.
    pub fn value(&self) -> Result<Option<Value>> {
        self.body
            .as_ref()
            .map(|body| serde_json::from_slice(&body.bytes))
            .transpose()
            .map_err(|error| self.undecodable(&error))
    }

    /// Decodes kind and body into an event enum that is tagged with
    /// `#[serde(tag = "kind", content = "body")]`; `None` once erased.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the enum knows no such kind or the body
    /// does not fit it.
    pub fn event<E: DeserializeOwned>(&self) -> Result<Option<E>> {
        let Some(body) = self.value()? else {
            return Ok(None);
        };
        let mut tagged = serde_json::Map::with_capacity(2);
        tagged.insert("kind".into(), Value::String(self.entry.kind.clone()));
        if !body.is_null() {
            tagged.insert("body".into(), body);
        }
        serde_json::from_value(Value::Object(tagged))
            .map(Some)
            .map_err(|error| self.undecodable(&error))
    }

    fn undecodable(&self, error: &serde_json::Error) -> LedgerError {
        LedgerError::damaged(format!(
            "entry {} of kind `{}` cannot be decoded: {error}",
            self.entry.idx, self.entry.kind
        ))
    }
}

/// An entry to be appended: all but what the ledger itself decides.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// Who did it: an opaque id.
    pub actor: String,
    /// Kind and version: `program.file_set/1`.
    pub kind: String,
    /// What it is about: an opaque id.
    pub subject: String,
    /// What happened; may hold personal data, since it can be erased.
    pub body: Value,
}

impl NewEntry {
    /// An entry from its parts.
    pub fn new(
        actor: impl Into<String>,
        kind: impl Into<String>,
        subject: impl Into<String>,
        body: Value,
    ) -> Self {
        Self {
            actor: actor.into(),
            kind: kind.into(),
            subject: subject.into(),
            body,
        }
    }

    /// An entry from an event enum tagged with
    /// `#[serde(tag = "kind", content = "body")]`.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the event does not serialize to that shape.
    pub fn from_event<E: Serialize>(
        actor: impl Into<String>,
        subject: impl Into<String>,
        event: &E,
    ) -> Result<Self> {
        let shape = || LedgerError::refused("an event must serialize to `kind` and `body`");
        let value = serde_json::to_value(event).map_err(|error| {
            LedgerError::refused(format!("an event cannot be encoded: {error}"))
        })?;
        let Value::Object(mut tagged) = value else {
            return Err(shape());
        };
        let Some(Value::String(kind)) = tagged.remove("kind") else {
            return Err(shape());
        };
        let body = tagged.remove("body").unwrap_or(Value::Null);
        Ok(Self::new(actor, kind, subject, body))
    }

    /// Checks the entry and fixes the bytes of its body.
    pub(crate) fn prepare(&self) -> Result<PreparedEntry> {
        check_kind(&self.kind)?;
        check_opaque("actor", &self.actor)?;
        check_opaque("subject", &self.subject)?;
        let prepared = PreparedEntry {
            actor: self.actor.clone(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            body: canonical_json(&self.body)?,
        };
        prepared.check_length()?;
        Ok(prepared)
    }
}

/// A checked entry, ready for the writer.
#[derive(Debug, Clone)]
pub(crate) struct PreparedEntry {
    pub actor: String,
    pub kind: String,
    pub subject: String,
    pub body: Vec<u8>,
}

impl PreparedEntry {
    /// The entry at its place in the ledger, with the commitment to `body`.
    pub fn place(self, idx: u64, at: Timestamp, clock: Option<Timestamp>, body: &Body) -> Entry {
        Entry {
            actor: self.actor,
            at,
            body: hex::encode(body.commitment()),
            clock,
            idx,
            kind: self.kind,
            subject: self.subject,
            v: ENTRY_VERSION,
        }
    }

    /// Refuses what could exceed the limit at any index and time, so that the
    /// writer never meets an entry it cannot write.
    fn check_length(&self) -> Result<()> {
        let widest = Entry {
            actor: self.actor.clone(),
            at: Timestamp::MAX,
            body: "0".repeat(64),
            clock: Some(Timestamp::MAX),
            idx: MAX_SAFE_INTEGER,
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            v: ENTRY_VERSION,
        };
        widest.to_leaf().map(|_| ())
    }
}

/// Canonical JSON (RFC 8785) of a value.
///
/// # Errors
/// [`LedgerError::Refused`] for integers beyond 2^53 - 1, which canonical JSON
/// would round without a word, and for more than [`MAX_BODY_BYTES`].
pub fn canonical_json(value: &Value) -> Result<Vec<u8>> {
    check_numbers(value)?;
    let bytes = serde_json_canonicalizer::to_vec(value)
        .map_err(|error| LedgerError::refused(format!("a body cannot be encoded: {error}")))?;
    if bytes.len() > MAX_BODY_BYTES {
        return Err(LedgerError::refused(format!(
            "a body of {} bytes exceeds the limit of {MAX_BODY_BYTES}; store it as an artifact and record its hash",
            bytes.len()
        )));
    }
    Ok(bytes)
}

fn check_numbers(value: &Value) -> Result<()> {
    match value {
        Value::Number(number) => {
            let exact = number.is_f64()
                || number
                    .as_i64()
                    .is_some_and(|n| n.unsigned_abs() <= MAX_SAFE_INTEGER);
            exact.then_some(()).ok_or_else(|| {
                LedgerError::refused(format!(
                    "the number {number} in a body exceeds 2^53 - 1; write it as text"
                ))
            })
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(fields) => fields.values().try_for_each(check_numbers),
        _ => Ok(()),
    }
}

fn check_kind(kind: &str) -> Result<()> {
    let sound = kind.split_once('/').is_some_and(|(name, version)| {
        name.contains('.')
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
            && version.parse::<u32>().is_ok_and(|n| n > 0)
    });
    sound.then_some(()).ok_or_else(|| {
        LedgerError::refused(format!(
            "`{kind}` is not a kind of entry; kinds look like `program.file_set/1`"
        ))
    })
}

/// Actor and subject stay in the ledger for ever, so mail addresses and text
/// that no id contains are refused at the door.
fn check_opaque(field: &str, id: &str) -> Result<()> {
    let why = if id.is_empty() {
        "is empty"
    } else if id.contains('@') {
        "looks like a mail address"
    } else if !id.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        "holds characters outside printable ASCII"
    } else {
        return Ok(());
    };
    Err(LedgerError::refused(format!(
        "the {field} `{id}` of an entry {why}; entries cannot be erased, use an opaque id"
    )))
}

fn too_long(len: usize) -> LedgerError {
    LedgerError::refused(format!(
        "an entry of {len} bytes exceeds the limit of {MAX_ENTRY_BYTES}; shorten its actor or subject"
    ))
}
