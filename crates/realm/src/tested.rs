//! Running control tests apart from the workspace, and the results it keeps.
//!
//! What must hold: a kept result counts only while it is what the ledger
//! recorded; running changes nothing, recording is a command of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tickmark_catalog::{Problem, Problems, Sha256Hex};
use tickmark_control_tests::{ControlTest, TestResult};
use tickmark_evidence::Store;

use crate::company_state::CompanyState;
use crate::error::{Error, Result};
use crate::evaluate::{Evaluation, Progress};

/// What came of running control tests.
#[derive(Debug)]
pub struct Tested {
    /// The results of the tests that ran, in order of id.
    pub results: Vec<TestResult>,
    /// Why each of the others could not run.
    pub problems: Vec<Problem>,
}

impl Tested {
    /// The results, where every test ran.
    ///
    /// # Errors
    /// The problem of each test that could not run.
    pub fn all(self) -> Result<Vec<TestResult>> {
        Ok(Problems::unless_empty(self.problems, self.results)?)
    }
}

/// Control tests ready to run over what a ledger said at one moment.
pub struct TestRun {
    pub(crate) evaluation: Evaluation,
    pub(crate) tests: Vec<ControlTest>,
    pub(crate) state: Arc<CompanyState>,
    pub(crate) store: Arc<Store>,
    pub(crate) results: PathBuf,
}

impl TestRun {
    /// How many tests it runs.
    pub fn test_count(&self) -> usize {
        self.tests.len()
    }

    /// Runs the tests, in order of id. A test whose inputs have not changed is
    /// not run again.
    ///
    /// # Errors
    /// Evidence that is not what was recorded. A test that is broken or stopped
    /// at a limit is a problem of [`Tested`], and keeps no other from running.
    pub fn run(&self, progress: Option<Progress<'_>>) -> Result<Tested> {
        let known = |key: &Sha256Hex| {
            let sha256 = self.state.control_tests.result_of(key)?;
            kept_result(&self.results, key, &sha256)
        };
        let (results, problems) = self.evaluation.run_each(&self.tests, &known, progress);
        if !problems.is_empty()
            && let damage @ Error::Damaged(_) = self
                .evaluation
                .failure(&self.store, Problems(problems.clone()))
        {
            return Err(damage);
        }
        Ok(Tested { results, problems })
    }
}

/// A result that a workspace keeps, where it is still what was recorded.
///
/// `folder`: of the workspace's results. `key`: of the inputs. `sha256`: of the
/// result, as the ledger has it.
pub fn kept_result(folder: &Path, key: &Sha256Hex, sha256: &Sha256Hex) -> Option<TestResult> {
    let bytes = std::fs::read(result_path(folder, key)).ok()?;
    if Sha256Hex::of(&bytes) != *sha256 {
        return None;
    }
    serde_json::from_slice(&bytes).ok()
}

/// Where the result of these inputs is kept.
pub(crate) fn result_path(folder: &Path, key: &Sha256Hex) -> PathBuf {
    folder.join(format!("{key}.json"))
}
