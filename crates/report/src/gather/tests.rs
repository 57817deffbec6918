//! The tests of controls as performed: control tests run again by the firm,
//! manual procedures, and samples.
//!
//! What must hold: every procedure in the auditor's file becomes exactly one
//! test of the report; its counts come from the result it names, never from
//! text.

use std::collections::BTreeMap;

use tickmark_catalog::{ControlId, Problem};
use tickmark_control_tests::{Completeness, ControlTest, ItemStatus, Nature, TestResult};
use tickmark_engagement::{ProcedurePerformed, ProcedureResult, SampleDrawn};

use super::ReportInputs;
use crate::facts::TestFacts;
use crate::value::{Exclusion, Outcome, RunDigests, Selection, long_date};

/// At most this many reasons for exclusion are printed with one test.
const REASONS: usize = 6;

/// Every test of the report, in order of control and id; none for reports that
/// show no tests.
///
/// # Errors
/// A procedure that names a control test without definition or result, or a
/// sample that was not evaluated.
pub fn gather(inputs: &ReportInputs<'_>) -> Result<Vec<TestFacts>, Vec<Problem>> {
    if !super::shows_tests(inputs) {
        return Ok(Vec::new());
    }
    let (mut tests, mut problems) = (Vec::new(), Vec::new());
    let performed = inputs
        .engagement
        .procedures
        .values()
        .map(|procedure| performed(inputs, procedure));
    let sampled = inputs
        .engagement
        .samples
        .values()
        .map(|sample| sampled(inputs, sample));
    for test in performed.chain(sampled) {
        match test {
            Ok(test) => tests.push(test),
            Err(problem) => problems.push(problem),
        }
    }
    tests.sort_by(|a, b| position(a).cmp(&position(b)));
    if problems.is_empty() {
        Ok(tests)
    } else {
        Err(problems)
    }
}

/// Where a test stands: a sample follows the test whose items it draws on.
fn position(test: &TestFacts) -> (&ControlId, &str, bool) {
    let of = test.sample_of.as_deref();
    (&test.control, of.unwrap_or(&test.id), of.is_some())
}

fn performed(
    inputs: &ReportInputs<'_>,
    procedure: &ProcedurePerformed,
) -> Result<TestFacts, Problem> {
    let manual = manual(procedure)?;
    let Some(reperformed) = &procedure.test else {
        return Ok(manual);
    };
    let (test, result) = known(inputs, reperformed.test.as_str())?;
    let counts = &result.counts;
    Ok(TestFacts {
        id: test.id.to_string(),
        item: (test.item.singular.clone(), test.item.plural.clone()),
        population: Some(counts.population - counts.excluded),
        tested: Some(counts.tested),
        deviations: counts.deviations,
        not_tested: counts.not_tested,
        with_gaps: counts.with_gaps,
        incomplete: incomplete(result),
        exclusions: exclusions(result),
        selection: Selection::Whole,
        snapshots: result
            .inputs
            .snapshots
            .iter()
            .map(|snapshot| snapshot.sha256.clone())
            .collect(),
        run: Some(RunDigests {
            definition: result.inputs.definition_sha256.clone(),
            sql: result.inputs.sql_sha256.clone(),
            parameters: result.inputs.parameters_sha256.clone(),
            result: reperformed.result_sha256.clone(),
        }),
        ..manual
    })
}

/// A procedure without items.
fn manual(procedure: &ProcedurePerformed) -> Result<TestFacts, Problem> {
    let (outcome, explanation) = outcome(&procedure.result);
    Ok(TestFacts {
        id: procedure.id.clone(),
        control: procedure.control.clone(),
        nature: vec![nature(procedure)?],
        procedure: with_long_dates(&procedure.text),
        item: ("item".to_owned(), "items".to_owned()),
        population: None,
        tested: None,
        deviations: u64::from(outcome == Outcome::Exceptions),
        not_tested: 0,
        with_gaps: 0,
        incomplete: Vec::new(),
        exclusions: Vec::new(),
        selection: Selection::Judgment,
        outcome,
        explanation,
        snapshots: procedure.documents.values().cloned().collect(),
        run: None,
        sample_of: None,
    })
}

/// The text with its ISO dates written as the rest of the report writes dates.
fn with_long_dates(text: &str) -> String {
    let reword = |piece: &str| {
        let word = piece.trim_end_matches([' ', ',', '.', ';', ')']);
        match word.parse() {
            Ok(date) if word.len() == 10 => piece.replace(word, &long_date(date)),
            _ => piece.to_owned(),
        }
    };
    text.split_inclusive(' ').map(reword).collect()
}

fn outcome(result: &ProcedureResult) -> (Outcome, Option<String>) {
    match result {
        ProcedureResult::NoExceptions => (Outcome::NoExceptions, None),
        ProcedureResult::NoOccurrence => (Outcome::NoOccurrence, None),
        ProcedureResult::Exception { .. } => (Outcome::Exceptions, None),
        ProcedureResult::ScopeLimitation { why } => (Outcome::NotTested, Some(why.clone())),
    }
}

fn nature(procedure: &ProcedurePerformed) -> Result<Nature, Problem> {
    match procedure.nature.as_str() {
        "inquiry" => Ok(Nature::Inquiry),
        "observation" => Ok(Nature::Observation),
        "inspection" => Ok(Nature::Inspection),
        "reperformance" => Ok(Nature::Reperformance),
        other => Err(Problem::new(format!(
            "procedure `{}` has the nature `{other}`",
            procedure.id
        ))
        .hint("use `inquiry`, `observation`, `inspection` or `reperformance`")),
    }
}

fn known<'a>(
    inputs: &ReportInputs<'a>,
    id: &str,
) -> Result<(&'a ControlTest, &'a TestResult), Problem> {
    let test = inputs.tests.iter().find(|test| test.id.as_str() == id);
    let result = inputs
        .results
        .iter()
        .find(|result| result.test.as_str() == id);
    test.zip(result).ok_or_else(|| {
        Problem::new(format!(
            "control test `{id}` has no definition or no result"
        ))
        .hint("run it over the period before the report is built")
    })
}

fn incomplete(result: &TestResult) -> Vec<String> {
    let reasons = result
        .completeness
        .iter()
        .filter_map(|dataset| match &dataset.status {
            Completeness::Incomplete { reasons } => Some(reasons.clone()),
            Completeness::Complete | Completeness::NotShown => None,
        });
    reasons.flatten().collect()
}

/// Excluded items counted by reason, the most frequent first.
fn exclusions(result: &TestResult) -> Vec<Exclusion> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for item in result.items_with(ItemStatus::Excluded) {
        *counts.entry(item.reason.as_str()).or_default() += 1;
    }
    let mut list: Vec<Exclusion> = counts
        .into_iter()
        .map(|(reason, count)| Exclusion {
            count,
            reason: reason.to_owned(),
        })
        .collect();
    list.sort_by_key(|exclusion| std::cmp::Reverse(exclusion.count));
    let rest: u64 = list
        .iter()
        .skip(REASONS)
        .map(|exclusion| exclusion.count)
        .sum();
    list.truncate(REASONS);
    if rest > 0 {
        list.push(Exclusion {
            count: rest,
            reason: "for other reasons, each listed in the result of the test".to_owned(),
        });
    }
    list
}

/// A sample drawn from the items of a control test and inspected one by one.
fn sampled(inputs: &ReportInputs<'_>, sample: &SampleDrawn) -> Result<TestFacts, Problem> {
    let evaluated = inputs
        .engagement
        .sample_results
        .get(&sample.id)
        .ok_or_else(|| {
            Problem::new(format!(
                "sample `{}` was drawn but not evaluated",
                sample.id
            ))
            .hint("evaluate it; a drawn sample cannot be left out")
        })?;
    let (test, result) = known(inputs, sample.test.as_str())?;
    let deviations = evaluated.deviating.len() as u64;
    Ok(TestFacts {
        id: sample.id.clone(),
        control: sample.control.clone(),
        nature: vec![Nature::Inspection],
        procedure: format!(
            "Inspected, item by item, the records behind a random sample of the {} of the preceding test, to determine that each met the attribute tested there.",
            test.item.plural,
        ),
        item: (test.item.singular.clone(), test.item.plural.clone()),
        population: Some(sample.population),
        tested: Some(sample.items.len() as u64),
        deviations,
        not_tested: 0,
        with_gaps: 0,
        incomplete: incomplete(result),
        exclusions: Vec::new(),
        selection: Selection::Sample {
            confidence: confidence(inputs)?,
            upper_limit: permille(evaluated.upper_limit_permille),
            seed: Some(sample.nonce.clone()),
        },
        outcome: if deviations > 0 {
            Outcome::Exceptions
        } else {
            Outcome::NoExceptions
        },
        explanation: None,
        snapshots: vec![sample.population_sha256.clone()],
        run: None,
        sample_of: Some(sample.test.to_string()),
    })
}

fn permille(value: u64) -> f64 {
    // At most 1,000, so the conversion is exact.
    u32::try_from(value).map_or(1.0, |value| f64::from(value) / 1000.0)
}

fn confidence(inputs: &ReportInputs<'_>) -> Result<f64, Problem> {
    let text = inputs
        .engagement
        .terms
        .as_ref()
        .map(|terms| terms.confidence.as_str())
        .unwrap_or_default();
    text.parse().map_err(|_| {
        Problem::new(format!(
            "the engagement's confidence `{text}` is not a decimal fraction"
        ))
        .hint("write it like `0.90`")
    })
}
