//! What stands before every operation: a parameter of the query that it does
//! not know is refused, so that a misspelled filter never filters nothing.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tickmark_catalog::{Problem, nearest};

use super::extract::Malformed;

/// The names an operation takes, and how it is asked.
pub struct Known {
    /// Another method is none of the operation, and the router says so.
    pub method: Method,
    /// The names.
    pub names: Vec<String>,
}

/// Lets a request through whose query holds known names only.
pub async fn known_only(State(known): State<Arc<Known>>, request: Request, next: Next) -> Response {
    let is_asked_so = *request.method() == known.method
        || (request.method() == Method::HEAD && known.method == Method::GET);
    let query = request
        .uri()
        .query()
        .filter(|_| is_asked_so)
        .unwrap_or_default();
    let unknown = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| !known.names.iter().any(|it| it == name));
    match unknown {
        None => next.run(request).await,
        Some((name, _)) => Malformed::query(wrong(&name, &known.names)).into_response(),
    }
}

fn wrong(name: &str, known: &[String]) -> Problem {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let problem = Problem::new(format!("this operation takes no parameter `{name}`"));
    match nearest(name, names.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => problem.hint("leave it out: it takes none at all"),
        None => problem.hint(format!("it takes {}", names.join(", "))),
    }
}
