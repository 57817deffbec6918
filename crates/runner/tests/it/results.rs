//! Results: the same inputs give the same bytes, and name all their inputs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tickmark_control_tests::{ControlTest, TestFolder, TestResult};
use tickmark_runner::{RunOptions, Runner, RunnerConfig};

use crate::world::World;

fn sql(number: usize) -> String {
    format!(
        "SELECT person_id AS item, CASE WHEN status = 'left' THEN 'deviation' ELSE 'operated' END AS status, \
         'test {number}: ' || status AS reason, CAST(NULL AS DATE) AS occurred_at FROM people"
    )
}

fn tests(count: usize) -> Vec<ControlTest> {
    (0..count)
        .map(|number| ControlTest::unsaved(sql(number)).unwrap())
        .collect()
}

fn bytes(results: &[Result<TestResult, tickmark_catalog::Problem>]) -> Vec<Vec<u8>> {
    results
        .iter()
        .map(|result| result.as_ref().unwrap().canonical().unwrap())
        .collect()
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let world = World::people();
    let tests = tests(20);
    let first = world
        .runner
        .run_all(&world.datasets, &tests, &RunOptions::default());
    let one_core = Runner::new(RunnerConfig::new(world.dir.path(), 1)).unwrap();
    let second = one_core.run_all(&world.datasets, &tests, &RunOptions::default());
    assert_eq!(bytes(&first), bytes(&second));
    let on_disk = World::with(|config| config.in_memory_row_limit = 0);
    let third = on_disk
        .runner
        .run_all(&world.datasets, &tests, &RunOptions::default());
    assert_eq!(bytes(&first), bytes(&third));
    let text: TestResult = serde_json::from_slice(&bytes(&first)[3]).unwrap();
    assert_eq!(&text, first[3].as_ref().unwrap());
}

#[test]
fn a_test_with_a_known_key_is_not_run_again() {
    let world = World::people();
    let tests = tests(3);
    let first = world
        .runner
        .run_all(&world.datasets, &tests, &RunOptions::default());
    let kept: BTreeMap<_, _> = first
        .iter()
        .flatten()
        .map(|result| {
            (
                result.key().unwrap(),
                TestResult {
                    title: "kept".to_owned(),
                    ..result.clone()
                },
            )
        })
        .collect();
    assert_eq!(kept.len(), 3);
    let finished = RefCell::new(Vec::new());
    let options = RunOptions {
        child: None,
        cached: Some(&|key| kept.get(key).cloned()),
        progress: Some(&|test, done, all| {
            finished.borrow_mut().push(format!("{test} {done}/{all}"))
        }),
    };
    let again = world.runner.run_all(&world.datasets, &tests, &options);
    assert!(again.iter().flatten().all(|result| result.title == "kept"));
    assert_eq!(
        *finished.borrow(),
        ["unsaved 1/3", "unsaved 2/3", "unsaved 3/3"]
    );
}

#[test]
fn every_input_is_part_of_the_key() {
    let mut keys = std::collections::BTreeSet::new();
    let mut add = |world: &World, test: &ControlTest| {
        let result = world.runner.run(&world.datasets, test).unwrap();
        assert!(
            keys.insert(result.key().unwrap()),
            "a change did not change the key"
        );
    };
    let test = ControlTest::unsaved(sql(0)).unwrap();
    let mut world = World::people();
    add(&world, &test);
    add(&world, &ControlTest::unsaved(sql(1)).unwrap());
    world.datasets.period = "2025-07-01..2026-06-29".parse().unwrap();
    add(&world, &test);
    world.datasets.time_zone = "UTC".to_owned();
    add(&world, &test);
    world.datasets.calendars[0].holidays.clear();
    add(&world, &test);
    world.datasets.as_of = "2026-07-11T00:00:00Z".parse().unwrap();
    add(&world, &test);
    let complete = tickmark_control_tests::Completeness::Complete;
    world
        .datasets
        .completeness
        .insert("people".to_owned(), complete);
    add(&world, &test);
    world.add("people", "other", "2026-07-02T15:00:00Z", &[]);
    add(&world, &test);
}

#[test]
fn a_broken_test_does_not_touch_the_others() {
    let world = World::people();
    let tests = [
        ControlTest::unsaved("SELECT nonsense").unwrap(),
        ControlTest::unsaved(sql(0)).unwrap(),
    ];
    let results = world
        .runner
        .run_all(&world.datasets, &tests, &RunOptions::default());
    assert_eq!(
        results[0].as_ref().unwrap_err().message,
        "control test `unsaved` could not run"
    );
    assert_eq!(results[1].as_ref().unwrap().counts.deviations, 1);
}

const STATE: &str = r#"
id = "second-factor"
version = 1
title = "Every account has a second factor"
controls = ["TM-040"]
kind = "state"
measures = "control"
population = "accounts"
reads = ["accounts_history"]
item = ["account", "accounts"]
nature = "inspection"
procedure = "Inspected every observation of {population} accounts"
deviation = "no second factor was enrolled"
why = "why"
remedy = "remedy"
max_gap_days = 31
"#;

#[test]
fn observations_become_intervals() {
    let mut world = World::new();
    let row = |id: &'static str, at: &'static str, mfa: &'static str| {
        [
            ("system", "keyring"),
            ("native_id", id),
            ("kind", "human"),
            ("status", "active"),
            ("has_mfa", mfa),
            ("observed_at", at),
        ]
    };
    // Los Angeles is seven hours behind: 2025-07-01 there. September is missing.
    world.add(
        "accounts",
        "idp",
        "2025-10-01T08:00:00Z",
        &[
            &row("u1", "2025-07-01T08:00:00Z", "true"),
            &row("u1", "2025-08-01T08:00:00Z", "false"),
            &row("u1", "2025-10-01T08:00:00Z", "true"),
            &row("u2", "2025-10-01T08:00:00Z", "true"),
        ],
    );
    world.datasets.period = "2025-07-01..2025-10-20".parse().unwrap();
    let sql = "SELECT native_id AS item, CASE WHEN has_mfa THEN 'operated' ELSE 'deviation' END AS status, \
               CASE WHEN has_mfa THEN 'enrolled' ELSE 'no second factor' END AS reason, \
               observed_at AS occurred_at, source_id FROM accounts_history";
    let files = [("test.toml", STATE), ("test.sql", sql)]
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
    let folder = TestFolder {
        path: "tests/second-factor".to_owned(),
        files: files.into(),
    };
    let test = ControlTest::from_folder(&folder).unwrap();
    let result = world.runner.run(&world.datasets, &test).unwrap();
    let told: Vec<String> = result
        .items
        .iter()
        .map(|item| {
            format!(
                "{} {} {}: {}",
                item.item,
                item.status,
                item.reason,
                item.intervals_text()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "u1 deviation no second factor: operating 2025-07-01..2025-07-31; deviating 2025-08-01..2025-08-31; \
         not_observed 2025-09-01..2025-09-30; operating 2025-10-01..2025-10-20",
            "u2 operated enrolled: not_observed 2025-09-01..2025-09-30; operating 2025-10-01..2025-10-20",
        ]
    );
    assert_eq!(result.counts.with_gaps, 2);
}
