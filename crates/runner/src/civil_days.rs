//! Civil dates as days since 1970-01-01, the form in which Arrow holds them.
//!
//! Must hold: the two functions are each other's inverse for every date that
//! `jiff` knows.

use jiff::civil::{Date, date};

const EPOCH: Date = date(1970, 1, 1);

/// Days from 1970-01-01 to `day`, negative before it.
pub(crate) fn to_days(day: Date) -> i32 {
    (day - EPOCH).get_days()
}

/// The date that is `days` after 1970-01-01; `None` outside the years that
/// dates can have.
pub(crate) fn from_days(days: i32) -> Option<Date> {
    EPOCH
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}
