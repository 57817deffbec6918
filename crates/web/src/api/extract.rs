//! What a request carries, as values: the query and a body of JSON.
//!
//! What must hold: what does not fit is told with what would, as a problem
//! document of the status that says whose fault it is.

use axum::extract::{FromRequest, FromRequestParts, Query as AxumQuery, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use tickmark_catalog::Problem;

use super::problem;
use crate::fault::Fault;

/// A request that is not well formed, or not of the kind the operation takes.
#[derive(Debug)]
pub struct Malformed {
    status: StatusCode,
    problem: Problem,
}

impl Malformed {
    fn new(status: StatusCode, problem: Problem) -> Self {
        Self { status, problem }
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.problem.message
    }

    /// A body of another kind than the operation takes.
    pub fn kind(message: &str, hint: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::new(message).hint(hint),
        )
    }

    /// A query that is wrong.
    pub fn query(problem: Problem) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem)
    }
}

impl IntoResponse for Malformed {
    fn into_response(self) -> Response {
        problem::answer(self.status, &self.problem.into())
    }
}

/// Why an operation did not answer.
pub enum Refusal {
    /// As every other route of the server.
    Fault(Fault),
    /// The request was not well formed.
    Malformed(Malformed),
}

/// The answer of an operation.
pub type Answered<T> = Result<T, Refusal>;

impl<F: Into<Fault>> From<F> for Refusal {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Fault(fault) => fault.into_response(),
            Self::Malformed(malformed) => malformed.into_response(),
        }
    }
}

/// The parameters of the query; `at` is the guard's.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Malformed;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let own = pairs.filter(|(name, _)| name != "at");
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(own)
            .finish();
        let read = format!("/?{text}")
            .parse()
            .ok()
            .map(|uri| AxumQuery::<T>::try_from_uri(&uri));
        match read {
            Some(Ok(AxumQuery(query))) => Ok(Self(query)),
            Some(Err(error)) => {
                let cause = std::error::Error::source(&error)
                    .map_or_else(|| error.body_text(), ToString::to_string);
                Err(Malformed::query(
                    Problem::new("the query cannot be read")
                        .cause(cause)
                        .hint("`/api/v1/openapi.json` says what it takes"),
                ))
            }
            None => Err(Malformed::query(Problem::new("the query cannot be read"))),
        }
    }
}

/// A body of JSON.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        let is_json = kind
            .split(';')
            .next()
            .is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Malformed::kind(
                "the body is not said to be JSON",
                "send it with `Content-Type: application/json`",
            )
            .into_response());
        }
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        read(&bytes).map(Self).map_err(IntoResponse::into_response)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (status, message) = match error.classify() {
            serde_json::error::Category::Data => {
                (StatusCode::UNPROCESSABLE_ENTITY, "the body does not fit")
            }
            _ => (StatusCode::BAD_REQUEST, "the body is not JSON"),
        };
        Malformed::new(
            status,
            Problem::new(message)
                .cause(error.to_string())
                .hint("`/api/v1/openapi.json` says what it takes"),
        )
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        count: u8,
    }

    #[test]
    fn a_body_that_cannot_be_read_differs_from_one_that_does_not_fit() {
        let status = |text: &str| {
            super::read::<Wanted>(text.as_bytes())
                .map(|it| it.count)
                .map_err(|it| it.status)
        };
        assert_eq!(status(r#"{"count":7}"#), Ok(7));
        for text in ["", "{", "\"", "{\"count\":}"] {
            assert_eq!(status(text), Err(StatusCode::BAD_REQUEST), "{text}");
        }
        for text in ["{}", "[]", r#"{"count":-1}"#, r#"{"count":1,"more":2}"#] {
            assert_eq!(
                status(text),
                Err(StatusCode::UNPROCESSABLE_ENTITY),
                "{text}"
            );
        }
    }
}
