//! What programs may do with control tests: run them, and answer what deviates.
//!
//! What must hold: every name that is not one is told; an answer is bound to the
//! result it answers.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;
use tickmark_catalog::{ControlId, ControlTestId, Problem, Problems};
use tickmark_control_tests::events::ResponseGiven;
use utoipa::ToSchema;

use super::{answer, latest};
use crate::api::extract::{Answered, Body};
use crate::api::jobs;
use crate::fault::Fault;
use crate::picture::Recorded;
use crate::visit::Visit;
use crate::work;

/// An answer to the deviations of a result.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewResponse, example = json!({
    "result_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "position": "Management agrees.", "cause": "The ticket was opened late.",
    "action": "Leavers are now sent to the identity provider by the HR system.", "owner_role": "Head of Platform", "due_on": "2026-09-30",
}))]
pub struct NewResponse {
    /// Digest of the result answered: that of the latest run.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    result_sha256: String,
    /// Agrees or disagrees, in management's words.
    #[schema(min_length = 1, max_length = 500)]
    position: String,
    /// Cause, as management sees it.
    #[schema(min_length = 1, max_length = 4000)]
    cause: String,
    /// What was or will be done.
    #[schema(min_length = 1, max_length = 4000)]
    action: String,
    /// Role that answers for it.
    #[schema(min_length = 1, max_length = 200)]
    owner_role: String,
    /// When it is or was done.
    #[schema(value_type = String, format = Date)]
    due_on: Date,
}

/// Which tests to run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunTests, example = json!({ "controls": ["TM-048"], "tests": [] }))]
pub struct RunTests {
    /// Every test of these controls.
    #[serde(default)]
    controls: Vec<String>,
    /// These tests. With neither controls nor tests: all of them.
    #[serde(default)]
    tests: Vec<String>,
}

/// Starts a job that runs what is wanted.
pub async fn run(visit: Visit, Body(wanted): Body<RunTests>) -> Answered<Response> {
    let only = wanted_tests(visit.recorded()?, &wanted)?;
    let id = work::run_tests(&visit, only, "/tests".to_owned())?;
    jobs::started(&visit, id)
}

/// The tests that are named, by themselves or by a control.
fn wanted_tests(recorded: &Recorded, wanted: &RunTests) -> Result<Vec<ControlTestId>, Problems> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for text in &wanted.controls {
        let id: Option<ControlId> = text.parse().ok();
        match id.and_then(|id| recorded.program.control(&id)) {
            Some(control) => found.extend(control.definition.tests.iter().cloned()),
            None => problems.push(
                Problem::new(format!("there is no control `{text}`"))
                    .hint("`/api/v1/controls` lists them"),
            ),
        }
    }
    for text in &wanted.tests {
        let id: Option<ControlTestId> = text.parse().ok();
        match id.filter(|id| recorded.test(id).is_some()) {
            Some(id) => found.push(id),
            None => problems.push(
                Problem::new(format!("there is no control test `{text}`"))
                    .hint("`/api/v1/tests` lists them"),
            ),
        }
    }
    let names_some = !(wanted.controls.is_empty() && wanted.tests.is_empty());
    if names_some && found.is_empty() && problems.is_empty() {
        problems.push(
            Problem::new("no control test tests these controls")
                .hint("their evidence is documents; there is nothing to run"),
        );
    }
    Problems::unless_empty(problems, found)
}

/// Records an answer to the latest run.
pub async fn respond(visit: Visit, Body(new): Body<NewResponse>) -> Answered<Response> {
    let (picture, recorded) = (visit.picture()?, visit.recorded()?);
    let id: ControlTestId = visit.parsed("id")?;
    recorded.test(&id).ok_or(Fault::NotFound)?;
    let (run, _) = latest(picture, recorded, &id).ok_or(Fault::NotFound)?;
    let result_sha256 = new.result_sha256.parse().map_err(|_| {
        Problem::new("`result_sha256` is no digest").hint("take it from `latest_run` of the test")
    })?;
    if run.result_sha256 != result_sha256 {
        return Err(Fault::Conflict(
            Problem::new("the test was run again meanwhile, with another result")
                .hint("read the new items, then answer them"),
        )
        .into());
    }
    let texts = [
        ("position", &new.position, 500),
        ("cause", &new.cause, 4000),
        ("action", &new.action, 4000),
        ("owner_role", &new.owner_role, 200),
    ];
    let problems = texts
        .into_iter()
        .filter_map(|(name, text, most)| wrong_text(name, text, most));
    Problems::unless_empty(problems.collect(), ())?;
    let given = ResponseGiven {
        test: id.clone(),
        period: recorded.program.period,
        result_sha256,
        position: new.position.trim().to_owned(),
        cause: new.cause.trim().to_owned(),
        action: new.action.trim().to_owned(),
        owner_role: new.owner_role.trim().to_owned(),
        due_on: new.due_on,
    };
    let (actor, body) = (visit.actor()?, answer(&given));
    visit
        .company()?
        .command(move |company| company.respond(&actor, given))
        .await?;
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, body.href.clone())],
        Json(body),
    )
        .into_response())
}

fn wrong_text(name: &str, text: &str, most: usize) -> Option<Problem> {
    match text.trim().chars().count() {
        0 => Some(Problem::new(format!("the {name} is empty")).hint("say it in a sentence")),
        count if count > most => Some(
            Problem::new(format!("the {name} is {count} characters long"))
                .hint(format!("say it in at most {most}")),
        ),
        _ => None,
    }
}
