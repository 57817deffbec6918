//! Control tests: what each tests and how, what came out item by item, its SQL
//! and parameters, its fixtures; running them with progress; management's
//! answer to what deviates.
//!
//! What must hold: every item is listed with its reason; "could not test" is
//! never shown as "no deviations"; an answer is bound to the result it answers.

use std::sync::Arc;

use axum::response::Response;
use axum_extra::extract::Form;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Action;
use tickmark_catalog::{ControlId, ControlTestId, Problem, Problems};
use tickmark_control_tests::events::{ResponseGiven, RunRecorded};
use tickmark_control_tests::{
    Completeness, ControlTest, ItemResult, ItemStatus, Outcome, TestFolder, TestResult, sentences,
};

use super::{Group, Page};
use crate::calendar;
use crate::fault::{Answer, Fault};
use crate::format::{self, number, short};
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, icon, tag_link};
use crate::picture::{Recorded, run_of};
use crate::route::{Access, On, PROGRAM, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;
use crate::work;

/// The page.
pub static PAGE: Page = Page {
    title: "Tests",
    icon: "flask-conical",
    group: Group::Program,
    href: "/tests",
    access: PROGRAM,
    count: |visit| Some(visit.recorded().ok()?.tests.len()),
    routes: || {
        vec![
            get("/tests", PROGRAM, list),
            post(
                "/tests/run",
                Access::May(Action::RunTests, On::Company),
                run,
            ),
            get("/tests/{id}", PROGRAM, items),
            get("/tests/{id}/definition", PROGRAM, definition),
            get("/tests/{id}/fixtures", PROGRAM, fixtures),
            post(
                "/tests/{id}/response",
                Access::May(Action::RespondToDeviation, On::Company),
                respond,
            ),
        ]
    },
};

struct Row<'r> {
    test: &'r ControlTest,
    run: Option<&'r RunRecorded>,
}

impl Row<'_> {
    fn outcome(&self) -> &'static str {
        match self.run.map(|run| &run.outcome) {
            None => "not_run",
            Some(Outcome::NoDeviations) => "no_deviations",
            Some(Outcome::Deviations) => "deviations",
            Some(Outcome::NoOccurrence) => "no_occurrence",
            Some(Outcome::NotTested { .. }) => "not_tested",
        }
    }
}

fn outcome_choices() -> Vec<(String, String)> {
    [
        ("no_deviations", t!("No deviations")),
        ("deviations", t!("Deviations")),
        ("no_occurrence", t!("No occurrence")),
        ("not_tested", t!("Not tested")),
        ("not_run", t!("Not run")),
    ]
    .map(|(value, words)| (value.to_owned(), words.to_owned()))
    .to_vec()
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let state = &visit.picture()?.state;
    let rows = recorded
        .tests
        .values()
        .map(|(_, test)| Row {
            test,
            run: run_of(state, &test.id, recorded.program.period),
        })
        .collect();
    let count = |row: &Row, of: fn(&RunRecorded) -> u64| row.run.map(of);
    let table = Table::new("tests", rows, vec![
        Column::new("title", t!("Test"), |row: &Row| row.test.title.clone())
            .show(|row| html! { a.t href=(visit.link(&format!("/tests/{}", row.test.id))) { (row.test.title) } small { (row.test.id) } }),
        Column::new("controls", t!("Controls"), |row: &Row| row.test.controls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")).wide_only()
            .show(|row| html! { span.row.wrap { @for id in &row.test.controls { (tag_link(&visit.link(&format!("/controls/{id}")), id.as_str())) } } }),
        Column::new("outcome", t!("Outcome"), |row: &Row| row.outcome())
            .show(|row| match row.run { Some(run) => parts::outcome(&run.outcome), None => parts::pill(Tone::Warn, t!("Not run")) }),
        Column::new("population", t!("Population"), move |row: &Row| count(row, |run| run.counts.population)).wide_only(),
        Column::new("tested", t!("Tested"), move |row: &Row| count(row, |run| run.counts.tested)).wide_only(),
        Column::new("deviations", t!("Deviate"), move |row: &Row| count(row, |run| run.counts.deviations)),
        Column::new("not_tested", t!("Not tested"), move |row: &Row| count(row, |run| run.counts.not_tested)).wide_only(),
    ])
    .filter("outcome", t!("Any outcome"), outcome_choices(), |row, choice| row.outcome() == choice);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("Control tests"), html! { (t!("Each runs over the whole population and the whole period; what it reads and how is SQL anyone can review.")) }, html! {
            @if visit.may(Action::RunUnsavedSql) { (parts::button_link("/workbench", "square-terminal", t!("Workbench"))) }
            @if visit.may(Action::RunTests) && visit.shows_past().is_none() {
                form method="post" action="/tests/run" data-job { button.btn.primary type="submit" { (icon("play")) (t!("Run all tests")) } }
            }
        }))
        section.card { (table.render(&visit)) }
    };
    Ok(Shown::new(t!("Tests"), body).in_frame(&visit))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    control: Option<ControlId>,
    #[serde(default)]
    test: Vec<ControlTestId>,
}

/// Runs tests beside; the answer leads to the job.
async fn run(visit: Visit, Form(wanted): Form<Wanted>) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let mut only = wanted.test;
    if let Some(control) = &wanted.control {
        let (control, _) = recorded.control(control).ok_or(Fault::NotFound)?;
        only.extend(control.definition.tests.iter().cloned());
    }
    let href = match (&wanted.control, only.as_slice()) {
        (Some(control), _) => format!("/controls/{control}"),
        (None, [one]) => format!("/tests/{one}"),
        _ => "/tests".to_owned(),
    };
    let id = work::run_tests(&visit, only, href)?;
    Ok(super::jobs::started(&visit, id))
}

fn found(visit: &Visit) -> Answer<(&Recorded, &(TestFolder, ControlTest), Option<&RunRecorded>)> {
    let id: ControlTestId = visit.parsed("id")?;
    let recorded = visit.recorded()?;
    let test = recorded.tests.get(&id).ok_or(Fault::NotFound)?;
    let run = run_of(&visit.picture()?.state, &id, recorded.program.period);
    Ok((recorded, test, run))
}

fn framed(
    visit: &Visit,
    test: &ControlTest,
    run: Option<&RunRecorded>,
    folder: &TestFolder,
    tab: &str,
    body: Markup,
) -> Response {
    let base = format!("/tests/{}", test.id);
    let population = run.and_then(|run| usize::try_from(run.counts.population).ok());
    let body = html! {
        div.stack {
            div.page-head {
                div {
                    div.row.wrap {
                        @match run { Some(run) => (parts::outcome(&run.outcome)), None => (parts::pill(Tone::Warn, t!("Not run"))) }
                        @for id in &test.controls { (tag_link(&visit.link(&format!("/controls/{id}")), id.as_str())) }
                        (parts::label(&format::named(&test.kind))) (parts::label(&format::named(&test.nature)))
                    }
                    h1.mt8 { (test.title) }
                }
                div.row.wrap {
                    @if visit.may(Action::RunUnsavedSql) { (parts::button_link(&format!("/workbench?test={}", test.id), "square-terminal", t!("Open in the workbench"))) }
                    @if visit.may(Action::RunTests) && visit.shows_past().is_none() {
                        form method="post" action="/tests/run" data-job { input type="hidden" name="test" value=(test.id); button.btn.primary type="submit" { (icon("play")) (t!("Run")) } }
                    }
                }
            }
            (parts::tabs(t!("Test"), &[
                (t!("Items"), population, visit.link(&base), tab == "items"),
                (t!("SQL and parameters"), None, visit.link(&format!("{base}/definition")), tab == "definition"),
                (t!("Fixtures"), Some(folder.fixture_names().len()), visit.link(&format!("{base}/fixtures")), tab == "fixtures"),
            ]))
        }
        (body)
    };
    Shown::new(test.id.to_string(), body)
        .below("/tests", t!("Tests"))
        .in_frame(visit)
}

async fn items(visit: Visit) -> Answer<Response> {
    let (recorded, (folder, test), run) = found(&visit)?;
    let Some(run) = run else {
        let body = parts::empty(
            "flask-conical",
            t!("Not run over this period yet"),
            &test.why,
            html! {},
        );
        return Ok(framed(&visit, test, None, folder, "items", body));
    };
    let Some(result) = visit.company()?.results().of(run) else {
        let body = parts::empty(
            "flask-conical",
            t!("The items of this run are no longer kept"),
            t!(
                "The ledger has their digest. Run the test again: the same inputs give the same items."
            ),
            html! {},
        );
        return Ok(framed(&visit, test, Some(run), folder, "items", body));
    };
    let zone = visit.zone();
    let table = item_table(test, &result, &zone);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        div.grid.g-detail {
            div.stack {
                (finding(test, &result))
                (completeness(&visit, &result))
                (response(&visit, recorded, test, run)?)
                @if let Some(operation) = recorded.operation(&test.id) {
                    section.card { header { h2 { (t!("Over the period")) } (calendar::legend()) } div.body { (calendar::calendar(operation)) (calendar::summary(operation)) } }
                }
                section.card { (table.render(&visit)) }
            }
            aside.stack { (side(&visit, test, run, &result)) }
        }
    };
    Ok(framed(&visit, test, Some(run), folder, "items", body))
}

/// The sentence a report would print.
fn finding(test: &ControlTest, result: &TestResult) -> Markup {
    let tone = match result.outcome {
        Outcome::NoDeviations => Tone::Ok,
        Outcome::Deviations => Tone::Bad,
        Outcome::NoOccurrence => Tone::Idle,
        Outcome::NotTested { .. } => Tone::Warn,
    };
    // A sentence that cannot be filled is a fault of the definition and shown where it is run.
    let sentence = sentences::finding(test, result).unwrap_or_else(|problem| problem.message);
    parts::note(tone, html! { b { (sentence) } })
}

fn completeness(visit: &Visit, result: &TestResult) -> Markup {
    html! {
        @for it in &result.completeness {
            @match &it.status {
                Completeness::Incomplete { reasons } => (parts::note(Tone::Bad, html! {
                    b { (t!("Population {name} is not complete: ", name = it.dataset)) } (reasons.join("; ")) " "
                    a.link href=(visit.link(&format!("/populations/{}", it.dataset))) { (t!("See the rows")) }
                })),
                _ => {}
            }
        }
    }
}

fn item_table<'v>(
    test: &'v ControlTest,
    result: &'v Arc<TestResult>,
    zone: &'v jiff::tz::TimeZone,
) -> Table<'v, &'v ItemResult> {
    let rows: Vec<&ItemResult> = result.items.iter().collect();
    let noun = crate::format::words(&test.item.singular);
    let mut sorted = rows;
    sorted.sort_by_key(|it| match it.status {
        ItemStatus::Deviation => 0,
        ItemStatus::NotTested => 1,
        ItemStatus::Excluded => 2,
        ItemStatus::Operated => 3,
    });
    let details: std::collections::BTreeSet<String> = sorted
        .iter()
        .flat_map(|it| it.detail.iter().map(|(name, _)| name.to_owned()))
        .collect();
    let mut columns = vec![
        Column::new("item", t!("Item"), |row: &&ItemResult| row.item.clone())
            .show(move |row| html! { span id={ "item-" (row.item) } title=(noun) { b { (row.item) } } }),
        Column::new("status", t!("Status"), |row: &&ItemResult| row.status.to_string()).show(|row| status(row.status)),
        Column::new("reason", t!("Reason"), |row: &&ItemResult| row.reason.clone())
            .show(|row| html! { (row.reason) @if !row.intervals.is_empty() { small { (row.intervals_text()) } } }).wide(),
        Column::new("occurred_at", t!("When"), |row: &&ItemResult| row.occurred_at.map(|at| at.to_string()))
            .show(move |row| html! { @match row.occurred_at { Some(at) => span.nw { (occurred(at, zone)) }, None => "–" } }),
    ];
    for (place, name) in details.into_iter().enumerate() {
        let column = Column::new(name.clone(), name.clone(), move |row: &&ItemResult| {
            row.detail.get(&name).map(|it| it.into_owned())
        })
        .wide_only();
        columns.push(if place < 2 {
            column
        } else {
            column.only_in_file()
        });
    }
    Table::new("items", sorted, columns).filter(
        "status",
        t!("Any status"),
        vec![
            ("deviation".into(), t!("Deviation").into()),
            ("not_tested".into(), t!("Not tested").into()),
            ("excluded".into(), t!("Excluded").into()),
            ("operated".into(), t!("Operated").into()),
        ],
        |row, choice| row.status.to_string() == choice,
    )
}

/// When something occurred, in a time zone where it is an instant.
pub fn occurred(at: tickmark_control_tests::Occurred, zone: &jiff::tz::TimeZone) -> String {
    match at {
        tickmark_control_tests::Occurred::Instant(at) => format::instant(at, zone),
        tickmark_control_tests::Occurred::Day(day) => format::day(day),
    }
}

/// How an item stands.
pub fn status(status: ItemStatus) -> Markup {
    match status {
        ItemStatus::Operated => parts::pill(Tone::Ok, t!("Operated")),
        ItemStatus::Deviation => parts::pill(Tone::Bad, t!("Deviation")),
        ItemStatus::Excluded => parts::pill(Tone::Idle, t!("Excluded")),
        ItemStatus::NotTested => parts::pill(Tone::Warn, t!("Not tested")),
    }
}

fn side(visit: &Visit, test: &ControlTest, run: &RunRecorded, result: &TestResult) -> Markup {
    let counts = run.counts;
    html! {
        (parts::properties(&[
            (t!("Population"), html! { (number(counts.population)) }),
            (t!("Tested"), html! { (number(counts.tested)) }),
            (t!("Operated"), html! { (number(counts.operated)) }),
            (t!("Deviate"), html! { (number(counts.deviations)) }),
            (t!("Excluded"), html! { (number(counts.excluded)) }),
            (t!("Not tested"), html! { (number(counts.not_tested)) }),
            (t!("With gaps"), html! { (number(counts.with_gaps)) }),
        ]))
        section.side-sec { h2 { (t!("Why it matters")) } p.mut2 { (test.why) } }
        section.side-sec { h2 { (t!("What to do about a deviation")) } p.mut2 { (test.remedy) } }
        section.side-sec { h2 { (t!("Computed from")) }
            (parts::properties(&[
                (t!("Result"), html! { code title=(run.result_sha256) { (short(run.result_sha256.as_str())) } }),
                (t!("SQL"), html! { code title=(result.inputs.sql_sha256) { (short(result.inputs.sql_sha256.as_str())) } }),
                (t!("Engine"), html! { (result.inputs.engine) }),
            ]))
            @for it in &result.inputs.snapshots {
                a.linkrow href=(visit.link(&format!("/populations/{}", it.dataset))) { (icon("database")) span { (it.dataset) " · " (it.source) " · " (number(it.rows)) } }
            }
        }
    }
}

/// Management's answer, or the form for it.
fn response(
    visit: &Visit,
    recorded: &Recorded,
    test: &ControlTest,
    run: &RunRecorded,
) -> Answer<Markup> {
    if run.outcome != Outcome::Deviations {
        return Ok(html! {});
    }
    let state = &visit.picture()?.state;
    let known = state.control_tests.response_to(&run.result_sha256);
    let may = visit.may(Action::RespondToDeviation) && visit.shows_past().is_none();
    Ok(html! {
        section.card #response {
            header { h2 { (t!("Management's response")) } span.mut { (t!("bound to this result")) } }
            div.body {
                @if let Some(it) = known {
                    (parts::properties(&[
                        (t!("Position"), html! { (it.position) }), (t!("Cause"), html! { (it.cause) }), (t!("Action"), html! { (it.action) }),
                        (t!("Owner"), parts::person(&it.owner_role)), (t!("Due"), html! { (format::day(it.due_on)) }),
                    ]))
                } @else if !may { p.none { (t!("Management has not answered yet.")) } }
                @if may && known.is_none() { p.none { (t!("Management has not answered yet.")) } }
                @if may {
                    details {
                        summary { @if known.is_some() { (t!("Answer anew")) } @else { (t!("Answer")) } }
                        (response_form(recorded, test, run, known))
                    }
                }
            }
        }
    })
}

fn response_form(
    recorded: &Recorded,
    test: &ControlTest,
    run: &RunRecorded,
    known: Option<&ResponseGiven>,
) -> Markup {
    let owner = test
        .controls
        .iter()
        .find_map(|id| recorded.program.control(id))
        .map_or("", |it| it.definition.owner_role.as_str());
    let text = |of: fn(&ResponseGiven) -> &String| known.map_or("", |it| of(it).as_str());
    html! {
        form.form method="post" action={ "/tests/" (test.id) "/response" } {
            input type="hidden" name="result" value=(run.result_sha256);
            (parts::field("position", t!("Position"), t!("Whether management agrees, in its own words."), html! { input #position name="position" required maxlength="500" value=(text(|it| &it.position)) aria-describedby="position-hint"; }))
            (parts::field("cause", t!("Cause"), t!("Why it happened, as management sees it."), html! { textarea #cause name="cause" required maxlength="4000" rows="3" aria-describedby="cause-hint" { (text(|it| &it.cause)) } }))
            (parts::field("action", t!("Action"), t!("What was or will be done."), html! { textarea #action name="action" required maxlength="4000" rows="3" aria-describedby="action-hint" { (text(|it| &it.action)) } }))
            div.form-row {
                (parts::field("owner_role", t!("Role that answers for it"), "", html! { input #owner_role name="owner_role" required maxlength="200" value=(known.map_or(owner, |it| it.owner_role.as_str())); }))
                (parts::field("due_on", t!("Done by"), "", html! { input #due_on name="due_on" type="date" required value=(known.map_or_else(String::new, |it| it.due_on.to_string())); }))
            }
            (parts::button_primary("check", t!("Record the response")))
        }
    }
}

#[derive(Deserialize)]
struct Response_ {
    result: String,
    position: String,
    cause: String,
    action: String,
    owner_role: String,
    due_on: String,
}

async fn respond(visit: Visit, Form(form): Form<Response_>) -> Answer<Response> {
    let (recorded, (_, test), run) = found(&visit)?;
    let run = run.ok_or(Fault::NotFound)?;
    if form.result != run.result_sha256.as_str() {
        return Err(Fault::Conflict(
            Problem::new("the test was run again meanwhile, with another result")
                .hint("read the new items, then answer them"),
        ));
    }
    let mut problems = Vec::new();
    for (name, text) in [
        ("position", &form.position),
        ("cause", &form.cause),
        ("action", &form.action),
        ("role", &form.owner_role),
    ] {
        if text.trim().is_empty() {
            problems
                .push(Problem::new(format!("the {name} is empty")).hint("say it in a sentence"));
        }
    }
    let due_on: Option<Date> = form.due_on.parse().ok();
    if due_on.is_none() {
        problems.push(
            Problem::new(format!("`{}` is not a day", form.due_on))
                .hint("write it as `2026-09-30`"),
        );
    }
    let Some(due_on) = due_on.filter(|_| problems.is_empty()) else {
        return Err(Problems(problems).into());
    };
    let response = ResponseGiven {
        test: test.id.clone(),
        period: recorded.program.period,
        result_sha256: run.result_sha256.clone(),
        position: form.position.trim().to_owned(),
        cause: form.cause.trim().to_owned(),
        action: form.action.trim().to_owned(),
        owner_role: form.owner_role.trim().to_owned(),
        due_on,
    };
    let (actor, id) = (visit.actor()?, test.id.clone());
    visit
        .company()?
        .command(move |company| company.respond(&actor, response))
        .await?;
    Ok(crate::guard::see(&format!("/tests/{id}#response")))
}

async fn definition(visit: Visit) -> Answer<Response> {
    let (_, (folder, test), run) = found(&visit)?;
    let body = html! {
        div.grid.g-detail {
            div.stack {
                (parts::card_flush("test.sql", html! { span.row { button.btn.ghost type="button" data-copy="#sql" { (icon("copy")) (t!("Copy")) } } }, html! { pre.code #sql tabindex="0" { (test.sql) } }))
                (parts::card_flush("test.toml", html! {}, html! { pre.code tabindex="0" { (folder.file("test.toml").unwrap_or_default()) } }))
            }
            aside.stack {
                section.side-sec { h2 { (t!("Procedure")) } p.mut2 { (test.procedure) } }
                section.side-sec { h2 { (t!("Parameters")) }
                    @if test.parameters.is_empty() { p.mut { (t!("It has none but the period.")) } }
                    @for (name, parameter) in &test.parameters {
                        p { code { "$" (name) } " = " b { (parameter.value) } } p.mut { (parameter.meaning) @if let Some(policy) = &parameter.policy { " · " (policy) } }
                    }
                }
                section.side-sec { h2 { (t!("Reads")) } @for table in &test.reads { p { code { (table) } } } }
            }
        }
    };
    Ok(framed(&visit, test, run, folder, "definition", body))
}

async fn fixtures(visit: Visit) -> Answer<Response> {
    let (_, (folder, test), run) = found(&visit)?;
    let body = html! {
        (parts::note(Tone::Note, html! { (t!("Small tables with the rows the SQL must return for them: the proof that the test itself works.")) }))
        @for name in folder.fixture_names() {
            section.card.split {
                header { h2 { (format::words(name)) } }
                @for (path, text) in folder.files.iter().filter(|(path, _)| path.starts_with(&format!("fixtures/{name}/"))) {
                    details.fixture { summary { code { (path) } span.mut { (tn!(text.lines().count(), "{n} line", "{n} lines")) } } pre.code tabindex="0" { (text) } }
                }
            }
        }
    };
    Ok(framed(&visit, test, run, folder, "fixtures", body))
}
