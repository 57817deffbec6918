//! Story: a company keeps control tests of its own, and one of them means harm.

use crate::world::World;

/// Writes a control test into the company's program.
fn keep(world: &World, id: &str, sql: &str) {
    let toml = format!(
        r#"id = "{id}"
version = 1
title = "Somebody is here"
controls = ["TM-048"]
kind = "event"
measures = "control"
population = "people"
reads = ["people"]
item = ["person", "people"]
nature = "inspection"
procedure = "Inspected {{population}} people between {{period_start}} and {{period_end}}."
deviation = "the person was not here"
why = "Because."
remedy = "Look."
"#
    );
    world.write(&format!("fernhollow/tests/{id}/test.toml"), toml);
    world.write(&format!("fernhollow/tests/{id}/test.sql"), sql);
}

const FINE: &str =
    "SELECT person_id AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM people";

#[test]
fn a_test_that_cannot_run_keeps_no_other_from_it() {
    let world = World::company();
    keep(&world, "fine", FINE);
    keep(
        &world,
        "bomb",
        &FINE.replace("'' AS reason", "lpad('x', 2000000000, 'y') AS reason"),
    );
    keep(&world, "passwd", "SELECT * FROM '/etc/passwd'");
    keep(&world, "wrong", "SELECT\n  persn_id AS item FROM people");
    world.at_company(&["apply"]).exits(0);
    let told = world
        .at_company(&["test", "--control", "TM-048", "--json"])
        .exits(2);
    let ran: Vec<String> = told
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["test"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        ran,
        [
            "access-removed-on-leaving",
            "fine",
            "no-sign-in-after-leaving"
        ]
    );
    let errors: serde_json::Value = serde_json::from_str(&told.err).unwrap();
    assert_eq!(errors["exit_code"], 2);
    let places: Vec<&str> = errors["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["place"]["file"].as_str().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "tests/bomb/test.sql",
            "tests/passwd/test.sql",
            "tests/wrong/test.sql"
        ]
    );
    let tail = world.at_company(&["ledger", "tail", "-n", "1"]).exits(0);
    assert!(
        tail.out.contains("run_recorded/1      fine"),
        "{}",
        tail.out
    );
}

/// Only what ships with the product is trusted: what a company changed is not.
#[test]
fn a_library_test_that_a_company_changed_runs_apart_with_the_same_result() {
    let world = World::company();
    let shipped = world
        .at_company(&["test", "--test", "control-owner-named", "--json"])
        .exits(0)
        .json();
    let (toml, sql) = (
        include_str!("../../../control-tests/library/control-owner-named/test.toml"),
        include_str!("../../../control-tests/library/control-owner-named/test.sql"),
    );
    world.write("fernhollow/tests/control-owner-named/test.toml", toml);
    world.write("fernhollow/tests/control-owner-named/test.sql", sql);
    world.at_company(&["apply"]).exits(0);
    let own = world
        .at_company(&["test", "--test", "control-owner-named", "--json"])
        .exits(0)
        .json();
    assert_eq!(own[0]["items"], shipped[0]["items"]);
}
