//! One small decisions file, broken in one way at a time: each rule says what
//! is wrong and on which line.

use insta::assert_snapshot;
use tickmark_catalog::{Period, Problems, Sha256Hex};
use tickmark_control_tests::{Completeness, DatasetCompleteness};
use tickmark_engagement::{Basis, Decisions, EngagementState, Procedures};

use crate::synthesized::{Found, control_test, result, with_results};

pub const SMALL: &str = include_str!("small.toml");

pub const PROCEDURES: &str = r#"
[[procedure]]
control = "TM-002"
nature = "inspection"
text = "Inspected the sanction procedure."
documents = ["documents/sanction-procedure.md"]

[[procedure]]
control = "TM-072"
nature = "inspection"
text = "Inspected the incident plan."
documents = ["documents/sanction-procedure.md"]
"#;

/// Four controls: one with a deviation, one that did not occur, two inspected.
pub fn basis() -> Basis {
    let period: Period = "2025-07-01..2026-06-30".parse().unwrap();
    let late = Found {
        population: 27,
        deviating: vec!["E-07".to_owned()],
        detail: [("most_days".to_owned(), "6".to_owned())].into(),
        ..Found::default()
    };
    let tests = [
        ("access-removed-on-leaving", late),
        ("breach-notified", Found::default()),
    ]
    .map(|(id, found)| {
        let test = control_test(id);
        let result = result(&test, period, &found);
        (test, result)
    });
    let control =
        |id: &str, criterion: &str| (id.parse().unwrap(), vec![criterion.parse().unwrap()]);
    let scope = Basis {
        controls: [
            control("TM-002", "CC7.4"),
            control("TM-048", "CC6.2"),
            control("TM-072", "CC7.4"),
            control("TM-104", "CC7.4"),
        ]
        .into(),
        criteria: vec!["CC6.2".parse().unwrap(), "CC7.4".parse().unwrap()],
        commitments: ["PSC-03".to_owned()].into(),
        documents: [(
            "documents/sanction-procedure.md".to_owned(),
            Sha256Hex::of(b"sanctions"),
        )]
        .into(),
        ..Basis::default()
    };
    with_results(scope, &tests)
}

/// The first thing found wrong when each text is replaced by the other, and
/// how many more follow from it.
fn refused(edits: &[(&str, &str)]) -> String {
    refused_with(&basis(), PROCEDURES, edits)
}

fn refused_with(basis: &Basis, procedures: &str, edits: &[(&str, &str)]) -> String {
    let mut text = SMALL.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "`{from}` is not in the file");
        text = text.replacen(from, to, 1);
    }
    let procedures = Procedures::parse("procedures.toml", procedures).unwrap();
    let decided = Decisions::parse("decisions.toml", &text)
        .and_then(|it| it.decide(&EngagementState::default(), &procedures, basis));
    match decided {
        Ok(_) => "accepted".to_owned(),
        Err(Problems(found)) if found.len() == 1 => found[0].to_string(),
        Err(Problems(found)) => format!("{}\n… {} more", found[0], found.len() - 1),
    }
}

/// The same for other signatures, each a member and a day of the year 2026,
/// under the conclusion on the commitment, on which nothing else rests.
fn signed(prepared: (&str, &str), reviewed: (&str, &str)) -> String {
    let line = |(preparer, prepared_on), (reviewer, reviewed_on)| {
        format!(
            "{{ by = \"{preparer}\", on = \"2026-{prepared_on}\" }}, \
             reviewed = {{ by = \"{reviewer}\", on = \"2026-{reviewed_on}\" }}"
        )
    };
    let accepted = line(("manager", "08-05"), ("partner", "08-07"));
    refused(&[(&accepted, &line(prepared, reviewed))])
}

/// The table that begins with `head`, up to the next one.
fn table(head: &str) -> &'static str {
    let start = SMALL.find(head).unwrap();
    let rest = &SMALL[start..];
    &rest[..rest.find("\n\n").unwrap()]
}

#[test]
fn nothing_wrong() {
    assert_eq!(refused(&[]), "accepted");
}

#[test]
fn two_people_sign_in_order() {
    assert_snapshot!(
        signed(("partner", "08-05"), ("partner", "08-07")),
        @r#"
        error: `partner` cannot review their own work
          --> decisions.toml:106
        "#
    );
    assert_snapshot!(
        signed(("manager", "08-05"), ("assistant", "08-07")),
        @r#"
        error: `assistant` is staff and cannot review
          --> decisions.toml:106
        "#
    );
    assert_snapshot!(
        signed(("passer-by", "08-05"), ("partner", "08-07")),
        @r#"
        error: `passer-by` is not on the engagement team
          --> decisions.toml:106
        hint: add the member with a confirmation of independence first
        "#
    );
    assert_snapshot!(
        signed(("manager", "08-05"), ("partner", "08-04")),
        @r#"
        error: the review is dated too early
          Caused by: dated 2026-08-04, what it rests on is of 2026-08-05
          --> decisions.toml:106
        "#
    );
    assert_snapshot!(
        signed(("manager", "01-30"), ("partner", "08-07")),
        @r#"
        error: a signature of `manager` is dated too early
          Caused by: dated 2026-01-30, what it rests on is of 2026-02-05
          --> decisions.toml:106
        "#
    );
}

#[test]
fn evidence_comes_first() {
    let last = table("[[control]]\nids = [\"TM-002\"");
    let early = last.replace("07-27", "07-01");
    assert_snapshot!(refused(&[(last, &early)]), @r#"
    error: the conclusion on control `TM-002` is dated too early
      Caused by: dated 2026-07-01, what it rests on is of 2026-07-16
      --> decisions.toml:90
    … 1 more
    "#);
    let one_procedure = &PROCEDURES[..PROCEDURES.rfind("[[procedure]]").unwrap()];
    assert_snapshot!(refused_with(&basis(), one_procedure, &[]), @r#"
    error: control `TM-072` cannot be concluded on: no procedure is on file
      --> decisions.toml:90
    hint: record the procedures performed first; a conclusion cannot come before its evidence
    "#);
    let other_document = PROCEDURES.replace("sanction-procedure.md", "case-log.md");
    assert_snapshot!(refused_with(&basis(), &other_document, &[]), @r#"
    error: document `documents/case-log.md` was not handed over
      Caused by: procedure on control `TM-002` inspects it
      --> procedures.toml:2
    … 1 more
    "#);
    let criterion = table("[[criterion]]");
    let early = criterion.replace("08-03", "07-20");
    assert_snapshot!(refused(&[(criterion, &early)]), @r#"
    error: the conclusion on criterion `CC6.2` is dated too early
      Caused by: dated 2026-07-20, what it rests on is of 2026-07-27
      --> decisions.toml:95
    "#);
    let effective = "\"operated_effectively\"\nreason = \"Nothing went wrong.\"";
    assert_snapshot!(
        refused(&[("\"design_only_no_occurrence\"", effective)]),
        @r#"
        error: control `TM-104` cannot be concluded effective
          Caused by: its operation was not tested in the period
          --> decisions.toml:85
        "#
    );
}

#[test]
fn deviations_are_evaluated_and_reasoned() {
    assert_snapshot!(
        refused(&[(table("[[deviation]]"), ""), (table("[[response]]"), "")]),
        @r#"
        error: control test `access-removed-on-leaving` found deviations that nobody evaluated
          --> decisions.toml:56
        hint: evaluate them first: nature, cause, harm, compensating controls
        "#
    );
    let found = "\"access-removed-on-leaving\"\nnarrative";
    assert_snapshot!(
        refused(&[(found, "\"breach-notified\"\nnarrative")]),
        @r#"
        error: deviation `D-01` cannot be evaluated
          Caused by: control test `breach-notified` found no deviation
          --> decisions.toml:52
        … 1 more
        "#
    );
    assert_snapshot!(refused(&[("reason = \"One leaver of all.\"\n", "")]), @r#"
    error: the conclusion on control `TM-048` needs a reason
      Caused by: it differs from the proposal, or a deviation stands behind it
      --> decisions.toml:79
    hint: state why
    "#);
    assert_snapshot!(refused(&[("reason = \"One late removal.\"", "reason = \" \"")]), @r#"
    error: the conclusion on criterion `CC6.2` needs a reason
      Caused by: it differs from the proposal, or a deviation stands behind it
      --> decisions.toml:95
    hint: state why
    "#);
    assert_snapshot!(refused(&[("reason = \"One account was disabled late.\"\n", "")]), @r#"
    error: the conclusion on commitment `PSC-03` needs a reason
      Caused by: it differs from the proposal, or a deviation stands behind it
      --> decisions.toml:106
    hint: state why
    "#);
    let untested = "\"tested_effective\"\ncompensating_controls = [\"TM-072\"]";
    assert_snapshot!(
        refused(&[("\"none\"", untested)]),
        @r#"
        accepted
        "#
    );
    assert_snapshot!(refused(&[("deviation = \"D-01\"", "deviation = \"D-02\"")]), @r#"
    error: there is no deviation `D-02` to respond to
      --> decisions.toml:64
    "#);
}

#[test]
fn a_compensating_control_is_one_that_operated() {
    let covered = "\"tested_effective\"\ncompensating_controls = [\"TM-072\"]";
    // The procedure stands in the other file and counts all the same.
    assert_eq!(refused(&[("\"none\"", covered)]), "accepted");
    let late = "\"tested_effective\"\ncompensating_controls = [\"TM-104\"]";
    assert_snapshot!(refused(&[("\"none\"", late)]), @r#"
    error: control `TM-104` cannot compensate: no test shows that it operated within the tolerable rate
      --> decisions.toml:52
    hint: only a control that was tested and operated compensates
    "#);
    let one_procedure = &PROCEDURES[..PROCEDURES.rfind("[[procedure]]").unwrap()];
    assert_snapshot!(refused_with(&basis(), one_procedure, &[("\"none\"", covered)]), @r#"
    error: control `TM-072` cannot compensate: nothing on file tested it
      --> decisions.toml:52
    hint: only a control that was tested and operated compensates
    … 1 more
    "#);
}

#[test]
fn the_period_is_the_one_tested() {
    assert_snapshot!(refused(&[("\"2025-07-01..2026-06-30\"", "\"2025-01-01..2025-12-31\"")]), @r#"
    error: control test `access-removed-on-leaving` was run over another period than the engagement covers
      Caused by: it was run over 2025-07-01..2026-06-30, the engagement covers 2025-01-01..2025-12-31
      --> decisions.toml:73
    hint: agree the period with the company, or run the tests over this one
    … 1 more
    "#);
    assert_snapshot!(refused(&[("\"type2\"", "\"type1\"")]), @r#"
    error: a type 1 engagement is as of one day, not over a period
      Caused by: its period is 2025-07-01..2026-06-30
      --> decisions.toml:4
    hint: write the same day twice
    "#);
}

#[test]
fn placeholders_that_nothing_fills() {
    assert_snapshot!(refused(&[("{most_days}", "{most_day}")]), @r#"
    error: nothing fills `{most_day}` in the text of deviation `D-01`
      --> decisions.toml:52
    hint: known here are `business_days`, `deviations`, `excluded`, `most_days`, `period_end`, `period_start`, `population`, `tested`
    "#);
    assert_snapshot!(refused(&[("A ticket was", "{deviations} tickets were")]), @r#"
    error: nothing fills `{deviations}` in the text of the response to `D-01`
      --> decisions.toml:64
    hint: only the narrative and the note of a deviation are filled; write the words
    "#);
    assert_snapshot!(refused(&[(
        "reason = \"The deviation is not material.\"",
        "reason = \"Not material.\"\nemphasis = [\"Of {tested} leavers one was late.\"]"
    )]), @r#"
    error: nothing fills `{tested}` in the text of the opinion
      --> decisions.toml:127
    hint: only the narrative and the note of a deviation are filled; write the words
    "#);
    let procedures = PROCEDURES.replace("the incident plan", "the plan of {period_end}");
    assert_snapshot!(refused_with(&basis(), &procedures, &[]), @r#"
    error: nothing fills `{period_end}` in the text of the procedure `WP-TM-072-002`
      --> procedures.toml:8
    hint: only the narrative and the note of a deviation are filled; write the words
    "#);
    // Braces that hold no name are the writer's own.
    let braces = PROCEDURES.replace("the incident plan", "the plan `{A-1}`");
    assert_eq!(refused_with(&basis(), &braces, &[]), "accepted");
}

#[test]
fn only_an_included_organization_asserts() {
    let assertion = "[[subservice_assertion]]\norganization = \"aws\"\ndated = \"2026-08-10\"\nsigned_by = \"Vice President\"\nindependence_confirmed_on = \"2026-02-16\"\nnote = \"For its part of the system.\"\n\n[report]";
    let mut included = basis();
    included.inclusive = ["aws".to_owned()].into();
    assert_eq!(
        refused_with(&included, PROCEDURES, &[("[report]", assertion)]),
        "accepted"
    );
    assert_snapshot!(refused(&[("[report]", assertion)]), @r#"
    error: subservice organization `aws` is not presented by the inclusive method
      --> decisions.toml:132
    hint: only an organization whose controls are part of the description asserts
    "#);
    let early = assertion.replace("2026-08-10", "2026-06-29");
    assert_snapshot!(refused_with(&included, PROCEDURES, &[("[report]", &early)]), @r#"
    error: the assertion of subservice organization `aws` is dated too early
      Caused by: dated 2026-06-29, the period ends 2026-06-30
      --> decisions.toml:132
    "#);
}

#[test]
fn what_the_rules_gave_is_admitted_and_what_they_refuse_is_not() {
    let assertion = "[[subservice_assertion]]\norganization = \"aws\"\ndated = \"2026-08-10\"\nsigned_by = \"Vice President\"\nindependence_confirmed_on = \"2026-02-16\"\nnote = \"For its part of the system.\"\n\n[report]";
    let mut included = basis();
    included.inclusive = ["aws".to_owned()].into();
    let text = SMALL.replacen("[report]", assertion, 1);
    let procedures = Procedures::parse("procedures.toml", PROCEDURES).unwrap();
    let events = Decisions::parse("decisions.toml", &text)
        .and_then(|it| it.decide(&EngagementState::default(), &procedures, &included))
        .unwrap();
    let carved_out = basis();
    let mut state = EngagementState::default();
    let mut refused = Vec::new();
    for event in events {
        state.admits(&event, &included).unwrap();
        if state.admits(&event, &carved_out).is_err() {
            refused.push(event.kind());
        }
        state.apply(event);
    }
    assert_eq!(refused, ["engagement.subservice_assertion_received/1"]);
}

#[test]
fn one_mistake_is_told_once() {
    // A manager who is missing signs most of the file.
    let manager = table("[[member]]\nid = \"manager\"");
    let told = refused(&[(manager, "")]);
    assert!(!told.contains("more"), "{told}");
}

#[test]
fn only_what_is_in_scope() {
    assert_snapshot!(refused(&[("ids = [\"TM-104\"]", "ids = [\"TM-104\", \"TM-105\"]")]), @r#"
    error: control `TM-105` is not in the scope of this engagement
      --> decisions.toml:85
    "#);
    assert_snapshot!(refused(&[("ids = [\"CC7.4\"]", "ids = [\"CC7.4\", \"A1.1\"]")]), @r#"
    error: criterion `A1.1` is not in the scope of this engagement
      --> decisions.toml:101
    "#);
    assert_snapshot!(refused(&[("ids = [\"PSC-03\"]", "ids = [\"PSC-03\", \"PSC-99\"]")]), @r#"
    error: commitment or requirement `PSC-99` is not in the program
      --> decisions.toml:106
    "#);
    assert_snapshot!(
        refused(&[("\"access-removed-on-leaving\"\nrisk", "\"scan-weekly\"\nrisk")]),
        @r#"
        error: control test `scan-weekly` has no result
          --> decisions.toml:43
        hint: run it over the period first
        "#
    );
}

#[test]
fn no_sample_from_an_incomplete_population() {
    let mut basis = basis();
    for result in basis.results.values_mut() {
        result.completeness = vec![DatasetCompleteness {
            dataset: "leavers".to_owned(),
            status: Completeness::Incomplete {
                reasons: vec!["18 rows against 19".to_owned()],
            },
        }];
    }
    assert_snapshot!(refused_with(&basis, PROCEDURES, &[]), @r#"
    error: no sample can be drawn from population `leavers`
      Caused by: its reconciliation with an independent source fails
      --> decisions.toml:43
    hint: resolve the difference and import the population again
    … 1 more
    "#);
}

#[test]
fn the_opinion_has_its_basis() {
    let opinion = "conclusion = \"unmodified\"\nreason";
    let qualified = "conclusion = \"qualified\"\nreason";
    assert_snapshot!(refused(&[(opinion, qualified)]), @r#"
    error: a modified opinion needs its basis
      --> decisions.toml:127
    hint: name the matter, the criteria and the effect
    "#);
    let ground =
        "[[opinion.ground]]\nmatter = \"One.\"\ncriteria = []\neffect = \"None.\"\n\n[report]";
    assert_snapshot!(refused(&[("[report]", ground)]), @r#"
    error: an unmodified opinion has no basis for modification
      --> decisions.toml:127
    "#);
    let by_partner = table("[opinion]");
    let by_manager = by_partner
        .replace("\"manager\"", "\"staff\"")
        .replace("\"partner\"", "\"manager\"");
    assert_snapshot!(refused(&[(by_partner, &by_manager)]), @r#"
    error: the opinion must be reviewed by the engagement partner
      --> decisions.toml:127
    "#);
    assert_snapshot!(refused(&[(table("[[matter]]"), "")]), @r#"
    error: 1 of the subject matters of this report are not concluded on
      --> decisions.toml:124
    "#);
    assert_snapshot!(refused(&[("\"2026-08-14\"\nsigned", "\"2026-06-30\"\nsigned")]), @r#"
    error: the letter is dated inside the period
      Caused by: dated 2026-06-30, the period ends 2026-06-30
      --> decisions.toml:37
    "#);
}

#[test]
fn every_entry_that_cannot_be_read_is_told() {
    let mut text = SMALL.to_owned();
    for (from, to) in [
        ("role = \"manager\"", "role = \"boss\""),
        ("risk = \"moderate\"", "risk = moderate"),
        ("harm = \"None found.\"", "damage = \"None found.\""),
        ("ids = [\"TM-104\"]", "ids = [\"104\"]"),
        ("[opinion]\nconclusion = ", "[opinion]\nresult = "),
    ] {
        assert_eq!(text.matches(from).count(), 1, "`{from}`");
        text = text.replace(from, to);
    }
    let found = Decisions::parse("decisions.toml", &text).unwrap_err();
    assert_snapshot!(found, @r#"
    error: `decisions.toml` cannot be read
      Caused by: unknown variant `boss`, expected one of `staff`, `manager`, `partner`, `quality_reviewer`
      --> decisions.toml:24

    error: `decisions.toml` cannot be read
      Caused by: string values must be quoted, expected literal string
      --> decisions.toml:47

    error: `decisions.toml` cannot be read
      Caused by: unknown field `damage`, expected one of `id`, `test`, `narrative`, `note`, `nature`, `cause`, `intentional`, `harm`, `detected`, `compensation`, `compensating_controls`, `commitments`, `signed`
      --> decisions.toml:58

    error: `decisions.toml` cannot be read
      Caused by: control `104` is not written as capital letters, a dash and digits, like `TM-048`
      --> decisions.toml:86

    error: `decisions.toml` cannot be read
      Caused by: unknown field `result`, expected one of `conclusion`, `ground`, `emphasis`, `reason`, `signed`
      --> decisions.toml:128
    "#);
}

#[test]
fn the_file_itself() {
    assert_snapshot!(refused(&[("version = 1", "version = 2")]), @r#"
    error: `decisions.toml` has version 2, this program reads version 1
      --> decisions.toml:2
    hint: use the version of Tickmark that wrote it, or a later one
    "#);
    // The version is read before anything else that a later one may write.
    assert_snapshot!(refused(&[("version = 1", "version = 2"), ("harm = ", "damage = ")]), @r#"
    error: `decisions.toml` has version 2, this program reads version 1
      --> decisions.toml:2
    hint: use the version of Tickmark that wrote it, or a later one
    "#);
    assert_snapshot!(refused(&[("version = 1", "")]), @r#"
    error: `decisions.toml` does not say its version
      --> decisions.toml:1
    hint: begin it with `version = 1`
    "#);
    assert_snapshot!(refused(&[("harm = ", "damage = ")]), @r#"
    error: `decisions.toml` cannot be read
      Caused by: unknown field `damage`, expected one of `id`, `test`, `narrative`, `note`, `nature`, `cause`, `intentional`, `harm`, `detected`, `compensation`, `compensating_controls`, `commitments`, `signed`
      --> decisions.toml:58
    "#);
    assert_snapshot!(refused(&[("ids = [\"TM-104\"]", "ids = [\"104\"]")]), @r#"
    error: `decisions.toml` cannot be read
      Caused by: control `104` is not written as capital letters, a dash and digits, like `TM-048`
      --> decisions.toml:86
    "#);
    assert_snapshot!(refused(&[("\"met_no_occurrence\"", "\"fine\"")]), @r#"
    error: `decisions.toml` cannot be read
      Caused by: unknown variant `fine`, expected one of `met`, `met_with_deviations`, `met_no_occurrence`, `not_met`, `not_met_by_design`, `unable_to_conclude`, `not_applicable`, `open`
      --> decisions.toml:103
    "#);
    assert_snapshot!(refused(&[("\"0.10\"", "\"a tenth\"")]), @r#"
    error: the engagement's rates cannot be read
      Caused by: `a tenth` is not a rate between 0 and 1: write a decimal such as `0.05` or a percentage such as `5%`
      --> decisions.toml:4
    "#);
    assert_snapshot!(refused(&[("..2026-06-30", "..2025-06-30")]), @r#"
    error: `decisions.toml` cannot be read
      Caused by: the period ends on `2025-06-30`, before it starts on `2025-07-01`
      --> decisions.toml:11
    "#);
}
