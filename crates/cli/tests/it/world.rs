//! The sample company's finished demo, made once and copied for each story,
//! and the files in it.
//!
//! Tests may run in processes of their own, so the demo is kept in the build's
//! folder for temporary files, under a name that changes with the program.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::Value;
use tempfile::TempDir;
use tickmark_catalog::Sha256Hex;

use crate::tell::{Told, command, run, tickmark};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tickmark");

/// The finished demo of a scenario; only to be read.
pub fn demo(pack: &str) -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(kept).unwrap();
    let lock = File::create(kept.join("demo.lock")).unwrap();
    lock.lock().unwrap();
    let name = format!("demo-{pack}-{}", age_of_program());
    let folder = kept.join(&name);
    if !folder.join("said").is_file() {
        remove_others(kept, &format!("demo-{pack}-"));
        let said = tickmark(["demo", "--pack", pack, "--dir", folder.to_str().unwrap()]).exits(0);
        fs::write(folder.join("said"), said.out).unwrap();
    }
    folder
}

fn age_of_program() -> u128 {
    let changed = fs::metadata(PROGRAM).unwrap().modified().unwrap();
    changed.duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

fn remove_others(kept: &Path, prefix: &str) {
    for entry in fs::read_dir(kept).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
}

/// What the demo printed.
pub fn demo_said(pack: &str) -> String {
    fs::read_to_string(demo(pack).join("said")).unwrap()
}

/// A copy of parts of the demo, to be changed at will.
pub struct World {
    folder: TempDir,
}

impl World {
    /// A copy of the folders `parts` of scenario `a`.
    pub fn with(parts: &[&str]) -> Self {
        let world = Self::empty();
        for part in parts {
            copy(&demo("a").join(part), &world.path(part));
        }
        world
    }

    /// A copy of the company's workspace and its key.
    pub fn company() -> Self {
        Self::with(&["fernhollow", "keys"])
    }

    /// Nothing yet.
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// A path as an argument.
    pub fn arg(&self, inside: &str) -> String {
        self.path(inside).display().to_string()
    }

    pub fn write(&self, inside: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    /// Replaces the only occurrence of `old` in a file.
    #[track_caller]
    pub fn edit(&self, inside: &str, old: &str, new: &str) {
        let text = self.read(inside);
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {inside}");
        self.write(inside, text.replace(old, new));
    }

    /// Runs the program here on the sample company's workspace.
    pub fn at_company(&self, arguments: &[&str]) -> Told {
        self.at("fernhollow", "keys/company", arguments)
    }

    /// Runs the program here on a workspace, with the keys of a folder.
    pub fn at(&self, workspace: &str, keys: &str, arguments: &[&str]) -> Told {
        let mut command = command();
        command.current_dir(self.folder());
        run(command
            .args(["--workspace", workspace, "--keys", keys])
            .args(arguments))
    }

    /// Runs the program here without a workspace.
    pub fn here(&self, arguments: &[&str]) -> Told {
        run(command().current_dir(self.folder()).args(arguments))
    }
}

/// Copies a file or a folder.
pub fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// Every file below a folder with its bytes, by its path inside.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    gather(folder, folder, &mut found);
    found
}

fn gather(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, found);
        } else {
            let inside = path.strip_prefix(root).unwrap().to_str().unwrap();
            found.insert(inside.to_owned(), fs::read(&path).unwrap());
        }
    }
}

/// The only file directly in `folder` whose name ends with `ending`.
pub fn only(folder: &Path, ending: &str) -> PathBuf {
    let found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    assert_eq!(found.len(), 1, "{ending} in {}", folder.display());
    found.into_iter().next().unwrap()
}

/// A file's JSON value.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Changes one bit in the middle of a file.
pub fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Writes the list of a package anew, as whoever changed a file in it would.
pub fn list_again(package: &Path) {
    let path = package.join("package.json");
    let mut list = json(&path);
    let digests = files(package)
        .into_iter()
        .filter(|(path, _)| path != "package.json")
        .map(|(path, bytes)| (path, Value::String(Sha256Hex::of(&bytes).to_string())))
        .collect();
    list["files"] = Value::Object(digests);
    let text = serde_json::to_string_pretty(&list).unwrap() + "\n";
    fs::write(path, text).unwrap();
}
