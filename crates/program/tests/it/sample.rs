//! The small company of the tests, and ways to edit its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tickmark_program::{Program, program_texts};

pub type Texts = BTreeMap<String, String>;

/// The texts of the program folder in `tests/data/sample`.
pub fn texts() -> Texts {
    program_texts(bytes()).unwrap()
}

/// Every file of the folder, also those that are no text of the program.
pub fn bytes() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sample");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The texts with `from` replaced by `to` in one file; `from` must be there.
pub fn edited(file: &str, from: &str, to: &str) -> Texts {
    edit(texts(), file, from, to)
}

/// As [`edited`], for texts that were edited before.
pub fn edit(mut texts: Texts, file: &str, from: &str, to: &str) -> Texts {
    let text = texts
        .get_mut(file)
        .unwrap_or_else(|| panic!("no file {file}"));
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
    texts
}

/// The texts with one more file.
pub fn with(file: &str, text: &str) -> Texts {
    let mut texts = texts();
    texts.insert(file.to_owned(), text.to_owned());
    texts
}

/// The texts without one file.
pub fn without(file: &str) -> Texts {
    let mut texts = texts();
    texts
        .remove(file)
        .unwrap_or_else(|| panic!("no file {file}"));
    texts
}

/// The program of the texts, which must be sound.
pub fn program(texts: &Texts) -> Program {
    Program::parse(texts).unwrap_or_else(|problems| panic!("{problems}"))
}
