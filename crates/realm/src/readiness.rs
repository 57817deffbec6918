//! Where a program stands: for each criterion which of its controls are
//! evidenced over the period, which deviate, and what is missing.
//!
//! What must hold: a control stands where the worst of its tests stands; what
//! was not tested is never counted among what operated; a population that is
//! not complete is named beside the counts.

use std::collections::BTreeMap;

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
    let standing: BTreeMap<ControlId, Standing> = program
        .controls
        .iter()
        .map(|control| {
            (
                control.definition.id.clone(),
                standing(state, program.period, &control.definition),
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
    let results = recorded(state, &program)?;
    for (dataset, shown) in completeness(state, &results, Timestamp::MAX) {
        match shown {
            Completeness::Complete => {}
            Completeness::Incomplete { reasons } => _ = incomplete.insert(dataset, reasons),
            Completeness::NotShown => not_reconciled.push(dataset),
        }
    }
    Ok(Readiness {
        criteria: criteria.collect(),
        criteria_without_controls: program.criteria_without_controls(),
        incomplete_populations: incomplete,
        populations_not_reconciled: not_reconciled,
        missing_populations: missing(state, &program)?,
    })
}

/// Datasets that control tests in force read and that were never imported.
fn missing(state: &CompanyState, program: &Program) -> Result<Vec<String>> {
    let mut missing: Vec<String> = Vec::new();
    for (_, test) in tests_for(program)? {
        for table in &test.reads {
            let dataset = dataset_of(table);
            if !dataset.starts_with("program_") && state.evidence.current(dataset).is_empty() {
                missing.push(dataset.to_owned());
            }
        }
    }
    missing.sort();
    missing.dedup();
    Ok(missing)
}

/// Where one control stands: the worst of the latest runs of its tests over the
/// program's own period, or its documents. A test that was not run over it is
/// one that could not tell.
pub fn standing(state: &CompanyState, period: Period, control: &ControlDefinition) -> Standing {
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
    } else if state
        .evidence
        .artifacts()
        .any(|artifact| artifact.controls.contains(&control.id))
    {
        Standing::Documented
    } else {
        Standing::Nothing
    }
}
