//! Table-driven tests of folding observations into intervals.

use super::*;
use crate::rows::by_hand::{ItemRow, Rows};

/// Days of one item, one letter a day from 2025-07-01: `o` operated, `d`
/// deviation, `n` not tested, `x` excluded, `.` no observation. `collections`
/// marks with `c` the days on which the source was collected. The answer has
/// one letter a day: `O`, `D`, `-` not observed, ` ` no interval.
fn check(max_gap_days: u32, collections: &str, observations: &str, expected: &str) {
    let start: Date = "2025-07-01".parse().unwrap();
    let day = |index: usize| start.saturating_add(Span::new().days(index as i32));
    let period = Period::new(start, day(expected.len() - 1)).unwrap();
    let collected = collections
        .char_indices()
        .filter(|(_, c)| *c == 'c')
        .map(|(index, _)| day(index));
    let collections = Collections::from([("idp".to_owned(), collected.collect())]);
    let window = Window {
        period,
        max_gap_days,
        time_zone: &TimeZone::UTC,
        collections: &collections,
    };
    let rows = observations
        .char_indices()
        .filter_map(|(index, letter)| row(day(index), letter))
        .collect();
    let items = state_items(&Rows(rows), &window).unwrap();
    let mut found = vec![' '; expected.len()];
    for interval in items.iter().flat_map(|item| &item.intervals) {
        let letter = match interval.status {
            IntervalStatus::Operating => 'O',
            IntervalStatus::Deviating => 'D',
            IntervalStatus::NotObserved => '-',
        };
        let (first, last) = (interval.start, interval.end);
        fill(
            &mut found,
            day_number(first, period),
            day_number(last, period),
            letter,
        );
    }
    let found: String = found.into_iter().collect();
    assert_eq!(
        found, expected,
        "gap {max_gap_days}, observations {observations}"
    );
}

fn row(day: Date, letter: char) -> Option<ItemRow> {
    let status = match letter {
        'o' => ItemStatus::Operated,
        'd' => ItemStatus::Deviation,
        'n' => ItemStatus::NotTested,
        'x' => ItemStatus::Excluded,
        _ => return None,
    };
    Some(ItemRow {
        item: "item".to_owned(),
        status,
        reason: format!("seen {letter} on {day}"),
        occurred_at: Some(Occurred::Day(day)),
        source: Some("idp".to_owned()),
    })
}

#[test]
fn an_observation_counts_for_its_days() {
    check(1, "ccccc", "ooooo", "OOOOO");
    check(5, "c....", "o....", "OOOOO");
    check(3, "c....", "o....", "OOO--");
    check(2, "c.c.c", "o.d.o", "OODDO");
}

#[test]
fn a_gap_is_not_observed() {
    // At the start, in the middle, at the end.
    check(1, "..ccc", "..ooo", "--OOO");
    check(1, "cc..c", "oo..o", "OO--O");
    check(1, "ccc..", "ooo..", "OOO--");
    // An observation on the last day counts for that day only.
    check(1, "....c", "....o", "----O");
    // A missed collection in a deviating run stays a gap.
    check(1, "c.c", "d.d", "D-D");
}

#[test]
fn an_item_that_appears_or_disappears_did_not_exist() {
    check(1, "ccccc", "..ooo", "  OOO");
    check(1, "ccccc", "ooo..", "OOO  ");
    // The monthly kind: the collection before shows that it was not there.
    check(3, "c..c..", "...o..", "   OOO");
    check(3, "c..c..", "o.....", "OOO   ");
    // A collection that does not reach the first observation proves nothing.
    check(2, "c...c.", "....o.", "  --OO");
    // A gap between two observations is never explained away.
    check(1, "ccccc", "o...o", "O---O");
}

#[test]
fn what_the_source_cannot_say_is_not_observed() {
    check(1, "ccc", "nnn", "---");
    check(1, "ccc", "ono", "O-O");
}

#[test]
fn excluded_days_have_no_interval() {
    check(1, "cccc", "xxoo", "  OO");
    check(1, "ccc", "xxx", "   ");
}

fn items(max_gap_days: u32, rows: &[(&str, &str, ItemStatus)]) -> Vec<ItemResult> {
    let period = "2025-07-01..2025-07-04".parse().unwrap();
    let days =
        ["2025-07-01", "2025-07-02", "2025-07-03", "2025-07-04"].map(|day| day.parse().unwrap());
    let collections = Collections::from([("idp".to_owned(), days.into_iter().collect())]);
    let window = Window {
        period,
        max_gap_days,
        time_zone: &TimeZone::UTC,
        collections: &collections,
    };
    let rows = rows.iter().map(|(item, day, status)| ItemRow {
        item: (*item).to_owned(),
        status: *status,
        reason: format!("on {day}"),
        occurred_at: Some(Occurred::Day(day.parse().unwrap())),
        source: None,
    });
    state_items(&Rows(rows.collect()), &window).unwrap()
}

#[test]
fn an_item_has_the_status_of_its_worst_day() {
    use ItemStatus::{Deviation, Excluded, NotTested, Operated};
    let found = items(
        1,
        &[
            ("b", "2025-07-02", Operated),
            ("b", "2025-07-03", Deviation),
            ("b", "2025-07-04", Deviation),
            ("a", "2025-07-01", Operated),
            ("a", "2025-07-02", Operated),
            ("c", "2025-07-01", NotTested),
            ("d", "2025-07-01", Excluded),
            ("e", "2025-07-05", Deviation),
            ("f", "2025-06-30", Deviation),
        ],
    );
    let told: Vec<String> = found
        .iter()
        .map(|item| {
            format!(
                "{} {} {}: {}",
                item.item,
                item.status,
                item.reason,
                item.intervals_text()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "a operated on 2025-07-02: operating 2025-07-01..2025-07-02",
            "b deviation on 2025-07-03: operating 2025-07-02..2025-07-02; deviating 2025-07-03..2025-07-04",
            "c not_tested on 2025-07-01: not_observed 2025-07-01..2025-07-01",
            "d excluded on 2025-07-01: ",
        ]
    );
}

#[test]
fn the_worst_of_a_day_counts() {
    use ItemStatus::{Deviation, Operated};
    let found = items(
        4,
        &[
            ("a", "2025-07-01", Deviation),
            ("a", "2025-07-01", Operated),
        ],
    );
    assert_eq!(
        found[0].intervals_text(),
        "deviating 2025-07-01..2025-07-01"
    );
    assert_eq!(found[0].detail.get("days_deviating").unwrap(), "1");
}

#[test]
fn a_row_without_a_source_is_absent_only_when_all_sources_were_collected() {
    let period = "2025-07-01..2025-07-03".parse().unwrap();
    let day = |text: &str| text.parse::<Date>().unwrap();
    let collections = Collections::from([
        (
            "one".to_owned(),
            [day("2025-07-01"), day("2025-07-03")].into(),
        ),
        (
            "two".to_owned(),
            [day("2025-07-02"), day("2025-07-03")].into(),
        ),
    ]);
    let window = Window {
        period,
        max_gap_days: 1,
        time_zone: &TimeZone::UTC,
        collections: &collections,
    };
    let row = ItemRow {
        item: "a".to_owned(),
        status: ItemStatus::Operated,
        reason: String::new(),
        occurred_at: Some(Occurred::Day(day("2025-07-02"))),
        source: None,
    };
    let items = state_items(&Rows(vec![row]), &window).unwrap();
    assert_eq!(
        items[0].intervals_text(),
        "not_observed 2025-07-01..2025-07-01; operating 2025-07-02..2025-07-02"
    );
}

#[test]
fn the_day_is_that_of_the_organization() {
    let period: Period = "2025-07-01..2025-07-01".parse().unwrap();
    let zone = TimeZone::fixed(jiff::tz::offset(-7));
    let window = Window {
        period,
        max_gap_days: 1,
        time_zone: &zone,
        collections: &Collections::new(),
    };
    let row = ItemRow {
        item: "a".to_owned(),
        status: ItemStatus::Operated,
        reason: String::new(),
        occurred_at: Some(Occurred::Instant("2025-07-02T06:59:00Z".parse().unwrap())),
        source: None,
    };
    let items = state_items(&Rows(vec![row]), &window).unwrap();
    assert_eq!(
        items[0].intervals_text(),
        "operating 2025-07-01..2025-07-01"
    );
}
