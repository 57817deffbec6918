//! The criteria: what each asks, the controls that support it and how they
//! stand, its points of focus, and where other frameworks meet it.
//!
//! What must hold: points of focus are things to consider, never a gate; a
//! crosswalk says that two things intersect, not that one satisfies the other.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_catalog::{Criterion, CriterionId, CrosswalkRow, catalog};

use super::dashboard::series_title;
use super::{Group, Page, no_count};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, tag, tag_link};
use crate::picture::Recorded;
use crate::route::{PROGRAM, get};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The page.
pub static PAGE: Page = Page {
    title: "Criteria",
    icon: "table-2",
    group: Group::Program,
    href: "/criteria",
    access: PROGRAM,
    count: no_count,
    routes: || {
        vec![
            get("/criteria", PROGRAM, list),
            get("/criteria/{id}", PROGRAM, show),
        ]
    },
};

struct Row<'r> {
    criterion: &'r Criterion,
    controls: usize,
    evidenced: usize,
    deviating: usize,
    is_evidenced: bool,
    not_relevant: Option<&'r str>,
}

fn rows(recorded: &Recorded) -> Vec<Row<'_>> {
    let program = &recorded.program;
    let row = |criterion: &'static Criterion| {
        let controls: Vec<_> = program
            .controls_for(criterion.id)
            .filter_map(|control| recorded.controls.get(&control.definition.id))
            .collect();
        let exempt = program
            .scope
            .not_relevant
            .iter()
            .find(|it| it.criterion == criterion.id);
        Row {
            criterion,
            controls: controls.len(),
            evidenced: controls.iter().filter(|it| it.is_evidenced()).count(),
            deviating: controls.iter().filter(|it| it.deviations > 0).count(),
            is_evidenced: recorded.is_evidenced(criterion.id),
            not_relevant: exempt.map(|it| it.reason.as_str()),
        }
    };
    catalog()
        .applicable_criteria(&program.scope.categories)
        .into_iter()
        .map(row)
        .collect()
}

fn status(row: &Row<'_>) -> (Tone, &'static str) {
    match row {
        Row {
            not_relevant: Some(_),
            ..
        } => (Tone::Idle, t!("Not relevant")),
        Row { controls: 0, .. } => (Tone::Bad, t!("No control")),
        Row {
            is_evidenced: true, ..
        } => (Tone::Ok, t!("Evidenced so far")),
        Row { deviating: 1.., .. } => (Tone::Bad, t!("Deviations")),
        _ => (Tone::Warn, t!("Not yet evidenced")),
    }
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let categories = recorded.program.scope.categories.iter();
    let table = Table::new("criteria", rows(recorded), vec![
        Column::new("id", t!("Criterion"), |row: &Row| row.criterion.id.to_string())
            .show(|row| tag_link(&visit.link(&format!("/criteria/{}", row.criterion.id)), &row.criterion.id.to_string())),
        Column::new("asks", t!("What it asks"), |row: &Row| row.criterion.summary.clone())
            .show(|row| html! { a.t href=(visit.link(&format!("/criteria/{}", row.criterion.id))) { (row.criterion.summary) } }),
        Column::new("series", t!("Part"), |row: &Row| series_title(&row.criterion.series)).wide_only(),
        Column::new("controls", t!("Controls"), |row: &Row| row.controls),
        Column::new("evidenced", t!("Evidenced"), |row: &Row| row.evidenced).wide_only(),
        Column::new("deviating", t!("With deviations"), |row: &Row| row.deviating).wide_only(),
        Column::new("status", t!("Status"), |row: &Row| status(row).1)
            .show(|row| { let (tone, text) = status(row); parts::pill(tone, text) }),
    ])
    .filter("category", t!("Any category"), categories.map(|it| (it.as_str().to_owned(), format::words(it.title()))).collect(),
        |row, choice| row.criterion.category.as_str() == choice)
    .filter("status", t!("Any status"), vec![
        ("evidenced".into(), t!("Evidenced so far").into()),
        ("not".into(), t!("Not evidenced").into()),
    ], |row, choice| row.is_evidenced == (choice == "evidenced"));
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("Criteria"), html! { (t!("The trust services criteria in scope, in our own words. A criterion is evidenced while every control that supports it is, for every interval so far.")) }, html! {}))
        section.card { (table.render(&visit)) }
    };
    Ok(Shown::new(t!("Criteria"), body).in_frame(&visit))
}

async fn show(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let id: CriterionId = visit.parsed("id")?;
    let criterion = catalog().criterion(id).ok_or(Fault::NotFound)?;
    let controls: Vec<_> = recorded.program.controls_for(id).collect();
    let row = rows(recorded)
        .into_iter()
        .find(|row| row.criterion.id == id);
    let body = html! {
        div.page-head { div {
            div.row.wrap { (tag(&id.to_string())) @if let Some(row) = &row { @let (tone, text) = status(row); (parts::pill(tone, text)) }
                (parts::label(&format::words(criterion.category.title())))
                @if let Some(principle) = criterion.coso_principle { (parts::label(&t!("COSO principle {n}", n = principle))) } }
            h1.mt8 { (criterion.summary) }
        } }
        @if let Some(reason) = row.as_ref().and_then(|row| row.not_relevant) { (parts::note(Tone::Note, html! { (t!("Not relevant: {reason}", reason = reason)) })) }
        div.grid.g-detail {
            div.stack {
                (parts::card_flush(t!("Controls"), html! { span.mut { (tn!(controls.len(), "{n} control", "{n} controls")) } }, html! {
                    @if controls.is_empty() { p.none { (t!("No control supports this criterion: without one it is not met.")) } }
                    ul.rows { @for control in &controls { @let definition = &control.definition; li {
                        a.row-link href=(visit.link(&format!("/controls/{}", definition.id))) {
                            (tag(definition.id.as_str()))
                            span.grow { b { (definition.title) } small { (definition.owner_role) } }
                            @if let Some(facts) = recorded.controls.get(&definition.id) { (parts::standing(facts.standing)) }
                        }
                    } } }
                }))
                (points_of_focus(&visit, criterion, recorded))
            }
            aside.stack { @if let Some(row) = catalog().crosswalk_row(id) { (crosswalk(row)) } }
        }
    };
    Ok(Shown::new(id.to_string(), body)
        .below("/criteria", t!("Criteria"))
        .in_frame(&visit))
}

fn points_of_focus(visit: &Visit, criterion: &Criterion, recorded: &Recorded) -> Markup {
    html! {
        (parts::card_flush(t!("Points of focus"), html! { span.mut { (t!("worth considering, not required")) } }, html! {
            ul.rows { @for point in &criterion.points_of_focus {
                @let bearing: Vec<_> = recorded.program.controls.iter().filter(|it| it.definition.points_of_focus.contains(&point.id)).collect();
                li { div.row-link {
                    (tag(&point.id.to_string()))
                    span.grow { (point.title) @if let Some(category) = point.only_category { small { (t!("only with {category}", category = category.title())) } } }
                    span.row.wrap { @for control in bearing.iter().take(4) { (tag_link(&visit.link(&format!("/controls/{}", control.definition.id)), control.definition.id.as_str())) }
                        @if bearing.len() > 4 { span.mut { "+" (bearing.len() - 4) } } }
                } }
            } }
        }))
    }
}

fn crosswalk(row: &CrosswalkRow) -> Markup {
    let frameworks: [(&str, &[String]); 5] = [
        ("ISO/IEC 27001:2022", &row.iso27001_2022),
        ("NIST CSF 2.0", &row.nist_csf_2),
        ("NIST SP 800-53", &row.nist_800_53_r5),
        ("HIPAA Security Rule", &row.hipaa),
        ("PCI DSS 4", &row.pci_dss_4),
    ];
    html! {
        section.side-sec {
            h2 { (t!("Where other frameworks meet it")) }
            @for (name, ids) in frameworks { @if !ids.is_empty() {
                p.mut2.mt8 { (name) }
                div.row.wrap.mt8 { @for id in ids { (tag(id)) } }
            } }
            @if !row.other.is_empty() { p.mut.mt8 { (row.other) } }
            p.mut.mt8 { (t!("They intersect; one does not satisfy the other.")) }
        }
    }
}
