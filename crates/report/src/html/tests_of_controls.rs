//! Section IV: introduction, overview, and the tables by criterion.

use maud::{Markup, html};

use super::table::{cell, name, names, table};
use super::{chart, rich};
use crate::build::numbers::grouped;
use crate::pages::{CriterionPage, Pages, Row, Test};
use crate::value::{ControlEntry, IntroTopic, Outcome, Standing, TestsOfControls, long_date};

/// The section; without tests (type 1) it lists criteria and controls only.
pub fn section(pages: &Pages<'_>) -> Markup {
    html! {
        @match &pages.report.tests {
            Some(tests) => {
                (introduction(tests))
                (overview(pages, tests))
            }
            None => p { "The controls below were specified by management. Their design was examined as of the date of the report; their operation was not tested." }
        }
        @for series in &pages.series {
            h3 { (series.code) " " (series.title) }
            @for page in &series.criteria { (criterion(page, pages.report.tests.is_some())) }
        }
    }
}

fn introduction(tests: &TestsOfControls) -> Markup {
    html! {
        @for part in &tests.introduction {
            h3 { (part.heading) }
            (rich::blocks(&part.blocks, 4))
            @if part.topic == IntroTopic::Tests {
                (table("Verbs used in the tests", &["Verb", "Meaning"], tests.verbs.iter().map(|v| vec![name(&v.verb), cell(&v.meaning)])))
            }
            @if part.topic == IntroTopic::Information && !tests.populations.is_empty() { (populations(tests)) }
        }
    }
}

fn populations(tests: &TestsOfControls) -> Markup {
    let rows = tests.populations.iter().map(|p| {
        let completeness =
            html! { @if p.standing == Standing::Incomplete { strong { "Not complete. " } } (p.completeness) };
        vec![
            cell(&p.title),
            cell(p.systems.join(", ")),
            cell(grouped(p.records)),
            completeness,
        ]
    });
    table(
        "Populations relied on",
        &[
            "Population",
            "System of record",
            "Records",
            "Completeness and accuracy",
        ],
        rows,
    )
}

fn overview(pages: &Pages<'_>, tests: &TestsOfControls) -> Markup {
    html! {
        h3 { "Results at a Glance" }
        @if let Some(results) = &pages.chart {
            p { (results.sentence) }
            (chart::chart(results))
        }
        h4 { "Summary of Exceptions" }
        @if tests.exceptions.is_empty() { p { "No exceptions were noted." } } @else {
            (table("Exceptions", &["Id", "Controls", "Criteria", "Exception"], tests.exceptions.iter().map(|e| vec![
                html! { (sign()) " " (name(&e.id)) }, names(&e.controls), names(&e.criteria), cell(&e.summary),
            ])))
        }
    }
}

/// The sign of an exception: a triangle beside a word, never colour alone.
fn sign() -> Markup {
    html! { span.sign aria-hidden="true" { "▲" } }
}

fn criterion(page: &CriterionPage<'_>, has_tests: bool) -> Markup {
    html! {
        h4 id={ "criterion-" (page.id) } { (page.id) }
        p.criterion { (page.text) }
        div.scroll tabindex="0" { table.results {
            caption { "Controls for " (page.id) }
            thead { tr {
                th scope="col" { "Control specified by the organization" }
                @if has_tests { th scope="col" { "Test performed by the service auditor" } th scope="col" { "Result" } }
            } }
            tbody { @for row in &page.rows { (control(row, has_tests)) } }
        } }
    }
}

fn control(row: &Row<'_>, has_tests: bool) -> Markup {
    if let Some(criterion) = row.told_under {
        return html! {
            tr {
                td { (title(row.control)) @if !has_tests { " Stated under " a href={ "#criterion-" (criterion) } { (criterion) } "." } }
                @if has_tests {
                    td { "Tested under criterion " a href={ "#criterion-" (criterion) } { (criterion) } "." }
                    td.exception[row.has_exception] { @if row.has_exception { (sign()) " " } (row.short.as_deref().unwrap_or_default()) }
                }
            }
        };
    }
    let (first, rest) = row
        .tests
        .split_first()
        .map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
    html! {
        tr {
            td rowspan=(row.tests.len().max(1)) { (title(row.control)) (text(row.control)) }
            @if let Some(test) = first { (cells(test)) }
        }
        @for test in rest { tr { (cells(test)) } }
    }
}

fn title(control: &ControlEntry) -> Markup {
    html! { p { (name(&control.id)) " " strong { (control.title) } } }
}

fn text(control: &ControlEntry) -> Markup {
    html! {
        (rich::blocks(&control.text, 5))
        @if let Some(since) = control.since { p.quiet { "In operation since " (long_date(since)) "." } }
        @for version in &control.earlier {
            p.quiet { "Until " (long_date(version.until)) " the control read:" }
            (rich::blocks(&version.text, 5))
        }
    }
}

fn cells(test: &Test<'_>) -> Markup {
    let entry = test.entry;
    let is_exception = entry.outcome == Outcome::Exceptions;
    html! {
        td {
            p { (entry.procedure) }
            @if !entry.extent.words.is_empty() { p.quiet { (entry.extent.words) } }
        }
        td.exception[is_exception] {
            p { @if is_exception { (sign()) " " } (entry.result) }
            @if let Some(note) = &test.note { p.quiet { (note) } }
        }
    }
}
