//! Story: the ledger is signed, proved, exported, checked and erased from.

use std::fs;

use crate::tell::words;
use crate::world::{World, files, flip};

#[test]
fn an_export_holds_exactly_the_public_layout() {
    let world = World::company();
    world.at_company(&["ledger", "export", "out"]).exits(0);
    let files = files(&world.path("out"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let public = |name: &&&str| **name == "checkpoint" || name.starts_with("tile/");
    assert_eq!(
        names.iter().filter(public).count(),
        names.len(),
        "{names:?}"
    );
    let checkpoint = String::from_utf8(files["checkpoint"].clone()).unwrap();
    assert!(checkpoint.starts_with("tickmark.dev/company/fernhollow\n"));
    // Again: nothing is written twice.
    let again = world.at_company(&["ledger", "export", "out"]).exits(0);
    assert!(again.out.contains("(0 new files)"), "{}", again.out);
}

#[test]
fn an_entry_is_proved_to_whoever_has_the_key() {
    let world = World::company();
    let key = world.at_company(&["ledger", "vkey"]).exits(0).out;
    assert!(key.starts_with("tickmark.dev/company/fernhollow+"), "{key}");
    world
        .at_company(&["ledger", "prove", "7", "--out", "p"])
        .exits(0);
    let proof = "p/entry-7.tlog-proof";
    let verify = ["ledger", "verify", proof, "--vkey", key.trim()];
    let told = world.at_company(&verify).exits(0);
    assert!(
        told.out.contains("verified entry 7 of kind"),
        "{}",
        told.out
    );
    for part in [proof, "p/entry-7.leaf.json"] {
        let kept = fs::read(world.path(part)).unwrap();
        flip(&world.path(part));
        world.at_company(&verify).exits(3);
        fs::write(world.path(part), kept).unwrap();
    }
    let beyond = world.at_company(&["ledger", "prove", "99999"]).exits(2);
    insta::assert_snapshot!(beyond.err, @"error: there is no entry 99999 in a ledger of 477 entries");
}

#[test]
fn a_ledger_is_checked_and_extends_what_was_kept() {
    let world = World::company();
    let told = world.at_company(&["ledger", "fsck"]).exits(0);
    assert!(told.out.contains("0 findings"), "{}", told.out);
    let kept = world.at_company(&["ledger", "checkpoint"]).exits(0).out;
    world.write("kept", kept);
    world.edit(
        "fernhollow/calendars.toml",
        "# Company days off",
        "# The company's days off",
    );
    world.at_company(&["apply"]).exits(0);
    world.at_company(&["ledger", "checkpoint"]).exits(0);
    world
        .at_company(&["ledger", "verify", "--checkpoint", "kept"])
        .exits(0);
    world.at_company(&["ledger", "export", "out"]).exits(0);
    world
        .at_company(&["ledger", "fsck", "--published", "out"])
        .exits(0);
}

#[test]
fn an_erased_body_is_gone_and_every_proof_still_holds() {
    let world = World::company();
    let before = world
        .at_company(&["ledger", "tail", "-n", "1"])
        .exits(0)
        .out;
    let basis = "GDPR article 17(1)(b)";
    world
        .at_company(&["ledger", "erase", "300", "--legal-basis", basis])
        .exits(0);
    let after = world
        .at_company(&["ledger", "tail", "-n", "1"])
        .exits(0)
        .out;
    assert_ne!(before, after);
    assert!(after.contains("ledger.body_erased"), "{after}");
    for line in ["ledger fsck", "ledger verify", "ledger prove 300 --out p"] {
        let line = words(line);
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        world.at_company(&line).exits(0);
    }
}
