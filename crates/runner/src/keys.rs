//! Reads the keys of a dataset's rows for a reconciliation.
//!
//! Must hold: the condition and the key columns pass the same gate as the SQL
//! of a control test; rows come sorted, so equal inputs give equal answers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;
use tickmark_control_tests::ParameterValue;

use crate::arrow_cells::TextColumn;
use crate::child::{ChildRequest, run_in_child};
use crate::config::RunnerConfig;
use crate::datasets::Datasets;
use crate::execute::execute;
use crate::gate::{Query, expression};
use crate::prepared::Prepared;
use crate::run::Runner;

/// Which rows' keys are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyQuery {
    /// The table: `<dataset>` or `<dataset>_history`.
    pub table: String,
    /// Only rows of this source.
    pub source: Option<String>,
    /// A condition in SQL; it may use `$period_start` and `$period_end`.
    pub filter: Option<String>,
    /// The key: columns or expressions, in order.
    pub key: Vec<String>,
    /// File that holds the query, for problems.
    pub file: String,
}

/// The key of one row; null is `None`.
pub type Key = Vec<Option<String>>;

impl Runner {
    /// The keys of a table's rows, sorted; a key that occurs in several rows is
    /// there as often.
    ///
    /// # Errors
    /// An unknown table or column, a condition that may not run, a limit.
    pub fn key_rows(&self, datasets: &Datasets, query: &KeyQuery) -> Result<Vec<Key>, Problem> {
        let reads = BTreeSet::from([query.table.clone()]);
        self.block_on(async {
            let prepared = Prepared::load(&self.config().clone(), datasets, &reads).await?;
            for dataset in prepared.datasets.values() {
                dataset.as_ref().map_err(Clone::clone)?;
            }
            read_keys(&prepared, query, &reads).await
        })
    }
}

/// Reads keys in one child process, since a user wrote the conditions; in the
/// order of `queries`.
///
/// `program`: one that answers `runner` with [`child_main`](crate::child_main).
///
/// # Errors
/// The child could not be started, was stopped at a limit, or broke down.
pub fn key_rows_in_child(
    program: &Path,
    config: &RunnerConfig,
    datasets: &Datasets,
    queries: &[KeyQuery],
) -> Result<Vec<Result<Vec<Key>, Problem>>, Problem> {
    let request = ChildRequest {
        keys: queries.to_vec(),
        ..ChildRequest::new(config.clone().for_saved_sql(), datasets.clone())
    };
    Ok(run_in_child(program, &request)?.keys)
}

async fn read_keys(
    prepared: &Prepared,
    query: &KeyQuery,
    reads: &BTreeSet<String>,
) -> Result<Vec<Key>, Problem> {
    let days = [
        ("period_start", prepared.period.start),
        ("period_end", prepared.period.end),
    ];
    let values: BTreeMap<String, ParameterValue> = days
        .into_iter()
        .map(|(name, day)| (name.to_owned(), ParameterValue::Date(day)))
        .collect();
    let checked = Query::parse(&sql(query)?, &query.file, &values)?;
    checked.check_tables(reads)?;
    if !prepared.session.tables.contains(&query.table) {
        return Err(
            Problem::new(format!("there is no dataset `{}`", query.table)).in_file(&query.file),
        );
    }
    let state = prepared.session.state();
    let plan = checked.plan(&state).await?;
    let batches = execute(prepared.execution(state, plan, &query.file)).await?;
    let mut keys = Vec::new();
    for batch in &batches {
        let columns: Vec<TextColumn> = batch
            .columns()
            .iter()
            .map(TextColumn::new)
            .collect::<Result<_, _>>()
            .map_err(|error| {
                Problem::new("a key cannot be written as text").cause(error.to_string())
            })?;
        keys.extend((0..batch.num_rows()).map(|row| {
            columns
                .iter()
                .map(|column| column.text(row).map(Cow::into_owned))
                .collect::<Key>()
        }));
    }
    keys.sort();
    Ok(keys)
}

/// The query as SQL. Each part is parsed on its own first, so that none can
/// reach beyond its place.
fn sql(query: &KeyQuery) -> Result<String, Problem> {
    let parsed = |text: &str| {
        expression(text)
            .map(|parsed| parsed.to_string())
            .map_err(|problem| {
                let problem = problem.cause(format!("it is part of `{text}`"));
                problem.in_file(&query.file)
            })
    };
    if query.key.is_empty() {
        return Err(Problem::new("a reconciliation has no key columns").in_file(&query.file));
    }
    let keys: Vec<String> = query
        .key
        .iter()
        .enumerate()
        .map(|(index, key)| Ok(format!("{} AS key_{index}", parsed(key)?)))
        .collect::<Result<_, Problem>>()?;
    let source = query
        .source
        .as_ref()
        .map(|source| format!("source_id = '{}'", source.replace('\'', "''")));
    let filter = query
        .filter
        .as_deref()
        .map(parsed)
        .transpose()?
        .map(|filter| format!("({filter})"));
    let conditions: Vec<String> = source.into_iter().chain(filter).collect();
    let condition = if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    };
    Ok(format!(
        "SELECT {} FROM {}{condition}",
        keys.join(", "),
        query.table
    ))
}
