//! A point in a ledger's life: after an entry, or at a time.
//!
//! What must hold: the state at a moment is the fold of the entries up to it
//! and of no other, so that two people who name the same moment see the same.

use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tickmark_catalog::Problem;

/// A point in a ledger's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Right after the entry with this index.
    Entry(u64),
    /// After the last entry recorded before this instant.
    Before(Timestamp),
}

impl Moment {
    /// Whether an entry had been recorded by then.
    ///
    /// `index`: of the entry; `at`: when the ledger recorded it.
    pub fn has(self, index: u64, at: Timestamp) -> bool {
        match self {
            Self::Entry(last) => index <= last,
            Self::Before(end) => at < end,
        }
    }

    /// Whether a ledger of `size` entries reaches it. Every ledger reaches
    /// every instant: before its first entry nothing was recorded.
    pub fn is_within(self, size: u64) -> bool {
        match self {
            Self::Entry(last) => last < size,
            Self::Before(_) => true,
        }
    }
}

/// `120` is right after entry 120; `2026-03-09` is the end of that day in UTC,
/// the ledger's own time; `2026-03-09T12:00:00Z` includes that instant.
impl FromStr for Moment {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if let Ok(index) = text.parse() {
            return Ok(Self::Entry(index));
        }
        let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
        let end = match day {
            Some(day) => day
                .tomorrow()
                .and_then(|next| next.to_datetime(Time::midnight()).to_zoned(TimeZone::UTC))
                .map(|midnight| midnight.timestamp()),
            None => text
                .parse::<Timestamp>()
                .and_then(|instant| instant.checked_add(1.nanosecond())),
        };
        end.map(Self::Before).map_err(|_| {
            Problem::new(format!("`{text}` is no moment of a ledger")).hint(
                "give the index of an entry, a day such as `2026-03-09`, or an instant such as `2026-03-09T12:00:00Z`",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    fn check(text: &str, index: u64, at: &str, expected: bool) {
        let moment: Moment = text.parse().unwrap();
        assert_eq!(moment.has(index, at.parse().unwrap()), expected, "{text}");
    }

    #[test]
    fn an_entry_is_before_its_moment_or_after() {
        check("7", 7, "2026-03-09T12:00:00Z", true);
        check("7", 8, "2026-03-09T12:00:00Z", false);
        check("2026-03-09", 8, "2026-03-09T23:59:59.999Z", true);
        check("2026-03-09", 8, "2026-03-10T00:00:00Z", false);
        check("2026-03-09T12:00:00Z", 8, "2026-03-09T12:00:00Z", true);
        check("2026-03-09T12:00:00Z", 8, "2026-03-09T12:00:00.001Z", false);
        check("2026-03-09T13:00:00+01:00", 8, "2026-03-09T12:00:00Z", true);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "yesterday", "2026-02-30", "-1", "2026-03-09T12:00"] {
            let problem = text.parse::<Moment>().unwrap_err();
            assert_eq!(
                problem.message,
                format!("`{text}` is no moment of a ledger")
            );
        }
    }
}
