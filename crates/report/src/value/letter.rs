//! A signed letter: the auditor's report and management's assertion.
//!
//! What must hold: every passage says what it is about, so that checks look at
//! the right words; passages stand in the order a reader meets them; the
//! signature is that of the firm or of management, never of a person.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::rich_text::{Block, plain};

/// What a passage is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// What was examined, against which criteria, for which time.
    Scope,
    /// Subservice organizations and the controls assumed there.
    SubserviceOrganizations,
    /// Controls assumed at user entities.
    UserEntityControls,
    /// Information that was not examined.
    OtherInformation,
    /// What management answers for.
    OrganizationResponsibilities,
    /// What the auditor answers for and did.
    AuditorResponsibilities,
    /// What no examination can see.
    InherentLimitations,
    /// Where the tests and results are.
    TestsOfControls,
    /// Operating effectiveness was not examined (type 1).
    OperationNotExamined,
    /// Controls whose circumstances did not occur, and other emphasis.
    Emphasis,
    /// Why the opinion, or the assertion, is modified.
    Basis,
    /// The opinion.
    Opinion,
    /// Who may use the report.
    RestrictedUse,
    /// The introduction of the assertion.
    Introduction,
    /// What management asserts.
    Assertion,
}

/// One headed passage of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// What the passage is about.
    pub subject: Subject,
    /// The heading; `None` continues the passage before.
    pub heading: Option<String>,
    /// The words.
    pub blocks: Vec<Block>,
}

/// Who signs, where and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The firm or the organization.
    pub name: String,
    /// The office that signs, for management.
    pub title: Option<String>,
    /// City and state.
    pub place: String,
    /// The date of the letter.
    pub date: Date,
}

/// A signed letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The title.
    pub title: String,
    /// To whom it is addressed.
    pub addressee: Option<String>,
    /// The passages in reading order.
    pub passages: Vec<Passage>,
    /// Who signs.
    pub signature: Signature,
}

impl Letter {
    /// The words of every passage about `subject`, one line per paragraph.
    pub fn text_about(&self, subject: Subject) -> String {
        let about = self
            .passages
            .iter()
            .filter(|passage| passage.subject == subject);
        about
            .map(|passage| plain(&passage.blocks))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The whole letter's words.
    pub fn text(&self) -> String {
        let words = self.passages.iter().map(|passage| plain(&passage.blocks));
        words.collect::<Vec<_>>().join("\n")
    }

    /// Where the first passage about `subject` stands, counted from 0.
    pub fn position(&self, subject: Subject) -> Option<usize> {
        self.passages
            .iter()
            .position(|passage| passage.subject == subject)
    }
}
