//! Civil dates, business days and instants of the sample company.
//!
//! The zone is given as a rule, not looked up by name: the bytes of an export
//! must not depend on the time zone database of the machine.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Outcome;

/// First day of the examined period.
pub const PERIOD_START: Date = date(2025, 7, 1);
/// Last day of the examined period.
pub const PERIOD_END: Date = date(2026, 6, 30);

/// Pacific time: UTC-8, UTC-7 from the second Sunday of March to the first of November.
const PACIFIC: &str = "PST8PDT,M3.2.0,M11.1.0";

/// Days that are, or in some year might be, company holidays. Nothing whose
/// business days are counted is placed near them.
const HOLIDAYS: [Date; 18] = [
    date(2025, 7, 3),
    date(2025, 7, 4),
    date(2025, 9, 1),
    date(2025, 10, 13),
    date(2025, 11, 11),
    date(2025, 11, 27),
    date(2025, 11, 28),
    date(2025, 12, 24),
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 1, 2),
    date(2026, 1, 19),
    date(2026, 2, 16),
    date(2026, 5, 25),
    date(2026, 6, 19),
    date(2026, 7, 3),
];

/// The organization's clock.
pub struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// Reads the zone's rule.
    pub fn new() -> Outcome<Clock> {
        let zone = TimeZone::posix(PACIFIC).map_err(|e| e.to_string())?;
        Ok(Clock { zone })
    }

    /// The instant `minute` minutes after local midnight of `day`.
    pub fn at(&self, day: Date, minute: i64) -> Outcome<Timestamp> {
        let noon = day.at(12, 0, 0, 0);
        let noon = self.zone.to_timestamp(noon).map_err(|e| e.to_string())?;
        Ok(noon + SignedDuration::from_mins(minute - 720))
    }

    /// Local civil date of an instant.
    pub fn day(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.zone.clone()).date()
    }

    /// ISO 8601 with the local offset: `2025-07-01T09:30:00-07:00`.
    pub fn with_offset(&self, instant: Timestamp) -> String {
        let local = instant.to_zoned(self.zone.clone());
        local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// Local wall time without an offset: `2025-07-01 09:30:00`.
    pub fn wall(&self, instant: Timestamp) -> String {
        let local = instant.to_zoned(self.zone.clone());
        local.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// The instant `minute` minutes after midnight UTC of `day`.
pub fn utc(day: Date, minute: i64) -> Outcome<Timestamp> {
    let midnight = TimeZone::UTC
        .to_timestamp(day.at(0, 0, 0, 0))
        .map_err(|e| e.to_string())?;
    Ok(midnight + SignedDuration::from_mins(minute))
}

/// `minutes` minutes.
pub fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// `day` plus `days` days.
pub fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// Whole days from `a` to `b`.
pub fn days_between(a: Date, b: Date) -> i64 {
    a.duration_until(b).as_hours() / 24
}

/// Every day from `first` to `last`.
pub fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    (0..=days_between(first, last)).map(move |n| plus(first, n))
}

/// Neither weekend nor (possible) holiday.
pub fn is_business_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !HOLIDAYS.contains(&day)
}

/// `count` business days after `day`.
pub fn add_business_days(day: Date, count: usize) -> Date {
    (1..)
        .map(|n| plus(day, n))
        .filter(|d| is_business_day(*d))
        .nth(count.saturating_sub(1))
        .unwrap_or(day)
}

/// Business days from `first` to `last` with no possible holiday in the `span` days after.
pub fn clear_days(first: Date, last: Date, span: i64) -> Vec<Date> {
    days(first, last)
        .filter(|d| is_business_day(*d))
        .filter(|d| days(*d, plus(*d, span)).all(|near| !HOLIDAYS.contains(&near)))
        .collect()
}

/// Last days of the months from June 2025 to June 2026: 13 days.
pub fn month_ends() -> Vec<Date> {
    days(plus(PERIOD_START, -1), PERIOD_END)
        .filter(|d| *d == d.last_of_month())
        .collect()
}

/// First days of the twelve months of the period.
pub fn months() -> Vec<Date> {
    days(PERIOD_START, PERIOD_END)
        .filter(|d| *d == d.first_of_month())
        .collect()
}

/// `07/01/2025`.
pub fn us(day: Date) -> String {
    day.strftime("%m/%d/%Y").to_string()
}

/// `01.07.2025`.
pub fn dotted(day: Date) -> String {
    day.strftime("%d.%m.%Y").to_string()
}

/// `day` written by `format`, or nothing.
pub fn maybe(day: Option<Date>, format: fn(Date) -> String) -> String {
    day.map(format).unwrap_or_default()
}

/// `2025-07-01`.
pub fn iso(day: Date) -> String {
    day.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_follow_the_zone() {
        let clock = Clock::new().unwrap();
        let summer = clock.at(date(2025, 7, 1), 9 * 60).unwrap();
        let winter = clock.at(date(2026, 1, 5), 9 * 60).unwrap();
        assert_eq!(summer.to_string(), "2025-07-01T16:00:00Z");
        assert_eq!(winter.to_string(), "2026-01-05T17:00:00Z");
        assert_eq!(clock.with_offset(winter), "2026-01-05T09:00:00-08:00");
        assert_eq!(
            clock.day(clock.at(date(2026, 6, 5), 1300).unwrap()),
            date(2026, 6, 5)
        );
    }

    #[test]
    fn business_days_skip_weekends_and_holidays() {
        assert_eq!(add_business_days(date(2026, 2, 27), 6), date(2026, 3, 9));
        assert_eq!(add_business_days(date(2025, 7, 2), 1), date(2025, 7, 7));
        assert_eq!(month_ends().len(), 13);
        assert_eq!(months().len(), 12);
    }
}
