//! What the writer of a report must be told, gathered from program, control
//! tests and engagement.
//!
//! What must hold: nothing here is worded for the page. The writer in
//! [`crate::build`] turns these facts into sentences; the same facts always give
//! the same sentences. Judgments (opinion, narratives, emphasis) come from the
//! auditor's file and are never derived here.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Category, ControlId, CriterionId, DescriptionCriterionId, Sha256Hex};

use tickmark_engagement::Ground;

use crate::value::{
    Change, CheckpointText, Commitment, Coverage, Exclusion, Firm, Incident, InputDigest, Nature,
    NotRelevant, Opinion, Organization, Outcome, PopulationEntry, ReportType, RunDigests,
    Selection, Subservice, UserEntityControl,
};

/// Everything a report says, before it is words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportFacts {
    /// The kind of report.
    pub report_type: ReportType,
    /// The id the engagement gave the report.
    pub report_id: String,
    /// The date of the auditor's report.
    pub report_date: Date,
    /// The time covered.
    pub coverage: Coverage,
    /// The service organization.
    pub organization: Organization,
    /// Who signs for management, where and when.
    pub management: ManagementFacts,
    /// The system.
    pub system: SystemFacts,
    /// The service auditor.
    pub firm: Firm,
    /// To whom the auditor's report is addressed.
    pub addressee: String,
    /// The categories in scope, in publication order.
    pub categories: Vec<Category>,
    /// The applicable criteria, in publication order.
    pub criteria: Vec<CriterionFacts>,
    /// Criteria that do not apply, and why.
    pub not_relevant: Vec<NotRelevant>,
    /// Management's description, in reading order.
    pub description: Vec<PartFacts>,
    /// Principal service commitments.
    pub commitments: Vec<Commitment>,
    /// System requirements.
    pub requirements: Vec<Commitment>,
    /// Incidents to disclose.
    pub incidents: Vec<Incident>,
    /// Complementary user entity controls.
    pub user_entity_controls: Vec<UserEntityControl>,
    /// User entity responsibilities.
    pub user_responsibilities: Vec<String>,
    /// Subservice organizations.
    pub subservice: Vec<Subservice>,
    /// Significant changes in the period.
    pub changes: Vec<Change>,
    /// Controls, in order of id.
    pub controls: Vec<ControlFacts>,
    /// Tests of controls, in order of control and id.
    pub tests: Vec<TestFacts>,
    /// Deviations as the auditor recorded them.
    pub deviations: Vec<DeviationFacts>,
    /// Populations relied on.
    pub populations: Vec<PopulationEntry>,
    /// The auditor's opinion.
    pub opinion: OpinionFacts,
    /// Emphasis paragraphs the auditor wrote.
    pub emphasis: Vec<String>,
    /// The digest of everything the report is computed from.
    pub inputs_digest: Option<Sha256Hex>,
    /// Checkpoints the report relies on.
    pub checkpoints: Vec<CheckpointText>,
    /// Digests of the inputs.
    pub inputs: Vec<InputDigest>,
}

/// Who signs the assertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementFacts {
    /// The office: `Chief Executive Officer`.
    pub signatory_title: String,
    /// City and state.
    pub place: String,
    /// The date of the assertion.
    pub date: Date,
}

/// The system under examination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemFacts {
    /// Its name: `Fernhollow Relay`.
    pub name: String,
    /// The exact title of management's description.
    pub description_title: String,
    /// Services in scope.
    pub services: Vec<String>,
    /// Services left out.
    pub out_of_scope_services: Vec<String>,
}

/// An applicable criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionFacts {
    /// The criterion.
    pub id: CriterionId,
    /// The category it is published under; `None` for the common criteria.
    pub category: Option<Category>,
    /// The heading of its series.
    pub series: String,
    /// The criterion in words.
    pub text: String,
}

/// One part of management's description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartFacts {
    /// The description criterion it answers.
    pub criterion: DescriptionCriterionId,
    /// Which component or process it covers.
    pub part: Option<String>,
    /// Its title.
    pub title: String,
    /// Its text as Markdown.
    pub markdown: String,
    /// The file it came from, for messages.
    pub file: String,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlFacts {
    /// The control.
    pub id: ControlId,
    /// Its title.
    pub title: String,
    /// Its text as Markdown, as in force at the end of the time covered.
    pub markdown: String,
    /// The criteria it serves, primary first.
    pub criteria: Vec<CriterionId>,
    /// How often it operates, in words.
    pub frequency: String,
    /// The first day it operated, when inside the period.
    pub since: Option<Date>,
    /// Earlier texts: the last day in force and the Markdown.
    pub earlier: Vec<(Date, String)>,
}

/// One test of one control and its counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestFacts {
    /// The control test's or manual procedure's id.
    pub id: String,
    /// The control.
    pub control: ControlId,
    /// What was done.
    pub nature: Vec<Nature>,
    /// The procedure in words.
    pub procedure: String,
    /// What one item is called, singular and plural.
    pub item: (String, String),
    /// Items in the population after exclusions; `None` without items.
    pub population: Option<u64>,
    /// Items tested; `None` without items.
    pub tested: Option<u64>,
    /// Items that deviated.
    pub deviations: u64,
    /// Items the source could not answer for.
    pub not_tested: u64,
    /// Items that were not observed on at least one day of the period.
    pub with_gaps: u64,
    /// Why the population was not shown to be complete; empty when it was.
    pub incomplete: Vec<String>,
    /// Items left out, and why.
    pub exclusions: Vec<Exclusion>,
    /// How items were chosen.
    pub selection: Selection,
    /// The outcome.
    pub outcome: Outcome,
    /// Why it did not occur or could not be tested, and what shows that.
    pub explanation: Option<String>,
    /// The snapshots it read.
    pub snapshots: Vec<Sha256Hex>,
    /// The run of the control test; `None` for what a person did.
    pub run: Option<RunDigests>,
    /// For a sample drawn beside a test of the whole population: that test.
    pub sample_of: Option<String>,
}

/// A deviation as the auditor recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviationFacts {
    /// The engagement's number.
    pub id: String,
    /// The controls it concerns.
    pub controls: Vec<ControlId>,
    /// The test or procedure that found it.
    pub test: String,
    /// How many items it covers.
    pub count: u64,
    /// What failed and by how much: a clause without a full stop that follows
    /// `For 1 of 27 leavers tested,`.
    pub narrative: String,
    /// Further sentences about what the auditor found.
    pub note: Option<String>,
    /// Management's response, when given.
    pub response: Option<ResponseFacts>,
}

impl DeviationFacts {
    /// Whether `test` is the one, of one of its controls, that found it.
    pub fn belongs_to(&self, test: &TestFacts) -> bool {
        self.test == test.id && self.controls.contains(&test.control)
    }
}

/// Management's response to a deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseFacts {
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

/// The auditor's opinion, per subject matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpinionFacts {
    /// The opinion the heading names.
    pub overall: Opinion,
    /// On the description.
    pub description: Opinion,
    /// On the suitability of design.
    pub design: Opinion,
    /// On operating effectiveness; not read for type 1.
    pub operation: Opinion,
    /// The matters that modify the opinion; empty when it is not modified.
    pub grounds: Vec<Ground>,
}
