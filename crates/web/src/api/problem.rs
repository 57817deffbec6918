//! Failures as documents (RFC 9457).
//!
//! What must hold: every failure below `/api/` is one, whoever noticed it: the
//! guard, a handler, the router or a layer around them; none tells more than a
//! page would.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tickmark_catalog::{Problem, Problems};
use utoipa::ToSchema;

/// The media type of problem documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not answered as wished (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is nothing at this address",
    "problems": [{ "detail": "there is nothing at this address", "causes": [], "file": null, "line": null, "hint": "it may have been removed or renamed: look for it with the search" }],
}))]
pub struct Document {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong: the first of `problems`.
    pub detail: String,
    /// Everything that is wrong, at least one.
    pub problems: Vec<Detail>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProblemDetail)]
pub struct Detail {
    /// What is wrong.
    pub detail: String,
    /// Why, outermost cause first.
    pub causes: Vec<String>,
    /// The file it is in, where it has a place.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl From<&Problem> for Detail {
    fn from(problem: &Problem) -> Self {
        Self {
            detail: problem.message.clone(),
            causes: problem.causes.clone(),
            file: problem.place.as_ref().map(|place| place.file.clone()),
            line: problem.place.as_ref().and_then(|place| place.line),
            hint: problem.hint.clone(),
        }
    }
}

/// Problems as an answer.
pub fn answer(status: StatusCode, problems: &Problems) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let document = Document {
        kind: "about:blank".to_owned(),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: problems
            .0
            .first()
            .map_or_else(|| title.to_lowercase(), |it| it.message.clone()),
        problems: problems.iter().map(Detail::from).collect(),
    };
    let mut response = (status, Json(document)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// Makes a document of every failure below `/api/` that is none yet, and tells
/// how to show who one is.
pub async fn documents(request: Request, next: Next) -> Response {
    let is_ours = request.uri().path().starts_with("/api/");
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    if !is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut response = if is_document(&response) {
        response
    } else {
        made(response, &asked)
    };
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"tickmark\""),
        );
    }
    response
}

fn is_document(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it == MEDIA_TYPE)
}

/// A document in the place of a body of another kind; other headers stay.
fn made(response: Response, asked: &str) -> Response {
    let status = response.status();
    let mut document = answer(status, &unknown(status, asked).into());
    let (parts, _) = response.into_parts();
    for (name, value) in &parts.headers {
        if ![
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::CONTENT_ENCODING,
        ]
        .contains(name)
        {
            document.headers_mut().append(name.clone(), value.clone());
        }
    }
    document
}

fn unknown(status: StatusCode, asked: &str) -> Problem {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(format!("`{asked}` is not possible"))
            .hint("the header `Allow` says what is"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new("what was sent is too large").hint("send less at a time")
        }
        StatusCode::FORBIDDEN => Problem::new("a page of another site may not ask for this")
            .hint("ask from a program, with a token"),
        StatusCode::GATEWAY_TIMEOUT => {
            Problem::new("it took too long").hint("ask for less, or again later")
        }
        status if status.is_server_error() => Problem::new("the server could not do this")
            .hint("try again; if it stays, the server's log has the cause under the request's id"),
        _ => Problem::new("the request cannot be read")
            .hint("`/api/v1/openapi.json` says what can be asked"),
    }
}
