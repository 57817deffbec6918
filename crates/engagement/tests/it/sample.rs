//! The sample firm's files pass every check, on results made up from the
//! answer keys of the sample evidence.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use tickmark_catalog::{Period, Sha256Hex};
use tickmark_control_tests::library;
use tickmark_engagement::{
    Basis, Concluded, Decisions, EngagementEvent, EngagementState, Procedures,
};
use tickmark_program::{Program, program_texts};

use crate::synthesized::{Found, result, with_results};

/// Detail columns of the first deviating item, as the runs over the sample
/// evidence give them.
const DETAILS: &[(&str, &[(&str, &str)])] = &[
    ("access-removed-on-leaving", &[("most_days", "6")]),
    (
        "access-review-on-time",
        &[("system", "warehouse"), ("period_label", "FY26-Q2")],
    ),
    (
        "access-review-removals-executed",
        &[("system", "warehouse"), ("days_taken", "28")],
    ),
    (
        "background-check-before-start",
        &[
            ("finished_days_after_start", "11"),
            ("production_access_days_after_start", "15"),
        ],
    ),
    ("vulnerability-fixed-in-time", &[("days_taken", "21")]),
    ("access-approved-before-grant", &[("system", "billing")]),
    ("branch-protected", &[("repo", "ml-pipeline")]),
];

fn sample(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../sample")
        .join(path)
}

fn files_below(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if !path.is_dir() {
            files.insert(name, fs::read(&path).unwrap());
        } else if !["exports", "packs", "sources", "reconciliations"].contains(&name.as_str()) {
            files_below(&path, &format!("{name}/"), files);
        }
    }
}

fn scope(program: &Program, files: &BTreeMap<String, Vec<u8>>) -> Basis {
    let controls = program.controls.iter();
    let promises = program.commitments.iter().map(|it| it.id.to_string());
    let needs = program.requirements.iter().map(|it| it.id.to_string());
    let documents = files
        .iter()
        .filter(|(path, _)| path.starts_with("documents/"));
    Basis {
        controls: controls
            .map(|it| (it.id.clone(), it.criteria.clone()))
            .collect(),
        criteria: program.applicable_criteria(),
        commitments: promises.chain(needs).collect(),
        documents: documents
            .map(|(path, bytes)| (path.clone(), Sha256Hex::of(bytes)))
            .collect(),
        ..Basis::default()
    }
}

fn found(test: &str, key: &serde_json::Value, requests: &[String]) -> Found {
    let count = |name: &str| key[name].as_u64().map(|count| count as usize);
    let columns = DETAILS.iter().find(|(name, _)| *name == test);
    let detail = columns.map_or(&[][..], |(_, columns)| columns).iter();
    let is_request = test == "access-approved-before-grant";
    Found {
        // Where the key does not count, some items operated.
        population: count("tested").unwrap_or(3),
        excluded: count("excluded").unwrap(),
        deviating: serde_json::from_value(key["items"].clone()).unwrap(),
        names: if is_request {
            requests.to_vec()
        } else {
            Vec::new()
        },
        detail: detail
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    }
}

fn basis(answer_key: &str, period: Period) -> Basis {
    let mut files = BTreeMap::new();
    files_below(&sample("fernhollow"), "", &mut files);
    let program = Program::parse(&program_texts(files.clone()).unwrap()).unwrap();
    let key: serde_json::Value =
        serde_json::from_slice(&fs::read(sample(answer_key)).unwrap()).unwrap();
    let requests = fs::read_to_string(sample("fernhollow/exports/ticketing/access-requests.csv"));
    let requests: Vec<String> = requests
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect();
    let tests: Vec<_> = library()
        .unwrap()
        .into_iter()
        .map(|test| {
            let found = found(test.id.as_str(), &key["tests"][test.id.as_str()], &requests);
            let result = result(&test, period, &found);
            (test, result)
        })
        .collect();
    with_results(scope(&program, &files), &tests)
}

fn decided(decisions: &str, answer_key: &str) -> (Decisions, Vec<EngagementEvent>) {
    let read = |path: &str| fs::read_to_string(sample(path)).unwrap();
    let parsed = Decisions::parse(decisions, &read(decisions));
    let decisions = parsed.unwrap_or_else(|problems| panic!("{problems}"));
    let procedures = "brindlewood/procedures.toml";
    let procedures = Procedures::parse(procedures, &read(procedures)).unwrap();
    let basis = basis(answer_key, decisions.terms().period);
    let events = decisions
        .decide(&EngagementState::default(), &procedures, &basis)
        .unwrap_or_else(|problems| panic!("{problems}"));
    (decisions, events)
}

/// A conclusion that somebody gave a reason for.
fn judged<S: Display, C: Debug + PartialEq>(it: &Concluded<S, C>) -> Option<String> {
    it.reason.as_ref()?;
    Some(if it.proposal == it.conclusion {
        format!("{}: {:?}", it.subject, it.conclusion)
    } else {
        format!(
            "{}: {:?} proposed, {:?}",
            it.subject, it.proposal, it.conclusion
        )
    })
}

/// What matters of the engagement, in lines.
fn told(decisions: &Decisions, events: Vec<EngagementEvent>) -> String {
    let mut state = EngagementState::default();
    events.into_iter().for_each(|event| state.apply(event));
    let opinion = state.opinion.unwrap();
    let report = decisions.report();
    let mut lines = vec![format!(
        "{} of {}: {:?}, {:?} proposed, {} grounds",
        report.id,
        report.dated,
        opinion.conclusion,
        opinion.proposal,
        opinion.grounds.len()
    )];
    lines.extend(state.samples.values().map(|it| {
        let found = &state.sample_results[&it.id];
        format!(
            "{}: {} of {}, deviating {:?}, upper limit {} permille",
            it.id,
            it.items.len(),
            it.population,
            found.deviating,
            found.upper_limit_permille
        )
    }));
    lines.extend(state.deviations.values().map(|it| {
        let note = it.note.as_deref().unwrap_or_default();
        assert!(!format!("{}{note}", it.narrative).contains('{'), "{it:?}");
        assert!(state.responses.contains_key(&it.id), "{} unanswered", it.id);
        format!(
            "{}: {} of {}, {}",
            it.id,
            it.items.len(),
            it.tested,
            it.narrative
        )
    }));
    lines.extend(state.controls.values().filter_map(judged));
    lines.extend(state.criteria.values().filter_map(judged));
    lines.extend(state.commitments.values().filter_map(judged));
    lines.push(format!(
        "{} controls, {} criteria, {} commitments and requirements, {} letters",
        state.controls.len(),
        state.criteria.len(),
        state.commitments.len(),
        state.letters.len()
    ));
    lines.join("\n")
}

#[test]
fn exceptions_that_do_not_modify_the_opinion() {
    let (decisions, events) = decided("brindlewood/decisions.toml", "fernhollow/answer-key.json");
    assert_snapshot!(told(&decisions, events), @r#"
    BRW-2026-014 of 2026-08-14: Unmodified, Unmodified proposed, 0 grounds
    S-01: 40 of 412, deviating ["ACC-1253"], upper limit 114 permille
    D-01: 1 of 27, access was removed 6 business days after the last day, where 1 is allowed
    D-02: 2 of 2972, the change was merged by overriding branch protection, without an approval by a person other than the author
    D-03: 1 of 36, the review of the warehouse system for FY26-Q2 was completed 24 days after its due date
    D-04: 3 of 27, access to the warehouse system was removed 28 business days after the decision, where 10 are allowed
    D-05: 1 of 34, the background check was finished 11 days after the first day of work
    D-06: 5 of 124, three trainings were completed 4, 5 and 28 days after the due date, and two were not completed
    D-07: 2 of 44, one critical finding was fixed after 21 days, where 15 are allowed, and one high finding after 47 days, where 30 are allowed, both without an approved exception
    D-08: 2 of 9, the failed job was neither repeated successfully nor entered in a ticket within 24 hours
    D-09: 1 of 11, the vendor was not reviewed in the 12 months before the end of the period; its assurance report on file had run out and no bridge letter was on file
    D-10: 1 of 412, access to the billing system was granted three hours before the approval
    D-11: 1 of 14, the default branch of ml-pipeline was not protected for the first 23 days after the repository was created, from March 3 to March 25, 2026
    TM-010: OperatedEffectivelyDeviationNoted
    TM-011: OperatedEffectivelyDeviationNoted
    TM-037: Open proposed, OperatedEffectivelyDeviationNoted
    TM-047: OperatedEffectivelyDeviationNoted
    TM-048: OperatedEffectivelyDeviationNoted
    TM-049: Open proposed, OperatedEffectivelyDeviationNoted
    TM-063: OperatedEffectivelyDeviationNoted
    TM-073: Open proposed, OperatedEffectivelyDeviationNoted
    TM-079: OperatedEffectivelyDeviationNoted
    TM-084: NotEffectiveCompensated
    TM-088: OperatedEffectively
    TM-104: DesignOnlyNoOccurrence
    CC1.4: MetWithDeviations
    CC2.2: MetWithDeviations
    CC3.2: MetWithDeviations
    CC5.1: MetWithDeviations
    CC5.2: MetWithDeviations
    CC6.2: MetWithDeviations
    CC6.3: MetWithDeviations
    CC7.1: MetWithDeviations
    CC7.4: MetWithDeviations
    CC8.1: MetWithDeviations
    CC9.2: MetWithDeviations
    A1.2: MetWithDeviations
    PSC-01: Achieved proposed, MissedDisclosed
    PSC-03: AchievedWithDeviations
    PSC-04: AchievedWithDeviations
    PSC-07: AchievedWithDeviations
    PSC-09: AchievedWithDeviations
    PSC-10: AchievedWithDeviations
    SR-02: AchievedWithDeviations
    SR-03: AchievedWithDeviations
    SR-06: AchievedWithDeviations
    SR-07: AchievedWithDeviations
    SR-10: AchievedWithDeviations
    SR-13: AchievedWithDeviations
    96 controls, 38 criteria, 24 commitments and requirements, 5 letters
    "#);
}

#[test]
fn two_criteria_not_met_qualify_the_opinion() {
    let (decisions, events) = decided(
        "scenarios/b/brindlewood/decisions.toml",
        "fernhollow/packs/b/answer-key.json",
    );
    assert_snapshot!(told(&decisions, events), @r#"
    BRW-2026-114 of 2026-08-14: Qualified, Qualified proposed, 2 grounds
    S-01: 40 of 412, deviating ["ACC-1253"], upper limit 114 permille
    D-01: 9 of 27, access was removed between 2 and 9 business days after the last day, where 1 is allowed
    D-02: 2 of 2972, the change was merged by overriding branch protection, without an approval by a person other than the author
    D-03: 18 of 36, the review was opened and never completed: no review of any of the nine systems was completed for the second and the third quarter of the fiscal year, from October 2025 to March 2026
    D-05: 1 of 34, the background check was finished 11 days after the first day of work
    D-06: 5 of 124, three trainings were completed 4, 5 and 28 days after the due date, and two were not completed
    D-07: 2 of 44, one critical finding was fixed after 21 days, where 15 are allowed, and one high finding after 47 days, where 30 are allowed, both without an approved exception
    D-08: 2 of 9, the failed job was neither repeated successfully nor entered in a ticket within 24 hours
    D-09: 1 of 11, the vendor was not reviewed in the 12 months before the end of the period; its assurance report on file had run out and no bridge letter was on file
    D-10: 1 of 412, access to the billing system was granted three hours before the approval
    D-11: 1 of 14, the default branch of ml-pipeline was not protected for the first 23 days after the repository was created, from March 3 to March 25, 2026
    TM-010: OperatedEffectivelyDeviationNoted
    TM-011: OperatedEffectivelyDeviationNoted
    TM-037: Open proposed, OperatedEffectivelyDeviationNoted
    TM-047: OperatedEffectivelyDeviationNoted
    TM-048: NotEffective
    TM-049: NotEffective
    TM-063: OperatedEffectivelyDeviationNoted
    TM-073: Open proposed, OperatedEffectivelyDeviationNoted
    TM-079: OperatedEffectivelyDeviationNoted
    TM-084: NotEffectiveCompensated
    TM-088: OperatedEffectively
    TM-104: DesignOnlyNoOccurrence
    CC1.4: MetWithDeviations
    CC2.2: MetWithDeviations
    CC3.2: MetWithDeviations
    CC5.1: MetWithDeviations
    CC5.2: MetWithDeviations
    CC6.2: NotMet
    CC6.3: NotMet
    CC7.1: MetWithDeviations
    CC7.4: MetWithDeviations
    CC8.1: MetWithDeviations
    CC9.2: MetWithDeviations
    A1.2: MetWithDeviations
    PSC-01: Achieved proposed, MissedDisclosed
    PSC-03: AchievedWithDeviations proposed, NotAchieved
    PSC-04: AchievedWithDeviations
    PSC-07: AchievedWithDeviations
    PSC-09: AchievedWithDeviations
    PSC-10: AchievedWithDeviations
    SR-02: AchievedWithDeviations proposed, NotAchieved
    SR-03: AchievedWithDeviations proposed, NotAchieved
    SR-06: AchievedWithDeviations
    SR-07: AchievedWithDeviations
    SR-10: AchievedWithDeviations
    SR-13: AchievedWithDeviations
    96 controls, 38 criteria, 24 commitments and requirements, 5 letters
    "#);
}
