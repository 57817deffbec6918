//! Running control tests over what a ledger says and a store holds: the same
//! for the company that runs them, the firm that runs them again and the
//! reader who verifies a report.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use jiff::Timestamp;
use tickmark_catalog::{ControlTestId, Period, Problem, Problems, Sha256Hex, catalog};
use tickmark_control_tests::{Completeness, ControlTest, TestFolder, TestResult};
use tickmark_evidence::{Reconciliation, ReconciliationResult, Store};
use tickmark_program::Program;
use tickmark_runner::{Datasets, KeyQuery, RunOptions, Runner, RunnerConfig, SnapshotFile};

use crate::company_state::CompanyState;
use crate::error::{Error, Result};

/// Is told of each finished test: its id, how many are finished, how many
/// there are.
pub type Progress<'a> = &'a dyn Fn(&ControlTestId, usize, usize);

static CHILD: OnceLock<PathBuf> = OnceLock::new();

/// Names the executable that answers the hidden command `runner`; said once,
/// when a program starts. From then on every control test that a user wrote,
/// the company's own included when a firm or a reader runs it again, runs in a
/// process of its own that is killed at its limits. Until then, and in that
/// process itself, all tests run in one process.
pub fn run_user_sql_in(program: PathBuf) {
    // Said twice: the first word counts.
    let _ = CHILD.set(program);
}

/// A state with its program parsed and its snapshots found in a store, ready
/// to run tests over.
pub struct Evaluation {
    runner: Runner,
    datasets: Datasets,
    program: Program,
    /// The current snapshots, by dataset.
    current: Vec<(String, Sha256Hex)>,
}

impl Evaluation {
    /// Prepares to run tests over `period`, the program's own where none is
    /// given. Observations after `as_of` do not count; where none is given, all
    /// that were recorded do, so that the same record gives the same results
    /// whenever they are computed.
    ///
    /// # Errors
    /// When no program was recorded or the engine cannot start.
    pub fn new(
        state: &CompanyState,
        store: &Store,
        period: Option<Period>,
        as_of: Option<Timestamp>,
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
        known: &dyn Fn(&Sha256Hex) -> Option<TestResult>,
        progress: Option<Progress<'_>>,
    ) -> Result<Vec<TestResult>, Problems> {
        let (results, problems) = self.run_each(tests, known, progress);
        if problems.is_empty() {
            Ok(results)
        } else {
            Err(Problems(problems))
        }
    }

    /// As [`Self::run`], where a test that cannot run stands in no other's way:
    /// the results of those that ran, and a problem for each of the others.
    pub fn run_each(
        &self,
        tests: &[ControlTest],
        known: &dyn Fn(&Sha256Hex) -> Option<TestResult>,
        progress: Option<Progress<'_>>,
    ) -> (Vec<TestResult>, Vec<Problem>) {
        let options = RunOptions {
            cached: Some(known),
            progress,
            child: CHILD.get().map(PathBuf::as_path),
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

    /// What to say of a run that failed: that evidence is damaged, where a
    /// snapshot it could read is no longer what was recorded.
    pub fn failure(&self, store: &Store, problems: Problems) -> Error {
        let changed = |(_, sha256): &(String, Sha256Hex)| store.check(sha256).is_err();
        match problems.0.first() {
            Some(first) if self.current.iter().any(changed) => Error::Damaged(first.clone()),
            _ => problems.into(),
        }
    }

    /// Compares the two sides of a reconciliation.
    ///
    /// # Errors
    /// When a dataset was not imported or a condition may not run.
    pub fn reconcile(
        &self,
        reconciliation: &Reconciliation,
        file: &str,
        definition: Sha256Hex,
    ) -> Result<ReconciliationResult> {
        let rows = |side: &tickmark_evidence::Side| {
            self.runner.key_rows(
                &self.datasets,
                &KeyQuery {
                    table: side.dataset.clone(),
                    source: side.source.clone(),
                    filter: side.condition.clone(),
                    key: side.key.clone(),
                    file: file.to_owned(),
                },
            )
        };
        let (left, right) = (rows(&reconciliation.left)?, rows(&reconciliation.right)?);
        let read = [&reconciliation.left.dataset, &reconciliation.right.dataset];
        let snapshots = self
            .current
            .iter()
            .filter(|(dataset, _)| read.contains(&dataset))
            .map(|(_, sha256)| sha256.clone())
            .collect();
        Ok(reconciliation.compare(left, right, definition, snapshots))
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

fn runner() -> Result<Runner> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Runner::new(RunnerConfig::new(std::env::temp_dir(), cores))?)
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
            path: store.local_path(&snapshot.derived),
        }
    });
    Ok(Datasets {
        snapshots: snapshots.collect(),
        program: Datasets::tables_of(program)?,
        calendars: Datasets::calendars_of(program),
        time_zone: program.organization.time_zone.clone(),
        period,
        as_of,
        completeness: completeness(state),
    })
}

fn completeness(state: &CompanyState) -> BTreeMap<String, Completeness> {
    let of = |dataset: &str| match state.evidence.completeness(dataset) {
        tickmark_evidence::Completeness::Complete => Completeness::Complete,
        tickmark_evidence::Completeness::Incomplete { reasons } => {
            Completeness::Incomplete { reasons }
        }
        tickmark_evidence::Completeness::NotShown => Completeness::NotShown,
    };
    state
        .evidence
        .datasets()
        .map(|dataset| (dataset.to_owned(), of(dataset)))
        .collect()
}

/// The control tests in force, read back from the store that holds their
/// folders: what was really run, whatever this program ships today.
///
/// # Errors
/// When a folder is missing, changed or no test.
pub fn tests_in_force(state: &CompanyState, store: &Store) -> Result<Vec<ControlTest>> {
    state
        .control_tests
        .defined
        .values()
        .map(|(defined, _)| read_test(store, &defined.id, &defined.folder_sha256))
        .collect()
}

fn read_test(store: &Store, id: &ControlTestId, folder_sha256: &Sha256Hex) -> Result<ControlTest> {
    let bytes = store.get(folder_sha256)?;
    let wrong = |why: String| {
        Error::Damaged(
            Problem::new(format!(
                "the recorded folder of control test `{id}` cannot be read"
            ))
            .cause(why),
        )
    };
    let files: BTreeMap<String, String> =
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    Ok(ControlTest::from_folder(&TestFolder {
        path: id.to_string(),
        files,
    })?)
}

/// Parses the reconciliations of a program.
///
/// # Errors
/// Every problem of every definition.
pub fn reconciliations(program: &Program) -> Result<Vec<(String, Reconciliation, Sha256Hex)>> {
    let mut read = Vec::new();
    for (id, text) in &program.reconciliations {
        let file = format!("reconciliations/{id}.toml");
        let definition = Reconciliation::parse(&file, text, &catalog().datasets)?;
        read.push((file, definition, Sha256Hex::of(text.as_bytes())));
    }
    Ok(read)
}
