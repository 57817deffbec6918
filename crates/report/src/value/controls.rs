//! Criteria and controls as the report lists them.
//!
//! What must hold: a control's text is the register's text in force at the end
//! of the time covered; earlier texts of the period are kept beside it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Category, ControlId, CriterionId};

use super::rich_text::Block;

/// A criterion and the controls that serve it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CriterionEntry {
    /// The criterion.
    pub id: CriterionId,
    /// The category it is published under; `None` for the common criteria.
    pub category: Option<Category>,
    /// The heading of its series: `Logical and physical access`.
    pub series: String,
    /// The criterion in our words, or in the words a licensed firm loaded.
    pub text: String,
    /// The controls that serve it, in order of id.
    pub controls: Vec<ControlId>,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlEntry {
    /// The control.
    pub id: ControlId,
    /// Its title.
    pub title: String,
    /// The control as the organization specified it.
    pub text: Vec<Block>,
    /// The criteria it serves, primary first.
    pub criteria: Vec<CriterionId>,
    /// How often it operates, in words.
    pub frequency: String,
    /// The first day it operated, when that lies inside the period.
    pub since: Option<Date>,
    /// Texts that were in force earlier in the period, oldest first.
    pub earlier: Vec<ControlVersion>,
}

impl ControlEntry {
    /// The criterion under which tests and results are printed in full.
    pub fn primary(&self) -> Option<CriterionId> {
        self.criteria.first().copied()
    }
}

/// A text of a control that was in force earlier in the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlVersion {
    /// The last day it was in force.
    pub until: Date,
    /// The text.
    pub text: Vec<Block>,
}
