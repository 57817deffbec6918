//! Runs a query that passed the gate, within its limits.
//!
//! Must hold: a limit that is reached ends the query with an error; rows that
//! were read until then are thrown away.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use datafusion::execution::TaskContext;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt;
use tickmark_catalog::Problem;

use crate::config::RunnerConfig;
use crate::engine_problem::engine_problem;
use crate::gate::check_joins;

/// A plan that passed the gate, with all it needs to run.
pub(crate) struct Execution {
    pub(crate) state: Arc<SessionState>,
    pub(crate) task: Arc<TaskContext>,
    /// Analyzed: every expression has its type.
    pub(crate) plan: LogicalPlan,
    pub(crate) config: RunnerConfig,
    /// The file that holds the SQL, for problems.
    pub(crate) file: String,
}

/// Runs a plan; its rows in batches.
///
/// The work is a task of its own, so that the limit holds even while the engine
/// does not yield. Such a task goes on until it yields; nobody waits for it.
pub(crate) async fn execute(execution: Execution) -> Result<Vec<RecordBatch>, Problem> {
    let limit = Duration::from_millis(execution.config.time_limit_ms);
    let too_late = out_of_time(&execution.config).in_file(&execution.file);
    let broke_off = Problem::new("the engine broke off").in_file(&execution.file);
    let mut work = tokio::spawn(collect(execution));
    match tokio::time::timeout(limit, &mut work).await {
        Ok(Ok(rows)) => rows,
        Ok(Err(_)) => Err(broke_off),
        Err(_) => {
            work.abort();
            Err(too_late)
        }
    }
}

/// The problem of SQL that ran too long.
pub(crate) fn out_of_time(config: &RunnerConfig) -> Problem {
    Problem::new(format!(
        "the SQL ran longer than the {} ms allowed",
        config.time_limit_ms
    ))
    .hint("join by equality, group before joining, or raise the limit")
}

async fn collect(execution: Execution) -> Result<Vec<RecordBatch>, Problem> {
    let Execution {
        state,
        task,
        plan,
        config,
        file,
    } = execution;
    let problem = |error| engine_problem(&error, &file);
    // The gate has analyzed the plan; the state's own method would do it again.
    let optimized = state.optimizer().optimize(plan, state.as_ref(), |_, _| {});
    let plan = state
        .query_planner()
        .create_physical_plan(&optimized.map_err(problem)?, state.as_ref())
        .await
        .map_err(problem)?;
    check_joins(&plan, config.pair_limit).map_err(|problem| problem.in_file(&file))?;
    let mut stream = execute_stream(plan, task).map_err(problem)?;
    let mut rows = 0;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(problem)?;
        rows += batch.num_rows() as u64;
        if rows > config.row_limit {
            let message = format!(
                "the SQL returns more than the {} rows allowed",
                config.row_limit
            );
            return Err(Problem::new(message).in_file(&file));
        }
        batches.push(batch);
    }
    Ok(batches)
}
