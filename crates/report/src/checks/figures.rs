//! Figures in management's text, compared with what the report counts.
//!
//! What must hold: a figure is written as a link, `[3,184](count:pull_requests)`;
//! it names a population, a test or a register, and says the same number.
//! Where the report has no tests (type 1) there is nothing to count populations
//! by, and only the registers are compared.

use super::Examined;
use crate::build::numbers::grouped;
use crate::value::rich_text::{Block, Inline};

/// What is wrong with the figures, one message each.
pub fn disagreements(it: Examined<'_>) -> Vec<String> {
    figures(it)
        .into_iter()
        .filter_map(|(of, text)| disagreement(it, of, text))
        .collect()
}

fn disagreement(it: Examined<'_>, of: &str, text: &str) -> Option<String> {
    let Some(said) = number(text) else {
        return Some(format!("`{text}` is not a number"));
    };
    match counted(it, of) {
        Some(counted) if counted == said => None,
        Some(counted) => Some(format!(
            "`{text}` for `{of}`, which counts {}",
            grouped(counted)
        )),
        None if it.report.tests.is_none() => None,
        None => Some(format!(
            "`{text}` for `{of}`, which the report does not count"
        )),
    }
}

/// How many the report counts of `of`: a register, a population of events, the
/// items of a test, or those it excludes.
fn counted(it: Examined<'_>, of: &str) -> Option<u64> {
    register(it, of)
        .or_else(|| population(it, of))
        .or_else(|| items(it, of))
}

fn register(it: Examined<'_>, of: &str) -> Option<u64> {
    let description = &it.report.description;
    let count = match of {
        "controls" => it.report.controls.len(),
        "criteria" => it.report.criteria.len(),
        "commitments" => description.commitments.len(),
        "requirements" => description.requirements.len(),
        "subservice_organizations" => description.subservice.len(),
        "disclosed_incidents" => description.incidents.len(),
        "changes" => description.changes.len(),
        _ => return None,
    };
    u64::try_from(count).ok()
}

/// A population read in one snapshot; several snapshots of a state count the
/// same things again and again.
fn population(it: Examined<'_>, of: &str) -> Option<u64> {
    let section = it.report.tests.as_ref()?;
    let population = section.populations.iter().find(|p| p.dataset == of)?;
    (population.snapshots.len() <= 1).then_some(population.records)
}

fn items(it: Examined<'_>, of: &str) -> Option<u64> {
    let section = it.report.tests.as_ref()?;
    let (id, part) = of
        .split_once('/')
        .map_or((of, None), |(id, part)| (id, Some(part)));
    let extent = &section.tests.iter().find(|test| test.id == id)?.extent;
    match part {
        None => extent.population,
        Some("excluded") => Some(extent.exclusions.iter().map(|it| it.count).sum()),
        Some(_) => None,
    }
}

/// A number in digits with commas, or in words up to ninety-nine.
fn number(text: &str) -> Option<u64> {
    let text = text.trim().to_lowercase();
    let digits = text.replace(',', "");
    digits.parse().ok().or_else(|| in_words(&text))
}

fn in_words(text: &str) -> Option<u64> {
    const SMALL: [&str; 20] = [
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let place = |list: &[&str], word: &str| list.iter().position(|it| *it == word);
    let small = |word: &str| place(&SMALL, word).and_then(|at| u64::try_from(at).ok());
    let tens = |word: &str| place(&TENS, word).and_then(|at| u64::try_from(at * 10 + 20).ok());
    match text.split_once('-') {
        Some((first, second)) => Some(tens(first)? + small(second)?),
        None => small(text).or_else(|| tens(text)),
    }
}

/// Every figure of Section III and of the controls: what it counts, and its
/// words.
fn figures(it: Examined<'_>) -> Vec<(&str, &str)> {
    let parts = it
        .report
        .description
        .chapters
        .iter()
        .flat_map(|chapter| &chapter.parts);
    let narrative = parts.flat_map(|part| &part.blocks);
    let controls = it.report.controls.iter().flat_map(|control| &control.text);
    let mut found = Vec::new();
    narrative
        .chain(controls)
        .for_each(|block| in_block(block, &mut found));
    found
}

fn in_block<'a>(block: &'a Block, found: &mut Vec<(&'a str, &'a str)>) {
    match block {
        Block::Paragraph { text, .. } | Block::Heading { text, .. } => in_inlines(text, found),
        Block::List { items, .. } => items.iter().flatten().for_each(|it| in_block(it, found)),
        Block::Quote { blocks } => blocks.iter().for_each(|it| in_block(it, found)),
        Block::Table { head, rows } => {
            let cells = head.iter().chain(rows.iter().flatten());
            cells.for_each(|cell| in_inlines(cell, found));
        }
        Block::Code { .. } => {}
    }
}

fn in_inlines<'a>(inlines: &'a [Inline], found: &mut Vec<(&'a str, &'a str)>) {
    for inline in inlines {
        match inline {
            Inline::Figure { of, text } => found.push((of, text)),
            Inline::Strong { children }
            | Inline::Emphasis { children }
            | Inline::Link { children, .. } => in_inlines(children, found),
            Inline::Text { .. } | Inline::Code { .. } | Inline::Break => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_digits_and_words() {
        for (text, expected) in [
            ("3,184", Some(3_184)),
            ("12", Some(12)),
            ("Seventeen", Some(17)),
            ("no", Some(0)),
            ("Twenty-one", Some(21)),
            ("ninety", Some(90)),
            ("one-two", None),
            ("many", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
