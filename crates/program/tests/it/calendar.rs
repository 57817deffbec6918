//! Business days, against a count by hand and against counting one by one.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use tickmark_program::Calendar;

use crate::sample::{edited, program, texts};

fn company() -> Calendar {
    program(&texts()).default_calendar().unwrap().clone()
}

#[test]
fn between() {
    let calendar = company();
    let check = |from: Date, to: Date, expected: i64| {
        assert_eq!(
            calendar.business_days_between(from, to),
            expected,
            "{from} to {to}"
        );
    };
    // Monday to Tuesday, and the same day.
    check(date(2026, 3, 9), date(2026, 3, 10), 1);
    check(date(2026, 3, 9), date(2026, 3, 9), 0);
    // Friday to Saturday, Sunday, Monday.
    check(date(2026, 3, 6), date(2026, 3, 7), 0);
    check(date(2026, 3, 6), date(2026, 3, 8), 0);
    check(date(2026, 3, 6), date(2026, 3, 9), 1);
    // From a Saturday.
    check(date(2026, 3, 7), date(2026, 3, 9), 1);
    // Backwards.
    check(date(2026, 3, 9), date(2026, 3, 6), 0);
    // Over Christmas (a Thursday) and New Year.
    check(date(2025, 12, 24), date(2025, 12, 26), 1);
    check(date(2025, 12, 24), date(2026, 1, 2), 5);
    // To a holiday, from a holiday.
    check(date(2025, 12, 24), date(2025, 12, 25), 0);
    check(date(2025, 12, 25), date(2025, 12, 26), 1);
    // A whole year: 261 weekdays less two holidays.
    check(date(2025, 6, 30), date(2026, 6, 30), 259);
}

#[test]
fn between_equals_counting_one_by_one() {
    let odd_week = edited(
        "calendars.toml",
        "[\"saturday\", \"sunday\"]",
        "[\"friday\", \"tuesday\", \"sunday\"]",
    );
    let no_weekend = edited("calendars.toml", "[\"saturday\", \"sunday\"]", "[]");
    for texts in [texts(), odd_week, no_weekend] {
        let calendar = program(&texts).default_calendar().unwrap().clone();
        let first = date(2025, 12, 20);
        for from in first.series(1.day()).take(16) {
            let mut count = 0;
            for to in from.series(1.day()).skip(1).take(40) {
                count += i64::from(calendar.is_business_day(to));
                assert_eq!(
                    calendar.business_days_between(from, to),
                    count,
                    "{from} to {to}"
                );
            }
        }
    }
}

#[test]
fn adding() {
    let calendar = company();
    let check = |from: Date, days: i64, expected: Date| {
        assert_eq!(
            calendar.add_business_days(from, days),
            Some(expected),
            "{from} {days:+}"
        );
    };
    check(date(2026, 3, 6), 1, date(2026, 3, 9));
    check(date(2026, 3, 7), 1, date(2026, 3, 9));
    check(date(2026, 3, 6), 0, date(2026, 3, 6));
    check(date(2026, 3, 7), 0, date(2026, 3, 7));
    check(date(2025, 12, 24), 1, date(2025, 12, 26));
    check(date(2026, 3, 9), -1, date(2026, 3, 6));
    check(date(2025, 12, 26), -1, date(2025, 12, 24));
    check(date(2025, 12, 24), 5, date(2026, 1, 2));
}

#[test]
fn adding_undoes_between_on_business_days() {
    let calendar = company();
    for from in date(2025, 12, 1)
        .series(1.day())
        .take(60)
        .filter(|day| calendar.is_business_day(*day))
    {
        for days in 0..30 {
            let to = calendar.add_business_days(from, days).unwrap();
            assert_eq!(
                calendar.business_days_between(from, to),
                days,
                "{from} +{days}"
            );
        }
    }
}

#[test]
fn beyond_the_last_date_there_is_none() {
    assert_eq!(company().add_business_days(date(9999, 12, 30), 10), None);
    assert_eq!(company().add_business_days(date(-9999, 1, 2), -10), None);
    assert_eq!(
        company().add_business_days(date(2026, 1, 1), i64::MAX),
        None
    );
}
