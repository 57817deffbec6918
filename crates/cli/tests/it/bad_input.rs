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
    error: bad value for `last_day`
      Caused by: `2026-02-31` is not a day that exists, written `%Y-%m-%d`
      --> exports/leavers.csv:3

    error: bad value for `employment_type`
      Caused by: `Boss` is not in its `map`, which has `Regular`
      --> exports/leavers.csv:4

    error: bad record
      Caused by: its key occurred before, at exports/leavers.csv:2
      --> exports/leavers.csv:5

    error: bad value for `person_id`
      Caused by: the value is empty, and the dataset requires one
      --> exports/leavers.csv:6
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
    ");
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
fn a_report_is_issued_once() {
    let world = World::with(&["brindlewood", "keys"]);
    let told = world
        .at("brindlewood", "keys/firm", &["report", "--out", "again"])
        .exits(2);
    assert!(told.err.contains("was issued already"), "{}", told.err);
    assert!(!world.path("again").exists());
}
