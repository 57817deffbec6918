//! The mapping file of a source: which raw files hold a dataset, and how each
//! of its columns is made from theirs.
//!
//! Must hold: a parsed [`Mapping`] fits its dataset (every column is mapped or
//! listed as unmapped, every rule suits the column's type), so that what can
//! still go wrong while importing lies in the raw files alone. Nothing that
//! changes the meaning of a value has a silent default: zone, time of
//! observation and the period covered are stated or refused.

mod column;
mod read;
mod read_column;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{DatasetSchema, Period, Problems};

pub use column::{ColumnRule, Origin, Template, TemplatePart};
pub(crate) use read::stays_inside;

/// How much a source can be relied on; from the auditor's view, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Read from the source by a collector of ours.
    Connector,
    /// Run by a person while the auditor watched.
    ObservedRun,
    /// Taken from a picture of a screen.
    Screenshot,
    /// Handed over by the company as a file.
    ClientFile,
}

/// The shape of the raw files.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    /// Separated values with one header line.
    Csv {
        /// The byte between values.
        delimiter: u8,
        /// The encoding; a byte order mark in the file goes before it.
        encoding: &'static encoding_rs::Encoding,
        /// Physical lines before the header.
        skip_lines: u64,
    },
    /// An Excel workbook.
    Xlsx {
        /// Name of the sheet; the first one when `None`.
        sheet: Option<String>,
        /// Row of the header, from 1.
        header_row: u32,
    },
    /// One JSON document; the records are the array at a JSON pointer (RFC 6901).
    Json {
        /// The pointer; empty when the document itself is the array.
        records: String,
    },
    /// One JSON object a line.
    Ndjson,
    /// A Parquet file.
    Parquet,
}

/// When the source was in the state that the rows show.
#[derive(Clone, Debug, PartialEq)]
pub enum ObservedAt {
    /// The same for all rows.
    Instant(Timestamp),
    /// Read from every row, like a timestamp column.
    Column(ColumnRule),
}

/// A checked mapping file.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// Id of the source, such as `hris-people`.
    pub id: String,
    /// Name of the dataset it fills.
    pub dataset: String,
    /// System of record, as the auditor knows it.
    pub system: String,
    /// Account or organization inside that system.
    pub tenant: String,
    /// Shape of the raw files.
    pub format: Format,
    /// Raw files in the order in which they are read, relative to the program folder.
    pub files: Vec<String>,
    /// Zone of date-times that carry no offset of their own.
    pub time_zone: Option<TimeZone>,
    /// When the source was observed.
    pub observed_at: ObservedAt,
    /// The exact request or query, as shown to the auditor.
    pub request: String,
    /// Period covered; always there for event datasets.
    pub covers: Option<Period>,
    /// How many records the source itself says there are.
    pub source_count: Option<u64>,
    /// What was left out at the source, in words.
    pub not_collected: Vec<String>,
    /// What else the manifest is to tell, in words.
    pub notes: Vec<String>,
    /// Read permissions the collector held.
    pub scopes: Vec<String>,
    /// How much the source can be relied on.
    pub grade: Grade,
    /// The rule of each mapped column, by its name in the dataset.
    pub columns: BTreeMap<String, ColumnRule>,
    /// Columns of the dataset that stay null.
    pub unmapped: Vec<String>,
    text: String,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// `file`: the name to show in problems. `text`: its contents.
    /// `datasets`: the schemas a mapping may fill, usually `catalog().datasets`.
    ///
    /// # Errors
    /// Every syntax error, unknown or missing key, value of the wrong type,
    /// unknown dataset or column and unsuitable rule, each with its line.
    pub fn parse(file: &str, text: &str, datasets: &[DatasetSchema]) -> Result<Self, Problems> {
        read::mapping(file, text, datasets)
    }

    /// The mapping file as it was written; its hash goes into the manifest.
    pub fn text(&self) -> &str {
        &self.text
    }
}
