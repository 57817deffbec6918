//! Whether a population is known to be complete.
//!
//! Must hold: completeness is shown, never assumed: a dataset that no
//! reconciliation of its present snapshots covers is `NotShown`.

use serde::{Deserialize, Serialize};

use crate::ReconciliationResult;

/// What is known about the completeness of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Every reconciliation that marks it found both sides equal.
    Complete,
    /// At least one of them did not.
    Incomplete {
        /// A sentence for each that failed.
        reasons: Vec<String>,
    },
    /// No reconciliation covers it.
    NotShown,
}

impl Completeness {
    /// Derived from the latest results that mark the dataset.
    pub(crate) fn of<'r>(results: impl Iterator<Item = &'r ReconciliationResult>) -> Self {
        let mut reasons = Vec::new();
        let mut is_covered = false;
        for result in results {
            is_covered = true;
            if !result.complete {
                reasons.push(result.summary());
            }
        }
        match (reasons.is_empty(), is_covered) {
            (false, _) => Self::Incomplete { reasons },
            (true, true) => Self::Complete,
            (true, false) => Self::NotShown,
        }
    }
}
