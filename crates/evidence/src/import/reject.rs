//! Keeps the bad records of an import.
//!
//! Must hold: every bad record is written, with its place, its reasons and its
//! raw form; only the first thousand are also kept in memory to be shown.

use serde_json::{Value, json};
use tickmark_catalog::{Place, Problem};

use crate::raw::{Record, shown};
use crate::store::{Staged, StagingFile};
use crate::{EvidenceError, Store};

const MAX_SHOWN: usize = 1000;

/// One thing wrong with a record: the dataset's column, or the record as a
/// whole, and why.
pub(super) struct Fault {
    pub column: Option<String>,
    /// The field of the source, where its name is another than the column's.
    pub field: Option<String>,
    pub reason: String,
}

impl Fault {
    pub(super) fn whole(reason: String) -> Self {
        Self {
            column: None,
            field: None,
            reason,
        }
    }

    /// `field`: the one field of the source that the value was read from.
    pub(super) fn of(column: &str, field: Option<&str>, reason: String) -> Self {
        Self {
            column: Some(column.to_owned()),
            field: field.filter(|name| *name != column).map(str::to_owned),
            reason,
        }
    }

    fn problem(&self, place: Place) -> Problem {
        match &self.column {
            Some(column) => {
                let start = if self.reason.starts_with('`') {
                    ""
                } else {
                    "the value "
                };
                let from = match &self.field {
                    Some(field) => format!(", read from {}", shown(field)),
                    None => String::new(),
                };
                Problem::new(format!("bad value for `{column}`{from}"))
                    .cause(format!("{start}{}", self.reason))
                    .in_place(place)
            }
            None => Problem::new("bad record")
                .cause(self.reason.clone())
                .in_place(place),
        }
    }
}

/// The bad records of one pass.
pub(super) struct RejectLog<'s> {
    store: &'s Store,
    file: Option<StagingFile>,
    pub(super) count: u64,
    listed_count: u64,
    problems: Vec<Problem>,
}

impl<'s> RejectLog<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Self {
            store,
            file: None,
            count: 0,
            listed_count: 0,
            problems: Vec::new(),
        }
    }

    /// Keeps a bad record.
    pub(super) fn add(
        &mut self,
        place: &Place,
        source_row: i64,
        faults: &[Fault],
        record: &Record<'_>,
    ) -> Result<(), EvidenceError> {
        self.count += 1;
        if self.problems.len() < MAX_SHOWN {
            self.listed_count += 1;
            self.problems
                .extend(faults.iter().map(|fault| fault.problem(place.clone())));
        }
        let mut line = line(place, source_row, faults, (record.raw)()).to_string();
        line.push('\n');
        let file = match &mut self.file {
            Some(file) => file,
            empty => empty.insert(self.store.stage()?),
        };
        file.append(line.as_bytes())
    }

    /// What is wrong with the records; of those not listed, how many they are.
    pub(super) fn told(&self) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        let hidden = self.count.saturating_sub(self.listed_count);
        if hidden > 0 {
            problems.push(Problem::new(format!(
                "{hidden} more bad records are not listed"
            )));
        }
        problems
    }

    /// The records as NDJSON; `None` when there is none.
    pub(super) fn finish(self) -> Result<Option<Staged>, EvidenceError> {
        self.file.map(StagingFile::finish).transpose()
    }
}

fn line(place: &Place, source_row: i64, faults: &[Fault], raw: Value) -> Value {
    let reason = |fault: &Fault| json!({ "column": fault.column, "reason": fault.reason });
    let reasons: Vec<Value> = faults.iter().map(reason).collect();
    json!({
        "file": place.file,
        "line": place.line,
        "source_row": source_row,
        "reasons": reasons,
        "raw": raw,
    })
}
