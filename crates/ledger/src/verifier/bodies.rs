//! The bodies beside an exported ledger: each must open its commitment, and
//! each that is missing must have been erased on the record.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::directory::VerifiedLedger;
use super::leaf::VerifiedEntry;
use super::{Failure, Failures, unless_failed};

/// Kind of the entry that records an erasure.
const ERASED: &str = "ledger.body_erased/1";

/// A verified entry with its verified body.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedRecord {
    /// The entry.
    pub entry: VerifiedEntry,
    /// Its body; `None` when it was erased on the record.
    pub body: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    index: u64,
    salt: Option<String>,
    body: Option<String>,
    #[serde(default)]
    erased: bool,
}

/// Verifies a bodies file against a verified ledger: one line per entry, every
/// commitment opened, erased bodies and erasure entries matching one to one.
///
/// # Errors
/// Everything that does not verify.
pub fn verify_bodies(
    path: &Path,
    ledger: &VerifiedLedger,
) -> Result<Vec<VerifiedRecord>, Failures> {
    let place = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Failure::new(&place, error.to_string()))?;
    let mut failures = Vec::new();
    let mut lines = parse_lines(&place, &bytes, &mut failures);
    let mut records = Vec::with_capacity(ledger.entries.len());
    for entry in &ledger.entries {
        match open(entry, lines.remove(&entry.index)) {
            Ok(body) => records.push(VerifiedRecord {
                entry: entry.clone(),
                body,
            }),
            Err(why) => failures.push(at_entry(&place, entry.index, why)),
        }
    }
    for index in lines.keys() {
        failures.push(at_entry(
            &place,
            *index,
            "the ledger has no such entry".into(),
        ));
    }
    check_erasures(&place, &records, &mut failures);
    unless_failed(records, failures)
}

fn parse_lines(place: &str, bytes: &[u8], failures: &mut Vec<Failure>) -> BTreeMap<u64, Line> {
    let mut lines = BTreeMap::new();
    let texts = bytes.split(|byte| *byte == b'\n');
    for (number, text) in (1..).zip(texts).filter(|(_, text)| !text.is_empty()) {
        match serde_json::from_slice::<Line>(text) {
            Ok(line) => {
                let index = line.index;
                if lines.insert(index, line).is_some() {
                    failures.push(at_entry(place, index, "it is listed twice".into()));
                }
            }
            Err(error) => failures.push(Failure::new(
                format!("{place}:{number}"),
                format!("it is not a line of a bodies file: {error}"),
            )),
        }
    }
    lines
}

/// The body a line opens the entry's commitment with; `None` when erased.
fn open(entry: &VerifiedEntry, line: Option<Line>) -> Result<Option<Value>, String> {
    let line = line.ok_or("its body is not listed")?;
    match (line.salt, line.body, line.erased) {
        (None, None, true) => Ok(None),
        (Some(salt), Some(body), false) => {
            let salt = hex::decode(salt).map_err(|_| "its salt is not hexadecimal")?;
            let mut mac = Hmac::<Sha256>::new_from_slice(&salt).map_err(|e| e.to_string())?;
            mac.update(body.as_bytes());
            mac.verify_slice(&entry.commitment)
                .map_err(|_| "its body is not the one that was recorded")?;
            serde_json::from_str(&body)
                .map(Some)
                .map_err(|error| format!("its body is not JSON: {error}"))
        }
        _ => Err("it is neither a body with its salt nor an erased one".into()),
    }
}

/// Every erased body has an entry that says so, and the other way round.
fn check_erasures(place: &str, records: &[VerifiedRecord], failures: &mut Vec<Failure>) {
    let erased: BTreeSet<u64> = records
        .iter()
        .filter(|record| record.body.is_none())
        .map(|record| record.entry.index)
        .collect();
    let recorded: BTreeSet<u64> = records
        .iter()
        .filter(|record| record.entry.kind == ERASED)
        .filter_map(|record| record.body.as_ref()?.get("index")?.as_u64())
        .collect();
    for index in erased.difference(&recorded) {
        failures.push(at_entry(
            place,
            *index,
            "its body is gone without an entry that records the erasure".into(),
        ));
    }
    for index in recorded.difference(&erased) {
        failures.push(at_entry(
            place,
            *index,
            "it is recorded as erased, but its body is there".into(),
        ));
    }
}

fn at_entry(place: &str, index: u64, why: String) -> Failure {
    Failure::new(format!("{place}: entry {index}"), why)
}
