//! CSV files: dialects, encodings, lines, keys and counts.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use insta::assert_snapshot;
use tickmark_evidence::{Rejects, Snapshot};

use crate::setup::{Setup, mapping, shown};

const CSV: &str = "format = \"csv\"\nfiles = [\"a.csv\"]";
const NAME: (&str, &str) = ("name", "from = \"name\"");

/// Imports `a.csv` with the columns `id` and `name`: rows, or problems.
fn import(options: &str, raw: impl AsRef<[u8]>) -> String {
    let setup = Setup::new();
    setup.write("a.csv", raw);
    match setup.import(
        &mapping(&format!("{CSV}\n{options}"), &[NAME]),
        Rejects::Refuse,
    ) {
        Err(error) => shown(error),
        Ok(snapshot) => rows(&setup, &snapshot),
    }
}

/// `id=name@row` of each row.
fn rows(setup: &Setup, snapshot: &Snapshot) -> String {
    let mut shown = Vec::new();
    for batch in setup.batches(snapshot) {
        let text = |name: &str| {
            batch
                .column_by_name(name)
                .unwrap()
                .as_string::<i32>()
                .clone()
        };
        let (ids, names) = (text("id"), text("name"));
        let source_rows = batch
            .column_by_name("source_row")
            .unwrap()
            .as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let name = if names.is_null(row) {
                "null"
            } else {
                names.value(row)
            };
            shown.push(format!(
                "{}={}@{}",
                ids.value(row),
                name,
                source_rows.value(row)
            ));
        }
    }
    shown.join(" ")
}

#[test]
fn reads_dialects_and_encodings() {
    let check = |options: &str, raw: &[u8], expected: &str| {
        assert_eq!(import(options, raw), expected, "{options} {raw:?}");
    };
    check("", b"id,name\n1,Ann\n2,\n", "1=Ann@1 2=null@2");
    check("", b"name,id\r\nAnn,1\r\n", "1=Ann@1");
    check("", b"id,name\n1,Ann", "1=Ann@1");
    check("", b"id,name\n1,Ann\n\n\n\r\n", "1=Ann@1");
    check(
        "",
        b"id,name\n1,\"Ann, the \"\"first\"\"\"\n",
        "1=Ann, the \"first\"@1",
    );
    check(
        "",
        b"id,name\n1,\"two\nlines\"\n2,b\n",
        "1=two\nlines@1 2=b@2",
    );
    check(
        "",
        b"id,name\n1,a\n2,\"two\nlines\"",
        "1=a@1 2=two\nlines@2",
    );
    check("", b"\xef\xbb\xbfid,name\n1,\xc3\x84nn\n", "1=Änn@1");
    check(
        "",
        b"\xff\xfei\0d\0,\0n\0a\0m\0e\0\n\x001\0,\0\xc4\0\n\0",
        "1=Ä@1",
    );
    check(
        "encoding = \"utf-16be\"",
        b"\0i\0d\0,\0n\0a\0m\0e\0\n\x001\0\x2c\0\xc4\0\n",
        "1=Ä@1",
    );
    check(
        "encoding = \"windows-1252\"",
        b"id,name\n1,\xc4nn\x80\n",
        "1=Änn€@1",
    );
    check(
        "encoding = \"windows-1252\"",
        b"\xef\xbb\xbfid,name\n1,\xc3\x84\n",
        "1=Ä@1",
    );
    check(
        "encoding = \"shift_jis\"",
        b"id,name\n1,\x83\x65\n",
        "1=テ@1",
    );
    check("delimiter = \";\"", b"id;name\n1;a,b\n", "1=a,b@1");
    check("delimiter = \"\\t\"", b"id\tname\n1\ta b\n", "1=a b@1");
    check("delimiter = \"|\"", b"id|name\n1|\n", "1=null@1");
    check(
        "skip_lines = 1",
        b"Report of \"1 July\nid,name\n1,a\n",
        "1=a@1",
    );
    check("", b"id,name\n", "");
}

#[test]
fn tells_bad_rows_with_physical_lines() {
    let raw = b"id,name\n1,\"two\nlines\"\n2,b,c\n3\n4,\xff\n1,again\n,nobody\n5,nul\0\n";
    assert_snapshot!(import("", raw), @r"
    error: bad record
      Caused by: the row has 3 values, the header has 2
      --> a.csv:4

    error: bad record
      Caused by: the row has 1 values, the header has 2
      --> a.csv:5

    error: bad value for `name`
      Caused by: the value has bytes that are wrong in the file's encoding
      --> a.csv:6

    error: bad record
      Caused by: its key occurred before, at a.csv:2
      --> a.csv:7

    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a.csv:8

    error: bad value for `name`
      Caused by: the value holds a NUL character; is `encoding` right?
      --> a.csv:9
    ");
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let raw = "id,name|1,a||,b|2,\"two|lines\"|||,c".replace('|', end);
        let told = import("", &raw);
        let lines: Vec<&str> = told
            .lines()
            .filter_map(|line| line.strip_prefix("  --> a.csv:"))
            .collect();
        assert_eq!(lines, ["4", "9"], "{end:?}: {told}");
        let skipped = import("skip_lines = 1", format!("Report{end}{raw}"));
        assert!(skipped.contains("a.csv:5"), "{end:?}: {skipped}");
    }
}

#[test]
fn quotes_that_hide_a_value_are_bad_rows() {
    assert_snapshot!(import("", "id,name\n1,\"a\"b\n2,\"x\\\"y\"\n3,5\" disk\n,c\n"), @r"
    error: bad record
      Caused by: text follows a closing quote; a quote inside a quoted value is written twice
      --> a.csv:2

    error: bad record
      Caused by: text follows a closing quote; a quote inside a quoted value is written twice
      --> a.csv:3

    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a.csv:5
    ");
    assert_snapshot!(import("", "id,\"na\"me\n1,a\n"), @r"
    error: the header cannot be read
      Caused by: text follows a closing quote; a quote inside a quoted value is written twice
      --> a.csv:1
    ");
}

#[test]
fn a_header_that_was_not_taken_apart_is_told_how() {
    assert_snapshot!(import("", "id;name\n1;a\n"), @r#"
    error: the header has one column only: `id;name`
      --> a.csv:1
    hint: say what separates the values: `delimiter = ";"`
    "#);
    assert_snapshot!(import("", "sep=;\nid;name\n1;a\n"), @r"
    error: `sep=;` is not a header
      --> a.csv:1
    hint: skip the line with `skip_lines = 1`
    ");
    assert_snapshot!(import("delimiter = \";\"", "Report\nid;name\n1;a\n"), @r"
    error: the header has one column only: `Report`
      --> a.csv:1
    hint: say with `skip_lines` how many lines stand before the header
    ");
}

#[test]
fn bad_rows_before_an_open_quote_and_in_other_files_are_told_too() {
    let setup = Setup::new();
    setup.write("a.csv", "id,name\n,a\n2,\"open\n");
    setup.write("b.csv", "nr,name\n1,a\n");
    let files = "format = \"csv\"\nfiles = [\"a.csv\", \"b.csv\"]";
    let refused = setup.import(&mapping(files, &[NAME]), Rejects::Refuse);
    assert_snapshot!(shown(refused.unwrap_err()), @r"
    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a.csv:2

    error: a quote that opens in this row is never closed
      --> a.csv:3

    error: there is no column with the header `id`
      --> b.csv:1
    hint: the file has `nr`, `name`
    ");
}

#[test]
fn tells_wrong_bytes_of_other_encodings() {
    let raw = b"Report\nid,name\n1,\x83\x65\n2,\x83\n3,c\n";
    assert_snapshot!(import("encoding = \"shift_jis\"\nskip_lines = 1", raw), @r"
    error: bad value for `name`
      Caused by: the value has bytes that are wrong in the file's encoding
      --> a.csv:4
    ");
}

#[test]
fn tells_header_problems() {
    assert_snapshot!(import("", ""), @r"
    error: the file is empty: it has no header line
      --> a.csv
    hint: an export without records still has its header
    ");
    assert_snapshot!(import("", "id,Name\n"), @r"
    error: there is no column with the header `name`
      --> a.csv:1
    hint: did you mean `Name`? the file has `id`, `Name`
    ");
    assert_snapshot!(import("", "id,name,name\n1,a,b\n"), @r"
    error: two columns have the header `name`
      --> a.csv:1
    hint: rename one of them at the source
    ");
    assert_snapshot!(import("", b"i\0d\0,\0n\0a\0m\0e\0"), @r"
    error: the header is not text in the file's encoding
      --> a.csv:1
    hint: say which `encoding` the file has
    ");
    assert_snapshot!(import("skip_lines = 2", "a\nb\nNumber,Title\n"), @r"
    error: there is no column with the header `id`
      --> a.csv:3
    hint: the file has `Number`, `Title`

    error: there is no column with the header `name`
      --> a.csv:3
    hint: the file has `Number`, `Title`
    ");
}

#[test]
fn refuses_an_open_quote() {
    assert_snapshot!(import("", "id,name\n1,a\n2,\"open\n3,c\n4,d\n"), @r"
    error: a quote that opens in this row is never closed
      --> a.csv:3
    ");
}

#[test]
fn refuses_over_long_records() {
    let long = format!("id,name\n1,\"{}\"\n", "x".repeat(5 * 1024 * 1024));
    assert_snapshot!(import("", long), @r"
    error: the record is longer than 4 MiB
      --> a.csv:2
    hint: a quote may be open, or the file may not be separated values
    ");
}

#[test]
fn compares_the_count_of_the_source() {
    let import = |count: u64| import(&format!("source_count = {count}"), "id,name\n1,a\n2,b\n");
    assert_eq!(import(2), "1=a@1 2=b@2");
    assert_snapshot!(import(3), @r"
    error: source `things` counts 3 records, its files hold 2
    hint: export again, or correct `source_count` if the source's own count was misread
    ");
}

#[test]
fn keeps_accepted_rejects() {
    let setup = Setup::new();
    setup.write("a.csv", "id,name\n1,a\n2\n1,b\n3,c\n");
    let snapshot = setup
        .import(&mapping(CSV, &[NAME]), Rejects::Accept)
        .unwrap();
    assert_eq!(rows(&setup, &snapshot), "1=a@1 3=c@4");
    let manifest = &snapshot.manifest;
    assert_eq!(
        (
            manifest.record_count,
            manifest.row_count,
            manifest.reject_count
        ),
        (4, 2, 2)
    );
    let rejects = setup
        .store
        .get(&manifest.rejects.as_ref().unwrap().sha256)
        .unwrap();
    assert_snapshot!(String::from_utf8(rejects).unwrap(), @r#"
    {"file":"a.csv","line":3,"source_row":2,"reasons":[{"column":null,"reason":"the row has 1 values, the header has 2"}],"raw":["2"]}
    {"file":"a.csv","line":4,"source_row":3,"reasons":[{"column":null,"reason":"its key occurred before, at a.csv:2"}],"raw":["1","b"]}
    "#);
}

#[test]
fn lists_a_thousand_bad_records_and_counts_the_rest() {
    let raw = format!("id,name\n{}", "x\n".repeat(1234));
    let problems = import("", raw);
    assert_eq!(problems.matches("error: bad record").count(), 1000);
    assert!(problems.contains("error: 234 more bad records are not listed"));
}

#[test]
fn reads_several_files_in_order() {
    let setup = Setup::new();
    setup.write("b/2.csv", "id,name\n3,c\n");
    setup.write("b/1.csv", "name,id\na,1\nb,2\n");
    let format = "format = \"csv\"\nfiles = [\"b/1.csv\", \"b/2.csv\"]";
    let snapshot = setup
        .import(&mapping(format, &[NAME]), Rejects::Refuse)
        .unwrap();
    assert_eq!(rows(&setup, &snapshot), "1=a@1 2=b@2 3=c@3");
}

#[test]
fn has_the_columns_of_the_dataset_and_the_envelope() {
    let setup = Setup::new();
    setup.write("a.csv", "id,name\n1,a\n2,b\n");
    let snapshot = setup
        .import(&mapping(CSV, &[NAME]), Rejects::Refuse)
        .unwrap();
    assert_snapshot!(setup.table(&snapshot), @r"
    +----+------+--------+-------+-------+-----+----+------+-----------+----------------------+------------+
    | id | name | active | count | share | day | at | tags | source_id | observed_at          | source_row |
    +----+------+--------+-------+-------+-----+----+------+-----------+----------------------+------------+
    | 1  | a    |        |       |       |     |    |      | things    | 2026-07-02T15:00:00Z | 1          |
    | 2  | b    |        |       |       |     |    |      | things    | 2026-07-02T15:00:00Z | 2          |
    +----+------+--------+-------+-------+-----+----+------+-----------+----------------------+------------+
    ");
}

#[test]
fn a_column_can_tell_the_observation() {
    let setup = Setup::new();
    setup.write("a.csv", "id,name,seen\n1,a,2026-01-01T00:00:00Z\n1,b,2026-01-02T00:00:00Z\n2,c,2026-01-02T00:00:00Z\n");
    let text = mapping(CSV, &[NAME]).replace("\"2026-07-02T15:00:00Z\"", "{ column = \"seen\" }");
    let snapshot = setup.import(&text, Rejects::Refuse).unwrap();
    let observed = snapshot.manifest.observed.unwrap();
    assert_eq!(observed.observation_count, 2);
    assert_eq!(observed.first.to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(observed.last.to_string(), "2026-01-02T00:00:00Z");
    setup.write(
        "a.csv",
        "id,name,seen\n1,a,2026-01-01T00:00:00Z\n1,b,2026-01-01T00:00:00Z\n2,c,\n",
    );
    assert_snapshot!(shown(setup.import(&text, Rejects::Refuse).unwrap_err()), @r"
    error: bad record
      Caused by: its key occurred before, at a.csv:2
      --> a.csv:3

    error: bad value for `observed_at`
      Caused by: the value is empty
      --> a.csv:4
    ");
}
