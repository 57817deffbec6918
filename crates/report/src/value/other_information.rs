//! Section V: what management says about the exceptions, unexamined.
//!
//! What must hold: the title says that the auditor's report does not cover it;
//! every exception of Section IV has one response.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::ControlId;

use super::rich_text::Block;

/// Management's response to one exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The deviation it answers.
    pub deviation: String,
    /// The controls it concerns.
    pub controls: Vec<ControlId>,
    /// What the auditor reported, in one sentence.
    pub exception: String,
    /// Whether management agrees, in its words.
    pub position: String,
    /// The cause as management sees it.
    pub cause: String,
    /// What management did or will do.
    pub action: String,
    /// The role that answers for it.
    pub owner_role: String,
    /// When it was or will be done.
    pub due: Date,
}

/// Section V.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherInformation {
    /// The title.
    pub title: String,
    /// What the section is, and what it is not.
    pub introduction: Vec<Block>,
    /// One response per exception, in the order of Section IV.
    pub responses: Vec<Response>,
}
