//! Story: somebody hands over folders that were made to mislead or to hold the
//! reader up.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::tell::Told;
use crate::world::{World, demo, json as read_json, list_again};

/// Insists that `told` says that something does not hold, and names it.
#[track_caller]
fn finds(told: &Told, named: &str) {
    assert_eq!(told.code, 3, "{}{}", told.out, told.err);
    let said = format!("{}{}", told.out, told.err);
    assert!(said.contains(named), "no `{named}` in {said}");
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn links_and_pipes_in_a_package_are_named_and_not_followed() {
    let world = World::with(&["package"]);
    let (package, bodies) = (world.path("package"), world.path("package/bodies.ndjson"));
    type Attack<'a> = (&'a str, &'a dyn Fn(&Path), &'a str);
    let cases: [Attack<'_>; 4] = [
        (
            "extra",
            &|path| symlink("/etc/passwd", path).unwrap(),
            "it is a link",
        ),
        (
            "evidence/objects/ff",
            &|path| symlink("/etc", path).unwrap(),
            "it is a link",
        ),
        (
            "ledger/dead",
            &|path| symlink("/nowhere", path).unwrap(),
            "it is a link",
        ),
        ("pipe", &pipe, "it is neither a file nor a folder"),
    ];
    for (name, make, named) in cases {
        let path = package.join(name);
        let kept = package.with_file_name("kept");
        if path.exists() {
            fs::rename(&path, &kept).unwrap();
        }
        make(&path);
        let told = world.here(&["verify", "package"]);
        finds(&told, named);
        finds(&told, &format!("`{name}` does not belong here"));
        fs::remove_file(&path).unwrap();
        if kept.exists() {
            fs::rename(&kept, &path).unwrap();
        }
    }
    // The same bytes behind a link.
    fs::rename(&bodies, world.path("bodies")).unwrap();
    symlink(world.path("bodies"), &bodies).unwrap();
    finds(
        &world.here(&["verify", "package"]),
        "`bodies.ndjson` does not belong here",
    );
}

#[test]
fn a_list_that_leads_out_of_the_package_leads_nowhere() {
    let world = World::with(&["package"]);
    let path = world.path("package/package.json");
    let mut list = read_json(&path);
    let digest = list["files"]["bodies.ndjson"].clone();
    for outside in [
        "../../../etc/passwd",
        "/etc/passwd",
        "ledger/../bodies.ndjson",
    ] {
        let mut changed = list.clone();
        changed["files"][outside] = digest.clone();
        fs::write(&path, changed.to_string()).unwrap();
        let named = format!("file `{outside}` of the package is missing");
        finds(&world.here(&["verify", "package"]), &named);
    }
    list["version"] = json!(2);
    fs::write(&path, list.to_string()).unwrap();
    finds(
        &world.here(&["verify", "package"]),
        "this program reads version 1",
    );
}

#[test]
fn files_without_end_are_not_read_to_their_end() {
    let world = World::with(&["report"]);
    let report = world.path("report");
    let replaced = |name: &str, make: &dyn Fn(&Path), named: &str| {
        let (path, kept) = (report.join(name), world.path("kept"));
        fs::rename(&path, &kept).unwrap();
        make(&path);
        finds(&world.here(&["verify", "report"]), named);
        fs::remove_file(&path).unwrap();
        fs::rename(&kept, &path).unwrap();
    };
    let endless = |path: &Path| symlink("/dev/zero", path).unwrap();
    let huge = |path: &Path| {
        let file = fs::File::create(path).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    replaced("BRW-2026-014.pdf", &endless, "it is no file");
    replaced("BRW-2026-014.pdf", &huge, "at most 1073741824 are read");
    replaced(
        "verification/firm/package.json",
        &endless,
        "does not belong here",
    );
    replaced(
        "verification/firm/package.json",
        &huge,
        "at most 67108864 are read",
    );
    let mut inside = fs::read_dir(report.join("verification")).unwrap();
    let leaf = inside.find_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.ends_with(".leaf.json").then_some(name)
    });
    let leaf = format!("verification/{}", leaf.unwrap());
    replaced(&leaf, &endless, "it is no file");
    replaced(&leaf, &huge, "at most 1048576 are read");
    world.here(&["verify", "report"]).exits(0);
}

#[test]
fn what_was_not_issued_with_a_report_or_is_gone_is_named() {
    let world = World::with(&["report"]);
    world.write("report/verification/entry-1.leaf.json", "{}");
    let named = "`verification/entry-1.leaf.json` was not issued";
    finds(&world.here(&["verify", "report"]), named);
    fs::remove_file(world.path("report/verification/entry-1.leaf.json")).unwrap();
    world.write("report/verification/readme.txt", "trust me");
    let named = "`verification/readme.txt` was not issued";
    finds(&world.here(&["verify", "report"]), named);
    fs::remove_file(world.path("report/verification/readme.txt")).unwrap();
    for gone in ["company", "firm"] {
        let (path, kept) = (
            world.path(&format!("report/verification/{gone}")),
            world.path("kept"),
        );
        fs::rename(&path, &kept).unwrap();
        finds(
            &world.here(&["verify", "report"]),
            &format!("verification/{gone}"),
        );
        fs::rename(&kept, &path).unwrap();
    }
}

#[test]
fn packages_of_other_reports_and_ledgers_do_not_stand_in() {
    let world = World::with(&["report"]);
    let other = demo("b").join("report/verification");
    for (whose, named) in [("company", "does not verify"), ("firm", "BRW-2026-114")] {
        let (path, kept) = (
            world.path(&format!("report/verification/{whose}")),
            world.path("kept"),
        );
        fs::rename(&path, &kept).unwrap();
        crate::world::copy(&other.join(whose), &path);
        finds(&world.here(&["verify", "report"]), named);
        fs::remove_dir_all(&path).unwrap();
        fs::rename(&kept, &path).unwrap();
    }
    // Each in the other's place.
    let at = |name: &str| world.path(&format!("report/verification/{name}"));
    fs::rename(at("company"), at("x")).unwrap();
    fs::rename(at("firm"), at("company")).unwrap();
    fs::rename(at("x"), at("firm")).unwrap();
    finds(&world.here(&["verify", "report"]), "does not verify");
}

#[test]
fn a_ledger_cut_short_is_found_though_the_list_is_written_again() {
    let world = World::with(&["package"]);
    let bodies = world.read("package/bodies.ndjson");
    let cut = bodies.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    world.write("package/bodies.ndjson", cut);
    list_again(&world.path("package"));
    finds(
        &world.here(&["verify", "package"]),
        "its body is not listed",
    );
}

/// A firm that has received the demo's package already.
fn firm(world: &World, arguments: &[&str]) -> Told {
    world.at("firm", "firm-keys", arguments)
}

#[test]
fn a_firm_takes_only_what_extends_the_package_it_received() {
    let world = World::with(&["package", "fernhollow", "keys"]);
    firm(&world, &["init", "--firm", "--id", "assurance"]).exits(0);
    let commitments = world.read("fernhollow/commitments.toml") + "# reviewed\n";
    world.write("fernhollow/commitments.toml", commitments);
    world.at_company(&["apply"]).exits(0);
    world.at_company(&["package", "later"]).exits(0);
    firm(&world, &["receive", "package"]).exits(0);
    firm(&world, &["receive", "later"]).exits(0);
    let older = firm(&world, &["receive", "package"]);
    finds(&older, "the firm already relied on");
    // The same company by name, with another key and another past.
    let forged = |arguments: &[&str]| world.at("other", "other-keys", arguments);
    let init = [
        "init",
        "--id",
        "fernhollow",
        "--time-zone",
        "UTC",
        "--period",
        "2025-07-01..2026-06-30",
    ];
    forged(&init).exits(0);
    forged(&["apply"]).exits(0);
    forged(&["package", "forged"]).exits(0);
    finds(&firm(&world, &["receive", "forged"]), "does not verify");
    firm(&world, &["receive", "later"]).exits(0);
}

#[test]
fn a_package_changed_where_the_firm_keeps_it_is_not_relied_on() {
    let world = World::with(&["brindlewood", "keys"]);
    let received = world.path("brindlewood/.tickmark/received");
    let mut kept = fs::read_dir(&received).unwrap();
    let folder = kept.next().unwrap().unwrap().path();
    fs::remove_dir_all(&folder).unwrap();
    crate::world::copy(&demo("b").join("package"), &folder);
    world.edit(
        "brindlewood/decisions.toml",
        "id = \"BRW-2026-014\"",
        "id = \"BRW-2026-015\"",
    );
    let told = world.at("brindlewood", "keys/firm", &["report", "--out", "again"]);
    finds(&told, "does not verify");
    assert!(!world.path("again").exists());
}
