//! A small world to run SQL in: a folder with snapshots, and a runner.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema};
use jiff::Timestamp;
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;
use tickmark_catalog::{ColumnType, Period, Problem, Sha256Hex, catalog};
use tickmark_control_tests::{ControlTest, TestResult};
use tickmark_runner::{CalendarDefinition, Datasets, Runner, RunnerConfig, SnapshotFile};

/// Rows as texts by column; a column that is not there is left out of the file.
pub type Rows<'a> = &'a [&'a [(&'a str, &'a str)]];

pub struct World {
    pub dir: TempDir,
    pub datasets: Datasets,
    pub runner: Runner,
}

impl World {
    /// A world without datasets: the period is the year from 2025-07-01, the
    /// zone is Los Angeles, the Fourth of July is a holiday.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut RunnerConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = RunnerConfig::new(dir.path(), 2);
        change(&mut config);
        let company = CalendarDefinition {
            holidays: vec!["2025-07-04".parse().unwrap()],
            ..CalendarDefinition::weekdays("company")
        };
        let datasets = Datasets {
            snapshots: Vec::new(),
            program: Vec::new(),
            calendars: vec![company],
            time_zone: "America/Los_Angeles".to_owned(),
            period: "2025-07-01..2026-06-30".parse::<Period>().unwrap(),
            as_of: "2026-07-10T00:00:00Z".parse().unwrap(),
            completeness: BTreeMap::new(),
        };
        Self {
            dir,
            datasets,
            runner: Runner::new(config).unwrap(),
        }
    }

    /// Two people, one account each.
    pub fn people() -> Self {
        let mut world = Self::new();
        world.add_people();
        world
    }

    pub fn add_people(&mut self) {
        self.add(
            "people",
            "hris",
            "2026-07-02T15:00:00Z",
            &[
                &[
                    ("person_id", "P-1"),
                    ("full_name", "Ana Reyes"),
                    ("email", "ana@acme.example"),
                    ("status", "active"),
                ],
                &[
                    ("person_id", "P-2"),
                    ("full_name", "Ben Ode"),
                    ("email", "ben@acme.example"),
                    ("status", "left"),
                ],
            ],
        );
    }

    /// Adds a snapshot. Rows are observed when the snapshot is, unless they say
    /// otherwise.
    pub fn add(&mut self, dataset: &str, source: &str, observed_at: &str, rows: Rows<'_>) {
        let observed_at: Timestamp = observed_at.parse().unwrap();
        let path = self
            .dir
            .path()
            .join(format!("snapshot-{}", self.datasets.snapshots.len()));
        let batch = batch(dataset, source, observed_at, rows);
        let mut writer =
            ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None)
                .unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let sha256 = Sha256Hex::of(&std::fs::read(&path).unwrap());
        self.datasets.snapshots.push(SnapshotFile {
            dataset: dataset.to_owned(),
            source: source.to_owned(),
            observed_at,
            sha256,
            rows: rows.len() as u64,
            path,
        });
    }

    pub fn run(&self, sql: &str) -> Result<TestResult, Problem> {
        self.runner
            .run(&self.datasets, &ControlTest::unsaved(sql).unwrap())
    }

    /// The items that `SELECT <expression>` yields as `item`, joined by commas.
    pub fn values(&self, expression: &str, from: &str) -> Result<String, Problem> {
        let sql = format!(
            "SELECT row_number() OVER (ORDER BY 1) || ' ' || coalesce(CAST({expression} AS TEXT), 'null') AS item, \
             'operated' AS status, '' AS reason, CAST(NULL AS DATE) AS occurred_at {from}"
        );
        let result = self.run(&sql)?;
        let values = result
            .items
            .iter()
            .map(|item| item.item.split_once(' ').unwrap().1);
        Ok(values.collect::<Vec<_>>().join(", "))
    }
}

fn batch(dataset: &str, source: &str, observed_at: Timestamp, rows: Rows<'_>) -> RecordBatch {
    let schema = catalog()
        .datasets
        .iter()
        .find(|schema| schema.name == dataset)
        .unwrap();
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for column in &schema.columns {
        let cells: Vec<Option<&str>> = rows.iter().map(|row| cell(row, &column.name)).collect();
        if !rows.is_empty() && cells.iter().all(Option::is_none) {
            continue;
        }
        let array = array(column.kind, &cells);
        fields.push(Field::new(&column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let observed = rows
        .iter()
        .map(|row| cell(row, "observed_at").map_or(observed_at, |text| text.parse().unwrap()));
    let observed: TimestampMicrosecondArray =
        observed.map(|at| Some(at.as_microsecond())).collect();
    let observed: ArrayRef = Arc::new(observed.with_timezone("UTC"));
    let sources: ArrayRef = Arc::new(rows.iter().map(|_| Some(source)).collect::<StringArray>());
    let numbers: ArrayRef = Arc::new((1..=rows.len() as i64).map(Some).collect::<Int64Array>());
    for (name, array) in [
        ("source_id", sources),
        ("observed_at", observed),
        ("source_row", numbers),
    ] {
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn cell<'a>(row: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    row.iter()
        .find(|(column, _)| *column == name)
        .map(|(_, text)| *text)
}

fn array(kind: ColumnType, cells: &[Option<&str>]) -> ArrayRef {
    let days = |text: &str| {
        let day: jiff::civil::Date = text.parse().unwrap();
        (day - jiff::civil::date(1970, 1, 1)).get_days()
    };
    match kind {
        ColumnType::Bool => Arc::new(
            cells
                .iter()
                .map(|cell| cell.map(|text| text == "true"))
                .collect::<BooleanArray>(),
        ),
        ColumnType::Int => Arc::new(
            cells
                .iter()
                .map(|cell| cell.map(|text| text.parse().unwrap()))
                .collect::<Int64Array>(),
        ),
        ColumnType::Date => Arc::new(
            cells
                .iter()
                .map(|cell| cell.map(days))
                .collect::<Date32Array>(),
        ),
        ColumnType::Timestamp => {
            let micros = cells
                .iter()
                .map(|cell| cell.map(|text| text.parse::<Timestamp>().unwrap().as_microsecond()));
            Arc::new(
                micros
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            )
        }
        _ => Arc::new(cells.iter().copied().collect::<StringArray>()),
    }
}
