//! The checklist: every automatic item has a rule, passes on a sound report,
//! and fails on one that is spoiled in exactly that respect.

use std::collections::BTreeSet;

use jiff::civil::date;
use tickmark_catalog::{CheckMode, catalog};
use tickmark_engagement::ladder::CriterionConclusion;
use tickmark_report::checks::{
    AuditFile, MemberFacts, SignOffFacts, SubserviceAssertionFacts, Verdict, failures, has_rule,
    run,
};
use tickmark_report::compose;
use tickmark_report::facts::ReportFacts;
use tickmark_report::value::rich_text::plain;
use tickmark_report::value::*;

use crate::fixture;
use crate::spoiled::{Base, SPOILED};

/// A sound file for the report of `facts`.
pub fn file(facts: &ReportFacts, report: &Report) -> AuditFile {
    let registered = report
        .controls
        .iter()
        .map(|control| (control.id.clone(), plain(&control.text)));
    let concluded = |id: &tickmark_catalog::CriterionId| {
        let is_named = facts
            .opinion
            .grounds
            .iter()
            .any(|ground| ground.criteria.contains(id));
        if is_named {
            CriterionConclusion::NotMet
        } else {
            CriterionConclusion::Met
        }
    };
    AuditFile {
        members: vec![MemberFacts {
            id: "m-1".to_owned(),
            independence_confirmed_on: Some(date(2025, 5, 1)),
        }],
        engagement_letter: Some(date(2025, 5, 2)),
        representation_letter: Some(facts.report_date),
        is_assertion_modified: facts.opinion.overall != Opinion::Unmodified,
        subsequent_events: Some(facts.report_date),
        is_quality_review_required: true,
        quality_review: Some(facts.report_date),
        sign_offs: vec![SignOffFacts {
            what: "WP-1".to_owned(),
            prepared_by: "m-1".to_owned(),
            reviewed_by: "m-2".to_owned(),
            reviewed_on: facts.management.date,
        }],
        deviations: facts
            .deviations
            .iter()
            .map(|deviation| deviation.id.clone())
            .collect(),
        criteria: facts
            .criteria
            .iter()
            .map(|criterion| (criterion.id, concluded(&criterion.id)))
            .collect(),
        categories: facts.categories.clone(),
        register: registered.collect(),
        ..AuditFile::default()
    }
}

fn facts_of(base: Base) -> ReportFacts {
    match base {
        Base::Type1 => fixture::type1(),
        Base::Type2 => fixture::facts(),
        Base::Soc3 => fixture::soc3(),
        Base::Qualified => fixture::modified(Opinion::Qualified),
        Base::Inclusive => {
            let mut facts = fixture::facts();
            facts.subservice[0].method = SubserviceMethod::Inclusive;
            facts.controls[0].title =
                "Amazon Web Services, Inc.: access ends when people leave".to_owned();
            facts
        }
    }
}

/// The report and file of a base, both sound.
fn sound(base: Base) -> (Report, AuditFile) {
    let facts = facts_of(base);
    let report = compose(&facts).unwrap();
    let mut file = file(&facts, &report);
    if base == Base::Inclusive {
        let assertion = SubserviceAssertionFacts {
            dated: facts.management.date,
            independence_confirmed_on: date(2025, 5, 1),
        };
        file.subservice_assertions = [("aws".to_owned(), assertion)].into();
    }
    (report, file)
}

#[test]
fn every_automatic_item_has_a_rule() {
    let without: Vec<&str> = catalog()
        .checklist
        .iter()
        .filter(|item| item.mode == CheckMode::Auto && !has_rule(&item.id))
        .map(|item| item.id.as_str())
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn sound_reports_pass() {
    for base in [
        Base::Type1,
        Base::Type2,
        Base::Soc3,
        Base::Qualified,
        Base::Inclusive,
    ] {
        let (report, file) = sound(base);
        let checked = run(&report, &file);
        let failed: Vec<_> = failures(&checked)
            .map(|item| (&item.id, &item.verdict))
            .collect();
        assert!(failed.is_empty(), "{base:?}: {failed:#?}");
    }
}

#[test]
fn other_opinions_pass() {
    for opinion in [Opinion::Adverse, Opinion::Disclaimer] {
        let facts = fixture::modified(opinion);
        let report = compose(&facts).unwrap();
        let checked = run(&report, &file(&facts, &report));
        let failed: Vec<_> = failures(&checked)
            .map(|item| (&item.id, &item.verdict))
            .collect();
        assert!(failed.is_empty(), "{opinion:?}: {failed:#?}");
    }
}

#[test]
fn assisted_items_are_questions() {
    let (report, file) = sound(Base::Type2);
    let questions: Vec<String> = run(&report, &file)
        .into_iter()
        .filter(|item| item.verdict == Verdict::Question)
        .map(|item| item.id)
        .collect();
    assert_eq!(questions, ["AR35", "SD02", "SD20", "SD28", "OI04", "OI05"]);
}

#[test]
fn each_item_fails_when_spoiled() {
    let mut missed = Vec::new();
    for (item, base, spoil) in SPOILED {
        let (mut report, mut file) = sound(*base);
        spoil(&mut report, &mut file);
        let checked = run(&report, &file);
        let verdict = &checked
            .iter()
            .find(|checked| checked.id == *item)
            .unwrap()
            .verdict;
        if !matches!(verdict, Verdict::Fail { .. }) {
            missed.push((item, verdict.clone()));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn each_automatic_item_is_spoiled_once() {
    let spoiled: BTreeSet<&str> = SPOILED.iter().map(|(item, _, _)| *item).collect();
    let automatic: BTreeSet<&str> = catalog()
        .checklist
        .iter()
        .filter(|item| item.mode == CheckMode::Auto)
        .map(|item| item.id.as_str())
        .collect();
    assert_eq!(spoiled, automatic);
    assert_eq!(SPOILED.len(), automatic.len());
}

/// The first thing the check `id` finds wrong when the narrative says `text`.
fn said_of(base: Base, text: &str) -> Verdict {
    let mut facts = facts_of(base);
    facts.description[0]
        .markdown
        .push_str(&format!("\n\n{text}"));
    let report = compose(&facts).unwrap();
    let checked = run(&report, &file(&facts, &report));
    let found = checked.into_iter().find(|checked| checked.id == "SD27");
    found.unwrap().verdict
}

#[test]
fn figures_of_the_narrative_are_compared() {
    let fails = |why: &str| Verdict::Fail {
        why: format!("figures of the description that disagree: {why}"),
    };
    let controls = fixture::facts().controls.len();
    for (text, expected) in [
        (
            format!("- [{controls}](count:controls) of them"),
            Verdict::Pass,
        ),
        (
            "all [27](count:access-removed-on-leaving)".to_owned(),
            Verdict::Pass,
        ),
        (
            "[**Twenty-seven**](count:access-removed-on-leaving)".to_owned(),
            Verdict::Pass,
        ),
        (
            "all [28](count:access-removed-on-leaving)".to_owned(),
            fails("`28` for `access-removed-on-leaving`, which counts 27"),
        ),
        (
            "| a |\n|---|\n| [some](count:controls) |".to_owned(),
            fails("`some` is not a number"),
        ),
        (
            "[3](count:moons)".to_owned(),
            fails("`3` for `moons`, which the report does not count"),
        ),
    ] {
        assert_eq!(said_of(Base::Type2, &text), expected, "{text}");
    }
    // Without tests there is nothing to compare a population with.
    let text = "all [28](count:access-removed-on-leaving)";
    assert_eq!(said_of(Base::Type1, text), Verdict::Pass);
}

#[test]
fn names_in_results_are_found_but_never_told() {
    let (report, mut file) = sound(Base::Type2);
    file.private_names = vec!["leavers".to_owned()];
    let checked = run(&report, &file);
    let Verdict::Fail { why } = &checked
        .iter()
        .find(|checked| checked.id == "TC19")
        .unwrap()
        .verdict
    else {
        panic!("the name was not found");
    };
    assert_eq!(
        why,
        "a person or a customer is named: access-removed-on-leaving"
    );
}
