//! Reconciliations: comparing again what a ledger says was compared, and what
//! follows for the completeness of populations.
//!
//! What must hold: a result counts only while the program holds the very
//! definition it was made by; conditions and keys are SQL that a user wrote and
//! run in a child process.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tickmark_catalog::{Problem, Problems, Sha256Hex, catalog};
use tickmark_control_tests::Completeness;
use tickmark_evidence::{Reconciliation, ReconciliationResult, Side};
use tickmark_program::Program;
use tickmark_runner::{KeyQuery, key_rows_in_child};

use crate::company_state::CompanyState;
use crate::error::{Error, Result};
use crate::evaluate::Evaluation;

/// A reconciliation of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its file in the program's folder.
    pub file: String,
    /// What it says.
    pub reconciliation: Reconciliation,
    /// Digest of the file's text.
    pub sha256: Sha256Hex,
}

/// Parses the reconciliations of a program.
///
/// # Errors
/// Every problem of every definition.
pub fn reconciliations(program: &Program) -> Result<Vec<Definition>, Problems> {
    let mut read = Vec::new();
    let mut problems = Vec::new();
    for (id, text) in &program.reconciliations {
        let file = format!("reconciliations/{id}.toml");
        match Reconciliation::parse(&file, text, &catalog().datasets) {
            Ok(reconciliation) => read.push(Definition {
                file,
                reconciliation,
                sha256: Sha256Hex::of(text.as_bytes()),
            }),
            Err(found) => problems.extend(found),
        }
    }
    Problems::unless_empty(problems, read)
}

/// The latest recorded results that were made by the definitions in force.
///
/// # Errors
/// As [`reconciliations`].
pub fn recorded(
    state: &CompanyState,
    program: &Program,
) -> Result<Vec<ReconciliationResult>, Problems> {
    let definitions = reconciliations(program)?;
    let in_force = |result: &ReconciliationResult| {
        definitions
            .iter()
            .any(|it| it.reconciliation.id == result.id && it.sha256 == result.definition)
    };
    let latest = state.evidence.reconciliations().map(|it| &it.value);
    Ok(latest.filter(|it| in_force(it)).cloned().collect())
}

/// What `results` show of the completeness of every dataset, as of an instant:
/// a result counts while the snapshots it read were the current ones then.
pub fn completeness(
    state: &CompanyState,
    results: &[ReconciliationResult],
    as_of: Timestamp,
) -> BTreeMap<String, Completeness> {
    let known = state.evidence.observed_until(as_of);
    let of = |dataset: &str| match known.completeness_by(dataset, results) {
        tickmark_evidence::Completeness::Complete => Completeness::Complete,
        tickmark_evidence::Completeness::Incomplete { reasons } => {
            Completeness::Incomplete { reasons }
        }
        tickmark_evidence::Completeness::NotShown => Completeness::NotShown,
    };
    let datasets = state.evidence.datasets();
    datasets
        .map(|dataset| (dataset.to_owned(), of(dataset)))
        .collect()
}

impl Evaluation {
    /// Compares the two sides of every reconciliation of the program of which
    /// both were imported; the others show nothing. In order of id.
    ///
    /// # Errors
    /// Every condition or key that may not run, or was stopped at a limit.
    pub fn reconcile(&self) -> Result<Vec<ReconciliationResult>, Problems> {
        let mut definitions = reconciliations(self.program())?;
        let imported = |side: &Side| self.current.iter().any(|(name, _)| *name == side.dataset);
        definitions
            .retain(|it| imported(&it.reconciliation.left) && imported(&it.reconciliation.right));
        match self.compare_all(&definitions) {
            Ok(outcomes) => collected(outcomes),
            // One of them took the child down: which one is found by taking
            // them one at a time.
            Err(problem) if definitions.len() < 2 => Err(named(&definitions, problem).into()),
            Err(_) => collected(definitions.iter().flat_map(|one| {
                let one = std::slice::from_ref(one);
                self.compare_all(one)
                    .unwrap_or_else(|problem| vec![Err(named(one, problem))])
            })),
        }
    }

    /// Compares the sides of all in one child process.
    fn compare_all(
        &self,
        definitions: &[Definition],
    ) -> Result<Vec<Result<ReconciliationResult, Problem>>, Problem> {
        if definitions.is_empty() {
            return Ok(Vec::new());
        }
        let queries: Vec<KeyQuery> = definitions
            .iter()
            .flat_map(|it| {
                [&it.reconciliation.left, &it.reconciliation.right]
                    .map(|side| query(side, &it.file))
            })
            .collect();
        let config = self.runner.config();
        let answers = key_rows_in_child(&self.executable, config, &self.datasets, &queries)?;
        let mut answers = answers.into_iter();
        let mut compared = Vec::with_capacity(definitions.len());
        while let (Some(left), Some(right)) = (answers.next(), answers.next()) {
            let Some(it) = definitions.get(compared.len()) else {
                break;
            };
            compared.push(left.and_then(|left| {
                let definition = it.sha256.clone();
                let read = self.snapshots_of(&it.reconciliation);
                Ok(it.reconciliation.compare(left, right?, definition, read))
            }));
        }
        Ok(compared)
    }

    /// The current snapshots of both sides.
    fn snapshots_of(&self, reconciliation: &Reconciliation) -> Vec<Sha256Hex> {
        let read = [&reconciliation.left.dataset, &reconciliation.right.dataset];
        let current = self.current.iter();
        current
            .filter(|(dataset, _)| read.contains(&dataset))
            .map(|(_, sha256)| sha256.clone())
            .collect()
    }
}

fn query(side: &Side, file: &str) -> KeyQuery {
    KeyQuery {
        table: side.dataset.clone(),
        source: side.source.clone(),
        filter: side.condition.clone(),
        key: side.key.clone(),
        file: file.to_owned(),
    }
}

/// Puts the name of the reconciliation above what took its process down.
fn named(definitions: &[Definition], mut problem: Problem) -> Problem {
    if let Some(it) = definitions.first() {
        let message = format!("reconciliation `{}` could not run", it.reconciliation.id);
        let cause = std::mem::replace(&mut problem.message, message);
        problem.causes.insert(0, cause);
        problem = problem.in_file(it.file.clone());
    }
    problem
}

fn collected(
    outcomes: impl IntoIterator<Item = Result<ReconciliationResult, Problem>>,
) -> Result<Vec<ReconciliationResult>, Problems> {
    let mut results = Vec::new();
    let mut problems = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(result) => results.push(result),
            Err(problem) => problems.push(problem),
        }
    }
    Problems::unless_empty(problems, results)
}

/// Compares what was recorded with what came out again, wherever both were
/// made from the same snapshots by the same definition; returns how many were
/// compared.
///
/// # Errors
/// The first recorded result that does not come out again.
pub(crate) fn compare_recorded(
    state: &CompanyState,
    results: &[ReconciliationResult],
) -> Result<usize> {
    let mut compared = 0;
    for result in results {
        let same_inputs = |it: &&ReconciliationResult| {
            (&it.definition, &it.read) == (&result.definition, &result.read)
        };
        let history = state.evidence.reconciliation_history(&result.id).iter();
        let mut comparable = history.map(|it| &it.value).filter(same_inputs).peekable();
        compared += usize::from(comparable.peek().is_some());
        if let Some(wrong) = comparable.find(|it| *it != result) {
            let differs = Problem::new(format!(
                "reconciliation `{}` gives another result than the one recorded",
                result.id
            ));
            return Err(Error::Damaged(
                differs
                    .cause(format!("recorded: {}", figures(wrong)))
                    .cause(format!("compared again: {}", figures(result))),
            ));
        }
    }
    Ok(compared)
}

fn figures(result: &ReconciliationResult) -> String {
    let complete = if result.complete {
        "complete"
    } else {
        "not complete"
    };
    format!(
        "{} matched, {} only left, {} only right, {complete}",
        result.matched_count,
        result.only_left.len(),
        result.only_right.len()
    )
}
