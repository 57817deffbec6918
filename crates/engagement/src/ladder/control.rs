//! D3: whether a control operated.

use serde::{Deserialize, Serialize};

use super::test::TestConclusion;

/// What the analysis of cause found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// One person, system or moment; understood.
    Isolated,
    /// The control does not do what it should.
    Systemic,
}

/// Whether another control, tested and effective, covers the gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compensation {
    /// One was tested and found effective.
    TestedEffective,
    /// There is none, or it was not tested.
    None,
}

/// What is known of a control when its tests are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlFacts {
    /// The worst of its tests (D2).
    pub test: TestConclusion,
    /// Cause of the deviations, once analysed.
    pub cause: Option<Cause>,
    /// A compensating control.
    pub compensation: Compensation,
    /// An extended sample ended within tolerance.
    pub extended_within_tolerance: bool,
    /// Even perfect operation would not meet the criterion.
    pub design_flaw: bool,
    /// The control began or changed inside the period.
    pub changed_in_period: bool,
}

impl ControlFacts {
    /// The facts of a control of which only the test's conclusion is known.
    pub fn tested(test: TestConclusion) -> Self {
        Self {
            test,
            cause: None,
            compensation: Compensation::None,
            extended_within_tolerance: false,
            design_flaw: false,
            changed_in_period: false,
        }
    }
}

/// What is proposed, and later concluded, for a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlConclusion {
    /// It operated effectively.
    OperatedEffectively,
    /// It operated effectively; a deviation is noted.
    OperatedEffectivelyDeviationNoted,
    /// It did not operate effectively; the criterion may still be met by
    /// another control.
    NotEffectiveCompensated,
    /// It did not operate effectively.
    NotEffective,
    /// It is not suitably designed; a compensating control is weighed in D4.
    NotSuitablyDesigned,
    /// Nothing occurred: design only was concluded on.
    DesignOnlyNoOccurrence,
    /// To be concluded for each part of the period.
    PerSubPeriod,
    /// Nothing can be proposed until cause or completeness is known.
    Open,
    /// Evidence was not available.
    ScopeLimitation,
}

/// Proposes the conclusion on one control (D3).
pub fn propose_control(facts: &ControlFacts) -> ControlConclusion {
    use ControlConclusion as C;
    if facts.design_flaw {
        return C::NotSuitablyDesigned;
    }
    if facts.changed_in_period {
        return C::PerSubPeriod;
    }
    match facts.test {
        TestConclusion::NoDeviations => C::OperatedEffectively,
        TestConclusion::NoOccurrence => C::DesignOnlyNoOccurrence,
        TestConclusion::NotConcludable => C::Open,
        TestConclusion::ScopeLimitation => C::ScopeLimitation,
        TestConclusion::DeviationsWithinTolerance => match facts.cause {
            Some(Cause::Isolated) => C::OperatedEffectivelyDeviationNoted,
            Some(Cause::Systemic) => not_effective(facts.compensation),
            None => C::Open,
        },
        TestConclusion::DeviationsExceedTolerance
        | TestConclusion::DeviationPeriod
        | TestConclusion::Escalate => exceeding(facts),
    }
}

fn exceeding(facts: &ControlFacts) -> ControlConclusion {
    match facts.cause {
        Some(Cause::Isolated) if facts.extended_within_tolerance => {
            ControlConclusion::OperatedEffectivelyDeviationNoted
        }
        Some(Cause::Systemic) => not_effective(facts.compensation),
        // Isolated but not shown tolerable, or cause unknown: a person weighs it.
        Some(Cause::Isolated) | None => ControlConclusion::Open,
    }
}

fn not_effective(compensation: Compensation) -> ControlConclusion {
    match compensation {
        Compensation::TestedEffective => ControlConclusion::NotEffectiveCompensated,
        Compensation::None => ControlConclusion::NotEffective,
    }
}
