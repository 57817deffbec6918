//! The report as a plain value: everything a reader sees, and why we may say it.
//!
//! What must hold:
//! - The value is complete: renderers add layout, never words of substance.
//! - It is stable: [`FORMAT`] changes when the shape changes, and the same
//!   inputs give the same JSON, byte for byte.
//! - A sentence generated from facts carries the ids of those facts.
//! - Every control, test and criterion is told once; other places refer to it
//!   by id, so the same control cannot show two results.

mod appendix;
mod controls;
mod description;
mod fact_id;
mod letter;
mod meta;
mod other_information;
pub mod rich_text;
mod tests_of_controls;

use serde::{Deserialize, Serialize};

pub use appendix::{Appendix, CheckpointText, InputDigest};
pub use controls::{ControlEntry, ControlVersion, CriterionEntry};
pub use description::{
    Change, Chapter, Commitment, Description, DescriptionPart, Incident, NotRelevant, Subservice,
    SubserviceControl, SubserviceMethod, UserEntityControl,
};
pub use fact_id::FactId;
pub use letter::{Letter, Passage, Signature, Subject};
pub use meta::{Coverage, Firm, Meta, Organization, SectionHead, label, long_date};
pub use other_information::{OtherInformation, Response};
pub use rich_text::{Block, Inline};
pub use tests_of_controls::{
    ChartRow, ExceptionEntry, Exclusion, Extent, IntroPart, IntroTopic, Outcome, PopulationEntry,
    RunDigests, Selection, Standing, TestEntry, TestsOfControls, Verb,
};
pub use tickmark_catalog::ReportType;
pub use tickmark_control_tests::Nature;
pub use tickmark_engagement::ladder::Opinion;

/// The version of the shape of [`Report`]; readers refuse what they do not know.
pub const FORMAT: u32 = 1;

/// The result of a test that met no exception. One constant in the whole
/// report, so that a reader can search for everything else.
pub const NO_EXCEPTIONS: &str = "No exceptions noted.";

/// A SOC 2 report of type 1 or type 2, or a SOC 3 report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What the cover says.
    pub meta: Meta,
    /// The sections in reading order, as the contents list them.
    pub contents: Vec<SectionHead>,
    /// The independent service auditor's report.
    pub auditor_report: Letter,
    /// Management's assertion.
    pub assertion: Letter,
    /// Management's description of the system. In a SOC 3 report it holds only
    /// what the two attachments show.
    pub description: Description,
    /// The criteria of the chosen categories in publication order, each with
    /// the controls that serve it. Empty in a SOC 3 report.
    pub criteria: Vec<CriterionEntry>,
    /// Every control once, in order of id. Empty in a SOC 3 report.
    pub controls: Vec<ControlEntry>,
    /// Tests of controls and their results; type 2 only.
    pub tests: Option<TestsOfControls>,
    /// Other information provided by management; absent when there is none.
    pub other_information: Option<OtherInformation>,
    /// How a reader checks that this report is genuine.
    pub appendix: Appendix,
}

impl Report {
    /// The control called `id`, if the report has it.
    pub fn control(&self, id: &tickmark_catalog::ControlId) -> Option<&ControlEntry> {
        self.controls.iter().find(|control| &control.id == id)
    }

    /// The report as canonical-order JSON with a final line feed.
    ///
    /// # Errors
    /// Never for a value built by this crate; the error is kept so that callers
    /// need no `unwrap`.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        Ok(json)
    }
}
