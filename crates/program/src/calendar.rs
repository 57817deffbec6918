//! `calendars.toml`: business calendars, and counting business days.
//!
//! Must hold: pure functions of civil dates; a calendar has at least one
//! weekday that is not weekend, so every count ends.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Fields, Located, Problem, named_values};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// Which days are business days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// Identifier, for example `company`.
    pub id: RecordId,
    /// Days of the week on which nobody works.
    pub weekend: BTreeSet<DayOfWeek>,
    /// Dates on which nobody works.
    pub holidays: BTreeSet<Date>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the days say it")]
pub enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

named_values!(DayOfWeek, "day of the week", [
    Monday => "monday", Tuesday => "tuesday", Wednesday => "wednesday", Thursday => "thursday",
    Friday => "friday", Saturday => "saturday", Sunday => "sunday",
]);

impl From<Weekday> for DayOfWeek {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

impl Calendar {
    /// Whether `date` is neither weekend nor holiday.
    pub fn is_business_day(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday().into()) && !self.holidays.contains(&date)
    }

    /// How many business days lie after `from`, up to and including `to`; 0
    /// when `to` is not after `from`.
    ///
    /// So the next business day is 1 away, and a Saturday is 0 away from the
    /// Friday before it.
    pub fn business_days_between(&self, from: Date, to: Date) -> i64 {
        if to <= from {
            return 0;
        }
        let days = (to - from).get_days();
        let (weeks, rest) = (i64::from(days / 7), days % 7);
        let per_week = 7 - self.weekend.len() as i64;
        let last_whole_week = to.checked_sub(jiff::Span::new().days(rest)).unwrap_or(to);
        weeks * per_week + self.workdays_after(last_whole_week, to)
            - self.holidays_between(from, to)
    }

    /// The date `days` business days after `from`, or before it when negative.
    ///
    /// With 0 it is `from` itself, business day or not. `None` beyond the year
    /// 9999 or before −9999.
    pub fn add_business_days(&self, from: Date, days: i64) -> Option<Date> {
        let mut date = from;
        let mut left = days.unsigned_abs();
        while left > 0 {
            date = if days > 0 {
                date.tomorrow()
            } else {
                date.yesterday()
            }
            .ok()?;
            if self.is_business_day(date) {
                left -= 1;
            }
        }
        Some(date)
    }

    /// Days after `from` up to `to`, less than a week apart, that are no
    /// weekend.
    fn workdays_after(&self, from: Date, to: Date) -> i64 {
        let days = from
            .series(jiff::Span::new().days(1))
            .skip(1)
            .take_while(|day| *day <= to);
        days.filter(|day| !self.weekend.contains(&day.weekday().into()))
            .count() as i64
    }

    /// Holidays after `from` up to `to` that are not weekend anyway.
    fn holidays_between(&self, from: Date, to: Date) -> i64 {
        let range = (
            std::ops::Bound::Excluded(from),
            std::ops::Bound::Included(to),
        );
        let holidays = self.holidays.range(range);
        holidays
            .filter(|day| !self.weekend.contains(&day.weekday().into()))
            .count() as i64
    }
}

pub(crate) fn read_calendars(fields: &mut Fields<'_>, links: &mut Links) -> Option<Vec<Calendar>> {
    Some(fields.tables("calendar", |fields| read_calendar(fields, links)))
}

fn read_calendar(fields: &mut Fields<'_>, links: &mut Links) -> Option<Calendar> {
    let id = links.define(fields, RecordKind::Calendar);
    let place = fields.place_of("weekend");
    let weekend: Option<Vec<DayOfWeek>> = fields.required("weekend");
    let holidays = distinct_holidays(fields);
    let weekend: BTreeSet<DayOfWeek> = weekend?.into_iter().collect();
    if weekend.len() == DayOfWeek::ALL.len() {
        let message = "the whole week is weekend, so there is no business day";
        fields.report(Problem::new(message).in_place(place));
        return None;
    }
    Some(Calendar {
        id: id?,
        weekend,
        holidays,
    })
}

fn distinct_holidays(fields: &mut Fields<'_>) -> BTreeSet<Date> {
    let mut holidays = BTreeSet::new();
    for holiday in fields.list::<Located<Date>>("holidays") {
        if !holidays.insert(holiday.value) {
            let message = format!("holiday `{}` is listed twice", holiday.value);
            fields.report(Problem::new(message).in_place(holiday.place));
        }
    }
    holidays
}
