//! The description criteria: what Section III of the report must say.
//!
//! Must hold: nine of them, in order; DC 9 asks for nothing in a Type 1.
//! Source of numbers and structure: DC section 200 (2018, revised
//! implementation guidance 2022). All wording is ours.

use serde::{Deserialize, Serialize};

use crate::criterion_id::DescriptionCriterionId;

/// One of the nine description criteria.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescriptionCriterion {
    /// Identifier, for example `DC 3`.
    pub id: DescriptionCriterionId,
    /// A short heading.
    pub title: String,
    /// What the description has to say, in our words.
    pub summary: String,
    /// Asked for only in a Type 2 report.
    pub type2_only: bool,
}
