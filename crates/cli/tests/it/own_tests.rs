//! Story: a company writes control tests of its own, and a firm runs the SQL of
//! a stranger.

use std::time::{Duration, Instant};

use tickmark_control_tests::library_folders;

use crate::tell::Told;
use crate::world::World;

/// The library's test of leavers, as a company's own under another id.
const ID: &str = "leavers-of-our-own";
const MODEL: &str = "access-removed-on-leaving";

/// Writes the model as the company's own test `id`, with other SQL where given.
fn write(world: &World, id: &str, sql: Option<&str>) {
    let folder = library_folders()
        .iter()
        .find(|folder| folder.name() == MODEL)
        .unwrap();
    for (path, text) in &folder.files {
        let text = match (path.as_str(), sql) {
            ("test.toml", _) => text.replacen(MODEL, id, 1),
            ("test.sql", Some(sql)) => sql.to_owned(),
            _ => text.clone(),
        };
        world.write(&format!("fernhollow/tests/{id}/{path}"), text);
    }
}

fn own(world: &World) -> Told {
    world.at_company(&["test", "--test", ID, "--items"])
}

/// A new firm in the world takes `package` in.
fn received(world: &World) -> Told {
    let firm = |arguments: &[&str]| world.at("firm", "firm-keys", arguments);
    firm(&["init", "--firm", "--id", "assurance"]).exits(0);
    firm(&["receive", "package"])
}

#[test]
fn a_test_of_ones_own_gives_what_the_library_gives_and_is_told_apart() {
    let world = World::company();
    write(&world, ID, None);
    world.at_company(&["apply"]).exits(0);
    let ours = own(&world).exits(1).out;
    let theirs = world.at_company(&["test", "--test", MODEL, "--items"]);
    assert_eq!(
        ours.replace(ID, "X").split_whitespace().collect::<Vec<_>>(),
        theirs
            .out
            .replace(MODEL, "X")
            .split_whitespace()
            .collect::<Vec<_>>()
    );
    world.at_company(&["package", "package"]).exits(0);
    let told = world.here(&["verify", "package"]).exits(0);
    let line = format!("control tests that the company wrote ({ID})");
    assert!(told.out.contains(&line), "{}", told.out);
    let told = received(&world).exits(0);
    assert!(
        told.out.contains(&format!("written by the company: {ID}")),
        "{}",
        told.out
    );
}

#[test]
fn a_test_of_ones_own_is_tried_on_its_fixtures_before_it_is_recorded() {
    let world = World::company();
    let try_it = || world.at_company(&["test", "--fixtures"]);
    assert!(try_it().exits(0).out.contains("no tests of its own"));
    write(&world, ID, None);
    let told = try_it().exits(0);
    let fixtures = library_folders().iter().find(|it| it.name() == MODEL);
    let count = fixtures.unwrap().fixture_names().len();
    let end = format!("{count} fixtures, 0 not as expected\n");
    assert!(count > 1 && told.out.ends_with(&end), "{}", told.out);
    write(
        &world,
        ID,
        Some(
            "SELECT person_id AS item, 'operated' AS status, '' AS reason, last_day AS occurred_at FROM leavers",
        ),
    );
    let told = try_it().exits(1);
    assert!(told.out.contains("not as expected\n    `"), "{}", told.out);
    write(&world, ID, Some("SELECT persn_id AS item FROM leavers"));
    let told = try_it().exits(1);
    assert!(
        told.out.contains("there is no column `persn_id`"),
        "{}",
        told.out
    );
    let named = ["test", "--fixtures", "--test", "breach-notified"];
    world.at_company(&named).exits(0);
    let unknown = ["test", "--fixtures", "--test", "breach-of-notice"];
    let told = world.at_company(&unknown).exits(2);
    assert!(
        told.err.contains("no control test `breach-of-notice`"),
        "{}",
        told.err
    );
}

#[test]
fn a_test_with_an_id_of_the_library_is_refused() {
    let world = World::company();
    write(&world, MODEL, None);
    let told = world.at_company(&["apply"]).exits(2);
    insta::assert_snapshot!(told.err, @r"
    error: control test `access-removed-on-leaving` has the id of a test of the library
      Caused by: a result must tell by its name which test it is of
      --> tests/access-removed-on-leaving/test.toml
    hint: give it another id; to leave the library's test out, take it from the controls
    ");
}

#[test]
fn a_test_that_was_removed_is_no_longer_in_force() {
    let world = World::company();
    write(&world, ID, None);
    world.at_company(&["apply"]).exits(0);
    own(&world).exits(1);
    std::fs::remove_dir_all(world.path("fernhollow/tests")).unwrap();
    world.at_company(&["apply"]).exits(0);
    let told = own(&world).exits(2);
    assert!(
        told.err.contains("there is no control test"),
        "{}",
        told.err
    );
    world.at_company(&["package", "package"]).exits(0);
    let told = world.here(&["verify", "package"]).exits(0);
    assert!(!told.out.contains(ID), "{}", told.out);
}

#[test]
fn a_mistake_is_told_with_the_place_in_the_programs_folder() {
    let world = World::company();
    write(&world, ID, Some("SELECT persn_id AS item FROM leavers"));
    world.at_company(&["apply"]).exits(0);
    let told = own(&world).exits(2);
    assert!(
        told.err.contains(&format!("--> tests/{ID}/test.sql")),
        "{}",
        told.err
    );
}

#[test]
fn hostile_sql_in_a_package_leaves_the_firm_standing() {
    let row = "'operated' AS status, '' AS reason, NULL AS occurred_at";
    let deep = format!("{}1{}", "(".repeat(9_000), ")".repeat(9_000));
    let text = "SELECT length(repeat(person_id, 2000000000)) FROM leavers LIMIT 1";
    let cases = [
        format!("SELECT {deep} AS item, {row} FROM leavers"),
        format!("SELECT CAST(unnest(range(0, 9000000000000)) AS TEXT) AS item, {row} FROM leavers"),
        format!("SELECT CAST(({text}) AS TEXT) AS item, {row} FROM leavers"),
        format!(
            "SELECT a.person_id || b.person_id AS item, {row} FROM leavers a, leavers b, leavers c, leavers d, leavers e, leavers f, leavers g, leavers h"
        ),
        format!(
            "SELECT max(k) AS item, {row} FROM (SELECT a.native_id || b.native_id || c.native_id AS k FROM accounts_history a JOIN accounts_history b ON a.kind = b.kind JOIN accounts_history c ON a.kind = c.kind JOIN accounts_history d ON a.kind = d.kind ORDER BY 1 LIMIT 900000000)"
        ),
    ];
    for sql in cases {
        let world = World::company();
        write(&world, ID, Some(&sql));
        world.at_company(&["apply"]).exits(0);
        world.at_company(&["package", "package"]).exits(0);
        let started = Instant::now();
        let told = received(&world).exits(2);
        let named = format!("control test `{ID}` could not run");
        assert!(told.err.contains(&named), "{sql}: {}", told.err);
        assert!(started.elapsed() < Duration::from_secs(90), "{sql}");
        let firm = world.at("firm", "firm-keys", &["ledger", "tail"]).exits(0);
        assert_eq!(firm.out, "", "nothing is recorded");
    }
}

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
