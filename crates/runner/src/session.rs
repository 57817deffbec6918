//! The engine's context: limits, functions and tables, and nothing else that
//! SQL could reach.
//!
//! Must hold: no function or table reads a file, the network, the clock, a
//! random number or a setting; every table the SQL can name was put there by
//! [`Session::register`].

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext};
use tickmark_catalog::Problem;

use crate::arrow_cells::OBSERVED_AT;
use crate::checked_sum::checked_sum;
use crate::config::RunnerConfig;
use crate::engine_problem::engine_problem;
use crate::functions::{Almanac, functions};
use crate::tables::{DatasetTables, Part, View, observed_at};

/// Functions that are taken away: they read the clock, chance or the machine,
/// or make rows out of nothing.
pub(crate) const REMOVED: &[&str] = &[
    "now",
    "current_date",
    "current_time",
    "current_timestamp",
    "today",
    "random",
    "uuid",
    "version",
    "input_file_name",
];

/// Table functions that are taken away.
const REMOVED_TABLES: &[&str] = &["generate_series", "range"];

/// Rows from which on one table is worth more than one thread.
const ROWS_PER_PARTITION: u64 = 200_000;

/// Rows that pass from step to step at once: twice the engine's default takes a
/// tenth off joins of millions of rows, and costs small tests nothing.
const ROWS_PER_BATCH: usize = 16_384;

/// How many consumers of memory an error names.
const NAMED_CONSUMERS: usize = 3;

/// A context with its tables.
pub(crate) struct Session {
    pub(crate) context: SessionContext,
    /// Names of the tables.
    pub(crate) tables: BTreeSet<String>,
}

impl Session {
    /// A context without tables. `row_bound` is the size of the largest table
    /// to come: small tables are not worth more than one thread each.
    pub(crate) fn new(
        config: &RunnerConfig,
        almanac: &Arc<Almanac>,
        row_bound: u64,
    ) -> Result<Self, Problem> {
        let useful = usize::try_from(row_bound / ROWS_PER_PARTITION)
            .unwrap_or(usize::MAX)
            .max(1);
        let settings = SessionConfig::new()
            .with_target_partitions(config.core_count.min(useful))
            .with_information_schema(false)
            // The side of a join that is kept is nearly always the smaller by far
            // (leavers, not events): shuffling both by key costs more than it saves.
            .with_repartition_joins(false)
            .with_batch_size(ROWS_PER_BATCH)
            .set_bool("datafusion.execution.enable_recursive_ctes", false)
            .set_bool("datafusion.sql_parser.collect_spans", true);
        let failed = |error: DataFusionError| {
            Problem::new("the engine could not be started").cause(error.to_string())
        };
        let limit = usize::try_from(config.memory_limit_bytes).unwrap_or(usize::MAX);
        let named = NonZeroUsize::new(NAMED_CONSUMERS).unwrap_or(NonZeroUsize::MIN);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(TrackConsumersPool::new(
                FairSpillPool::new(limit),
                named,
            )))
            .with_temp_file_path(&config.spill_dir)
            .with_max_temp_directory_size(config.spill_limit_bytes)
            .build_arc()
            .map_err(failed)?;
        let mut context = SessionContext::new_with_config_rt(settings, runtime);
        datafusion_functions_json::register_all(&mut context).map_err(failed)?;
        for name in REMOVED {
            context.deregister_udf(name);
        }
        for name in REMOVED_TABLES {
            context.deregister_udtf(name);
        }
        for function in functions(almanac) {
            context.register_udf(function);
        }
        context.register_udaf(checked_sum());
        Ok(Self {
            context,
            tables: BTreeSet::new(),
        })
    }

    /// The state that SQL is planned with. It is made once and shared: cloning
    /// it costs as much as planning a small test.
    pub(crate) fn state(&self) -> Arc<SessionState> {
        Arc::new(self.context.state())
    }

    /// Registers rows as a table.
    pub(crate) fn register_rows(
        &mut self,
        name: &str,
        schema: SchemaRef,
        rows: Vec<RecordBatch>,
    ) -> Result<(), Problem> {
        let table =
            MemTable::try_new(schema, vec![rows]).map_err(|error| engine_problem(&error, ""))?;
        self.register(name, Arc::new(table))
    }

    /// Registers the two tables of a dataset.
    pub(crate) async fn register_dataset(
        &mut self,
        name: &str,
        dataset: &DatasetTables,
    ) -> Result<(), Problem> {
        for (view, table) in [
            (View::Current, name.to_owned()),
            (View::History, format!("{name}_history")),
        ] {
            let parts = dataset.parts_of(view);
            if parts.iter().all(|(part, _)| part.rows.is_some()) {
                let rows = in_memory(&parts)?;
                self.register_rows(&table, Arc::clone(&dataset.schema), rows)?;
            } else {
                let provider = self.scanned(&parts, dataset).await?;
                self.register(&table, provider)?;
            }
        }
        Ok(())
    }

    fn register(&mut self, name: &str, table: Arc<dyn TableProvider>) -> Result<(), Problem> {
        self.context
            .register_table(name, table)
            .map_err(|error| engine_problem(&error, ""))?;
        self.tables.insert(name.to_owned());
        Ok(())
    }

    /// A view over parts that stay in their files. Those that count as a whole
    /// are one scan: a year of daily snapshots would make too large a plan.
    async fn scanned(
        &self,
        parts: &[(&Part, Option<&BTreeSet<i64>>)],
        dataset: &DatasetTables,
    ) -> Result<Arc<dyn TableProvider>, Problem> {
        let (whole, partial): (Vec<_>, Vec<_>) = parts.iter().partition(|(part, instants)| {
            instants.is_none_or(|instants| *instants == part.instants)
        });
        let mut frames = Vec::new();
        if !whole.is_empty() {
            let whole: Vec<&Part> = whole.into_iter().map(|(part, _)| part).collect();
            frames.push(self.frame(&whole, dataset).await?);
        }
        for (part, instants) in partial {
            let frame = self.frame(&[part], dataset).await?;
            let instants = instants.map_or_else(|| part.instants.clone(), BTreeSet::clone);
            let counted = frame.filter(observed_in(&instants));
            frames.push(counted.map_err(|error| engine_problem(&error, ""))?);
        }
        let union =
            frames
                .into_iter()
                .try_fold(None, |union: Option<DataFrame>, frame| match union {
                    None => Ok(Some(frame)),
                    Some(before) => before.union(frame).map(Some),
                });
        union
            .map_err(|error| engine_problem(&error, ""))?
            .map(DataFrame::into_view)
            .ok_or_else(|| Problem::new("a table without parts was to be scanned"))
    }

    /// The rows of files, in the dataset's schema with texts as the engine
    /// likes them.
    async fn frame(&self, parts: &[&Part], dataset: &DatasetTables) -> Result<DataFrame, Problem> {
        let paths: Vec<String> = parts
            .iter()
            .map(|part| part.snapshot.path.display().to_string())
            .collect();
        let first = paths.first().cloned().unwrap_or_default();
        let schema = with_text_views(&dataset.schema);
        // Snapshots are named by their digest, without an extension.
        let options = ParquetReadOptions {
            file_extension: "",
            schema: Some(&schema),
            ..ParquetReadOptions::default()
        };
        self.context
            .read_parquet(paths, options)
            .await
            .map_err(|error| {
                let names: BTreeSet<&str> = parts
                    .iter()
                    .map(|part| part.snapshot.dataset.as_str())
                    .collect();
                let named = names.into_iter().collect::<Vec<_>>().join(", ");
                Problem::new(format!("a snapshot of `{named}` cannot be read"))
                    .cause(error.to_string())
                    .in_file(first)
            })
    }
}

fn with_text_views(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let field = field.as_ref().clone();
        match field.data_type() {
            DataType::Utf8 => field.with_data_type(DataType::Utf8View),
            _ => field,
        }
    });
    Schema::new(fields.collect::<Vec<Field>>())
}

fn observed_in(instants: &BTreeSet<i64>) -> Expr {
    let instant = |at: &i64| {
        lit(ScalarValue::TimestampMicrosecond(
            Some(*at),
            Some("UTC".into()),
        ))
    };
    let list: Vec<Expr> = instants.iter().map(instant).collect();
    match list.as_slice() {
        [only] => col(OBSERVED_AT).eq(only.clone()),
        _ => col(OBSERVED_AT).in_list(list, false),
    }
}

fn in_memory(parts: &[(&Part, Option<&BTreeSet<i64>>)]) -> Result<Vec<RecordBatch>, Problem> {
    let mut batches = Vec::new();
    for (part, instants) in parts {
        for batch in part.rows.iter().flatten() {
            batches.push(match instants {
                Some(instants) if **instants != part.instants => observed_at(batch, instants)?,
                _ => batch.clone(),
            });
        }
    }
    Ok(batches)
}
