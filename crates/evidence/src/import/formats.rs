//! The formats by which a mapping says how dates and times are written.
//!
//! Must hold: a format that cannot tell the day, or for a timestamp the hour,
//! is refused with the mapping, not at the first row.

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZone};

use super::convert::Kind;

/// Milliseconds since 1970; not a format of `strptime`.
pub(super) const EPOCH_MS: &str = "epoch_ms";
/// Seconds since 1970, with or without a fraction; not one either.
pub(super) const EPOCH_S: &str = "epoch_s";

/// A time in the afternoon whose parts all differ.
const SAMPLE: DateTime = DateTime::constant(2006, 11, 23, 14, 25, 36, 0);

/// Whether values of a kind can be read by a format.
///
/// # Errors
/// What is wrong with the format.
pub(super) fn check_format(format: &str, kind: Kind) -> Result<(), String> {
    if format == EPOCH_MS || format == EPOCH_S {
        return match kind {
            Kind::Date => Err(format!(
                "`{format}` is of times, whose day depends on a zone"
            )),
            _ => Ok(()),
        };
    }
    if !format.contains('%') {
        return Err(format!("`{format}` is not a date format like `%Y-%m-%d`"));
    }
    for two_digits in ["%y", "%g", "%D", "%x", "%c"] {
        if format.contains(two_digits) {
            return Err(format!("`{two_digits}` leaves the century to be guessed"));
        }
    }
    let parts = read_back(format).ok_or_else(|| format!("nothing can be read by `{format}`"))?;
    match kind {
        Kind::Date => tells_day(&parts, format),
        Kind::Timestamp => tells_hour(&parts, format),
        _ => Ok(()),
    }
}

fn sample() -> Option<Zoned> {
    let zone = TimeZone::fixed(Offset::constant(9));
    SAMPLE.to_zoned(zone).ok()
}

/// The sample, written by the format and read by it again.
fn read_back(format: &str) -> Option<BrokenDownTime> {
    let text = strtime::format(format, &sample()?).ok()?;
    BrokenDownTime::parse(format, &text).ok()
}

fn tells_day(parts: &BrokenDownTime, format: &str) -> Result<(), String> {
    let tells = parts.to_date().is_ok_and(|date| date == SAMPLE.date());
    tells
        .then_some(())
        .ok_or_else(|| format!("`{format}` does not tell year, month and day"))
}

fn tells_hour(parts: &BrokenDownTime, format: &str) -> Result<(), String> {
    if let Ok(instant) = parts.to_timestamp() {
        let hours = |second: i64| second.div_euclid(3600);
        let told = sample().is_some_and(|sample| {
            hours(instant.as_second()) == hours(sample.timestamp().as_second())
        });
        return told.then_some(()).ok_or_else(|| no_hour(format));
    }
    tells_day(parts, format)?;
    match parts.to_datetime() {
        Ok(time) if time.hour() == SAMPLE.hour() => Ok(()),
        _ => Err(no_hour(format)),
    }
}

fn no_hour(format: &str) -> String {
    format!("`{format}` does not tell the hour of the day; `%I` needs `%p`")
}
