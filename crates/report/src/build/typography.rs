//! Quotation marks as a printed page has them.
//!
//! What must hold: only straight quotation marks and apostrophes change, by the
//! character before them; names, ids and code stay as they were given, because
//! other records are compared with them.

use crate::facts::{DeviationFacts, ReportFacts, TestFacts};

/// The text with curly quotation marks and apostrophes.
///
/// `before`: the character in front of the text, when it continues a line.
pub fn curly(text: &str, before: Option<char>) -> String {
    let mut last = before;
    let mut set = |character: char| {
        let opens = last.is_none_or(|c| c.is_whitespace() || "([{—–-/“‘".contains(c));
        let mark = match (character, opens) {
            ('"', true) => '“',
            ('"', false) => '”',
            ('\'', true) => '‘',
            ('\'', false) => '’',
            _ => character,
        };
        last = Some(mark);
        mark
    };
    text.chars().map(&mut set).collect()
}

/// The facts with every sentence a person wrote set in curly marks. Markdown is
/// set where it is read.
pub fn set(facts: &ReportFacts) -> ReportFacts {
    let mut facts = facts.clone();
    description(&mut facts);
    for control in &mut facts.controls {
        mark(&mut control.title);
    }
    facts.tests.iter_mut().for_each(test);
    facts.deviations.iter_mut().for_each(deviation);
    for ground in &mut facts.opinion.grounds {
        mark(&mut ground.matter);
        mark(&mut ground.effect);
    }
    facts.emphasis.iter_mut().for_each(mark);
    facts
}

fn mark(text: &mut String) {
    if text.contains(['"', '\'']) {
        *text = curly(text, None);
    }
}

fn mark_all<const N: usize>(texts: [&mut String; N]) {
    texts.into_iter().for_each(mark);
}

fn description(facts: &mut ReportFacts) {
    let promises = facts.commitments.iter_mut().chain(&mut facts.requirements);
    promises.for_each(|it| mark(&mut it.text));
    for it in &mut facts.incidents {
        mark_all([
            &mut it.nature,
            &mut it.timing,
            &mut it.effect,
            &mut it.disposition,
        ]);
    }
    for it in &mut facts.user_entity_controls {
        mark(&mut it.text);
    }
    facts.user_responsibilities.iter_mut().for_each(mark);
    for it in &mut facts.subservice {
        mark(&mut it.service);
        it.assumed_controls
            .iter_mut()
            .for_each(|control| mark(&mut control.text));
    }
    for it in &mut facts.changes {
        mark_all([&mut it.summary, &mut it.before, &mut it.after]);
    }
    for it in &mut facts.not_relevant {
        mark(&mut it.reason);
    }
}

fn test(it: &mut TestFacts) {
    mark(&mut it.procedure);
    it.explanation.iter_mut().for_each(mark);
    it.incomplete.iter_mut().for_each(mark);
    it.exclusions.iter_mut().for_each(|it| mark(&mut it.reason));
}

fn deviation(it: &mut DeviationFacts) {
    mark(&mut it.narrative);
    it.note.iter_mut().for_each(mark);
    if let Some(response) = &mut it.response {
        mark_all([
            &mut response.position,
            &mut response.cause,
            &mut response.action,
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_follow_what_stands_before_them() {
        for (text, expected) in [
            ("the board's (\"Relay\")", "the board’s (“Relay”)"),
            ("'so' it's said", "‘so’ it’s said"),
            ("\"'a' b\"", "“‘a’ b”"),
            ("customers' own", "customers’ own"),
            ("no marks", "no marks"),
        ] {
            assert_eq!(curly(text, None), expected);
        }
        assert_eq!(curly("\" said", Some('x')), "” said");
    }
}
