//! Which files belong to a program.

use std::collections::BTreeMap;

use tickmark_program::{is_program_file, program_texts};

use crate::sample::bytes;

#[test]
fn texts_of_the_program() {
    let check = |path: &str, expected: bool| assert_eq!(is_program_file(path), expected, "{path}");
    check("tickmark.toml", true);
    check("controls/TM-048.md", true);
    check("tests/two-keys/fixtures/operates/leavers.csv", true);
    check("documents/index.toml", true);
    // Misplaced: handed over, so that they are refused.
    check("risk.toml", true);
    check("control/TM-048.md", true);
    check("controls/access/TM-048.md", true);
    // Not the program's.
    check("exports/hris/leavers.csv", false);
    check("exports/readme.md", false);
    check("documents/minutes.pdf", false);
    check("documents/minutes.md", false);
    check("sources/superseded/hris-leavers-first.toml", false);
    check("description/diagram.svg", false);
    check(".git/config.toml", false);
    check("controls/.TM-048.md.swp", false);
    check("readme.md", false);
    check("answer-key.json", false);
    check("scripts/notes.md", false);
}

#[test]
fn only_texts_of_the_program_are_decoded() {
    let bytes = bytes();
    assert!(
        bytes.contains_key("documents/minutes.pdf") && bytes.contains_key("exports/leavers.csv")
    );
    let texts = program_texts(bytes).unwrap();
    assert!(texts.keys().all(|path| is_program_file(path)));
}

#[test]
fn a_file_that_is_not_utf_8() {
    let files = BTreeMap::from([
        (
            "risks.toml".to_owned(),
            b"# first line\n# caf\xe9\n".to_vec(),
        ),
        ("controls/A-1.md".to_owned(), b"\xff\xfe".to_vec()),
        ("documents/minutes.pdf".to_owned(), b"\xff".to_vec()),
    ]);
    insta::assert_snapshot!(program_texts(files).unwrap_err(), @r"
    error: the file is not UTF-8 text
      --> controls/A-1.md:1
    hint: save it as UTF-8

    error: the file is not UTF-8 text
      --> risks.toml:2
    hint: save it as UTF-8
    ");
}
