//! Controls: all of them as a table, and each with its description, how it
//! went over the period, its tests, its evidence, its mappings and its history.
//!
//! What must hold: a control stands where the worst of its tests stands; the
//! calendar shows a day nobody observed as such; a change is the same entry
//! that `tickmark apply` writes.

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Action;
use tickmark_catalog::{ControlId, Problem, catalog};
use tickmark_program::{Control, set_front_matter};
use tickmark_realm::{Edits, Standing};

use super::{Group, Page};
use crate::calendar;
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, icon, tag, tag_link};
use crate::picture::{ControlFacts, Recorded, run_of};
use crate::route::{Access, On, PROGRAM, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The page.
pub static PAGE: Page = Page {
    title: "Controls",
    icon: "shield-check",
    group: Group::Program,
    href: "/controls",
    access: PROGRAM,
    count: |visit| Some(visit.recorded().ok()?.controls.len()),
    routes: || {
        vec![
            get("/controls", PROGRAM, list),
            post(
                "/controls",
                Access::May(Action::EditProgram, On::Company),
                change_many,
            ),
            get("/controls/{id}", PROGRAM, overview),
            get("/controls/{id}/evidence", PROGRAM, evidence),
            get("/controls/{id}/history", PROGRAM, history),
        ]
    },
};

struct Row<'r> {
    control: &'r Control,
    facts: &'r ControlFacts,
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let rows = recorded
        .program
        .controls
        .iter()
        .filter_map(|control| {
            Some(Row {
                control,
                facts: recorded.controls.get(&control.definition.id)?,
            })
        })
        .collect();
    let mut table = table(&visit, recorded, rows);
    if visit.may(Action::EditProgram) && visit.shows_past().is_none() {
        table = table.bulk(bulk_form(), |row| row.control.definition.id.to_string());
    }
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("Controls"), html! { (t!("What the company does to keep its promises. Each stands where the worst of its tests stands.")) }, super::records::add_link(&visit, "control", None, t!("Add a control"))))
        section.card { (table.render(&visit)) }
    };
    Ok(Shown::new(t!("Controls"), body).in_frame(&visit))
}

fn table<'v>(visit: &'v Visit, recorded: &'v Recorded, rows: Vec<Row<'v>>) -> Table<'v, Row<'v>> {
    let mut owners: Vec<String> = rows
        .iter()
        .map(|row| row.control.definition.owner_role.clone())
        .collect();
    owners.sort();
    owners.dedup();
    let mut series: Vec<&str> = recorded
        .program
        .applicable_criteria()
        .iter()
        .map(|id| id.series())
        .collect();
    series.dedup();
    let standings = [
        Standing::Operated,
        Standing::Deviates,
        Standing::NotTested,
        Standing::NoOccurrence,
        Standing::Documented,
        Standing::Nothing,
    ];
    Table::new("controls", rows, vec![
        Column::new("id", t!("Control"), |row: &Row| row.control.definition.id.to_string())
            .show(|row| tag_link(&visit.link(&format!("/controls/{}", row.control.definition.id)), row.control.definition.id.as_str())),
        Column::new("title", t!("Title"), |row: &Row| row.control.definition.title.clone())
            .show(|row| html! {
                a.t href=(visit.link(&format!("/controls/{}", row.control.definition.id))) { (row.control.definition.title) }
                small { (joined(&row.control.definition.criteria)) }
            }),
        Column::new("standing", t!("Standing"), |row: &Row| parts::standing_words(row.facts.standing).1)
            .show(|row| parts::standing(row.facts.standing)),
        Column::new("deviations", t!("Items that deviate"), |row: &Row| row.facts.deviations).wide_only(),
        Column::new("gaps", t!("Items with gaps"), |row: &Row| row.facts.with_gaps).wide_only(),
        Column::new("owner", t!("Owner"), |row: &Row| row.control.definition.owner_role.clone())
            .show(|row| parts::person(&row.control.definition.owner_role)).wide_only(),
        Column::new("frequency", t!("Frequency"), |row: &Row| format::named(&row.control.definition.frequency)).wide_only(),
    ])
    .filter("standing", t!("Any standing"),
        standings.iter().map(|it| (format::serde_name(it), parts::standing_words(*it).1.to_owned())).collect(),
        |row, choice| format::serde_name(&row.facts.standing) == choice)
    .filter("series", t!("Any criteria"),
        series.iter().map(|it| ((*it).to_owned(), format!("{it} {}", super::dashboard::series_title(it)))).collect(),
        |row, choice| row.control.definition.criteria.iter().any(|it| it.series() == choice))
    .filter("owner", t!("Any owner"), owners.into_iter().map(|it| (it.clone(), it)).collect(),
        |row, choice| row.control.definition.owner_role == choice)
    .filter("gaps", t!("With or without gaps"), vec![("yes".into(), t!("With gaps").into()), ("no".into(), t!("Without gaps").into())],
        |row, choice| (row.facts.with_gaps > 0) == (choice == "yes"))
}

/// What can be done to the controls chosen.
fn bulk_form() -> Markup {
    html! {
        label for="bulk-field" { (t!("Set")) }
        select #bulk-field name="field" { option value="owner_role" { (t!("Owner")) } option value="frequency" { (t!("Frequency")) } option value="since" { (t!("Since")) } }
        label.vh for="bulk-value" { (t!("to")) }
        input #bulk-value name="value" required placeholder=(t!("Head of Security, monthly, 2026-01-01 …"));
        button.btn.primary type="submit" { (icon("check")) (t!("Change those chosen")) }
    }
}

#[derive(Deserialize)]
struct Many {
    #[serde(default)]
    row: Vec<ControlId>,
    field: String,
    value: String,
}

/// Sets one field of several controls, all together or none.
async fn change_many(visit: Visit, Form(form): Form<Many>) -> Answer<Response> {
    if !["owner_role", "frequency", "since"].contains(&form.field.as_str()) {
        return Err(Fault::NotFound);
    }
    if form.row.is_empty() {
        return Err(Problem::new("no control was chosen")
            .hint("tick the controls to change")
            .into());
    }
    let actor = visit.actor()?;
    visit
        .company()?
        .command(move |company| {
            let files = company.state().program.files();
            let mut edits = Edits::new();
            for id in &form.row {
                let path = format!("controls/{id}.md");
                let file = files.get(&path).ok_or_else(|| {
                    Problem::new(format!("there is no control `{id}`")).hint("load the page anew")
                })?;
                let text = set_front_matter(&path, &file.text, &form.field, form.value.trim())?;
                edits.insert(path, Some(text));
            }
            company.edit(&actor, &edits)
        })
        .await?;
    Ok(crate::guard::see("/controls"))
}

fn joined(ids: &[impl ToString]) -> String {
    ids.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The head and tabs that every page of a control has.
fn framed(
    visit: &Visit,
    control: &Control,
    facts: &ControlFacts,
    tab: &str,
    body: Markup,
) -> Response {
    let definition = &control.definition;
    let id = &definition.id;
    let base = format!("/controls/{id}");
    let tests = definition.tests.len();
    let documents = documents_of(visit, id).len();
    let body = html! {
        div.stack {
            div.page-head {
                div {
                    div.row.wrap { (tag(id.as_str())) (parts::standing(facts.standing)) (parts::label(&format::named(&definition.nature))) (parts::label(&format::named(&definition.automation))) }
                    h1.mt8 { (definition.title) }
                }
                div.row.wrap { (actions(visit, control)) }
            }
            (parts::tabs(t!("Control"), &[
                (t!("Overview"), Some(tests), visit.link(&base), tab == "overview"),
                (t!("Evidence"), Some(documents), visit.link(&format!("{base}/evidence")), tab == "evidence"),
                (t!("History"), None, visit.link(&format!("{base}/history")), tab == "history"),
            ]))
        }
        (body)
    };
    Shown::new(id.to_string(), body)
        .below("/controls", t!("Controls"))
        .in_frame(visit)
}

fn actions(visit: &Visit, control: &Control) -> Markup {
    let id = &control.definition.id;
    let resource = tickmark_access::Resource::Control {
        owner_role: &control.definition.owner_role,
    };
    html! {
        @if visit.shows_past().is_none() {
            @if visit.may_on(Action::EditControl, resource) { (parts::button_link(&format!("/controls/{id}/edit"), "square-pen", t!("Edit"))) }
            @if visit.may_on(Action::UploadEvidence, resource) { (parts::button_link(&format!("/controls/{id}/upload"), "paperclip", t!("Add evidence"))) }
            @if visit.may(Action::RunTests) && !control.definition.tests.is_empty() {
                form method="post" action="/tests/run" data-job {
                    input type="hidden" name="control" value=(id);
                    button.btn.primary type="submit" { (icon("refresh-cw")) (t!("Run tests")) }
                }
            }
        }
    }
}

fn found(visit: &Visit) -> Answer<(&Control, &ControlFacts)> {
    let id: ControlId = visit.parsed("id")?;
    visit.recorded()?.control(&id).ok_or(Fault::NotFound)
}

async fn overview(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let (control, facts) = found(&visit)?;
    let definition = &control.definition;
    let body = html! {
        div.grid.g-detail {
            div.stack {
                (warnings(&visit, facts))
                (parts::card(t!("Control activity"), html! {}, html! { @for paragraph in definition.description.split("\n\n") { p.prose { (paragraph) } } }))
                @if let Some(operation) = recorded.operation_of(control) {
                    section.card {
                        header { div { h2 { (t!("Operation over the period")) } p { (t!("One cell a day, over the whole population")) } } (calendar::legend()) }
                        div.body { (calendar::calendar(&operation)) (calendar::summary(&operation)) }
                    }
                }
                (tests(&visit, recorded, control)?)
            }
            aside.stack { (side(&visit, recorded, control)) }
        }
    };
    Ok(framed(&visit, control, facts, "overview", body))
}

fn warnings(visit: &Visit, facts: &ControlFacts) -> Markup {
    html! {
        @if facts.deviations > 0 { (parts::note(Tone::Bad, html! { b { (tn!(facts.deviations, "{n} item deviates.", "{n} items deviate.")) } " " (t!("The tests below list each with its reason.")) })) }
        @if facts.with_gaps > 0 { (parts::note(Tone::Warn, html! { b { (tn!(facts.with_gaps, "{n} item was not observed on some day.", "{n} items were not observed on some day.")) } " " (t!("A gap is never counted as operating.")) })) }
        @for dataset in &facts.incomplete { (parts::note(Tone::Bad, html! { b { (t!("Population {name} is not complete.", name = dataset)) } " " a.link href=(visit.link(&format!("/populations/{dataset}"))) { (t!("See what is missing")) } })) }
    }
}

fn tests(visit: &Visit, recorded: &Recorded, control: &Control) -> Answer<Markup> {
    let picture = visit.picture()?;
    Ok(parts::card_flush(
        t!("Tests of this control"),
        html! {},
        html! {
            @if control.definition.tests.is_empty() {
                p.none { (t!("No control test tests it: documents and the auditor's own procedures do.")) }
            }
            ul.rows { @for id in &control.definition.tests { @let run = run_of(&picture.state, id, recorded.program.period); li {
                a.row-link href=(visit.link(&format!("/tests/{id}"))) {
                    span.grow {
                        b { (recorded.test(id).map_or(id.as_str(), |test| test.title.as_str())) }
                        small { @match run {
                            Some(run) => (t!("{tested} of {all} items tested, {n} deviate", tested = format::number(run.counts.tested), all = format::number(run.counts.population), n = format::number(run.counts.deviations))),
                            None => (t!("never run over this period")),
                        } }
                    }
                    @match run { Some(run) => (parts::outcome(&run.outcome)), None => (parts::pill(Tone::Warn, t!("Not run"))) }
                }
            } } }
        },
    ))
}

fn side(visit: &Visit, recorded: &Recorded, control: &Control) -> Markup {
    let definition = &control.definition;
    let frequency = match definition.also_frequency {
        Some(also) => format!(
            "{}, {}",
            format::named(&definition.frequency),
            format::named(&also).to_lowercase()
        ),
        None => format::named(&definition.frequency),
    };
    let risks: Vec<_> = recorded
        .program
        .risks
        .iter()
        .filter(|it| it.controls.contains(&definition.id))
        .collect();
    let policies: Vec<_> = recorded
        .program
        .policies
        .iter()
        .filter(|it| it.controls.contains(&definition.id))
        .collect();
    let commitments: Vec<_> = recorded
        .program
        .commitments
        .iter()
        .filter(|it| it.controls.contains(&definition.id))
        .collect();
    html! {
        (parts::properties(&[
            (t!("Owner"), parts::person(&definition.owner_role)),
            (t!("Frequency"), html! { (frequency) }),
            (t!("Nature"), html! { (format::named(&definition.nature)) }),
            (t!("Performed"), html! { (format::named(&definition.automation)) }),
            (t!("Since"), html! { @match control.since { Some(since) => (format::day(since)), None => (t!("before the period")) } }),
        ]))
        section.side-sec { h2 { (t!("Criteria")) } div.row.wrap { @for id in &definition.criteria { (tag_link(&visit.link(&format!("/criteria/{id}")), &id.to_string())) } } }
        section.side-sec { h2 { (t!("Points of focus")) } div.row.wrap { @for id in &definition.points_of_focus { (tag(&id.to_string())) } } }
        @if !definition.evidence.is_empty() { section.side-sec { h2 { (t!("What shows it")) } ul.plain { @for it in &definition.evidence { li { (it) } } } } }
        @if !risks.is_empty() { section.side-sec { h2 { (t!("Mitigates")) } @for it in risks { a.linkrow href=(visit.link(&format!("/risks/{}", it.id))) { (icon("triangle-alert")) span { (it.id) " " (it.title) } } } } }
        @if !policies.is_empty() { section.side-sec { h2 { (t!("Policies")) } @for it in policies { a.linkrow href=(visit.link(&format!("/policies/{}", it.id))) { (icon("scroll-text")) span { (it.title) } } } } }
        @if !commitments.is_empty() { section.side-sec { h2 { (t!("Keeps commitments")) } @for it in commitments { a.linkrow href={ (visit.link("/commitments")) "#" (it.id) } { (icon("handshake")) span { (it.id) " " (it.text) } } } } }
        section.side-sec { h2 { (t!("Also bears on")) } (mappings(control)) }
    }
}

/// What other frameworks meet the criteria of a control.
fn mappings(control: &Control) -> Markup {
    let rows: Vec<_> = control
        .definition
        .criteria
        .iter()
        .filter_map(|id| catalog().crosswalk_row(*id))
        .collect();
    let mut ids: Vec<String> = rows
        .iter()
        .flat_map(|row| {
            row.iso27001_2022
                .iter()
                .map(|id| format!("ISO 27001 {id}"))
                .chain(row.nist_csf_2.iter().map(|id| format!("CSF {id}")))
        })
        .collect();
    ids.sort();
    ids.dedup();
    html! { div.row.wrap { @for id in &ids { (tag(id)) } } }
}

fn documents_of<'v>(visit: &'v Visit, id: &ControlId) -> Vec<&'v tickmark_evidence::Artifact> {
    let Ok(picture) = visit.picture() else {
        return Vec::new();
    };
    picture
        .state
        .evidence
        .artifacts()
        .filter(|it| it.controls.contains(id))
        .collect()
}

async fn evidence(visit: Visit) -> Answer<Response> {
    let (control, facts) = found(&visit)?;
    let documents = documents_of(&visit, &control.definition.id);
    let snapshots = super::populations::snapshots_read_by(&visit, control)?;
    let body = html! {
        (parts::card_flush(t!("Documents"), html! { span.mut { (tn!(documents.len(), "{n} document", "{n} documents")) } }, html! {
            @if documents.is_empty() { p.none { (t!("No document names this control yet.")) } }
            ul.rows { @for it in documents { li { a.row-link href=(visit.link(&format!("/evidence/documents/{}", it.sha256))) {
                (icon("file-text"))
                span.grow { b { (it.title) } small { (it.path) } }
                span.mut.hide-s { (format::bytes(it.size_bytes)) }
                @if let Some(dated) = it.dated { span.mut { (format::day(dated)) } }
            } } } }
        }))
        (parts::card_flush(t!("Populations its tests read"), html! {}, html! { (snapshots) }))
    };
    Ok(framed(&visit, control, facts, "evidence", body))
}

async fn history(visit: Visit) -> Answer<Response> {
    let (control, facts) = found(&visit)?;
    let path = format!("controls/{}.md", control.definition.id);
    let tests: Vec<String> = control
        .definition
        .tests
        .iter()
        .map(ToString::to_string)
        .collect();
    let entries = super::ledger::about(&visit, &[path], &tests)?;
    let body = parts::card_flush(
        t!("What the ledger says about it"),
        html! { span.mut { (t!("each link shows the control as of that entry")) } },
        html! {
            ul.rows { @for it in &entries { li { a.row-link href={ "/controls/" (control.definition.id) "?at=" (it.index) } {
                (parts::avatar(&it.who))
                span.grow { b { (it.who) } " " (it.what) }
                span.mut { (it.when) }
            } } } }
        },
    );
    Ok(framed(&visit, control, facts, "history", body))
}
