//! Runs a control test over its fixtures.
//!
//! Must hold: a fixture runs through the same gate, engine and contract as the
//! real thing; its cells are typed strictly, so a typing error in a fixture is
//! told and not tested.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_catalog::{
    ColumnType, ControlTestId, DatasetSchema, Problem, Sha256Hex, catalog, nearest,
};
use tickmark_control_tests::{ControlTest, Fixture, FixtureTable, dataset_of, program_table};

use crate::arrow_cells::{Columns, SOURCE_ID, arrow_schema, batch, dataset_columns};
use crate::calendar::CalendarDefinition;
use crate::child::{ChildRequest, run_in_child};
use crate::config::RunnerConfig;
use crate::datasets::{Datasets, ProgramTable, SnapshotFile};
use crate::prepared::Prepared;
use crate::run::{RunOptions, Runner};
use crate::tables::{DatasetTables, Part, instants_of};

/// The calendar that fixtures have.
const CALENDAR: &str = "company";

/// The source of rows that name none.
const SOURCE: &str = "fixture";

/// What running a test over one fixture showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixtureOutcome {
    /// The control test.
    pub test: ControlTestId,
    /// Name of the fixture.
    pub fixture: String,
    /// Differences from what is expected, one sentence each.
    pub differences: Vec<String>,
    /// Why the test could not run over it.
    pub problem: Option<Problem>,
}

impl FixtureOutcome {
    /// Whether everything is as expected.
    pub fn holds(&self) -> bool {
        self.differences.is_empty() && self.problem.is_none()
    }
}

/// Runs a test over its fixtures.
pub fn check_fixtures(
    runner: &Runner,
    test: &ControlTest,
    fixtures: &[Fixture],
) -> Vec<FixtureOutcome> {
    fixtures
        .iter()
        .map(|fixture| check_fixture(runner, test, fixture))
        .collect()
}

/// As [`check_fixtures`], in a child process: the SQL is what a user wrote.
///
/// # Errors
/// The child could not be started, was stopped at a limit, or broke down.
pub fn check_fixtures_in_child(
    exe: &Path,
    config: RunnerConfig,
    test: &ControlTest,
    fixtures: Vec<Fixture>,
) -> Result<Vec<FixtureOutcome>, Problem> {
    let Some(first) = fixtures.first() else {
        return Ok(Vec::new());
    };
    let nothing = Datasets {
        snapshots: Vec::new(),
        program: Vec::new(),
        calendars: Vec::new(),
        time_zone: first.time_zone.clone(),
        period: first.period,
        as_of: Timestamp::MAX,
        completeness: BTreeMap::new(),
    };
    let fixtures = fixtures.into_iter().map(|fixture| (test.clone(), fixture));
    let request = ChildRequest {
        fixtures: fixtures.collect(),
        ..ChildRequest::new(config, nothing)
    };
    Ok(run_in_child(exe, &request)?.fixtures)
}

pub(crate) fn check_fixture(
    runner: &Runner,
    test: &ControlTest,
    fixture: &Fixture,
) -> FixtureOutcome {
    let name = fixture.name.clone();
    let (differences, problem) = match run_fixture(runner, test, fixture) {
        Ok(differences) => (differences, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    FixtureOutcome {
        test: test.id.clone(),
        fixture: name,
        differences,
        problem,
    }
}

fn run_fixture(
    runner: &Runner,
    test: &ControlTest,
    fixture: &Fixture,
) -> Result<Vec<String>, Problem> {
    let mut test = test.clone();
    for (name, value) in &fixture.parameters {
        if let Some(parameter) = test.parameters.get_mut(name) {
            parameter.value = value.clone();
        }
    }
    check_names(&test, fixture)?;
    let as_of = fixture.as_of.unwrap_or(Timestamp::MAX);
    let mut input = Datasets {
        snapshots: Vec::new(),
        program: Vec::new(),
        calendars: vec![CalendarDefinition {
            holidays: fixture.holidays.clone(),
            ..CalendarDefinition::weekdays(CALENDAR)
        }],
        time_zone: fixture.time_zone.clone(),
        period: fixture.period,
        as_of,
        completeness: BTreeMap::new(),
    };
    let reads: BTreeSet<String> = test.reads.iter().cloned().collect();
    let mut tables = BTreeMap::new();
    for table in &reads {
        if program_table(table).is_some() {
            input.program.extend(program_rows(table, fixture)?);
        } else if let Some(dataset) = catalog()
            .datasets
            .iter()
            .find(|dataset| dataset.name == dataset_of(table))
        {
            tables.insert(
                dataset.name.clone(),
                dataset_tables(dataset, fixture, as_of)?,
            );
        }
    }
    let prepared = runner.block_on(Prepared::from_tables(
        runner.config(),
        &input,
        tables,
        &reads,
    ))?;
    let results = runner.run_prepared(
        Arc::new(prepared),
        std::slice::from_ref(&test),
        &RunOptions::default(),
        None,
    );
    let result = results
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(Problem::new("the fixture was not run")))?;
    Ok(fixture.differences(&result.items))
}

fn check_names(test: &ControlTest, fixture: &Fixture) -> Result<(), Problem> {
    for (name, table) in &fixture.tables {
        let read = |candidate: &String| dataset_of(candidate) == dataset_of(name);
        if !test.reads.iter().any(read) {
            let problem = Problem::new(format!(
                "control test `{}` does not read table `{name}`",
                test.id
            ));
            return Err(problem
                .in_file(&table.file)
                .hint("rename the file, or list the table under `reads`"));
        }
    }
    Ok(())
}

/// The rows of `<dataset>_history.csv` if there is one, else of `<dataset>.csv`.
fn dataset_tables(
    dataset: &DatasetSchema,
    fixture: &Fixture,
    as_of: Timestamp,
) -> Result<DatasetTables, Problem> {
    let history = format!("{}_history", dataset.name);
    let table = fixture
        .tables
        .get(&history)
        .or_else(|| fixture.tables.get(&dataset.name));
    let columns = dataset_columns(dataset);
    let schema = arrow_schema(&columns);
    let observed_at = observed_by_default(fixture)?;
    let defaults = BTreeMap::from([
        ("observed_at", Value::from(observed_at.to_string())),
        (SOURCE_ID, SOURCE.into()),
    ]);
    let rows = match table {
        Some(table) => typed_rows(table, &columns, &defaults)?,
        None => Vec::new(),
    };
    let source = columns.iter().position(|(name, _)| name == SOURCE_ID);
    let mut by_source: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
    for row in rows {
        let name = source
            .and_then(|index| row.get(index))
            .and_then(Value::as_str)
            .unwrap_or(SOURCE)
            .to_owned();
        by_source.entry(name).or_default().push(row);
    }
    if by_source.is_empty() {
        by_source.insert(SOURCE.to_owned(), Vec::new());
    }
    let parts = by_source.into_iter().map(|(source, rows)| {
        let batches = vec![batch(&columns, &rows)?];
        let snapshot = SnapshotFile {
            dataset: dataset.name.clone(),
            source,
            observed_at,
            sha256: Sha256Hex::of(fixture.name.as_bytes()),
            rows: rows.len() as u64,
            path: PathBuf::new(),
        };
        Ok(Part {
            snapshot,
            instants: instants_of(&batches)?,
            rows: Some(batches),
        })
    });
    Ok(DatasetTables::new(
        dataset.kind,
        schema,
        parts.collect::<Result<_, Problem>>()?,
        as_of,
    ))
}

/// Rows that do not say when they were observed were observed two days after
/// the period's end.
fn observed_by_default(fixture: &Fixture) -> Result<Timestamp, Problem> {
    let day = fixture.period.end.saturating_add(jiff::Span::new().days(2));
    let noon = day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    noon.map(|noon| noon.timestamp())
        .map_err(|error| Problem::new(error.to_string()))
}

fn program_rows(name: &str, fixture: &Fixture) -> Result<Option<ProgramTable>, Problem> {
    let (Some(schema), Some(table)) = (program_table(name), fixture.tables.get(name)) else {
        return Ok(None);
    };
    let columns: Columns = schema
        .columns
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), *kind))
        .collect();
    let rows = typed_rows(table, &columns, &BTreeMap::new())?.into_iter();
    let rows = rows.map(|row| {
        columns
            .iter()
            .map(|(name, _)| name.clone())
            .zip(row)
            .collect()
    });
    Ok(Some(ProgramTable {
        name: name.to_owned(),
        rows: rows.collect(),
    }))
}

/// Cells in the order of the columns; columns that the file leaves out have
/// their default, or null.
fn typed_rows(
    table: &FixtureTable,
    columns: &Columns,
    defaults: &BTreeMap<&str, Value>,
) -> Result<Vec<Vec<Value>>, Problem> {
    for name in &table.columns {
        if !columns.iter().any(|(column, _)| column == name) {
            let problem =
                Problem::new(format!("the table has no column `{name}`")).at(&table.file, 1);
            return Err(
                match nearest(name, columns.iter().map(|(column, _)| column.as_str())) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem,
                },
            );
        }
    }
    let positions: Vec<Option<usize>> = columns
        .iter()
        .map(|(name, _)| table.columns.iter().position(|column| column == name))
        .collect();
    let row = |(line, cells): &(u64, Vec<Option<String>>)| {
        let cell = |((name, kind), position): (&(String, ColumnType), &Option<usize>)| {
            let text = position
                .and_then(|index| cells.get(index))
                .and_then(Option::as_deref);
            match text {
                None => Ok(defaults.get(name.as_str()).cloned().unwrap_or_default()),
                Some(text) => typed(*kind, text).ok_or_else(|| {
                    Problem::new(format!("`{text}` is not a value of column `{name}`"))
                        .at(&table.file, *line)
                        .hint(format!("the column is of type {}", kind.as_str()))
                }),
            }
        };
        columns.iter().zip(&positions).map(cell).collect()
    };
    table.rows.iter().map(row).collect()
}

fn typed(kind: ColumnType, text: &str) -> Option<Value> {
    match kind {
        ColumnType::Text => Some(text.into()),
        ColumnType::Bool => text.parse::<bool>().ok().map(Value::from),
        ColumnType::Int => text.parse::<i64>().ok().map(Value::from),
        ColumnType::Float => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Value::from),
        ColumnType::Date => text
            .parse::<jiff::civil::Date>()
            .ok()
            .map(|day| day.to_string().into()),
        ColumnType::Timestamp => text
            .parse::<Timestamp>()
            .ok()
            .map(|instant| instant.to_string().into()),
        ColumnType::TextList => Some(
            text.split(';')
                .map(str::to_owned)
                .collect::<Vec<_>>()
                .into(),
        ),
    }
}
