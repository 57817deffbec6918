//! Story: the same package leads to a SOC 3 report, and not to a type 1 report
//! over a period.

use serde_json::Value;

use crate::world::{World, json, only};

/// A firm that has received the sample company's package, with the sample
/// firm's decisions but for the kind of report.
pub fn firm(kind: &str) -> World {
    let world = World::with(&[
        "package",
        "brindlewood/decisions.toml",
        "brindlewood/procedures.toml",
    ]);
    world.edit(
        "brindlewood/decisions.toml",
        "report_type = \"type2\"",
        &format!("report_type = \"{kind}\""),
    );
    let at = |arguments: &[&str]| world.at("firm", "keys", arguments).exits(0);
    at(&["init", "--firm", "--id", "brw"]);
    at(&["receive", "package"]);
    for file in ["decisions.toml", "procedures.toml"] {
        world.write(
            &format!("firm/{file}"),
            world.read(&format!("brindlewood/{file}")),
        );
    }
    world
}

fn anchors(report: &Value) -> Vec<&str> {
    let heads = report["contents"].as_array().unwrap().iter();
    heads.map(|head| head["anchor"].as_str().unwrap()).collect()
}

#[test]
fn a_soc_3_report_from_the_same_work() {
    let world = firm("soc3");
    let at = |arguments: &[&str]| world.at("firm", "keys", arguments);
    at(&["apply"]).exits(0);
    at(&["report", "--out", "report"]).exits(0);
    let report = json(&only(&world.path("report"), ".json"));
    assert_eq!(report["meta"]["report_type"], "soc3");
    assert_eq!(
        anchors(&report),
        [
            "auditor-report",
            "assertion",
            "boundaries",
            "commitments",
            "verification"
        ]
    );
    assert!(report["tests"].is_null() && report["other_information"].is_null());
    assert_eq!(report["controls"].as_array().unwrap().len(), 0);
    let pdf = only(&world.path("report"), ".pdf");
    world.here(&["verify", pdf.to_str().unwrap()]).exits(0);
}

#[test]
fn a_type_1_engagement_is_of_one_day() {
    let world = firm("type1");
    let told = world.at("firm", "keys", &["apply"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r#"
    error: a type 1 engagement is as of one day, not over a period
      Caused by: its period is 2025-07-01..2026-06-30
      --> decisions.toml:6
    hint: write the same day twice
    "#);
}
