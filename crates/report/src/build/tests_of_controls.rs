//! Section IV: tests of controls and their results, and the chart over them.
//!
//! What must hold: each test is told once; the chart counts a test under every
//! criterion its control serves, so its rows agree with the tables.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::CriterionId;

use super::voice::Voice;
use super::{introduction, results};
use crate::facts::{DeviationFacts, ReportFacts, TestFacts};
use crate::value::{
    ChartRow, ExceptionEntry, FactId, Outcome, ReportType, Selection, TestEntry, TestsOfControls,
};

/// The title of Section IV in a type 2 report.
pub const TITLE: &str = "Criteria, Controls, Tests of Controls and Results of Tests";

/// Writes Section IV; only type 2 reports have it.
pub fn write(facts: &ReportFacts) -> Option<TestsOfControls> {
    (facts.report_type == ReportType::Type2).then(|| TestsOfControls {
        title: TITLE.to_owned(),
        introduction: introduction::parts(Voice { facts }),
        verbs: introduction::verbs(),
        populations: facts.populations.clone(),
        exceptions: exceptions(facts),
        chart: chart(facts),
        tests: facts.tests.iter().map(|test| entry(facts, test)).collect(),
    })
}

fn deviations_of<'a>(facts: &'a ReportFacts, test: &TestFacts) -> Vec<&'a DeviationFacts> {
    facts
        .deviations
        .iter()
        .filter(|d| d.belongs_to(test))
        .collect()
}

fn entry(facts: &ReportFacts, test: &TestFacts) -> TestEntry {
    let deviations = deviations_of(facts, test);
    TestEntry {
        id: test.id.clone(),
        control: test.control.clone(),
        nature: test.nature.clone(),
        procedure: test.procedure.clone(),
        extent: results::extent(test),
        outcome: test.outcome,
        result: results::result(test, &deviations),
        deviations: deviations.iter().map(|d| d.id.clone()).collect(),
        run: test.run.clone(),
        facts: rests_on(test, &deviations),
    }
}

fn rests_on(test: &TestFacts, deviations: &[&DeviationFacts]) -> Vec<FactId> {
    let mut facts = vec![FactId::control(&test.control), FactId::test(&test.id)];
    facts.extend(test.snapshots.iter().map(FactId::snapshot));
    facts.extend(deviations.iter().map(|d| FactId::deviation(&d.id)));
    if matches!(test.selection, Selection::Sample { .. }) {
        facts.push(FactId::sample(&test.id));
    }
    facts
}

/// Each deviation once, in order of their numbers.
fn exceptions(facts: &ReportFacts) -> Vec<ExceptionEntry> {
    in_order(facts)
        .into_iter()
        .map(|(test, d)| exception(facts, test, d))
        .collect()
}

/// The deviations, each with the first test that tells it, in order of their
/// numbers.
pub fn in_order(facts: &ReportFacts) -> Vec<(&TestFacts, &DeviationFacts)> {
    let mut told = BTreeSet::new();
    let pairs = facts.tests.iter().flat_map(|test| {
        deviations_of(facts, test)
            .into_iter()
            .map(move |deviation| (test, deviation))
    });
    let mut list: Vec<_> = pairs
        .filter(|(_, deviation)| told.insert(&deviation.id))
        .collect();
    // Shorter ids first, so that `D-9` comes before `D-10`.
    list.sort_by_key(|(_, deviation)| (deviation.id.len(), &deviation.id));
    list
}

fn exception(facts: &ReportFacts, test: &TestFacts, deviation: &DeviationFacts) -> ExceptionEntry {
    let concerned = facts
        .controls
        .iter()
        .filter(|c| deviation.controls.contains(&c.id));
    let applicable = |id: &CriterionId| facts.criteria.iter().any(|c| c.id == *id);
    let criteria: BTreeSet<CriterionId> = concerned
        .flat_map(|c| c.criteria.iter().copied())
        .filter(applicable)
        .collect();
    ExceptionEntry {
        id: deviation.id.clone(),
        controls: deviation.controls.clone(),
        criteria: criteria.into_iter().collect(),
        test: test.id.clone(),
        deviations: deviation.count,
        tested: test.tested.unwrap_or(0),
        summary: results::summary(test, deviation),
    }
}

fn chart(facts: &ReportFacts) -> Vec<ChartRow> {
    let mut rows: BTreeMap<CriterionId, ChartRow> =
        facts.criteria.iter().map(|c| (c.id, empty(c.id))).collect();
    for test in &facts.tests {
        let control = facts.controls.iter().find(|c| c.id == test.control);
        for criterion in control.iter().flat_map(|c| &c.criteria) {
            if let Some(row) = rows.get_mut(criterion) {
                count(row, test.outcome);
            }
        }
    }
    rows.into_values().collect()
}

fn empty(criterion: CriterionId) -> ChartRow {
    ChartRow {
        criterion,
        no_exceptions: 0,
        exceptions: 0,
        no_occurrence: 0,
        not_tested: 0,
    }
}

fn count(row: &mut ChartRow, outcome: Outcome) {
    match outcome {
        Outcome::NoExceptions => row.no_exceptions += 1,
        Outcome::Exceptions => row.exceptions += 1,
        Outcome::NoOccurrence => row.no_occurrence += 1,
        Outcome::NotTested => row.not_tested += 1,
    }
}
