//! Entries as leaves: parsed strictly, and held to their one encoding.

use jiff::Timestamp;
use serde_json::{Map, Value};

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

/// Reads the leaf at `index`.
pub(super) fn parse_leaf(index: u64, leaf: &[u8]) -> Result<VerifiedEntry, Failure> {
    let fail = |why: &str| Failure::new(format!("entry {index}"), why);
    let Ok(Value::Object(fields)) = serde_json::from_slice(leaf) else {
        return Err(fail("it is not a JSON object"));
    };
    if canonical(&fields).as_deref() != Some(leaf) {
        return Err(fail("it is not in canonical form"));
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    if number("v") != Some(1) {
        return Err(fail("its layout is not version 1"));
    }
    if number("idx") != Some(index) {
        return Err(fail("it claims another index"));
    }
    let commitment =
        text("body").and_then(|body| <[u8; 32]>::try_from(hex::decode(body).ok()?).ok());
    let at = text("at").and_then(|at| at.parse().ok());
    let (Some(commitment), Some(at), Some(actor), Some(kind), Some(subject)) =
        (commitment, at, text("actor"), text("kind"), text("subject"))
    else {
        return Err(fail("a field is missing or malformed"));
    };
    let expected = 7 + usize::from(fields.contains_key("clock"));
    if fields.len() != expected {
        return Err(fail("it has fields that an entry does not have"));
    }
    Ok(VerifiedEntry {
        index,
        at,
        actor: actor.to_owned(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        commitment,
    })
}

/// Canonical JSON of a flat object of texts and whole numbers; `None` when it
/// holds anything else.
fn canonical(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort();
    let mut pairs = Vec::new();
    for name in names {
        let value = match fields.get(name)? {
            Value::String(text) => quoted(text),
            Value::Number(number) => number.as_u64()?.to_string(),
            _ => return None,
        };
        pairs.push(format!("{}:{value}", quoted(name)));
    }
    Some(format!("{{{}}}", pairs.join(",")).into_bytes())
}

/// A JSON string with as few escapes as RFC 8785 allows.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&control_escape(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn control_escape(c: char) -> String {
    match c {
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        c => format!("\\u{:04x}", u32::from(c)),
    }
}
