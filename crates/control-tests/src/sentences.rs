//! Sentences about a test and its result, with their numbers filled in.
//!
//! Must hold: a percentage never stands without its counts; what was excluded
//! or could not be tested is said in the same sentence as the deviations; no
//! sentence names a person, a cause or a remedy.

use tickmark_catalog::{Period, Problem};

use crate::definition::ControlTest;
use crate::result::{Counts, Outcome, TestResult};

/// Names that `{placeholders}` may use besides the test's parameters.
pub const PLACEHOLDERS: &[&str] = &[
    "population",
    "tested",
    "operated",
    "deviations",
    "excluded",
    "not_tested",
    "percent",
    "items",
    "period_start",
    "period_end",
];

/// What came out of a test whose control was not called for.
const NO_OCCURRENCE: &str =
    "Not tested: nothing occurred in the period that required this control to operate.";

/// The names between braces, in order; an unclosed brace is plain text.
pub fn placeholders(template: &str) -> Vec<&str> {
    pieces(template)
        .into_iter()
        .filter_map(|piece| piece.err())
        .collect()
}

/// Splits into plain text (`Ok`) and placeholder names (`Err`).
fn pieces(template: &str) -> Vec<Result<&str, &str>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else {
            break;
        };
        pieces.push(Ok(before));
        pieces.push(Err(name));
        rest = behind;
    }
    pieces.push(Ok(rest));
    pieces
}

/// Fills the placeholders of a template.
///
/// # Errors
/// A placeholder that `value_of` has no text for.
pub fn fill(template: &str, value_of: impl Fn(&str) -> Option<String>) -> Result<String, Problem> {
    let unknown = |name: &str| Problem::new(format!("nothing is known to fill `{{{name}}}` with"));
    pieces(template)
        .into_iter()
        .map(|piece| {
            piece.map_or_else(
                |name| value_of(name).ok_or_else(|| unknown(name)),
                |text| Ok(text.to_owned()),
            )
        })
        .collect()
}

/// What was done, as Section IV says it, with its numbers.
///
/// # Errors
/// A placeholder that is unknown; none in a test that was read from a folder.
pub fn procedure(test: &ControlTest, result: &TestResult) -> Result<String, Problem> {
    let template = for_few(&test.procedure, result.counts.population);
    let text = fill(&template, |name| {
        value_of(test, result.period, &result.counts, name)
    })?;
    Ok(numbered(&text))
}

/// The template for a population of none or one, of which nobody says "each of
/// the 0 breaches" or "for the 1 interval". Other populations leave it as it is.
fn for_few(template: &str, population: u64) -> String {
    match population {
        0 => template
            .replace("each of the {population} ", "any ")
            .replace("the {population} ", "any "),
        1 => template.replace("the {population} ", "the "),
        _ => template.to_owned(),
    }
}

/// The text with every `day(s)` in the number of the count before it:
/// `1 business day`, `5 business days`.
fn numbered(text: &str) -> String {
    let mut pieces = text.split("(s)");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let count = out.split_whitespace().rev().find(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b',')
        });
        if count != Some("1") {
            out.push('s');
        }
        out.push_str(piece);
    }
    out
}

/// What came out, for the person who ran the test; the report words its results
/// itself.
///
/// "For 1 of 27 leavers tested (100% of the population), an account of the
/// leaver was …."
///
/// # Errors
/// A placeholder that is unknown; none in a test that was read from a folder.
pub fn finding(test: &ControlTest, result: &TestResult) -> Result<String, Problem> {
    let counts = &result.counts;
    let tested = format!(
        "{} {}",
        thousands(counts.tested),
        test.item.for_count(counts.tested)
    );
    let extent = extent(counts);
    Ok(match &result.outcome {
        Outcome::NoOccurrence => NO_OCCURRENCE.to_owned(),
        Outcome::NotTested { reason } => format!("Not tested: {reason}."),
        Outcome::NoDeviations => format!("{tested} tested ({extent}), none deviates."),
        Outcome::Deviations => {
            let what = fill(&test.deviation, |name| {
                value_of(test, result.period, counts, name)
            })?;
            let what = numbered(what.trim_end_matches('.'));
            format!(
                "For {} of {tested} tested ({extent}), {what}.",
                thousands(counts.deviations)
            )
        }
    })
}

/// How much of the population was tested, and what became of the rest.
fn extent(counts: &Counts) -> String {
    let whole = counts.tested == counts.population;
    let mut parts = vec![if whole {
        "100% of the population".to_owned()
    } else {
        format!(
            "{} of the population of {}",
            percent(counts),
            thousands(counts.population)
        )
    }];
    let rest = [
        (counts.excluded, "excluded as listed"),
        (counts.not_tested, "could not be tested"),
        (counts.with_gaps, "not observed on every day"),
    ];
    let rest = rest.iter().filter(|(count, _)| *count > 0);
    parts.extend(rest.map(|(count, what)| format!("{} {what}", thousands(*count))));
    parts.join("; ")
}

/// The value of a placeholder.
fn value_of(test: &ControlTest, period: Period, counts: &Counts, name: &str) -> Option<String> {
    Some(match name {
        "population" => thousands(counts.population),
        "tested" => thousands(counts.tested),
        "operated" => thousands(counts.operated),
        "deviations" => thousands(counts.deviations),
        "excluded" => thousands(counts.excluded),
        "not_tested" => thousands(counts.not_tested),
        "percent" => percent(counts),
        "items" => test.item.for_count(counts.population).to_owned(),
        "period_start" => period.start.to_string(),
        "period_end" => period.end.to_string(),
        parameter => test.parameters.get(parameter)?.value.to_string(),
    })
}

/// Tested items of the population in percent, one decimal, rounded down so that
/// 100% is never claimed of less than all.
fn percent(counts: &Counts) -> String {
    if counts.population == 0 {
        return "0%".to_owned();
    }
    let tenths = u128::from(counts.tested) * 1000 / u128::from(counts.population);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}%"),
        (whole, tenth) => format!("{whole}.{tenth}%"),
    }
}

/// A count with a comma between groups of three digits.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let head = digits.len() % 3;
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == head {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
