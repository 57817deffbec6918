//! Story: somebody writes past the rules with a key of their own, and whoever
//! examines or verifies finds it.

use std::fs;

use serde_json::{Value, json};
use tickmark_catalog::Sha256Hex;

use crate::forge::{
    Forged, append_to_company, append_to_firm, entries, firm_ledger, replace_firm,
    write_verification,
};
use crate::tell::Told;
use crate::world::World;

/// Insists that verifying found something, and that it says all of `named`.
#[track_caller]
fn finds(told: &Told, named: &[&str]) {
    assert_eq!(told.code, 3, "{}{}", told.out, told.err);
    let said = format!("{}{}", told.out, told.err);
    for name in named {
        assert!(said.contains(name), "no `{name}` in {said}");
    }
}

/// A new firm in the world takes `package` in.
fn received(world: &World, package: &str) -> Told {
    let firm = |arguments: &[&str]| world.at("firm", "firm-keys", arguments);
    firm(&["init", "--firm", "--id", "assurance"]).exits(0);
    firm(&["receive", package])
}

/// The result of `id` recorded last, as one that found everything matched.
fn matched(world: &World, id: &str) -> Forged {
    let mut all = entries(&world.path("fernhollow"));
    all.retain(|it| {
        it.is(
            "evidence.reconciliation_recorded",
            &format!("reconciliation:{id}"),
        )
    });
    let mut last = all.pop().unwrap();
    let result = &mut last.body["reconciliation"];
    assert_eq!(result["complete"], false, "{result}");
    result["complete"] = json!(true);
    result["only_left"] = json!([]);
    result["only_right"] = json!([]);
    last
}

#[test]
fn a_reconciliation_that_did_not_match_is_found_though_the_record_says_it_did() {
    let world = World::company();
    let leavers = "fernhollow/exports/hris/leavers.csv";
    let text = world.read(leavers);
    let without_last = text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    world.write(leavers, without_last);
    let mapping = world.read("fernhollow/sources/hris-leavers.toml");
    let lines = mapping
        .lines()
        .filter(|line| !line.starts_with("source_count"))
        .map(|line| line.replace("2026-07-02T17:40:00Z", "2026-07-02T18:40:00Z"));
    let later = lines.collect::<Vec<_>>().join("\n") + "\n";
    world.write("fernhollow/sources/hris-leavers.toml", later);
    world.at_company(&["apply"]).exits(0);
    let id = "leavers-against-identity-provider";
    let told = world.at_company(&["import", "hris-leavers"]).exits(1);
    assert!(told.out.contains("not complete:"), "{}", told.out);
    world.at_company(&["package", "honest"]).exits(0);
    world.here(&["verify", "honest"]).exits(0);

    append_to_company(&world, &[matched(&world, id)]);
    world.at_company(&["package", "forged"]).exits(0);
    let named = [
        "reconciliation `leavers-against-identity-provider` gives another result than the one recorded",
        "not complete",
    ];
    finds(&world.here(&["verify", "forged"]), &named);
    finds(&received(&world, "forged"), &named);
}

#[test]
fn a_run_recorded_with_another_outcome_is_found() {
    let world = World::company();
    let mut all = entries(&world.path("fernhollow"));
    all.retain(|it| it.is("control_tests.run_recorded", "access-removed-on-leaving"));
    let mut run = all.pop().unwrap();
    run.body["outcome"] = json!({ "outcome": "no_deviations" });
    append_to_company(&world, &[run]);
    world.at_company(&["package", "forged"]).exits(0);
    finds(
        &world.here(&["verify", "forged"]),
        &[
            "control test `access-removed-on-leaving` gives another result",
            "outcome",
        ],
    );
}

/// The demo's report with a firm behind it whose entries were changed.
#[track_caller]
fn with_firm(change: impl FnOnce(&mut Vec<Forged>)) -> Told {
    let world = World::with(&["report", "brindlewood"]);
    let mut forged = entries(&world.path("brindlewood"));
    change(&mut forged);
    replace_firm(&world, &forged);
    world.here(&["verify", "report"])
}

fn find<'a>(forged: &'a mut [Forged], kind: &str, subject: &str) -> &'a mut Forged {
    let mut found = forged.iter_mut().filter(|it| it.is(kind, subject));
    found
        .next()
        .unwrap_or_else(|| panic!("no {kind} {subject}"))
}

#[test]
fn a_ledger_that_was_only_copied_stands() {
    // The report names the root of the firm's ledger, which salts change.
    let told = with_firm(|_| {});
    finds(
        &told,
        &[
            "every entry of the firm keeps the rules of the engagement",
            "comes out differently",
        ],
    );
}

#[test]
fn judgements_written_past_the_rules_are_found() {
    let concluded = "engagement.control_concluded";
    let told = with_firm(|all| {
        let it = find(all, concluded, "TM-048");
        it.body["signed"]["prepared"]["by"] = it.body["signed"]["reviewed"]["by"].clone();
    });
    finds(
        &told,
        &[
            "breaks a rule of the engagement",
            "on `TM-048`",
            "cannot review their own work",
        ],
    );

    let told = with_firm(|all| find(all, concluded, "TM-048").body["reason"] = Value::Null);
    finds(&told, &["on `TM-048`", "needs a reason"]);

    let told = with_firm(|all| {
        let it = find(all, concluded, "TM-048");
        it.body["proposal"] = json!("operated_effectively");
    });
    finds(
        &told,
        &["on `TM-048`", "the evidence gives another `proposal`"],
    );

    let told = with_firm(|all| {
        let at = all
            .iter()
            .position(|it| it.is(concluded, "TM-048"))
            .unwrap();
        let conclusion = all.remove(at);
        let procedures = |it: &Forged| it.kind.starts_with("engagement.procedure_performed");
        let first = all.iter().position(procedures).unwrap();
        all.insert(first, conclusion);
    });
    finds(&told, &["on `TM-048`", "no procedure is on file"]);

    let told = with_firm(|all| {
        let relied = all
            .iter()
            .position(|it| it.kind.starts_with("engagement.checkpoint_relied"));
        let relied = all.remove(relied.unwrap());
        all.insert(all.len() - 1, relied);
    });
    finds(&told, &["the firm had received no evidence yet"]);

    let told = with_firm(|all| all.retain(|it| !it.is("engagement.deviation_evaluated", "D-01")));
    finds(
        &told,
        &["breaks a rule of the engagement", "nobody evaluated"],
    );

    let told = with_firm(|all| find(all, concluded, "TM-048").actor = "brw-senior".to_owned());
    finds(&told, &["it was entered by `brw-senior`, signed by"]);
}

#[test]
fn an_opinion_other_than_the_one_concluded_is_not_issued() {
    let told = with_firm(|all| {
        let issued = all.last_mut().unwrap();
        issued.body["opinion"] = json!("qualified");
    });
    finds(&told, &["carries another opinion than the one concluded"]);
}

#[test]
fn a_firms_ledger_without_its_last_entries_issues_nothing() {
    let told = with_firm(|all| _ = all.pop());
    finds(&told, &["the firm's ledger issues no report"]);
}

/// Issues a second report in the copied world, then has it issued once more as
/// by another build of Tickmark that sets other pages; `value` changes the JSON.
fn by_another_build(value: impl Fn(&str) -> String) -> World {
    let world = World::with(&["brindlewood", "keys"]);
    world.edit(
        "brindlewood/decisions.toml",
        "id = \"BRW-2026-014\"",
        "id = \"BRW-2026-015\"",
    );
    world
        .at("brindlewood", "keys/firm", &["report", "--out", "report"])
        .exits(0);
    let mut issued = entries(&world.path("brindlewood")).pop().unwrap();

    let other = World::with(&["brindlewood", "keys"]);
    fs::rename(world.path("report"), other.path("report")).unwrap();
    for kind in ["pdf", "html", "json"] {
        let name = format!("BRW-2026-015.{kind}");
        let path = other.path("report").join(&name);
        let mut bytes = fs::read(&path).unwrap();
        match kind {
            "json" => bytes = value(&String::from_utf8(bytes).unwrap()).into_bytes(),
            _ => bytes.extend_from_slice(b"\n<!-- as another build sets it -->\n"),
        }
        fs::write(&path, &bytes).unwrap();
        issued.body["files"][&name] = json!(Sha256Hex::of(&bytes));
    }
    issued.body["issuer"]["tickmark"] = json!("0.9.0");
    let index = append_to_firm(&other, &[issued]);
    write_verification(&firm_ledger(&other), index, &other.path("report"));
    other
}

#[test]
fn of_a_report_by_another_build_the_value_is_compared_and_the_pages_are_not() {
    let world = by_another_build(str::to_owned);
    let told = world.here(&["verify", "report"]).exits(1);
    let end = told.out.rsplit_once("! ").unwrap().1;
    insta::assert_snapshot!(end, @r"
    the report holds, but not everything was compared
    error: the report was issued by Tickmark 0.9.0, this is 0.1.0
      Caused by: the value agrees, the pages were not compared
    hint: verify it with Tickmark 0.9.0 to compare the pages too
    ");
    let told = world.here(&["verify", "report", "--json"]).exits(1).json();
    assert_eq!(told["failure"], Value::Null);
    assert!(told["not_compared"]["message"].is_string(), "{told}");
}

#[test]
fn of_a_report_by_another_build_another_value_does_not_verify() {
    let world = by_another_build(|json| json.replacen("unmodified", "unqualified", 1));
    let told = world.here(&["verify", "report"]);
    finds(
        &told,
        &[
            "the report was issued by Tickmark 0.9.0, this is 0.1.0",
            "the value does not agree, the pages were not compared",
        ],
    );
}
