//! The bodies beside an exported ledger: each must open its commitment, and
//! each that is missing must have been erased on the record.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::body_lines::{Opened, open_lines};
use super::directory::VerifiedLedger;
use super::json::{check_json, not_json};
use super::leaf::VerifiedEntry;
use super::{Failure, Failures, unless_failed};

/// Kind of the entry that records an erasure.
const ERASED: &str = "ledger.body_erased/1";

/// Kinds of entries about the ledger itself.
const OWN: &str = "ledger.";

/// A verified entry with its verified body.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedRecord {
    /// The entry.
    pub entry: VerifiedEntry,
    /// Its body; `None` when it was erased on the record.
    pub body: Option<Value>,
}

/// A body that was erased on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Index of the entry whose body is gone.
    pub index: u64,
    /// Kind of that entry.
    pub kind: String,
    /// Index of the entry that records the erasure.
    pub recorded_as: u64,
    /// What it rests on, as that entry says.
    pub legal_basis: String,
}

impl std::fmt::Display for Erasure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "entry {} of kind `{}`, by entry {} ({})",
            self.index, self.kind, self.recorded_as, self.legal_basis
        )
    }
}

/// The bodies of a ledger, all of them accounted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedBodies {
    /// Bodies that opened their commitments.
    pub opened: usize,
    /// Those that were erased, in order of their entries.
    pub erased: Vec<Erasure>,
}

/// Verifies a bodies file against a verified ledger: one line per entry, every
/// commitment opened, erased bodies and erasure entries matching one to one.
/// Keeps no body, so memory does not grow with them.
///
/// # Errors
/// Everything that does not verify.
pub fn verify_bodies(path: &Path, ledger: &VerifiedLedger) -> Result<VerifiedBodies, Failures> {
    let walked = walk(path, ledger, check_json)?;
    Ok(VerifiedBodies {
        opened: walked.kept.len() - walked.erased.len(),
        erased: walked.erased,
    })
}

/// Verifies a bodies file as [`verify_bodies`] does and returns every entry
/// with its body, and what was erased.
///
/// # Errors
/// Everything that does not verify.
pub fn read_bodies(
    path: &Path,
    ledger: &VerifiedLedger,
) -> Result<(Vec<VerifiedRecord>, Vec<Erasure>), Failures> {
    let parse = |text: &str| serde_json::from_str(text).map_err(|error| not_json(&error));
    let walked = walk(path, ledger, parse)?;
    let records = ledger.entries.iter().cloned().zip(walked.kept);
    let records = records.map(|(entry, body)| VerifiedRecord { entry, body });
    Ok((records.collect(), walked.erased))
}

/// What was kept of each body, in order of the entries, and what was erased.
struct Walked<T> {
    kept: Vec<Option<T>>,
    erased: Vec<Erasure>,
}

/// What an erasure entry says: of which entry, and on what it rests.
struct Says {
    index: u64,
    legal_basis: String,
}

/// Verifies everything, keeping what `keep` makes of each body.
fn walk<T: Send>(
    path: &Path,
    ledger: &VerifiedLedger,
    keep: impl Fn(&str) -> Result<T, String> + Sync,
) -> Result<Walked<T>, Failures> {
    let place = path.display().to_string();
    let (lines, mut failures) = open_lines(path, ledger, |entry, text| {
        let says = (*entry.kind == *ERASED).then(|| says(text)).transpose()?;
        Ok((keep(text)?, says))
    })?;
    let mut bodies = Vec::new();
    bodies.resize_with(ledger.entries.len(), || None);
    for Opened { index, body } in lines {
        match usize::try_from(index)
            .ok()
            .and_then(|at| bodies.get_mut(at))
        {
            None => failures.push(at_entry(&place, index, "the ledger has no such entry")),
            Some(Some(_)) => failures.push(at_entry(&place, index, "it is listed twice")),
            Some(slot) => *slot = Some(body),
        }
    }
    let mut kept = Vec::with_capacity(bodies.len());
    let (mut gone, mut recorded) = (Vec::new(), Vec::new());
    for (entry, body) in ledger.entries.iter().zip(bodies) {
        match body.unwrap_or_else(|| Err("its body is not listed".into())) {
            Ok(None) => {
                gone.push(entry);
                kept.push(None);
            }
            Ok(Some((body, says))) => {
                recorded.extend(says.map(|says| (entry.index, says)));
                kept.push(Some(body));
            }
            Err(why) => failures.push(at_entry(&place, entry.index, why)),
        }
    }
    let erased = match_erasures(&place, &gone, recorded, &mut failures);
    unless_failed(Walked { kept, erased }, failures)
}

fn says(text: &str) -> Result<Says, String> {
    let body: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let index = body.get("index").and_then(Value::as_u64);
    let legal_basis = body.get("legal_basis").and_then(Value::as_str);
    match (index, legal_basis) {
        (Some(index), Some(basis)) => Ok(Says {
            index,
            legal_basis: basis.to_owned(),
        }),
        _ => Err("it records an erasure without saying of what and why".into()),
    }
}

/// Every erased body has one later entry that says so, and the other way round.
/// The ledger's own entries are never erased: they say what was.
fn match_erasures(
    place: &str,
    gone: &[&VerifiedEntry],
    recorded: Vec<(u64, Says)>,
    failures: &mut Vec<Failure>,
) -> Vec<Erasure> {
    let mut by_index = BTreeMap::new();
    for (recorded_as, says) in recorded {
        let index = says.index;
        if recorded_as <= index {
            let why = "it records the erasure of an entry that did not exist yet";
            failures.push(at_entry(place, recorded_as, why));
        }
        if by_index.insert(index, (recorded_as, says)).is_some() {
            failures.push(at_entry(place, index, "its erasure is recorded twice"));
        }
    }
    let mut erased = Vec::new();
    for entry in gone {
        if entry.kind.starts_with(OWN) {
            let why = format!(
                "its body is gone, but a `{}` entry is never erased",
                entry.kind
            );
            failures.push(at_entry(place, entry.index, why));
        }
        match by_index.remove(&entry.index) {
            Some((recorded_as, says)) => erased.push(Erasure {
                index: entry.index,
                kind: entry.kind.to_string(),
                recorded_as,
                legal_basis: says.legal_basis,
            }),
            None => failures.push(at_entry(
                place,
                entry.index,
                "its body is gone without an entry that records the erasure",
            )),
        }
    }
    for index in by_index.keys() {
        let why = "it is recorded as erased, but its body is there";
        failures.push(at_entry(place, *index, why));
    }
    erased
}

fn at_entry(place: &str, index: u64, why: impl Into<String>) -> Failure {
    Failure::new(format!("{place}: entry {index}"), why)
}
