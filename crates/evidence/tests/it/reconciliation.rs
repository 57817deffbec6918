//! Reconciliations: definitions and comparison.

use insta::{assert_debug_snapshot, assert_snapshot};
use tickmark_catalog::Sha256Hex;
use tickmark_evidence::{KeyRow, Reconciliation, ReconciliationResult};

use crate::setup::datasets;

const DEFINITION: &str = r#"
id = "things-against-happenings"
title = "Things against what happened to them"
why = "Every thing comes into being by a happening."
period = "happenings inside the period"
marks = ["things"]
[left]
dataset = "things"
source = "register"
key = ["id"]
[right]
dataset = "happenings"
where = "at >= $period_start"
key = ["id"]
"#;

fn parse(text: &str) -> Result<Reconciliation, String> {
    Reconciliation::parse("reconciliations/a.toml", text, &datasets())
        .map_err(|found| found.to_string())
}

#[test]
fn reads_a_definition() {
    assert_debug_snapshot!(parse(DEFINITION).unwrap(), @r#"
    Reconciliation {
        id: "things-against-happenings",
        title: "Things against what happened to them",
        why: "Every thing comes into being by a happening.",
        period: Some(
            "happenings inside the period",
        ),
        marks: [
            "things",
        ],
        left: Side {
            dataset: "things",
            source: Some(
                "register",
            ),
            condition: None,
            key: [
                "id",
            ],
        },
        right: Side {
            dataset: "happenings",
            source: None,
            condition: Some(
                "at >= $period_start",
            ),
            key: [
                "id",
            ],
        },
    }
    "#);
}

#[test]
fn tells_everything_that_is_wrong() {
    assert_snapshot!(parse(r#"
id = "Things"
title = ""
marks = ["thing"]
[left]
dataset = "happening"
key = []
[right]
dataset = "happenings"
key = ["id"]
wehre = "x"
"#).unwrap_err(), @r"
    error: id `Things` may hold only small letters, digits and single dashes
      --> reconciliations/a.toml:2:1

    error: `title` is empty
      --> reconciliations/a.toml:3:1

    error: `why` is missing
      --> reconciliations/a.toml:1

    error: there is no dataset `thing`
      --> reconciliations/a.toml:4:1
    hint: did you mean `things`?

    error: there is no dataset `happening`
      --> reconciliations/a.toml:6:1
    hint: did you mean `happenings`?

    error: `key` names no column
      --> reconciliations/a.toml:7:1

    error: unknown key `wehre` in `[right]`; the nearest is `where`
      --> reconciliations/a.toml:11:1

    error: the left key has 0 parts, the right key 1
      --> reconciliations/a.toml:1
    ");
}

fn compare(left: &[&[&str]], right: &[&[&str]]) -> ReconciliationResult {
    let rows = |rows: &[&[&str]]| -> Vec<KeyRow> {
        let part = |part: &&str| (*part != "null").then(|| (*part).to_owned());
        rows.iter()
            .map(|row| row.iter().map(part).collect())
            .collect()
    };
    let read = vec![
        Sha256Hex::of(b"b"),
        Sha256Hex::of(b"a"),
        Sha256Hex::of(b"b"),
    ];
    parse(DEFINITION)
        .unwrap()
        .compare(rows(left), rows(right), Sha256Hex::of(b"d"), read)
}

#[test]
fn compares_in_both_directions() {
    let check = |left: &[&[&str]], right: &[&[&str]], expected: (u64, usize, usize, bool)| {
        let result = compare(left, right);
        let found = (
            result.matched_count,
            result.only_left.len(),
            result.only_right.len(),
            result.complete,
        );
        assert_eq!(found, expected, "{left:?} {right:?}");
        let turned = compare(right, left);
        assert_eq!(
            (turned.only_left, turned.only_right),
            (result.only_right, result.only_left)
        );
    };
    check(&[], &[], (0, 0, 0, true));
    check(&[&["a"], &["b"]], &[&["b"], &["a"]], (2, 0, 0, true));
    check(&[&["a"], &["b"]], &[&["b"]], (1, 1, 0, false));
    check(&[&["a"]], &[&["b"]], (0, 1, 1, false));
    check(&[&["a"], &["a"]], &[&["a"]], (1, 0, 0, true));
    check(&[&["a", "1"]], &[&["a", "2"]], (0, 1, 1, false));
    check(&[&["null"]], &[&["null"]], (0, 1, 1, false));
    check(&[&["null"], &["null"]], &[], (0, 2, 0, false));
}

#[test]
fn counts_repeated_keys() {
    let result = compare(&[&["a"], &["a"], &["a"], &["b"]], &[&["b"], &["b"]]);
    assert_eq!(
        (result.repeated_left_count, result.repeated_right_count),
        (2, 1)
    );
    assert_eq!(result.read.len(), 2);
    assert_snapshot!(result.summary(), @"reconciliation `things-against-happenings`: 1 matched, 1 only left, 0 only right");
}
