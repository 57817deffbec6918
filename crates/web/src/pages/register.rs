//! What the registers (risks, vendors, commitments, policies) show alike: the
//! controls that a record rests on, each with how it stands, the criteria it
//! bears on, the day something is due, and what the ledger says of its file.
//!
//! What must hold: a control is never named without how it stands; a day that
//! has passed says so in a word.

use std::collections::BTreeSet;

use jiff::civil::Date;
use maud::{Markup, html};
use tickmark_catalog::{ControlId, CriterionId};

use crate::fault::Answer;
use crate::format;
use crate::parts::{self, Tone, tag, tag_link};
use crate::picture::Recorded;
use crate::strings::t;
use crate::visit::Visit;

/// Changes of a register that its pages show.
const SHOWN_CHANGES: usize = 10;

/// Controls as the rows of a list.
pub fn control_rows(visit: &Visit, recorded: &Recorded, ids: &[ControlId]) -> Markup {
    html! {
        ul.rows { @for (control, facts) in ids.iter().filter_map(|id| recorded.control(id)) {
            @let definition = &control.definition;
            li { a.row-link href=(visit.link(&format!("/controls/{}", definition.id))) {
                (tag(definition.id.as_str()))
                span.grow { b { (definition.title) } small { (definition.owner_role) } }
                (parts::standing(facts.standing))
            } }
        } }
    }
}

/// Controls as marks in a cell: the icon of how each stands and its id, with
/// the word for who hovers or hears.
pub fn control_marks<'i>(
    visit: &Visit,
    recorded: &Recorded,
    ids: impl IntoIterator<Item = &'i ControlId>,
) -> Markup {
    html! {
        span.row.wrap { @for (control, facts) in ids.into_iter().filter_map(|id| recorded.control(id)) {
            @let (tone, words) = parts::standing_words(facts.standing);
            a href=(visit.link(&format!("/controls/{}", control.definition.id))) title=(words) {
                (parts::pill(tone, control.definition.id.as_str()))
                span.vh { " " (words) }
            }
        } }
    }
}

/// Controls with how they stand, as text of a file.
pub fn control_words<'i>(
    recorded: &Recorded,
    ids: impl IntoIterator<Item = &'i ControlId>,
) -> String {
    let of = |id: &ControlId| {
        let (_, facts) = recorded.control(id)?;
        Some(format!(
            "{id} ({})",
            parts::standing_words(facts.standing).1
        ))
    };
    ids.into_iter()
        .filter_map(of)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Criteria that lead to their pages.
pub fn criterion_tags(visit: &Visit, ids: &[CriterionId]) -> Markup {
    html! { span.row.wrap { @for id in ids { (tag_link(&visit.link(&format!("/criteria/{id}")), id.as_str())) } } }
}

/// Values as text of a file.
pub fn joined(values: &[impl ToString]) -> String {
    values
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A day by which something is due.
pub fn due(on: Option<Date>, today: Date) -> Markup {
    html! { @match on {
        Some(on) => { span.row.wrap { time datetime=(on) { (format::day(on)) } @if on < today { (parts::pill(Tone::Bad, t!("Overdue"))) } } }
        None => { "–" }
    } }
}

/// Whether a day by which something is due has passed.
pub fn is_overdue(on: Option<Date>, today: Date) -> bool {
    on.is_some_and(|on| on < today)
}

/// The texts that occur, each once, as the choices of a filter.
pub fn choices<'i>(texts: impl IntoIterator<Item = &'i str>) -> Vec<(String, String)> {
    let texts: BTreeSet<&str> = texts.into_iter().collect();
    texts
        .into_iter()
        .map(|it| (it.to_owned(), it.to_owned()))
        .collect()
}

/// The last changes of a register's file; each leads to `page` as of then.
///
/// # Errors
/// When this server holds no company.
pub fn changes(visit: &Visit, file: &str, page: &str) -> Answer<Markup> {
    let entries = super::ledger::about(visit, &[file.to_owned()], &[])?;
    Ok(parts::card_flush(
        t!("Changes of the register"),
        html! { span.mut { (t!("each leads to the register as of then")) } },
        html! {
            @if entries.is_empty() { p.none { (t!("The ledger has no entry about it yet.")) } }
            ul.rows { @for it in entries.iter().take(SHOWN_CHANGES) { li { a.row-link href={ (page) "?at=" (it.index) } {
                (parts::avatar(&it.who))
                span.grow { b { (it.who) } " " (it.what) }
                span.mut { (it.when) }
            } } } }
        },
    ))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{choices, due, is_overdue};

    #[test]
    fn a_day_is_overdue_from_the_next_one() {
        let today = date(2026, 3, 9);
        for (on, late) in [
            (None, false),
            (Some(today), false),
            (Some(date(2026, 3, 8)), true),
        ] {
            assert_eq!(is_overdue(on, today), late);
            assert_eq!(due(on, today).into_string().contains("Overdue"), late);
        }
    }

    #[test]
    fn every_choice_is_offered_once() {
        let offered: Vec<String> = choices(["b", "a", "b"])
            .into_iter()
            .map(|(value, _)| value)
            .collect();
        assert_eq!(offered, ["a", "b"]);
    }
}
