//! What the auditor judges on: the scope and the results, as plain values.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::{ControlId, ControlTestId, CriterionId, Problem, Sha256Hex};
use tickmark_control_tests::{Measures, TestResult};

/// The company's scope and the results of its control tests, as the firm
/// received and re-ran them.
#[derive(Debug, Clone, Default)]
pub struct Basis {
    /// Every control in scope with the criteria it serves.
    pub controls: BTreeMap<ControlId, Vec<CriterionId>>,
    /// The applicable criteria, in order of publication.
    pub criteria: Vec<CriterionId>,
    /// Criteria declared not relevant, with the reason disclosed.
    pub not_relevant: BTreeSet<CriterionId>,
    /// Ids of the principal service commitments and system requirements.
    pub commitments: BTreeSet<String>,
    /// Ids of the subservice organizations presented by the inclusive method.
    pub inclusive: BTreeSet<String>,
    /// Control tests that automated configuration is tested by: a deviation is
    /// a span of time, not an instance.
    pub state_tests: BTreeSet<ControlTestId>,
    /// Nature and Section IV text of each control test's procedure, with its
    /// figures filled in.
    pub procedures: BTreeMap<ControlTestId, (String, String)>,
    /// Digest of each document the company handed over, by path.
    pub documents: BTreeMap<String, Sha256Hex>,
    /// The result of each control test.
    pub results: BTreeMap<ControlTestId, TestResult>,
    /// The digest of each result; computed once, since results can be long.
    pub digests: BTreeMap<ControlTestId, Sha256Hex>,
}

impl Basis {
    /// The results of the tests of one control, in order of test id.
    pub fn results_of(&self, control: &ControlId) -> impl Iterator<Item = &TestResult> {
        self.results.values().filter(move |result| {
            result.measures == Measures::Control && result.controls.contains(control)
        })
    }

    /// Takes in results, computing the digest of each.
    ///
    /// # Errors
    /// When a result cannot be encoded.
    pub fn with_results(mut self, results: Vec<TestResult>) -> Result<Self, Problem> {
        for result in results {
            self.digests.insert(result.test.clone(), result.sha256()?);
            self.results.insert(result.test.clone(), result);
        }
        Ok(self)
    }

    /// The digest of a test's result.
    ///
    /// # Errors
    /// When the test has none.
    pub fn digest(&self, test: &ControlTestId) -> Result<Sha256Hex, Problem> {
        let missing = || {
            Problem::new(format!("control test `{test}` has no result"))
                .hint("run it over the period first")
        };
        self.digests.get(test).cloned().ok_or_else(missing)
    }

    /// The controls that serve one criterion.
    pub fn controls_of(&self, criterion: CriterionId) -> impl Iterator<Item = &ControlId> {
        self.controls
            .iter()
            .filter(move |(_, criteria)| criteria.contains(&criterion))
            .map(|(control, _)| control)
    }
}
