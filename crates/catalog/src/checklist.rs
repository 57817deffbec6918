//! What a report must show before it is issued: the checklist of its anatomy.
//!
//! Must hold: an item says what to look for, never what was found.

use serde::{Deserialize, Serialize};

/// One item of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// Identifier, for example `CV01`.
    pub id: String,
    /// Part of the report it looks at, for example `III Description`.
    pub section: String,
    /// What must be so.
    pub check: String,
    /// Kinds of report it applies to.
    pub applies: Vec<ReportType>,
    /// Who can answer it.
    pub mode: CheckMode,
}

/// Kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// Description and design as of a date.
    Type1,
    /// Description, design and operation throughout a period.
    Type2,
    /// General-use short report over a period.
    Soc3,
}

/// Who can answer an item of the checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckMode {
    /// Decided from the report's own values.
    Auto,
    /// Put to a person as a question.
    Assisted,
}
