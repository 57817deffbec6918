//! Dates and instants from text.
//!
//! Must hold: a date-time without an offset becomes an instant only through
//! the zone the mapping states, and only when that zone had exactly one such
//! time; days that do not exist are refused, and so are years that no record
//! of a system can be of: they are two digits read as four, or stand for "none".

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::formats::{EPOCH_MS, EPOCH_S};
use crate::raw::shown;

/// The years that dates and times may lie in.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// Refuses what lies outside [`YEARS`]; `said` is how the source writes it.
fn in_reach(date: Date, said: impl FnOnce() -> String) -> Result<(), String> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    let (said, year) = (said(), date.year());
    Err(format!(
        "{said} lies in the year {year}, outside {} to {}; list it in `null` where it means that there is none",
        YEARS.start(),
        YEARS.end()
    ))
}

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    (date - EPOCH).get_days()
}

/// Days since 1970-01-01 of a date that is one already.
pub(super) fn reachable_days(date: Date) -> Result<i32, String> {
    in_reach(date, || format!("`{date}`"))?;
    Ok(days(date))
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
    let date =
        date.ok_or_else(|| format!("{} is not a day that exists, written `{form}`", shown(text)))?;
    in_reach(date, || shown(text))?;
    Ok(days(date))
}

/// `2025-03-01` and nothing longer or shorter: a time of day would get lost.
fn iso_date(text: &str) -> Option<Date> {
    let has_shape = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    has_shape.then(|| text.parse().ok()).flatten()
}

/// The date of a workbook cell.
pub(super) fn date_of_civil(time: DateTime) -> Result<i32, String> {
    if time.time() == jiff::civil::Time::midnight() {
        return reachable_days(time.date());
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
        Some(EPOCH_S) => epoch_s(text),
        Some(format) => formatted_timestamp(text, format, zone),
    }
}

fn iso_timestamp(text: &str, zone: Option<&TimeZone>) -> Result<i64, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return reachable(instant, text);
    }
    let unreadable = || {
        format!(
            "{} is not a time that exists, written like `2025-07-01T09:30:00Z`",
            shown(text)
        )
    };
    let parts = Pieces::parse(text).map_err(|_| unreadable())?;
    in_reach(parts.date(), || shown(text))?;
    let Some(time) = parts.time() else {
        return Err(format!("{} has no time of day", shown(text)));
    };
    if parts.offset().is_some() {
        return Err(unreadable());
    }
    if parts.time_zone_annotation().is_some() {
        return Err(format!(
            "{} names a zone in brackets instead of an offset",
            shown(text)
        ));
    }
    instant_of_civil(parts.date().to_datetime(time), zone)
}

/// Microseconds of an instant whose year can be.
fn reachable(instant: Timestamp, text: &str) -> Result<i64, String> {
    in_reach(instant.to_zoned(TimeZone::UTC).date(), || shown(text))?;
    Ok(instant.as_microsecond())
}

fn epoch_ms(text: &str) -> Result<i64, String> {
    /// Milliseconds at the start of March 1973; seconds of our days are fewer.
    const PLAUSIBLE: i64 = 100_000_000_000;
    let ms: Option<i64> = text.parse().ok();
    let instant = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let (Some(ms), Some(instant)) = (ms, instant) else {
        let said = shown(text);
        return Err(format!("{said} is not a number of milliseconds since 1970"));
    };
    if (0..PLAUSIBLE).contains(&ms) {
        return Err(format!(
            "{} as milliseconds lies in the year {}; seconds are `{EPOCH_S}`, and what means none goes into `null`",
            shown(text),
            instant.to_zoned(TimeZone::UTC).year()
        ));
    }
    reachable(instant, text)
}

/// Seconds since 1970, with at most nine digits behind a point.
fn epoch_s(text: &str) -> Result<i64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_fraction =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let second: Option<i64> = whole.parse().ok().filter(|_| is_fraction);
    let nanosecond = format!("{fraction:0<9}").parse().ok();
    let instant = second
        .zip(nanosecond)
        .filter(|(second, nanosecond)| *second >= 0 || *nanosecond == 0)
        .and_then(|(second, nanosecond)| Timestamp::new(second, nanosecond).ok());
    let unreadable = || {
        format!(
            "{} is not a number of seconds since 1970; milliseconds are `{EPOCH_MS}`",
            shown(text)
        )
    };
    reachable(instant.ok_or_else(unreadable)?, text)
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
        return reachable(instant, text);
    }
    let time = parts.to_datetime().map_err(|_| unreadable())?;
    in_reach(time.date(), || shown(text))?;
    instant_of_civil(time, zone)
}

/// The one instant at which clocks of the zone showed this time.
pub(super) fn instant_of_civil(time: DateTime, zone: Option<&TimeZone>) -> Result<i64, String> {
    let Some(zone) = zone else {
        return Err(format!(
            "`{time}` says no offset, and the mapping says no `time_zone`"
        ));
    };
    in_reach(time.date(), || format!("`{time}`"))?;
    let ambiguous = zone.to_ambiguous_timestamp(time);
    let how = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => "cannot be told",
        AmbiguousOffset::Gap { .. } => "does not exist",
        AmbiguousOffset::Fold { .. } => "exists twice",
    };
    let instant = ambiguous.unambiguous().map_err(|_| {
        let name = zone.iana_name().unwrap_or("the zone");
        format!("`{time}` {how} in {name}, where clocks changed; the source must give the offset")
    })?;
    Ok(instant.as_microsecond())
}

/// Checks that microseconds lie in the calendar and in reach.
pub(super) fn instant(us: i64) -> Result<i64, String> {
    let instant =
        Timestamp::from_microsecond(us).map_err(|_| "is a time outside the calendar".to_owned())?;
    in_reach(instant.to_zoned(TimeZone::UTC).date(), || {
        format!("`{instant}`")
    })?;
    Ok(us)
}
