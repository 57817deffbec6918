//! Runs control tests: datasets and definitions in, results out.
//!
//! Must hold: results come in the order of the tests; the same inputs give the
//! same bytes, however many tests run at once; a problem of one test or of one
//! dataset does not touch the results of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use datafusion::execution::session_state::SessionState;
use futures::StreamExt;
use tickmark_catalog::{ControlTestId, Period, Problem, Sha256Hex};
use tickmark_control_tests::{ControlTest, TestResult, is_shipped};
use tokio::runtime::{Handle, Runtime};

use crate::apart::Apart;
use crate::config::RunnerConfig;
use crate::datasets::Datasets;
use crate::execute::execute;
use crate::gate::Query;
use crate::item_rows::item_rows;
use crate::prepared::{Prepared, tables_read};
use crate::results::{Work, finish, missing_dataset, work};

/// Stack of the threads that plan and run SQL: planning recurses.
const STACK_BYTES: usize = 32 << 20;

/// Runs control tests within its limits.
pub struct Runner {
    config: RunnerConfig,
    threads: Handle,
    /// Owns the threads; there until the runner is dropped.
    runtime: Option<Runtime>,
}

impl Drop for Runner {
    /// Does not wait for queries that were stopped but have not yielded yet.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Finds the result of an earlier run by its key.
pub type CachedResult<'a> = &'a dyn Fn(&Sha256Hex) -> Option<TestResult>;

/// Is told of each finished test: its id, how many are finished, how many there
/// are.
pub type Progress<'a> = &'a dyn Fn(&ControlTestId, usize, usize);

/// What a run may use besides its inputs.
#[derive(Clone, Copy, Default)]
pub struct RunOptions<'a> {
    /// Earlier results: a test whose key is found is not run again.
    pub cached: Option<CachedResult<'a>>,
    /// Called after each test.
    pub progress: Option<Progress<'a>>,
    /// The executable that answers the hidden command with
    /// [`child_main`](crate::child_main). Tests that do not ship with the product
    /// then run in processes of their own, each killed at its limits; without
    /// it all tests run in this process.
    pub child: Option<&'a Path>,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// A runner with its own threads.
    ///
    /// # Errors
    /// The threads cannot be started.
    pub fn new(config: RunnerConfig) -> Result<Self, Problem> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.core_count)
            .thread_stack_size(STACK_BYTES)
            .enable_time()
            .build()
            .map_err(|error| {
                Problem::new("the runner could not be started").cause(error.to_string())
            })?;
        Ok(Self {
            config,
            threads: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// The limits.
    pub fn config(&self) -> &RunnerConfig {
        &self.config
    }

    /// Runs tests over the same datasets; one result or problem each, in the
    /// order of `tests`.
    pub fn run_all(
        &self,
        datasets: &Datasets,
        tests: &[ControlTest],
        options: &RunOptions<'_>,
    ) -> Vec<Result<TestResult, Problem>> {
        let reads = tests
            .iter()
            .flat_map(|test| tables_read(test, datasets.period))
            .collect();
        if let Err(problem) = check_period(datasets.period) {
            return tests.iter().map(|_| Err(problem.clone())).collect();
        }
        let has_strangers = tests.iter().any(|test| !is_shipped(test));
        let apart = options
            .child
            .filter(|_| has_strangers)
            .map(|program| Apart::new(program, &self.config, datasets));
        match self.block_on(Prepared::load(&self.config, datasets, &reads)) {
            Ok(prepared) => self.run_prepared(Arc::new(prepared), tests, options, apart),
            Err(problem) => tests.iter().map(|_| Err(problem.clone())).collect(),
        }
    }

    /// Runs one test.
    ///
    /// # Errors
    /// The test is broken, a snapshot damaged, or a limit reached.
    pub fn run(&self, datasets: &Datasets, test: &ControlTest) -> Result<TestResult, Problem> {
        let results = self.run_all(datasets, std::slice::from_ref(test), &RunOptions::default());
        results
            .into_iter()
            .next()
            .unwrap_or_else(|| Err(Problem::new("the test was not run")))
    }

    pub(crate) fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        self.threads.block_on(future)
    }

    pub(crate) fn run_prepared(
        &self,
        prepared: Arc<Prepared>,
        tests: &[ControlTest],
        options: &RunOptions<'_>,
        apart: Option<Apart>,
    ) -> Vec<Result<TestResult, Problem>> {
        let state = prepared.session.state();
        let mut results = BTreeMap::new();
        let started = tests.iter().enumerate().map(|(index, test)| {
            let cached = options
                .cached
                .and_then(|cached| prepared.key(test).ok().and_then(|key| cached(&key)));
            let apart = apart.as_ref().filter(|_| !is_shipped(test)).cloned();
            let (prepared, state, test) = (Arc::clone(&prepared), Arc::clone(&state), test.clone());
            async move {
                let result = match (cached, apart) {
                    (Some(result), _) => Ok(result),
                    (None, Some(apart)) => apart.run(test).await,
                    (None, None) => spawned(prepared, state, test).await,
                };
                (index, result)
            }
        });
        self.threads.block_on(async {
            let mut finished =
                futures::stream::iter(started).buffer_unordered(self.config.core_count);
            while let Some((index, result)) = finished.next().await {
                results.insert(index, result);
                if let (Some(progress), Some(test)) = (options.progress, tests.get(index)) {
                    progress(&test.id, results.len(), tests.len());
                }
            }
        });
        results.into_values().collect()
    }
}

/// The longest period that is tested: the calendars that SQL writes for itself
/// reach so far.
const MAX_PERIOD_DAYS: i32 = 5 * 366;

fn check_period(period: Period) -> Result<(), Problem> {
    let days = period.start.until(period.end).map(|span| span.get_days());
    if days.is_ok_and(|days| days < MAX_PERIOD_DAYS) {
        return Ok(());
    }
    Err(
        Problem::new(format!("the period `{period}` is longer than five years"))
            .hint("examinations cover a year or less; test longer times piece by piece"),
    )
}

async fn spawned(
    prepared: Arc<Prepared>,
    state: Arc<SessionState>,
    test: ControlTest,
) -> Result<TestResult, Problem> {
    let id = test.id.clone();
    let result = match tokio::spawn(async move { run_one(&prepared, state, &test).await }).await {
        Ok(result) => result,
        Err(_) => Err(Problem::new("the engine broke off").hint("simplify the SQL")),
    };
    result.map_err(|problem| could_not_run(&id, problem))
}

/// The file that holds a test's SQL, as a program's folder names it.
pub(crate) fn sql_file(test: &ControlTest) -> String {
    match test.reads.is_empty() {
        true => format!("{}/test.sql", test.id),
        false => format!("tests/{}/test.sql", test.id),
    }
}

/// Puts the test's name above a problem.
pub(crate) fn could_not_run(id: &ControlTestId, mut problem: Problem) -> Problem {
    let message = format!("control test `{id}` could not run");
    let cause = std::mem::replace(&mut problem.message, message);
    problem.causes.insert(0, cause);
    problem
}

async fn run_one(
    prepared: &Prepared,
    state: Arc<SessionState>,
    test: &ControlTest,
) -> Result<TestResult, Problem> {
    let work: Work<'_> = work(prepared, test)?;
    if let Some(result) = missing_dataset(&work) {
        return Ok(result);
    }
    let file = sql_file(test);
    let (schema, batches) = query(prepared, state, test, &file).await?;
    let rows = item_rows(&schema, &batches).map_err(|problem| problem.in_file(&file))?;
    drop(batches);
    finish(work, &rows).map_err(|problem| problem.in_file(&file))
}

async fn query(
    prepared: &Prepared,
    state: Arc<SessionState>,
    test: &ControlTest,
    file: &str,
) -> Result<(Schema, Vec<RecordBatch>), Problem> {
    let query = Query::parse(&test.sql, file, &test.values(prepared.period))?;
    query.check_tables(&allowed(prepared, test))?;
    let plan = query.plan(&state).await?;
    let schema = plan.schema().as_arrow().clone();
    let batches = execute(prepared.execution(state, plan, file)).await?;
    Ok((schema, batches))
}

/// The tables a test may read: those it declares; an unsaved test may read all.
fn allowed(prepared: &Prepared, test: &ControlTest) -> BTreeSet<String> {
    if test.reads.is_empty() {
        return prepared.session.tables.clone();
    }
    test.reads
        .iter()
        .filter(|table| prepared.session.tables.contains(*table))
        .cloned()
        .collect()
}
