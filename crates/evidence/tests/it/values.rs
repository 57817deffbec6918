//! What becomes of a value, by type and rule.

use arrow::util::display::{ArrayFormatter, FormatOptions};
use tickmark_evidence::Rejects;

use crate::setup::{Setup, mapping, with_offset};

/// Imports one CSV value `v` into a column; the value as shown, or the reason.
fn convert(column: &str, rule: &str, head: &str, value: &str) -> String {
    let setup = Setup::new();
    let quoted = format!("\"{}\"", value.replace('"', "\"\""));
    setup.write("a.csv", format!("id,v\n1,{quoted}\n"));
    let format = format!("format = \"csv\"\nfiles = [\"a.csv\"]\n{head}");
    let rule = format!("from = \"v\"\n{rule}");
    match setup.import(&mapping(&format, &[(column, &rule)]), Rejects::Refuse) {
        Ok(snapshot) => {
            let batch = &setup.batches(&snapshot)[0];
            let cell = with_offset(batch.column_by_name(column).unwrap());
            let options = FormatOptions::default().with_null("null");
            ArrayFormatter::try_new(&cell, &options)
                .unwrap()
                .value(0)
                .to_string()
        }
        Err(error) => {
            let problems = error.problems().0;
            let problem = problems.first().unwrap();
            problem.causes.first().unwrap_or(&problem.message).clone()
        }
    }
}

fn check(column: &str, rule: &str, value: &str, expected: &str) {
    assert_eq!(
        convert(column, rule, "", value),
        expected,
        "{column} {rule} `{value}`"
    );
}

#[test]
fn texts() {
    check("name", "", "Ann", "Ann");
    check("name", "", "", "null");
    check("name", "", " ", " ");
    check("name", "null = [\"-\", \"n/a\"]", "n/a", "null");
    check("name", "null = [\"-\"]", "", "");
    check("name", "lower = true", "ANN@Example.COM", "ann@example.com");
    check("name", "map = { A = \"active\" }", "A", "active");
    check(
        "name",
        "map = { A = \"active\", B = \"left\" }",
        "C",
        "`C` is not in its `map`, which has `A`, `B`",
    );
    check("name", "map = { A = \"active\" }", "", "null");
    check("name", "", "=HYPERLINK(\"x\")", "=HYPERLINK(\"x\")");
}

#[test]
fn truths() {
    let yes_no = "true = [\"Y\"]\nfalse = [\"N\"]\nnull = [\"?\"]";
    check("active", "", "true", "true");
    check("active", "", "false", "false");
    check("active", "", "", "null");
    check(
        "active",
        "",
        "TRUE",
        "`TRUE` is neither true (true) nor false (false)",
    );
    check("active", yes_no, "N", "false");
    check("active", yes_no, "?", "null");
    check("active", yes_no, "", "`` is neither true (Y) nor false (N)");
    check(
        "active",
        "map = { on = \"true\", off = \"false\" }",
        "on",
        "true",
    );
}

#[test]
fn numbers_and_lists() {
    check("count", "", "17", "17");
    check("count", "", "-9223372036854775808", "-9223372036854775808");
    check(
        "count",
        "",
        "9223372036854775808",
        "`9223372036854775808` is not a whole number",
    );
    check("count", "", "1.0", "`1.0` is not a whole number");
    check("count", "", " 1", "` 1` is not a whole number");
    check("share", "", "99.84", "99.84");
    check("share", "", "NaN", "`NaN` is not a finite number");
    check("share", "", "-inf", "`-inf` is not a finite number");
    check("share", "", "1e999", "`inf` is not a finite number");
    check("share", "", "1,5", "`1,5` is not a number");
    check("tags", "split = \";\"", "a; b;;c ", "[a, b, c]");
    check(
        "tags",
        "split = \";\"\nlower = true",
        "A@x;B@x",
        "[a@x, b@x]",
    );
    check("tags", "split = \";\"", "", "null");
}

#[test]
fn dates() {
    let form = "is not a day that exists, written";
    check("day", "", "2026-02-28", "2026-02-28");
    check("day", "", "2024-02-29", "2024-02-29");
    check(
        "day",
        "",
        "2026-02-31",
        &format!("`2026-02-31` {form} `%Y-%m-%d`"),
    );
    check(
        "day",
        "",
        "2025-02-29",
        &format!("`2025-02-29` {form} `%Y-%m-%d`"),
    );
    check(
        "day",
        "",
        "2026-02-28T10:00:00Z",
        &format!("`2026-02-28T10:00:00Z` {form} `%Y-%m-%d`"),
    );
    check(
        "day",
        "",
        "02/28/2026",
        &format!("`02/28/2026` {form} `%Y-%m-%d`"),
    );
    check("day", "format = \"%m/%d/%Y\"", "02/28/2026", "2026-02-28");
    check(
        "day",
        "format = \"%m/%d/%Y\"",
        "31/02/2026",
        &format!("`31/02/2026` {form} `%m/%d/%Y`"),
    );
    check(
        "day",
        "format = \"%d.%m.%Y\"",
        "31.2.2026",
        &format!("`31.2.2026` {form} `%d.%m.%Y`"),
    );
    let century = "column `day` is a date: `%y` leaves the century to be guessed";
    check("day", "format = \"%m/%d/%y\"", "02/28/26", century);
    let format = "column `day` is a date: `day` is not a date format like `%Y-%m-%d`";
    check("day", "format = \"day\"", "x", format);
}

#[test]
fn instants() {
    let exists = "is not a time that exists, written like `2025-07-01T09:30:00Z`";
    check("at", "", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z");
    check(
        "at",
        "",
        "2026-03-01T10:00:00.123456789Z",
        "2026-03-01T10:00:00.123456Z",
    );
    check(
        "at",
        "",
        "2026-03-01 10:00:00+02:00",
        "2026-03-01T08:00:00Z",
    );
    check(
        "at",
        "",
        "2026-02-31T10:00:00Z",
        &format!("`2026-02-31T10:00:00Z` {exists}"),
    );
    check("at", "", "2026-03-01", "`2026-03-01` has no time of day");
    check("at", "", "yesterday", &format!("`yesterday` {exists}"));
    let no_zone = "`2026-03-01T10:00:00` says no offset, and the mapping says no `time_zone`";
    check("at", "", "2026-03-01T10:00:00", no_zone);
    let log = "format = \"%d/%b/%Y:%H:%M:%S %z\"";
    check(
        "at",
        log,
        "01/Mar/2026:10:00:00 -0800",
        "2026-03-01T18:00:00Z",
    );
    check(
        "at",
        "format = \"%Y-%m-%d\"",
        "2026-03-01",
        "column `at` is a timestamp: `%Y-%m-%d` does not tell the hour of the day; `%I` needs `%p`",
    );
    check(
        "at",
        "format = \"%s\"",
        "1751328000",
        "2025-07-01T00:00:00Z",
    );
    check(
        "at",
        "format = \"epoch_ms\"",
        "1751328000123",
        "2025-07-01T00:00:00.123Z",
    );
    let soon = "`soon` is not a number of milliseconds since 1970";
    check("at", "format = \"epoch_ms\"", "soon", soon);
}

#[test]
fn local_times_need_one_instant() {
    let check = |value: &str, expected: &str| {
        let zone = "time_zone = \"America/Los_Angeles\"";
        assert_eq!(convert("at", "", zone, value), expected, "{value}");
    };
    let not_one = |value: &str, how: &str| {
        format!(
            "`{value}` {how} in America/Los_Angeles, where clocks changed; the source must give the offset"
        )
    };
    check("2025-07-01T00:00:00", "2025-07-01T07:00:00Z");
    check("2025-12-31 23:59:59", "2026-01-01T07:59:59Z");
    check("2026-03-08T01:59:59", "2026-03-08T09:59:59Z");
    check(
        "2026-03-08T02:30:00",
        &not_one("2026-03-08T02:30:00", "does not exist"),
    );
    check(
        "2025-11-02T01:30:00",
        &not_one("2025-11-02T01:30:00", "exists twice"),
    );
    check("2025-11-02T01:30:00-07:00", "2025-11-02T08:30:00Z");
    check("2025-11-02T01:30:00-08:00", "2025-11-02T09:30:00Z");
}

#[test]
fn constants() {
    let check = |column: &str, rule: &str, expected: &str| {
        let setup = Setup::new();
        setup.write("a.csv", "id\n1\n");
        let format = "format = \"csv\"\nfiles = [\"a.csv\"]";
        let snapshot = setup
            .import(&mapping(format, &[(column, rule)]), Rejects::Refuse)
            .unwrap();
        let batch = &setup.batches(&snapshot)[0];
        let options = FormatOptions::default();
        let cell = with_offset(batch.column_by_name(column).unwrap());
        let cells = ArrayFormatter::try_new(&cell, &options).unwrap();
        assert_eq!(cells.value(0).to_string(), expected, "{rule}");
    };
    check("name", "constant = \"keyring\"", "keyring");
    check("active", "constant = true", "true");
    check("active", "constant = \"false\"", "false");
    check("count", "constant = 3", "3");
    check("share", "constant = 99.9", "99.9");
    check("day", "constant = 2026-01-31", "2026-01-31");
    check(
        "at",
        "constant = \"2026-01-31T00:00:00Z\"",
        "2026-01-31T00:00:00Z",
    );
    check("tags", "constant = \"a;b\"\nsplit = \";\"", "[a, b]");
    check("name", "template = \"{{{id}}}/{id}\"", "{1}/1");
}

#[test]
fn epochs() {
    let ms = "format = \"epoch_ms\"";
    let s = "format = \"epoch_s\"";
    check("at", s, "1751328000", "2025-07-01T00:00:00Z");
    check("at", s, "1751328000.5", "2025-07-01T00:00:00.500Z");
    check("at", s, "-1", "1969-12-31T23:59:59Z");
    let not_s = |said: &str| {
        format!("`{said}` is not a number of seconds since 1970; milliseconds are `epoch_ms`")
    };
    for said in ["1751328000000", "1e9", "1751328000.", "12.-5", "soon"] {
        check("at", s, said, &not_s(said));
    }
    check(
        "at",
        ms,
        "1751328000",
        "`1751328000` as milliseconds lies in the year 1970; seconds are `epoch_s`, and what means none goes into `null`",
    );
    check(
        "day",
        s,
        "1751328000",
        "column `day` is a date: `epoch_s` is of times, whose day depends on a zone",
    );
}

#[test]
fn years_out_of_reach() {
    let outside = |said: &str, year: i16| {
        format!(
            "`{said}` lies in the year {year}, outside 1900 to 2199; list it in `null` where it means that there is none"
        )
    };
    let american = "format = \"%m/%d/%Y\"";
    check("day", american, "2/3/26", &outside("2/3/26", 26));
    check("day", "", "9999-12-31", &outside("9999-12-31", 9999));
    check("day", "null = [\"9999-12-31\"]", "9999-12-31", "null");
    for (said, year) in [("0001-01-01T00:00:00Z", 1), ("9999-12-31T23:59:59Z", 9999)] {
        check("at", "", said, &outside(said, year));
    }
}

#[test]
fn formats_that_cannot_tell_the_time() {
    let check = |column: &str, format: &str, expected: &str| {
        check(column, &format!("format = \"{format}\""), "x", expected);
    };
    let unread =
        |format: &str| format!("column `day` is a date: nothing can be read by `{format}`");
    check("day", "%K", &unread("%K"));
    check("day", "%Y-%m-%d %Z", &unread("%Y-%m-%d %Z"));
    let no_day = "column `day` is a date: `%Y-%m` does not tell year, month and day";
    check("day", "%Y-%m", no_day);
    let no_hour = |format: &str| {
        format!(
            "column `at` is a timestamp: `{format}` does not tell the hour of the day; `%I` needs `%p`"
        )
    };
    for format in ["%m/%d/%Y %I:%M", "%Y-%m-%dT%I:%M:%S%z"] {
        check("at", format, &no_hour(format));
    }
}

#[test]
fn a_zone_in_brackets_is_no_offset() {
    let named =
        "`2026-01-01T10:00:00[Europe/Berlin]` names a zone in brackets instead of an offset";
    check("at", "", "2026-01-01T10:00:00[Europe/Berlin]", named);
    check(
        "at",
        "",
        "2026-01-01T10:00:00+01:00[Europe/Berlin]",
        "2026-01-01T09:00:00Z",
    );
}
