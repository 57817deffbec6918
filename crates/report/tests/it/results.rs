//! The sentences of a result.

use tickmark_report::build::results::{extent, limit_note, result};
use tickmark_report::facts::TestFacts;
use tickmark_report::value::{Exclusion, Outcome, Selection};

use crate::fixture;

fn leavers(change: impl FnOnce(&mut TestFacts)) -> TestFacts {
    let mut test = TestFacts {
        item: ("leaver".to_owned(), "leavers".to_owned()),
        population: Some(27),
        tested: Some(27),
        ..fixture::clean_test("access-removed-on-leaving", "TM-048")
    };
    change(&mut test);
    test
}

#[test]
fn extents_say_what_weakens_them() {
    let cases: [(TestFacts, &str); 7] = [
        (leavers(|_| {}), "Whole population: 27 leavers."),
        (
            leavers(|t| (t.population, t.tested) = (Some(1), Some(1))),
            "Whole population: 1 leaver.",
        ),
        (
            leavers(|t| (t.population, t.tested) = (Some(0), Some(0))),
            "Population of the period: no leavers.",
        ),
        (
            leavers(|t| {
                t.exclusions = vec![Exclusion {
                    count: 1,
                    reason: "left before the period.".to_owned(),
                }]
            }),
            "Whole population: 27 leavers. 1 leaver excluded: left before the period.",
        ),
        (
            leavers(|t| (t.not_tested, t.with_gaps) = (2, 1)),
            "Whole population: 27 leavers. 2 leavers could not be tested: the source holds no answer. 1 leaver not observed on at least one day of the period.",
        ),
        (
            leavers(|t| t.incomplete = vec!["26 of 27 matched".to_owned()]),
            "Whole population: 27 leavers. The population was not shown to be complete: 26 of 27 matched.",
        ),
        (leavers(|t| (t.population, t.tested) = (None, None)), ""),
    ];
    for (test, expected) in cases {
        assert_eq!(extent(&test).words, expected);
    }
}

#[test]
fn outcomes_never_read_as_clean_unless_they_are() {
    let with = |outcome, explanation: Option<&str>| {
        result(
            &leavers(|t| (t.outcome, t.explanation) = (outcome, explanation.map(str::to_owned))),
            &[],
        )
    };
    assert_eq!(with(Outcome::NoExceptions, None), "No exceptions noted.");
    assert_eq!(
        with(Outcome::NoOccurrence, Some("the register has no entry")),
        "Not tested: the circumstances requiring this control did not occur in the period. The register has no entry.",
    );
    assert_eq!(
        with(Outcome::NotTested, Some("the logs were lost.")),
        "Not tested: sufficient evidence could not be obtained. The logs were lost.",
    );
}

#[test]
fn exceptions_count_and_samples_show_their_limit() {
    let facts = fixture::facts();
    let told =
        |test: usize, deviation: usize| result(&facts.tests[test], &[&facts.deviations[deviation]]);
    assert_eq!(
        told(0, 0),
        "Exception noted. For 1 of 27 leavers tested (the whole population), access to the identity provider ended 6 business days after the last day; the policy allows 1. Log inspection showed no sign-in after the last day.",
    );
    assert_eq!(
        told(2, 1),
        "Exception noted. For 1 of 40 access requests tested from a population of 412, access was granted 3 hours before it was approved. The upper deviation limit is 9.4% at 90% confidence.",
    );
}

#[test]
fn a_sample_beside_a_whole_population_points_to_it() {
    let test = leavers(|t| {
        t.tested = Some(9);
        t.deviations = 1;
        t.outcome = Outcome::Exceptions;
        t.selection = Selection::Sample {
            confidence: 0.95,
            upper_limit: 0.429,
            seed: None,
        };
        t.sample_of = Some("access-removed-on-leaving".to_owned());
    });
    assert_eq!(
        result(&test, &[]),
        "Exception noted. 1 of 9 leavers tested from a population of 27 did not meet the attribute; it is among the items reported for the preceding test. The upper deviation limit is 42.9% at 95% confidence.",
    );
    assert_eq!(
        limit_note(&extent(&test)).unwrap(),
        "Upper deviation limit 42.9% at 95% confidence (9 of 27 tested)."
    );
}
