//! Entity tags: whoever has an answer at hand asks whether it still holds.
//!
//! What must hold: a tag differs when anything was recorded since, when another
//! role asks, or when another version of the server answers; it is made from
//! the very picture the answer is made from, or from an older one.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tickmark_catalog::Sha256Hex;

use crate::visit::Visit;

/// Answers with 304 where the tag that was sent still holds.
pub async fn conditional(request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return next.run(request).await;
    };
    let tag = tag(
        &visit,
        request.uri().path_and_query().map_or("", |it| it.as_str()),
    );
    let sent = sent(request.headers());
    if sent.iter().any(|it| weak(it) == weak(&tag)) {
        return tagged(StatusCode::NOT_MODIFIED.into_response(), &tag);
    }
    let response = next.run(request).await;
    match response.status() {
        // `*` stands for whatever there is, so it has to be there.
        StatusCode::OK if sent.iter().any(|it| it == "*") => {
            tagged(StatusCode::NOT_MODIFIED.into_response(), &tag)
        }
        StatusCode::OK => tagged(response, &tag),
        _ => response,
    }
}

fn tag(visit: &Visit, address: &str) -> String {
    let company = visit.picture().map_or(0, |picture| picture.state.size);
    let firm = visit.firm().map_or(0, |firm| firm.state().size);
    let who = visit.person().map(|person| {
        let principal = &person.principal;
        format!(
            "{} {} {:?} {:?}",
            principal.side, principal.role, principal.scopes, principal.functions
        )
    });
    let text = format!(
        "{} {company} {firm} {address} {}",
        env!("CARGO_PKG_VERSION"),
        who.unwrap_or_default()
    );
    let digest = Sha256Hex::of(text.as_bytes()).to_string();
    format!("W/\"{}\"", digest.get(..16).unwrap_or_default())
}

fn sent(headers: &HeaderMap) -> Vec<String> {
    let all = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|it| it.to_str().ok());
    all.flat_map(|it| it.split(','))
        .map(|it| it.trim().to_owned())
        .collect()
}

/// A tag without its mark of weakness: comparing is weak (RFC 9110, 13.1.2).
fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

fn tagged(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("authorization, cookie"),
    );
    response
}
