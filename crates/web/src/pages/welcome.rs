//! The first start: from nothing to a recorded program in one form, and what to
//! do next.
//!
//! What must hold: nothing is invented for the company: what only it knows
//! reads "to be written" until someone writes it; what is recorded is what
//! `tickmark init` and `tickmark apply` would record. A program that lies in the
//! workspace's folder is recorded as it is, never written over.

use std::collections::BTreeSet;

use axum::response::Response;
use axum_extra::extract::Form;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Action;
use tickmark_catalog::{Category, ControlId, Period, Problem, Problems, catalog};
use tickmark_program::{DescriptionCheck, Starter, UNWRITTEN};
use tickmark_realm::{Company, Edits};

use super::dashboard::series_title;
use crate::fault::Answer;
use crate::format;
use crate::frame::{Shown, head};
use crate::guard::{again, see};
use crate::parts::{self, Tone, icon};
use crate::route::{Access, On, Route, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;

const EDITORS: Access = Access::May(Action::EditProgram, On::Company);

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/welcome", EDITORS, show),
        post("/welcome", EDITORS, start),
        get("/welcome/next", EDITORS, next),
    ]
}

#[derive(Default, Deserialize)]
struct StartForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    headquarters: String,
    #[serde(default)]
    employees: String,
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    services: String,
    #[serde(default)]
    signatory_title: String,
    #[serde(default)]
    start: String,
    #[serde(default)]
    end: String,
    #[serde(default)]
    category: Vec<String>,
    #[serde(default)]
    control: Vec<String>,
    /// `folder` where the program in the workspace's folder is to be recorded.
    #[serde(default)]
    then: String,
}

async fn show(visit: Visit) -> Answer<Response> {
    if visit.recorded().is_ok() {
        return Ok(see("/welcome/next"));
    }
    if lies_in_folder(&visit)? {
        return Ok(folder_page(&visit));
    }
    let today = visit.now().to_zoned(visit.zone()).date();
    let form = StartForm {
        start: today.first_of_month().to_string(),
        end: today
            .first_of_month()
            .checked_add(jiff::Span::new().months(12))
            .and_then(|it| it.yesterday())
            .map_or(String::new(), |it| it.to_string()),
        signatory_title: "Chief Executive Officer".to_owned(),
        category: vec!["security".to_owned()],
        control: catalog()
            .controls
            .iter()
            .map(|it| it.id.to_string())
            .collect(),
        ..StartForm::default()
    };
    Ok(page(&visit, &form, html! {}))
}

/// Whether the workspace's folder holds a program, as after `tickmark init`.
fn lies_in_folder(visit: &Visit) -> Answer<bool> {
    let folder = visit.company()?.workspace().folder();
    Ok(folder.join("tickmark.toml").is_file())
}

fn folder_page(visit: &Visit) -> Response {
    let body = html! {
        (head(t!("Set up the program"), html! { (t!("A program lies in the workspace's folder, as tickmark init writes one. It is not recorded yet.")) }, html! {}))
        section.card { div.body.stack {
            p { (t!("Recorded as it is, it begins the ledger. Everything in it can be changed here later, and what only you know reads “to be written” until you write it.")) }
            form method="post" action="/welcome" {
                input type="hidden" name="then" value="folder";
                (parts::button_primary("check", t!("Record the program in the folder")))
            }
        } }
    };
    Shown::new(t!("Set up the program"), body).in_frame(visit)
}

/// Records the program in the workspace's folder, as `tickmark apply` does.
async fn record_folder(visit: &Visit) -> Answer<Response> {
    let actor = visit.actor()?;
    visit
        .company()?
        .command(move |company| {
            refuse_second(company)?;
            let folder = company.workspace().folder().to_owned();
            let difference = company.difference(&folder)?;
            company.apply(&actor, &difference)
        })
        .await?;
    Ok(see("/welcome/next"))
}

fn refuse_second(company: &Company) -> Result<(), Problem> {
    if company.state().program.is_empty() {
        return Ok(());
    }
    Err(Problem::new("a program was recorded already").hint("change it under Program"))
}

fn page(visit: &Visit, form: &StartForm, above: Markup) -> Response {
    let body = html! {
        (head(t!("Set up the program"), html! { (t!("One form, and everything in it can be changed later. Nothing here is sent anywhere.")) }, html! {}))
        (above)
        form.form.wide method="post" action="/welcome" {
            (parts::card(t!("The company"), html! {}, html! {
                div.form-row {
                    (parts::field("name", t!("Legal name"), "", html! { input #name name="name" required value=(form.name); }))
                    (parts::field("headquarters", t!("City and country"), "", html! { input #headquarters name="headquarters" value=(form.headquarters); }))
                    (parts::field("employees", t!("People"), "", html! { input #employees name="employees" type="number" min="1" required value=(form.employees); }))
                    (parts::field("time_zone", t!("Time zone"), t!("Days are counted in it."), html! { input #time_zone name="time_zone" list="zones" required value=(form.time_zone) aria-describedby="time_zone-hint"; datalist #zones { @for zone in jiff::tz::db().available() { option value=(zone.as_str()) {} } } }))
                }
                (parts::field("signatory_title", t!("Who signs management's assertion"), t!("A title, not a name."), html! { input #signatory_title name="signatory_title" required value=(form.signatory_title) aria-describedby="signatory_title-hint"; }))
            }))
            (parts::card(t!("The system and the period"), html! {}, html! {
                div.form-row {
                    (parts::field("system", t!("Name of the system"), "", html! { input #system name="system" required value=(form.system); }))
                    (parts::field("start", t!("The period begins"), "", html! { input #start name="start" type="date" required value=(form.start); }))
                    (parts::field("end", t!("The period ends"), "", html! { input #end name="end" type="date" required value=(form.end); }))
                }
                (parts::field("services", t!("Services it provides"), t!("One a line."), html! { textarea #services name="services" rows="3" aria-describedby="services-hint" { (form.services) } }))
                fieldset { legend { (t!("Categories in scope")) }
                    @for category in [Category::Security, Category::Availability, Category::Confidentiality, Category::ProcessingIntegrity, Category::Privacy] {
                        label.check-line { input type="checkbox" name="category" value=(category) checked[form.category.iter().any(|it| it == category.as_str())] disabled[category == Category::Security]; (format::words(category.title()))
                            @if category == Category::Security { " " span.mut { (t!("always")) } } }
                    }
                }
            }))
            (controls(form))
            div.row { (parts::button_primary("check", t!("Record the program"))) }
        }
    };
    Shown::new(t!("Set up the program"), body).in_frame(visit)
}

/// The controls of the library, by the part of the criteria they serve first.
fn controls(form: &StartForm) -> Markup {
    let chosen: BTreeSet<&str> = form.control.iter().map(String::as_str).collect();
    let all = &catalog().controls;
    let mut series: Vec<&str> = all
        .iter()
        .filter_map(|it| it.criteria.first())
        .map(|id| id.series())
        .collect();
    series.sort_unstable();
    series.dedup();
    parts::card(
        t!("Controls"),
        html! { span.mut { (t!("keep what you operate; those of other categories are left out by themselves")) } },
        html! {
            @for part in series {
                @let of: Vec<_> = all.iter().filter(|it| it.criteria.first().is_some_and(|id| id.series() == part)).collect();
                details { summary { (part) " " (series_title(part)) " " span.mut { (tn!(of.len(), "{n} control", "{n} controls")) } }
                    @for it in of { label.check-line { input type="checkbox" name="control" value=(it.id) checked[chosen.contains(it.id.as_str())]; span { (it.id) " " (it.title) } } }
                }
            }
        },
    )
}

async fn start(visit: Visit, Form(form): Form<StartForm>) -> Answer<Response> {
    if form.then == "folder" {
        return record_folder(&visit).await;
    }
    let starter = match starter(&visit, &form) {
        Ok(starter) => starter,
        Err(problems) => {
            return again(problems.into(), |above| Ok(page(&visit, &form, above)));
        }
    };
    let files = starter.files()?;
    let edits: Edits = files
        .into_iter()
        .map(|(path, text)| (path, Some(text)))
        .collect();
    let actor = visit.actor()?;
    visit
        .company()?
        .command(move |company| {
            refuse_second(company)?;
            company.edit(&actor, &edits)
        })
        .await?;
    Ok(see("/welcome/next"))
}

fn starter(visit: &Visit, form: &StartForm) -> Result<Starter, Problems> {
    let mut problems = Vec::new();
    let day = |text: &str, what: &str, problems: &mut Vec<Problem>| {
        let day: Option<Date> = text.parse().ok();
        if day.is_none() {
            problems.push(
                Problem::new(format!("{what} of the period is missing")).hint("choose a day"),
            );
        }
        day.unwrap_or_default()
    };
    let (start, end) = (
        day(&form.start, "the first day", &mut problems),
        day(&form.end, "the last day", &mut problems),
    );
    let period = Period::new(start, end).map_err(|error| Problem::new(error.to_string()));
    if TimeZone::get(&form.time_zone).is_err() {
        problems.push(
            Problem::new(format!("`{}` is no time zone", form.time_zone))
                .hint("use an IANA name such as `Europe/Berlin`"),
        );
    }
    let employees: Option<u32> = form.employees.parse().ok().filter(|it| *it > 0);
    if employees.is_none() {
        problems.push(
            Problem::new("how many people there are is missing").hint("a whole number from 1"),
        );
    }
    for (text, what) in [
        (&form.name, "the company"),
        (&form.system, "the system"),
        (&form.signatory_title, "the title of who signs"),
    ] {
        if text.trim().is_empty() {
            problems.push(
                Problem::new(format!("{what} is missing"))
                    .hint("write it as the report should name it"),
            );
        }
    }
    let categories: BTreeSet<Category> = form
        .category
        .iter()
        .filter_map(|it| it.parse().ok())
        .chain([Category::Security])
        .collect();
    let controls: BTreeSet<ControlId> = form
        .control
        .iter()
        .filter_map(|it| it.parse().ok())
        .collect();
    let or_unwritten = |text: &str| {
        if text.trim().is_empty() {
            UNWRITTEN.to_owned()
        } else {
            text.trim().to_owned()
        }
    };
    let services: Vec<String> = form
        .services
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect();
    let id = visit
        .company()
        .map_or(String::new(), |host| host.workspace().file().id.clone());
    let period = match period {
        Ok(period) => period,
        Err(problem) => {
            problems.push(problem);
            return Err(Problems(problems));
        }
    };
    let starter = Starter {
        headquarters: or_unwritten(&form.headquarters),
        employees: employees.unwrap_or(1),
        system: form.system.trim().to_owned(),
        services: if services.is_empty() {
            vec![UNWRITTEN.to_owned()]
        } else {
            services
        },
        categories,
        signatory_title: form.signatory_title.trim().to_owned(),
        controls: Some(controls),
        ..Starter::new(&id, form.name.trim(), &form.time_zone, period)
    };
    Problems::unless_empty(problems, starter)
}

/// What to do next, each with whether it is done.
async fn next(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let evidence = &visit.picture()?.state.evidence;
    let has = |dataset: &str| !evidence.current(dataset).is_empty();
    let unwritten = visit
        .picture()?
        .state
        .program
        .files()
        .values()
        .filter(|file| file.text.contains(UNWRITTEN))
        .count();
    // What a report cannot do without and no library can say.
    let unsaid = recorded
        .findings
        .iter()
        .filter(|it| it.check == DescriptionCheck::MissingCriterion)
        .count();
    let missing = recorded.readiness.missing_populations.len();
    let steps = [
        (
            true,
            t!("Record the program").to_owned(),
            t!("{n} controls", n = recorded.controls.len()),
            "/controls",
        ),
        (
            has("people"),
            t!("Import the people").to_owned(),
            t!("an export of the personnel system, one row a person").to_owned(),
            "/evidence/upload?dataset=people",
        ),
        (
            has("accounts"),
            t!("Import the accounts").to_owned(),
            t!("an export of the identity provider").to_owned(),
            "/evidence/upload?dataset=accounts",
        ),
        (
            missing == 0,
            t!("Import the other populations").to_owned(),
            tn!(
                missing,
                "{n} is read by a control test and was never imported",
                "{n} are read by control tests and were never imported"
            ),
            "/populations",
        ),
        (
            !visit.picture()?.state.control_tests.runs.is_empty(),
            t!("Run the control tests").to_owned(),
            t!("over the whole population and the whole period").to_owned(),
            "/tests",
        ),
        (
            evidence.artifacts().next().is_some(),
            t!("Hand in the first document").to_owned(),
            t!("minutes, screenshots, reports of others").to_owned(),
            "/evidence/upload",
        ),
        (
            unwritten == 0,
            t!("Write what only you know").to_owned(),
            tn!(
                unwritten,
                "{n} file still says “to be written”",
                "{n} files still say “to be written”"
            ),
            "/program",
        ),
        (
            unsaid == 0,
            t!("Describe the system").to_owned(),
            tn!(
                unsaid,
                "{n} description criterion has no section yet",
                "{n} description criteria have no section yet"
            ),
            "/description",
        ),
    ];
    let done = steps.iter().filter(|(done, ..)| *done).count();
    let body = html! {
        (head(t!("First steps"), html! { (t!("{done} of {all} done. The dashboard tells the truth from the first one on.", done = done, all = steps.len())) }, parts::button_link("/", "layout-dashboard", t!("Dashboard"))))
        section.card { ol.rows { @for (done, title, below, href) in &steps { li { a.row-link href=(href) {
            span.grow { b { (title) } small { (below) } }
            @if *done { (parts::pill(Tone::Ok, t!("Done"))) } @else { (parts::pill(Tone::Idle, t!("To do"))) (icon("chevron-right")) }
        } } } } }
    };
    Ok(Shown::new(t!("First steps"), body).in_frame(&visit))
}
