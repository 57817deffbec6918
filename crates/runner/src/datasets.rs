//! What the SQL of control tests can read: snapshots of datasets, the program's
//! records, calendars, and the period.
//!
//! Must hold: everything here can be written as JSON, so that the same input
//! can be handed to another process; a digest names the exact bytes of a
//! snapshot.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_catalog::{Period, Problem, Sha256Hex};
use tickmark_control_tests::{Completeness, SnapshotRef};

use crate::calendar::CalendarDefinition;

/// Everything a run can read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Datasets {
    /// Snapshots, in the order in which they were recorded.
    pub snapshots: Vec<SnapshotFile>,
    /// The program's records.
    pub program: Vec<ProgramTable>,
    /// Business calendars.
    pub calendars: Vec<CalendarDefinition>,
    /// IANA name of the organization's time zone.
    pub time_zone: String,
    /// The period tested.
    pub period: Period,
    /// Snapshots and observations after this instant do not count. Sources are
    /// usually observed some days after the period's end.
    pub as_of: Timestamp,
    /// What is known of the completeness of each dataset; a dataset that is not
    /// here is not shown to be complete.
    pub completeness: BTreeMap<String, Completeness>,
}

/// A snapshot of a dataset, as a Parquet file in the dataset's schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotFile {
    /// The dataset.
    pub dataset: String,
    /// The source it came from: id of its mapping.
    pub source: String,
    /// When the source was observed; of a file with several observations, the
    /// last.
    pub observed_at: Timestamp,
    /// Digest of the file.
    pub sha256: Sha256Hex,
    /// How many rows it has.
    pub rows: u64,
    /// Where it lies.
    pub path: PathBuf,
}

/// A table of the program's records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramTable {
    /// Its name, one of `tickmark_control_tests::program_tables()`.
    pub name: String,
    /// Rows as values by column name. A column that is not there is null;
    /// dates are texts like `2026-06-30`, lists are arrays of texts.
    pub rows: Vec<BTreeMap<String, Value>>,
}

impl SnapshotFile {
    /// The snapshot as results name it.
    pub fn reference(&self) -> SnapshotRef {
        SnapshotRef {
            dataset: self.dataset.clone(),
            source: self.source.clone(),
            observed_at: self.observed_at,
            sha256: self.sha256.clone(),
            rows: self.rows,
        }
    }
}

impl ProgramTable {
    /// A table of the program's records from any values that serialize to
    /// objects.
    ///
    /// # Errors
    /// A row that is not an object.
    pub fn new<T: Serialize>(name: impl Into<String>, rows: &[T]) -> Result<Self, Problem> {
        let name = name.into();
        let row = |row: &T| match serde_json::to_value(row) {
            Ok(Value::Object(row)) => Ok(row.into_iter().collect()),
            _ => Err(Problem::new(format!("a row of `{name}` is not an object"))),
        };
        Ok(Self {
            rows: rows.iter().map(row).collect::<Result<_, Problem>>()?,
            name,
        })
    }
}
