//! D2: what a test of one control shows.

use serde::{Deserialize, Serialize};

/// The outcome of a test, before anyone weighs it.
///
/// All booleans are facts someone established, not judgments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TestFacts {
    /// Items that occurred in the period.
    pub population: u64,
    /// Deviations found (k).
    pub deviations: u64,
    /// The whole population was tested, so nothing is projected.
    pub whole_population: bool,
    /// Whether the upper limit stays within the tolerable rate; for a whole
    /// population, whether the rate found does. `None` where no tolerable rate
    /// was set.
    pub within_tolerance: Option<bool>,
    /// A deviation was intentional, a bypass, or hints at fraud.
    pub intentional: bool,
    /// An automated control whose configuration was wrong for a while.
    pub automated_and_wrong: bool,
    /// The population was not shown complete and accurate.
    pub population_incomplete: bool,
    /// Evidence could not be had at all.
    pub evidence_unavailable: bool,
}

/// What is proposed for a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestConclusion {
    /// Nothing happened in the period; not the same as effective.
    NoOccurrence,
    /// No deviations.
    NoDeviations,
    /// Deviations within the tolerable rate; nature and cause still count.
    DeviationsWithinTolerance,
    /// More than tolerable, or no tolerable rate was set: look at cause.
    DeviationsExceedTolerance,
    /// Intentional or a bypass: weighed by a person whatever the rate.
    Escalate,
    /// An automated control deviated for part of the period.
    DeviationPeriod,
    /// Nothing can be concluded until completeness is shown.
    NotConcludable,
    /// Evidence was not available: a limit on scope.
    ScopeLimitation,
}

/// Proposes the conclusion of one test (D2). What prevents a conclusion comes
/// first, then what demands a person, then the counts.
pub fn propose_test(facts: &TestFacts) -> TestConclusion {
    use TestConclusion::{
        DeviationPeriod, DeviationsExceedTolerance, DeviationsWithinTolerance, Escalate,
        NoDeviations, NoOccurrence, NotConcludable, ScopeLimitation,
    };
    if facts.evidence_unavailable {
        return ScopeLimitation;
    }
    if facts.population_incomplete {
        return NotConcludable;
    }
    if facts.population == 0 {
        return NoOccurrence;
    }
    if facts.deviations == 0 {
        return NoDeviations;
    }
    if facts.intentional {
        return Escalate;
    }
    if facts.automated_and_wrong {
        return DeviationPeriod;
    }
    match facts.within_tolerance {
        Some(true) => DeviationsWithinTolerance,
        Some(false) | None => DeviationsExceedTolerance,
    }
}
