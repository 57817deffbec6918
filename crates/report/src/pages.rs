//! The report arranged for pages: what both renderers lay out.
//!
//! What must hold: nothing new is said here. Controls are placed under their
//! criteria, tests beside their controls, in full under the primary criterion
//! and in short elsewhere; every arrangement costs time linear in its output.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tickmark_catalog::{ControlId, CriterionId};

use crate::build::numbers::grouped;
use crate::build::results;
use crate::build::voice::{and_list, category_title};
use crate::value::rich_text::plain;
use crate::value::{
    ChartRow, ControlEntry, CriterionEntry, Outcome, Report, RunDigests, TestEntry,
};

/// The report and its arrangement.
#[derive(Debug, Serialize)]
pub struct Pages<'a> {
    /// The report itself.
    pub report: &'a Report,
    /// The kind of report as the cover prints it.
    pub label: &'static str,
    /// The categories as titles.
    pub categories: Vec<&'static str>,
    /// `throughout the period …`.
    pub time: String,
    /// The same without the preposition.
    pub dates: String,
    /// Section IV, series by series.
    pub series: Vec<Series<'a>>,
    /// The chart of results; absent without tests.
    pub chart: Option<Chart<'a>>,
    /// The runs of control tests, each once, by name.
    pub runs: BTreeMap<&'a str, &'a RunDigests>,
}

/// Rows with more characters than this may break across pages. A page holds
/// about three times as many in its narrowest column.
const SHORT_ROW: usize = 1_100;

/// The criteria of one series: CC6, A1, …
#[derive(Debug, Serialize)]
pub struct Series<'a> {
    /// `CC6`.
    pub code: String,
    /// `Logical and physical access`.
    pub title: &'a str,
    /// Its criteria.
    pub criteria: Vec<CriterionPage<'a>>,
}

/// One criterion and its rows.
#[derive(Debug, Serialize)]
pub struct CriterionPage<'a> {
    /// The criterion.
    pub id: CriterionId,
    /// Its text.
    pub text: &'a str,
    /// One row per control.
    pub rows: Vec<Row<'a>>,
}

/// One control under one criterion.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    /// The control.
    pub control: &'a ControlEntry,
    /// Where the full text stands, when it is not here.
    pub told_under: Option<CriterionId>,
    /// The tests, in full only where the control is told.
    pub tests: Vec<Test<'a>>,
    /// The result in short, for rows that refer elsewhere.
    pub short: Option<String>,
    /// Whether any test of the control met an exception.
    pub has_exception: bool,
    /// Whether the row is short enough to be kept on one page.
    pub is_short: bool,
}

/// One test with the note printed below its result.
#[derive(Debug, Serialize)]
pub struct Test<'a> {
    /// The test.
    pub entry: &'a TestEntry,
    /// The upper limit of a sample without exceptions.
    pub note: Option<String>,
}

/// The chart of results by criterion.
#[derive(Debug, Serialize)]
pub struct Chart<'a> {
    /// One row per criterion.
    pub rows: &'a [ChartRow],
    /// The longest row, in tests.
    pub longest: u32,
    /// The chart in words, for readers who do not see it.
    pub alt: String,
    /// The totals over all tests in one sentence.
    pub sentence: String,
}

impl<'a> Pages<'a> {
    /// Arranges `report`.
    pub fn new(report: &'a Report) -> Self {
        Self {
            report,
            label: report.meta.label(),
            categories: report
                .meta
                .categories
                .iter()
                .map(|c| category_title(*c))
                .collect(),
            time: report.meta.coverage.phrase(),
            dates: report.meta.coverage.dates(),
            series: series(report),
            chart: chart(report),
            runs: runs(report),
        }
    }
}

fn runs(report: &Report) -> BTreeMap<&str, &RunDigests> {
    let tests = report.tests.iter().flat_map(|section| &section.tests);
    tests
        .filter_map(|test| Some((test.id.as_str(), test.run.as_ref()?)))
        .collect()
}

fn series(report: &Report) -> Vec<Series<'_>> {
    let index = Index::new(report);
    let mut list: Vec<Series<'_>> = Vec::new();
    for criterion in &report.criteria {
        let code = criterion.id.series();
        if list.last().is_none_or(|series| series.code != code) {
            list.push(Series {
                code: code.to_owned(),
                title: &criterion.series,
                criteria: Vec::new(),
            });
        }
        if let Some(series) = list.last_mut() {
            series.criteria.push(index.page(criterion));
        }
    }
    list
}

/// Controls and tests by control, so that arranging stays linear.
struct Index<'a> {
    controls: HashMap<&'a ControlId, &'a ControlEntry>,
    tests: HashMap<&'a ControlId, Vec<&'a TestEntry>>,
}

impl<'a> Index<'a> {
    fn new(report: &'a Report) -> Self {
        let mut tests: HashMap<&ControlId, Vec<&TestEntry>> = HashMap::new();
        for test in report.tests.iter().flat_map(|section| &section.tests) {
            tests.entry(&test.control).or_default().push(test);
        }
        Self {
            controls: report.controls.iter().map(|c| (&c.id, c)).collect(),
            tests,
        }
    }

    fn page(&self, criterion: &'a CriterionEntry) -> CriterionPage<'a> {
        let rows = criterion
            .controls
            .iter()
            .filter_map(|id| self.row(criterion.id, id));
        CriterionPage {
            id: criterion.id,
            text: &criterion.text,
            rows: rows.collect(),
        }
    }

    fn row(&self, criterion: CriterionId, id: &ControlId) -> Option<Row<'a>> {
        let control = self.controls.get(id)?;
        let tests = self.tests.get(id).map_or(&[][..], Vec::as_slice);
        let told_under = control.primary().filter(|primary| *primary != criterion);
        let in_full = told_under.is_none();
        Some(Row {
            control,
            told_under,
            tests: if in_full {
                tests.iter().map(|test| noted(test)).collect()
            } else {
                Vec::new()
            },
            short: (!in_full && !tests.is_empty())
                .then(|| results::short(tests.iter().map(|t| t.outcome))),
            has_exception: tests.iter().any(|test| test.outcome == Outcome::Exceptions),
            is_short: is_short(control, tests),
        })
    }
}

/// Whether the control's text and the tests beside it stay together.
fn is_short(control: &ControlEntry, tests: &[&TestEntry]) -> bool {
    let text = plain(&control.text).len();
    let procedures: usize = tests
        .iter()
        .map(|test| test.procedure.len() + test.extent.words.len())
        .sum();
    let results: usize = tests.iter().map(|test| test.result.len()).sum();
    control.earlier.is_empty() && text.max(procedures).max(results) <= SHORT_ROW
}

fn noted(entry: &TestEntry) -> Test<'_> {
    let is_clean = entry.outcome == Outcome::NoExceptions;
    Test {
        entry,
        note: if is_clean {
            results::limit_note(&entry.extent)
        } else {
            None
        },
    }
}

fn chart(report: &Report) -> Option<Chart<'_>> {
    let section = report.tests.as_ref()?;
    let total =
        |row: &ChartRow| row.no_exceptions + row.exceptions + row.no_occurrence + row.not_tested;
    let outcomes = [
        Outcome::NoExceptions,
        Outcome::Exceptions,
        Outcome::NoOccurrence,
        Outcome::NotTested,
    ];
    let totals = outcomes.map(|outcome| {
        section
            .tests
            .iter()
            .filter(|t| t.outcome == outcome)
            .count()
    });
    Some(Chart {
        rows: &section.chart,
        longest: section.chart.iter().map(total).max().unwrap_or(0),
        alt: in_words(&section.chart),
        sentence: totals_in_words(totals),
    })
}

fn totals_in_words([clean, exceptions, absent, untested]: [usize; 4]) -> String {
    let count = |number: usize| grouped(number as u64);
    let mut parts = vec![
        format!("{} without exceptions", count(clean)),
        format!("{} with exceptions", count(exceptions)),
        format!(
            "{} whose circumstances did not occur in the period",
            count(absent)
        ),
    ];
    if untested > 0 {
        parts.push(format!("{} that could not be performed", count(untested)));
    }
    format!(
        "{} tests of controls are reported: {}. In the chart each mark is one test; a test counts under every criterion its control serves.",
        count(clean + exceptions + absent + untested),
        and_list(parts),
    )
}

fn in_words(rows: &[ChartRow]) -> String {
    let rows = rows.iter().map(|row| {
        format!(
            "{}: {} without exceptions, {} with exceptions, {} without occurrence, {} not tested",
            row.criterion, row.no_exceptions, row.exceptions, row.no_occurrence, row.not_tested,
        )
    });
    format!(
        "Tests of controls by criterion. {}.",
        rows.collect::<Vec<_>>().join("; ")
    )
}
