//! Jobs: work that takes longer than an answer may.
//!
//! What must hold: whoever started a job may watch and cancel it, and nobody
//! else sees that it is there.

use std::sync::Arc;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, change, read_live};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use crate::fault::Fault;
use crate::jobs::End;
use crate::route::Access;
use crate::visit::Visit;

/// Work that goes on beside.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 3, "title": "Running control tests", "state": "done", "text": "second-factor-enrolled", "done": 31, "total": 31,
    "summary": "31 tests over 13,480 items: 4 found deviations", "problems": [], "href": "/api/v1/jobs/3",
}))]
pub struct Job {
    /// Its number; the server counts anew when it starts.
    pub id: u64,
    /// What it does.
    pub title: String,
    /// How it stands.
    pub state: State,
    /// What it is doing, or did last.
    pub text: String,
    /// Steps done.
    pub done: usize,
    /// Steps in all; 0 while that is not known.
    pub total: usize,
    /// What came of it, once it is done.
    pub summary: Option<String>,
    /// Why it failed, one problem each.
    pub problems: Vec<String>,
    /// Where it can be read.
    pub href: String,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobState)]
pub enum State {
    /// It goes on.
    Running,
    /// It is done, and what came of it is recorded.
    Done,
    /// It was cancelled; nothing was recorded.
    Cancelled,
    /// It could not be done.
    Failed,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    let of = |endpoint: Endpoint| endpoint.part("id", "Number of the job", 3.into());
    vec![
        read_live("/api/v1/jobs", Access::SignedIn, list)
            .named("list_jobs", "Jobs", "List your jobs", "Those of the account, since the server started; the last hundred of all accounts are remembered.")
            .query::<Cut>()
            .answers::<Page<Job>>(StatusCode::OK, "A page of jobs"),
        of(read_live("/api/v1/jobs/{id}", Access::SignedIn, show))
            .named("get_job", "Jobs", "Read how far a job is", "")
            .answers::<Job>(StatusCode::OK, "The job"),
        of(change("/api/v1/jobs/{id}/cancel", Access::SignedIn, cancel))
            .named("cancel_job", "Jobs", "Cancel a job", "It stops at its next step and then records nothing; one that is done stays done.")
            .answers::<Job>(StatusCode::OK, "The job"),
    ]
}

/// The answer to what started a job.
pub fn started(visit: &Visit, id: u64) -> Answered<Response> {
    let job = visit.app().jobs().get(id).ok_or(Fault::NotFound)?;
    let job = told(id, &job);
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, job.href.clone())],
        Json(job),
    )
        .into_response())
}

fn told(id: u64, job: &crate::jobs::Job) -> Job {
    let now = job.now();
    let (state, summary, problems) = match now.end {
        None => (State::Running, None, Vec::new()),
        Some(End::Done { summary, .. }) => (State::Done, Some(summary), Vec::new()),
        Some(End::Cancelled) => (State::Cancelled, None, Vec::new()),
        Some(End::Failed { problems }) => (State::Failed, None, problems),
    };
    Job {
        id,
        title: job.title.clone(),
        state,
        text: now.text,
        done: now.done,
        total: now.total,
        summary,
        problems,
        href: format!("/api/v1/jobs/{id}"),
    }
}

fn found(visit: &Visit) -> Answered<(u64, Arc<crate::jobs::Job>)> {
    let id = visit.parsed("id")?;
    let job = visit.app().jobs().get(id).ok_or(Fault::NotFound)?;
    if job.by == visit.actor()? {
        Ok((id, job))
    } else {
        Err(Fault::NotFound.into())
    }
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Job>>> {
    let actor = visit.actor()?;
    let mine = visit
        .app()
        .jobs()
        .all()
        .into_iter()
        .filter(|(_, job)| job.by == actor);
    Ok(Json(Page::of(
        &cut,
        mine.map(|(id, job)| told(id, &job)),
        |it| it.id,
    )?))
}

async fn show(visit: Visit) -> Answered<Json<Job>> {
    let (id, job) = found(&visit)?;
    Ok(Json(told(id, &job)))
}

async fn cancel(visit: Visit) -> Answered<Json<Job>> {
    let (id, job) = found(&visit)?;
    job.cancel();
    Ok(Json(told(id, &job)))
}
