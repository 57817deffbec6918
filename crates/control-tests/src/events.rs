//! What the ledger keeps of control tests: that a definition came into force or
//! no longer is, that a test was run with which result, and what management
//! answers to it.
//!
//! Must hold: an event holds digests and counts, never an item or a person; the
//! state is a fold of the events and nothing else; an unknown kind is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlTestId, DigestMap, Period, Problem, Sha256Hex};

use crate::definition::ControlTest;
use crate::result::{Counts, Outcome, TestResult};

/// An event of this crate as the ledger stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum ControlTestsEvent {
    /// A control test was defined or changed.
    #[serde(rename = "control_tests.defined/1")]
    Defined(Defined),
    /// A control test is no longer in force: its folder was removed, or nothing
    /// of the program is left that it applies to.
    #[serde(rename = "control_tests.removed/1")]
    Removed(Removed),
    /// A control test was run.
    #[serde(rename = "control_tests.run_recorded/1")]
    RunRecorded(RunRecorded),
    /// Management answered the deviations a result shows.
    #[serde(rename = "control_tests.response_given/1")]
    ResponseGiven(ResponseGiven),
}

/// Body of `control_tests.defined/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defined {
    /// The control test.
    pub id: ControlTestId,
    /// Digest of `test.toml`.
    pub definition_sha256: Sha256Hex,
    /// Digest of `test.sql`.
    pub sql_sha256: Sha256Hex,
    /// Digest of the whole folder as one canonical JSON object, as the evidence
    /// store keeps it.
    pub folder_sha256: Sha256Hex,
}

/// Body of `control_tests.removed/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// The control test.
    pub id: ControlTestId,
}

/// Body of `control_tests.run_recorded/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecorded {
    /// The control test.
    pub test: ControlTestId,
    /// The period tested.
    pub period: Period,
    /// Key of the inputs, see [`TestResult::key`].
    pub key: Sha256Hex,
    /// Digest of the result, see [`TestResult::sha256`].
    pub result_sha256: Sha256Hex,
    /// What came out.
    pub outcome: Outcome,
    /// How many items have which status.
    pub counts: Counts,
}

/// Body of `control_tests.response_given/1`: management's answer to the
/// deviations of one result. It is bound to that result: another result of the
/// same test calls for another answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseGiven {
    /// The control test.
    pub test: ControlTestId,
    /// The period tested.
    pub period: Period,
    /// Digest of the result answered.
    pub result_sha256: Sha256Hex,
    /// Agrees or disagrees, in management's words.
    pub position: String,
    /// Cause, as management sees it.
    pub cause: String,
    /// What is done about it.
    pub action: String,
    /// Role that answers for the action.
    pub owner_role: String,
    /// When it is or was done.
    pub due_on: Date,
}

/// State of control tests: the definitions in force and the latest run of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlTestsState {
    /// Definitions in force, with the instant they came into force.
    pub defined: BTreeMap<ControlTestId, (Defined, Timestamp)>,
    /// The latest run of each test and period, with its instant.
    pub runs: BTreeMap<(ControlTestId, Period), (RunRecorded, Timestamp)>,
    /// Management's latest answer to each result, by the result's digest, with
    /// its instant.
    pub responses: Arc<BTreeMap<Sha256Hex, (ResponseGiven, Timestamp)>>,
    /// Digest of the latest result of each key.
    results: DigestMap<[u8; 32]>,
    /// Digests of all results that were ever recorded.
    recorded: DigestMap<()>,
}

impl ControlTestsEvent {
    /// The kinds of event of this crate, with their versions.
    pub const KINDS: &'static [&'static str] = &[
        "control_tests.defined/1",
        "control_tests.removed/1",
        "control_tests.run_recorded/1",
        "control_tests.response_given/1",
    ];

    /// The event that puts a definition in force.
    pub fn defined(test: &ControlTest) -> Self {
        Self::Defined(Defined {
            id: test.id.clone(),
            definition_sha256: test.definition_sha256.clone(),
            sql_sha256: test.sql_sha256.clone(),
            folder_sha256: test.folder_sha256.clone(),
        })
    }

    /// The event that takes a definition out of force.
    pub fn removed(id: ControlTestId) -> Self {
        Self::Removed(Removed { id })
    }

    /// The event that records a run.
    ///
    /// # Errors
    /// As [`TestResult::canonical`].
    pub fn run_recorded(result: &TestResult) -> Result<Self, Problem> {
        Ok(Self::RunRecorded(RunRecorded {
            test: result.test.clone(),
            period: result.period,
            key: result.key()?,
            result_sha256: result.sha256()?,
            outcome: result.outcome.clone(),
            counts: result.counts,
        }))
    }

    /// Kind and version.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Defined(_) => "control_tests.defined/1",
            Self::Removed(_) => "control_tests.removed/1",
            Self::RunRecorded(_) => "control_tests.run_recorded/1",
            Self::ResponseGiven(_) => "control_tests.response_given/1",
        }
    }

    /// What the event is about: the id of the control test.
    pub fn subject(&self) -> String {
        match self {
            Self::Defined(defined) => defined.id.to_string(),
            Self::Removed(removed) => removed.id.to_string(),
            Self::RunRecorded(run) => run.test.to_string(),
            Self::ResponseGiven(response) => response.test.to_string(),
        }
    }
}

impl ControlTestsState {
    /// Takes one event into the state.
    ///
    /// # Errors
    /// A run or removal of a test that is not in force (the unsaved test is not
    /// recorded); an answer to a result that was never recorded.
    pub fn apply(&mut self, event: &ControlTestsEvent, at: Timestamp) -> Result<(), Problem> {
        match event {
            ControlTestsEvent::Defined(defined) => {
                self.defined
                    .insert(defined.id.clone(), (defined.clone(), at));
            }
            ControlTestsEvent::Removed(removed) => {
                if self.defined.remove(&removed.id).is_none() {
                    return Err(Problem::new(format!(
                        "control test `{}` is removed without being in force",
                        removed.id
                    )));
                }
            }
            ControlTestsEvent::RunRecorded(run) => {
                if !self.defined.contains_key(&run.test) {
                    return Err(Problem::new(format!(
                        "a run of control test `{}` is recorded before its definition",
                        run.test
                    )));
                }
                self.results.insert(&run.key, run.result_sha256.to_bytes());
                self.recorded.insert(&run.result_sha256, ());
                self.runs
                    .insert((run.test.clone(), run.period), (run.clone(), at));
            }
            ControlTestsEvent::ResponseGiven(response) => {
                if !self.recorded.contains(&response.result_sha256) {
                    return Err(Problem::new(format!(
                        "management answers a result of control test `{}` that was never recorded",
                        response.test
                    )));
                }
                Arc::make_mut(&mut self.responses)
                    .insert(response.result_sha256.clone(), (response.clone(), at));
            }
        }
        Ok(())
    }

    /// Digest of the latest result of a key.
    pub fn result_of(&self, key: &Sha256Hex) -> Option<Sha256Hex> {
        self.results.get(key).copied().map(Sha256Hex::from_bytes)
    }

    /// Management's answer to a result, by the result's digest.
    pub fn response_to(&self, result: &Sha256Hex) -> Option<&ResponseGiven> {
        self.responses.get(result).map(|(response, _)| response)
    }

    /// Whether the definition in force is exactly this one.
    pub fn is_defined_as(&self, test: &ControlTest) -> bool {
        self.defined
            .get(&test.id)
            .is_some_and(|(defined, _)| defined.folder_sha256 == test.folder_sha256)
    }
}
