//! Running control tests over what a ledger says and a store holds: the same
//! for the company that runs them, the firm that runs them again and the
//! reader who verifies a report.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tickmark_catalog::{Period, Problem, Problems, Sha256Hex};
use tickmark_control_tests::{ControlTest, Fixture, TestFolder, TestResult};
use tickmark_evidence::{ReconciliationResult, Store};
use tickmark_program::Program;
pub use tickmark_runner::Progress;
use tickmark_runner::{
    CachedResult, ChildRequest, Datasets, FixtureOutcome, RunOptions, Runner, RunnerConfig,
    SnapshotFile, check_fixtures_in_child, run_in_child,
};

use crate::company_state::CompanyState;
use crate::error::{Error, Result};
use crate::reconcile::{completeness, recorded};

/// A state with its program parsed and its snapshots found in a store, ready
/// to run tests over.
///
/// The shipped library runs in this process, many tests at once. SQL of anyone
/// else (a program's own tests, its reconciliations) runs in child processes:
/// it may be a stranger's.
pub struct Evaluation {
    pub(crate) runner: Runner,
    pub(crate) datasets: Datasets,
    program: Program,
    /// The executable that answers `runner` in a process of its own.
    pub(crate) executable: PathBuf,
    /// The current snapshots, by dataset.
    pub(crate) current: Vec<(String, Sha256Hex)>,
}

impl Evaluation {
    /// Prepares to run tests over `period`, the program's own where none is
    /// given. Observations after `as_of` do not count; where none is given, all
    /// that were recorded do, so that the same record gives the same results
    /// whenever they are computed. `executable`: this program, which answers
    /// `runner` in a process of its own.
    ///
    /// # Errors
    /// When no program was recorded or the engine cannot start.
    pub fn new(
        state: &CompanyState,
        store: &Store,
        period: Option<Period>,
        as_of: Option<Timestamp>,
        executable: &Path,
    ) -> Result<Self> {
        let program = state.program()?;
        let as_of = as_of.unwrap_or_else(|| last_observation(state));
        let datasets = datasets(
            state,
            &program,
            store,
            period.unwrap_or(program.period),
            as_of,
        )?;
        let current = state
            .evidence
            .datasets()
            .flat_map(|dataset| state.evidence.current(dataset));
        let current = current
            .map(|it| (it.dataset.clone(), it.derived.clone()))
            .collect();
        Ok(Self {
            runner: runner()?,
            datasets,
            program,
            executable: executable.to_owned(),
            current,
        })
    }

    /// The program the tests run against.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What the engine can read.
    pub fn datasets(&self) -> &Datasets {
        &self.datasets
    }

    /// Runs tests; results in order of the tests.
    ///
    /// `known` finds the result of an earlier run by its key: a test whose
    /// inputs have not changed is not run again.
    ///
    /// # Errors
    /// Every test that is broken or stopped at a limit.
    pub fn run(
        &self,
        tests: &[ControlTest],
        known: CachedResult<'_>,
        progress: Option<Progress<'_>>,
    ) -> Result<Vec<TestResult>, Problems> {
        let (results, problems) = self.run_each(tests, known, progress);
        Problems::unless_empty(problems, results)
    }

    /// As [`Self::run`], where a test that cannot run stands in no other's way:
    /// the results of those that ran, and a problem for each of the others.
    pub fn run_each(
        &self,
        tests: &[ControlTest],
        known: CachedResult<'_>,
        progress: Option<Progress<'_>>,
    ) -> (Vec<TestResult>, Vec<Problem>) {
        let options = RunOptions {
            cached: Some(known),
            progress,
            child: Some(&self.executable),
        };
        let mut results = Vec::new();
        let mut problems = Vec::new();
        for outcome in self.runner.run_all(&self.datasets, tests, &options) {
            match outcome {
                Ok(result) => results.push(result),
                Err(problem) => problems.push(problem),
            }
        }
        (results, problems)
    }

    /// Runs SQL that nobody saved, in a child process that is killed at its
    /// limits.
    ///
    /// # Errors
    /// The SQL is refused, broken or stopped at a limit.
    pub fn run_unsaved(&self, sql: &str) -> Result<TestResult, Problem> {
        let request = ChildRequest {
            tests: vec![ControlTest::unsaved(sql)?],
            ..ChildRequest::new(config().for_user_sql(), self.datasets.clone())
        };
        let lost = || Problem::new("the child process answered nothing");
        let answer = run_in_child(&self.executable, &request)?;
        answer.results.into_iter().next().ok_or_else(lost)?
    }

    /// Lets completeness rest on these results of reconciliations instead of
    /// the recorded ones: of a company that is examined, only what was compared
    /// again counts.
    pub(crate) fn rely_on(&mut self, state: &CompanyState, results: &[ReconciliationResult]) {
        self.datasets.completeness = completeness(state, results, self.datasets.as_of);
    }

    /// What to say of a run that failed: that evidence is damaged, where a
    /// snapshot it could read is no longer what was recorded.
    pub fn failure(&self, store: &Store, problems: Problems) -> Error {
        let changed = |(_, sha256): &(String, Sha256Hex)| store.check(sha256).is_err();
        match problems.0.first() {
            Some(first) if self.current.iter().any(changed) => Error::Damaged(first.clone()),
            _ => problems.into(),
        }
    }
}

/// The last observation of any source.
fn last_observation(state: &CompanyState) -> Timestamp {
    state
        .evidence
        .all_snapshots()
        .map(|recorded| recorded.value.observed_at)
        .max()
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A path as a process that works in another folder finds it; as it is where
/// the system does not tell.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn runner() -> Result<Runner> {
    Ok(Runner::new(config())?)
}

fn config() -> RunnerConfig {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    RunnerConfig::new(std::env::temp_dir(), cores)
}

/// Runs control tests over their own fixtures, each test in a child process
/// that is killed at its limits.
///
/// # Errors
/// Every fixture that cannot be read; the first child that broke down.
pub fn run_fixtures(
    tests: &[(TestFolder, ControlTest)],
    executable: &Path,
) -> Result<Vec<FixtureOutcome>> {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for (folder, test) in tests {
        match Fixture::from_folder(folder, test) {
            Ok(fixtures) => read.push((test, fixtures)),
            Err(found) => problems.extend(found.0),
        }
    }
    let mut outcomes = Vec::new();
    for (test, fixtures) in Problems::unless_empty(problems, read)? {
        let config = config().for_saved_sql();
        outcomes.extend(check_fixtures_in_child(executable, config, test, fixtures)?);
    }
    Ok(outcomes)
}

/// Every snapshot that counts, with the program's records and calendars.
fn datasets(
    state: &CompanyState,
    program: &Program,
    store: &Store,
    period: Period,
    as_of: Timestamp,
) -> Result<Datasets> {
    let snapshots = state.evidence.all_snapshots().map(|recorded| {
        let snapshot = &recorded.value;
        SnapshotFile {
            dataset: snapshot.dataset.clone(),
            source: snapshot.source_id.clone(),
            observed_at: snapshot.observed_at,
            sha256: snapshot.derived.clone(),
            rows: snapshot.row_count,
            path: absolute(&store.local_path(&snapshot.derived)),
        }
    });
    Ok(Datasets {
        snapshots: snapshots.collect(),
        program: Datasets::tables_of(program)?,
        calendars: Datasets::calendars_of(program),
        time_zone: program.organization.time_zone.clone(),
        period,
        as_of,
        completeness: completeness(state, &recorded(state, program)?, as_of),
    })
}
