//! Story: the sample company from raw evidence to a Type 2 report.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::tell::tickmark;
use crate::world::{World, demo, demo_said, files, json, only};

const KEY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../sample/fernhollow/answer-key.json"
);

/// What the generator of the sample says of each control test.
fn answer_key() -> BTreeMap<String, Value> {
    let key = json(KEY.as_ref());
    let tests = key["tests"].as_object().unwrap();
    tests
        .iter()
        .map(|(id, answer)| (id.clone(), answer.clone()))
        .collect()
}

/// The results of every control test over the finished demo, by test.
fn results() -> BTreeMap<String, Value> {
    let told = World::company().at_company(&["test", "--json"]).exits(1);
    let all = told.json();
    let by_test = |result: &Value| (result["test"].as_str().unwrap().to_owned(), result.clone());
    all.as_array().unwrap().iter().map(by_test).collect()
}

fn report(pack: &str) -> Value {
    json(&only(&demo(pack).join("report"), ".json"))
}

fn deviating_items(result: &Value) -> Vec<String> {
    let items = result["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["status"] == "deviation")
        .map(|item| item["item"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_control_test_finds_what_was_seeded_and_nothing_else() {
    let results = results();
    for (test, answer) in answer_key() {
        let result = &results[&test];
        let counts = &result["counts"];
        let listed = counts["tested"].as_u64().unwrap() + counts["excluded"].as_u64().unwrap();
        if let Some(tested) = answer["tested"].as_u64() {
            assert_eq!(listed, tested, "{test}");
            assert_eq!(counts["excluded"], answer["excluded"], "{test}");
        }
        assert_eq!(counts["deviations"], answer["deviations"], "{test}");
        assert_eq!(counts["not_tested"], 0, "{test}");
        let items: Vec<String> = serde_json::from_value(answer["items"].clone()).unwrap();
        assert_eq!(deviating_items(result), items, "{test}");
    }
}

#[test]
fn the_report_tells_every_deviation_of_a_control() {
    let report = report("a");
    let told: BTreeMap<String, u64> = report["tests"]["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["test"].as_str().unwrap().to_owned(),
                it["deviations"].as_u64().unwrap(),
            )
        })
        .collect();
    let mut seeded: BTreeMap<String, u64> = answer_key()
        .into_iter()
        .map(|(test, answer)| (test, answer["deviations"].as_u64().unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect();
    // T8: a commitment missed is no deviation of a control.
    assert_eq!(seeded.remove("availability-commitment"), Some(1));
    assert_eq!(told, seeded);
    assert_eq!(report["meta"]["opinion"], "unmodified");
}

fn reported<'a>(report: &'a Value, test: &str) -> &'a Value {
    let tests = report["tests"]["tests"].as_array().unwrap();
    tests.iter().find(|it| it["id"] == test).unwrap()
}

#[test]
fn traps_are_told_apart_from_deviations() {
    let (report, results) = (report("a"), results());
    let breach = reported(&report, "breach-notified");
    assert_eq!(breach["outcome"], "no_occurrence");
    assert_eq!(
        results["breach-notified"]["outcome"]["outcome"],
        "no_occurrence"
    );
    let change = reported(&report, "change-approved-by-another-person");
    let excluded: u64 = change["extent"]["exclusions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["count"].as_u64().unwrap())
        .sum();
    assert_eq!(excluded, 212);
    let availability = &results["availability-commitment"];
    assert_eq!(availability["measures"], "commitment");
    assert_eq!(
        deviating_items(availability),
        ["Fernhollow Relay/2026-04-30"]
    );
}

#[test]
fn the_first_reconciliation_fails_and_the_corrected_export_repairs_it() {
    let said = demo_said("a");
    for line in [
        "not complete: reconciliation `leavers-against-identity-provider`: 26 matched, 0 only left, 1 only right",
        "complete: every population, after the corrected export",
        "opinion: unmodified",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[test]
fn two_runs_leave_the_same_bytes_and_a_third_is_refused() {
    let world = World::empty();
    let told = tickmark(["demo", "--json", "--dir", &world.arg("d")]).exits(0);
    let answer = told.json();
    assert_eq!(answer["opinion"], "unmodified");
    assert_eq!(answer["control_tests"], 50);
    let first = demo("a");
    for folder in ["report", "package", "fernhollow/.tickmark/evidence"] {
        let (one, other) = (
            files(&first.join(folder)),
            files(&world.path("d").join(folder)),
        );
        assert!(one.keys().eq(other.keys()), "names in {folder}");
        for (path, bytes) in &one {
            assert!(other[path] == *bytes, "{folder}/{path} differs");
        }
    }
    let again = tickmark(["demo", "--dir", &world.arg("d")]).exits(2);
    insta::assert_snapshot!(again.complaint(world.folder()), @r"
    error: `DIR/d` holds an earlier demo
    hint: remove it, or name another folder with `--dir`
    ");
}

#[test]
fn scenario_b_ends_qualified_for_two_criteria() {
    let told = demo_said("b");
    assert!(told.contains("opinion: qualified"), "{told}");
    let report = report("b");
    assert_eq!(report["meta"]["opinion"], "qualified");
    let opinion = report["auditor_report"].to_string();
    for criterion in ["CC6.2", "CC6.3"] {
        assert!(opinion.contains(criterion), "{criterion}");
    }
    assert!(
        !opinion.contains("CC6.1"),
        "no other criterion is qualified"
    );
    tickmark(["verify".as_ref(), demo("b").join("report").as_os_str()]).exits(0);
}
