//! Schemas of the datasets: vendor-neutral tables that control tests read.
//!
//! Must hold: a name and its meaning do not change within a version; a key's
//! columns are among the columns and never null; the time column is among the
//! columns (null there: it has not happened yet); in a `Bool` column null means
//! that the source cannot say.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Schema of one dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetSchema {
    /// Name of the table, plural, for example `leavers`.
    pub name: String,
    /// Version of the schema, from 1.
    pub version: u32,
    /// Whether rows are happenings or observations.
    pub kind: DatasetKind,
    /// What the rows are.
    pub title: String,
    /// Columns that together identify a row within a source.
    pub key: Vec<String>,
    /// Column that says when a row happened; every event dataset has one.
    pub time: Option<String>,
    /// Columns in order.
    #[serde(rename(deserialize = "column"))]
    pub columns: Vec<Column>,
}

/// What a row of a dataset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetKind {
    /// Something that happened at a time.
    Event,
    /// Something observed at each collection.
    State,
}

/// One column of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name in SQL.
    pub name: String,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Never null.
    #[serde(default)]
    pub required: bool,
    /// What a value says, including what null says.
    pub meaning: String,
}

/// Type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Unicode text.
    Text,
    /// True, false, or null when the source cannot say.
    Bool,
    /// 64-bit signed integer.
    Int,
    /// 64-bit floating point number, finite.
    Float,
    /// Civil date.
    Date,
    /// Instant with microseconds, UTC.
    Timestamp,
    /// List of texts.
    TextList,
}

impl ColumnType {
    /// The name in files, for example `text_list`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::TextList => "text_list",
        }
    }
}

impl DatasetSchema {
    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What contradicts itself in the schema; empty when all is well.
    pub(crate) fn check(&self, file: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |message: String| problems.push(Problem::new(message).in_file(file));
        for name in &self.key {
            if !self.column(name).is_some_and(|column| column.required) {
                report(format!(
                    "dataset `{}` has no required column `{name}` for its key",
                    self.name
                ));
            }
        }
        for name in self.time.iter().filter(|name| self.column(name).is_none()) {
            report(format!(
                "dataset `{}` has no column `{name}` for its time",
                self.name
            ));
        }
        if self.kind == DatasetKind::Event && self.time.is_none() {
            report(format!(
                "event dataset `{}` names no time column",
                self.name
            ));
        }
        problems
    }
}
