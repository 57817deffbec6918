//! Story: what people hand over is broken, and they are told where.

use crate::new_user::{acme, at_acme, with_leavers};
use crate::world::World;

const BAD_ROWS: &str = "\
Employee ID,Name,Type,Last Day
P1,Ada Example,Regular,2026-02-03
P2,Bo Example,Regular,2026-02-31
P3,Cy Example,Boss,2026-05-01
P1,Ada Example,Regular,2026-02-03
,Di Example,Regular,2026-05-01
";

#[test]
fn every_bad_row_is_told_with_its_line_and_nothing_is_imported() {
    let world = acme();
    with_leavers(&world, BAD_ROWS);
    let told = at_acme(&world, &["import"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r"
    error: bad value for `last_day`, read from `Last Day`
      Caused by: `2026-02-31` is not a day that exists, written `%Y-%m-%d`
      --> exports/leavers.csv:3

    error: bad value for `employment_type`, read from `Type`
      Caused by: `Boss` is not in its `map`, which has `Regular`
      --> exports/leavers.csv:4

    error: bad record
      Caused by: its key occurred before, at exports/leavers.csv:2
      --> exports/leavers.csv:5

    error: bad value for `person_id`, read from `Employee ID`
      Caused by: the value is empty, and the dataset requires one
      --> exports/leavers.csv:6

    error: nothing was imported: source `leavers` cannot be accepted
    hint: correct the export or the mapping, or leave single bad rows out, kept and counted, with `--accept-rejects REASON`
    ");
    let readiness = at_acme(&world, &["readiness"]).exits(1);
    assert!(readiness.out.contains("never imported:"));
    assert!(readiness.out.contains("leavers"), "{}", readiness.out);
}

#[test]
fn rejects_are_accepted_with_a_reason_and_counted() {
    let world = acme();
    with_leavers(&world, BAD_ROWS);
    let accept = ["import", "--accept-rejects", "known errors of the source"];
    let told = at_acme(&world, &accept).exits(0);
    assert!(
        told.out.contains("1 rows into leavers, 4 rejected"),
        "{}",
        told.out
    );
    let (_, kept) = told.out.split_once("with their reasons: ").unwrap();
    let kept = kept.lines().next().unwrap();
    assert_eq!(world.read(kept).lines().count(), 4);
    at_acme(&world, &["package", "package"]).exits(0);
    world.here(&["verify", "package"]).exits(0);
}

#[test]
fn a_file_that_is_no_csv_or_not_there_is_told() {
    let world = acme();
    for bytes in [&b""[..], b"\xff\xfe\x00", b"a,b\n1\n", b"\"open\n"] {
        with_leavers(&world, "");
        world.write("acme/exports/leavers.csv", bytes);
        let told = at_acme(&world, &["import"]).exits(2);
        assert!(told.err.starts_with("error: "), "{}", told.err);
        assert!(told.err.contains("exports/leavers.csv"), "{}", told.err);
    }
    std::fs::remove_file(world.path("acme/exports/leavers.csv")).unwrap();
    let told = at_acme(&world, &["import"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r"
    error: could not read file `exports/leavers.csv`
      Caused by: No such file or directory (os error 2)
    hint: a mapping's files are below `acme`

    error: nothing was imported: source `leavers` cannot be accepted
    hint: correct the export or the mapping, or leave single bad rows out, kept and counted, with `--accept-rejects REASON`
    ");
}

#[test]
fn bad_sources_are_told_together_and_no_source_is_imported() {
    let world = acme();
    with_leavers(
        &world,
        "Employee ID,Name,Type,Last Day\nP1,Ada,Regular,2026-02-03\n",
    );
    for (id, rows) in [
        ("hr-a", "P1,Ada,Boss,2026-02-03\n"),
        ("hr-b", "P1,Ada,Regular\n"),
    ] {
        let mapping = crate::new_user::MAPPING
            .replace("id = \"leavers\"", &format!("id = \"{id}\""))
            .replace("exports/leavers.csv", &format!("exports/{id}.csv"));
        world.write(&format!("acme/sources/{id}.toml"), mapping);
        let csv = format!("Employee ID,Name,Type,Last Day\n{rows}");
        world.write(&format!("acme/exports/{id}.csv"), csv);
    }
    at_acme(&world, &["apply"]).exits(0);
    let before = at_acme(&world, &["ledger", "tail"]).exits(0).out;
    let told = at_acme(&world, &["import"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r"
    error: bad value for `employment_type`, read from `Type`
      Caused by: `Boss` is not in its `map`, which has `Regular`
      --> exports/hr-a.csv:2

    error: bad record
      Caused by: the row has 3 values, the header has 4
      --> exports/hr-b.csv:2

    error: nothing was imported: sources `hr-a`, `hr-b` cannot be accepted
    hint: correct the export or the mapping, or leave single bad rows out, kept and counted, with `--accept-rejects REASON`
    ");
    assert_eq!(told.out, "");
    assert_eq!(at_acme(&world, &["ledger", "tail"]).exits(0).out, before);
    let told = at_acme(&world, &["import", "hr-c", "leavers"]).exits(2);
    insta::assert_snapshot!(told.err, @r"
    error: there is no source `hr-c` in this program
    hint: its sources are `hr-a`, `hr-b`, `leavers`; one that is new is known after `tickmark apply`
    ");
}

#[test]
fn rejects_are_not_accepted_without_a_reason() {
    let world = acme();
    with_leavers(&world, BAD_ROWS);
    for reason in ["", "  "] {
        let told = at_acme(&world, &["import", "--accept-rejects", reason]).exits(2);
        assert!(told.err.contains("say why"), "{}", told.err);
    }
}

#[test]
fn what_an_import_that_was_killed_left_is_cleared_away() {
    let world = acme();
    with_leavers(&world, "Employee ID,Name,Type,Last Day\n");
    let left = "acme/.tickmark/evidence/staging/4711-0";
    world.write(left, "half a file");
    at_acme(&world, &["import"]).exits(0);
    assert!(!world.path(left).exists());
}

#[test]
fn a_mapping_cannot_reach_outside_the_folder() {
    let world = acme();
    world.write("secret.csv", "Employee ID,Name,Type,Last Day\n");
    let mapping = crate::new_user::MAPPING;
    for path in ["../secret.csv", "/etc/passwd", "exports/../../secret.csv"] {
        let text = mapping.replace("exports/leavers.csv", path);
        world.write("other.toml", text);
        let told = at_acme(&world, &["import", "--mapping", "other.toml"]).exits(2);
        assert!(told.err.contains(path), "{path}: {}", told.err);
    }
}

#[test]
fn decisions_that_cannot_be_read_are_told_with_their_lines() {
    let world = World::with(&["brindlewood", "keys"]);
    let procedures = world.read("brindlewood/procedures.toml");
    let odd = format!("surprise = 1\n{procedures}");
    world.write("brindlewood/procedures.toml", odd);
    let told = world.at("brindlewood", "keys/firm", &["apply"]).exits(2);
    assert!(told.err.contains("procedures.toml:"), "{}", told.err);
    world.write("brindlewood/decisions.toml", "[report");
    let told = world.at("brindlewood", "keys/firm", &["apply"]).exits(2);
    assert!(told.err.contains("decisions.toml:1"), "{}", told.err);
}

#[test]
fn a_package_goes_into_a_folder_of_its_own() {
    let world = acme();
    for (place, why) in [
        (".", "`.` does not name a new folder"),
        ("acme", "`acme` holds something already"),
        (
            "acme/tickmark.toml",
            "`acme/tickmark.toml` holds something already",
        ),
    ] {
        let told = at_acme(&world, &["package", place]).exits(2);
        assert!(
            told.err.starts_with(&format!("error: {why}\n")),
            "{}",
            told.err
        );
    }
    world.write("empty/x", "");
    std::fs::remove_file(world.path("empty/x")).unwrap();
    at_acme(&world, &["package", "empty"]).exits(0);
    world.here(&["verify", "empty"]).exits(0);
}
