//! Limits inside the process: what is too much ends with an error that says so.

use crate::world::World;

fn cause(world: &World, from: &str) -> String {
    let problem = world.values("a", from).unwrap_err();
    problem.causes.first().cloned().unwrap_or_default()
}

/// `count` rows made by joining lists, since nothing else makes rows.
fn many(count: usize) -> String {
    format!("(SELECT unnest(range(0, {count})) AS a)")
}

#[test]
fn a_join_of_everything_is_refused() {
    let mut world = World::with(|config| config.pair_limit = 3);
    world.add_people();
    let told = cause(
        &world,
        "FROM (SELECT l.person_id AS a FROM people AS l JOIN people AS r ON l.person_id <> r.person_id)",
    );
    assert_eq!(
        told,
        "the SQL would compare some 4 pairs of rows, more than the 3 allowed"
    );
    let told = cause(
        &world,
        "FROM (SELECT l.person_id AS a FROM people AS l CROSS JOIN people AS r)",
    );
    assert_eq!(
        told,
        "the SQL would compare some 4 pairs of rows, more than the 3 allowed"
    );
}

#[test]
fn more_rows_than_allowed_are_refused() {
    let world = World::with(|config| config.row_limit = 1_000);
    assert_eq!(
        cause(&world, &format!("FROM {}", many(1_001))),
        "the SQL returns more than the 1000 rows allowed"
    );
}

#[test]
fn a_sort_larger_than_memory_and_disk_is_stopped() {
    let world = World::with(|config| {
        config.memory_limit_bytes = 20 << 20;
        config.spill_limit_bytes = 1 << 20;
    });
    let wide = "FROM (SELECT max(b) AS a FROM (SELECT repeat(CAST(a AS TEXT), 50) AS b FROM \
                (SELECT unnest(range(0, 300000)) AS a) ORDER BY b LIMIT 299999))";
    let told = cause(&world, wide);
    assert_eq!(told, "the SQL needed more memory or disk than it may have");
}

#[test]
fn sql_that_runs_too_long_is_stopped() {
    let world = World::with(|config| config.time_limit_ms = 200);
    let slow = format!(
        "FROM (SELECT count(DISTINCT l.a * 1000003 + r.a) AS a FROM {} AS l JOIN {} AS r ON l.a % 2 = r.a % 2)",
        many(20_000),
        many(20_000)
    );
    let started = std::time::Instant::now();
    assert_eq!(
        cause(&world, &slow),
        "the SQL ran longer than the 200 ms allowed"
    );
    drop(world);
    assert!(
        started.elapsed() < std::time::Duration::from_secs(5),
        "the runner waited for a query it had stopped"
    );
}

#[test]
fn a_period_longer_than_the_calendars_of_the_tests_is_refused() {
    let mut world = World::people();
    world.datasets.period = "2000-01-01..2026-06-30".parse().unwrap();
    let problem = world.run("SELECT 1").unwrap_err();
    assert_eq!(
        problem.message,
        "the period `2000-01-01..2026-06-30` is longer than five years"
    );
}
