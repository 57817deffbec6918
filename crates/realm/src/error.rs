//! What can go wrong in a realm, and the exit status it has on the command
//! line.

use std::path::Path;

use tickmark_catalog::{Problem, Problems};
use tickmark_evidence::EvidenceError;
use tickmark_ledger::LedgerError;

/// Result of an operation in a realm.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Input that cannot be accepted; every problem found.
    #[error("{0}")]
    Problems(Problems),
    /// The ledger refused or failed.
    #[error("{}", Problem::new(.0.to_string()))]
    Ledger(#[from] LedgerError),
    /// Evidence could not be stored or read, or is damaged.
    #[error("{0}")]
    Evidence(EvidenceError),
    /// Something does not agree with the ledger, its checkpoint or its digest.
    #[error("{0}")]
    Damaged(Problem),
}

impl Error {
    /// Exit status: 2 for input that cannot be accepted, 3 for damaged
    /// evidence, 70 when a write failed part way.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Problems(_) => 2,
            Self::Ledger(error) => error.exit_code(),
            Self::Evidence(error) if error.is_damage() => 3,
            Self::Evidence(_) => 2,
            Self::Damaged(_) => 3,
        }
    }

    /// All of it as problems, for a program that reads them one by one.
    pub fn into_problems(self) -> Problems {
        match self {
            Self::Problems(problems) => problems,
            Self::Ledger(error) => Problem::new(error.to_string()).into(),
            Self::Evidence(error) => error.problems(),
            Self::Damaged(problem) => problem.into(),
        }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(action: &str, path: &Path, error: &std::io::Error) -> Self {
        Problem::new(format!("`{}` cannot be {action}", path.display()))
            .cause(error.to_string())
            .into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problems(Problems(vec![problem]))
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<EvidenceError> for Error {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(error)
    }
}
