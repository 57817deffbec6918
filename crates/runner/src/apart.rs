//! A test that a user wrote runs apart from the others: in a process of its
//! own, while they go on.
//!
//! Must hold: however that process ends, the test alone has a problem, and the
//! problem names the test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tickmark_catalog::Problem;
use tickmark_control_tests::{ControlTest, TestResult};

use crate::child::{ChildRequest, run_in_child};
use crate::config::RunnerConfig;
use crate::datasets::Datasets;
use crate::run::{could_not_run, sql_file};

/// What a process for one test needs.
#[derive(Clone)]
pub(crate) struct Apart {
    program: PathBuf,
    config: RunnerConfig,
    datasets: Arc<Datasets>,
}

impl Apart {
    pub(crate) fn new(program: &Path, config: &RunnerConfig, datasets: &Datasets) -> Self {
        Self {
            program: program.to_owned(),
            config: config.clone().for_saved_sql(),
            datasets: Arc::new(datasets.clone()),
        }
    }

    /// Runs one test; waiting for the process keeps no other test from running.
    pub(crate) async fn run(self, test: ControlTest) -> Result<TestResult, Problem> {
        let id = test.id.clone();
        let file = sql_file(&test);
        let waited = tokio::task::spawn_blocking(move || self.wait_for(test)).await;
        let answer = waited.map_err(|_| Problem::new("the engine broke off"));
        match answer.and_then(|answer| answer) {
            // A problem with the test itself comes back whole.
            Ok(answer) => answer,
            Err(problem) => Err(could_not_run(&id, problem.in_file(&file))),
        }
    }

    fn wait_for(self, test: ControlTest) -> Result<Result<TestResult, Problem>, Problem> {
        let request = ChildRequest {
            tests: vec![test],
            ..ChildRequest::new(self.config, Datasets::clone(&self.datasets))
        };
        let lost = || Problem::new("the process that ran the SQL answered nothing");
        run_in_child(&self.program, &request)?
            .results
            .into_iter()
            .next()
            .ok_or_else(lost)
    }
}
