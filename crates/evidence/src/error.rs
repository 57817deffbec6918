//! How handling evidence can fail.
//!
//! Must hold: damaged evidence is never mistaken for bad input; the two end a
//! command with different exit codes.

use std::fmt::Display;
use std::path::Path;

use tickmark_catalog::{Problem, Problems};

/// Why evidence could not be taken in or read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The input is bad; nothing was recorded.
    #[error("{0}")]
    Refused(Problems),
    /// An object of the store is missing or is not what it was.
    #[error("{}", damage(.object, .why))]
    Damaged {
        /// The object, by its hash or its role.
        object: String,
        /// What does not hold.
        why: String,
    },
    /// The machine failed: disk full, no permission, and the like.
    #[error("{}", Problem::new(.doing.as_str()).cause(.cause.as_str()))]
    Failed {
        /// What was being done.
        doing: String,
        /// What the system said.
        cause: String,
    },
}

fn damage(object: &str, why: &str) -> Problem {
    Problem::new(format!("{object} of the evidence store is damaged")).cause(why)
}

impl EvidenceError {
    /// The error as problems to show.
    pub fn problems(self) -> Problems {
        match self {
            Self::Refused(problems) => problems,
            Self::Damaged { object, why } => damage(&object, &why).into(),
            Self::Failed { doing, cause } => Problem::new(doing).cause(cause).into(),
        }
    }

    /// Whether evidence already stored turned out to be damaged.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    pub(crate) fn failed(doing: impl Into<String>, cause: impl Display) -> Self {
        Self::Failed {
            doing: doing.into(),
            cause: cause.to_string(),
        }
    }

    pub(crate) fn reading(path: &Path, cause: impl Display) -> Self {
        Self::failed(format!("could not read `{}`", path.display()), cause)
    }

    pub(crate) fn writing(path: &Path, cause: impl Display) -> Self {
        Self::failed(format!("could not write `{}`", path.display()), cause)
    }
}

impl From<Problems> for EvidenceError {
    fn from(problems: Problems) -> Self {
        Self::Refused(problems)
    }
}

impl From<Problem> for EvidenceError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}
