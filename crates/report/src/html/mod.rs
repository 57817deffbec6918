//! The report as one self-contained HTML file.
//!
//! What must hold: no scripts, no requests, no inline style attributes; every
//! text is escaped; the content is that of the PDF, in the same order; it reads
//! in light and dark, on paper, and with a screen reader (landmarks, one `h1`,
//! headings without gaps, tables with head cells and captions).

mod appendix;
mod chart;
mod description;
mod letter;
mod rich;
mod table;
mod tests_of_controls;

pub use rich::blocks;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::pages::Pages;
use crate::value::{Report, ReportType, SectionHead, long_date};

pub(crate) const STYLE: &str = include_str!("style.css");

/// Sets the report as HTML.
pub fn render_html(report: &Report) -> String {
    let pages = Pages::new(report);
    html! {
        (DOCTYPE)
        html lang="en-US" {
            (head(report))
            body {
                a.skip href="#content" { "Skip to the report" }
                (cover(&pages))
                (contents(report))
                main #content { (sections(&pages)) }
                footer { p { (report.meta.organization.name) " · " (pages.label) " · " (report.meta.report_id) } }
            }
        }
    }
    .into_string()
}

fn head(report: &Report) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
            title { (report.meta.title) ": " (report.meta.label()) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn cover(pages: &Pages<'_>) -> Markup {
    let meta = &pages.report.meta;
    html! {
        header.cover {
            p.eyebrow { (pages.label) }
            h1 { (meta.title) }
            p.subtitle { (meta.subtitle) }
            dl.facts {
                dt { "Period" } dd { @if meta.report_type == ReportType::Type1 { "As of " } (pages.dates) }
                dt { "Categories" } dd { (pages.categories.join(", ")) }
                dt { "Service auditor" } dd { (meta.firm.name) }
                dt { "Date of report" } dd { (long_date(meta.report_date)) }
                dt { "Report" } dd { code { (meta.report_id) } }
            }
            @if let Some(legend) = &meta.legend { p.legend { (legend) } }
        }
    }
}

fn contents(report: &Report) -> Markup {
    html! {
        nav aria-label="Contents" {
            h2 { "Contents" }
            ol.contents {
                @for head in &report.contents {
                    li { a href={ "#" (head.anchor) } { span.number { (head.number) } " " (head.title) } }
                }
            }
        }
    }
}

fn sections(pages: &Pages<'_>) -> Markup {
    let report = pages.report;
    html! {
        @for head in &report.contents {
            section #(head.anchor) aria-labelledby={ (head.anchor) "-title" } {
                p.eyebrow { (head.number) }
                h2 id={ (head.anchor) "-title" } { (head.title) }
                (body(pages, head))
            }
        }
    }
}

fn body(pages: &Pages<'_>, head: &SectionHead) -> Markup {
    let report = pages.report;
    match head.anchor.as_str() {
        "auditor-report" => letter::letter(&report.auditor_report),
        "assertion" => letter::letter(&report.assertion),
        "description" => description::chapters(report),
        "boundaries" => description::boundaries(report),
        "commitments" => description::commitments(&report.description),
        "tests" => tests_of_controls::section(pages),
        "other-information" => appendix::other_information(report),
        _ => appendix::verification(pages),
    }
}
