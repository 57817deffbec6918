//! From program, results and engagement to the facts of a report.
//!
//! What must hold: this is where other crates' values end; nothing is judged or
//! worded here beyond naming what a record says. What is missing is a problem,
//! and all problems are told at once.

mod engagement;
mod populations;
pub mod program;
mod tests;

use std::collections::BTreeMap;

use tickmark_catalog::{CriterionId, Problem, Problems, Sha256Hex};
use tickmark_control_tests::{ControlTest, TestResult};
use tickmark_engagement::{EngagementState, LetterKind, ReportEntry};
use tickmark_program::Program;

use crate::facts::{ManagementFacts, ReportFacts};
use crate::value::{CheckpointText, Coverage, InputDigest, ReportType};

pub use populations::ReconciliationFacts;

/// Everything a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct ReportInputs<'a> {
    /// The company's program.
    pub program: &'a Program,
    /// The definitions of the control tests that were run.
    pub tests: &'a [ControlTest],
    /// Their results over the period.
    pub results: &'a [TestResult],
    /// The auditor's file.
    pub engagement: &'a EngagementState,
    /// The report to be issued.
    pub report: &'a ReportEntry,
    /// The system of record of each source, by source id.
    pub systems: &'a BTreeMap<String, String>,
    /// The reconciliations that were run.
    pub reconciliations: &'a [ReconciliationFacts],
    /// Criteria in the official wording, when the firm holds a licence; a
    /// criterion not listed is printed in our words.
    pub wording: &'a BTreeMap<CriterionId, String>,
    /// The checkpoints the report relies on.
    pub checkpoints: &'a [CheckpointText],
    /// The digests of the inputs.
    pub inputs: &'a [InputDigest],
    /// The digest over all of them.
    pub inputs_digest: Option<&'a Sha256Hex>,
}

/// Gathers the facts.
///
/// # Errors
/// Everything that is missing: terms, opinion, letters, results, evaluations.
pub fn gather(inputs: &ReportInputs<'_>) -> Result<ReportFacts, Problems> {
    let mut problems = missing(inputs);
    let tests = tests::gather(inputs).unwrap_or_else(|more| {
        problems.extend(more);
        Vec::new()
    });
    let (Some(terms), Some(opinion)) = (&inputs.engagement.terms, engagement::opinion(inputs))
    else {
        return Err(Problems(problems));
    };
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let (report_type, program) = (terms.report_type, inputs.program);
    Ok(ReportFacts {
        report_type,
        report_id: inputs.report.id.clone(),
        report_date: inputs.report.dated,
        coverage: coverage(report_type, terms.period),
        organization: program::organization(program),
        management: management(inputs),
        system: program::system(program),
        firm: engagement::firm(terms),
        addressee: terms.addressee.clone(),
        categories: terms.categories.clone(),
        criteria: program::criteria(program, inputs.wording),
        not_relevant: program::not_relevant(program),
        description: program::description(program),
        commitments: program::commitments(program),
        requirements: program::requirements(program),
        incidents: program::incidents(program),
        user_entity_controls: program::user_entity_controls(program),
        user_responsibilities: program.user_responsibilities.clone(),
        subservice: program::subservice(program),
        changes: program::changes(program),
        controls: program::controls(program),
        tests,
        deviations: engagement::deviations(inputs),
        populations: populations::gather(inputs),
        emphasis: engagement::emphasis(inputs),
        opinion,
        inputs_digest: inputs.inputs_digest.cloned(),
        checkpoints: inputs.checkpoints.to_vec(),
        inputs: inputs.inputs.to_vec(),
    })
}

/// Whether the report shows tests and their results: only type 2 does.
fn shows_tests(inputs: &ReportInputs<'_>) -> bool {
    let terms = inputs.engagement.terms.as_ref();
    terms.is_some_and(|terms| terms.report_type == ReportType::Type2)
}

fn coverage(report_type: ReportType, period: tickmark_catalog::Period) -> Coverage {
    match report_type {
        ReportType::Type1 => Coverage::AsOf { date: period.end },
        ReportType::Type2 | ReportType::Soc3 => Coverage::throughout(period),
    }
}

fn management(inputs: &ReportInputs<'_>) -> ManagementFacts {
    let management = &inputs.program.management;
    let assertion = inputs.engagement.letters.get(&LetterKind::Assertion);
    ManagementFacts {
        signatory_title: management.signatory_title.clone(),
        place: management.assertion_place.clone(),
        // `missing` has refused an engagement without the assertion.
        date: assertion.map_or(inputs.report.dated, |letter| letter.dated),
    }
}

fn missing(inputs: &ReportInputs<'_>) -> Vec<Problem> {
    let engagement = inputs.engagement;
    let mut problems = Vec::new();
    if engagement.terms.is_none() {
        problems.push(Problem::new("the engagement was not opened").hint("record its terms first"));
    }
    if engagement.opinion.is_none() {
        problems.push(
            Problem::new("no opinion was concluded")
                .hint("a partner concludes it; the program never does"),
        );
    }
    if !engagement.letters.contains_key(&LetterKind::Assertion) {
        problems.push(
            Problem::new("management's assertion is not on file")
                .hint("record the letter with its date"),
        );
    }
    problems
}
