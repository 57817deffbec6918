//! Section V and the appendix.

use maud::{Markup, html};

use super::rich;
use super::table::{cell, names, table};
use crate::pages::Pages;
use crate::value::{Report, Response, long_date};

/// Management's responses.
pub fn other_information(report: &Report) -> Markup {
    html! {
        @if let Some(section) = &report.other_information {
            (rich::blocks(&section.introduction, 3))
            @for item in &section.responses { (response(item)) }
        }
    }
}

fn response(response: &Response) -> Markup {
    html! {
        h3 { (response.deviation) " " (names(&response.controls)) }
        dl.facts {
            dt { "Exception noted" } dd { (response.exception) }
            dt { "Position" } dd { (response.position) }
            dt { "Cause" } dd { (response.cause) }
            dt { "Action" } dd { (response.action) }
            dt { "Owner and date" } dd { (response.owner_role) ", " (long_date(response.due)) }
        }
    }
}

/// How to verify, with checkpoints and digests.
pub fn verification(pages: &Pages<'_>) -> Markup {
    let (report, appendix) = (pages.report, &pages.report.appendix);
    html! {
        (rich::blocks(&appendix.introduction, 3))
        @if let Some(digest) = &appendix.inputs_digest { p { "Digest of all inputs: " code { (digest) } } }
        @for checkpoint in &appendix.checkpoints {
            h3 { "Checkpoint of " (checkpoint.realm) }
            pre tabindex="0" { code { (checkpoint.text) } }
        }
        @if !appendix.inputs.is_empty() {
            (table("Digests of inputs", &["Input", "SHA-256"], appendix.inputs.iter().map(|input| {
                vec![cell(&input.what), html! { code { (input.sha256) } }]
            })))
        }
        (runs(pages))
        (snapshots(report))
    }
}

fn code(text: impl std::fmt::Display) -> Markup {
    html! { code { (text) } }
}

fn runs(pages: &Pages<'_>) -> Markup {
    let rows = pages.runs.iter().map(|(test, run)| {
        let digests = html! { "Query " (code(&run.sql)) br; "Parameters " (code(&run.parameters)) br; "Result " (code(&run.result)) };
        vec![cell(test), digests]
    });
    html! { @if !pages.runs.is_empty() { (table("Control tests run", &["Control test", "SHA-256"], rows)) } }
}

fn snapshots(report: &Report) -> Markup {
    let populations = report.tests.iter().flat_map(|section| &section.populations);
    let rows = populations.map(|p| {
        vec![
            cell(&p.dataset),
            html! { @for digest in &p.snapshots { (code(digest)) br; } },
        ]
    });
    html! { @if report.tests.is_some() { (table("Population snapshots", &["Population", "SHA-256"], rows)) } }
}
