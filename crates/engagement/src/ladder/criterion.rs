//! D4: whether a criterion was met.

use serde::{Deserialize, Serialize};

use super::control::ControlConclusion;

/// A control as it bears on one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlStanding {
    /// The conclusion on the control.
    pub conclusion: ControlConclusion,
    /// The criterion cannot be met without it, and nothing compensates.
    pub necessary: bool,
}

/// What is known of a criterion when its controls are concluded.
#[derive(Debug, Clone, Default)]
pub struct CriterionFacts {
    /// The controls mapped to it.
    pub controls: Vec<ControlStanding>,
    /// The auditor stated that the remaining controls alone suffice, and why.
    pub remaining_suffice: bool,
    /// Declared not relevant, with the reason disclosed (DC 8).
    pub not_relevant: bool,
}

/// What is proposed, and later concluded, for a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriterionConclusion {
    /// Met; no deviation.
    Met,
    /// Met, with deviations disclosed.
    MetWithDeviations,
    /// Met; a control did not occur, which the report says.
    MetNoOccurrence,
    /// Not met.
    NotMet,
    /// Not met by design: no control is mapped, which blocks the report, or a
    /// necessary one is not suitably designed.
    NotMetByDesign,
    /// Evidence for a necessary control was not obtainable.
    UnableToConclude,
    /// Not applicable, with the reason disclosed.
    NotApplicable,
    /// Waits for a person: a control is open, or nobody said yet whether the
    /// remaining controls suffice.
    Open,
}

/// Proposes the conclusion on one criterion (D4).
pub fn propose_criterion(facts: &CriterionFacts) -> CriterionConclusion {
    use CriterionConclusion as C;
    if facts.not_relevant {
        return C::NotApplicable;
    }
    if facts.controls.is_empty() {
        return C::NotMetByDesign;
    }
    let has = |test: fn(&ControlStanding) -> bool| facts.controls.iter().any(test);
    if has(|c| c.necessary && c.conclusion == ControlConclusion::NotSuitablyDesigned) {
        return C::NotMetByDesign;
    }
    if has(|c| c.necessary && failed(c.conclusion)) {
        return C::NotMet;
    }
    if has(|c| c.necessary && c.conclusion == ControlConclusion::ScopeLimitation) {
        return C::UnableToConclude;
    }
    if has(|c| {
        matches!(
            c.conclusion,
            ControlConclusion::Open | ControlConclusion::PerSubPeriod
        )
    }) {
        return C::Open;
    }
    if has(|c| failed(c.conclusion) || c.conclusion == ControlConclusion::ScopeLimitation) {
        return if facts.remaining_suffice {
            C::MetWithDeviations
        } else {
            C::Open
        };
    }
    if facts
        .controls
        .iter()
        .all(|c| c.conclusion == ControlConclusion::DesignOnlyNoOccurrence)
    {
        return C::Open;
    }
    if has(|c| c.conclusion == ControlConclusion::OperatedEffectivelyDeviationNoted) {
        return C::MetWithDeviations;
    }
    if has(|c| c.conclusion == ControlConclusion::DesignOnlyNoOccurrence) {
        return C::MetNoOccurrence;
    }
    C::Met
}

fn failed(conclusion: ControlConclusion) -> bool {
    matches!(
        conclusion,
        ControlConclusion::NotEffective
            | ControlConclusion::NotEffectiveCompensated
            | ControlConclusion::NotSuitablyDesigned
    )
}
