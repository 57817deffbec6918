//! Story: a reader verifies what was handed over.

use crate::tell::tickmark;
use crate::world::{World, demo, only};

#[test]
fn everything_handed_over_verifies() {
    let demo = demo("a");
    let report = demo.join("report");
    let cases = [
        (report.clone(), "the report is genuine"),
        (only(&report, ".pdf"), "the report is genuine"),
        (only(&report, ".html"), "the report is genuine"),
        (only(&report, ".json"), "the report is genuine"),
        (demo.join("package"), "the package is genuine"),
        (
            report.join("verification/company"),
            "the package is genuine",
        ),
    ];
    for (path, expected) in cases {
        let told = tickmark(["verify".as_ref(), path.as_os_str()]).exits(0);
        assert!(told.out.contains(expected), "{}", told.out);
        let json = tickmark(["verify".as_ref(), path.as_os_str(), "--json".as_ref()]).exits(0);
        assert_eq!(json.json()["failure"], serde_json::Value::Null);
    }
}

fn company_key(world: &World) -> String {
    let told = world.at_company(&["ledger", "vkey"]).exits(0);
    told.out.trim().to_owned()
}

#[test]
fn an_exported_ledger_verifies_with_its_key_only() {
    let world = World::company();
    let key = company_key(&world);
    world.at_company(&["ledger", "export", "out"]).exits(0);
    let told = world
        .here(&["verify", "out", "--company-key", &key])
        .exits(0);
    assert!(told.out.contains("the ledger is genuine"), "{}", told.out);
    let unknown = world.here(&["verify", "out"]).exits(2);
    insta::assert_snapshot!(unknown.err, @r"
    error: whose ledger is this?
      Caused by: an exported ledger does not say which key to trust
    hint: name its verifier key with `--company-key`; `tickmark ledger vkey` prints it
    ");
}

#[test]
fn a_key_agreed_outside_overrides_the_one_stated() {
    let world = World::company();
    let company = company_key(&world);
    world
        .at("firm", "keys/firm", &["init", "--firm", "--id", "other"])
        .exits(0);
    let vkey = world.at("firm", "keys/firm", &["ledger", "vkey"]).exits(0);
    let other = vkey.out.trim();
    let report = demo("a").join("report").display().to_string();
    let package = demo("a").join("package").display().to_string();
    for (path, option, key, code) in [
        (&report, "--company-key", company.as_str(), 0),
        (&report, "--company-key", other, 3),
        (&report, "--firm-key", other, 3),
        (&package, "--company-key", company.as_str(), 0),
        (&package, "--company-key", other, 3),
        (&package, "--company-key", "no key", 2),
    ] {
        let told = world.here(&["verify", path, option, key]);
        assert_eq!(told.code, code, "{option} {key}: {}{}", told.out, told.err);
    }
}

#[test]
fn what_cannot_be_verified_is_a_question_not_an_answer() {
    let world = World::empty();
    world.write("alone/report.pdf", "%PDF");
    world.write("empty/x", "");
    let told: Vec<String> = ["alone/report.pdf", "empty", "nowhere"]
        .iter()
        .map(|path| world.here(&["verify", path]).exits(2).err)
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    error: there is nothing to verify at `alone/report.pdf`
      Caused by: the folder `verification` that was issued with the report is not beside it
    hint: ask the firm for the whole folder of the report

    error: there is nothing to verify at `empty`
      Caused by: a report's folder has `verification/`, a package has `package.json`, an exported ledger has `checkpoint`

    error: there is nothing to verify at `nowhere`
      Caused by: there is no such file
    ");
}

/// Verifier key line of the witness of the demo.
fn demo_witness() -> String {
    let key = demo("a").join("keys/witness/brindlewood.key");
    let name = "tickmark.dev/witness/brindlewood";
    let told = tickmark([
        "witness".as_ref(),
        "vkey".as_ref(),
        "--name".as_ref(),
        name.as_ref(),
        "--key".as_ref(),
        key.as_os_str(),
    ]);
    told.exits(0).out.trim().to_owned()
}

#[test]
fn a_witness_that_was_named_must_have_cosigned() {
    let world = World::empty();
    let key = "w.key";
    let other = world
        .here(&["witness", "init", "--name", "other.example/w", "--key", key])
        .exits(0);
    let (cosigned, other) = (demo_witness(), other.out.trim().to_owned());
    for place in ["report", "package"] {
        let path = demo("a").join(place).display().to_string();
        let told = world
            .here(&["verify", &path, "--witness-key", &cosigned])
            .exits(0);
        let expected = "cosigned by a witness you named (tickmark.dev/witness/brindlewood)";
        assert!(told.out.contains(expected), "{}", told.out);
        for keys in [vec![&other], vec![&cosigned, &other]] {
            let mut arguments = vec!["verify", &path];
            for key in keys {
                arguments.extend(["--witness-key", key.as_str()]);
            }
            let told = world.here(&arguments).exits(3);
            let expected = "witness `other.example/w` has not cosigned the checkpoint";
            assert!(told.out.contains(expected), "{}", told.out);
        }
    }
    let package = demo("a").join("package").display().to_string();
    let mixed = world.here(&["verify", &package, "--company-key", &cosigned]);
    let told = mixed.exits(2).err.replace(&cosigned, "KEY");
    insta::assert_snapshot!(told, @r"
    error: `KEY` is no verifier key that can be used here
      Caused by: it is the key of a witness, not of a ledger
    ");
}

#[test]
fn an_erased_body_is_named_not_only_counted() {
    let world = World::company();
    let key = company_key(&world);
    let tail = world.at_company(&["ledger", "tail", "-n", "1000", "--json"]);
    let snapshots: Vec<serde_json::Value> = tail
        .exits(0)
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|entry: &serde_json::Value| entry["kind"] == "control_tests.run_recorded/1")
        .collect();
    let index = snapshots.last().unwrap()["index"].to_string();
    world
        .at_company(&["ledger", "erase", &index, "--legal-basis", "court order 7"])
        .exits(0);
    world.at_company(&["package", "package"]).exits(0);
    let told = world
        .here(&["verify", "package", "--company-key", &key])
        .exits(0);
    let expected = format!(
        "in entry {index} of kind `control_tests.run_recorded/1`, by entry 487 (court order 7); everything here was computed without it"
    );
    assert!(told.out.contains(&expected), "{}", told.out);
    let json = world
        .here(&["verify", "package", "--company-key", &key, "--json"])
        .exits(0);
    assert!(json.json()["notes"].to_string().contains("court order 7"));
}
