//! Entries as leaves, read strictly: an entry has exactly one encoding, so
//! anything but that encoding is refused.

use jiff::Timestamp;

use super::Failure;

/// An entry that was read from a verified tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEntry {
    /// Position in the ledger.
    pub index: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Opaque id of who wrote it.
    pub actor: String,
    /// Kind and version.
    pub kind: String,
    /// Opaque id of what it is about.
    pub subject: String,
    /// Commitment to its body: HMAC-SHA256(salt, canonical body).
    pub commitment: [u8; 32],
}

/// Reads the leaf at `index`. Its fields stand in the order of RFC 8785, with
/// no space between them.
pub(super) fn parse_leaf(index: u64, leaf: &[u8]) -> Result<VerifiedEntry, Failure> {
    let fail = |why: &str| Failure::new(format!("entry {index}"), why);
    let entry = std::str::from_utf8(leaf)
        .ok()
        .and_then(parse)
        .ok_or_else(|| fail("it is not the canonical form of an entry of version 1"))?;
    if entry.index == index {
        Ok(entry)
    } else {
        Err(fail("it claims another index"))
    }
}

fn parse(leaf: &str) -> Option<VerifiedEntry> {
    let mut rest = Rest(leaf);
    let actor = rest.after("{\"actor\":")?.text()?;
    let at = rest.after(",\"at\":")?.time()?;
    let body = rest.after(",\"body\":")?.text()?;
    if rest.0.starts_with(",\"clock\":") {
        rest.after(",\"clock\":")?.time()?;
    }
    let index = rest.after(",\"idx\":")?.number()?;
    let kind = rest.after(",\"kind\":")?.text()?;
    let subject = rest.after(",\"subject\":")?.text()?;
    (rest.0 == ",\"v\":1}").then_some(())?;
    Some(VerifiedEntry {
        index,
        at,
        actor,
        kind,
        subject,
        commitment: digest(&body)?,
    })
}

/// What of a leaf has not been read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Reads what must come next.
    fn after(&mut self, expected: &str) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(self)
    }

    /// A string. Entries hold no control characters, so only two need escapes.
    fn text(&mut self) -> Option<String> {
        self.after("\"")?;
        let mut text = String::new();
        loop {
            let stop = self.0.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            let (plain, rest) = self.0.split_at_checked(stop)?;
            text.push_str(plain);
            if let Some(rest) = rest.strip_prefix('"') {
                self.0 = rest;
                return Some(text);
            }
            let escaped = rest.strip_prefix('\\')?;
            let c = escaped.chars().next().filter(|c| matches!(c, '"' | '\\'))?;
            text.push(c);
            self.0 = escaped.strip_prefix(c)?;
        }
    }

    /// A time in UTC, in the one spelling it has.
    fn time(&mut self) -> Option<Timestamp> {
        let text = self.text()?;
        let time: Timestamp = text.parse().ok()?;
        (time.to_string() == text).then_some(time)
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

/// 32 bytes in lower-case hexadecimal.
fn digest(text: &str) -> Option<[u8; 32]> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut digest = [0; 32];
    (plain && hex::decode_to_slice(text, &mut digest).is_ok()).then_some(digest)
}
