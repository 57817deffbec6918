//! Everything a run reads, loaded once and shared by all its tests.
//!
//! Must hold: a dataset that could not be loaded is a problem of the tests that
//! read it, and of no other; only tables that some test reads are loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use jiff::Timestamp;
use serde_json::Value;
use tickmark_catalog::{DatasetSchema, Period, Problem, Sha256Hex, catalog, nearest};
use tickmark_control_tests::{Completeness, ControlTest, dataset_of, program_table};

use crate::arrow_cells::{arrow_schema, batch};
use crate::calendar::{Calendar, CalendarDefinition};
use crate::config::RunnerConfig;
use crate::datasets::{Datasets, ProgramTable, SnapshotFile};
use crate::execute::Execution;
use crate::functions::Almanac;
use crate::gate::Query;
use crate::results::work;
use crate::session::Session;
use crate::tables::{DatasetTables, Reading};
use crate::zone::Zone;

/// What the tests of one run share.
pub(crate) struct Prepared {
    pub(crate) config: RunnerConfig,
    pub(crate) session: Session,
    pub(crate) almanac: Arc<Almanac>,
    pub(crate) datasets: BTreeMap<String, Result<DatasetTables, Problem>>,
    /// Digest of each table of program records that is read.
    pub(crate) program: BTreeMap<String, Result<Sha256Hex, Problem>>,
    /// Digest of calendars and time zone.
    pub(crate) almanac_sha256: Sha256Hex,
    pub(crate) completeness: BTreeMap<String, Completeness>,
    pub(crate) period: Period,
    pub(crate) as_of: Timestamp,
}

/// The tables a test reads: those it declares, or those its SQL names. SQL that
/// cannot be parsed names none; running it will say why.
pub(crate) fn tables_read(test: &ControlTest, period: Period) -> BTreeSet<String> {
    if !test.reads.is_empty() {
        return test.reads.iter().cloned().collect();
    }
    let query = Query::parse(&test.sql, "", &test.values(period));
    query.and_then(|query| query.tables()).unwrap_or_default()
}

/// The almanac of a program.
pub(crate) fn almanac(
    calendars: &[CalendarDefinition],
    time_zone: &str,
) -> Result<Arc<Almanac>, Problem> {
    let calendars: Result<BTreeMap<String, Calendar>, Problem> = calendars
        .iter()
        .map(|definition| Ok((definition.id.clone(), Calendar::new(definition)?)))
        .collect();
    Ok(Arc::new(Almanac {
        calendars: calendars?,
        zone: Zone::named(time_zone)?,
    }))
}

impl Prepared {
    /// Loads the tables in `reads`.
    pub(crate) async fn load(
        config: &RunnerConfig,
        input: &Datasets,
        reads: &BTreeSet<String>,
    ) -> Result<Self, Problem> {
        let reading = Reading {
            as_of: input.as_of,
            in_memory_row_limit: config.in_memory_row_limit,
            verify_digests: config.verify_digests,
        };
        let names: BTreeSet<&str> = reads.iter().map(|table| dataset_of(table)).collect();
        let wanted: Vec<&DatasetSchema> = catalog()
            .datasets
            .iter()
            .filter(|dataset| names.contains(dataset.name.as_str()))
            .collect();
        let datasets = load_all(&wanted, &input.snapshots, &reading, config.core_count);
        let mut prepared = Self::empty(config, input, datasets)?;
        prepared.register_datasets().await;
        prepared.register_program(&input.program, reads);
        Ok(prepared)
    }

    fn empty(
        config: &RunnerConfig,
        input: &Datasets,
        datasets: BTreeMap<String, Result<DatasetTables, Problem>>,
    ) -> Result<Self, Problem> {
        let almanac = almanac(&input.calendars, &input.time_zone)?;
        let largest = datasets
            .values()
            .flatten()
            .map(DatasetTables::row_bound)
            .max()
            .unwrap_or_default();
        Ok(Self {
            config: config.clone(),
            session: Session::new(config, &almanac, largest)?,
            almanac,
            datasets,
            program: BTreeMap::new(),
            almanac_sha256: digest(&(&input.time_zone, &input.calendars))?,
            completeness: input.completeness.clone(),
            period: input.period,
            as_of: input.as_of,
        })
    }

    /// As [`Self::load`], with rows instead of snapshots.
    pub(crate) async fn from_tables(
        config: &RunnerConfig,
        input: &Datasets,
        tables: BTreeMap<String, DatasetTables>,
        reads: &BTreeSet<String>,
    ) -> Result<Self, Problem> {
        let tables = tables
            .into_iter()
            .map(|(name, tables)| (name, Ok(tables)))
            .collect();
        let mut prepared = Self::empty(config, input, tables)?;
        prepared.register_datasets().await;
        prepared.register_program(&input.program, reads);
        Ok(prepared)
    }

    async fn register_datasets(&mut self) {
        for (name, dataset) in &mut self.datasets {
            if let Ok(tables) = dataset
                && let Err(problem) = self.session.register_dataset(name, tables).await
            {
                *dataset = Err(problem);
            }
        }
    }

    fn register_program(&mut self, tables: &[ProgramTable], reads: &BTreeSet<String>) {
        for schema in reads.iter().filter_map(|name| program_table(name)) {
            let empty = ProgramTable {
                name: schema.name.to_owned(),
                rows: Vec::new(),
            };
            let table = tables
                .iter()
                .find(|table| table.name == schema.name)
                .unwrap_or(&empty);
            let registered = register_program_table(&mut self.session, table);
            self.program.insert(
                schema.name.to_owned(),
                registered.and_then(|()| digest(table)),
            );
        }
    }

    /// A plan to run over the tables.
    pub(crate) fn execution(
        &self,
        state: Arc<SessionState>,
        plan: LogicalPlan,
        file: &str,
    ) -> Execution {
        let task = self.session.context.task_ctx();
        Execution {
            state,
            task,
            plan,
            config: self.config.clone(),
            file: file.to_owned(),
        }
    }

    /// Key of a test's inputs.
    pub(crate) fn key(&self, test: &ControlTest) -> Result<Sha256Hex, Problem> {
        let work = work(self, test)?;
        work.inputs.key(&test.id, self.period, &work.completeness)
    }
}

/// Loads datasets, several at once: hashing large files takes longer than
/// anything else here.
fn load_all(
    wanted: &[&DatasetSchema],
    snapshots: &[SnapshotFile],
    reading: &Reading,
    thread_count: usize,
) -> BTreeMap<String, Result<DatasetTables, Problem>> {
    let next = AtomicUsize::new(0);
    let load = || {
        let mut loaded = Vec::new();
        while let Some(dataset) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tables = DatasetTables::load(dataset, snapshots, reading);
            loaded.push((dataset.name.clone(), tables));
        }
        loaded
    };
    std::thread::scope(|scope| {
        let count = thread_count.min(wanted.len());
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(load)).collect();
        let finished = threads.into_iter().map(ScopedJoinHandle::join);
        finished.flatten().flatten().collect()
    })
}

/// Digest of a value's JSON.
pub(crate) fn digest(value: &impl serde::Serialize) -> Result<Sha256Hex, Problem> {
    let json = serde_json::to_vec(value);
    json.map(|json| Sha256Hex::of(&json))
        .map_err(|error| Problem::new("a value has no digest").cause(error.to_string()))
}

fn register_program_table(session: &mut Session, table: &ProgramTable) -> Result<(), Problem> {
    let Some(schema) = program_table(&table.name) else {
        return Err(Problem::new(format!(
            "there is no table `{}` of program records",
            table.name
        )));
    };
    for name in table.rows.iter().flat_map(BTreeMap::keys) {
        if !schema.columns.iter().any(|(column, _)| column == name) {
            let problem = Problem::new(format!("table `{}` has no column `{name}`", table.name));
            return Err(
                match nearest(name, schema.columns.iter().map(|(column, _)| *column)) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem,
                },
            );
        }
    }
    let columns: Vec<_> = schema
        .columns
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), *kind))
        .collect();
    let rows: Vec<Vec<Value>> = table
        .rows
        .iter()
        .map(|row| {
            columns
                .iter()
                .map(|(name, _)| row.get(name).cloned().unwrap_or_default())
                .collect()
        })
        .collect();
    let rows = batch(&columns, &rows)
        .map_err(|problem| problem.cause(format!("it is in table `{}`", table.name)))?;
    session.register_rows(&table.name, arrow_schema(&columns), vec![rows])
}
