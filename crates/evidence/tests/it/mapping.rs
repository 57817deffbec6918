//! Mapping files: what is accepted, and every problem with its line.

use insta::assert_snapshot;
use tickmark_evidence::Mapping;
use tickmark_evidence::mapping::Format;

use crate::setup::{datasets, mapping};

fn problems(text: &str) -> String {
    match Mapping::parse("sources/things.toml", text, &datasets()) {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

const CSV: &str = "format = \"csv\"\nfiles = [\"a.csv\"]";

#[test]
fn reads_a_whole_mapping() {
    let text = mapping(
        &format!(
            "{CSV}\ndelimiter = \";\"\nencoding = \"latin1\"\nskip_lines = 3\ntime_zone = \"America/Los_Angeles\"\nsource_count = 2\nnot_collected = [\"drafts\"]\nscopes = [\"read:things\"]\ncovers = \"2025-07-01..2026-06-30\""
        ),
        &[
            ("day", "from = \"Day\"\nformat = \"%m/%d/%Y\""),
            ("tags", "from = \"Tags\"\nsplit = \";\""),
        ],
    );
    let read = Mapping::parse("things.toml", &text, &datasets()).unwrap();
    let Format::Csv {
        delimiter,
        encoding,
        skip_lines,
    } = read.format
    else {
        panic!()
    };
    assert_eq!(
        (delimiter, encoding.name(), skip_lines),
        (b';', "windows-1252", 3)
    );
    assert_eq!(read.source_count, Some(2));
    assert_eq!(read.covers.unwrap().to_string(), "2025-07-01..2026-06-30");
    assert_eq!(
        read.columns.keys().collect::<Vec<_>>(),
        ["day", "id", "tags"]
    );
    assert_eq!(read.text(), text);
}

#[test]
fn tells_everything_at_once() {
    assert_snapshot!(problems(r#"
id = "Thing List"
dataset = "thing"
system = ""
format = "csv"
files = []
delimiter = "--"
encoding = "klingon"
time_zone = "Mars/Olympus"
observed_at = "2026-07-02"
grade = "gold"
covers = "2026-06-30..2025-07-01"
colour = "red"
[columns.id]
from = "id"
form = "x"
"#), @r"
    error: source id `Thing List` may hold only small letters, digits and single dashes
      --> sources/things.toml:2:6

    error: there is no dataset `thing`
      --> sources/things.toml:3:1
    hint: did you mean `things`?

    error: `system` is empty
      --> sources/things.toml:4:1

    error: `tenant` is missing
      --> sources/things.toml:1

    error: delimiter `--` must be one ASCII character
      --> sources/things.toml:7:13

    error: encoding `klingon` is not known
      --> sources/things.toml:8:12
    hint: use a label such as `utf-8`, `windows-1252` or `utf-16le`

    error: `files` names no file
      --> sources/things.toml:6:1

    error: time zone `Mars/Olympus` is not an IANA name like `America/Los_Angeles`
      --> sources/things.toml:9:13

    error: `observed_at` cannot be read from `2026-07-02`
      --> sources/things.toml:10:15
    hint: write an instant with its offset, like `2026-07-02T15:00:00Z`

    error: `request` is missing
      --> sources/things.toml:1

    error: the period ends on `2025-07-01`, before it starts on `2026-06-30`
      --> sources/things.toml:12:10

    error: grade `gold` is not one of `connector`, `observed_run`, `screenshot`, `client_file`
      --> sources/things.toml:11:9

    error: unknown key `form` in `[id]`; the nearest is `from`
      --> sources/things.toml:16:1

    error: 2 keys that every mapping has are missing
      --> sources/things.toml:1
    hint: `tickmark import --example leavers` prints a mapping that has them all

    error: unknown key `colour`
      --> sources/things.toml:13:1
    ");
    assert_snapshot!(problems("id = \"a\nb"), @r#"
    error: this is not TOML
      Caused by: key with no value, expected `=`
      --> sources/things.toml:2:2

    error: this is not TOML
      Caused by: invalid basic string, expected `"`
      --> sources/things.toml:1:8
    "#);
    assert_snapshot!(problems(""), @r"
    error: `id` is missing
      --> sources/things.toml:1

    error: `dataset` is missing
      --> sources/things.toml:1

    error: `system` is missing
      --> sources/things.toml:1

    error: `tenant` is missing
      --> sources/things.toml:1

    error: `format` is missing
      --> sources/things.toml:1

    error: `files` is missing
      --> sources/things.toml:1

    error: `observed_at` is missing
      --> sources/things.toml:1

    error: `request` is missing
      --> sources/things.toml:1

    error: `grade` is missing
      --> sources/things.toml:1

    error: table `[columns]` is missing
      --> sources/things.toml:1

    error: 9 keys that every mapping has are missing
      --> sources/things.toml:1
    hint: `tickmark import --example leavers` prints a mapping that has them all
    ");
}

#[test]
fn every_column_is_mapped_or_listed() {
    let text = mapping(CSV, &[("name", "from = \"n\""), ("idd", "from = \"x\"")])
        .replace("\"active\", ", "\"name\", \"id\", \"cuont\", ");
    assert_snapshot!(problems(&text), @r"
    error: dataset `things` has no column `cuont`
      --> sources/things.toml:12:1
    hint: did you mean `count`?

    error: column `id` is mapped and listed as unmapped
      --> sources/things.toml:12:1
    hint: take it out of `unmapped`, or remove `[columns.id]`

    error: column `name` is mapped and listed as unmapped
      --> sources/things.toml:12:1
    hint: take it out of `unmapped`, or remove `[columns.name]`

    error: column `active` is not mapped
      --> sources/things.toml:13:2
    hint: map it under `[columns.active]`, or list it in `unmapped`

    error: dataset `things` has no column `idd`
      --> sources/things.toml:17:10
    hint: did you mean `id`?
    ");
}

#[test]
fn rules_fit_their_columns() {
    let check = |column: &str, rule: &str, expected: &str| {
        let found = problems(&mapping(CSV, &[(column, rule)]));
        let first = found
            .lines()
            .next()
            .unwrap()
            .trim_start_matches("error: ")
            .to_owned();
        assert_eq!(first, expected, "{rule}");
    };
    check(
        "name",
        "from = \"n\"\nsplit = \";\"",
        "column `name` is a text: `split` suits only lists",
    );
    check(
        "tags",
        "from = \"n\"",
        "column `tags` is a list of texts: say with `split` what separates the elements",
    );
    check(
        "tags",
        "from = \"n\"\nsplit = \"\"",
        "column `tags` is a list of texts: `split` is empty",
    );
    check(
        "tags",
        "from = \"n\"\nsplit = \";\"\nmap = { a = \"b\" }",
        "column `tags` is a list of texts: `map` suits only single values",
    );
    check(
        "count",
        "from = \"n\"\nlower = true",
        "column `count` is a whole number: `lower` suits only texts",
    );
    check(
        "count",
        "from = \"n\"\nformat = \"%Y\"",
        "column `count` is a whole number: `format` suits only dates and timestamps",
    );
    check(
        "count",
        "from = \"n\"\nmap = { one = \"1\", two = \"zwei\" }",
        "column `count` is a whole number: `zwei` is not a whole number",
    );
    check(
        "count",
        "constant = \"x\"",
        "column `count` is a whole number: `x` is not a whole number",
    );
    check(
        "day",
        "constant = \"2026-02-31\"",
        "column `day` is a date: `2026-02-31` is not a day that exists, written `%Y-%m-%d`",
    );
    check(
        "at",
        "constant = \"2026-02-01T10:00:00\"",
        "column `at` is a timestamp: `2026-02-01T10:00:00` says no offset, and the mapping says no `time_zone`",
    );
    check(
        "name",
        "from = \"n\"\nconstant = \"x\"",
        "only one of `from`, `constant` and `template` can be given",
    );
    check(
        "name",
        "lower = true",
        "one of `from`, `constant` and `template` must be given",
    );
    check(
        "name",
        "template = \"{a\"",
        "`{a` is not a template like `{repo}#{number}`",
    );
    check(
        "name",
        "template = \"{a}}\"",
        "`{a}}` is not a template like `{repo}#{number}`",
    );
}

#[test]
fn files_stay_in_the_program_folder() {
    let check = |file: &str, is_fine: bool| {
        let text = mapping(CSV, &[]).replace("\"a.csv\"", &format!("'{file}'"));
        assert_eq!(problems(&text) == "no problem", is_fine, "{file}");
    };
    check("exports/a.csv", true);
    check("../a.csv", false);
    check("exports/../../a.csv", false);
    check("/etc/passwd", false);
    check("C:\\a.csv", false);
    check("..\\a.csv", false);
    check("", false);
    check(".", false);
}

#[test]
fn event_datasets_state_their_period() {
    let text = mapping(CSV, &[("at", "from = \"at\"")])
        .replace("dataset = \"things\"", "dataset = \"happenings\"");
    let line = text
        .lines()
        .find(|line| line.starts_with("unmapped"))
        .unwrap();
    assert_snapshot!(problems(&text.replace(line, "")), @r#"
    error: `covers` is missing: `happenings` is an event dataset
      --> sources/things.toml:1
    hint: say for which period the source was asked, like `covers = "2025-07-01..2026-06-30"`
    "#);
}

#[test]
fn names_the_sheet_and_the_array() {
    let check = |format: &str, expected: &str| {
        let found = problems(&mapping(&format!("files = [\"a\"]\n{format}"), &[]));
        let first = found
            .lines()
            .next()
            .unwrap()
            .trim_start_matches("error: ")
            .to_owned();
        assert_eq!(first, expected, "{format}");
    };
    check(
        "format = \"xlsx\"\nsheet = \"S\"\nheader_row = 4",
        "no problem",
    );
    check(
        "format = \"xlsx\"\nheader_row = 0",
        "`header_row` counts from 1",
    );
    check("format = \"json\"", "`records` is missing");
    check(
        "format = \"json\"\nrecords = \"users\"",
        "`users` is not a JSON pointer",
    );
    check("format = \"json\"\nrecords = \"\"", "no problem");
    check("format = \"xml\"", "format `xml` cannot be read");
    check(
        "format = \"ndjson\"\ndelimiter = \",\"",
        "unknown key `delimiter`",
    );
}
