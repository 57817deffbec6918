//! Story: the disk is full. One system call of a command fails as it would
//! then; the command says so, leaves nothing half made, and works once there is
//! room. Needs strace.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::new_user::{MAPPING, acme};
use crate::other_reports::firm;
use crate::tell::{Told, run};
use crate::world::{World, files};

/// Points tried, as the how-manieth call of a thread fails.
const POINTS: &[u32] = &[1, 2, 3, 5, 9, 17, 33, 65];
/// The same for a command that takes long.
const FEW_POINTS: &[u32] = &[1, 5, 40];

/// A command to be disturbed.
struct Attempt<'a> {
    workspace: &'a str,
    arguments: &'a [&'a str],
    /// What it makes: there whole, or not at all.
    makes: &'a [&'a str],
}

impl Attempt<'_> {
    /// Runs the command where the `when`th `call` of a thread finds no room.
    fn disturbed(&self, world: &World, call: &str, when: u32) -> Told {
        let mut command = Command::new("strace");
        command
            .args(["-f", "-qq", "-o", "/dev/null", "-e"])
            .arg(format!("trace={call}"))
            .arg("-e")
            .arg(format!("inject={call}:error=ENOSPC:when={when}"))
            .arg(env!("CARGO_BIN_EXE_tickmark"))
            .args(["--workspace", self.workspace, "--keys", "keys"])
            .args(self.arguments)
            .current_dir(world.folder())
            .stdin(Stdio::null());
        run(&mut command)
    }

    /// Tries every point on a world of its own; says how often the command was
    /// stopped.
    fn try_all(&self, call: &str, points: &[u32], fresh: impl Fn() -> World) -> usize {
        let mut stopped = 0;
        for &when in points {
            let world = fresh();
            let point = format!("{:?} at {call} {when}", self.arguments);
            let told = self.disturbed(&world, call, when);
            if told.code == 0 {
                self.check_made(&world, &point);
                continue;
            }
            stopped += 1;
            assert!([2, 70].contains(&told.code), "{point}: {}", told.err);
            let why = [
                "No space left on device",
                "disk is full",
                "disk may be full",
            ];
            assert!(
                why.iter().any(|why| told.err.contains(why)),
                "{point}: {}",
                told.err
            );
            self.check_nothing_made(&world, &point);
            let again = world.at(self.workspace, "keys", self.arguments);
            assert_eq!(again.code, 0, "{point}, then: {}", again.err);
            self.check_made(&world, &point);
            world
                .at(self.workspace, "keys", &["ledger", "fsck"])
                .exits(0);
        }
        stopped
    }

    fn check_made(&self, world: &World, point: &str) {
        for path in self.makes {
            assert!(world.path(path).exists(), "{point}: no `{path}`");
        }
        refuse_parts(world.folder(), point);
    }

    fn check_nothing_made(&self, world: &World, point: &str) {
        for path in self.makes {
            assert!(!world.path(path).exists(), "{point}: `{path}` is there");
        }
        refuse_parts(world.folder(), point);
    }
}

/// Nothing stays that was on its way to its place.
fn refuse_parts(folder: &Path, point: &str) {
    for path in files(folder).keys() {
        let is_part = path.contains(".tickmark-part") || path.ends_with(".tmp");
        assert!(!is_part, "{point}: `{path}` stays");
    }
}

#[test]
fn a_workspace_is_made_whole_or_not_at_all() {
    let init = "init --id acme --time-zone Europe/Berlin --period 2026-01-01..2026-06-30";
    let arguments: Vec<&str> = init.split(' ').collect();
    let attempt = Attempt {
        workspace: "acme",
        arguments: &arguments,
        makes: &["acme", "keys"],
    };
    for call in ["write", "pwrite64"] {
        assert!(attempt.try_all(call, POINTS, World::empty) > 3, "{call}");
    }
}

#[test]
fn a_program_and_an_import_are_recorded_or_not() {
    let with_source = || {
        let world = acme();
        world.write("acme/sources/leavers.toml", MAPPING);
        let rows = "Employee ID,Name,Type,Last Day\nP1,Ada Example,Regular,2026-02-03\n";
        world.write("acme/exports/leavers.csv", rows);
        world
    };
    let applied = || {
        let world = with_source();
        world.at("acme", "keys", &["apply"]).exits(0);
        world
    };
    let at = |arguments| Attempt {
        workspace: "acme",
        arguments,
        makes: &[],
    };
    let apply = at(&["apply"]);
    assert!(apply.try_all("pwrite64", POINTS, with_source) > 1);
    let import = at(&["import"]);
    assert!(import.try_all("pwrite64", POINTS, applied) > 1);
    assert!(import.try_all("write", POINTS, applied) > 1);
}

#[test]
fn a_package_is_written_whole_or_not_at_all() {
    let attempt = Attempt {
        workspace: "acme",
        arguments: &["package", "handed-over"],
        makes: &["handed-over"],
    };
    assert!(attempt.try_all("write", POINTS, acme) > 3);
}

/// A firm with everything on file but the report.
fn concluded() -> World {
    let world = firm("type2");
    world.at("firm", "keys", &["apply"]).exits(0);
    world
}

#[test]
fn a_report_is_issued_with_its_files_or_not_at_all() {
    let concluded = concluded();
    let fresh = || {
        let world = World::empty();
        for part in ["firm", "keys"] {
            crate::world::copy(&concluded.path(part), &world.path(part));
        }
        world
    };
    let attempt = Attempt {
        workspace: "firm",
        arguments: &["report", "--out", "report"],
        makes: &["report"],
    };
    assert!(attempt.try_all("write", FEW_POINTS, fresh) > 1);
    assert!(attempt.try_all("pwrite64", FEW_POINTS, fresh) > 0);
}

#[test]
fn a_report_without_its_files_is_told_and_mended() {
    let world = concluded();
    let report = ["report", "--out", "report"];
    let mut command = Command::new("strace");
    // The first thing that is written after the entry.
    let after = ".report.tickmark-part/verification/.firm.tickmark-part";
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-P", after])
        .args(["-e", "trace=mkdir", "-e", "inject=mkdir:error=ENOSPC"])
        .arg(env!("CARGO_BIN_EXE_tickmark"))
        .args(["--workspace", "firm", "--keys", "keys"])
        .args(report)
        .current_dir(world.folder())
        .stdin(Stdio::null());
    let told = run(&mut command).exits(2);
    insta::assert_snapshot!(told.complaint(world.folder()), @r#"
    error: report `BRW-2026-014` was issued, but its files could not be written
      Caused by: `.report.tickmark-part/verification/.firm.tickmark-part` cannot be made
      Caused by: No space left on device (os error 28)
    hint: run `tickmark report` again: it writes the same files once more
    "#);
    assert!(!world.path("report").exists());
    world.at("firm", "keys", &report).exits(0);
    world.here(&["verify", "report"]).exits(0);
}
