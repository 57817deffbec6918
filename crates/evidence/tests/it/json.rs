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
    error: bad value for `count`
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

    error: bad value for `name`
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
    hint: say with `records` where the array of records stands, like `/users`
    ");
    assert_snapshot!(import("{\"users\":{}}"), @r"
    error: there is no array at `/users`
      --> a
    hint: say with `records` where the array of records stands, like `/users`
    ");
    assert_snapshot!(import("{\"users\":[{\"repo\":1}\n,]}"), @r"
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
