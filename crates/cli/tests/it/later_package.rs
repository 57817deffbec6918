//! Story: the company hands over again after the firm has concluded. What was
//! concluded on the earlier results lapses, is put on file again, and the report
//! can be written as often as its files are lost.

use std::fs;

use crate::other_reports::firm;
use crate::world::{World, files, only};

/// The firm has everything on file; the company's parts lie beside it.
fn concluded() -> World {
    let world = firm("type2");
    at_firm(&world, &["apply"]).exits(0);
    world
}

fn at_firm(world: &World, arguments: &[&str]) -> crate::tell::Told {
    world.at("firm", "keys", arguments)
}

#[test]
fn decisions_are_put_on_file_once() {
    let world = concluded();
    let told = at_firm(&world, &["apply"]).exits(0);
    assert_eq!(told.out, "no difference: the files are what is on file\n");
    world.edit(
        "firm/decisions.toml",
        "tolerable_rate = \"0.10\"",
        "tolerable_rate = \"0.05\"",
    );
    let told = at_firm(&world, &["apply"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r#"
    error: engagement `fernhollow-2026` is open already, on other terms
      --> decisions.toml:6
    hint: put the terms back as they were agreed; another engagement has a workspace of its own
    "#);
}

#[test]
fn conclusions_lapse_with_the_results_they_rest_on() {
    let world = concluded();
    let other = World::company();
    let source = "fernhollow/sources/breach-register.toml";
    other.edit(
        source,
        "observed_at = \"2026-07-02",
        "observed_at = \"2026-07-05",
    );
    other.at_company(&["apply"]).exits(0);
    other.at_company(&["import", "breach-register"]).exits(0);
    let later = world.arg("later");
    other.at_company(&["package", &later]).exits(0);

    let told = at_firm(&world, &["receive", "later"]).exits(0);
    assert!(told.out.contains("has lapsed"), "{}", told.out);
    let told = at_firm(&world, &["report", "--out", "early"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r#"
    error: no opinion was concluded
    hint: a partner concludes it; the program never does
    "#);
    assert!(!world.path("early").exists());

    let told = at_firm(&world, &["apply"]).exits(0);
    assert!(told.out.starts_with("recorded "), "{}", told.out);
    at_firm(&world, &["report", "--out", "report"]).exits(0);
    let told = world.here(&["verify", "report"]).exits(0);
    assert!(told.out.contains("keeps the rules"), "{}", told.out);

    let told = at_firm(&world, &["receive", "later"]).exits(0);
    assert!(!told.out.contains("lapsed"), "{}", told.out);
}

#[test]
fn an_issued_report_is_written_again_with_the_same_bytes() {
    let world = World::with(&["brindlewood", "keys", "report"]);
    let again = |arguments: &[&str]| world.at("brindlewood", "keys/firm", arguments);
    again(&["report", "--out", "again"]).exits(0);
    let (first, second) = (files(&world.path("report")), files(&world.path("again")));
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        second.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in &first {
        let is_issued = !path.starts_with("verification/firm");
        assert!(!is_issued || second[path] == *bytes, "{path}");
    }
    world.here(&["verify", "again"]).exits(0);
    again(&["ledger", "fsck"]).exits(0);

    let pdf = only(&world.path("report"), ".pdf");
    fs::remove_file(pdf).unwrap();
    let told = again(&["report", "--out", "report"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r#"
    error: there is a report in `report` already
    hint: issue into another folder
    "#);
    world.edit(
        "brindlewood/decisions.toml",
        "dated = \"2026-08-14\"\nreleased",
        "dated = \"2026-08-15\"\nreleased",
    );
    let told = again(&["report", "--out", "third"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r#"
    error: report `BRW-2026-014` was issued already, under another date or signature
    hint: an issued report is never changed: give the new one another id
    "#);
    assert!(!world.path("third").exists());
}
