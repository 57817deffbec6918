//! Proposals: the tables of the ladder fed from what is on file.
//!
//! A proposal carries the digest of what it was computed from, so that anyone
//! can see whether a conclusion was reached on the same facts.

use serde::Serialize;
use tickmark_catalog::{ControlId, CriterionId, Sha256Hex};
use tickmark_control_tests::{Outcome, TestResult};

use crate::basis::Basis;
use crate::event::{DeviationEvaluated, ProcedureResult};
use crate::ladder::{
    ControlConclusion, ControlFacts, ControlStanding, CriterionConclusion, CriterionFacts, Extent,
    Opinion, OpinionGround, Shortfall, SubjectMatter, TestConclusion, TestFacts, opinion_for,
    propose_control, propose_criterion, propose_extent, propose_test,
};
use crate::sampling::Rate;
use crate::state::EngagementState;

/// What the tables propose, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal<T> {
    /// The proposed conclusion.
    pub value: T,
    /// Digest of the facts it was computed from.
    pub inputs_sha256: Sha256Hex,
    /// Whether any deviation stands behind it; then a reason is mandatory.
    pub has_deviations: bool,
}

impl EngagementState {
    /// Proposes the conclusion of one control test (D2).
    pub fn propose_test(&self, basis: &Basis, result: &TestResult) -> TestConclusion {
        let evaluated = self
            .deviations
            .values()
            .find(|deviation| deviation.test == result.test);
        propose_test(&TestFacts {
            population: result.counts.population,
            deviations: result.counts.deviations,
            whole_population: true,
            within_tolerance: self.within_tolerance(result),
            intentional: evaluated.is_some_and(|deviation| deviation.intentional),
            automated_and_wrong: basis.state_tests.contains(&result.test),
            population_incomplete: result.incomplete().is_some(),
            evidence_unavailable: matches!(result.outcome, Outcome::NotTested { .. }),
        })
    }

    /// Whether the rate found in a whole population is within the tolerable
    /// rate; `None` before the terms are known.
    pub(crate) fn within_tolerance(&self, result: &TestResult) -> Option<bool> {
        let tolerable: Rate = self.terms.as_ref()?.tolerable_rate.parse().ok()?;
        let found = Rate::from_fraction(
            result.counts.deviations,
            result.counts.tested.max(result.counts.deviations),
        )
        .ok()?;
        Some(found <= tolerable)
    }

    /// Proposes the conclusion on one control (D3), or `None` when nothing on
    /// file bears on it.
    pub fn propose_control(
        &self,
        basis: &Basis,
        control: &ControlId,
    ) -> Option<Proposal<ControlConclusion>> {
        let mut proposals: Vec<ControlConclusion> = basis
            .results_of(control)
            .map(|result| self.propose_from_test(basis, control, result))
            .collect();
        proposals.extend(
            self.procedures_of(control)
                .filter(|it| it.test.is_none())
                .map(|it| self.propose_from_procedure(&it.result)),
        );
        let value = worst(&proposals)?;
        let results: Vec<_> = basis
            .results_of(control)
            .map(|result| (&result.test, basis.digests.get(&result.test)))
            .collect();
        let procedures: Vec<_> = self.procedures_of(control).collect();
        let deviations: Vec<_> = self.deviations_of(control).collect();
        let has_deviations = !deviations.is_empty()
            || basis
                .results_of(control)
                .any(|result| result.counts.deviations > 0);
        Some(Proposal {
            value,
            inputs_sha256: digest(&(results, procedures, deviations)),
            has_deviations,
        })
    }

    fn propose_from_test(
        &self,
        basis: &Basis,
        control: &ControlId,
        result: &TestResult,
    ) -> ControlConclusion {
        let evaluated = self
            .deviations_of(control)
            .find(|deviation| deviation.test == result.test);
        propose_control(&with_cause(
            ControlFacts::tested(self.propose_test(basis, result)),
            evaluated,
        ))
    }

    fn propose_from_procedure(&self, result: &ProcedureResult) -> ControlConclusion {
        let test = match result {
            ProcedureResult::NoExceptions => TestConclusion::NoDeviations,
            ProcedureResult::NoOccurrence => TestConclusion::NoOccurrence,
            ProcedureResult::Exception { .. } => TestConclusion::DeviationsExceedTolerance,
            ProcedureResult::ScopeLimitation { .. } => TestConclusion::ScopeLimitation,
        };
        let evaluated = match result {
            ProcedureResult::Exception { deviation } => self.deviations.get(deviation),
            _ => None,
        };
        propose_control(&with_cause(ControlFacts::tested(test), evaluated))
    }

    /// Proposes the conclusion on one criterion (D4) from the conclusions on
    /// its controls. `remaining_suffice` is the auditor's own statement.
    pub fn propose_criterion(
        &self,
        basis: &Basis,
        criterion: CriterionId,
        remaining_suffice: bool,
    ) -> Proposal<CriterionConclusion> {
        let standings: Vec<(String, ControlConclusion)> = basis
            .controls_of(criterion)
            .map(|control| (control.to_string(), self.standing(control)))
            .collect();
        let controls = standings.iter().map(|(_, conclusion)| ControlStanding {
            conclusion: *conclusion,
            necessary: matches!(
                conclusion,
                ControlConclusion::NotEffective | ControlConclusion::NotSuitablyDesigned
            ) && !remaining_suffice,
        });
        let facts = CriterionFacts {
            controls: controls.collect(),
            remaining_suffice,
            not_relevant: basis.not_relevant.contains(&criterion),
        };
        let has_deviations = standings
            .iter()
            .any(|(_, conclusion)| deviates(*conclusion));
        Proposal {
            value: propose_criterion(&facts),
            inputs_sha256: digest(&(criterion, &standings, remaining_suffice)),
            has_deviations,
        }
    }

    fn standing(&self, control: &ControlId) -> ControlConclusion {
        self.controls
            .get(control)
            .map_or(ControlConclusion::Open, |concluded| concluded.conclusion)
    }

    /// Proposes the opinion on one subject matter (D5) from the conclusions on
    /// criteria. The description is not rolled up from criteria: it is proposed
    /// unmodified, and a person who finds it misstated says so.
    pub fn propose_matter(&self, matter: SubjectMatter) -> Proposal<Opinion> {
        let grounds = self.grounds(matter);
        let value = match propose_extent(&grounds) {
            Extent::NotMaterial => Opinion::Unmodified,
            extent => {
                let no_evidence = grounds
                    .iter()
                    .all(|ground| ground.shortfall == Shortfall::NoEvidence);
                opinion_for(
                    if no_evidence {
                        Shortfall::NoEvidence
                    } else {
                        Shortfall::Deficient
                    },
                    extent,
                )
            }
        };
        let inputs: Vec<_> = self
            .criteria
            .values()
            .map(|it| (it.subject, it.conclusion))
            .collect();
        Proposal {
            value,
            inputs_sha256: digest(&(matter, inputs)),
            has_deviations: !grounds.is_empty(),
        }
    }

    /// The criteria that speak against an unmodified opinion on `matter`.
    pub fn grounds(&self, matter: SubjectMatter) -> Vec<OpinionGround> {
        let ground = |criterion, shortfall| {
            Some(OpinionGround {
                criterion,
                shortfall,
            })
        };
        let of = |subject, conclusion| match (matter, conclusion) {
            (SubjectMatter::Operation, CriterionConclusion::NotMet)
            | (SubjectMatter::Design, CriterionConclusion::NotMetByDesign) => {
                ground(subject, Shortfall::Deficient)
            }
            (SubjectMatter::Operation, CriterionConclusion::UnableToConclude) => {
                ground(subject, Shortfall::NoEvidence)
            }
            _ => None,
        };
        self.criteria
            .values()
            .filter_map(|it| of(it.subject, it.conclusion))
            .collect()
    }
}

fn with_cause(mut facts: ControlFacts, evaluated: Option<&DeviationEvaluated>) -> ControlFacts {
    if let Some(deviation) = evaluated {
        facts.cause = Some(deviation.cause);
        facts.compensation = deviation.compensation;
    }
    facts
}

/// Whether a conclusion has deviations behind it.
fn deviates(conclusion: ControlConclusion) -> bool {
    matches!(
        conclusion,
        ControlConclusion::OperatedEffectivelyDeviationNoted
            | ControlConclusion::NotEffectiveCompensated
            | ControlConclusion::NotEffective
            | ControlConclusion::NotSuitablyDesigned
    )
}

/// The proposal for a control from those of its tests: the gravest counts.
fn worst(proposals: &[ControlConclusion]) -> Option<ControlConclusion> {
    use ControlConclusion as C;
    const ORDER: [ControlConclusion; 9] = [
        C::ScopeLimitation,
        C::Open,
        C::NotSuitablyDesigned,
        C::NotEffective,
        C::NotEffectiveCompensated,
        C::PerSubPeriod,
        C::OperatedEffectivelyDeviationNoted,
        C::OperatedEffectively,
        C::DesignOnlyNoOccurrence,
    ];
    ORDER
        .into_iter()
        .find(|conclusion| proposals.contains(conclusion))
}

fn digest<T: Serialize>(facts: &T) -> Sha256Hex {
    // Plain structs and maps with text keys always serialize.
    Sha256Hex::of(&serde_json::to_vec(facts).unwrap_or_default())
}
