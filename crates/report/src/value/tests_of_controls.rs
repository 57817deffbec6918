//! Section IV: how controls were tested, and what came of it.
//!
//! What must hold: every test has exactly one result; a clean result is the
//! constant [`super::NO_EXCEPTIONS`]; "could not test" and "did not occur" are
//! outcomes of their own and never read as clean; a sampled result shows the
//! number tested and the upper deviation limit.

use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, CriterionId, Sha256Hex};
use tickmark_control_tests::Nature;

use super::FactId;
use super::rich_text::Block;

/// The outcome of one test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every item tested met its attribute.
    NoExceptions,
    /// At least one item did not.
    Exceptions,
    /// The circumstances requiring the control did not occur.
    NoOccurrence,
    /// Evidence could not be obtained.
    NotTested,
}

/// How the tested items were chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Selection {
    /// Every item of the population; there is no sampling risk.
    Whole,
    /// A random sample.
    Sample {
        /// The confidence level as a fraction, 0.90 or 0.95.
        confidence: f64,
        /// The upper deviation limit as a fraction of the population.
        upper_limit: f64,
        /// The seed from which the draw can be repeated.
        seed: Option<String>,
    },
    /// Chosen by judgment, or an inspection of documents without items.
    Judgment,
}

/// How much was tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    /// Items in the population, after exclusions; `None` where items do not
    /// apply.
    pub population: Option<u64>,
    /// Items tested.
    pub tested: Option<u64>,
    /// Items that deviated.
    pub deviations: u64,
    /// Items whose evidence the source could not give.
    pub not_tested: u64,
    /// Items that were not observed on at least one day of the period.
    pub with_gaps: u64,
    /// Items left out of the population, and why.
    pub exclusions: Vec<Exclusion>,
    /// How the items were chosen.
    pub selection: Selection,
    /// The same in words: `All 27 leavers of the period.`
    pub words: String,
}

/// Items left out of a population for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// How many.
    pub count: u64,
    /// Why.
    pub reason: String,
}

/// What identifies one run of a control test: the same four digests mean the
/// same words, the same query, the same parameters and the same result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDigests {
    /// Of the definition.
    pub definition: Sha256Hex,
    /// Of the query.
    pub sql: Sha256Hex,
    /// Of the parameters, the period included.
    pub parameters: Sha256Hex,
    /// Of the result, items included.
    pub result: Sha256Hex,
}

/// One test of one control, and its result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestEntry {
    /// The control test's or manual procedure's id.
    pub id: String,
    /// The control it tests.
    pub control: ControlId,
    /// What was done, by verb.
    pub nature: Vec<Nature>,
    /// The test performed by the auditor.
    pub procedure: String,
    /// How much was tested.
    pub extent: Extent,
    /// The outcome.
    pub outcome: Outcome,
    /// The result in words.
    pub result: String,
    /// The deviations behind the result.
    pub deviations: Vec<String>,
    /// The run of the control test; `None` for what a person did.
    pub run: Option<RunDigests>,
    /// What the result rests on.
    pub facts: Vec<FactId>,
}

/// A verb and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verb {
    /// `Inquired`.
    pub verb: String,
    /// What the auditor did when the text says so.
    pub meaning: String,
}

/// What a part of the introduction explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntroTopic {
    /// Scope and use of the section.
    Purpose,
    /// How tests were designed and what the verbs mean.
    Tests,
    /// Sampling and whole populations.
    Sampling,
    /// Information produced by the organization.
    Information,
    /// How to read results.
    Results,
    /// Controls elsewhere that are needed as well.
    Complementary,
}

/// One part of the introduction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntroPart {
    /// What it explains.
    pub topic: IntroTopic,
    /// The heading.
    pub heading: String,
    /// The words.
    pub blocks: Vec<Block>,
}

/// How far the completeness of a population was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Agreed with an independent source, in both directions.
    Reconciled,
    /// Agreed with its own source only: request, counts, first and last record.
    Agreed,
    /// A reconciliation failed or records were rejected.
    Incomplete,
}

/// A population the tests relied on, and how its completeness was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationEntry {
    /// The dataset: `leavers`.
    pub dataset: String,
    /// What it holds.
    pub title: String,
    /// The systems of record.
    pub systems: Vec<String>,
    /// Records relied on.
    pub records: u64,
    /// How far completeness was shown.
    pub standing: Standing,
    /// How completeness and accuracy were shown, in words.
    pub completeness: String,
    /// The snapshots, by hash.
    pub snapshots: Vec<Sha256Hex>,
}

/// One line of the summary of exceptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionEntry {
    /// The deviation as the engagement numbers it.
    pub id: String,
    /// The controls it concerns.
    pub controls: Vec<ControlId>,
    /// The criteria those controls serve, in publication order.
    pub criteria: Vec<CriterionId>,
    /// The test that found it.
    pub test: String,
    /// Items that deviated.
    pub deviations: u64,
    /// Items tested.
    pub tested: u64,
    /// What failed, in one sentence.
    pub summary: String,
}

/// Results by criterion, for the chart: tests counted under each criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartRow {
    /// The criterion.
    pub criterion: CriterionId,
    /// Tests without exceptions.
    pub no_exceptions: u32,
    /// Tests with exceptions.
    pub exceptions: u32,
    /// Tests whose circumstances did not occur.
    pub no_occurrence: u32,
    /// Tests that could not be performed.
    pub not_tested: u32,
}

/// Section IV.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestsOfControls {
    /// The title.
    pub title: String,
    /// The introduction.
    pub introduction: Vec<IntroPart>,
    /// The verbs and their meanings.
    pub verbs: Vec<Verb>,
    /// The populations relied on, by name of dataset.
    pub populations: Vec<PopulationEntry>,
    /// Every exception, in order of control.
    pub exceptions: Vec<ExceptionEntry>,
    /// Results by criterion, in publication order.
    pub chart: Vec<ChartRow>,
    /// Every test once, in order of control and id.
    pub tests: Vec<TestEntry>,
}

impl TestsOfControls {
    /// The tests of one control.
    pub fn of<'a>(&'a self, control: &'a ControlId) -> impl Iterator<Item = &'a TestEntry> {
        self.tests
            .iter()
            .filter(move |test| &test.control == control)
    }
}
