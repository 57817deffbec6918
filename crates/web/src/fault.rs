//! What goes wrong while answering, and how it is told.
//!
//! What must hold: a user learns what happened and what to do; a stranger
//! learns nothing; the inside of the server (paths, causes of failures) goes to
//! the log under the request's id, never into the answer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tickmark_catalog::{Problem, Problems};
use tickmark_realm::Error;

/// Why a request was not answered as wished.
#[derive(Debug)]
pub enum Fault {
    /// There is no such thing.
    NotFound,
    /// There is nothing of the kind before a program is recorded.
    NoProgram,
    /// The visitor has to sign in first.
    SignIn,
    /// The visitor may not.
    Forbidden,
    /// What was sent cannot be accepted; every problem found.
    Refused(Problems),
    /// Someone changed the same thing meanwhile.
    Conflict(Problem),
    /// What was sent is too large.
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: u64,
    },
    /// Too many attempts.
    TooMany {
        /// When to try again, in seconds.
        after_seconds: u64,
    },
    /// The server's own failure.
    Failed(String),
}

/// An answer, or why there is none.
pub type Answer<T = Response> = Result<T, Fault>;

impl Fault {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoProgram => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What to tell the user.
    pub fn problems(&self) -> Problems {
        let problem = match self {
            Self::Refused(problems) => return problems.clone(),
            Self::Conflict(problem) => problem.clone(),
            Self::NotFound => Problem::new("there is nothing at this address")
                .hint("it may have been removed or renamed: look for it with the search"),
            Self::NoProgram => Problem::new("no program is recorded at this point").hint(
                "an owner or a compliance manager records it under Dashboard, or with `tickmark apply`",
            ),
            Self::SignIn => Problem::new("you are not signed in").hint("sign in and try again"),
            Self::Forbidden => Problem::new("your role does not allow this")
                .hint("ask an owner of the workspace to do it, or to change your role"),
            Self::TooLarge { limit_bytes } => Problem::new("what was sent is too large").hint(
                format!("send at most {}", crate::format::bytes(*limit_bytes)),
            ),
            Self::TooMany { after_seconds } => Problem::new("too many attempts")
                .hint(format!("wait {after_seconds} seconds and try again")),
            Self::Failed(_) => Problem::new("the server could not do this").hint(
                "try again; if it stays, the server's log has the cause under the request's id",
            ),
        };
        problem.into()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Problems(problems) => Self::Refused(problems),
            Error::Evidence(error) if !error.is_damage() => Self::Refused(error.problems()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}

impl From<Problems> for Fault {
    fn from(problems: Problems) -> Self {
        Self::Refused(problems)
    }
}

/// Without a frame around it; [`crate::guard`] makes a page or a problem
/// document of it.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}
