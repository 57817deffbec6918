//! Dates and instants from text.
//!
//! Must hold: a date-time without an offset becomes an instant only through
//! the zone the mapping states, and only when that zone had exactly one such
//! time; days that do not exist are refused.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::raw::shown;

/// A format that is not one of `strptime`: milliseconds since 1970.
const EPOCH_MS: &str = "epoch_ms";

/// Whether a format can be read with at all.
pub(super) fn check_format(format: &str) -> Result<(), String> {
    let malformed = || format!("`{format}` is not a date format like `%Y-%m-%d`");
    let mut rest = format.chars();
    let mut any = format == EPOCH_MS;
    while let Some(next) = rest.next() {
        if next == '%' {
            any = true;
            rest.next().ok_or_else(malformed)?;
        }
    }
    if !any {
        return Err(malformed());
    }
    for two_digits in ["%y", "%g", "%D", "%x", "%c"] {
        if format.contains(two_digits) {
            return Err(format!("`{two_digits}` leaves the century to be guessed"));
        }
    }
    Ok(())
}

/// Days since 1970-01-01.
pub(super) fn days(date: Date) -> i32 {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    (date - EPOCH).get_days()
}

/// A date from text, ISO 8601 when no format is given.
pub(super) fn date(text: &str, format: Option<&str>) -> Result<i32, String> {
    let date = match format {
        None => iso_date(text),
        Some(format) => BrokenDownTime::parse(format, text)
            .and_then(|time| time.to_date())
            .ok(),
    };
    let form = format.unwrap_or("%Y-%m-%d");
    date.map(days)
        .ok_or_else(|| format!("{} is not a day that exists, written `{form}`", shown(text)))
}

/// `2025-03-01` and nothing longer or shorter: a time of day would get lost.
fn iso_date(text: &str) -> Option<Date> {
    let has_shape = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    has_shape.then(|| text.parse().ok()).flatten()
}

/// The date of a workbook cell.
pub(super) fn date_of_civil(time: DateTime) -> Result<i32, String> {
    if time.time() == jiff::civil::Time::midnight() {
        return Ok(days(time.date()));
    }
    Err(format!(
        "`{time}` has a time of day, where a date is wanted"
    ))
}

/// An instant from text, ISO 8601 when no format is given.
pub(super) fn timestamp(
    text: &str,
    format: Option<&str>,
    zone: Option<&TimeZone>,
) -> Result<i64, String> {
    match format {
        None => iso_timestamp(text, zone),
        Some(EPOCH_MS) => epoch_ms(text),
        Some(format) => formatted_timestamp(text, format, zone),
    }
}

fn iso_timestamp(text: &str, zone: Option<&TimeZone>) -> Result<i64, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_microsecond());
    }
    if iso_date(text).is_some() {
        return Err(format!("{} has no time of day", shown(text)));
    }
    let unreadable = || {
        format!(
            "{} is not a time that exists, written like `2025-07-01T09:30:00Z`",
            shown(text)
        )
    };
    if text.len() <= 10 {
        return Err(unreadable());
    }
    let civil: DateTime = text.parse().map_err(|_| unreadable())?;
    instant_of_civil(civil, zone)
}

fn epoch_ms(text: &str) -> Result<i64, String> {
    let instant = text
        .parse()
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let instant = instant
        .ok_or_else(|| format!("{} is not a number of milliseconds since 1970", shown(text)))?;
    Ok(instant.as_microsecond())
}

fn formatted_timestamp(text: &str, format: &str, zone: Option<&TimeZone>) -> Result<i64, String> {
    let unreadable = || {
        format!(
            "{} is not a time that exists, written `{format}`",
            shown(text)
        )
    };
    let parts = BrokenDownTime::parse(format, text).map_err(|_| unreadable())?;
    if let Ok(instant) = parts.to_timestamp() {
        return Ok(instant.as_microsecond());
    }
    if parts.hour().is_none() {
        return Err(format!("{} has no time of day", shown(text)));
    }
    instant_of_civil(parts.to_datetime().map_err(|_| unreadable())?, zone)
}

/// The one instant at which clocks of the zone showed this time.
pub(super) fn instant_of_civil(time: DateTime, zone: Option<&TimeZone>) -> Result<i64, String> {
    let Some(zone) = zone else {
        return Err(format!(
            "`{time}` says no offset, and the mapping says no `time_zone`"
        ));
    };
    let name = zone.iana_name().unwrap_or("the zone");
    let instant = zone.to_ambiguous_timestamp(time).unambiguous().map_err(|_| {
        format!("`{time}` does not exist or exists twice in {name}, where clocks changed; the source must give the offset")
    })?;
    Ok(instant.as_microsecond())
}

/// Checks that microseconds lie in the calendar.
pub(super) fn instant(us: i64) -> Result<i64, String> {
    Timestamp::from_microsecond(us)
        .map(|instant| instant.as_microsecond())
        .map_err(|_| "is a time outside the calendar".to_owned())
}
