//! The control tests that ship with the product, embedded in the executable.
//!
//! Must hold: the library always parses; a test of this crate proves it, so a
//! failure here means a broken build and stops the program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use include_dir::{Dir, DirEntry, include_dir};
use tickmark_catalog::{ControlTestId, Problems, Sha256Hex};

use crate::definition::ControlTest;
use crate::folder::TestFolder;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/library");

static FOLDERS: LazyLock<Vec<TestFolder>> = LazyLock::new(folders);

/// Read once: it cannot change while the program runs.
static LIBRARY: LazyLock<Result<Vec<ControlTest>, Problems>> = LazyLock::new(read_library);

static DIGESTS: LazyLock<BTreeSet<Sha256Hex>> =
    LazyLock::new(|| FOLDERS.iter().map(TestFolder::sha256).collect());

/// The folders of the library, sorted by name.
pub fn library_folders() -> &'static [TestFolder] {
    &FOLDERS
}

/// Whether `id` is the id of one of the library's tests.
pub fn is_in_library(id: &ControlTestId) -> bool {
    library_folders()
        .iter()
        .any(|folder| folder.name() == id.as_str())
}

/// The library's control tests, sorted by id.
///
/// # Errors
/// Every problem of every folder; none in a released build.
pub fn library() -> Result<Vec<ControlTest>, Problems> {
    LIBRARY.clone()
}

fn read_library() -> Result<Vec<ControlTest>, Problems> {
    let mut problems = Vec::new();
    let mut tests = Vec::new();
    for folder in library_folders() {
        match ControlTest::from_folder(folder) {
            Ok(test) => tests.push(test),
            Err(found) => problems.extend(found),
        }
    }
    Problems::unless_empty(problems, tests)
}

/// Whether a test is one that ships with the product, byte for byte. Any other
/// was written by a user, and its SQL is not to be trusted.
pub fn is_shipped(test: &ControlTest) -> bool {
    DIGESTS.contains(&test.folder_sha256)
}

fn folders() -> Vec<TestFolder> {
    let mut folders: Vec<TestFolder> = FILES.dirs().map(folder).collect();
    folders.sort_by(|a, b| a.path.cmp(&b.path));
    folders
}

fn folder(dir: &Dir<'_>) -> TestFolder {
    let name = dir.path().display().to_string();
    let prefix = format!("{name}/");
    let mut files = BTreeMap::new();
    collect(dir, &prefix, &mut files);
    TestFolder {
        path: format!("library/{name}"),
        files,
    }
}

fn collect(dir: &Dir<'_>, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, prefix, files),
            DirEntry::File(file) => {
                let path = file.path().display().to_string();
                let path = path.strip_prefix(prefix).unwrap_or(&path).to_owned();
                files.insert(path, String::from_utf8_lossy(file.contents()).into_owned());
            }
        }
    }
}
