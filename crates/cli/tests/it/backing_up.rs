//! Story: a workspace is backed up, lost, and put back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::new_user::{acme, at_acme};
use crate::server::{Server, document};
use crate::world::{World, files};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "seven+quiet+lanterns+drift";

/// The sample's workspaces by what they are called, with their keys.
const DEMO: [(&str, &str); 2] = [("fernhollow", "keys/company"), ("brindlewood", "keys/firm")];

/// Size and root of a ledger, as it signs them.
fn head(world: &World, workspace: &str, keys: &str) -> Value {
    let told = world.at(workspace, keys, &["--json", "ledger", "checkpoint"]);
    let note = told.exits(0).json();
    serde_json::json!([note["size"], note["root"]])
}

#[test]
fn the_demo_comes_back_the_same() {
    let world = World::with(&["fernhollow", "brindlewood", "keys"]);
    for (workspace, keys) in DEMO {
        let before = head(&world, workspace, keys);
        let told = world
            .at(workspace, keys, &["--json", "backup", "demo.zip"])
            .exits(0)
            .json();
        let head_told = serde_json::json!([told["entries"], told["root"]]);
        assert_eq!(head_told, before);
        world.here(&["restore", "--check", "demo.zip"]).exits(0);

        let back = format!("{workspace}-back");
        let told = world
            .at(".", keys, &["--json", "restore", "demo.zip", &back])
            .exits(0)
            .json();
        assert_eq!(told["notes"], serde_json::json!([]));
        assert_eq!(head(&world, &back, keys), before);
        world.at(&back, keys, &["ledger", "fsck"]).exits(0);
        // Databases are written anew; everything else is the same, byte for byte.
        let without = |folder: &str| {
            let mut all = files(&world.path(folder));
            all.retain(|path, _| !path.contains("ledger.db") && !path.contains("access.db"));
            all
        };
        assert_eq!(without(workspace), without(&back));
        fs::remove_file(world.path("demo.zip")).unwrap();
    }
    // What the restored company hands over verifies down to the last row.
    let package = ["package", "package"];
    world
        .at("fernhollow-back", "keys/company", &package)
        .exits(0);
    world.here(&["verify", "package"]).exits(0);
}

#[test]
fn a_backup_is_for_its_owner_alone_and_nothing_is_left_beside_it() {
    let world = acme();
    fs::create_dir(world.path("backups")).unwrap();
    at_acme(&world, &["backup", "backups/acme.zip"]).exits(0);
    let left: Vec<String> = files(&world.path("backups")).into_keys().collect();
    assert_eq!(left, ["acme.zip"]);
    let mode = |path: &str| {
        let known = fs::metadata(world.path(path)).unwrap();
        known.permissions().mode() & 0o777
    };
    assert_eq!(mode("backups/acme.zip"), 0o600);
    let bytes = fs::read(world.path("backups/acme.zip")).unwrap();
    let names = zip_names(&world, "backups/acme.zip");
    assert!(
        names.contains(&".tickmark/ledger.db".to_owned()),
        "{names:?}"
    );
    assert!(names.contains(&"tickmark.toml".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("acme.key")));
    let key = world.read("keys/acme.key");
    let secret = key.lines().last().unwrap().as_bytes();
    assert!(!bytes.windows(secret.len()).any(|part| part == secret));
}

fn zip_names(world: &World, path: &str) -> Vec<String> {
    let file = fs::File::open(world.path(path)).unwrap();
    let archive = zip::ZipArchive::new(file).unwrap();
    let names = archive.file_names().map(|name| name.unwrap().into_owned());
    names.collect()
}

#[test]
fn what_is_backed_up_while_it_is_written_is_whole_and_people_can_sign_in() {
    let world = acme();
    let mut server = Server::start(&world, "acme", &[]);
    let cookie = server.set_up(EMAIL, PASSWORD);
    let ends = AtomicBool::new(false);
    let backup = std::thread::scope(|scope| {
        for writer in 0..3 {
            let (server, cookie, ends) = (*server, &cookie, &ends);
            scope.spawn(move || {
                for number in 0.. {
                    if ends.load(Ordering::Relaxed) {
                        assert!(number > 0, "nothing was recorded meanwhile");
                        break;
                    }
                    let title = format!("minutes-{writer}-{number}");
                    let (kind, body) = document(&title, &title);
                    let headers = [("cookie", cookie.as_str()), ("content-type", kind)];
                    let told = server.send("POST", "/evidence/documents", &headers, &body);
                    assert_eq!(told.status, 303, "{}", told.body);
                }
            });
        }
        let backups: Vec<Value> = ["one", "two", "three"]
            .iter()
            .map(|name| {
                let file = format!("{name}.zip");
                let told = at_acme(&world, &["--json", "backup", &file]);
                told.exits(0).json()
            })
            .collect();
        ends.store(true, Ordering::Relaxed);
        backups.into_iter().next_back().unwrap()
    });
    let after = server.get("/", &cookie);
    assert_eq!(after.status, 200);
    assert_eq!(server.end().code, Some(0));

    at_acme(&world, &["restore", "three.zip", "back"]).exits(0);
    let told = world
        .at("back", "keys", &["--json", "ledger", "fsck"])
        .exits(0)
        .json();
    assert_eq!(told["entries"], backup["entries"]);
    world.at("back", "keys", &["readiness"]).exits(1);

    let server = Server::start(&world, "back", &[]);
    let told = server.get("/", &cookie);
    assert_eq!(told.status, 303, "a session of before is over");
    assert_eq!(server.sign_in(EMAIL, "another+password").status, 422);
    let told = server.sign_in(EMAIL, PASSWORD);
    assert_eq!(told.status, 303, "{}", told.body);
    let page = server.get("/evidence", &told.cookie());
    assert_eq!(page.status, 200);
    assert!(page.body.contains("minutes-"), "{}", page.body);
    assert_eq!(server.end().code, Some(0));
}

#[test]
fn an_older_backup_says_what_was_signed_since_and_a_missing_key_is_told() {
    let world = acme();
    at_acme(&world, &["ledger", "checkpoint"]).exits(0);
    at_acme(&world, &["backup", "acme.zip"]).exits(0);
    world.edit(
        "acme/calendars.toml",
        "holidays = []",
        "holidays = [2026-01-01]",
    );
    at_acme(&world, &["apply"]).exits(0);
    at_acme(&world, &["ledger", "checkpoint"]).exits(0);
    let older = at_acme(&world, &["restore", "acme.zip", "back"]).exits(0);
    let elsewhere = world
        .at(".", "no-keys", &["restore", "acme.zip", "elsewhere"])
        .exits(0);
    let notes = |out: &str| {
        let kept: Vec<&str> = out
            .lines()
            .skip_while(|line| !line.starts_with('!'))
            .collect();
        kept.join("\n")
    };
    insta::assert_snapshot!(format!("{}\n\n{}", notes(&older.out), notes(&elsewhere.out)), @r"
    ! the ledger is not the one that was last signed
      it holds 135 entries, the last signed head covered 136
      look for a later backup; if there is none, say so on record with `tickmark ledger epoch --reason REASON`

    ! the signing key `no-keys/acme.key` is not there
      put it back from where you keep it: no backup holds it, and nothing can be recorded without it
    ! the mark of the last signed head, `no-keys/acme.head`, is not there
      without it nobody can tell whether more was signed than the backup holds
      put it back if you have it; if not, say so on record with `tickmark ledger epoch --reason REASON`
    ");
    let epoch = ["ledger", "epoch", "--reason", "the disk was lost"];
    let refused = world.at("back", "keys", &["apply"]);
    assert_ne!(
        refused.code, 0,
        "an old copy is not written as if nothing happened"
    );
    world.at("back", "keys", &epoch).exits(0);
    world.at("back", "keys", &["apply"]).exits(0);
}
