//! The organization's time zone: on which civil day an instant falls.
//!
//! Must hold: the day of an instant is that of `jiff` for the zone; looking up
//! many neighbouring instants asks `jiff` only once for each offset.

use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tickmark_catalog::Problem;

use crate::civil_days::{from_days, to_days};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A named time zone.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    name: String,
    zone: TimeZone,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Zone {
    /// The zone with an IANA name.
    pub(crate) fn named(name: &str) -> Result<Self, Problem> {
        let zone = TimeZone::get(name).map_err(|_| {
            Problem::new(format!("there is no time zone `{name}`"))
                .hint("use a name like `America/Los_Angeles` or `UTC`")
        })?;
        Ok(Self {
            name: name.to_owned(),
            zone,
        })
    }

    pub(crate) fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Finds the days of many instants.
    pub(crate) fn days(&self) -> DayFinder<'_> {
        DayFinder {
            zone: &self.zone,
            from: 0,
            until: 0,
            offset: 0,
        }
    }

    /// The instant at which a day begins, in microseconds; `None` for days
    /// outside the range of instants.
    pub(crate) fn start_of(&self, day: i32) -> Option<i64> {
        let start = from_days(day)?.to_zoned(self.zone.clone()).ok()?;
        Some(start.timestamp().as_microsecond())
    }

    /// The day of one instant.
    pub(crate) fn day_of(&self, instant: Timestamp) -> i32 {
        to_days(instant.to_zoned(self.zone.clone()).date())
    }
}

/// Remembers the offset of the last instant and the time it holds.
pub(crate) struct DayFinder<'z> {
    zone: &'z TimeZone,
    /// Seconds between which `offset` holds, the second excluded.
    from: i64,
    until: i64,
    offset: i64,
}

impl DayFinder<'_> {
    /// The day of an instant in microseconds; `None` outside the range.
    pub(crate) fn day_of(&mut self, micros: i64) -> Option<i32> {
        let second = micros.div_euclid(MICROS_PER_SECOND);
        if second < self.from || second >= self.until {
            self.look_up(second)?;
        }
        i32::try_from((second + self.offset).div_euclid(SECONDS_PER_DAY)).ok()
    }

    fn look_up(&mut self, second: i64) -> Option<()> {
        let instant = Timestamp::from_second(second).ok()?;
        let just_after = Timestamp::from_second(second + 1).ok()?;
        self.offset = i64::from(self.zone.to_offset(instant).seconds());
        let started = self.zone.preceding(just_after).next();
        let ends = self.zone.following(instant).next();
        self.from = started.map_or(i64::MIN, |change| change.timestamp().as_second());
        self.until = ends.map_or(i64::MAX, |change| change.timestamp().as_second());
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_jiff() {
        for name in [
            "America/Los_Angeles",
            "UTC",
            "Asia/Kolkata",
            "Europe/Berlin",
            "Pacific/Apia",
        ] {
            let zone = Zone::named(name).unwrap();
            let mut finder = zone.days();
            let start: Timestamp = "2011-01-01T00:00:00Z".parse().unwrap();
            // Forwards over the years, then back again, in odd steps.
            let steps = (0..9_000).chain((0..9_000).rev());
            for step in steps {
                let instant = Timestamp::from_second(start.as_second() + step * 50_021).unwrap();
                assert_eq!(
                    finder.day_of(instant.as_microsecond()),
                    Some(zone.day_of(instant)),
                    "{name} {instant}"
                );
            }
        }
    }

    #[test]
    fn the_edges_of_a_change_of_offset_belong_to_the_right_side() {
        let zone = Zone::named("America/Los_Angeles").unwrap();
        for text in [
            "2025-11-02T08:59:59Z",
            "2025-11-02T09:00:00Z",
            "2025-11-02T09:00:01Z",
            "2025-11-03T07:59:59Z",
        ] {
            let instant: Timestamp = text.parse().unwrap();
            assert_eq!(
                zone.days().day_of(instant.as_microsecond()),
                Some(zone.day_of(instant)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_day_starts_at_local_midnight() {
        let zone = Zone::named("America/Los_Angeles").unwrap();
        let day = to_days("2025-07-01".parse().unwrap());
        let start = Timestamp::from_microsecond(zone.start_of(day).unwrap()).unwrap();
        assert_eq!(start.to_string(), "2025-07-01T07:00:00Z");
    }
}
