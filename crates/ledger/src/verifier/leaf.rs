//! Entries as leaves, read strictly: an entry has exactly one encoding, so
//! anything but that encoding is refused.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::Failure;
use super::text::{digest, plain_length, time};

/// An entry that was read from a verified tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEntry {
    /// Position in the ledger.
    pub index: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Opaque id of who wrote it; shared among entries.
    pub actor: Arc<str>,
    /// Kind and version; shared among entries.
    pub kind: Arc<str>,
    /// Opaque id of what it is about.
    pub subject: String,
    /// Commitment to its body: HMAC-SHA256(salt, canonical body).
    pub commitment: [u8; 32],
}

/// Names that occur again and again, each kept once.
#[derive(Default)]
pub(crate) struct Names(Vec<Arc<str>>);

impl Names {
    /// More than that many are rare, and looking through them is not worth it.
    const MOST: usize = 64;

    /// The name, shared with whoever asked for it before.
    pub(crate) fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| ***known == *name) {
            return known.clone();
        }
        let new: Arc<str> = name.into();
        if self.0.len() < Self::MOST {
            self.0.push(new.clone());
        }
        new
    }
}

/// Reads the leaf at `index`. Its fields stand in the order of RFC 8785, with
/// no space between them.
pub(crate) fn parse_leaf(
    index: u64,
    leaf: &[u8],
    names: &mut Names,
) -> Result<VerifiedEntry, Failure> {
    let fail = |why: &str| Failure::new(format!("entry {index}"), why);
    let entry = std::str::from_utf8(leaf)
        .ok()
        .and_then(|leaf| parse(leaf, names))
        .ok_or_else(|| fail("it is not the canonical form of an entry of version 1"))?;
    if entry.index == index {
        Ok(entry)
    } else {
        Err(fail("it claims another index"))
    }
}

fn parse(leaf: &str, names: &mut Names) -> Option<VerifiedEntry> {
    let mut rest = Rest(leaf);
    let actor = rest.after("{\"actor\":")?.text()?;
    let at = time(&rest.after(",\"at\":")?.text()?)?;
    let commitment = rest.after(",\"body\":\"")?.digest()?;
    if rest.0.starts_with(",\"clock\":") {
        time(&rest.after(",\"clock\":")?.text()?)?;
    }
    let index = rest.after(",\"idx\":")?.number()?;
    let kind = rest.after(",\"kind\":")?.text()?;
    let subject = rest.after(",\"subject\":")?.text()?;
    (rest.0 == ",\"v\":1}").then_some(())?;
    Some(VerifiedEntry {
        index,
        at,
        actor: names.shared(&actor),
        kind: names.shared(&kind),
        subject: subject.into_owned(),
        commitment,
    })
}

/// What of a leaf has not been read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Reads what must come next.
    fn after(&mut self, expected: &str) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(self)
    }

    /// A string. Entries hold no control characters, so only two need escapes.
    fn text(&mut self) -> Option<Cow<'a, str>> {
        self.after("\"")?;
        let plain = self.plain()?;
        if let Some(rest) = self.0.strip_prefix('"') {
            self.0 = rest;
            return Some(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        while let Some(escaped) = self.0.strip_prefix('\\') {
            let c = escaped.chars().next().filter(|c| matches!(c, '"' | '\\'))?;
            text.push(c);
            self.0 = escaped.strip_prefix(c)?;
            text.push_str(self.plain()?);
        }
        self.after("\"")?;
        Some(Cow::Owned(text))
    }

    /// A digest and the quote after it.
    fn digest(&mut self) -> Option<[u8; 32]> {
        let (text, rest) = self.0.split_at_checked(64)?;
        self.0 = rest.strip_prefix('"')?;
        digest(text.as_bytes())
    }

    /// What comes before the next quote, backslash or control character.
    fn plain(&mut self) -> Option<&'a str> {
        let stop = plain_length(self.0.as_bytes());
        let (plain, rest) = self.0.split_at_checked(stop)?;
        self.0 = rest;
        Some(plain)
    }

    /// A whole number without leading zeros.
    fn number(&mut self) -> Option<u64> {
        let end = self.0.find(|c: char| !c.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        let plain = digits == "0" || !digits.starts_with('0');
        plain.then(|| digits.parse().ok())?
    }
}
