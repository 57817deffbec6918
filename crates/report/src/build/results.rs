//! The sentences of a result: how much was tested, and what came of it.
//!
//! What must hold: a clean result is one constant; gaps, missing answers and
//! incomplete populations are said beside the count they weaken; a sampled
//! result shows its upper limit; no sentence of ours speaks about causes,
//! praise or remedies.

use super::numbers::{capitalized, counted, grouped, percent, percent_up};
use crate::facts::{DeviationFacts, TestFacts};
use crate::value::{Exclusion, Extent, NO_EXCEPTIONS, Outcome, Selection};

/// The result of a control whose circumstances did not occur.
pub const NO_OCCURRENCE: &str =
    "Not tested: the circumstances requiring this control did not occur in the period.";

/// How much was tested, as counts and as words.
pub fn extent(test: &TestFacts) -> Extent {
    Extent {
        population: test.population,
        tested: test.tested,
        deviations: test.deviations,
        not_tested: test.not_tested,
        with_gaps: test.with_gaps,
        exclusions: test.exclusions.clone(),
        selection: test.selection.clone(),
        words: sentences(test),
    }
}

fn sentences(test: &TestFacts) -> String {
    let mut parts = Vec::new();
    parts.extend(selection(test));
    parts.extend(
        test.exclusions
            .iter()
            .map(|exclusion| excluded(test, exclusion)),
    );
    if test.not_tested > 0 {
        let items = counted(test.not_tested, &test.item);
        parts.push(format!(
            "{items} could not be tested: the source holds no answer."
        ));
    }
    if test.with_gaps > 0 {
        let items = counted(test.with_gaps, &test.item);
        parts.push(format!(
            "{items} not observed on at least one day of the period."
        ));
    }
    parts.extend(incomplete(test));
    parts.join(" ")
}

fn excluded(test: &TestFacts, exclusion: &Exclusion) -> String {
    let items = counted(exclusion.count, &test.item);
    format!("{items} excluded: {}.", trim(&exclusion.reason))
}

fn incomplete(test: &TestFacts) -> Option<String> {
    (!test.incomplete.is_empty()).then(|| {
        format!(
            "The population was not shown to be complete: {}.",
            test.incomplete.join("; ")
        )
    })
}

fn selection(test: &TestFacts) -> Option<String> {
    let (population, tested) = (test.population?, test.tested?);
    let items = counted(population, &test.item);
    Some(match &test.selection {
        _ if population == 0 => format!("Population of the period: no {}.", test.item.1),
        Selection::Whole => format!("Whole population: {items}."),
        Selection::Sample { .. } => format!("Random sample: {} of {items}.", grouped(tested)),
        Selection::Judgment if tested == population => format!("All {items}."),
        Selection::Judgment => format!("{} of {items}, selected by judgment.", grouped(tested)),
    })
}

fn trim(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

/// The result in words.
pub fn result(test: &TestFacts, deviations: &[&DeviationFacts]) -> String {
    match test.outcome {
        Outcome::NoExceptions => NO_EXCEPTIONS.to_owned(),
        Outcome::NoOccurrence => with_explanation(NO_OCCURRENCE, test),
        Outcome::NotTested => with_explanation(
            "Not tested: sufficient evidence could not be obtained.",
            test,
        ),
        Outcome::Exceptions => exceptions(test, deviations),
    }
}

fn with_explanation(lead: &str, test: &TestFacts) -> String {
    match &test.explanation {
        Some(text) => format!("{lead} {}.", capitalized(trim(text))),
        None => lead.to_owned(),
    }
}

fn exceptions(test: &TestFacts, deviations: &[&DeviationFacts]) -> String {
    let noted = if test.deviations == 1 {
        "Exception noted."
    } else {
        "Exceptions noted."
    };
    let mut parts = vec![noted.to_owned()];
    parts.extend(
        deviations
            .iter()
            .map(|deviation| narrative(test, deviation)),
    );
    parts.extend(sampled(test));
    if let Selection::Sample {
        confidence,
        upper_limit,
        ..
    } = &test.selection
    {
        parts.push(format!(
            "The upper deviation limit is {} at {} confidence.",
            percent_up(*upper_limit),
            percent(*confidence),
        ));
    }
    parts.join(" ")
}

/// `For 1 of 27 leavers tested (the whole population), … .`, and the note.
fn narrative(test: &TestFacts, deviation: &DeviationFacts) -> String {
    let mut text = summary(test, deviation);
    if let Some(note) = &deviation.note {
        text.push_str(&format!(" {}.", trim(note)));
    }
    text
}

/// One sentence about a deviation, for places that do not tell it in full.
pub fn summary(test: &TestFacts, deviation: &DeviationFacts) -> String {
    format!(
        "For {}, {}.",
        share(test, deviation.count),
        trim(&deviation.narrative)
    )
}

fn share(test: &TestFacts, count: u64) -> String {
    let Some(tested) = test.tested else {
        return counted(count, &test.item);
    };
    let of = format!(
        "{} of {} tested",
        grouped(count),
        counted(tested, &test.item)
    );
    match test.selection {
        Selection::Whole => format!("{of} (the whole population)"),
        _ => format!(
            "{of} from a population of {}",
            grouped(test.population.unwrap_or(tested))
        ),
    }
}

/// What a sample drawn beside a whole-population test adds.
fn sampled(test: &TestFacts) -> Option<String> {
    test.sample_of.as_ref()?;
    let of = counted(test.tested?, &test.item);
    Some(format!(
        "{} of {of} tested from a population of {} did not meet the attribute; {}.",
        grouped(test.deviations),
        grouped(test.population?),
        if test.deviations == 1 {
            "it is among the items reported for the preceding test"
        } else {
            "they are among the items reported for the preceding test"
        },
    ))
}

/// The upper limit of a sampled result without exceptions, printed beside it.
pub fn limit_note(extent: &Extent) -> Option<String> {
    let Selection::Sample {
        confidence,
        upper_limit,
        ..
    } = &extent.selection
    else {
        return None;
    };
    Some(format!(
        "Upper deviation limit {} at {} confidence ({} of {} tested).",
        percent_up(*upper_limit),
        percent(*confidence),
        grouped(extent.tested?),
        grouped(extent.population?),
    ))
}

/// The results of a control's tests in short, for places that refer to the full
/// text elsewhere.
pub fn short(outcomes: impl IntoIterator<Item = Outcome>) -> String {
    let outcomes: Vec<Outcome> = outcomes.into_iter().collect();
    let any = |outcome| outcomes.contains(&outcome);
    if any(Outcome::Exceptions) {
        "Exception noted.".to_owned()
    } else if any(Outcome::NotTested) {
        "Not tested in full.".to_owned()
    } else if outcomes
        .iter()
        .all(|outcome| *outcome == Outcome::NoOccurrence)
    {
        "Not tested: no occurrence.".to_owned()
    } else {
        NO_EXCEPTIONS.to_owned()
    }
}
