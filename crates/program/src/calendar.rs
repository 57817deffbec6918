//! `calendars.toml`: business calendars.
//!
//! Must hold: a calendar has at least one weekday that is not weekend, so that
//! whoever counts business days comes to an end. Counting them is the runner's,
//! in one place.

use std::collections::BTreeSet;

use jiff::civil::Date;
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
