//! Section III, and the attachments of a SOC 3 report.

use maud::{Markup, html};

use super::rich;
use super::table::{cell, name, names, table};
use crate::value::{
    Chapter, Commitment, Description, Report, Subservice, SubserviceMethod, long_date,
};

/// Every chapter with its registers.
pub fn chapters(report: &Report) -> Markup {
    html! { @for (index, item) in report.description.chapters.iter().enumerate() { (chapter(report, item, index + 1)) } }
}

/// The boundaries of the system, without the commitments.
pub fn boundaries(report: &Report) -> Markup {
    let shown = report
        .description
        .chapters
        .iter()
        .filter(|c| c.criterion.to_string() != "DC 2");
    html! { @for (index, item) in shown.enumerate() { (chapter(report, item, index + 1)) } }
}

fn chapter(report: &Report, chapter: &Chapter, number: usize) -> Markup {
    let repeats_title = chapter.parts.len() == 1
        && chapter
            .parts
            .iter()
            .all(|part| part.title.eq_ignore_ascii_case(&chapter.title));
    html! {
        h3 { (number) ". " (chapter.title) " " small { (chapter.criterion) } }
        (rich::blocks(&chapter.lead, 4))
        @for part in &chapter.parts {
            @if !repeats_title { h4 { (part.title) } }
            (rich::blocks(&part.blocks, if repeats_title { 4 } else { 5 }))
        }
        (register(report, chapter))
    }
}

fn register(report: &Report, chapter: &Chapter) -> Markup {
    let description = &report.description;
    match chapter.criterion.number() {
        1 if chapter.parts.is_empty() => services(description),
        2 => commitments(description),
        4 => incidents(description),
        5 => matrix(report),
        6 => user_entities(description),
        7 => subservice(&description.subservice),
        8 => not_relevant(description),
        9 => changes(description),
        _ => html! {},
    }
}

fn services(description: &Description) -> Markup {
    html! {
        h4 { "Services in Scope" }
        ul { @for service in &description.services { li { (service) } } }
        @if !description.out_of_scope_services.is_empty() {
            h4 { "Services Not in Scope" }
            ul { @for service in &description.out_of_scope_services { li { (service) } } }
        }
    }
}

/// Commitments and requirements as two tables.
pub fn commitments(description: &Description) -> Markup {
    let commitment = |c: &Commitment| {
        let category = c.category.map_or("", |category| category.title());
        vec![name(&c.id), cell(&c.text), cell(category), cell(&c.source)]
    };
    let requirement = |c: &Commitment| {
        vec![
            name(&c.id),
            cell(&c.text),
            names(&c.criteria),
            cell(&c.source),
        ]
    };
    html! {
        (table("Principal service commitments", &["Id", "Commitment", "Category", "Source"], description.commitments.iter().map(commitment)))
        @if !description.requirements.is_empty() {
            (table("System requirements", &["Id", "Requirement", "Criteria", "Source"], description.requirements.iter().map(requirement)))
        }
    }
}

fn incidents(description: &Description) -> Markup {
    let rows = description.incidents.iter().map(|i| {
        vec![
            name(&i.id),
            cell(&i.nature),
            cell(&i.timing),
            cell(&i.effect),
            cell(&i.disposition),
        ]
    });
    html! {
        @if !description.incidents.is_empty() {
            (table("System incidents", &["Id", "Nature", "Timing", "Extent and effect", "Disposition"], rows))
        }
    }
}

fn matrix(report: &Report) -> Markup {
    let rows = report
        .criteria
        .iter()
        .map(|c| vec![name(c.id), cell(&c.text), names(&c.controls)]);
    table(
        "Applicable trust services criteria and related controls",
        &["Criterion", "What it asks, in short", "Controls"],
        rows,
    )
}

fn user_entities(description: &Description) -> Markup {
    let rows = description
        .user_entity_controls
        .iter()
        .map(|c| vec![name(&c.id), cell(&c.text), names(&c.criteria)]);
    html! {
        @if !description.user_entity_controls.is_empty() {
            (table("Complementary user entity controls", &["Id", "Control", "Criteria"], rows))
        }
        @if !description.user_responsibilities.is_empty() {
            h4 { "User Entity Responsibilities" }
            p { "User entities also carry the following responsibilities. They help to use the service well; meeting the criteria does not depend on them." }
            ul { @for item in &description.user_responsibilities { li { (item) } } }
        }
    }
}

fn subservice(organizations: &[Subservice]) -> Markup {
    html! {
        @for organization in organizations {
            h4 { (organization.name) }
            p {
                (organization.service) ". "
                @match organization.method {
                    SubserviceMethod::CarveOut => "Presented by the carve-out method.",
                    SubserviceMethod::Inclusive => "Presented by the inclusive method.",
                }
                @if !organization.criteria.is_empty() { " Its controls bear on " (names(&organization.criteria)) "." }
                @if !organization.monitoring_controls.is_empty() { " Monitored by " (names(&organization.monitoring_controls)) "." }
            }
            @if !organization.assumed_controls.is_empty() {
                (table("Complementary subservice organization controls", &["Id", "Control", "Criteria"],
                    organization.assumed_controls.iter().map(|c| vec![name(&c.id), cell(&c.text), names(&c.criteria)])))
            }
        }
    }
}

fn not_relevant(description: &Description) -> Markup {
    let rows = description
        .not_relevant
        .iter()
        .map(|n| vec![name(n.criterion), cell(&n.reason)]);
    html! {
        @if !description.not_relevant.is_empty() {
            (table("Criteria that are not relevant", &["Criterion", "Why it is not relevant"], rows))
        }
    }
}

fn changes(description: &Description) -> Markup {
    let rows = description.changes.iter().map(|c| {
        vec![
            html! { (long_date(c.on)) br; (name(&c.id)) },
            html! { (c.summary) " " (names(&c.controls)) },
            cell(&c.before),
            cell(&c.after),
        ]
    });
    html! {
        @if !description.changes.is_empty() {
            (table("Significant changes", &["Date and id", "Change", "Before", "After"], rows))
        }
    }
}
