//! The period as a calendar: one cell a day, a column a week.
//!
//! What must hold: a day that deviates is shown so whatever came later; days
//! are told apart by their mark as well as their colour, and the summary below
//! says the same in numbers.

use jiff::civil::Weekday;
use maud::{Markup, html};

use crate::format;
use crate::operation::{DayStatus, Operation};
use crate::strings::{t, tn};

/// Width and height of a cell with its gap.
const STEP: i32 = 14;

/// The calendar of an operation, as a picture with a text.
pub fn calendar(operation: &Operation) -> Markup {
    let days: Vec<_> = operation.days().collect();
    let Some((first, _)) = days.first() else {
        return html! {};
    };
    let offset = i32::from(first.weekday().since(Weekday::Monday));
    let place = |index: usize| {
        let index = i32::try_from(index).unwrap_or(0) + offset;
        (index / 7 * STEP, 16 + index % 7 * STEP)
    };
    let columns = (i32::try_from(days.len()).unwrap_or(0) + offset + 6) / 7;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(t!("Calendar")) {
            svg.chart.calendar viewBox=(format!("0 0 {} 114", columns * STEP)) role="img" aria-label=(in_words(operation)) {
                @for (index, (date, day)) in days.iter().enumerate() {
                    @let (x, y) = place(index);
                    @if date.day() == 1 { text x=(x) y="10" { (date.strftime("%b").to_string()) } }
                    @let title = cell_title(*date, *day);
                    rect class=(class(day.status())) x=(x) y=(y) width="11" height="11" rx="2.5" { title { (title) } }
                    @match day.status() {
                        DayStatus::Deviating => { path.mark-bad d=(format!("M{} {}l5 5m0 -5l-5 5", x + 3, y + 3)) {} }
                        DayStatus::NotObserved => { path.mark-warn d=(format!("M{} {}h5", x + 3, y + 5)) {} }
                        _ => {}
                    }
                }
            }
        }
    }
}

fn class(status: DayStatus) -> &'static str {
    match status {
        DayStatus::Nothing => "f-track",
        DayStatus::Operating => "f-ok",
        DayStatus::NotObserved => "f-warn",
        DayStatus::Deviating => "f-bad",
    }
}

fn cell_title(date: jiff::civil::Date, day: crate::operation::Day) -> String {
    let date = format::day(date);
    match day.status() {
        DayStatus::Nothing => t!("{date}: no occurrence", date = date),
        _ => t!(
            "{date}: {ok} operating, {bad} deviating, {gap} not observed",
            date = date,
            ok = day.operating,
            bad = day.deviating,
            gap = day.not_observed
        ),
    }
}

fn in_words(operation: &Operation) -> String {
    let count = |status| operation.count(status) as u64;
    t!(
        "{ok} days operating, {bad} days with a deviation, {gap} days not observed, {none} days without occurrence",
        ok = count(DayStatus::Operating),
        bad = count(DayStatus::Deviating),
        gap = count(DayStatus::NotObserved),
        none = count(DayStatus::Nothing),
    )
}

/// What the cells mean.
pub fn legend() -> Markup {
    html! {
        div.legend {
            span { i.dot.ok {} (t!("Operating")) }
            span { i.dot.bad {} (t!("Deviating ×")) }
            span { i.dot.warn {} (t!("Not observed –")) }
            span { i.dot.track {} (t!("No occurrence")) }
        }
    }
}

/// The calendar in numbers.
pub fn summary(operation: &Operation) -> Markup {
    let bad = operation.count(DayStatus::Deviating);
    let gap = operation.count(DayStatus::NotObserved);
    let ok = operation.count(DayStatus::Operating);
    html! {
        div.legend.mt8 {
            span { b.num { (ok) } " " (tn!(ok, "day operating", "days operating")) }
            span { b.num { (bad) } " " (tn!(bad, "day with a deviation", "days with a deviation")) }
            span { b.num { (gap) } " " (tn!(gap, "day not observed", "days not observed")) }
        }
    }
}
