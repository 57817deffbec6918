//! Every file opens with what it is for, and stays of a size one can read.
//!
//! That public items are documented is the lint `missing_docs`, which `tidy`
//! turns into an error.

use std::fs;

use super::{files, shown};

/// Lines a test file may have.
const LONGEST_TEST: usize = 1000;

/// Files that open with no word of what they are for, and other breaches.
pub fn findings() -> Vec<String> {
    files(&["rs"])
        .iter()
        .flat_map(|path| in_file(&shown(path), &fs::read_to_string(path).unwrap_or_default()))
        .collect()
}

fn in_file(name: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") {
        findings.push(format!(
            "{name}:1: the file does not open with `//!` and what it is for"
        ));
    }
    if name.contains("tests") && text.lines().count() > LONGEST_TEST {
        findings.push(format!(
            "{name}: more than {LONGEST_TEST} lines of tests in one file"
        ));
    }
    for (index, line) in text.lines().enumerate() {
        let forbidden = ["todo!(", "unimplemented!(", "#[ignore"];
        if !name.starts_with("xtask/") && forbidden.iter().any(|word| line.contains(word)) {
            findings.push(format!(
                "{name}:{}: unfinished or switched-off code",
                index + 1
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_TEST, in_file};

    fn check(name: &str, text: &str, expected: &[&str]) {
        assert_eq!(in_file(name, text), expected);
    }

    #[test]
    fn a_file_says_what_it_is_for_and_is_finished() {
        check("crates/a/src/a.rs", "//! What.\n", &[]);
        check(
            "crates/a/src/a.rs",
            "// What.\n",
            &["crates/a/src/a.rs:1: the file does not open with `//!` and what it is for"],
        );
        check(
            "crates/a/src/a.rs",
            "//! What.\nfn a() { todo!() }\n",
            &["crates/a/src/a.rs:2: unfinished or switched-off code"],
        );
        check(
            "crates/a/tests/it/a.rs",
            "//! What.\n#[ignore]\n",
            &["crates/a/tests/it/a.rs:2: unfinished or switched-off code"],
        );
    }

    #[test]
    fn a_file_of_tests_can_be_read() {
        let lines = |count: usize| format!("//! What.\n{}", "\n".repeat(count - 1));
        check("crates/a/tests/it/a.rs", &lines(LONGEST_TEST), &[]);
        check(
            "crates/a/tests/it/a.rs",
            &lines(LONGEST_TEST + 1),
            &["crates/a/tests/it/a.rs: more than 1000 lines of tests in one file"],
        );
        check("crates/a/src/a.rs", &lines(LONGEST_TEST + 1), &[]);
    }
}
