//! How a control or test went over the period, one value a day.
//!
//! What must hold: on a day on which anything deviates the day deviates; a day
//! nobody observed is never an operating day; a later good day hides nothing.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tickmark_catalog::Period;
use tickmark_control_tests::{IntervalStatus, ItemStatus, Occurred, TestResult};

/// How many items did what on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Items that operated.
    pub operating: u32,
    /// Items that deviated.
    pub deviating: u32,
    /// Items that were not observed, or could not be tested.
    pub not_observed: u32,
}

/// What a day is shown as: the worst of what happened on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayStatus {
    /// Nothing called for the control.
    Nothing,
    /// Everything operated.
    Operating,
    /// Something was not observed.
    NotObserved,
    /// Something deviated.
    Deviating,
}

/// The days of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    period: Period,
    days: Vec<Day>,
}

impl Day {
    /// The worst of what happened.
    pub fn status(self) -> DayStatus {
        match self {
            Self { deviating: 1.., .. } => DayStatus::Deviating,
            Self {
                not_observed: 1.., ..
            } => DayStatus::NotObserved,
            Self { operating: 1.., .. } => DayStatus::Operating,
            _ => DayStatus::Nothing,
        }
    }
}

impl Operation {
    /// The days of a result. Items of events count on the day they occurred, in
    /// `zone`; items of states on every day of their intervals.
    pub fn of(result: &TestResult, period: Period, zone: &TimeZone) -> Self {
        let count = usize::try_from(period.day_count()).unwrap_or_default();
        let mut operation = Self {
            period,
            days: vec![Day::default(); count],
        };
        for item in &result.items {
            if item.intervals.is_empty() {
                let on = match item.occurred_at {
                    Some(Occurred::Instant(at)) => Some(at.to_zoned(zone.clone()).date()),
                    Some(Occurred::Day(day)) => Some(day),
                    None => None,
                };
                if let Some(day) = on.and_then(|date| operation.day_mut(date)) {
                    match item.status {
                        ItemStatus::Operated => day.operating += 1,
                        ItemStatus::Deviation => day.deviating += 1,
                        ItemStatus::NotTested => day.not_observed += 1,
                        ItemStatus::Excluded => {}
                    }
                }
            }
            for interval in &item.intervals {
                operation.mark(interval.start, interval.end, interval.status);
            }
        }
        operation
    }

    /// The worst of several on each day, counts added; `None` of none.
    pub fn together<'o>(mut all: impl Iterator<Item = &'o Self>) -> Option<Self> {
        let mut sum = all.next()?.clone();
        for other in all {
            for (day, more) in sum.days.iter_mut().zip(&other.days) {
                day.operating += more.operating;
                day.deviating += more.deviating;
                day.not_observed += more.not_observed;
            }
        }
        Some(sum)
    }

    /// Every day with its date, in order.
    pub fn days(&self) -> impl Iterator<Item = (Date, Day)> {
        let dates = self.period.start.series(1.day());
        dates.zip(self.days.iter().copied())
    }

    /// How many days stand so.
    pub fn count(&self, status: DayStatus) -> usize {
        self.days
            .iter()
            .filter(|day| day.status() == status)
            .count()
    }

    fn day_mut(&mut self, date: Date) -> Option<&mut Day> {
        let since = (date - self.period.start).get_days();
        self.days.get_mut(usize::try_from(since).ok()?)
    }

    fn mark(&mut self, start: Date, end: Date, status: IntervalStatus) {
        let start = start.max(self.period.start);
        let last = end.min(self.period.end);
        for date in start.series(1.day()).take_while(|date| *date <= last) {
            let Some(day) = self.day_mut(date) else {
                return;
            };
            match status {
                IntervalStatus::Operating => day.operating += 1,
                IntervalStatus::Deviating => day.deviating += 1,
                IntervalStatus::NotObserved => day.not_observed += 1,
            }
        }
    }
}
