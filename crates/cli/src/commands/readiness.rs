//! `tickmark readiness`: the truth about where the program stands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use tickmark_catalog::{ControlDefinition, ControlId, ControlTestId, CriterionId, Period};
use tickmark_control_tests::events::RunRecorded;
use tickmark_control_tests::{Completeness, Outcome};
use tickmark_realm::{CompanyState, Folded, Moment, Realm, Result, completeness, recorded};

use super::Session;
use crate::output::{BAD, GOOD, styled};

/// Where one criterion stands.
#[derive(Debug, Serialize)]
struct CriterionReadiness {
    criterion: CriterionId,
    controls: usize,
    without_deviations: Vec<ControlId>,
    with_deviations: Vec<ControlId>,
    no_occurrence: Vec<ControlId>,
    not_tested: Vec<ControlId>,
    by_document_only: Vec<ControlId>,
    without_evidence: Vec<ControlId>,
}

/// Where the program stands.
#[derive(Debug, Serialize)]
struct Readiness {
    criteria: Vec<CriterionReadiness>,
    criteria_without_controls: Vec<CriterionId>,
    incomplete_populations: BTreeMap<String, Vec<String>>,
    populations_not_reconciled: Vec<String>,
    missing_populations: Vec<String>,
}

/// Shows the readiness picture; exit code 1 when anything needs a look.
///
/// # Errors
/// When no program was recorded by then.
pub fn run(session: &Session, at: Option<Moment>) -> Result<u8> {
    let workspace = session.open()?.expect(Realm::Company)?;
    let state = CompanyState::read(&workspace, at)?;
    let readiness = readiness(&state)?;
    session.output.print(&readiness, || text(&readiness))?;
    let fine = readiness.incomplete_populations.is_empty()
        && readiness.criteria.iter().all(|it| {
            it.with_deviations.is_empty()
                && it.not_tested.is_empty()
                && it.without_evidence.is_empty()
        });
    Ok(u8::from(
        !fine || !readiness.criteria_without_controls.is_empty(),
    ))
}

fn readiness(state: &CompanyState) -> Result<Readiness> {
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
fn missing(state: &CompanyState, program: &tickmark_program::Program) -> Result<Vec<String>> {
    let mut missing: Vec<String> = Vec::new();
    for (_, test) in tickmark_realm::tests_for(program)? {
        for table in &test.reads {
            let dataset = tickmark_control_tests::dataset_of(table);
            if !dataset.starts_with("program_") && state.evidence.current(dataset).is_empty() {
                missing.push(dataset.to_owned());
            }
        }
    }
    missing.sort();
    missing.dedup();
    Ok(missing)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Operated,
    Deviates,
    NoOccurrence,
    NotTested,
    Documented,
    Nothing,
}

/// Where one control stands: the worst of the latest runs of its tests over the
/// program's own period, or its documents. A test that was not run over it is
/// one that could not tell.
fn standing(state: &CompanyState, period: Period, control: &ControlDefinition) -> Standing {
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

fn text(readiness: &Readiness) -> String {
    let mut text = format!(
        "{:<8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}\n",
        "", "controls", "fine", "deviate", "nothing", "not", "document", "no"
    );
    text.push_str(&format!(
        "{:<8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}\n",
        "", "", "", "", "occurred", "tested", "only", "evidence"
    ));
    for it in &readiness.criteria {
        let line = format!(
            "{:<8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}",
            it.criterion.to_string(),
            it.controls,
            it.without_deviations.len(),
            it.with_deviations.len(),
            it.no_occurrence.len(),
            it.not_tested.len(),
            it.by_document_only.len(),
            it.without_evidence.len(),
        );
        let bad = it.controls == 0
            || !it.with_deviations.is_empty()
            || !it.not_tested.is_empty()
            || !it.without_evidence.is_empty();
        text.push_str(&format!("{}\n", styled(if bad { BAD } else { GOOD }, line)));
    }
    for (dataset, reasons) in &readiness.incomplete_populations {
        text.push_str(&styled(
            BAD,
            format!(
                "population `{dataset}` is not complete: {}\n",
                reasons.join("; ")
            ),
        ));
    }
    if !readiness.missing_populations.is_empty() {
        text.push_str(&format!(
            "never imported: {}\n",
            readiness.missing_populations.join(", ")
        ));
    }
    if !readiness.populations_not_reconciled.is_empty() {
        text.push_str(&format!(
            "completeness not shown: {}\n",
            readiness.populations_not_reconciled.join(", ")
        ));
    }
    text
}
