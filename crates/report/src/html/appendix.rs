//! Section V and the appendix.

use maud::{Markup, html};

use super::rich;
use super::table::{cell, names, table};
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
            dt { "Responsible" } dd { (response.owner_role) ", " (long_date(response.due)) }
        }
    }
}

/// How to verify, with checkpoints and digests.
pub fn verification(report: &Report) -> Markup {
    let appendix = &report.appendix;
    html! {
        (rich::blocks(&appendix.introduction, 3))
        @if let Some(digest) = &appendix.inputs_digest { p { "Digest of all inputs: " code { (digest) } } }
        @for checkpoint in &appendix.checkpoints {
            h3 { "Checkpoint of " (checkpoint.realm) }
            pre { code { (checkpoint.text) } }
        }
        @if !appendix.inputs.is_empty() {
            (table("Digests of inputs", &["Input", "SHA-256"], appendix.inputs.iter().map(|input| {
                vec![cell(&input.what), html! { code { (input.sha256) } }]
            })))
        }
    }
}
