//! Which rows of which snapshots a table holds.

use tickmark_control_tests::Outcome;

use crate::world::World;

#[test]
fn a_table_of_events_holds_the_newest_snapshot_of_each_source() {
    let mut world = World::new();
    let leaver = |id: &'static str| {
        [
            ("person_id", id),
            ("last_day", "2025-09-01"),
            ("employment_type", "employee"),
        ]
    };
    world.add("leavers", "hris", "2026-07-02T15:00:00Z", &[&leaver("P-1")]);
    world.add(
        "leavers",
        "hris",
        "2026-07-03T15:00:00Z",
        &[&leaver("P-1"), &leaver("P-2")],
    );
    world.add(
        "leavers",
        "procurement",
        "2026-07-01T15:00:00Z",
        &[&leaver("C-1")],
    );
    // Later than `as_of`: not there.
    world.add("leavers", "hris", "2026-08-01T15:00:00Z", &[]);
    assert_eq!(
        world
            .values(
                "string_agg(person_id, ', ' ORDER BY person_id)",
                "FROM leavers"
            )
            .unwrap(),
        "C-1, P-1, P-2"
    );
    let history = world
        .values("n", "FROM (SELECT count(*) AS n FROM leavers_history)")
        .unwrap();
    assert_eq!(history, "4");
}

/// Three observations of one source in two overlapping snapshots, one of
/// another source.
fn accounts(world: &mut World) {
    let row = |id: &'static str, at: &'static str, status: &'static str| {
        [
            ("system", "keyring"),
            ("native_id", id),
            ("kind", "human"),
            ("status", status),
            ("observed_at", at),
        ]
    };
    world.add(
        "accounts",
        "idp",
        "2026-05-01T00:00:00Z",
        &[
            &row("u1", "2026-04-01T00:00:00Z", "active"),
            &row("u1", "2026-05-01T00:00:00Z", "old"),
        ],
    );
    world.add(
        "accounts",
        "idp",
        "2026-06-01T00:00:00Z",
        &[
            &row("u1", "2026-05-01T00:00:00Z", "new"),
            &row("u1", "2026-06-01T00:00:00Z", "active"),
            &row("u2", "2026-06-01T00:00:00Z", "active"),
        ],
    );
    world.add(
        "accounts",
        "code",
        "2026-04-15T00:00:00Z",
        &[&row("c1", "2026-04-15T00:00:00Z", "active")],
    );
}

const HISTORY: &str = "FROM (SELECT native_id || ' ' || status || ' ' || CAST(CAST(observed_at AS DATE) AS TEXT) AS t \
                       FROM accounts_history)";

#[test]
fn a_table_of_states_holds_the_latest_observation_of_each_source() {
    for in_memory_row_limit in [0, 1_000] {
        let mut world = World::with(|config| config.in_memory_row_limit = in_memory_row_limit);
        accounts(&mut world);
        let current = world
            .values(
                "string_agg(native_id, ', ' ORDER BY native_id)",
                "FROM accounts",
            )
            .unwrap();
        assert_eq!(current, "c1, u1, u2");
        assert_eq!(
            world
                .values("string_agg(t, ', ' ORDER BY t)", HISTORY)
                .unwrap(),
            "c1 active 2026-04-15, u1 active 2026-04-01, u1 active 2026-06-01, u1 new 2026-05-01, u2 active 2026-06-01"
        );
        world.datasets.as_of = "2026-05-15T00:00:00Z".parse().unwrap();
        assert_eq!(
            world
                .values("string_agg(t, ', ' ORDER BY t)", HISTORY)
                .unwrap(),
            "c1 active 2026-04-15, u1 active 2026-04-01, u1 old 2026-05-01"
        );
    }
}

#[test]
fn a_dataset_without_a_snapshot_is_not_tested() {
    let mut world = World::people();
    let sql = "SELECT p.person_id AS item, 'operated' AS status, '' AS reason, CAST(NULL AS DATE) AS occurred_at \
               FROM people AS p LEFT JOIN leavers AS l ON l.person_id = p.person_id";
    let result = world.run(sql).unwrap();
    let reason = "there is no snapshot of the dataset `leavers`".to_owned();
    assert_eq!(result.outcome, Outcome::NotTested { reason });
    assert!(result.items.is_empty());
    // An import without rows is evidence.
    world.add("leavers", "hris", "2026-07-02T15:00:00Z", &[]);
    let result = world.run(sql).unwrap();
    assert_eq!(result.outcome, Outcome::NoDeviations);
    assert_eq!(result.inputs.snapshots.len(), 2);
}

#[test]
fn an_empty_population_of_events_is_no_occurrence() {
    let mut world = World::new();
    world.add(
        "breach_notifications",
        "register",
        "2026-07-02T15:00:00Z",
        &[],
    );
    let result = world
        .run("SELECT 'x' AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM breach_notifications")
        .unwrap();
    assert_eq!(result.outcome, Outcome::NoOccurrence);
}

#[test]
fn a_changed_snapshot_is_refused() {
    let world = World::people();
    let path = &world.datasets.snapshots[0].path;
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let problem = world.values("person_id", "FROM people").unwrap_err();
    assert_eq!(
        problem.causes[0],
        "the snapshot of `people` from `hris` cannot be used"
    );
    assert!(problem.causes[1].starts_with("its digest is"), "{problem}");
}

#[test]
fn a_file_that_is_no_snapshot_is_refused() {
    let mut world = World::people();
    let snapshot = &mut world.datasets.snapshots[0];
    std::fs::write(&snapshot.path, "not parquet").unwrap();
    snapshot.sha256 = tickmark_catalog::Sha256Hex::of(b"not parquet");
    let problem = world.values("person_id", "FROM people").unwrap_err();
    assert_eq!(
        problem.causes[0],
        "the snapshot of `people` from `hris` cannot be used"
    );
    std::fs::remove_file(&world.datasets.snapshots[0].path).unwrap();
    assert!(world.values("person_id", "FROM people").is_err());
}
