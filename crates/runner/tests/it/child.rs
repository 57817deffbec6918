//! SQL that a user wrote runs in a process of its own, within limits that hold
//! whatever it does.

use std::path::Path;
use std::time::{Duration, Instant};

use tickmark_catalog::Problem;
use tickmark_control_tests::{ControlTest, TestFolder, TestResult, library};
use tickmark_runner::{
    ChildRequest, KeyQuery, RunOptions, Runner, RunnerConfig, key_rows_in_child, run_in_child,
};

use crate::world::World;

const EXE: &str = env!("CARGO_BIN_EXE_tickmark-runner");

fn run(
    sql: &str,
    change: impl FnOnce(&mut RunnerConfig),
) -> Result<Vec<Result<TestResult, Problem>>, Problem> {
    let world = World::people();
    let mut config = RunnerConfig::new(world.dir.path(), 2).for_user_sql();
    change(&mut config);
    let tests = vec![ControlTest::unsaved(sql).unwrap()];
    run_in_child(
        Path::new(EXE),
        &ChildRequest {
            tests,
            ..ChildRequest::new(config, world.datasets.clone())
        },
    )
    .map(|answer| answer.results)
}

const GOOD: &str =
    "SELECT person_id AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM people";

#[test]
fn the_child_gives_the_same_result_as_the_process_itself() {
    let world = World::people();
    let here = world.run(GOOD).unwrap();
    let answer = run(GOOD, |_| {}).unwrap();
    let there = answer.into_iter().next().unwrap().unwrap();
    assert_eq!(there.items, here.items);
    assert_eq!(there.outcome, here.outcome);
}

#[test]
fn a_problem_comes_back_whole() {
    let answer = run("SELECT emial FROM people", |_| {}).unwrap();
    let problem = answer[0].as_ref().unwrap_err();
    assert_eq!(problem.causes, ["there is no column `emial`"]);
    assert_eq!(problem.hint.as_deref(), Some("did you mean `email`?"));
}

/// SQL that asks for far more memory than allowed in one piece that the pool
/// does not count.
#[test]
fn memory_that_the_pool_does_not_see_is_limited_too() {
    let sql = "SELECT CAST(length(repeat(person_id, 2000000000)) AS TEXT) AS item, 'operated' AS status, '' AS reason, \
               NULL AS occurred_at FROM people";
    let told = told(run(sql, |config| config.memory_limit_bytes = 64 << 20));
    assert!(told.contains("memory") || told.contains("repeat"), "{told}");
}

#[test]
fn sql_that_does_not_yield_is_killed() {
    let many = "(SELECT unnest(range(0, 200000)) AS a)";
    let sql = format!(
        "SELECT CAST(sum(l.a * r.a) AS TEXT) AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at \
         FROM {many} AS l JOIN {many} AS r ON l.a <> r.a"
    );
    let started = Instant::now();
    let told = told(run(&sql, |config| {
        config.time_limit_ms = 300;
        config.pair_limit = u64::MAX;
    }));
    assert!(told.contains("longer than the 300 ms allowed"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn nothing_of_a_child_that_was_killed_is_left_behind() {
    let world = World::people();
    let bomb = GOOD.replace("''", "lpad('x', 2000000000, 'y')");
    let config = RunnerConfig::new(world.dir.path(), 2).for_user_sql();
    let request = ChildRequest {
        tests: vec![ControlTest::unsaved(bomb).unwrap()],
        ..ChildRequest::new(config, world.datasets.clone())
    };
    let before = std::fs::read_dir(world.dir.path()).unwrap().count();
    run_in_child(Path::new(EXE), &request).unwrap_err();
    assert_eq!(std::fs::read_dir(world.dir.path()).unwrap().count(), before);
}

#[test]
fn a_child_that_cannot_start_or_answer_is_told() {
    let world = World::people();
    let config = RunnerConfig::new(world.dir.path(), 1);
    let tests = vec![ControlTest::unsaved(GOOD).unwrap()];
    let request = ChildRequest {
        tests,
        ..ChildRequest::new(config, world.datasets.clone())
    };
    let missing = run_in_child(Path::new("/nonexistent/tickmark"), &request).unwrap_err();
    assert_eq!(
        missing.message,
        "the process that runs SQL could not be started"
    );
    let wrong = run_in_child(Path::new("/bin/true"), &request).unwrap_err();
    assert_eq!(wrong.message, "the process that ran the SQL broke down");
    let failing = run_in_child(Path::new("/bin/false"), &request).unwrap_err();
    assert_eq!(failing.message, "the process that ran the SQL broke down");
}

#[test]
fn keys_are_read_in_the_child_as_in_the_process_itself() {
    let world = World::people();
    let query = |filter: &str| KeyQuery {
        table: "people".to_owned(),
        source: None,
        filter: Some(filter.to_owned()),
        key: vec!["person_id".to_owned()],
        file: "reconciliations/a.toml".to_owned(),
    };
    let config = RunnerConfig::new(world.dir.path(), 2);
    let good = query("person_id IS NOT NULL");
    let queries = [good.clone(), query("emial IS NULL")];
    let answer = key_rows_in_child(Path::new(EXE), &config, &world.datasets, &queries).unwrap();
    let here = Runner::new(config)
        .unwrap()
        .key_rows(&world.datasets, &good);
    assert_eq!(answer[0], here);
    assert!(!here.unwrap().is_empty());
    let problem = answer[1].as_ref().unwrap_err();
    assert_eq!(problem.hint.as_deref(), Some("did you mean `email`?"));
}

fn told(answer: Result<Vec<Result<TestResult, Problem>>, Problem>) -> String {
    match answer {
        Ok(answer) => answer
            .into_iter()
            .map(|result| result.unwrap_err().to_string())
            .collect(),
        Err(problem) => problem.to_string(),
    }
}

/// A control test as a company keeps it in its program.
fn kept(id: &str, sql: &str) -> ControlTest {
    let toml = format!(
        r#"
id = "{id}"
version = 1
title = "Somebody is here"
controls = ["TM-048"]
kind = "event"
measures = "control"
population = "people"
reads = ["people"]
item = ["person", "people"]
nature = "inspection"
procedure = "Inspected {{population}} people."
deviation = "the person was not here"
why = "Because."
remedy = "Look."
"#
    );
    let files = [("test.toml", toml.as_str()), ("test.sql", sql)];
    ControlTest::from_folder(&TestFolder {
        path: format!("tests/{id}"),
        files: files
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
    })
    .unwrap()
}

#[test]
fn a_test_that_a_user_wrote_is_stopped_alone_while_others_go_on() {
    let world = World::people();
    let bomb = "SELECT lpad(person_id, 2000000000, 'x') AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM people";
    let wrong = "SELECT persn_id AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM people";
    let tests = [kept("bomb", bomb), kept("fine", GOOD), kept("wrong", wrong)];
    let options = RunOptions {
        child: Some(Path::new(EXE)),
        ..RunOptions::default()
    };
    let results = world.runner.run_all(&world.datasets, &tests, &options);
    let [bomb, fine, wrong] = results.as_slice() else {
        panic!("three results")
    };
    let bomb = bomb.as_ref().unwrap_err();
    assert_eq!(bomb.message, "control test `bomb` could not run");
    assert_eq!(bomb.causes[0], "the process that ran the SQL was stopped");
    assert_eq!(bomb.place.as_ref().unwrap().file, "tests/bomb/test.sql");
    let here = world.runner.run(&world.datasets, &tests[1]).unwrap();
    assert_eq!(fine.as_ref().unwrap(), &here);
    let wrong = wrong.as_ref().unwrap_err();
    assert_eq!(wrong.causes, ["there is no column `persn_id`"]);
    assert_eq!(
        wrong.place.as_ref().unwrap().to_string(),
        "tests/wrong/test.sql:1:8"
    );
}

#[test]
fn a_test_that_ships_with_the_product_needs_no_process_of_its_own() {
    let mut world = World::people();
    world.datasets.snapshots.clear();
    let shipped = library().unwrap();
    let options = RunOptions {
        child: Some(Path::new("/nonexistent/tickmark")),
        ..RunOptions::default()
    };
    let of_data = |test: &&ControlTest| test.reads.iter().any(|table| table == "people");
    let test = shipped.iter().find(of_data).unwrap().clone();
    let results = world
        .runner
        .run_all(&world.datasets, std::slice::from_ref(&test), &options);
    assert!(results[0].is_ok(), "{results:?}");
    let mut changed = test;
    changed.folder_sha256 = tickmark_catalog::Sha256Hex::of(b"another");
    let results = world.runner.run_all(&world.datasets, &[changed], &options);
    let told = results[0].as_ref().unwrap_err().to_string();
    assert!(told.contains("could not be started"), "{told}");
}
