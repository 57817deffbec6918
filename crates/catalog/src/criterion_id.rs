//! Identifiers of the trust services criteria, their points of focus and the
//! description criteria.
//!
//! Must hold: a value of these types names something that exists; parsing
//! refuses everything else and says what the nearest existing one is. Order is
//! the order of publication, not of the alphabet.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::nearest::nearest;

/// The 61 criteria in the order of publication, with how many points of focus
/// each has. Source: TSP section 100 (2017, revised points of focus 2022).
const CRITERIA: [(&str, u8); 61] = [
    ("CC1.1", 5),
    ("CC1.2", 4),
    ("CC1.3", 6),
    ("CC1.4", 7),
    ("CC1.5", 6),
    ("CC2.1", 9),
    ("CC2.2", 13),
    ("CC2.3", 12),
    ("CC3.1", 16),
    ("CC3.2", 9),
    ("CC3.3", 5),
    ("CC3.4", 6),
    ("CC4.1", 8),
    ("CC4.2", 3),
    ("CC5.1", 6),
    ("CC5.2", 4),
    ("CC5.3", 6),
    ("CC6.1", 13),
    ("CC6.2", 3),
    ("CC6.3", 4),
    ("CC6.4", 4),
    ("CC6.5", 1),
    ("CC6.6", 4),
    ("CC6.7", 4),
    ("CC6.8", 5),
    ("CC7.1", 5),
    ("CC7.2", 4),
    ("CC7.3", 7),
    ("CC7.4", 14),
    ("CC7.5", 6),
    ("CC8.1", 18),
    ("CC9.1", 2),
    ("CC9.2", 13),
    ("A1.1", 3),
    ("A1.2", 11),
    ("A1.3", 2),
    ("C1.1", 3),
    ("C1.2", 2),
    ("PI1.1", 3),
    ("PI1.2", 3),
    ("PI1.3", 5),
    ("PI1.4", 4),
    ("PI1.5", 4),
    ("P1.1", 7),
    ("P2.1", 6),
    ("P3.1", 4),
    ("P3.2", 2),
    ("P4.1", 1),
    ("P4.2", 2),
    ("P4.3", 3),
    ("P5.1", 5),
    ("P5.2", 4),
    ("P6.1", 4),
    ("P6.2", 1),
    ("P6.3", 1),
    ("P6.4", 3),
    ("P6.5", 2),
    ("P6.6", 2),
    ("P6.7", 3),
    ("P7.1", 2),
    ("P8.1", 6),
];

/// An identifier that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{input}` does not exist{}", self.suggestion())]
pub struct UnknownId {
    /// What kind of thing was meant, for example `criterion`.
    pub what: &'static str,
    /// What was written.
    pub input: String,
    /// The existing identifier that was most likely meant.
    pub nearest: Option<String>,
}

impl UnknownId {
    fn suggestion(&self) -> String {
        self.nearest
            .as_ref()
            .map_or_else(String::new, |id| format!("; the nearest is `{id}`"))
    }
}

/// Identifier of a trust services criterion, for example `CC6.1`.
///
/// Ordered as published: CC1.1 … CC9.2, A1.1 … A1.3, C1.1, C1.2, PI1.1 … PI1.5,
/// P1.1 … P8.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CriterionId {
    position: u8,
    name: &'static str,
}

impl CriterionId {
    /// Every criterion, in the order of publication.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..)
            .zip(CRITERIA)
            .map(|(position, (name, _))| Self { position, name })
    }

    /// The identifier as published, for example `CC6.1`.
    pub fn as_str(self) -> &'static str {
        self.name
    }

    /// The part before the dot, for example `CC6`.
    pub fn series(self) -> &'static str {
        series_of(self.name)
    }

    /// Whether it is one of the 33 common criteria (`CC…`).
    pub fn is_common(self) -> bool {
        self.name.starts_with("CC")
    }

    /// The criterion's points of focus, numbered from 1.
    pub fn points_of_focus(self) -> impl Iterator<Item = PointOfFocusId> {
        let count = CRITERIA
            .get(usize::from(self.position))
            .map_or(0, |(_, count)| *count);
        (1..=count).map(move |number| PointOfFocusId {
            criterion: self,
            number,
        })
    }

    fn unknown(input: &str) -> UnknownId {
        let nearest = neighbour_in_series(input)
            .or_else(|| nearest(input, CRITERIA.iter().map(|(name, _)| *name)));
        UnknownId {
            what: "criterion",
            input: input.to_owned(),
            nearest: nearest.map(str::to_owned),
        }
    }
}

fn series_of(id: &str) -> &str {
    id.split_once('.').map_or(id, |(series, _)| series)
}

/// The criterion of the same series with the nearest number: numbers run from 1
/// without gaps, so it is the last one unless the number is below 1.
fn neighbour_in_series(input: &str) -> Option<&'static str> {
    let (series, number) = input.split_once('.').unwrap_or((input, "1"));
    let number: u32 = number.parse().ok()?;
    let names = CRITERIA.iter().map(|(name, _)| *name);
    let mut of_series: Vec<&str> = names
        .filter(|name| series_of(name).eq_ignore_ascii_case(series))
        .collect();
    of_series.truncate(usize::try_from(number.max(1)).ok()?);
    of_series.pop()
}

impl fmt::Display for CriterionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl FromStr for CriterionId {
    type Err = UnknownId;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        Self::all()
            .find(|id| id.name == input)
            .ok_or_else(|| Self::unknown(input))
    }
}

/// Identifier of a point of focus, for example `CC6.1-03`.
///
/// The numbers are ours, in the order of publication; the source has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PointOfFocusId {
    criterion: CriterionId,
    number: u8,
}

impl PointOfFocusId {
    /// The criterion it belongs to.
    pub fn criterion(self) -> CriterionId {
        self.criterion
    }

    /// Its number within the criterion, from 1.
    pub fn number(self) -> u8 {
        self.number
    }

    /// The point of `criterion` whose number is nearest to what was written;
    /// the first when that is no number.
    fn nearest_of(criterion: CriterionId, number: &str) -> Self {
        let last = criterion.points_of_focus().count() as u64;
        let wanted = number.parse::<u64>().unwrap_or(1).clamp(1, last);
        Self {
            criterion,
            number: u8::try_from(wanted).unwrap_or(1),
        }
    }

    fn unknown(input: &str, nearest: Option<String>) -> UnknownId {
        UnknownId {
            what: "point of focus",
            input: input.to_owned(),
            nearest,
        }
    }
}

impl fmt::Display for PointOfFocusId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{:02}", self.criterion, self.number))
    }
}

impl FromStr for PointOfFocusId {
    type Err = UnknownId;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let (criterion, number) = input.split_once('-').unwrap_or((input, ""));
        let criterion: CriterionId = criterion.parse().map_err(|unknown: UnknownId| {
            Self::unknown(input, unknown.nearest.map(|id| format!("{id}-01")))
        })?;
        let mut points = criterion.points_of_focus();
        let exact = points.find(|point| point.to_string() == input);
        exact.ok_or_else(|| {
            Self::unknown(input, Some(Self::nearest_of(criterion, number).to_string()))
        })
    }
}

/// Identifier of a description criterion, `DC 1` to `DC 9`.
///
/// Source: DC section 200 (2018, revised implementation guidance 2022).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DescriptionCriterionId(u8);

impl DescriptionCriterionId {
    /// All nine, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=9).map(Self)
    }

    /// Its number, 1 to 9.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for DescriptionCriterionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("DC {}", self.0))
    }
}

impl FromStr for DescriptionCriterionId {
    type Err = UnknownId;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        if let Some(id) = Self::all().find(|id| id.to_string() == input) {
            return Ok(id);
        }
        let names: Vec<String> = Self::all().map(|id| id.to_string()).collect();
        let nearest = nearest(input, names.iter().map(String::as_str)).map(str::to_owned);
        Err(UnknownId {
            what: "description criterion",
            input: input.to_owned(),
            nearest,
        })
    }
}

macro_rules! text_form {
    ($($id:ty),+) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

text_form!(CriterionId, PointOfFocusId, DescriptionCriterionId);
