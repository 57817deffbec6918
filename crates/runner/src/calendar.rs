//! Business days: counting and moving by them.
//!
//! Must hold: the count of business days between two dates leaves out the first
//! and includes the second; it is 0 when the second is not after the first;
//! adding `n` business days and counting gives `n` again.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use crate::civil_days::to_days;

/// A business calendar as the program defines it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarDefinition {
    /// Its id, by which SQL names it.
    pub id: String,
    /// Days of the week without business, as `saturday`.
    pub weekend: Vec<String>,
    /// Further days without business.
    pub holidays: Vec<Date>,
}

/// A business calendar made for fast counting.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Calendar {
    /// Which weekdays have business, from Monday.
    week: [bool; 7],
    /// Holidays on weekdays that have business, as days since 1970, sorted.
    holidays: Vec<i32>,
}

/// 1970-01-01 was a Thursday, the fourth day from Monday.
const EPOCH_WEEKDAY: i32 = 3;

/// The longest move by business days; further is a mistake.
const LONGEST_MOVE: i64 = 100_000;

impl CalendarDefinition {
    /// Saturdays and Sundays off, no holidays: for fixtures and for tests run
    /// without a program.
    pub fn weekdays(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            weekend: vec!["saturday".to_owned(), "sunday".to_owned()],
            holidays: Vec::new(),
        }
    }
}

impl Calendar {
    /// The calendar of a definition.
    pub(crate) fn new(definition: &CalendarDefinition) -> Result<Self, Problem> {
        let mut week = [true; 7];
        for name in &definition.weekend {
            let day = weekday(name).ok_or_else(|| {
                Problem::new(format!(
                    "calendar `{}` has no weekday `{name}`",
                    definition.id
                ))
                .hint("write it out in lower case, like `saturday`")
            })?;
            if let Some(has_business) =
                week.get_mut(usize::from(day.to_monday_zero_offset().unsigned_abs()))
            {
                *has_business = false;
            }
        }
        if !week.contains(&true) {
            return Err(Problem::new(format!(
                "calendar `{}` has no day of business",
                definition.id
            )));
        }
        let mut calendar = Self {
            week,
            holidays: Vec::new(),
        };
        let mut holidays: Vec<i32> = definition
            .holidays
            .iter()
            .map(|day| to_days(*day))
            .collect();
        holidays.retain(|day| calendar.is_business_day(*day));
        holidays.sort_unstable();
        holidays.dedup();
        calendar.holidays = holidays;
        Ok(calendar)
    }

    fn is_business_day(&self, day: i32) -> bool {
        let has_business = self
            .week
            .get(index_in_week(day))
            .copied()
            .unwrap_or_default();
        has_business && self.holidays.binary_search(&day).is_err()
    }

    /// Business days after `from`, up to and including `until`.
    pub(crate) fn between(&self, from: i32, until: i32) -> i64 {
        if until <= from {
            0
        } else {
            self.count_up_to(until) - self.count_up_to(from)
        }
    }

    /// Business days up to and including `day`, from a fixed Monday.
    fn count_up_to(&self, day: i32) -> i64 {
        let in_week = index_in_week(day);
        let weeks = (i64::from(day) + i64::from(EPOCH_WEEKDAY)).div_euclid(7);
        let per_week = self
            .week
            .iter()
            .filter(|has_business| **has_business)
            .count();
        let this_week = self
            .week
            .iter()
            .take(in_week + 1)
            .filter(|has_business| **has_business)
            .count();
        let holidays = self.holidays.partition_point(|holiday| *holiday <= day);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        weeks * count(per_week) + count(this_week) - count(holidays)
    }

    /// The `count`-th business day after `day`, before it when negative; the
    /// day itself for 0. `None` when it lies too far away.
    pub(crate) fn add(&self, day: i32, count: i64) -> Option<i32> {
        if count.abs() > LONGEST_MOVE {
            return None;
        }
        let step = if count < 0 { -1 } else { 1 };
        let (mut day, mut left) = (day, count.abs());
        while left > 0 {
            day = day.checked_add(step)?;
            left -= i64::from(self.is_business_day(day));
        }
        Some(day)
    }
}

fn index_in_week(day: i32) -> usize {
    usize::try_from((i64::from(day) + i64::from(EPOCH_WEEKDAY)).rem_euclid(7)).unwrap_or_default()
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(weekend: &[&str], holidays: &[&str]) -> Calendar {
        Calendar::new(&CalendarDefinition {
            id: "company".to_owned(),
            weekend: weekend.iter().map(|day| (*day).to_owned()).collect(),
            holidays: holidays.iter().map(|day| day.parse().unwrap()).collect(),
        })
        .unwrap()
    }

    fn days(text: &str) -> i32 {
        to_days(text.parse().unwrap())
    }

    #[test]
    fn business_days_are_counted() {
        let company = calendar(
            &["saturday", "sunday"],
            &["2025-07-04", "2025-07-05", "2025-12-25"],
        );
        let check = |from: &str, until: &str, expected: i64| {
            assert_eq!(
                company.between(days(from), days(until)),
                expected,
                "{from} to {until}"
            );
        };
        check("2025-07-01", "2025-07-01", 0);
        check("2025-07-02", "2025-07-01", 0);
        check("2025-07-01", "2025-07-02", 1);
        // The Fourth of July was a Friday.
        check("2025-07-03", "2025-07-06", 0);
        check("2025-07-03", "2025-07-07", 1);
        check("2025-07-01", "2025-07-11", 7);
        check("1969-12-26", "1970-01-02", 5);
    }

    #[test]
    fn holidays_are_counted_as_by_hand() {
        let company = calendar(&["saturday", "sunday"], &["2025-12-25", "2026-01-01"]);
        let check = |from: &str, until: &str, expected: i64| {
            let counted = company.between(days(from), days(until));
            assert_eq!(counted, expected, "{from} to {until}");
        };
        // From a Saturday; over Christmas (a Thursday) and New Year.
        check("2026-03-07", "2026-03-09", 1);
        check("2025-12-24", "2025-12-26", 1);
        check("2025-12-24", "2026-01-02", 5);
        // To a holiday, from a holiday.
        check("2025-12-24", "2025-12-25", 0);
        check("2025-12-25", "2025-12-26", 1);
        // A whole year: 261 weekdays less two holidays.
        check("2025-06-30", "2026-06-30", 259);
    }

    #[test]
    fn moving_and_counting_agree_with_a_plain_walk() {
        for calendar in [
            calendar(&["saturday", "sunday"], &["2025-07-04", "2025-07-08"]),
            calendar(&["friday"], &[]),
            calendar(&[], &["2025-07-03"]),
        ] {
            for start in days("2025-06-20")..days("2025-07-20") {
                let mut count = 0;
                for day in start + 1..start + 40 {
                    count += i64::from(calendar.is_business_day(day));
                    assert_eq!(calendar.between(start, day), count);
                    if calendar.is_business_day(day) {
                        assert_eq!(calendar.add(start, count), Some(day));
                    }
                }
            }
        }
    }

    #[test]
    fn moving_backwards_and_not_at_all() {
        let company = calendar(&["saturday", "sunday"], &[]);
        assert_eq!(
            company.add(days("2025-07-07"), -1),
            Some(days("2025-07-04"))
        );
        assert_eq!(company.add(days("2025-07-05"), 0), Some(days("2025-07-05")));
        assert_eq!(company.add(days("2025-07-05"), i64::MAX), None);
    }

    #[test]
    fn a_calendar_that_cannot_be_is_refused() {
        let refused = |weekend: &[&str]| {
            let weekend = weekend.iter().map(|day| (*day).to_owned()).collect();
            let definition = CalendarDefinition {
                id: "x".to_owned(),
                weekend,
                holidays: Vec::new(),
            };
            Calendar::new(&definition).unwrap_err().message
        };
        assert_eq!(refused(&["Sat"]), "calendar `x` has no weekday `Sat`");
        let all = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        assert_eq!(refused(&all), "calendar `x` has no day of business");
    }
}
