//! Story: backups that are damaged or forged, and places they cannot go.
//!
//! What must hold: whatever is refused leaves nothing behind.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;
use tickmark_catalog::Sha256Hex;
use zip::write::SimpleFileOptions;

use crate::new_user::{acme, at_acme};
use crate::world::{World, flip};

const MANIFEST: &str = "tickmark-backup.json";

/// A company's backup, with an object of evidence in it.
fn backed_up() -> World {
    let world = acme();
    crate::new_user::with_leavers(
        &world,
        "Employee ID,Name,Type,Last Day\nP1,Ada Example,Regular,2026-02-03\n",
    );
    at_acme(&world, &["import"]).exits(0);
    at_acme(&world, &["backup", "acme.zip"]).exits(0);
    world
}

/// The files of an archive.
fn contents(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        found.insert(entry.name().unwrap().into_owned(), bytes);
    }
    found
}

fn write_archive(path: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in files {
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// Writes the manifest anew, as whoever changed a file would.
fn list_again(files: &mut BTreeMap<String, Vec<u8>>) {
    let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
    let listed = files.iter().filter(|(name, _)| *name != MANIFEST);
    manifest["files"] = listed
        .map(|(name, bytes)| {
            let listed = serde_json::json!({
                "sha256": Sha256Hex::of(bytes).to_string(),
                "size_bytes": bytes.len(),
            });
            (name.clone(), listed)
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    let text = serde_json::to_vec(&manifest).unwrap();
    files.insert(MANIFEST.to_owned(), text);
}

/// Restores a changed archive, insists that it is refused and that nothing is
/// left, and returns the complaint.
fn refused(world: &World, code: i32, change: impl FnOnce(&Path)) -> String {
    let archive = world.path("changed.zip");
    fs::copy(world.path("acme.zip"), &archive).unwrap();
    change(&archive);
    let names = || {
        let all = fs::read_dir(world.folder()).unwrap();
        let mut all: Vec<_> = all.map(|it| it.unwrap().file_name()).collect();
        all.sort();
        all
    };
    let before = names();
    let told = at_acme(world, &["restore", "changed.zip", "back"]).exits(code);
    assert_eq!(names(), before, "something was left behind");
    at_acme(world, &["restore", "--check", "changed.zip"]).exits(code);
    assert_eq!(names(), before, "something was left behind");
    told.complaint(world.folder())
}

fn edited(archive: &Path, edit: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) {
    let mut files = contents(archive);
    edit(&mut files);
    write_archive(archive, &files);
}

#[test]
fn a_damaged_archive_is_refused() {
    let world = backed_up();
    let told = [
        refused(&world, 3, |path| fs::write(path, "no archive").unwrap()),
        refused(&world, 3, |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        refused(&world, 3, |path| {
            edited(path, |files| {
                files.insert("calendars.toml".to_owned(), b"other".to_vec());
            });
        }),
        refused(&world, 3, |path| {
            edited(path, |files| drop(files.remove("calendars.toml")));
        }),
        refused(&world, 3, |path| {
            edited(path, |files| {
                files.insert("more.toml".to_owned(), b"more".to_vec());
            });
        }),
        refused(&world, 3, |path| {
            edited(path, |files| drop(files.remove(MANIFEST)));
        }),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    error: the backup is damaged
      Caused by: `changed.zip` is no archive, or not all of one: invalid Zip archive: Could not find EOCD
    hint: take another backup; this one cannot be relied on

    error: the backup is damaged
      Caused by: `changed.zip` is no archive, or not all of one: invalid Zip archive: Could not find EOCD
    hint: take another backup; this one cannot be relied on

    error: the backup is damaged
      Caused by: `calendars.toml`: it is not the file that was backed up
    hint: take another backup; this one cannot be relied on

    error: the backup is damaged
      Caused by: `calendars.toml` is missing
    hint: take another backup; this one cannot be relied on

    error: the backup is damaged
      Caused by: `more.toml` is not listed in its manifest
    hint: take another backup; this one cannot be relied on

    error: the backup is damaged
      Caused by: `tickmark-backup.json`: specified file not found in archive
    hint: take another backup; this one cannot be relied on
    ");
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing_that_is_restored() {
    let world = backed_up();
    let whole = contents(&world.path("acme.zip"));
    let bytes = fs::read(world.path("acme.zip")).unwrap();
    let mut found = 0;
    for part in 0..40 {
        let mut changed = bytes.clone();
        changed[bytes.len() * part / 40] ^= 1;
        world.write("changed.zip", &changed);
        let told = at_acme(&world, &["restore", "changed.zip", "back"]);
        if told.code == 3 {
            assert!(!world.path("back").exists());
            found += 1;
            continue;
        }
        // A time stamp or a mode: nothing an archive may decide.
        told.exits(0);
        let back = crate::world::files(&world.path("back"));
        for (name, bytes) in whole.iter().filter(|(name, _)| *name != MANIFEST) {
            assert!(back[name] == *bytes, "{name} differs");
        }
        let known = fs::metadata(world.path("back/.tickmark/ledger.db")).unwrap();
        assert_eq!(known.permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(world.path("back")).unwrap();
    }
    assert!(found >= 30, "only {found} of 40 were found");
}

#[test]
fn an_archive_that_was_changed_and_listed_again_is_refused() {
    let world = backed_up();
    let told = [
        refused(&world, 3, |path| {
            edited(path, |files| {
                files.insert("../outside".to_owned(), b"out".to_vec());
                list_again(files);
            });
        }),
        refused(&world, 2, |path| {
            edited(path, |files| {
                let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
                manifest["version"] = 2.into();
                files.insert(MANIFEST.to_owned(), manifest.to_string().into_bytes());
            });
        }),
        refused(&world, 3, |path| {
            edited(path, |files| {
                let mut manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
                manifest["entries"] = 1.into();
                files.insert(MANIFEST.to_owned(), manifest.to_string().into_bytes());
            });
        }),
        refused(&world, 3, |path| {
            edited(path, |files| {
                files.remove(".tickmark/workspace.toml");
                list_again(files);
            });
        }),
    ];
    assert!(!world.path("outside").exists());
    insta::assert_snapshot!(told.join("\n"), @r"
    error: the backup is damaged
      Caused by: `../outside` is no path inside a workspace
    hint: take another backup; this one cannot be relied on

    error: the backup has version 2, this program reads version 1
    hint: use the version of Tickmark that wrote it, or a later one

    error: the backup is damaged
      Caused by: its ledger is not the one its manifest speaks of
    hint: take another backup; this one cannot be relied on

    error: the backup is damaged
      Caused by: `.tickmark/workspace.toml` is missing
    hint: take another backup; this one cannot be relied on
    ");
}

#[test]
fn evidence_and_ledger_are_verified_whatever_the_manifest_says() {
    let world = backed_up();
    let object = contents(&world.path("acme.zip"))
        .into_keys()
        .find(|name| name.contains("/objects/"))
        .unwrap();
    let changed = refused(&world, 3, |path| {
        edited(path, |files| {
            files.get_mut(&object).unwrap().push(b'x');
            list_again(files);
        });
    });
    assert!(changed.contains("hash"), "{changed}");
    let missing = refused(&world, 3, |path| {
        edited(path, |files| {
            files.retain(|name, _| !name.contains("/objects/"));
            list_again(files);
        });
    });
    assert!(missing.contains("cannot be read"), "{missing}");
    let ledger = refused(&world, 3, |path| {
        edited(path, |files| {
            let database = files.get_mut(".tickmark/ledger.db").unwrap();
            // The same length, so that SQLite does not notice: only the tree does.
            let at = find(database, b"Europe/Berlin");
            database[at] ^= 1;
            list_again(files);
        });
    });
    assert!(
        ledger.contains("the ledger in the backup does not hold"),
        "{ledger}"
    );
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let found = bytes.windows(wanted.len()).position(|it| it == wanted);
    found.unwrap()
}

#[test]
fn a_place_that_holds_something_is_left_alone() {
    let world = backed_up();
    world.write("full/mine.txt", "mine");
    let told = [
        at_acme(&world, &["restore", "acme.zip", "full"]).exits(2),
        at_acme(&world, &["restore", "acme.zip", "acme"]).exits(2),
        at_acme(&world, &["restore", "nowhere.zip", "back"]).exits(2),
        at_acme(&world, &["restore", "acme", "back"]).exits(2),
        at_acme(&world, &["backup", "acme.zip"]).exits(2),
        at_acme(&world, &["backup", "acme/acme.zip"]).exits(2),
        at_acme(&world, &["backup", "nowhere/acme.zip"]).exits(2),
    ];
    assert_eq!(world.read("full/mine.txt"), "mine");
    at_acme(&world, &["ledger", "fsck"]).exits(0);
    let told: Vec<String> = told
        .iter()
        .map(|told| told.complaint(world.folder()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    error: `full` holds something already
    hint: name a folder that is empty or not there yet

    error: `acme` holds something already
    hint: name a folder that is empty or not there yet

    error: `nowhere.zip` cannot be read
      Caused by: No such file or directory (os error 2)

    error: `acme` is no file
    hint: name the file that `tickmark backup` wrote

    error: `acme.zip` exists already
    hint: a backup never replaces another: give it a name of its own

    error: `acme/acme.zip` lies in the workspace it would be a backup of
    hint: write it to another folder, better to another disk

    error: `nowhere` cannot be read
      Caused by: No such file or directory (os error 2)
    ");
}

#[test]
fn a_workspace_that_is_damaged_or_leads_elsewhere_is_not_backed_up() {
    let world = backed_up();
    std::os::unix::fs::symlink("/etc/hostname", world.path("acme/link.txt")).unwrap();
    let linked = at_acme(&world, &["backup", "linked.zip"]).exits(2);
    insta::assert_snapshot!(linked.complaint(world.folder()), @r"
    error: `acme/link.txt` is no plain file
    hint: put a copy of the file in its place, or move it out of the workspace
    ");
    fs::remove_file(world.path("acme/link.txt")).unwrap();
    let objects = world.path("acme/.tickmark/evidence/objects");
    let object = crate::world::files(&objects).into_keys().next().unwrap();
    flip(&objects.join(object));
    let damaged = at_acme(&world, &["backup", "damaged.zip"]).exits(3);
    assert!(damaged.err.contains("hash"), "{}", damaged.err);
    let left: Vec<_> = fs::read_dir(world.folder()).unwrap().collect();
    let left: Vec<_> = left.into_iter().map(|it| it.unwrap().file_name()).collect();
    assert!(
        !left
            .iter()
            .any(|it| it == "linked.zip" || it == "damaged.zip"),
        "{left:?}"
    );
    assert!(
        !left.iter().any(|it| it.to_string_lossy().starts_with('.')),
        "{left:?}"
    );
}
