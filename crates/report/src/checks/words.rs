//! Looking for words: required phrases, banned phrases, dates.

use super::{Verdict, fail, when};
use crate::value::rich_text::plain;
use crate::value::{Coverage, Report};

/// Passes when `text` has every phrase, whatever its case; else names the first
/// that is missing.
pub fn has_all(text: &str, phrases: &[&str]) -> Verdict {
    let lower = text.to_lowercase();
    let missing = phrases
        .iter()
        .find(|phrase| !lower.contains(&phrase.to_lowercase()));
    missing.map_or(Verdict::Pass, |phrase| {
        fail(format!("`{phrase}` is not said"))
    })
}

/// Whether `text` has `phrase`, whatever its case.
pub fn has(text: &str, phrase: &str) -> bool {
    text.to_lowercase().contains(&phrase.to_lowercase())
}

/// Passes when `text` states the time covered by the report.
pub fn has_time(text: &str, coverage: Coverage) -> Verdict {
    let phrase = coverage.phrase();
    when(text.contains(&phrase), format!("`{phrase}` is not said"))
}

/// The first verdict that is not a pass.
pub fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts
        .into_iter()
        .find(|verdict| *verdict != Verdict::Pass)
        .unwrap_or(Verdict::Pass)
}

/// Whether `text` has `word` as a word of its own, in this case.
pub fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric();
    text.match_indices(word).any(|(start, _)| {
        let before = text.get(..start).and_then(|s| s.chars().next_back());
        let after = text
            .get(start + word.len()..)
            .and_then(|s| s.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Every sentence of the report that people read.
pub fn everything(report: &Report) -> String {
    let mut parts = vec![
        report.meta.title.clone(),
        report.meta.subtitle.clone(),
        report.auditor_report.text(),
        report.assertion.text(),
        narrative(report),
    ];
    parts.extend(report.controls.iter().map(|control| plain(&control.text)));
    parts.extend(report.controls.iter().map(|control| control.title.clone()));
    if let Some(tests) = &report.tests {
        parts.extend(tests.introduction.iter().map(|part| plain(&part.blocks)));
        parts.extend(
            tests
                .tests
                .iter()
                .map(|test| format!("{} {}", test.procedure, test.result)),
        );
    }
    if let Some(section) = &report.other_information {
        parts.extend(
            section
                .responses
                .iter()
                .map(|r| format!("{} {} {}", r.position, r.cause, r.action)),
        );
    }
    parts.join("\n")
}

/// Management's own text in Section III.
pub fn narrative(report: &Report) -> String {
    let parts = report
        .description
        .chapters
        .iter()
        .flat_map(|chapter| &chapter.parts);
    parts
        .map(|part| plain(&part.blocks))
        .collect::<Vec<_>>()
        .join("\n")
}
