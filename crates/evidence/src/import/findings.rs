//! What an import found out about its records.
//!
//! Must hold: counts and ranges are of the rows that were written, except
//! `record_count`, which also counts the rejects.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tickmark_catalog::Problem;

use super::convert::Value;
use super::plan::{Plan, Row};
use crate::manifest::{Observed, TimeRange};

/// What a pass found out.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) record_count: u64,
    pub(crate) row_count: u64,
    pub(crate) reject_count: u64,
    pub(crate) first_key: Option<Vec<String>>,
    pub(crate) last_key: Option<Vec<String>>,
    pub(crate) times: Option<TimeRange>,
    pub(crate) observed: Option<Observed>,
    pub(crate) notes: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// The counts and ranges of a pass so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) record_count: u64,
    row_count: u64,
    first_key: Option<Vec<String>>,
    last_key: Vec<String>,
    times: Option<Times>,
    observations: BTreeSet<i64>,
    last_observation: Option<i64>,
}

/// Smallest, largest and latest value of the time column.
#[derive(Clone, Copy, Debug)]
struct Times {
    is_date: bool,
    first: i64,
    last: i64,
    latest: i64,
    is_ascending: bool,
}

impl Tally {
    /// The number of the present record.
    pub(super) fn source_row(&self) -> i64 {
        i64::try_from(self.record_count).unwrap_or(i64::MAX)
    }

    /// Counts a row that is written.
    pub(super) fn see(&mut self, plan: &Plan<'_>, row: &Row<'_>, observed_at: i64) {
        self.row_count += 1;
        self.see_key(plan, row);
        if let Some(time) = plan.time(row) {
            self.see_time(time);
        }
        if self.last_observation != Some(observed_at) {
            self.last_observation = Some(observed_at);
            self.observations.insert(observed_at);
        }
    }

    fn see_key(&mut self, plan: &Plan<'_>, row: &Row<'_>) {
        let values = plan.key_values(row);
        self.last_key.resize(values.size_hint().0, String::new());
        for (text, value) in self.last_key.iter_mut().zip(values) {
            text.clear();
            write_value(text, value);
        }
        if self.first_key.is_none() {
            self.first_key = Some(self.last_key.clone());
        }
    }

    fn see_time(&mut self, time: &Value<'_>) {
        let (is_date, at) = match time {
            Value::Date(days) => (true, i64::from(*days)),
            Value::Timestamp(us) => (false, *us),
            _ => return,
        };
        let new = Times {
            is_date,
            first: at,
            last: at,
            latest: at,
            is_ascending: true,
        };
        let times = self.times.get_or_insert(new);
        times.is_ascending = times.is_ascending && times.latest <= at;
        times.latest = at;
        times.first = times.first.min(at);
        times.last = times.last.max(at);
    }

    /// The findings, given the name of the time column.
    pub(super) fn findings(self, time_column: Option<String>) -> Findings {
        Findings {
            record_count: self.record_count,
            row_count: self.row_count,
            last_key: self.first_key.is_some().then_some(self.last_key),
            first_key: self.first_key,
            times: time_column
                .zip(self.times)
                .map(|(column, times)| times.range(column)),
            observed: observed(&self.observations),
            ..Findings::default()
        }
    }
}

impl Times {
    fn range(self, column: String) -> TimeRange {
        TimeRange {
            column,
            first: self.shown(self.first),
            last: self.shown(self.last),
            is_ascending: self.is_ascending,
        }
    }

    fn shown(self, at: i64) -> String {
        if self.is_date {
            date_text(at)
        } else {
            instant(at).map_or_else(String::new, |at| at.to_string())
        }
    }
}

fn observed(observations: &BTreeSet<i64>) -> Option<Observed> {
    Some(Observed {
        first: instant(*observations.first()?)?,
        last: instant(*observations.last()?)?,
        observation_count: observations.len() as u64,
    })
}

fn instant(us: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(us).ok()
}

fn date_text(days: i64) -> String {
    let span = i32::try_from(days).unwrap_or_default().days();
    Date::constant(1970, 1, 1)
        .checked_add(span)
        .map_or_else(|_| String::new(), |date| date.to_string())
}

fn write_value(text: &mut String, value: Option<&Value<'_>>) {
    match value {
        None => {}
        Some(Value::Text(value)) => text.push_str(value),
        Some(Value::Bool(truth)) => text.push_str(if *truth { "true" } else { "false" }),
        Some(Value::Int(number)) => text.push_str(&number.to_string()),
        Some(Value::Float(number)) => text.push_str(&number.to_string()),
        Some(Value::Date(days)) => text.push_str(&date_text(i64::from(*days))),
        Some(Value::Timestamp(us)) => {
            text.push_str(&instant(*us).map_or_else(String::new, |at| at.to_string()));
        }
        Some(Value::List(items)) => text.push_str(&items.join(";")),
    }
}
