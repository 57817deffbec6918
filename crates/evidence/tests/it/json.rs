//! JSON documents and NDJSON.

use insta::assert_snapshot;
use tickmark_evidence::Rejects;

use crate::setup::{Setup, mapping, shown};

const COLUMNS: &[(&str, &str)] = &[
    ("id", "template = \"{repo}#{number}\""),
    ("name", "from = \"author.login\""),
    ("active", "from = \"active\""),
    ("count", "from = \"/n/0\""),
    ("share", "from = \"share\""),
    ("tags", "from = \"tags\""),
    ("at", "from = \"at\""),
];

fn import(format: &str, raw: &str) -> String {
    let setup = Setup::new();
    setup.write("a", raw);
    let format = format!("files = [\"a\"]\n{format}");
    match setup.import(&mapping(&format, COLUMNS), Rejects::Refuse) {
        Ok(snapshot) => {
            let table = setup.table(&snapshot);
            let notes = snapshot.manifest.notes.join("\n");
            format!("{table}\n{notes}")
        }
        Err(error) => shown(error),
    }
}

const DOCUMENT: &str = "format = \"json\"\nrecords = \"\"";
const RECORDS: [&str; 3] = [
    r#"{"repo":"relay","number":7,"author":{"login":"ann"},"active":true,"n":[5],"share":1,"tags":["a","B"]}"#,
    r#"{"repo":"relay","number":8,"author":null,"active":null,"n":[],"share":0.5,"tags":[]}"#,
    r#"{"repo":"relay","number":9}"#,
];

#[test]
fn reads_records_at_a_pointer() {
    let records = format!("[{}]", RECORDS.join(",\n"));
    let at_root = import(DOCUMENT, &records);
    assert_snapshot!(at_root, @r"
    +---------+------+--------+-------+-------+-----+----+--------+-----------+----------------------+------------+
    | id      | name | active | count | share | day | at | tags   | source_id | observed_at          | source_row |
    +---------+------+--------+-------+-------+-----+----+--------+-----------+----------------------+------------+
    | relay#7 | ann  | true   | 5     | 1.0   |     |    | [a, B] | things    | 2026-07-02T15:00:00Z | 1          |
    | relay#8 |      |        |       | 0.5   |     |    | []     | things    | 2026-07-02T15:00:00Z | 2          |
    | relay#9 |      |        |       |       |     |    |        | things    | 2026-07-02T15:00:00Z | 3          |
    +---------+------+--------+-------+-------+-----+----+--------+-----------+----------------------+------------+
    no record has the field `at`
    ");
    let nested = format!(
        "{{\"meta\":{{\"users\":[1,[2]]}},\"data\":{{\"users\":{records}}},\"rest\":[{{}}]}}"
    );
    assert_eq!(
        import("format = \"json\"\nrecords = \"/data/users\"", &nested),
        at_root
    );
}

#[test]
fn reads_lines() {
    let document = import(DOCUMENT, &format!("[{}]", RECORDS.join(",")));
    assert_eq!(
        import("format = \"ndjson\"", &RECORDS.join("\n\n")),
        document
    );
}

#[test]
fn tells_bad_records_of_a_document() {
    let raw = r#"[
        {"repo":"r","number":1,"n":["x"],"tags":"a","share":"NaN"}, 7, {"number":2},
        {"repo":"r","number":3,"tags":[{}],"author":{"login":{}}}, {"repo":"r","number":1.5}
    ]"#;
    assert_snapshot!(import(DOCUMENT, raw), @r"
    error: bad value for `count`, read from `/n/0`
      Caused by: `x` is not a whole number
      --> a#/0

    error: bad value for `share`
      Caused by: `NaN` is not a finite number
      --> a#/0

    error: bad value for `tags`
      Caused by: `a` is one text; say with `split` what separates the elements
      --> a#/0

    error: bad record
      Caused by: the record is not a JSON object
      --> a#/1

    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a#/2

    error: bad value for `name`, read from `author.login`
      Caused by: the value is an object, not a single value
      --> a#/3

    error: bad value for `tags`
      Caused by: the value is a list that holds more than texts
      --> a#/3

    error: bad value for `id`
      Caused by: `1.5` is not a whole number
      --> a#/4
    ");
}

#[test]
fn tells_bad_lines() {
    let raw = "{\"repo\":\"r\",\"number\":1}\n[1]\n{\"repo\":\n\n{\"repo\":\"r\",\"number\":1}\n{\"repo\":\"r\",\"number\":2} x\n";
    assert_snapshot!(import("format = \"ndjson\"", raw), @r"
    error: bad record
      Caused by: the line is not a JSON object
      --> a:2

    error: bad record
      Caused by: the line is not valid JSON: EOF while parsing a value at column 8
      --> a:3

    error: bad record
      Caused by: its key occurred before, at a:1
      --> a:5

    error: bad record
      Caused by: the line is not valid JSON: trailing characters at column 25
      --> a:6
    ");
}

#[test]
fn skips_over_long_lines_without_losing_the_next() {
    let raw = format!(
        "{{\"repo\":\"{}\"}}\n{{\"repo\":1}}\n",
        "x".repeat(5 * 1024 * 1024)
    );
    assert_snapshot!(import("format = \"ndjson\"", &raw), @r"
    error: bad record
      Caused by: the line is longer than 4 MiB
      --> a:1

    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a:2
    ");
}

#[test]
fn tells_broken_documents() {
    let import = |raw: &str| import("format = \"json\"\nrecords = \"/users\"", raw);
    assert_snapshot!(import("{\"people\":[]}"), @r"
    error: there is no array at `/users`
      --> a
    hint: say with `records` where the array of records stands, like `/users`; the document has `people`
    ");
    assert_snapshot!(import("{\"users\":{}}"), @r"
    error: there is no array at `/users`
      --> a
    hint: say with `records` where the array of records stands, like `/users`; the document has `users`
    ");
    assert_snapshot!(import("{\"users\":[{\"repo\":1}\n,]}"), @r"
    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a#/users/0

    error: the file is not valid JSON
      Caused by: trailing comma
      --> a:2:2
    ");
    assert_snapshot!(import("{\"users\":[]} {}"), @r"
    error: the file is not valid JSON
      Caused by: trailing characters
      --> a:1:14
    ");
    assert_snapshot!(import(""), @r"
    error: the file is not valid JSON
      Caused by: EOF while parsing a value
      --> a:1:0
    ");
    let long = format!(
        "{{\"users\":[{{}},{{\"repo\":\"{}\"}}]}}",
        "x".repeat(5 * 1024 * 1024)
    );
    assert_snapshot!(import(&long), @r"
    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a#/users/0

    error: the record at `/users/1` is longer than 4 MiB
      --> a
    ");
    let deep = format!("{{\"users\":[{}]}}", "[".repeat(100_000));
    assert_snapshot!(import(&deep), @r"
    error: the file is not valid JSON
      Caused by: recursion limit exceeded
      --> a:1:136
    ");
}

#[test]
fn a_key_that_stands_twice_is_not_settled_by_the_last() {
    let lines = "{\"repo\":\"r\",\"number\":1,\"repo\":\"s\"}\n{\"repo\":\"r\",\"number\":2,\"author\":{\"login\":\"a\",\"login\":\"b\"}}\n";
    assert_snapshot!(import("format = \"ndjson\"", lines), @r"
    error: bad record
      Caused by: the key `repo` stands twice in one object
      --> a:1

    error: bad record
      Caused by: the key `login` stands twice in one object
      --> a:2
    ");
    let document = "[{\"repo\":\"r\",\"number\":1},{\"repo\":\"r\",\"number\":1,\"number\":2}]";
    assert_snapshot!(import(DOCUMENT, document), @r"
    error: bad record
      Caused by: the key `number` stands twice in one object
      --> a#/1
    ");
}

#[test]
fn bad_records_before_a_broken_end_are_told_too() {
    assert_snapshot!(import(DOCUMENT, "[{\"repo\":\"r\"},{\"repo\":"), @r"
    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a#/0

    error: the file is not valid JSON
      Caused by: EOF while parsing a value
      --> a:1:22
    ");
}

#[test]
fn large_whole_numbers_are_exact_or_refused() {
    let import = |number: &str| {
        let line = format!("{{\"repo\":{number},\"number\":1}}\n");
        import("format = \"ndjson\"", &line)
    };
    assert!(import("18446744073709551615").contains("18446744073709551615#1"));
    assert_snapshot!(import("18446744073709551616"), @r"
    error: bad value for `id`
      Caused by: the value is a number too large to be kept exactly; the source must write it as text
      --> a:1
    ");
}

#[test]
fn a_document_that_is_no_array_is_told_what_it_has() {
    assert_snapshot!(import(DOCUMENT, "{\"page\":1,\"users\":[]}"), @r"
    error: the document is not an array of records
      --> a
    hint: say with `records` where the array of records stands, like `/users`; the document has `page`, `users`
    ");
}
