//! The bodies beside an exported ledger: each must open its commitment, and
//! each that is missing must have been erased on the record.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::thread;

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
    let mut bodies = BTreeMap::new();
    for (number, line) in (1..).zip(open_lines(&bytes, ledger)) {
        let (index, body) = match line {
            None => continue,
            Some(Ok(opened)) => opened,
            Some(Err(why)) => {
                failures.push(Failure::new(format!("{place}:{number}"), why));
                continue;
            }
        };
        if bodies.insert(index, body).is_some() {
            failures.push(at_entry(&place, index, "it is listed twice".into()));
        }
    }
    let mut records = Vec::with_capacity(ledger.entries.len());
    for entry in &ledger.entries {
        let body = bodies.remove(&entry.index);
        match body.unwrap_or_else(|| Err("its body is not listed".into())) {
            Ok(body) => records.push(VerifiedRecord {
                entry: entry.clone(),
                body,
            }),
            Err(why) => failures.push(at_entry(&place, entry.index, why)),
        }
    }
    for index in bodies.keys() {
        failures.push(at_entry(
            &place,
            *index,
            "the ledger has no such entry".into(),
        ));
    }
    check_erasures(&place, &records, &mut failures);
    unless_failed(records, failures)
}

/// Index of an entry and the body its line holds, or why that is not the one.
type Opened = (u64, Result<Option<Value>, String>);

/// Reads every line and opens the commitments, on all processors. Nothing for
/// an empty line, the reason for one that cannot be read.
fn open_lines(bytes: &[u8], ledger: &VerifiedLedger) -> Vec<Option<Result<Opened, String>>> {
    let texts: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let share = texts.len().div_ceil(workers).max(1);
    thread::scope(|scope| {
        let running: Vec<_> = texts
            .chunks(share)
            .map(|part| {
                let read = move || part.iter().map(|text| open_line(text, ledger)).collect();
                scope.spawn(read)
            })
            .collect();
        let mut all = Vec::with_capacity(texts.len());
        for worker in running {
            match worker.join() {
                Ok(part) => all.extend::<Vec<_>>(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

fn open_line(text: &[u8], ledger: &VerifiedLedger) -> Option<Result<Opened, String>> {
    if text.is_empty() {
        return None;
    }
    let line: Line = match serde_json::from_slice(text) {
        Ok(line) => line,
        Err(error) => return Some(Err(format!("it is not a line of a bodies file: {error}"))),
    };
    let index = line.index;
    let entry = usize::try_from(index)
        .ok()
        .and_then(|at| ledger.entries.get(at));
    let body = entry.map_or(Ok(None), |entry| open(entry, line));
    Some(Ok((index, body)))
}

/// The body a line opens the entry's commitment with; `None` when erased.
fn open(entry: &VerifiedEntry, line: Line) -> Result<Option<Value>, String> {
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
