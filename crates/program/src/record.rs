//! What kinds of record a program holds, and how a record is named.
//!
//! Must hold: a record's kind and id together name it once in a program.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tickmark_catalog::{Field, FieldValue, MalformedId};

/// Kind of a record of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The service organization itself.
    Organization,
    /// The system under examination.
    System,
    /// Categories, and criteria that are not relevant.
    Scope,
    /// The examination period and its calendar.
    Period,
    /// Who signs for management.
    Management,
    /// A section of the description.
    DescriptionPart,
    /// A control.
    Control,
    /// A policy.
    Policy,
    /// A service commitment.
    Commitment,
    /// A system requirement.
    Requirement,
    /// A subservice organization.
    Subservice,
    /// A control assumed at a subservice organization.
    SubserviceControl,
    /// A control assumed at user entities.
    UserEntityControl,
    /// A thing user entities do that no criterion needs.
    UserResponsibility,
    /// A risk.
    Risk,
    /// A vendor.
    Vendor,
    /// A system incident of the register.
    Incident,
    /// A significant change.
    SystemChange,
    /// A business calendar.
    Calendar,
    /// A document kept as evidence.
    Document,
    /// A mapping from a source to a dataset.
    Source,
    /// A reconciliation of two datasets.
    Reconciliation,
    /// A control test of the company's own.
    ControlTest,
}

impl RecordKind {
    /// The kind in running text, for example `control`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::System => "system",
            Self::Scope => "scope",
            Self::Period => "period",
            Self::Management => "management",
            Self::DescriptionPart => "description section",
            Self::Control => "control",
            Self::Policy => "policy",
            Self::Commitment => "service commitment",
            Self::Requirement => "system requirement",
            Self::Subservice => "subservice organization",
            Self::SubserviceControl => "complementary subservice organization control",
            Self::UserEntityControl => "complementary user entity control",
            Self::UserResponsibility => "user entity responsibility",
            Self::Risk => "risk",
            Self::Vendor => "vendor",
            Self::Incident => "incident",
            Self::SystemChange => "system change",
            Self::Calendar => "calendar",
            Self::Document => "document",
            Self::Source => "source",
            Self::Reconciliation => "reconciliation",
            Self::ControlTest => "control test",
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// Identifier of a record that the company chose, for example `R-01`, `PSC-03`
/// or `access-control`: 1 to 64 letters, digits, dashes, dots or underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RecordId(String);

impl RecordId {
    /// The identifier as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecordId {
    type Err = MalformedId;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let starts_well = input.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && input.len() <= 64 && input.chars().all(allowed) {
            return Ok(Self(input.to_owned()));
        }
        Err(MalformedId {
            what: "id",
            input: input.to_owned(),
            shape: "1 to 64 letters, digits, dashes, dots or underscores",
        })
    }
}

impl TryFrom<String> for RecordId {
    type Error = MalformedId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

impl AsRef<str> for RecordId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FieldValue for RecordId {
    fn read(field: &Field<'_>) -> Option<Self> {
        field.parsed()
    }
}
