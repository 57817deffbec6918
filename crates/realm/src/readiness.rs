//! Where a program stands: for each criterion which of its controls are
//! evidenced over the period, which deviate, and what is missing.
//!
//! What must hold: a control stands where the worst of its tests stands; what
//! was not tested is never counted among what operated; a population that is
//! not complete is named beside the counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use tickmark_catalog::{ControlDefinition, ControlId, ControlTestId, CriterionId, Period};
use tickmark_control_tests::events::RunRecorded;
use tickmark_control_tests::{Completeness, Outcome, dataset_of};
use tickmark_program::Program;

use crate::company_state::{CompanyState, tests_for};
use crate::error::Result;
use crate::reconcile::{completeness, recorded};

/// Where one criterion stands.
#[derive(Debug, Clone, Serialize)]
pub struct CriterionReadiness {
    /// The criterion.
    pub criterion: CriterionId,
    /// How many controls support it.
    pub controls: usize,
    /// Controls whose tests found no deviation.
    pub without_deviations: Vec<ControlId>,
    /// Controls of which an item deviates.
    pub with_deviations: Vec<ControlId>,
    /// Controls that nothing called for in the period.
    pub no_occurrence: Vec<ControlId>,
    /// Controls of which a test could not tell, or was not run.
    pub not_tested: Vec<ControlId>,
    /// Controls shown by documents alone.
    pub by_document_only: Vec<ControlId>,
    /// Controls of which there is no evidence at all.
    pub without_evidence: Vec<ControlId>,
}

/// Where the program stands.
#[derive(Debug, Clone, Serialize)]
pub struct Readiness {
    /// Each applicable criterion, in order.
    pub criteria: Vec<CriterionReadiness>,
    /// Criteria that no control supports.
    pub criteria_without_controls: Vec<CriterionId>,
    /// Datasets known not to be complete, with the reasons.
    pub incomplete_populations: BTreeMap<String, Vec<String>>,
    /// Datasets that no reconciliation covers.
    pub populations_not_reconciled: Vec<String>,
    /// Datasets that a test reads and that were never imported.
    pub missing_populations: Vec<String>,
}

/// Where one control stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// An item deviates.
    Deviates,
    /// A test could not tell, or was not run.
    NotTested,
    /// There is no evidence at all.
    Nothing,
    /// Only documents show it.
    Documented,
    /// Nothing called for it in the period.
    NoOccurrence,
    /// Tested, and no item deviates.
    Operated,
}

/// Where a program stands, by what a ledger says.
///
/// # Errors
/// When no program was recorded, or one of its definitions is broken.
pub fn readiness(state: &CompanyState) -> Result<Readiness> {
    let program = state.program()?;
    let tests = tests_for(&program)?;
    let complete = completeness(state, &recorded(state, &program)?, Timestamp::MAX);
    let reads = tests.iter().flat_map(|(_, test)| &test.reads);
    Ok(readiness_of(state, &program, reads, &complete))
}

/// As [`readiness`], of a program that was read already.
///
/// `reads`: the tables that the control tests in force read; `complete`: how
/// complete each dataset is.
pub fn readiness_of<'t>(
    state: &CompanyState,
    program: &Program,
    reads: impl Iterator<Item = &'t String>,
    complete: &BTreeMap<String, Completeness>,
) -> Readiness {
    let documented = documented(state);
    let standing: BTreeMap<ControlId, Standing> = program
        .controls
        .iter()
        .map(|control| {
            (
                control.definition.id.clone(),
                standing(state, &documented, program.period, &control.definition),
            )
        })
        .collect();
    let criteria = program.applicable_criteria().into_iter().map(|criterion| {
        let of = |wanted: Standing| {
            let controls = program
                .controls_for(criterion)
                .map(|control| control.definition.id.clone());
            controls
                .filter(|id| standing.get(id) == Some(&wanted))
                .collect::<Vec<_>>()
        };
        CriterionReadiness {
            criterion,
            controls: program.controls_for(criterion).count(),
            without_deviations: of(Standing::Operated),
            with_deviations: of(Standing::Deviates),
            no_occurrence: of(Standing::NoOccurrence),
            not_tested: of(Standing::NotTested),
            by_document_only: of(Standing::Documented),
            without_evidence: of(Standing::Nothing),
        }
    });
    let mut incomplete = BTreeMap::new();
    let mut not_reconciled = Vec::new();
    for (dataset, shown) in complete {
        match shown {
            Completeness::Complete => {}
            Completeness::Incomplete { reasons } => {
                incomplete.insert(dataset.clone(), reasons.clone());
            }
            Completeness::NotShown => not_reconciled.push(dataset.clone()),
        }
    }
    Readiness {
        criteria: criteria.collect(),
        criteria_without_controls: program.criteria_without_controls(),
        incomplete_populations: incomplete,
        populations_not_reconciled: not_reconciled,
        missing_populations: missing(state, reads),
    }
}

/// Datasets that control tests in force read and that were never imported.
fn missing<'t>(state: &CompanyState, reads: impl Iterator<Item = &'t String>) -> Vec<String> {
    let mut missing: Vec<String> = reads
        .map(|table| dataset_of(table))
        .filter(|dataset| !dataset.starts_with("program_"))
        .filter(|dataset| state.evidence.current(dataset).is_empty())
        .map(str::to_owned)
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// The controls that a document shows.
pub fn documented(state: &CompanyState) -> BTreeSet<&ControlId> {
    let artifacts = state.evidence.artifacts();
    artifacts.flat_map(|artifact| &artifact.controls).collect()
}

/// Where one control stands: the worst of the latest runs of its tests over the
/// program's own period, or its documents. A test that was not run over it is
/// one that could not tell. `documented`: as [`documented`] tells.
pub fn standing(
    state: &CompanyState,
    documented: &BTreeSet<&ControlId>,
    period: Period,
    control: &ControlDefinition,
) -> Standing {
    let run_of = |test: &ControlTestId| state.control_tests.runs.get(&(test.clone(), period));
    let runs: Vec<Option<&RunRecorded>> = control
        .tests
        .iter()
        .map(|test| run_of(test).map(|(run, _)| run))
        .collect();
    let any = |wanted: fn(&Outcome) -> bool| runs.iter().flatten().any(|run| wanted(&run.outcome));
    if any(|it| *it == Outcome::Deviations) {
        Standing::Deviates
    } else if any(|it| matches!(it, Outcome::NotTested { .. })) || runs.contains(&None) {
        Standing::NotTested
    } else if any(|it| *it == Outcome::NoDeviations) {
        Standing::Operated
    } else if any(|it| *it == Outcome::NoOccurrence) {
        Standing::NoOccurrence
    } else if documented.contains(&control.id) {
        Standing::Documented
    } else {
        Standing::Nothing
    }
}
