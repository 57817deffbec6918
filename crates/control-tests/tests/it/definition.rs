//! Reading a definition: all that is wrong is told at once, with its line.

use std::collections::BTreeMap;

use tickmark_control_tests::{ControlTest, Fixture, TestFolder};

use crate::sample::{TOML, folder, test};

/// Changes the sample definition; what is told of it must be `expected`.
fn check(changes: &[(&str, &str)], expected: &[&str]) {
    let toml = changes.iter().fold(TOML.to_owned(), |toml, (from, to)| {
        assert!(toml.contains(from), "{from}");
        toml.replacen(from, to, 1)
    });
    let problems = ControlTest::from_folder(&folder(&toml)).unwrap_err();
    let told: Vec<String> = problems
        .iter()
        .map(|problem| {
            let place = problem
                .place
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let hint = problem
                .hint
                .as_ref()
                .map(|hint| format!(" ({hint})"))
                .unwrap_or_default();
            format!("{place}: {}{hint}", problem.message)
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_definition_is_read() {
    let test = test();
    assert_eq!(test.id.as_str(), "access-removed");
    assert_eq!(test.parameters["business_days"].value.to_string(), "1");
    assert_eq!(test.item.for_count(1), "leaver");
    let values = test.values("2025-07-01..2026-06-30".parse().unwrap());
    let told: Vec<String> = values
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        told,
        [
            "business_days=1",
            "period_end=2026-06-30",
            "period_start=2025-07-01"
        ]
    );
}

#[test]
fn all_problems_are_told_at_once() {
    check(
        &[
            ("id = \"access-removed\"", "id = \"other-name\""),
            ("nature = \"inspection\"", "nature = \"looking\""),
            (
                "reads = [\"leavers\", \"accounts\"]",
                "reads = [\"leavers\", \"acounts\"]",
            ),
            ("type = \"int\"", "type = \"integer\""),
            ("remedy =", "remedi ="),
        ],
        &[
            "tests/access-removed/test.toml:1: `remedy` is missing",
            "tests/access-removed/test.toml:2:6: `id` is `other-name`, but the folder is called `access-removed`",
            "tests/access-removed/test.toml:9:21: there is no table `acounts` (did you mean `accounts`?)",
            "tests/access-removed/test.toml:11:10: `nature` cannot be `looking` \
             (it is one of `inquiry`, `observation`, `inspection`, `reperformance`)",
            "tests/access-removed/test.toml:13:13: nothing is known to fill `{business_days}` with",
            "tests/access-removed/test.toml:15:1: unknown key `remedi`; the nearest is `remedy`",
            "tests/access-removed/test.toml:18:8: `type` cannot be `integer` \
             (it is one of `int`, `float`, `text`, `date`, `bool`)",
        ],
    );
}

#[test]
fn what_contradicts_itself_is_told() {
    let file = "tests/access-removed/test.toml";
    check(
        &[("kind = \"event\"", "kind = \"state\"")],
        &[
            &format!("{file}:1: a state test has no `max_gap_days`"),
            &format!("{file}:8:14: a state test needs a state dataset, but `leavers` holds events"),
        ],
    );
    check(
        &[("why =", "max_gap_days = 3\nwhy =")],
        &[&format!(
            "{file}:14:16: `max_gap_days` is for state tests only"
        )],
    );
    check(
        &[("population = \"leavers\"", "population = \"people\"")],
        &[&format!(
            "{file}:8:14: population `people` is not in `reads`"
        )],
    );
    check(
        &[("controls = [\"TM-048\"]", "controls = []")],
        &[&format!(
            "{file}:5:1: `controls` is empty, but the test measures a control"
        )],
    );
    check(
        &[("{population}", "{populaton}")],
        &[&format!(
            "{file}:12:13: nothing is known to fill `{{populaton}}` with (did you mean `{{population}}`?)"
        )],
    );
    check(
        &[("business_days]", "period_end]")],
        &[
            &format!("{file}:13:13: nothing is known to fill `{{business_days}}` with"),
            &format!(
                "{file}:17:13: parameter `period_end` is there in every test and cannot be declared"
            ),
        ],
    );
    check(
        &[("default = 1", "default = \"one\"")],
        &[
            &format!("{file}:13:13: nothing is known to fill `{{business_days}}` with"),
            &format!("{file}:19:11: `default` must be a whole number, not a text"),
        ],
    );
}

#[test]
fn a_folder_must_hold_what_it_should() {
    let told = |files: &[(&str, &str)]| {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let folder = TestFolder {
            path: "tests/x".to_owned(),
            files,
        };
        ControlTest::from_folder(&folder)
            .unwrap_err()
            .iter()
            .map(|problem| problem.message.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&[]),
        [
            "control test `x` has no `test.toml`",
            "control test `x` has no `test.sql`"
        ]
    );
    assert_eq!(
        told(&[("test.toml", ""), ("test.sql", ""), ("notes.txt", "")])[..1],
        ["`notes.txt` does not belong into the folder of a control test"]
    );
}

#[test]
fn parameters_are_overridden_by_name_and_type() {
    let test = test();
    let with = |name: &str, text: &str| {
        test.with_parameters(&BTreeMap::from([(name.to_owned(), text.to_owned())]))
    };
    let changed = with("business_days", "3").unwrap();
    assert_eq!(changed.parameters["business_days"].value.to_string(), "3");
    assert_eq!(changed.parameters["business_days"].default.to_string(), "1");
    assert_eq!(
        with("busines_days", "3").unwrap_err().to_string(),
        "error: control test `access-removed` has no parameter `busines_days`\nhint: did you mean `business_days`?"
    );
    assert_eq!(
        with("business_days", "soon").unwrap_err().to_string(),
        "error: `soon` is not a value of parameter `business_days` of control test `access-removed`\n\
         hint: it is of type int; the default is `1`"
    );
}

#[test]
fn the_digest_of_a_folder_depends_on_its_files_only() {
    let here = folder(TOML);
    let there = TestFolder {
        path: "elsewhere/access-removed/".to_owned(),
        ..here.clone()
    };
    assert_eq!(here.sha256(), there.sha256());
    assert_eq!(there.name(), "access-removed");
    let mut changed = here.clone();
    changed
        .files
        .insert("fixtures/a/expected.csv".to_owned(), String::new());
    assert_ne!(here.sha256(), changed.sha256());
}

#[test]
fn what_is_wrong_with_a_fixture_is_told() {
    let mut folder = folder(TOML);
    let files = [
        (
            "fixtures/a/fixture.toml",
            "description = \"d\"\nperiod = \"2025\"\n[parameters]\nbusines_days = 2",
        ),
        (
            "fixtures/a/expected.csv",
            "item,status,why\nP-1,okay,\n,operated,",
        ),
        ("fixtures/a/leavers.csv", "person_id\nP-1,P-2"),
        ("fixtures/b/leavers.csv", "person_id"),
    ];
    folder
        .files
        .extend(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    let problems = Fixture::from_folder(&folder, &test()).unwrap_err();
    let told: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!("{}: {}", problem.place.as_ref().unwrap(), problem.message)
                .replace("tests/access-removed/fixtures/", "")
        })
        .collect();
    assert_eq!(
        told,
        [
            "a/expected.csv:1: unknown column `why` in the expected items",
            "a/expected.csv:2: `okay` is not a status",
            "a/expected.csv:3: an expected item has no `item`",
            "a/fixture.toml:2:10: `2025` is not a period like `2025-07-01..2026-06-30`",
            "a/fixture.toml:4:1: unknown key `busines_days` in `[parameters]`; the nearest is `business_days`",
            "a/leavers.csv:2: a record has more or fewer cells than the header",
            "b/expected.csv: fixture `b` of `access-removed` has no `expected.csv`",
            "b/fixture.toml: fixture `b` of `access-removed` has no `fixture.toml`",
        ]
    );
}
