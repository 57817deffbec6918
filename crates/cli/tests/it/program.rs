//! Story: the program as files, as record, and as files again.

use std::collections::BTreeMap;

use crate::world::{World, files};

#[test]
fn an_export_is_the_files_byte_for_byte_and_applying_it_changes_nothing() {
    let world = World::company();
    world.at_company(&["export", "out"]).exits(0);
    let out = files(&world.path("out"));
    let originals = files(&world.path("fernhollow"));
    assert!(out.len() > 180, "{}", out.len());
    for (path, bytes) in &out {
        assert!(originals[path] == *bytes, "{path}");
    }
    let told = world.at_company(&["apply", "--from", "out"]).exits(0);
    assert_eq!(told.out, "no difference: the files are what is recorded\n");
    // Exporting again over the same files is fine; over others it is not.
    world.at_company(&["export", "out"]).exits(0);
    world.write("out/calendars.toml", "mine");
    let refused = world.at_company(&["export", "out"]).exits(2);
    insta::assert_snapshot!(refused.err, @r"
    error: `out/calendars.toml` holds something else
    hint: record it with `tickmark apply` first, or export into another folder
    ");
    assert_eq!(world.read("out/calendars.toml"), "mine");
}

#[test]
fn a_change_is_shown_before_it_is_recorded() {
    let world = World::company();
    world.edit(
        "fernhollow/controls/TM-048.md",
        "title = \"Access ends when people leave\"",
        "title = \"Access ends on the last day\"",
    );
    let dry = world.at_company(&["apply", "--dry-run"]).exits(0);
    insta::assert_snapshot!(dry.out, @r"
    ~ control TM-048 — Access ends on the last day (title)
    1 files differ; nothing recorded
    ");
    world.at_company(&["apply"]).exits(0);
    let told = world.at_company(&["apply"]).exits(0);
    assert!(told.out.contains("no difference"), "{}", told.out);
}

#[test]
fn the_program_and_where_it_stood_can_be_had_as_of_any_entry_or_day() {
    let world = World::company();
    let told = world.at_company(&["ledger", "tail", "-n", "1", "--json"]);
    let last: serde_json::Value = serde_json::from_str(&told.exits(0).out).unwrap();
    let index = last["index"].to_string();
    let before = world.read("fernhollow/controls/TM-048.md");
    world.edit(
        "fernhollow/controls/TM-048.md",
        "title = \"Access ends when people leave\"",
        "title = \"Access ends on the last day\"",
    );
    world.at_company(&["apply"]).exits(0);

    let export = |out: &str, at: &str| world.at_company(&["export", out, "--at", at]);
    export("then", &index).exits(0);
    assert_eq!(world.read("then/controls/TM-048.md"), before);
    export("now", "2999-12-31").exits(0);
    assert_ne!(world.read("now/controls/TM-048.md"), before);
    let day = last["at"].as_str().unwrap().get(..10).unwrap();
    world.at_company(&["readiness", "--at", day]).exits(1);

    let nothing = world
        .at_company(&["readiness", "--at", "1999-12-31"])
        .exits(2);
    insta::assert_snapshot!(nothing.err, @r"
    error: no program was recorded yet
    hint: record it with `tickmark apply`
    ");
    assert_eq!(export("none", "1999-12-31").exits(2).err, nothing.err);
    insta::assert_snapshot!(export("none", "999999").exits(2).err, @r"
    error: the ledger has no entry 999999
    hint: it has 488 entries, counted from 0
    ");
    insta::assert_snapshot!(export("none", "last week").exits(2).err, @r"
    error: invalid value 'last week' for '--at <ENTRY|DAY|INSTANT>': give the index of an entry, a day such as `2026-03-09`, or an instant such as `2026-03-09T12:00:00Z`

    For more information, try '--help'.
    ");
    assert!(!world.path("none").exists());
}

#[test]
fn every_problem_of_a_broken_program_is_told_at_once_and_nothing_is_recorded() {
    let world = World::company();
    world.edit(
        "fernhollow/controls/TM-049.md",
        "id = \"TM-049\"",
        "id = \"TM-049\"\ncolour = \"red\"",
    );
    world.edit(
        "fernhollow/tickmark.toml",
        "end = 2026-06-30",
        "end = 2024-06-30",
    );
    world.edit(
        "fernhollow/sources/hris-leavers.toml",
        "dataset = \"leavers\"",
        "dataset = \"leavrs\"",
    );
    world.write("fernhollow/vendors.toml", "[[vendor]\n");
    let before = world
        .at_company(&["ledger", "tail", "-n", "1"])
        .exits(0)
        .out;
    let told = world.at_company(&["apply"]).exits(2);
    let after = world
        .at_company(&["ledger", "tail", "-n", "1"])
        .exits(0)
        .out;
    assert_eq!(before, after);
    insta::assert_snapshot!(told.complaint(world.folder()), @r"
    error: unknown key `colour`
      --> controls/TM-049.md:3:1

    error: the period ends on `2024-06-30`, before it starts on `2025-07-01`
      --> tickmark.toml:32:1

    error: this is not TOML
      Caused by: unclosed array table, expected `]`
      --> vendors.toml:1:10

    error: there is no dataset `leavrs`
      --> sources/hris-leavers.toml:4:1
    hint: did you mean `leavers`?
    ");
}

#[test]
fn a_broken_mapping_is_told_with_its_lines() {
    let world = World::company();
    world.edit(
        "fernhollow/sources/hris-leavers.toml",
        "lower = true",
        "lower = true\nshout = true",
    );
    world.edit(
        "fernhollow/sources/hris-leavers.toml",
        "[columns.last_day]",
        "[columns.last_dya]",
    );
    let told = world.at_company(&["apply"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r"
    error: column `last_day` is required and not mapped
      --> sources/hris-leavers.toml:16:2
    hint: map it under `[columns.last_day]`

    error: unknown key `shout` in `[email]`
      --> sources/hris-leavers.toml:25:1

    error: dataset `leavers` has no column `last_dya`
      --> sources/hris-leavers.toml:31:10
    hint: did you mean `last_day`?
    ");
}

#[test]
fn files_that_are_not_the_programs_are_left_alone() {
    let world = World::company();
    let written: BTreeMap<&str, &str> = [("notes.txt", "x"), (".git/config", "y")].into();
    for (path, text) in &written {
        world.write(&format!("fernhollow/{path}"), text);
    }
    let told = world.at_company(&["apply"]).exits(0);
    assert!(told.out.contains("no difference"), "{}", told.out);
}
