//! The description of the system: its sections under the description criteria,
//! what is missing, and wording that does not belong in it.
//!
//! What must hold: sections stand in the order in which the report prints them;
//! a finding is a hint for management before the examination, never a
//! conclusion, and names its place.

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use tickmark_catalog::{ControlId, DescriptionCriterion, catalog};
use tickmark_program::{DescriptionCheck, DescriptionFinding, DescriptionPart, Program};

use super::{Group, Page};
use super::{records, register};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::markdown;
use crate::parts::{self, Tone, icon, tag};
use crate::picture::Recorded;
use crate::route::{PROGRAM, get};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The page.
pub static PAGE: Page = Page {
    title: "Description",
    icon: "book-open",
    group: Group::Program,
    href: "/description",
    access: PROGRAM,
    count: |visit| Some(visit.recorded().ok()?.program.description.len()),
    routes: || {
        vec![
            get("/description", PROGRAM, list),
            get("/description/{slug}", PROGRAM, show),
        ]
    },
};

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let program = &recorded.program;
    let findings = &recorded.findings;
    let body = html! {
        (head(&program.system.title, html! { (t!("Management's description of its system, section by section. The report prints it as it stands here.")) }, html! {
            (records::add_link(&visit, "section", None, t!("Add a section")))
            (records::settings_link(&visit, t!("Organization and scope")))
            (parts::button_link(&visit.link("/commitments"), "handshake", t!("Commitments")))
        }))
        @if program.description.is_empty() {
            section.card { (parts::empty("book-open", t!("The description is not begun"),
                t!("Write one Markdown file for each section into description/, each with the description criterion it answers. The findings below say what is still to be described."), html! {})) }
        }
        div.grid.g-2-1 {
            div.stack {
                @for criterion in &catalog().description_criteria { (of_criterion(&visit, program, criterion, findings)) }
                (incidents(&visit, program))
                (changes(&visit, program))
            }
            (finding_card(&visit, program, findings))
        }
    };
    Ok(Shown::new(t!("Description"), body).in_frame(&visit))
}

/// The register of incidents, with the judgment on each (DC 4).
fn incidents(visit: &Visit, program: &Program) -> Markup {
    html! {
        section.card.split #incidents {
            header { div { h2 { (t!("Incidents of the period")) } p { (t!("Each with the judgment whether the description has to disclose it.")) } } (records::add_link(visit, "incident", None, t!("Add an incident"))) }
            @if program.incidents.is_empty() { p.none { (t!("None is recorded.")) } }
            ul.rows { @for it in &program.incidents { li { div.row-link {
                (records::id_tag(visit, "incident", None, it.id.as_str()))
                span.grow { b { (it.nature) } small { (it.rationale) } }
                @if it.significant { (parts::pill(Tone::Warn, t!("Disclosed"))) } @else { (parts::label(t!("Not disclosed"))) }
            } } } }
        }
    }
}

/// The register of significant changes (DC 9).
fn changes(visit: &Visit, program: &Program) -> Markup {
    html! {
        section.card.split #changes {
            header { div { h2 { (t!("Significant changes")) } p { (t!("Changes of the system and its controls during the period.")) } } (records::add_link(visit, "change", None, t!("Add a change"))) }
            @if program.changes.is_empty() { p.none { (t!("None is recorded.")) } }
            ul.rows { @for it in &program.changes { li { div.row-link {
                (records::id_tag(visit, "change", None, it.id.as_str()))
                span.grow { b { (it.summary) } small { (format::day(it.on)) } }
            } } } }
        }
    }
}

/// A description criterion with its sections.
fn of_criterion(
    visit: &Visit,
    program: &Program,
    criterion: &DescriptionCriterion,
    findings: &[DescriptionFinding],
) -> Markup {
    let sections: Vec<&DescriptionPart> = program
        .description
        .iter()
        .filter(|it| it.criterion == criterion.id)
        .collect();
    html! {
        section.card.split {
            header {
                div { h2 { (criterion.id) " " (criterion.title) } p { (criterion.summary) } }
                (status(criterion, sections.len(), findings))
            }
            @if !sections.is_empty() { ul.rows { @for it in &sections { li { (section_row(visit, it, findings)) } } } }
        }
    }
}

fn status(
    criterion: &DescriptionCriterion,
    sections: usize,
    findings: &[DescriptionFinding],
) -> Markup {
    // The check's own message says which criterion is asked for and missing.
    let named = format!(" {} (", criterion.id);
    let is_missing = findings
        .iter()
        .any(|it| it.check == DescriptionCheck::MissingCriterion && it.message.contains(&named));
    match sections {
        0 if is_missing => parts::pill(Tone::Bad, t!("No section")),
        0 => parts::pill(Tone::Idle, t!("Nothing to say")),
        n => parts::label(&tn!(n, "{n} section", "{n} sections")),
    }
}

fn section_row(visit: &Visit, part: &DescriptionPart, findings: &[DescriptionFinding]) -> Markup {
    let count = findings_in(part, findings).count();
    html! {
        a.row-link href=(visit.link(&format!("/description/{}", part.slug))) {
            (icon("file-text"))
            span.grow { b { (part.title) } small { (part.file()) } }
            @if let Some(of) = part.part { span.hide-s { (parts::label(&format::named(&of))) } }
            @if count > 0 { (parts::pill(Tone::Warn, &tn!(count, "{n} finding", "{n} findings"))) }
        }
    }
}

fn findings_in<'f>(
    part: &DescriptionPart,
    findings: &'f [DescriptionFinding],
) -> impl Iterator<Item = &'f DescriptionFinding> {
    let file = part.file();
    findings.iter().filter(move |it| it.place.file == file)
}

/// Every finding with its place and what to do.
fn finding_card(visit: &Visit, program: &Program, findings: &[DescriptionFinding]) -> Markup {
    let count = html! { span.mut { (tn!(findings.len(), "{n} finding", "{n} findings")) } };
    parts::card_flush(
        t!("Design checks"),
        count,
        html! {
            @if findings.is_empty() { p.none { (t!("Nothing is missing, and no wording stands out.")) } }
            ul.rows { @for it in findings { li { (finding_row(visit, program, it)) } } }
        },
    )
}

fn finding_row(visit: &Visit, program: &Program, finding: &DescriptionFinding) -> Markup {
    let part = program
        .description
        .iter()
        .find(|it| it.file() == finding.place.file);
    let text = html! {
        span.grow {
            b { (parts::sentence(&finding.message)) }
            small { (hint(finding.check)) }
            small { code { (finding.place) } }
        }
        (parts::pill(Tone::Warn, check_words(finding.check)))
    };
    html! { @match part {
        Some(part) => { a.row-link href=(visit.link(&format!("/description/{}", part.slug))) { (text) } }
        None => { div.row-link { (text) } }
    } }
}

fn check_words(check: DescriptionCheck) -> &'static str {
    match check {
        DescriptionCheck::MissingCriterion => t!("Missing section"),
        DescriptionCheck::MissingComponent => t!("Missing component"),
        DescriptionCheck::Superlative => t!("Cannot be measured"),
        DescriptionCheck::WrongTense => t!("Wrong time"),
        DescriptionCheck::UnknownControl => t!("Unknown control"),
    }
}

fn hint(check: DescriptionCheck) -> &'static str {
    match check {
        DescriptionCheck::MissingCriterion => {
            t!("Add a file to description/ with this `criterion` in its front matter.")
        }
        DescriptionCheck::MissingComponent => {
            t!("Add a file for DC 3 with this `part` in its front matter.")
        }
        DescriptionCheck::Superlative => t!("Say what is done, so that it can be tested."),
        DescriptionCheck::WrongTense => t!("Say what held throughout the period."),
        DescriptionCheck::UnknownControl => {
            t!("Name a control of the program, or add the control.")
        }
    }
}

async fn show(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let program = &recorded.program;
    let slug = visit.param("slug");
    let at = program
        .description
        .iter()
        .position(|it| it.slug == slug)
        .ok_or(Fault::NotFound)?;
    let part = program.description.get(at).ok_or(Fault::NotFound)?;
    let findings = &recorded.findings;
    let body = html! {
        div.page-head {
            div {
                div.row.wrap { (tag(&part.criterion.to_string())) @if let Some(of) = part.part { (parts::label(&format::named(&of))) } }
                h1.mt8 { (part.title) }
            }
            div.row.wrap { (records::edit_link(&visit, "section", None, slug)) (neighbours(&visit, program, at)) }
        }
        @for finding in findings_in(part, findings) { (note(finding)) }
        div.grid.g-detail {
            (parts::card(t!("Text"), html! {}, markdown::render(&part.body)))
            aside.stack { (side(&visit, part)?) }
        }
        (named_controls(&visit, recorded, part))
    };
    Ok(Shown::new(part.title.clone(), body)
        .below("/description", t!("Description"))
        .in_frame(&visit))
}

fn note(finding: &DescriptionFinding) -> Markup {
    parts::note(
        Tone::Warn,
        html! { b { (parts::sentence(&finding.message)) ". " } (hint(finding.check)) " " code { (finding.place) } },
    )
}

/// Links to the sections before and after.
fn neighbours(visit: &Visit, program: &Program, at: usize) -> Markup {
    let href = |part: &DescriptionPart| visit.link(&format!("/description/{}", part.slug));
    let before = at.checked_sub(1).and_then(|at| program.description.get(at));
    html! {
        @if let Some(part) = before { (parts::button_link(&href(part), "chevron-left", t!("Previous"))) }
        @if let Some(part) = program.description.get(at + 1) { (parts::button_link(&href(part), "chevron-right", t!("Next"))) }
    }
}

fn side(visit: &Visit, part: &DescriptionPart) -> Answer<Markup> {
    let state = &visit.picture()?.state;
    let file = state.program.files().get(&part.file());
    let criterion = catalog().description_criterion(part.criterion);
    Ok(html! {
        (parts::properties(&[
            (t!("Criterion"), html! { (part.criterion) }),
            (t!("File"), html! { code.breaks { (part.file()) } }),
            (t!("Recorded"), html! { @match file { Some(file) => (format::instant(file.set_at, &visit.zone())), None => "–" } }),
            (t!("SHA-256"), html! { @match file { Some(file) => { code.breaks { (file.sha256) } } None => { "–" } } }),
        ]))
        @if let Some(criterion) = criterion { section.side-sec { h2 { (t!("What it has to say")) } p.mut2 { (criterion.summary) } } }
    })
}

/// The controls whose ids stand in the text.
fn named_controls(visit: &Visit, recorded: &Recorded, part: &DescriptionPart) -> Markup {
    let words: BTreeSet<&str> = part
        .body
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .collect();
    let ids = recorded.program.controls.iter().map(|it| &it.definition.id);
    let ids: Vec<ControlId> = ids
        .filter(|id| words.contains(id.as_str()))
        .cloned()
        .collect();
    html! { @if !ids.is_empty() {
        (parts::card_flush(t!("Controls it names"), html! { span.mut { (tn!(ids.len(), "{n} control", "{n} controls")) } }, register::control_rows(visit, recorded, &ids)))
    } }
}
