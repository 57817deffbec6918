//! The examination period: inclusive civil dates.
//!
//! Must hold: a period made by `new` or parsed from text does not end before it
//! starts. Instants are never compared with a period without first being turned
//! into civil dates of the organization's time zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A span of civil dates, both ends included; written `2025-07-01..2026-06-30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Period {
    /// First day.
    pub start: Date,
    /// Last day, not before the first.
    pub end: Date,
}

/// A text or a pair of dates that is not a period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPeriod {
    /// The text has another shape, or one of its dates does not exist.
    #[error("`{0}` is not a period like `2025-07-01..2026-06-30`")]
    Text(String),
    /// The end lies before the start.
    #[error("the period ends on `{end}`, before it starts on `{start}`")]
    Backwards {
        /// First day as given.
        start: Date,
        /// Last day as given.
        end: Date,
    },
}

impl Period {
    /// The period from `start` to `end`, both included.
    ///
    /// # Errors
    /// [`MalformedPeriod::Backwards`] when it would end before it starts.
    pub fn new(start: Date, end: Date) -> Result<Self, MalformedPeriod> {
        if end < start {
            return Err(MalformedPeriod::Backwards { start, end });
        }
        Ok(Self { start, end })
    }

    /// Whether `date` is one of the period's days.
    pub fn contains(&self, date: Date) -> bool {
        self.start <= date && date <= self.end
    }

    /// How many days it has; a period of one date has one day.
    pub fn day_count(&self) -> i32 {
        (self.end - self.start).get_days() + 1
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl FromStr for Period {
    type Err = MalformedPeriod;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let malformed = || MalformedPeriod::Text(input.to_owned());
        let (start, end) = input.split_once("..").ok_or_else(malformed)?;
        let start = start.parse().map_err(|_| malformed())?;
        let end = end.parse().map_err(|_| malformed())?;
        Self::new(start, end)
    }
}

impl TryFrom<String> for Period {
    type Error = MalformedPeriod;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}
