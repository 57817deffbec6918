//! The manifest of a snapshot: what an auditor asks of an extract, answered.
//!
//! Must hold: a manifest is stored as an object, named by the hash of exactly
//! the bytes of [`Manifest::to_bytes`]; it names every raw byte, the mapping
//! and the derived file by hash, so that the derivation can be done again.
//! It may hold personal data (first and last key) and so never stands in a
//! ledger entry itself, only its hash.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_catalog::Period;

use crate::EvidenceError;
use crate::mapping::Grade;
use crate::store::ObjectRef;

/// What is known about a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this structure.
    pub manifest_version: u32,
    /// Id of the source.
    pub source_id: String,
    /// System of record.
    pub system: String,
    /// Account or organization inside that system.
    pub tenant: String,
    /// Dataset the rows belong to.
    pub dataset: String,
    /// Version of the dataset's schema.
    pub dataset_version: u32,
    /// Who read the source, and in which version.
    pub collector: Collector,
    /// How much the source can be relied on.
    pub grade: Grade,
    /// Read permissions the collector held.
    pub scopes: Vec<String>,
    /// The exact request or query.
    pub request: String,
    /// The mapping file.
    pub mapping: ObjectRef,
    /// The raw files in the order in which they were read.
    pub raw_files: Vec<RawFileRecord>,
    /// The source's own count of records, where it offers one.
    pub source_count: Option<u64>,
    /// Records in the raw files, good and bad.
    pub record_count: u64,
    /// Rows of the snapshot.
    pub row_count: u64,
    /// Records that were left out because they are bad.
    pub reject_count: u64,
    /// The rejected records with the reasons (NDJSON), when there are any.
    pub rejects: Option<ObjectRef>,
    /// Key of the first row, one text per key column.
    pub first_key: Option<Vec<String>>,
    /// Key of the last row.
    pub last_key: Option<Vec<String>>,
    /// Period for which the source was asked.
    pub covers: Option<Period>,
    /// Smallest and largest time found in the rows.
    pub times: Option<TimeRange>,
    /// When the source was observed; also when it had no records then. `None`
    /// when only the records could have told.
    pub observed: Option<Observed>,
    /// Clock of the collector at the import.
    pub collected_at: Timestamp,
    /// The Parquet file.
    pub derived: ObjectRef,
    /// Version of the code that derived it.
    pub derivation: String,
    /// What was left out at the source, in words.
    pub not_collected: Vec<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// The program that read a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collector {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One raw file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFileRecord {
    /// Path as the mapping names it.
    pub name: String,
    /// Its bytes.
    pub object: ObjectRef,
}

/// The times found in the dataset's time column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Name of the column.
    pub column: String,
    /// Smallest value, as a date or an instant.
    pub first: String,
    /// Largest value.
    pub last: String,
    /// Whether the rows stand in ascending order of it.
    pub is_ascending: bool,
}

/// When the source was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// First observation.
    pub first: Timestamp,
    /// Last observation.
    pub last: Timestamp,
    /// How many different instants of observation there are.
    pub observation_count: u64,
}

impl Manifest {
    /// The version this code writes.
    pub const VERSION: u32 = 1;

    /// The bytes that are stored and hashed: JSON, keys in the order of the
    /// structure, two spaces of indent, one line feed at the end.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when it cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EvidenceError> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| EvidenceError::failed("could not write a manifest", error))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of a stored manifest.
    ///
    /// # Errors
    /// [`EvidenceError::Damaged`] when they are not a manifest of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let damaged = |why: String| EvidenceError::Damaged {
            object: "a manifest".to_owned(),
            why,
        };
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.manifest_version != Self::VERSION {
            return Err(damaged(format!(
                "it has version {}",
                manifest.manifest_version
            )));
        }
        Ok(manifest)
    }
}
