//! Every row of tables D1 to D6.

use super::*;
use ControlConclusion as C;
use TestConclusion as T;

#[test]
fn d1_items() {
    let check = |facts, expected| assert_eq!(propose_item(facts), expected);
    check(
        ItemFacts::Obtained {
            attribute_met: true,
        },
        ItemConclusion::Pass,
    );
    check(
        ItemFacts::Obtained {
            attribute_met: false,
        },
        ItemConclusion::Deviation,
    );
    check(ItemFacts::WithheldOrLost, ItemConclusion::Deviation);
    check(ItemFacts::NotApplicable, ItemConclusion::Replaced);
}

#[test]
fn d2_tests() {
    let base = TestFacts {
        population: 100,
        within_tolerance: Some(true),
        ..TestFacts::default()
    };
    let found = TestFacts {
        deviations: 1,
        ..base
    };
    let check =
        |facts: TestFacts, expected| assert_eq!(propose_test(&facts), expected, "{facts:?}");
    check(
        TestFacts {
            population: 0,
            ..base
        },
        T::NoOccurrence,
    );
    check(base, T::NoDeviations);
    check(found, T::DeviationsWithinTolerance);
    check(
        TestFacts {
            within_tolerance: Some(false),
            ..found
        },
        T::DeviationsExceedTolerance,
    );
    check(
        TestFacts {
            within_tolerance: None,
            ..found
        },
        T::DeviationsExceedTolerance,
    );
    check(
        TestFacts {
            intentional: true,
            ..found
        },
        T::Escalate,
    );
    check(
        TestFacts {
            automated_and_wrong: true,
            ..found
        },
        T::DeviationPeriod,
    );
    check(
        TestFacts {
            automated_and_wrong: true,
            ..base
        },
        T::NoDeviations,
    );
    check(
        TestFacts {
            population_incomplete: true,
            ..found
        },
        T::NotConcludable,
    );
    // An empty population that was not shown complete proves nothing either.
    check(
        TestFacts {
            population_incomplete: true,
            population: 0,
            ..base
        },
        T::NotConcludable,
    );
    check(
        TestFacts {
            evidence_unavailable: true,
            population_incomplete: true,
            ..found
        },
        T::ScopeLimitation,
    );
}

#[test]
fn d3_controls() {
    let check = |test, cause, compensation, expected| {
        let facts = ControlFacts {
            cause,
            compensation,
            ..ControlFacts::tested(test)
        };
        assert_eq!(propose_control(&facts), expected, "{facts:?}");
    };
    let (isolated, systemic) = (Some(Cause::Isolated), Some(Cause::Systemic));
    let (covered, none) = (Compensation::TestedEffective, Compensation::None);
    check(T::NoDeviations, None, none, C::OperatedEffectively);
    check(
        T::DeviationsWithinTolerance,
        isolated,
        none,
        C::OperatedEffectivelyDeviationNoted,
    );
    check(T::DeviationsWithinTolerance, None, none, C::Open);
    check(
        T::DeviationsWithinTolerance,
        systemic,
        none,
        C::NotEffective,
    );
    check(
        T::DeviationsExceedTolerance,
        systemic,
        covered,
        C::NotEffectiveCompensated,
    );
    check(
        T::DeviationsExceedTolerance,
        systemic,
        none,
        C::NotEffective,
    );
    check(T::DeviationsExceedTolerance, isolated, none, C::Open);
    check(T::DeviationsExceedTolerance, None, none, C::Open);
    check(T::Escalate, isolated, none, C::Open);
    check(T::Escalate, systemic, none, C::NotEffective);
    check(
        T::DeviationPeriod,
        systemic,
        covered,
        C::NotEffectiveCompensated,
    );
    check(T::NoOccurrence, None, none, C::DesignOnlyNoOccurrence);
    check(T::NotConcludable, isolated, none, C::Open);
    check(T::ScopeLimitation, None, none, C::ScopeLimitation);
    let extended = ControlFacts {
        cause: isolated,
        extended_within_tolerance: true,
        ..ControlFacts::tested(T::DeviationsExceedTolerance)
    };
    assert_eq!(
        propose_control(&extended),
        C::OperatedEffectivelyDeviationNoted
    );
    let flawed = ControlFacts {
        design_flaw: true,
        ..ControlFacts::tested(T::NoDeviations)
    };
    assert_eq!(propose_control(&flawed), C::NotSuitablyDesigned);
    // Compensation for a flawed design is weighed in D4, not here.
    let flawed_and_covered = ControlFacts {
        compensation: covered,
        ..flawed
    };
    assert_eq!(propose_control(&flawed_and_covered), C::NotSuitablyDesigned);
    let changed = ControlFacts {
        changed_in_period: true,
        ..ControlFacts::tested(T::NoDeviations)
    };
    assert_eq!(propose_control(&changed), C::PerSubPeriod);
}

#[test]
fn d4_criteria() {
    use CriterionConclusion as K;
    let check = |controls: &[(ControlConclusion, bool)], remaining_suffice, expected| {
        let controls = controls
            .iter()
            .map(|(conclusion, necessary)| ControlStanding {
                conclusion: *conclusion,
                necessary: *necessary,
            });
        let facts = CriterionFacts {
            controls: controls.collect(),
            remaining_suffice,
            not_relevant: false,
        };
        assert_eq!(propose_criterion(&facts), expected, "{facts:?}");
    };
    let good = (C::OperatedEffectively, false);
    check(&[good, good], false, K::Met);
    check(
        &[good, (C::OperatedEffectivelyDeviationNoted, false)],
        false,
        K::MetWithDeviations,
    );
    check(
        &[good, (C::NotEffectiveCompensated, false)],
        true,
        K::MetWithDeviations,
    );
    check(
        &[good, (C::NotEffective, false)],
        true,
        K::MetWithDeviations,
    );
    check(&[good, (C::NotEffective, false)], false, K::Open);
    check(&[good, (C::NotEffective, true)], true, K::NotMet);
    check(
        &[good, (C::NotSuitablyDesigned, true)],
        false,
        K::NotMetByDesign,
    );
    check(
        &[good, (C::NotSuitablyDesigned, false)],
        true,
        K::MetWithDeviations,
    );
    check(&[good, (C::NotSuitablyDesigned, false)], false, K::Open);
    check(&[good, (C::NotEffectiveCompensated, true)], true, K::NotMet);
    check(
        &[good, (C::DesignOnlyNoOccurrence, false)],
        false,
        K::MetNoOccurrence,
    );
    check(&[(C::DesignOnlyNoOccurrence, false)], false, K::Open);
    check(
        &[good, (C::ScopeLimitation, true)],
        false,
        K::UnableToConclude,
    );
    check(
        &[good, (C::ScopeLimitation, false)],
        true,
        K::MetWithDeviations,
    );
    check(&[good, (C::Open, false)], false, K::Open);
    check(&[good, (C::PerSubPeriod, false)], false, K::Open);
    check(&[], false, K::NotMetByDesign);
    let not_relevant = CriterionFacts {
        not_relevant: true,
        ..CriterionFacts::default()
    };
    assert_eq!(propose_criterion(&not_relevant), K::NotApplicable);
}

#[test]
fn d5_the_grid() {
    use Extent::{Material, NotMaterial, Pervasive};
    use Opinion::{Adverse, Disclaimer, Qualified, Unmodified};
    let check = |shortfall, row: [Opinion; 3]| {
        for (extent, expected) in [NotMaterial, Material, Pervasive].into_iter().zip(row) {
            assert_eq!(
                opinion_for(shortfall, extent),
                expected,
                "{shortfall:?} {extent:?}"
            );
        }
    };
    check(Shortfall::Deficient, [Unmodified, Qualified, Adverse]);
    check(Shortfall::NoEvidence, [Unmodified, Qualified, Disclaimer]);
    // Withdrawal is the rule; the disclaimer is what is left where it is forbidden.
    check(Shortfall::Refused, [Disclaimer, Disclaimer, Disclaimer]);
    assert_eq!(combine([Unmodified, Qualified, Unmodified]), Qualified);
    assert_eq!(combine([Adverse, Qualified]), Adverse);
    assert_eq!(combine([]), Unmodified);
}

#[test]
fn d5_how_far_it_reaches() {
    let check = |ids: &[&str], expected| {
        let ground = |id: &&str| OpinionGround {
            criterion: id.parse().unwrap(),
            shortfall: Shortfall::Deficient,
        };
        assert_eq!(
            propose_extent(&ids.iter().map(ground).collect::<Vec<_>>()),
            expected,
            "{ids:?}"
        );
    };
    check(&[], Extent::NotMaterial);
    check(&["CC6.2"], Extent::Material);
    check(&["CC6.2", "CC6.3"], Extent::Material);
    check(&["CC6.2", "CC7.1"], Extent::Material);
    check(&["CC6.2", "CC7.1", "CC8.1"], Extent::Pervasive);
    for base in ["CC1.1", "CC3.2", "CC5.2"] {
        check(&[base], Extent::Pervasive);
    }
    check(&["CC2.1"], Extent::Material);
    check(&["CC6.1"], Extent::Material);
}

#[test]
fn d6_effects_on_description_design_operation() {
    let check = |finding, expected: [Effect; 3]| {
        assert_eq!(
            effects(finding).map(|(_, effect)| effect),
            expected,
            "{finding:?}"
        )
    };
    use Effect as E;
    check(
        Finding::NeverImplemented,
        [E::Misstated, E::DeficientIfNecessary, E::NotApplicable],
    );
    check(
        Finding::ImplementedDifferently,
        [E::Misstated, E::JudgeRealControl, E::JudgeRealControl],
    );
    check(
        Finding::NecessaryControlMissing,
        [E::Disclose, E::Deficient, E::Deficient],
    );
    check(Finding::FailedOften, [E::Disclose, E::None, E::Deficient]);
    check(
        Finding::SubserviceControlsOmitted,
        [E::MateriallyMisstated, E::None, E::None],
    );
    check(
        Finding::ResponsibilityListedAsControl,
        [E::Misstated, E::None, E::None],
    );
    check(
        Finding::IncidentFromFailedControl,
        [E::Disclose, E::Evaluate, E::Evaluate],
    );
    check(
        Finding::FrameworkClaimNotMet,
        [E::Misstated, E::None, E::None],
    );
}
