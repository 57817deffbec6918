//! Everything that is wrong with a TOML text is told at once, in its place.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tickmark_catalog::{Category, CriterionId, Fields, Located, Period, Problems, read_toml};

fn problems(text: &str, read: impl FnOnce(&mut Fields<'_>)) -> String {
    let mut found = Vec::new();
    read_toml("risks.toml", text, &mut found, |fields| {
        read(fields);
        Some(())
    });
    Problems::unless_empty(found, ())
        .map_or_else(|problems| problems.to_string(), |()| String::new())
}

#[test]
fn all_at_once() {
    let text = r#"
titel = "Loss of data"
category = "securty"
likelihood = "often"
criteria = ["CC6.1", "CC8.2", 7]

[[plan]]
due = 2026-02-28T10:00:00Z
[[plan]]
due = 2026-03-01
note = ""
"#;
    let said = problems(text, |fields| {
        fields.text("title");
        fields.required::<Category>("category");
        fields.required::<i64>("likelihood");
        fields.list::<CriterionId>("criteria");
        fields.tables("plan", |plan| {
            plan.required::<Date>("due");
            plan.text("note");
            Some(())
        });
    });
    insta::assert_snapshot!(said, @r"
    error: `title` is missing
      --> risks.toml:1

    error: unknown key `titel`; the nearest is `title`
      --> risks.toml:2:1

    error: category `securty` does not exist; the nearest is `security`
      --> risks.toml:3:12
    hint: one of `security`, `availability`, `processing_integrity`, `confidentiality`, `privacy`

    error: `likelihood` must be a whole number, not a text
      --> risks.toml:4:14

    error: criterion `CC8.2` does not exist; the nearest is `CC8.1`
      --> risks.toml:5:22

    error: `criteria` must be a text, not a whole number
      --> risks.toml:5:31

    error: `note` is missing in `[[plan]]`
      --> risks.toml:7:1

    error: `due` must be a date without quotes, like 2026-06-30, without a time
      --> risks.toml:8:7

    error: `note` is empty
      --> risks.toml:11:1
    ");
}

#[test]
fn syntax() {
    insta::assert_snapshot!(problems("a = 1\nb = \na = [1,", |_| ()), @r"
    error: this is not TOML
      Caused by: string values must be quoted, expected literal string
      --> risks.toml:2:5

    error: this is not TOML
      Caused by: duplicate key
      --> risks.toml:3:1

    error: this is not TOML
      Caused by: unclosed array, expected `]`
      --> risks.toml:3:8
    ");
    insta::assert_snapshot!(problems("a = 1\na = 2", |_| ()), @r"
    error: this is not TOML
      Caused by: duplicate key
      --> risks.toml:2:1
    ");
}

#[test]
fn types() {
    let text = r#"
text = 1
flag = "true"
count = 1.5
small = -1
ratio = nan
day = "2026-06-30"
instant = 2026-06-30
period = "2026"
list = "CC6.1"
map = 3
table = 3
tables = { a = 1 }
"#;
    let said = problems(text, |fields| {
        fields.required::<String>("text");
        fields.required::<bool>("flag");
        fields.required::<i64>("count");
        fields.required::<u32>("small");
        fields.required::<f64>("ratio");
        fields.required::<Date>("day");
        fields.required::<Timestamp>("instant");
        fields.required::<Period>("period");
        fields.list::<CriterionId>("list");
        fields.required::<BTreeMap<String, String>>("map");
        fields.table("table", |_| Some(()));
        fields.tables("tables", |_| Some(()));
        fields.required_table("other", |_| Some(()));
    });
    insta::assert_snapshot!(said, @r"
    error: table `[other]` is missing
      --> risks.toml:1

    error: `text` must be a text, not a whole number
      --> risks.toml:2:8

    error: `flag` must be `true` or `false`, not a text
      --> risks.toml:3:8

    error: `count` must be a whole number, not a float
      --> risks.toml:4:9

    error: `small` cannot be `-1`
      --> risks.toml:5:9

    error: `ratio` must be finite
      --> risks.toml:6:9

    error: `day` must be a date without quotes, like 2026-06-30, not a text
      --> risks.toml:7:7

    error: `2026-06-30` is not a date or time with its offset
      --> risks.toml:8:11

    error: `2026` is not a period like `2025-07-01..2026-06-30`
      --> risks.toml:9:10

    error: `list` must be a list, not a text
      --> risks.toml:10:8

    error: `map` must be a table, not a whole number
      --> risks.toml:11:7

    error: `table` must be a table `[table]`
      --> risks.toml:12:1

    error: `tables` must be a list of tables `[[tables]]`
      --> risks.toml:13:1
    ");
}

#[test]
fn values() {
    let text = r#"
ratio = 2
instant = 2026-07-02T08:00:00-07:00
map = { "Active" = "active" }
ids = ["CC6.1",
       "A1.2"]
"#;
    let mut found = Vec::new();
    let read = read_toml("f.toml", text, &mut found, |fields| {
        let ids: Vec<Located<CriterionId>> = fields.list("ids");
        let places: Vec<String> = ids
            .iter()
            .map(|id| format!("{} {}", id.value, id.place))
            .collect();
        assert_eq!(places, ["CC6.1 f.toml:5:8", "A1.2 f.toml:6:8"]);
        assert_eq!(fields.list::<String>("absent"), Vec::<String>::new());
        let map: BTreeMap<String, String> = fields.required("map")?;
        Some((
            fields.required::<f64>("ratio")?,
            fields.required::<Timestamp>("instant")?,
            map,
        ))
    });
    let map = BTreeMap::from([("Active".to_owned(), "active".to_owned())]);
    assert_eq!(
        read,
        Some((2.0, "2026-07-02T15:00:00Z".parse().unwrap(), map))
    );
    assert_eq!(found, []);
}
