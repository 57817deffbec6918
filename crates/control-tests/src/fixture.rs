//! Fixtures: small input tables and the items a control test must find in them.
//!
//! Unless `fixture.toml` says otherwise a fixture runs in [`DEFAULT_TIME_ZONE`],
//! where the day of an instant is seldom its day in UTC, and its business
//! calendar `company` has Saturdays and Sundays off and no holidays.
//!
//! Must hold: a fixture says what it expects of *every* item; an item that is
//! missing from `expected.csv` or found without being expected is a failure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Fields, Located, Period, Problem, Problems, read_toml};

use crate::definition::ControlTest;
use crate::folder::TestFolder;
use crate::parameters::ParameterValue;
use crate::parse::parameter_value;
use crate::result::{ItemResult, ItemStatus};

/// The time zone of fixtures that name none.
pub const DEFAULT_TIME_ZONE: &str = "America/Los_Angeles";

/// A fixture of a control test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fixture {
    /// Name of its folder.
    pub name: String,
    /// What it shows, in words.
    pub description: String,
    /// Period the test runs over.
    pub period: Period,
    /// Parameters that differ from the defaults.
    pub parameters: BTreeMap<String, ParameterValue>,
    /// Time zone of the organization.
    pub time_zone: String,
    /// Holidays of the calendar `company`.
    pub holidays: Vec<Date>,
    /// The instant up to which observations count; all unless given.
    pub as_of: Option<Timestamp>,
    /// Input tables by name, `<dataset>` or `<dataset>_history` or a table of
    /// program records; a table that is not given is empty.
    pub tables: BTreeMap<String, FixtureTable>,
    /// What the test must say of each item, in the order written.
    pub expected: Vec<ExpectedItem>,
}

/// A table of a fixture: texts, typed only when it is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixtureTable {
    /// The CSV file, as shown in problems.
    pub file: String,
    /// Header.
    pub columns: Vec<String>,
    /// Cells in the order of the header, with the line of the record; an empty
    /// cell is null.
    pub rows: Vec<(u64, Vec<Option<String>>)>,
}

/// What a fixture expects of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedItem {
    /// The item.
    pub item: String,
    /// Its status.
    pub status: ItemStatus,
    /// A part of its reason.
    pub reason: Option<String>,
    /// State tests: the intervals as text, `operating 2025-07-01..2025-07-31;
    /// not_observed 2025-08-01..2025-08-31`.
    pub intervals: Option<String>,
    /// Line in `expected.csv`.
    pub line: u64,
}

impl Fixture {
    /// Reads all fixtures of a control test's folder, sorted by name.
    ///
    /// # Errors
    /// Every problem of every fixture, with file and line. A folder without a
    /// fixture yields an empty list.
    pub fn from_folder(folder: &TestFolder, test: &ControlTest) -> Result<Vec<Self>, Problems> {
        let mut problems = Vec::new();
        let names = folder.fixture_names();
        let fixtures = names
            .iter()
            .filter_map(|name| read_fixture(folder, test, name, &mut problems))
            .collect();
        Problems::unless_empty(problems, fixtures)
    }

    /// Compares what a run found with what is expected: one line of text for
    /// each difference, none when all is as expected.
    pub fn differences(&self, found: &[ItemResult]) -> Vec<String> {
        let mut differences = Vec::new();
        for expected in &self.expected {
            match found.iter().find(|item| item.item == expected.item) {
                None => {
                    differences.push(format!("`{}` is expected but was not found", expected.item))
                }
                Some(item) => differences.extend(expected.difference(item)),
            }
        }
        let unexpected = found
            .iter()
            .filter(|item| !self.expected.iter().any(|known| known.item == item.item));
        differences.extend(unexpected.map(|item| {
            format!(
                "`{}` was found ({}: {}) but is not expected",
                item.item, item.status, item.reason
            )
        }));
        differences
    }
}

impl ExpectedItem {
    fn difference(&self, found: &ItemResult) -> Option<String> {
        let intervals = found.intervals_text();
        let reason_fits = self
            .reason
            .as_ref()
            .is_none_or(|part| found.reason.contains(part.as_str()));
        let intervals_fit = self
            .intervals
            .as_ref()
            .is_none_or(|wanted| *wanted == intervals);
        if self.status == found.status && reason_fits && intervals_fit {
            return None;
        }
        let wanted = [
            Some(self.status.to_string()),
            self.reason.clone(),
            self.intervals.clone(),
        ];
        let wanted: Vec<String> = wanted.into_iter().flatten().collect();
        Some(format!(
            "`{}` is expected to be ({}) but is ({}: {}{}{intervals})",
            self.item,
            wanted.join("; "),
            found.status,
            found.reason,
            if intervals.is_empty() { "" } else { "; " },
        ))
    }
}

fn read_fixture(
    folder: &TestFolder,
    test: &ControlTest,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<Fixture> {
    let toml = fixture_file(folder, name, "fixture.toml", problems);
    let expected = fixture_file(folder, name, "expected.csv", problems);
    let ((toml_place, toml), (expected_place, expected)) = (toml?, expected?);
    let fixture = read_toml(&toml_place, toml, problems, |fields| {
        read_header(fields, test, name)
    });
    let expected = read_table(expected_place, expected, problems);
    let expected = read_expected(&expected?, problems);
    let tables = read_tables(folder, name, problems);
    Some(Fixture {
        expected,
        tables,
        ..fixture?
    })
}

/// Place and text of a file that every fixture has.
fn fixture_file<'f>(
    folder: &'f TestFolder,
    fixture: &str,
    file: &str,
    problems: &mut Vec<Problem>,
) -> Option<(String, &'f str)> {
    let path = format!("fixtures/{fixture}/{file}");
    let place = folder.place_of(&path);
    if let Some(text) = folder.file(&path) {
        return Some((place, text));
    }
    let problem = Problem::new(format!(
        "fixture `{fixture}` of `{}` has no `{file}`",
        folder.name()
    ));
    problems.push(problem.in_file(place));
    None
}

fn read_header(fields: &mut Fields<'_>, test: &ControlTest, name: &str) -> Option<Fixture> {
    let description = fields.text("description");
    let period = fields.required("period");
    let time_zone: Option<String> = fields.optional("time_zone");
    let holidays = read_holidays(fields);
    let as_of = fields.optional("as_of");
    let parameters = fields.table("parameters", |table| Some(read_parameters(table, test)));
    Some(Fixture {
        name: name.to_owned(),
        description: description?,
        period: period?,
        parameters: parameters.unwrap_or_default(),
        time_zone: time_zone.unwrap_or_else(|| DEFAULT_TIME_ZONE.to_owned()),
        holidays,
        as_of,
        tables: BTreeMap::new(),
        expected: Vec::new(),
    })
}

fn read_holidays(fields: &mut Fields<'_>) -> Vec<Date> {
    let written = fields.list::<Located<String>>("holidays");
    let mut holidays = Vec::new();
    for day in written {
        match day.value.parse() {
            Ok(date) => holidays.push(date),
            Err(_) => {
                fields.report(
                    Problem::new(format!("holiday `{}` is not a date", day.value))
                        .in_place(day.place),
                );
            }
        }
    }
    holidays
}

fn read_parameters(table: &mut Fields<'_>, test: &ControlTest) -> BTreeMap<String, ParameterValue> {
    let mut parameters = BTreeMap::new();
    for (name, parameter) in &test.parameters {
        let value = parameter_value(table, name, parameter.default.kind());
        parameters.extend(value.map(|value| (name.clone(), value)));
    }
    parameters
}

fn read_tables(
    folder: &TestFolder,
    name: &str,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, FixtureTable> {
    let prefix = format!("fixtures/{name}/");
    let mut tables = BTreeMap::new();
    for (path, text) in &folder.files {
        let Some(file) = path.strip_prefix(&prefix) else {
            continue;
        };
        if matches!(file, "fixture.toml" | "expected.csv" | "README.md") {
            continue;
        }
        match file.strip_suffix(".csv") {
            Some(table) => {
                let read = read_table(folder.place_of(path), text, problems);
                tables.extend(read.map(|read| (table.to_owned(), read)));
            }
            None => problems.push(
                Problem::new(format!("`{file}` is not a table of the fixture"))
                    .in_file(folder.place_of(path)),
            ),
        }
    }
    tables
}

/// Reads a CSV file with a header; a record of another width is a problem.
fn read_table(file: String, text: &str, problems: &mut Vec<Problem>) -> Option<FixtureTable> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                rows.push((line, record.iter().map(cell).collect()));
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(
                    Problem::new("a record has more or fewer cells than the header")
                        .at(&file, line),
                );
            }
        }
    }
    Some(FixtureTable {
        file,
        columns,
        rows,
    })
}

fn cell(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn read_expected(table: &FixtureTable, problems: &mut Vec<Problem>) -> Vec<ExpectedItem> {
    for column in &table.columns {
        if !matches!(column.as_str(), "item" | "status" | "reason" | "intervals") {
            let problem = Problem::new(format!("unknown column `{column}` in the expected items"));
            problems.push(
                problem
                    .at(&table.file, 1)
                    .hint("known are `item`, `status`, `reason`, `intervals`"),
            );
        }
    }
    table
        .rows
        .iter()
        .filter_map(|(line, cells)| expected_item(table, *line, cells, problems))
        .collect()
}

fn expected_item(
    table: &FixtureTable,
    line: u64,
    cells: &[Option<String>],
    problems: &mut Vec<Problem>,
) -> Option<ExpectedItem> {
    let get = |name: &str| {
        let position = table.columns.iter().position(|column| column == name)?;
        cells.get(position).cloned().flatten()
    };
    let mut need = |name: &str| {
        let value = get(name);
        if value.is_none() {
            problems.push(
                Problem::new(format!("an expected item has no `{name}`")).at(&table.file, line),
            );
        }
        value
    };
    let (item, status) = (need("item"), need("status"));
    let (item, status) = (item?, status?);
    let Some(status) = ItemStatus::read(&status) else {
        problems.push(ItemStatus::unknown(&status).at(&table.file, line));
        return None;
    };
    Some(ExpectedItem {
        item,
        status,
        reason: get("reason"),
        intervals: get("intervals"),
        line,
    })
}
