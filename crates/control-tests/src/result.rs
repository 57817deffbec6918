//! What running a control test yields: items, counts, and the inputs it was
//! computed from.
//!
//! Must hold: every item the SQL returned is listed; the counts add up to the
//! population; the same inputs give the same bytes ([`TestResult::canonical`]),
//! so nothing here holds a clock time, a duration or a path.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, ControlTestId, Period, Problem, Sha256Hex};

use crate::definition::Measures;
use crate::detail::Detail;

/// The result of one control test over one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// The control test.
    pub test: ControlTestId,
    /// Its title.
    pub title: String,
    /// The controls it tests.
    pub controls: Vec<ControlId>,
    /// Whether a miss is a control deviation.
    pub measures: Measures,
    /// The period tested.
    pub period: Period,
    /// What came out.
    pub outcome: Outcome,
    /// How many items have which status.
    pub counts: Counts,
    /// Every item, sorted by its name.
    pub items: Vec<ItemResult>,
    /// How complete the datasets are that the test read.
    pub completeness: Vec<DatasetCompleteness>,
    /// What the result was computed from.
    pub inputs: Inputs,
}

/// What came out of a test as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// At least one item was tested and none deviates.
    NoDeviations,
    /// At least one item deviates.
    Deviations,
    /// Nothing happened in the period that would have called for the control.
    NoOccurrence,
    /// No statement is possible.
    NotTested {
        /// Why, as a phrase.
        reason: String,
    },
}

/// How many items have which status. `population` is the sum of `operated`,
/// `deviations`, `excluded` and `not_tested`; `tested` of the first two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All items.
    pub population: u64,
    /// Items for which the test said operated or deviation.
    pub tested: u64,
    /// Items for which the control operated.
    pub operated: u64,
    /// Items that deviate.
    pub deviations: u64,
    /// Items that are listed but not tested, for a reason the test states.
    pub excluded: u64,
    /// Items that could not be tested.
    pub not_tested: u64,
    /// State tests: items that were not observed on at least one day.
    pub with_gaps: u64,
}

/// What the test says of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// The control operated.
    Operated,
    /// The item deviates.
    Deviation,
    /// The item is listed but not tested.
    Excluded,
    /// The evidence does not tell.
    NotTested,
}

/// When something occurred: a civil date or an instant, as the source has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Occurred {
    /// An instant.
    Instant(Timestamp),
    /// A civil date.
    Day(Date),
}

/// One item with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemResult {
    /// The item's name, unique in the result.
    pub item: String,
    /// Its status.
    pub status: ItemStatus,
    /// Why it has that status; never empty for a deviation.
    pub reason: String,
    /// When it happened, or when the deciding observation was made.
    pub occurred_at: Option<Occurred>,
    /// Further columns of the SQL that are not null, as text.
    pub detail: Detail,
    /// State tests: the days of the period on which the item existed, without
    /// overlap, in order; empty for events.
    pub intervals: Vec<Interval>,
}

/// A run of days with the same status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// First day.
    pub start: Date,
    /// Last day, included.
    pub end: Date,
    /// What holds on these days.
    pub status: IntervalStatus,
}

/// What holds on a run of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalStatus {
    /// Observed, and as it should be.
    Operating,
    /// Observed, and not as it should be.
    Deviating,
    /// No observation covers the days, or the source could not say.
    NotObserved,
}

/// Everything a result was computed from. Two runs with equal inputs over the
/// same period give equal results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Digest of the SQL's text.
    pub sql_sha256: Sha256Hex,
    /// Digest of `test.toml`.
    pub definition_sha256: Sha256Hex,
    /// Values of the parameters, the period's bounds included.
    pub parameters: BTreeMap<String, String>,
    /// Digest of the parameters.
    pub parameters_sha256: Sha256Hex,
    /// The snapshots read, sorted by dataset, source and time.
    pub snapshots: Vec<SnapshotRef>,
    /// Digest of the program's records, calendars and time zone the test read.
    pub program_sha256: Sha256Hex,
    /// Observations after this instant did not count.
    pub as_of: Timestamp,
    /// Engine and version.
    pub engine: String,
}

/// A snapshot of a dataset, by its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotRef {
    /// The dataset.
    pub dataset: String,
    /// The source it came from.
    pub source: String,
    /// When the source was observed.
    pub observed_at: Timestamp,
    /// Digest of the Parquet file.
    pub sha256: Sha256Hex,
    /// How many rows it has.
    pub rows: u64,
}

/// How complete a dataset is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetCompleteness {
    /// The dataset.
    pub dataset: String,
    /// What is known of its completeness.
    pub status: Completeness,
}

/// What is known of a dataset's completeness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "completeness", rename_all = "snake_case")]
pub enum Completeness {
    /// Reconciled with an independent source.
    Complete,
    /// A reconciliation failed or rows were rejected.
    Incomplete {
        /// Why, one phrase each.
        reasons: Vec<String>,
    },
    /// Nothing shows that it is complete.
    NotShown,
}

impl TestResult {
    /// The first dataset the test read that is known not to be complete.
    pub fn incomplete(&self) -> Option<&DatasetCompleteness> {
        let is_incomplete =
            |it: &&DatasetCompleteness| matches!(it.status, Completeness::Incomplete { .. });
        self.completeness.iter().find(is_incomplete)
    }

    /// The result as bytes: JSON without spaces, fields in declared order.
    ///
    /// # Errors
    /// None in practice; a value that JSON cannot hold would be one.
    pub fn canonical(&self) -> Result<Vec<u8>, Problem> {
        canonical(self)
    }

    /// Digest of [`Self::canonical`].
    ///
    /// # Errors
    /// As [`Self::canonical`].
    pub fn sha256(&self) -> Result<Sha256Hex, Problem> {
        Ok(Sha256Hex::of(&self.canonical()?))
    }

    /// The key of the inputs: equal keys need not be run again.
    ///
    /// # Errors
    /// As [`Self::canonical`].
    pub fn key(&self) -> Result<Sha256Hex, Problem> {
        self.inputs.key(&self.test, self.period, &self.completeness)
    }

    /// The items with a status, in order.
    pub fn items_with(&self, status: ItemStatus) -> impl Iterator<Item = &ItemResult> {
        self.items.iter().filter(move |item| item.status == status)
    }
}

impl Inputs {
    /// Digest of everything a result depends on.
    ///
    /// # Errors
    /// None in practice; a value that JSON cannot hold would be one.
    pub fn key(
        &self,
        test: &ControlTestId,
        period: Period,
        completeness: &[DatasetCompleteness],
    ) -> Result<Sha256Hex, Problem> {
        Ok(Sha256Hex::of(&canonical(&(
            test,
            period,
            self,
            completeness,
        ))?))
    }
}

fn canonical(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value)
        .map_err(|error| Problem::new("a result cannot be written").cause(error.to_string()))
}

impl Counts {
    /// Counts the items.
    pub fn of(items: &[ItemResult]) -> Self {
        let mut counts = Self::default();
        for item in items {
            counts.add(item);
        }
        counts
    }

    fn add(&mut self, item: &ItemResult) {
        self.population += 1;
        self.with_gaps += u64::from(item.has_gap());
        match item.status {
            ItemStatus::Operated => self.operated += 1,
            ItemStatus::Deviation => self.deviations += 1,
            ItemStatus::Excluded => self.excluded += 1,
            ItemStatus::NotTested => self.not_tested += 1,
        }
        self.tested = self.operated + self.deviations;
    }
}

impl Outcome {
    /// What the counts amount to.
    ///
    /// An empty population of events is no occurrence. A population of which
    /// nothing could be tested is not tested, never "no deviations".
    pub fn of(counts: &Counts, is_state: bool) -> Self {
        let not_tested = |reason: String| Self::NotTested { reason };
        match counts {
            Counts { population: 0, .. } if is_state => {
                not_tested("no item was observed in the period".to_owned())
            }
            Counts { population: 0, .. } => Self::NoOccurrence,
            Counts {
                deviations: 1.., ..
            } => Self::Deviations,
            Counts { tested: 1.., .. } => Self::NoDeviations,
            Counts { not_tested: 0, .. } => {
                not_tested("every item of the population is excluded".to_owned())
            }
            _ => not_tested(
                "the evidence does not tell of any item whether the control operated".to_owned(),
            ),
        }
    }
}

impl ItemResult {
    /// Whether the item was not observed on some day.
    pub fn has_gap(&self) -> bool {
        self.intervals
            .iter()
            .any(|interval| interval.status == IntervalStatus::NotObserved)
    }

    /// The intervals as text: `operating 2025-07-01..2025-07-31; deviating …`.
    pub fn intervals_text(&self) -> String {
        self.intervals
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl Interval {
    /// How many days it has, both ends included.
    pub fn day_count(&self) -> i32 {
        (self.end - self.start).get_days() + 1
    }
}

impl ItemStatus {
    /// All statuses with the words SQL uses for them.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("operated", Self::Operated),
        ("deviation", Self::Deviation),
        ("excluded", Self::Excluded),
        ("not_tested", Self::NotTested),
    ];

    /// The status written as this word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, status)| *status)
    }

    /// The problem of a word that is no status.
    pub fn unknown(word: &str) -> Problem {
        Problem::new(format!("`{word}` is not a status"))
            .hint("it is one of `operated`, `deviation`, `excluded`, `not_tested`")
    }
}

impl fmt::Display for ItemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Operated => "operated",
            Self::Deviation => "deviation",
            Self::Excluded => "excluded",
            Self::NotTested => "not_tested",
        })
    }
}

impl fmt::Display for IntervalStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Operating => "operating",
            Self::Deviating => "deviating",
            Self::NotObserved => "not_observed",
        })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}..{}", self.status, self.start, self.end)
    }
}

impl fmt::Display for Occurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant(instant) => instant.fmt(f),
            Self::Day(day) => day.fmt(f),
        }
    }
}
