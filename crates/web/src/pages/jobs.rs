//! Work that goes on beside: a page that shows how far it is, told by
//! server-sent events, and a button that cancels it.
//!
//! What must hold: without scripts the page still tells how far it is, by being
//! loaded again.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use maud::{Markup, html};

use crate::fault::{Answer, Fault};
use crate::frame::{Shown, head};
use crate::jobs::{End, Job, Progress};
use crate::parts::{self, Tone, icon};
use crate::route::{Access, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

/// The routes. Whoever started a job may watch and cancel it.
pub fn routes() -> Vec<Route> {
    vec![
        get("/jobs/{id}", Access::SignedIn, show),
        get("/jobs/{id}/events", Access::SignedIn, events),
        post("/jobs/{id}/cancel", Access::SignedIn, cancel),
    ]
}

/// The answer that leads to a job just started.
pub fn started(_: &Visit, id: u64) -> Response {
    crate::guard::see(&format!("/jobs/{id}"))
}

fn found(visit: &Visit) -> Answer<Arc<Job>> {
    let job = visit
        .app()
        .jobs()
        .get(visit.parsed("id")?)
        .ok_or(Fault::NotFound)?;
    let mine = job.by == visit.actor()?;
    if mine { Ok(job) } else { Err(Fault::NotFound) }
}

async fn show(visit: Visit) -> Answer<Response> {
    let job = found(&visit)?;
    let id = visit.param("id");
    let now = job.now();
    let body = html! {
        (head(&job.title, html! {}, html! {}))
        section.card { div.body #job data-events={ "/jobs/" (id) "/events" } { (state(id, &now)) } }
        p { a.link href="/" data-back { (t!("Back")) } }
    };
    Ok(Shown::new(job.title.clone(), body).in_frame(&visit))
}

/// What a job is doing, as a part of a page.
fn state(id: &str, progress: &Progress) -> Markup {
    match &progress.end {
        None => html! {
            p.job-text { (progress.text) }
            progress aria-label=(t!("Progress")) max=(progress.total.max(1)) value=[(progress.total > 0).then_some(progress.done)] {}
            p.mut { @if progress.total > 0 { (t!("{done} of {total}", done = crate::format::number(progress.done as u64), total = crate::format::number(progress.total as u64))) } @else { (t!("Starting …")) } }
            form method="post" action={ "/jobs/" (id) "/cancel" } { button.btn type="submit" { (icon("x")) (t!("Cancel")) } }
        },
        Some(End::Done { href, summary }) => html! {
            (parts::note(Tone::Ok, html! { b { (summary) } }))
            p.mt8 { a.btn.primary href=(href) data-job-done { (t!("Show")) (icon("arrow-right")) } }
        },
        Some(End::Cancelled) => parts::note(
            Tone::Idle,
            html! { (t!("Cancelled. Nothing was recorded.")) },
        ),
        Some(End::Failed { problems }) => html! {
            @for problem in problems { (parts::note(Tone::Bad, parts::sentence(problem))) }
        },
    }
}

async fn events(visit: Visit) -> Answer<Response> {
    let job = found(&visit)?;
    let id = visit.param("id").to_owned();
    Ok(Sse::new(stream(id, job))
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// What a job tells: how far it is now, every change, and its end as the last.
fn stream(id: String, job: Arc<Job>) -> impl Stream<Item = Result<Event, Infallible>> {
    let told = futures::stream::unfold(Some((job.watch(), true)), async |state| {
        let (mut watch, is_first) = state?;
        if !is_first {
            watch.changed().await.ok()?;
        }
        let progress = watch.borrow_and_update().clone();
        let goes_on = progress.end.is_none();
        Some((progress, goes_on.then_some((watch, false))))
    });
    told.map(move |progress| {
        let name = if progress.end.is_some() {
            "end"
        } else {
            "progress"
        };
        let markup = state(&id, &progress).into_string();
        Ok(Event::default().event(name).data(markup.replace('\n', " ")))
    })
}

async fn cancel(visit: Visit) -> Answer<Response> {
    found(&visit)?.cancel();
    Ok(crate::guard::see(&format!("/jobs/{}", visit.param("id"))))
}
