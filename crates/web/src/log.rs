//! One line of the log for each request, and the id under which every other
//! line about it is found.
//!
//! What must hold: a line names the template of the route, never the address
//! (an invitation's secret is part of one), and nothing of a query, a header or
//! a form; an id that a client gives is believed only when it looks like one,
//! so that nobody writes into the log what they please.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::request_id::{MakeRequestId, MakeRequestUuid};
use tracing::{Instrument, Span};

use crate::app::App;
use crate::metrics::method_name;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where the template of a route is not known.
const NO_ROUTE: &str = "none";

/// Gives a request its id, logs and counts it.
pub async fn request(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = id(&request);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = method_name(&method),
        route,
        account = tracing::field::Empty,
    );
    let mut pending = Pending::new(app, span.clone(), method, route);
    let mut response = next.run(request).instrument(span).await;
    pending.answered(response.status());
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Says in the log on whose behalf the request is made.
pub fn on_behalf_of(account: &impl std::fmt::Display) {
    Span::current().record("account", tracing::field::display(account));
}

/// The id the client gave, where it looks like one, or a new one.
fn id(request: &Request) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID);
    if let Some(given) = given.filter(|id| is_sane(id.as_bytes())) {
        return given.clone();
    }
    let made = MakeRequestUuid.make_request_id(request);
    made.map_or(HeaderValue::from_static("none"), |id| {
        id.header_value().clone()
    })
}

fn is_sane(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    (8..=64).contains(&id.len()) && id.iter().all(plain)
}

/// A request until its answer begins, or its client goes away.
struct Pending {
    app: App,
    span: Span,
    method: Method,
    route: String,
    begun: Instant,
    is_answered: bool,
}

impl Pending {
    fn new(app: App, span: Span, method: Method, route: String) -> Self {
        app.metrics().came();
        Self {
            app,
            span,
            method,
            route,
            begun: Instant::now(),
            is_answered: false,
        }
    }

    fn answered(&mut self, status: StatusCode) {
        self.is_answered = true;
        let took = self.count(Some(status));
        let (status, duration_ms) = (status.as_u16(), milliseconds(took));
        let _entered = self.span.enter();
        if is_chatter(&self.route) {
            tracing::debug!(status, duration_ms, "answered");
        } else {
            tracing::info!(status, duration_ms, "answered");
        }
    }

    fn count(&self, status: Option<StatusCode>) -> Duration {
        let took = self.begun.elapsed();
        let metrics = self.app.metrics();
        metrics.went(&self.method, &self.route, status, took);
        took
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_answered {
            let duration_ms = milliseconds(self.count(None));
            let _entered = self.span.enter();
            tracing::info!(duration_ms, "the client went away before the answer");
        }
    }
}

/// To a thousandth: what a person reads.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// What comes every few seconds and says nothing about anybody.
fn is_chatter(route: &str) -> bool {
    route.starts_with("/assets/") || matches!(route, "/health" | "/ready")
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn only_what_looks_like_an_id_is_believed() {
        let long = "a".repeat(65);
        for (id, sane) in [
            ("2f1c0a5e-7d1b-4c55-9f0f-0b9d6e4f2a11", true),
            ("abcdefgh", true),
            ("short", false),
            ("", false),
            (long.as_str(), false),
            ("has space in it", false),
            ("line\nbreak-in-it", false),
            ("quote\"in-it-here", false),
            ("ümlauts-are-letters", false),
        ] {
            assert_eq!(is_sane(id.as_bytes()), sane, "{id}");
        }
    }
}
