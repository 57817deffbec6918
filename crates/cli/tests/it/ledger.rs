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
        .at_company(&["ledger", "prove", "17", "--out", "p"])
        .exits(0);
    let proof = "p/entry-17.tlog-proof";
    let verify = ["ledger", "verify", proof, "--vkey", key.trim()];
    let told = world.at_company(&verify).exits(0);
    assert!(
        told.out.contains("verified entry 17 of kind"),
        "{}",
        told.out
    );
    for part in [proof, "p/entry-17.leaf.json"] {
        let kept = fs::read(world.path(part)).unwrap();
        flip(&world.path(part));
        world.at_company(&verify).exits(3);
        fs::write(world.path(part), kept).unwrap();
    }
    let beyond = world.at_company(&["ledger", "prove", "99999"]).exits(2);
    insta::assert_snapshot!(beyond.err, @"error: there is no entry 99999 in a ledger of 487 entries");
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
        .at_company(&["ledger", "erase", "310", "--legal-basis", basis])
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

#[test]
fn whoever_has_only_the_key_verifies_what_was_handed_over() {
    let world = World::company();
    let key = world.at_company(&["ledger", "vkey"]).exits(0).out;
    let key = key.trim();
    world.at_company(&["ledger", "export", "out"]).exits(0);
    world
        .at_company(&["ledger", "prove", "17", "--out", "p"])
        .exits(0);
    world.at_company(&["package", "package"]).exits(0);
    let database = "fernhollow/.tickmark/ledger.db";
    let places = ["out", "package", "p/entry-17.tlog-proof", database];
    let told: Vec<String> = places
        .iter()
        .map(|path| {
            let verify = ["ledger", "verify", path, "--vkey", key];
            world.here(&verify).exits(0).out
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    verified 487 entries against the checkpoint of `tickmark.dev/company/fernhollow` at size 487
    self-signed only: no trusted witness was named with `--witness-key`

    verified 487 entries against the checkpoint of `tickmark.dev/company/fernhollow` at size 487
    verified 487 bodies
    self-signed only: no trusted witness was named with `--witness-key`

    verified entry 17 of kind `program.file_set/1`, written 2026-07-02T16:00:00Z against the checkpoint of `tickmark.dev/company/fernhollow` at size 487
    self-signed only: no trusted witness was named with `--witness-key`

    verified 487 entries against the checkpoint of `tickmark.dev/company/fernhollow` at size 487
    verified 487 bodies
    self-signed only: no trusted witness was named with `--witness-key`
    ");
    let json = world.here(&["ledger", "verify", "out", "--vkey", key, "--json"]);
    assert_eq!(json.exits(0).json()["size"], 487);
    flip(&world.path("out/tile/entries/000"));
    let told = world
        .here(&["ledger", "verify", "out", "--vkey", key])
        .exits(3);
    let expected = "its root is not the root of the 487 entries";
    assert!(told.out.contains(expected), "{}", told.out);
}

#[test]
fn verifying_nothing_is_a_question_not_an_answer() {
    let world = World::company();
    let key = world.at_company(&["ledger", "vkey"]).exits(0).out;
    let key = key.trim();
    world.at_company(&["ledger", "export", "out"]).exits(0);
    world.write("empty/x", "");
    world.write("alone.tlog-proof", "c2sp.org/tlog-proof@v1\n");
    world.write("witness.key", "");
    let told: Vec<String> = [
        "ledger verify nowhere --vkey KEY",
        "ledger verify empty --vkey KEY",
        "ledger verify alone.tlog-proof --vkey KEY",
        "ledger verify out --vkey KEY --leaf x",
        "ledger verify out --vkey none",
        "ledger verify out --vkey KEY --witness-key KEY",
        "ledger verify out",
    ]
    .iter()
    .map(|line| {
        let words: Vec<&str> = line
            .split(' ')
            .map(|word| if word == "KEY" { key } else { word })
            .collect();
        let told = world.here(&words).exits(2);
        told.err.replace(key, "KEY")
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    error: cannot read `nowhere`: No such file or directory (os error 2)

    error: there is nothing to verify in `empty`: an exported ledger has `checkpoint`, a package has `ledger/checkpoint`

    error: there is no entry `alone.leaf.json` that the proof could be about; name it with `--leaf FILE`

    error: `--leaf` belongs to a `.tlog-proof` file, this is a folder

    error: verifier key `none`: expected `name+id+key`

    error: verifier key `KEY`: it is the key of a ledger, not of a witness

    error: there is no workspace in `.`
    hint: there is one in `./fernhollow`: use `--workspace ./fernhollow`
    ");
    let nowhere = world.at_company(&["ledger", "fsck", "--published", "nowhere"]);
    insta::assert_snapshot!(nowhere.exits(2).err, @"error: there is no exported ledger in `nowhere`: it has no `checkpoint`");
}

#[test]
fn what_was_erased_is_told_to_whoever_verifies() {
    let world = World::company();
    let basis = "GDPR article 17(1)(b)";
    let erased = world
        .at_company(&["ledger", "erase", "310", "--legal-basis", basis])
        .exits(0);
    insta::assert_snapshot!(erased.out, @r"
    erased the body of entry 310 (`evidence.artifact_recorded/1` of `artifact:38072158ff7e4c144653b132f056c8bfc364d3b454ab0e767b2146ebb8b848a8`); recorded as entry 487
    what it said counts no more in anything computed from now on
    ");
    let verified = world.at_company(&["ledger", "verify"]).exits(0);
    insta::assert_snapshot!(verified.out, @r"
    verified 488 entries against the checkpoint of `tickmark.dev/company/fernhollow` at size 488
    verified 487 bodies
    erased on the record: entry 310 of kind `evidence.artifact_recorded/1`, by entry 487 (GDPR article 17(1)(b))
    self-signed only: no trusted witness was named with `--witness-key`
    ");
    let json = world
        .at_company(&["ledger", "verify", "--json"])
        .exits(0)
        .json();
    assert_eq!(json["erased"][0]["index"], 310);
    assert_eq!(json["erased"][0]["recorded_as"], 487);
}

#[test]
fn a_witness_is_made_and_must_have_cosigned() {
    let world = World::company();
    let log = world.at_company(&["ledger", "vkey"]).exits(0).out;
    let log = log.trim();
    let name = "outside.example/witness";
    let make = ["witness", "init", "--name", name, "--key", "w/witness.key"];
    let witness = world.here(&make).exits(0).out;
    let witness = witness.trim();
    assert!(witness.starts_with("outside.example/witness+"), "{witness}");
    let vkey = ["witness", "vkey", "--name", name, "--key", "w/witness.key"];
    assert_eq!(world.here(&vkey).exits(0).out.trim(), witness);
    let again = world.here(&make).exits(2).err;
    assert!(again.contains("witness.key"), "{again}");

    world.at_company(&["ledger", "export", "out"]).exits(0);
    let verify = [
        "ledger",
        "verify",
        "out",
        "--vkey",
        log,
        "--witness-key",
        witness,
    ];
    let told = world.here(&verify).exits(3).out;
    insta::assert_snapshot!(told, @"checkpoint: witness `outside.example/witness` has not cosigned it");
    let cosigned = world
        .here(&[
            "witness",
            "cosign",
            "out",
            "--name",
            name,
            "--key",
            "w/witness.key",
            "--log",
            log,
            "--state",
            "w",
        ])
        .exits(0);
    world.write("lines", cosigned.out);
    let add = ["ledger", "checkpoint", "--add-cosignatures", "lines"];
    let add = [&add[..], &["--witness-key", witness]].concat();
    world.at_company(&add).exits(0);
    world.at_company(&["ledger", "export", "out"]).exits(0);
    let told = world.here(&verify).exits(0).out;
    assert!(
        told.contains("cosigned by `outside.example/witness`"),
        "{told}"
    );
    // For a newer checkpoint the same lines count for nothing.
    world.at_company(&["ledger", "rotate-key"]).exits(0);
    let told = world.at_company(&add).exits(2).err;
    assert!(told.contains("`outside.example/witness`"), "{told}");
}

#[test]
fn a_new_key_is_followed_from_the_old_one() {
    let world = World::company();
    let old = world.at_company(&["ledger", "vkey"]).exits(0).out;
    world.write(
        "kept",
        world.at_company(&["ledger", "checkpoint"]).exits(0).out,
    );
    let told = world.at_company(&["ledger", "rotate-key"]).exits(0).out;
    let new = world.at_company(&["ledger", "vkey"]).exits(0).out;
    let (old, new) = (old.trim(), new.trim());
    assert_ne!(old, new);
    assert!(told.contains(new), "{told}");
    let tail = world.at_company(&["ledger", "tail", "-n", "1"]).exits(0);
    assert!(tail.out.contains("ledger.key_rotated/1"), "{}", tail.out);
    for command in ["fsck", "verify", "checkpoint"] {
        world.at_company(&["ledger", command]).exits(0);
    }
    // The checkpoint right after is signed by both; this one is not.
    world.edit(
        "fernhollow/calendars.toml",
        "# Company days off",
        "# The company's days off",
    );
    world.at_company(&["apply"]).exits(0);
    world.at_company(&["package", "package"]).exits(0);
    world.at_company(&["ledger", "export", "out"]).exits(0);
    for (path, key, code) in [
        ("package", new, 0),
        ("package", old, 0),
        ("out", new, 0),
        // An export has no bodies, so there is nothing to follow.
        ("out", old, 3),
    ] {
        let verify = ["ledger", "verify", path, "--vkey", key];
        world.here(&verify).exits(code);
    }
    let kept = ["--checkpoint", "kept"];
    let verify = ["ledger", "verify", "package", "--vkey", old];
    let told = world.here(&[&verify[..], &kept[..]].concat()).exits(0).out;
    assert!(told.contains("changed by entry 487"), "{told}");
    let told = world
        .here(&["verify", "package", "--company-key", old])
        .exits(0);
    assert!(told.out.contains("signing key was changed"), "{}", told.out);
    // Again, as often as one likes.
    world.at_company(&["ledger", "rotate-key"]).exits(0);
    world.at_company(&["ledger", "fsck"]).exits(0);
}

#[test]
fn a_change_of_key_that_was_interrupted_is_finished() {
    let world = World::company();
    let key = world.path("keys/company/fernhollow.key");
    let old = fs::read(&key).unwrap();
    world.at_company(&["ledger", "rotate-key"]).exits(0);
    let vkey = world.at_company(&["ledger", "vkey"]).exits(0).out;
    // As if it had ended before the new key took the old one's place.
    fs::rename(&key, world.path("keys/company/fernhollow.key.new")).unwrap();
    fs::write(&key, old).unwrap();
    world.at_company(&["ledger", "checkpoint"]).exits(2);
    let told = world.at_company(&["ledger", "rotate-key"]).exits(0).out;
    assert!(told.contains(vkey.trim()), "{told}");
    world.at_company(&["ledger", "checkpoint"]).exits(0);
    world.at_company(&["ledger", "fsck"]).exits(0);
}
