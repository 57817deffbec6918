//! The words of a report, as a reader meets them.

use tickmark_report::compose;
use tickmark_report::facts::ReportFacts;
use tickmark_report::value::{Opinion, Subject};

use crate::fixture;

fn about(facts: &ReportFacts, subject: Subject) -> String {
    compose(facts).unwrap().auditor_report.text_about(subject)
}

#[test]
fn the_scope_names_matters_criteria_and_time() {
    let has = |facts: &ReportFacts, words: &[&str]| {
        let text = about(facts, Subject::Scope);
        for word in words {
            assert!(text.contains(word), "`{word}` is not in: {text}");
        }
    };
    let period = "throughout the period July 1, 2025 to June 30, 2026";
    has(
        &fixture::facts(),
        &[
            "operating effectiveness",
            period,
            "DC section 200",
            "TSP section 100",
        ],
    );
    has(
        &fixture::type1(),
        &["as of June 30, 2025", "suitability of the design"],
    );
    has(&fixture::soc3(), &["the assertion", period]);
}

#[test]
fn heading_and_lead_belong_to_the_opinion() {
    for (opinion, heading, lead) in [
        (
            Opinion::Unmodified,
            "Opinion",
            "In our opinion, in all material respects:",
        ),
        (
            Opinion::Qualified,
            "Qualified Opinion",
            "except for the matter described under “Basis for Qualified Opinion”",
        ),
        (
            Opinion::Adverse,
            "Adverse Opinion",
            "did not operate effectively",
        ),
        (
            Opinion::Disclaimer,
            "Disclaimer of Opinion",
            "we do not express an opinion",
        ),
    ] {
        let facts = if opinion == Opinion::Unmodified {
            fixture::facts()
        } else {
            fixture::modified(opinion)
        };
        let letter = compose(&facts).unwrap().auditor_report;
        let passage = letter
            .passages
            .iter()
            .find(|p| p.subject == Subject::Opinion)
            .unwrap();
        assert_eq!(passage.heading.as_deref(), Some(heading));
        assert!(
            letter.text_about(Subject::Opinion).contains(lead),
            "{opinion:?}"
        );
    }
}

#[test]
fn missing_facts_are_told_together() {
    let mut facts = fixture::facts();
    facts.firm.place = String::new();
    facts
        .controls
        .retain(|control| control.id.as_str() != "TM-104");
    facts.deviations.clear();
    let problems = compose(&facts).unwrap_err();
    assert_eq!(problems.0.len(), 5, "{problems}");
}
