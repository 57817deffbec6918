//! A small control test and results of it, for the other tests.

use std::collections::BTreeMap;

use tickmark_catalog::Sha256Hex;
use tickmark_control_tests::{
    Completeness, ControlTest, Counts, DatasetCompleteness, Detail, Inputs, ItemResult, ItemStatus,
    Measures, Outcome, TestFolder, TestResult,
};

pub const TOML: &str = r#"
id = "access-removed"
version = 1
title = "Access ends in time"
controls = ["TM-048"]
kind = "event"
measures = "control"
population = "leavers"
reads = ["leavers", "accounts"]
item = ["leaver", "leavers"]
nature = "inspection"
procedure = "Inspected the last day of each of the {population} {items} between {period_start} and {period_end}"
deviation = "an account was still enabled more than {business_days} business day(s) after the last day"
why = "why"
remedy = "remedy"

[parameters.business_days]
type = "int"
default = 1
meaning = "Business days allowed"
policy = "access-control"
"#;

pub fn folder(toml: &str) -> TestFolder {
    let files = [("test.toml", toml), ("test.sql", "SELECT 1")];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    TestFolder {
        path: "tests/access-removed".to_owned(),
        files: files.into(),
    }
}

pub fn test() -> ControlTest {
    ControlTest::from_folder(&folder(TOML)).unwrap()
}

/// A result with so many items of each status.
pub fn result(
    operated: usize,
    deviations: usize,
    excluded: usize,
    not_tested: usize,
) -> TestResult {
    let statuses = [
        (ItemStatus::Operated, operated),
        (ItemStatus::Deviation, deviations),
        (ItemStatus::Excluded, excluded),
        (ItemStatus::NotTested, not_tested),
    ];
    let statuses = statuses
        .into_iter()
        .flat_map(|(status, count)| std::iter::repeat_n(status, count));
    let items: Vec<ItemResult> = statuses
        .enumerate()
        .map(|(number, status)| item(number, status))
        .collect();
    let counts = Counts::of(&items);
    let test = test();
    TestResult {
        test: test.id.clone(),
        title: test.title.clone(),
        controls: test.controls.clone(),
        measures: Measures::Control,
        period: "2025-07-01..2026-06-30".parse().unwrap(),
        outcome: Outcome::of(&counts, false),
        counts,
        items,
        completeness: vec![DatasetCompleteness {
            dataset: "leavers".to_owned(),
            status: Completeness::NotShown,
        }],
        inputs: Inputs {
            sql_sha256: test.sql_sha256.clone(),
            definition_sha256: test.definition_sha256.clone(),
            parameters: BTreeMap::from([("business_days".to_owned(), "1".to_owned())]),
            parameters_sha256: Sha256Hex::of(b"parameters"),
            snapshots: Vec::new(),
            program_sha256: Sha256Hex::of(b"program"),
            as_of: "2026-07-02T15:00:00Z".parse().unwrap(),
            engine: "engine 1".to_owned(),
        },
    }
}

fn item(number: usize, status: ItemStatus) -> ItemResult {
    ItemResult {
        item: format!("P-{number}"),
        status,
        reason: "reason".to_owned(),
        occurred_at: None,
        detail: Detail::default(),
        intervals: Vec::new(),
    }
}
