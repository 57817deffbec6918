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
