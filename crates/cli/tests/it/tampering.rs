//! Story: someone changes one byte, and the reader finds it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tell::Told;
use crate::world::{World, demo, files, flip, json, list_again};

/// The only path below `folder` that ends so.
fn ending(folder: &Path, ending: &str) -> String {
    let all = files(folder);
    let mut found = all.keys().filter(|path| path.ends_with(ending));
    let first = found.next().unwrap_or_else(|| panic!("no {ending}"));
    assert_eq!(found.next(), None, "{ending}");
    first.clone()
}

/// Insists that `told` found something that does not hold and names it.
#[track_caller]
fn finds(told: &Told, what: &str, named: &str) {
    assert_eq!(told.code, 3, "{what}: {}{}", told.out, told.err);
    assert!(told.out.contains("does not verify"), "{what}: {}", told.out);
    assert!(
        told.out.contains(named),
        "{what}: no {named} in {}",
        told.out
    );
}

/// Does something to `path`, looks, and puts the file back.
fn with_change(path: &Path, change: impl FnOnce(&Path), look: impl FnOnce()) {
    let kept = fs::read(path).unwrap();
    change(path);
    look();
    fs::write(path, kept).unwrap();
}

#[test]
fn one_byte_in_any_file_of_a_report_is_found_and_named() {
    let world = World::with(&["report"]);
    let report = world.path("report");
    let company = [
        "ledger/checkpoint",
        "ledger/tile/0/000",
        "ledger/tile/entries/000",
        "bodies.ndjson",
    ];
    let firm = [
        "ledger/checkpoint",
        "ledger/tile/0/000",
        "ledger/tile/entries/000",
        "bodies.ndjson",
    ];
    let mut cases: Vec<(String, String)> = [".pdf", ".html", "-014.json"]
        .iter()
        .map(|kind| ending(&report, kind))
        .map(|path| {
            (
                path.clone(),
                format!("`{path}` is not the file that was issued"),
            )
        })
        .collect();
    for (whose, parts) in [("company", company), ("firm", firm)] {
        cases.extend(parts.iter().map(|part| {
            (
                format!("verification/{whose}/{part}"),
                format!("file `{part}` of the package has changed"),
            )
        }));
        cases.push((
            format!("verification/{whose}/package.json"),
            format!("verification/{whose}/package.json"),
        ));
    }
    for part in [".tlog-proof", ".leaf.json"] {
        cases.push((ending(&report, part), "the proof of issuance".to_owned()));
    }
    for (path, named) in cases {
        with_change(&report.join(&path), flip, || {
            finds(&world.here(&["verify", "report"]), &path, &named);
        });
    }
    world.here(&["verify", "report"]).exits(0);
}

#[test]
fn a_file_that_is_missing_or_slipped_in_is_found() {
    let world = World::with(&["report"]);
    let report = world.path("report");
    let pdf = ending(&report, ".pdf");
    let cases = [
        (pdf.as_str(), pdf.as_str()),
        ("verification/company/bodies.ndjson", "bodies.ndjson"),
        ("verification/firm/ledger/tile/0/000", "ledger/tile/0/000"),
    ];
    for (path, named) in cases {
        let remove = |path: &Path| fs::remove_file(path).unwrap();
        with_change(&report.join(path), remove, || {
            finds(&world.here(&["verify", "report"]), path, named);
        });
    }
    world.write("report/verification/company/evidence/extra", "x");
    let told = world.here(&["verify", "report"]);
    finds(
        &told,
        "an extra file",
        "`evidence/extra` of the package is not listed",
    );
}

/// One object of each kind in a package's evidence, by its digest.
fn objects(package: &Path) -> Vec<(&'static str, String)> {
    let bodies = fs::read_to_string(package.join("bodies.ndjson")).unwrap();
    let told: Vec<Value> = bodies
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| serde_json::from_str(line["body"].as_str().unwrap()).unwrap())
        .collect();
    let first = |pointer: &str| {
        let found = told.iter().find_map(|body| body.pointer(pointer));
        found.unwrap().as_str().unwrap().to_owned()
    };
    let manifest = first("/snapshot/manifest");
    let listed = json(&object(package, &manifest));
    let of = |pointer: &str| {
        listed
            .pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    vec![
        ("raw file", of("/raw_files/0/object/sha256")),
        ("mapping", of("/mapping/sha256")),
        ("manifest", manifest),
        ("snapshot", first("/snapshot/derived")),
        ("document", first("/artifact/sha256")),
        ("folder of a control test", first("/folder_sha256")),
    ]
}

fn object(package: &Path, sha256: &str) -> PathBuf {
    let shelf = sha256.get(..2).unwrap();
    package.join("evidence/objects").join(shelf).join(sha256)
}

#[test]
fn one_byte_in_evidence_of_any_kind_is_found_even_when_the_list_is_written_again() {
    let world = World::with(&["package"]);
    let package = world.path("package");
    let list = fs::read(package.join("package.json")).unwrap();
    for (kind, sha256) in objects(&package) {
        with_change(&object(&package, &sha256), flip, || {
            let told = world.here(&["verify", "package"]);
            finds(
                &told,
                kind,
                &format!("{sha256}` of the package has changed"),
            );
            list_again(&package);
            let told = world.here(&["verify", "package"]);
            finds(&told, kind, &format!("object {sha256}"));
        });
        let remove = |path: &Path| fs::remove_file(path).unwrap();
        with_change(&object(&package, &sha256), remove, || {
            list_again(&package);
            finds(&world.here(&["verify", "package"]), kind, &sha256);
        });
        fs::write(package.join("package.json"), &list).unwrap();
    }
    list_again(&package);
    assert!(fs::read(package.join("package.json")).unwrap() == list);
}

#[test]
fn a_list_written_again_does_not_hide_a_changed_ledger() {
    let world = World::with(&["report"]);
    for whose in ["company", "firm"] {
        let package = world.path(&format!("report/verification/{whose}"));
        for (part, named) in [
            ("ledger/checkpoint", "checkpoint"),
            ("ledger/tile/0/000", "ledger/tile/0/000"),
            ("ledger/tile/entries/000", "entr"),
            ("bodies.ndjson", "bodies.ndjson"),
        ] {
            let list = fs::read(package.join("package.json")).unwrap();
            with_change(&package.join(part), flip, || {
                list_again(&package);
                finds(&world.here(&["verify", "report"]), part, named);
            });
            fs::write(package.join("package.json"), list).unwrap();
        }
    }
    // Nothing inside has changed, but it is not the list the firm relied on.
    let list = world.path("report/verification/company/package.json");
    fs::write(&list, serde_json::to_vec(&json(&list)).unwrap()).unwrap();
    let told = world.here(&["verify", "report"]);
    finds(
        &told,
        "another form of the list",
        "it is not the one the report was issued on",
    );
}

#[test]
fn another_package_of_the_same_company_does_not_stand_in_for_the_one_relied_on() {
    let world = World::with(&["report", "fernhollow", "keys"]);
    let commitments = world.read("fernhollow/commitments.toml") + "# reviewed\n";
    world.write("fernhollow/commitments.toml", commitments);
    world.at_company(&["apply"]).exits(0);
    world.at_company(&["package", "later"]).exits(0);
    world.here(&["verify", "later"]).exits(0);
    let company = world.path("report/verification/company");
    fs::remove_dir_all(&company).unwrap();
    fs::rename(world.path("later"), &company).unwrap();
    let told = world.here(&["verify", "report"]);
    finds(
        &told,
        "a later package",
        "the company's package does not verify",
    );
}

#[test]
fn the_files_of_another_report_do_not_pass_for_this_one() {
    let world = World::with(&["report"]);
    let other = demo("b").join("report");
    let (ours, theirs) = (
        ending(&world.path("report"), ".pdf"),
        ending(&other, ".pdf"),
    );
    fs::copy(other.join(&theirs), world.path("report").join(&ours)).unwrap();
    finds(&world.here(&["verify", "report"]), "another PDF", &ours);
    fs::copy(other.join(&theirs), world.path("report").join(&theirs)).unwrap();
    let path = format!("report/{theirs}");
    finds(
        &world.here(&["verify", &path]),
        "a PDF of another report",
        &theirs,
    );
}

#[test]
fn one_byte_in_an_exported_ledger_is_found() {
    let world = World::company();
    world.at_company(&["ledger", "export", "out"]).exits(0);
    let key = world.at_company(&["ledger", "vkey"]).exits(0).out;
    for path in files(&world.path("out")).keys() {
        with_change(&world.path("out").join(path), flip, || {
            let told = world.here(&["verify", "out", "--company-key", key.trim()]);
            finds(&told, path, "error: the ledger does not verify");
        });
    }
}
