//! Story: the workspace itself is missing, busy, too new, read-only, or an old
//! copy.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use crate::new_user::{acme, at_acme};
use crate::tell::{program, run};
use crate::world::World;

#[test]
fn a_missing_workspace_names_one_nearby() {
    let world = acme();
    let near = world.at(&world.arg(""), "keys", &["readiness"]).exits(2);
    let none = world
        .at(&world.arg("keys"), "keys", &["readiness"])
        .exits(2);
    let told = [
        near.complaint(world.folder()),
        none.complaint(world.folder()),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    error: there is no workspace in `DIR/`
    hint: there is one in `DIR/acme`: use `--workspace DIR/acme`

    error: there is no workspace in `DIR/keys`
    hint: make one with `tickmark init`, or name one with `--workspace DIR`
    ");
}

#[test]
fn a_workspace_of_a_newer_version_is_not_touched() {
    let world = acme();
    world.edit(
        "acme/.tickmark/workspace.toml",
        "version = 1",
        "version = 2",
    );
    let told = at_acme(&world, &["apply"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r"
    error: the workspace has version 2, this program reads version 1
      --> acme/.tickmark/workspace.toml:1
    hint: use the version of Tickmark that wrote it, or a later one
    ");
    world.write("acme/.tickmark/workspace.toml", "version = [");
    at_acme(&world, &["apply"]).exits(3);
}

#[test]
fn a_workspace_in_use_is_refused_to_writers_and_open_to_readers() {
    let world = acme();
    let lock = File::open(world.path("acme/.tickmark/ledger.db.lock")).unwrap();
    lock.lock().unwrap();
    let told = at_acme(&world, &["apply"]).exits(2);
    assert!(told.err.contains("in use"), "{}", told.err);
    at_acme(&world, &["readiness"]).exits(1);
    at_acme(&world, &["ledger", "tail"]).exits(0);
    lock.unlock().unwrap();
    at_acme(&world, &["apply"]).exits(0);
}

#[test]
fn a_command_of_the_other_realm_is_refused() {
    let world = acme();
    let told = at_acme(&world, &["report"]).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @"error: `acme` is the workspace of a company, this command is for a firm");
}

#[test]
fn an_old_copy_of_the_ledger_is_refused_until_an_epoch_is_opened() {
    let world = acme();
    at_acme(&world, &["ledger", "checkpoint"]).exits(0);
    let database = world.path("acme/.tickmark/ledger.db");
    let old = fs::read(&database).unwrap();
    world.edit(
        "acme/calendars.toml",
        "holidays = []",
        "holidays = [2026-01-01]",
    );
    at_acme(&world, &["apply"]).exits(0);
    at_acme(&world, &["ledger", "checkpoint"]).exits(0);
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", database.display()));
    }
    fs::write(&database, old).unwrap();
    let told = at_acme(&world, &["apply"]).exits(3);
    assert!(
        told.err.contains("is not the one that was last signed"),
        "{}",
        told.err
    );
    let epoch = [
        "ledger",
        "epoch",
        "--reason",
        "restored a copy after a crash",
    ];
    at_acme(&world, &epoch).exits(0);
    at_acme(&world, &["apply"]).exits(0);
    at_acme(&world, &["ledger", "fsck"]).exits(0);
}

#[test]
fn a_lost_key_is_told() {
    let world = acme();
    fs::remove_file(world.path("keys/acme.key")).unwrap();
    let told = at_acme(&world, &["apply"]);
    assert_ne!(told.code, 0);
    assert!(told.err.contains("acme.key"), "{}", told.err);
    at_acme(&world, &["readiness"]).exits(1);
}

#[test]
fn a_damaged_ledger_is_found() {
    let world = acme();
    crate::world::flip(&world.path("acme/.tickmark/ledger.db"));
    let fsck = at_acme(&world, &["ledger", "fsck"]);
    assert_ne!(fsck.code, 0, "{}{}", fsck.out, fsck.err);
}

#[test]
fn a_disk_that_is_full_costs_the_command_and_nothing_else() {
    for blocks in [16, 64, 256] {
        let world = World::empty();
        let init = [
            "init",
            "--id",
            "acme",
            "--time-zone",
            "UTC",
            "--period",
            "2026-01-01..2026-06-30",
        ];
        at_acme(&world, &init).exits(0);
        // No file may grow beyond the limit; a write that would is refused.
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let told = run(program(Path::new("/bin/sh"))
            .current_dir(world.folder())
            .args(["-c", &limited, env!("CARGO_BIN_EXE_tickmark")])
            .args(["--workspace", "acme", "--keys", "keys", "apply"]));
        // 2: it could not even be opened; 70: a write failed part way.
        let said = format!("{blocks} blocks: {}{}", told.out, told.err);
        assert!([2, 70].contains(&told.code), "{said}");
        assert!(told.err.contains("error: "), "{}", told.err);
        at_acme(&world, &["ledger", "fsck"]).exits(0);
        let again = at_acme(&world, &["apply"]).exits(0);
        assert!(again.out.contains("recorded 135 entries"), "{}", again.out);
        at_acme(&world, &["ledger", "fsck"]).exits(0);
    }
}

/// Whoever runs the tests, the program runs as someone who may not write.
const NOBODY: u32 = 65_534;

fn make(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_that_may_not_be_written_is_told_and_nothing_is_half_made() {
    let world = World::empty();
    let ours = world.path("tickmark");
    fs::copy(env!("CARGO_BIN_EXE_tickmark"), &ours).unwrap();
    make(world.folder(), 0o755);
    fs::create_dir(world.path("closed")).unwrap();
    make(&world.path("closed"), 0o555);
    let commands: [&[&str]; 2] = [
        &[
            "init",
            "--id",
            "acme",
            "--time-zone",
            "UTC",
            "--period",
            "2026-01-01..2026-06-30",
        ],
        &["demo", "--dir", "."],
    ];
    let told: Vec<String> = commands
        .iter()
        .map(|arguments| {
            let mut command = program(&ours);
            if fs::metadata("/root").is_ok() && fs::read_dir("/root").is_ok() {
                command.uid(NOBODY).gid(NOBODY);
            }
            command
                .current_dir(world.path("closed"))
                .args(["--workspace", ".", "--keys", "keys"])
                .args(*arguments);
            run(&mut command).exits(2).complaint(world.folder())
        })
        .collect();
    assert_eq!(fs::read_dir(world.path("closed")).unwrap().count(), 0);
    insta::assert_snapshot!(told.join("\n"), @r"
    error: `./.tickmark` cannot be made
      Caused by: Permission denied (os error 13)

    error: `./fernhollow` cannot be made
      Caused by: Permission denied (os error 13)
    ");
}
