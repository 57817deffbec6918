//! Story: control tests are run again, narrowed, and read.

use std::path::PathBuf;

use serde_json::Value;

use crate::world::{World, files, flip};

#[test]
fn a_run_is_narrowed_by_control_day_and_period() {
    let world = World::company();
    let control = ["test", "--control", "TM-048"];
    let cases: [(&[&str], i32, &str); 5] = [
        (
            &[],
            1,
            "access-removed-on-leaving                  1 of 27 deviate",
        ),
        (&["--items"], 1, "    E1102: "),
        (
            &["--period", "2025-07-01..2025-12-31"],
            0,
            "no deviations  (population 15)",
        ),
        (&["--as-of", "2026-07-03"], 1, "1 of 27 deviate"),
        (
            &["--as-of", "2025-12-31"],
            1,
            "not tested: there is no snapshot",
        ),
    ];
    for (more, code, expected) in cases {
        let told = world.at_company(&[&control, more].concat()).exits(code);
        assert!(told.out.contains(expected), "{more:?}: {}", told.out);
    }
}

#[test]
fn a_past_day_says_what_had_not_been_observed_by_then() {
    let world = World::company();
    let told = world.at_company(&[
        "test",
        "--test",
        "access-removed-on-leaving",
        "--as-of",
        "2025-12-31",
    ]);
    assert!(
        told.out
            .contains("`leavers` (first observed 2026-07-02T15:00:00Z)"),
        "{}",
        told.out
    );
}

#[test]
fn the_first_export_shows_the_population_as_it_was_then() {
    let world = World::company();
    let told = world.at_company(&["test", "--control", "TM-048", "--as-of", "2026-07-01"]);
    assert_ne!(told.code, 0);
    assert!(!told.out.contains("no deviations"), "{}", told.out);
}

#[test]
fn running_again_records_nothing() {
    let world = World::company();
    let newest = || {
        world
            .at_company(&["ledger", "tail", "-n", "1"])
            .exits(0)
            .out
    };
    let before = newest();
    world.at_company(&["test"]).exits(1);
    world
        .at_company(&["import", "hris-people", "keyring-users"])
        .exits(0);
    assert_eq!(before, newest());
}

#[test]
fn what_is_not_there_is_told() {
    let world = World::company();
    let lines: [&[&str]; 3] = [
        &["test", "--control", "TM-006"],
        &["test", "--test", "no-such-test"],
        &["import", "no-such-source"],
    ];
    for line in lines {
        let told = world.at_company(line).exits(2);
        assert!(told.err.contains("hint: "), "{}", told.err);
    }
}

#[test]
fn readiness_tells_deviations_by_criterion() {
    let told = World::company()
        .at_company(&["readiness", "--json"])
        .exits(1)
        .json();
    let criteria = told["criteria"].as_array().unwrap();
    assert_eq!(criteria.len(), 38);
    let cc62 = criteria
        .iter()
        .find(|it| it["criterion"] == "CC6.2")
        .unwrap();
    assert_eq!(
        cc62["with_deviations"],
        serde_json::json!(["TM-047", "TM-048", "TM-049"])
    );
    assert_eq!(told["incomplete_populations"], serde_json::json!({}));
    assert_eq!(told["missing_populations"], serde_json::json!([]));
}

/// The stored snapshot of the leavers as they stand.
fn leavers(world: &World) -> PathBuf {
    let tail = ["ledger", "tail", "-n", "500", "--bodies", "--json"];
    let told = world.at_company(&tail).exits(0).out;
    let entries = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut snapshots = entries.filter_map(|entry| entry.pointer("/body/snapshot").cloned());
    let newest = snapshots
        .rfind(|it| it["source_id"] == "hris-leavers")
        .unwrap();
    let sha256 = newest["derived"].as_str().unwrap();
    let shelf = sha256.get(..2).unwrap();
    world
        .path("fernhollow/.tickmark/evidence/objects")
        .join(shelf)
        .join(sha256)
}

#[test]
fn evidence_edited_after_it_was_accepted_is_damage_and_is_never_tested() {
    let world = World::company();
    flip(&leavers(&world));
    let sql = "SELECT person_id AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM leavers";
    let commands: [&[&str]; 4] = [
        &["test", "--control", "TM-048"],
        &[
            "test",
            "--control",
            "TM-048",
            "--period",
            "2025-07-01..2025-09-30",
        ],
        &["test", "--sql", sql],
        &["package", "out"],
    ];
    for arguments in commands {
        let told = world.at_company(arguments).exits(3);
        let name = leavers(&world);
        let name = name.file_name().unwrap().to_str().unwrap();
        assert!(told.err.contains(name), "{arguments:?}: {}", told.err);
    }
    assert!(!world.path("out/package.json").exists());
}

#[test]
fn a_kept_result_that_was_changed_is_computed_again() {
    let world = World::company();
    let newest = || {
        world
            .at_company(&["ledger", "tail", "-n", "1"])
            .exits(0)
            .out
    };
    let (before, first) = (newest(), world.at_company(&["test", "--json"]).exits(1).out);
    for path in files(&world.path("fernhollow/.tickmark/results")).keys() {
        flip(&world.path("fernhollow/.tickmark/results").join(path));
    }
    let again = world.at_company(&["test", "--json"]).exits(1).out;
    assert!(first == again, "another result");
    assert_eq!(before, newest());
}

#[test]
fn a_look_back_is_not_recorded_and_another_period_does_not_move_readiness() {
    let world = World::company();
    let newest = || {
        world
            .at_company(&["ledger", "tail", "-n", "1"])
            .exits(0)
            .out
    };
    let (before, stands) = (newest(), world.at_company(&["readiness"]).exits(1).out);
    let told = world
        .at_company(&[
            "test",
            "--test",
            "second-factor-enrolled",
            "--as-of",
            "2025-12-31",
        ])
        .exits(1);
    assert!(told.out.contains("not tested: "), "{}", told.out);
    assert_eq!(newest(), before);
    world
        .at_company(&["test", "--period", "2025-07-01..2025-07-01"])
        .exits(1);
    assert_ne!(newest(), before);
    assert_eq!(world.at_company(&["readiness"]).exits(1).out, stands);
}

#[test]
fn periods_and_days_that_make_no_sense_are_told() {
    let world = World::company();
    for (arguments, expected) in [
        (
            ["--period", "2000-01-01..2026-06-30"],
            "longer than five years",
        ),
        (["--period", "2026-06-30..2025-07-01"], "before it starts"),
        (["--as-of", "yesterday"], "write a day as `2026-06-30`"),
    ] {
        let told = world
            .at_company(&[["test"].as_slice(), &arguments].concat())
            .exits(2);
        assert!(told.err.contains(expected), "{}", told.err);
    }
}

#[test]
fn a_population_whose_completeness_nobody_showed_says_so_on_its_line() {
    let world = World::company();
    let told = world
        .at_company(&["test", "--test", "incident-recorded"])
        .exits(0);
    assert!(told.out.contains("completeness not shown)"), "{}", told.out);
}
