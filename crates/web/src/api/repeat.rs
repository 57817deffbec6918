//! Doing something once, however often the request arrives.
//!
//! What must hold: of two requests with one key at the same instant one runs;
//! the other, and every later one, is answered as the first; a request that was
//! refused did nothing, so it is not remembered.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tickmark_access::{AccountId, Digest, Entrance, Idempotency};
use tickmark_catalog::Problem;

use super::extract::Malformed;
use crate::fault::Fault;
use crate::visit::Visit;

/// Longest key, in characters.
pub const MAX_KEY_CHARS: usize = 200;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer is a repeated one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Lets a request with a key through once.
pub async fn once(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let key = match key(request.headers()) {
        Ok(Some(key)) => key,
        Ok(None) => return next.run(request).await,
        Err(malformed) => return malformed.into_response(),
    };
    match attempt(key, request, next).await {
        Ok(response) => response,
        Err(fault) => fault.into_response(),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Malformed> {
    let Some(value) = headers.get(KEY) else {
        return Ok(None);
    };
    let text = value.to_str().ok().filter(|it| {
        (1..=MAX_KEY_CHARS).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_graphic())
    });
    match text {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Malformed::query(
            Problem::new("`Idempotency-Key` is no key").hint(format!(
                "send 1 to {MAX_KEY_CHARS} visible ASCII characters"
            )),
        )),
    }
}

async fn attempt(key: String, request: Request, next: Next) -> Result<Response, Fault> {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return Err(Fault::SignIn);
    };
    let person = visit.signed_in()?;
    let (side, account) = (person.principal.side, person.principal.account.clone());
    let entrance = Arc::clone(visit.app().entrance(side).ok_or(Fault::NotFound)?);
    let (parts, body) = request.into_parts();
    let bytes = match Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(bytes) => bytes,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let address = parts.uri.path_and_query().map_or("", |it| it.as_str());
    let whole = [
        parts.method.as_str().as_bytes(),
        b"\n",
        address.as_bytes(),
        b"\n",
        &bytes,
    ]
    .concat();
    let (digest, now) = (Digest::of_bytes(&whole), visit.now());
    let begun = {
        let (entrance, account, key) = (Arc::clone(&entrance), account.clone(), key.clone());
        visit
            .app()
            .apart(move || {
                entrance
                    .store()
                    .begin_idempotent(&account, &key, digest, now)
            })
            .await?
    };
    match begun {
        Idempotency::First => {
            let running = Running {
                entrance,
                account,
                key,
                is_over: false,
            };
            let response = next
                .run(Request::from_parts(parts, Body::from(bytes)))
                .await;
            running.finish(response).await
        }
        Idempotency::Running => Err(Fault::Conflict(
            Problem::new("the first request with this key still runs")
                .hint("wait, then send it again with the same key"),
        )),
        Idempotency::Answered { status, body } => Ok(replayed(status, body)),
        Idempotency::Mismatch => Err(Fault::Refused(
            Problem::new("this key was used for another request")
                .hint("choose a new key for each request; send the same one only to repeat it")
                .into(),
        )),
    }
}

/// The first request with a key, while it runs. When it is given up, its key is
/// free again.
struct Running {
    entrance: Arc<Entrance>,
    account: AccountId,
    key: String,
    is_over: bool,
}

impl Running {
    async fn finish(mut self, response: Response) -> Result<Response, Fault> {
        let status = response.status();
        if !status.is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .map_err(|error| Fault::Failed(error.to_string()))?;
        self.entrance
            .store()
            .finish_idempotent(&self.account, &self.key, status.as_u16(), &bytes)
            .map_err(|problem| Fault::Failed(problem.to_string()))?;
        self.is_over = true;
        Ok(Response::from_parts(parts, Body::from(bytes)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over
            && let Err(problem) = self
                .entrance
                .store()
                .abandon_idempotent(&self.account, &self.key)
        {
            tracing::error!(%problem, "a key of a request stays taken");
        }
    }
}

/// The first answer again. What it made can be read where its `href` says.
fn replayed(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let place =
        place(&body).filter(|_| matches!(status, StatusCode::CREATED | StatusCode::ACCEPTED));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if let Some(place) = place {
        headers.insert(header::LOCATION, place);
    }
    response
}

fn place(body: &[u8]) -> Option<HeaderValue> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    HeaderValue::from_str(body.get("href")?.as_str()?).ok()
}
