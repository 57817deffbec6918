//! AR: the auditor's report.

use super::words::{all, has, has_all, has_time};
use super::{Examined, Rule, Verdict, fail, none_of, not_applicable, when};
use crate::build::opinion::{basis_heading, heading};
use crate::value::{Opinion, Outcome, Report, ReportType, Subject, SubserviceMethod};

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "AR01" => |it| {
            when(
                has(&it.report.auditor_report.title, "independent"),
                "the title does not say `independent`",
            )
        },
        "AR02" => addressee,
        "AR03" => scope_names,
        "AR04" => |it| {
            has_all(
                &about(it, Subject::Scope),
                &["DC section 200", "2018", "2022"],
            )
        },
        "AR05" => matters,
        "AR06" => criteria_named,
        "AR07" => |it| {
            has_all(
                &about(it, Subject::Scope),
                &[
                    "reasonable assurance",
                    "service commitments and system requirements",
                ],
            )
        },
        "AR08" => subservice_named,
        "AR09" => subservice_controls,
        "AR10" => user_entity_controls,
        "AR11" => other_information,
        "AR12" => |it| {
            has_all(
                &about(it, Subject::OrganizationResponsibilities),
                &[
                    "service commitments and system requirements",
                    "controls",
                    "description",
                    "assertion",
                    "services",
                    "criteria",
                    "risks",
                ],
            )
        },
        "AR13" => |it| {
            has_all(
                &it.report.auditor_report.text(),
                &[&it.report.assertion.title],
            )
        },
        "AR14" => |it| {
            has_all(
                &about(it, Subject::AuditorResponsibilities),
                &[
                    "our responsibility is to express an opinion",
                    "based on our examination",
                ],
            )
        },
        "AR15" => |it| {
            has_all(
                &about(it, Subject::AuditorResponsibilities),
                &[
                    "attestation standards established by the American Institute of Certified Public Accountants",
                ],
            )
        },
        "AR16" => |it| {
            has_all(
                &about(it, Subject::AuditorResponsibilities),
                &["reasonable assurance", "in all material respects"],
            )
        },
        "AR17" => evidence,
        "AR18" => |it| {
            has_all(
                &about(it, Subject::AuditorResponsibilities),
                &["independent", "ethical responsibilities"],
            )
        },
        "AR19" => included,
        "AR20" => operation_not_examined,
        "AR21" => limitations,
        "AR22" => |it| has_all(&about(it, Subject::TestsOfControls), &["Section IV"]),
        "AR23" => opinion_on_description,
        "AR24" => opinion_on_design,
        "AR25" => opinion_on_operation,
        "AR26" => opinion_on_assertion,
        "AR27" => |it| has_time(&about(it, Subject::Opinion), it.report.meta.coverage),
        "AR28" => opinion_heading,
        "AR29" => basis,
        "AR30" => no_occurrence,
        "AR31" => restricted_use,
        "AR32" => |it| {
            when(
                it.report
                    .auditor_report
                    .position(Subject::RestrictedUse)
                    .is_none(),
                "a general-use report restricts its use",
            )
        },
        "AR33" => signature,
        "AR34" => dates,
        "AR36" => inclusive,
        "AR37" => not_relevant,
        _ => return None,
    })
}

fn about(it: Examined<'_>, subject: Subject) -> String {
    it.report.auditor_report.text_about(subject)
}

fn is_disclaimer(report: &Report) -> bool {
    report.meta.opinion == Opinion::Disclaimer
}

fn has_carve_out(report: &Report) -> bool {
    report
        .description
        .subservice
        .iter()
        .any(|s| s.method == SubserviceMethod::CarveOut)
}

fn addressee(it: Examined<'_>) -> Verdict {
    let addressee = it
        .report
        .auditor_report
        .addressee
        .as_deref()
        .unwrap_or_default();
    when(
        addressee.contains(&it.report.meta.organization.name),
        "the report is not addressed to the organization",
    )
}

fn scope_names(it: Examined<'_>) -> Verdict {
    let (scope, meta) = (about(it, Subject::Scope), &it.report.meta);
    all([
        when(
            scope.contains(&meta.description_title),
            "the description is not cited by its title",
        ),
        has_all(&scope, &[&meta.system, &meta.organization.name]),
        has_time(&scope, meta.coverage),
    ])
}

fn matters(it: Examined<'_>) -> Verdict {
    let scope = about(it, Subject::Scope);
    let operation = it.report.meta.report_type == ReportType::Type2;
    all([
        has_all(&scope, &["suitability of the design"]),
        when(
            has(&scope, "operating effectiveness") == operation,
            "the scope does not fit the type of report on operating effectiveness",
        ),
    ])
}

fn criteria_named(it: Examined<'_>) -> Verdict {
    let scope = about(it, Subject::Scope);
    let mut phrases = vec!["TSP section 100", "2017", "2022"];
    phrases.extend(
        it.report
            .meta
            .categories
            .iter()
            .map(|category| category.title()),
    );
    has_all(&scope, &phrases)
}

fn subservice_named(it: Examined<'_>) -> Verdict {
    let organizations = &it.report.description.subservice;
    if organizations.is_empty() {
        return not_applicable("no subservice organizations");
    }
    let text = about(it, Subject::SubserviceOrganizations);
    let unnamed: Vec<String> = organizations
        .iter()
        .filter(|o| !text.contains(&o.name))
        .map(|o| o.name.clone())
        .collect();
    all([none_of(&unnamed, "not named"), has_all(&text, &["method"])])
}

fn subservice_controls(it: Examined<'_>) -> Verdict {
    if !has_carve_out(it.report) {
        return not_applicable("no organization is carved out");
    }
    has_all(
        &about(it, Subject::SubserviceOrganizations),
        &[
            "complementary subservice organization controls",
            "did not extend",
            "not evaluated",
        ],
    )
}

fn user_entity_controls(it: Examined<'_>) -> Verdict {
    let text = about(it, Subject::UserEntityControls);
    if it.report.description.user_entity_controls.is_empty() {
        return when(
            text.is_empty(),
            "controls at user entities are mentioned, but none are listed",
        );
    }
    has_all(
        &text,
        &[
            "complementary user entity controls",
            "did not extend",
            "not evaluated",
        ],
    )
}

fn other_information(it: Examined<'_>) -> Verdict {
    let text = about(it, Subject::OtherInformation);
    match &it.report.other_information {
        Some(section) => has_all(&text, &[&section.title, "no opinion"]),
        None => when(
            text.is_empty(),
            "other information is mentioned, but there is none",
        ),
    }
}

fn evidence(it: Examined<'_>) -> Verdict {
    let said = has(
        &about(it, Subject::AuditorResponsibilities),
        "evidence we obtained is sufficient and appropriate",
    );
    if is_disclaimer(it.report) {
        when(!said, "a disclaimer claims sufficient evidence")
    } else {
        when(said, "the sufficiency of evidence is not stated")
    }
}

fn included(it: Examined<'_>) -> Verdict {
    let mut phrases = vec![
        "understanding of the system",
        "risks",
        "suitably designed",
        "overall presentation of the description",
        "other procedures",
    ];
    if it.report.meta.report_type == ReportType::Type2 {
        phrases.push("testing the operating effectiveness");
    }
    has_all(&about(it, Subject::AuditorResponsibilities), &phrases)
}

fn operation_not_examined(it: Examined<'_>) -> Verdict {
    has_all(
        &about(it, Subject::OperationNotExamined),
        &["did not examine the operating effectiveness", "no opinion"],
    )
}

fn limitations(it: Examined<'_>) -> Verdict {
    has_all(
        &about(it, Subject::InherentLimitations),
        &["common needs", "human error", "circumvention", "future"],
    )
}

/// A condition belongs to the statement exactly when complementary controls are
/// assumed.
fn condition(it: Examined<'_>, statement: &str) -> Verdict {
    let description = &it.report.description;
    let is_assumed = has_carve_out(it.report) || !description.user_entity_controls.is_empty();
    when(
        has(statement, "complementary controls") == is_assumed,
        "the condition about complementary controls does not fit the description",
    )
}

/// The lettered statement of the opinion that has `phrase`.
fn statement(it: Examined<'_>, phrase: &str) -> Option<String> {
    let opinion = about(it, Subject::Opinion);
    opinion
        .lines()
        .find(|line| has(line, phrase))
        .map(str::to_owned)
}

fn opinion_on_description(it: Examined<'_>) -> Verdict {
    if is_disclaimer(it.report) {
        return not_applicable("the opinion is disclaimed");
    }
    match statement(it, "in accordance with the description criteria") {
        Some(text) => has_all(
            &text,
            &[&it.report.meta.system, "designed and put in place"],
        ),
        None => fail("there is no opinion on the description"),
    }
}

fn opinion_on_design(it: Examined<'_>) -> Verdict {
    if is_disclaimer(it.report) {
        return not_applicable("the opinion is disclaimed");
    }
    match statement(it, "suitably designed") {
        Some(text) => all([
            has_all(
                &text,
                &["reasonable assurance", "applicable trust services criteria"],
            ),
            condition(it, &text),
        ]),
        None => fail("there is no opinion on the design"),
    }
}

fn opinion_on_operation(it: Examined<'_>) -> Verdict {
    if is_disclaimer(it.report) {
        return not_applicable("the opinion is disclaimed");
    }
    let operated = statement(it, "description operated effectively")
        .or_else(|| statement(it, "did not operate effectively"));
    match operated {
        Some(text) => all([
            has_all(
                &text,
                &["reasonable assurance", "applicable trust services criteria"],
            ),
            condition(it, &text),
        ]),
        None => fail("there is no opinion on operating effectiveness"),
    }
}

fn opinion_on_assertion(it: Examined<'_>) -> Verdict {
    if is_disclaimer(it.report) {
        return not_applicable("the opinion is disclaimed");
    }
    has_all(
        &about(it, Subject::Opinion),
        &["assertion", "fairly stated", "in all material respects"],
    )
}

/// The heading the letter gives the passage about `subject`.
fn heading_of(it: Examined<'_>, subject: Subject) -> Option<&str> {
    let letter = &it.report.auditor_report;
    letter
        .passages
        .iter()
        .find(|p| p.subject == subject)?
        .heading
        .as_deref()
}

fn opinion_heading(it: Examined<'_>) -> Verdict {
    let expected = heading(it.report.meta.opinion);
    when(
        heading_of(it, Subject::Opinion) == Some(expected),
        format!("the opinion is not headed `{expected}`"),
    )
}

fn basis(it: Examined<'_>) -> Verdict {
    let (letter, opinion) = (&it.report.auditor_report, it.report.meta.opinion);
    let (basis, position) = (
        letter.position(Subject::Basis),
        letter.position(Subject::Opinion),
    );
    let Some(expected) = basis_heading(opinion) else {
        return when(
            basis.is_none(),
            "an unmodified opinion has a basis for modification",
        );
    };
    let text = about(it, Subject::Basis);
    let names_criteria = it.report.criteria.is_empty()
        || it
            .report
            .criteria
            .iter()
            .any(|c| text.contains(c.id.as_str()));
    all([
        when(
            heading_of(it, Subject::Basis) == Some(expected),
            format!("there is no passage headed `{expected}`"),
        ),
        when(basis < position, "the basis does not precede the opinion"),
        when(names_criteria, "the basis names no criterion"),
    ])
}

fn no_occurrence(it: Examined<'_>) -> Verdict {
    let text = about(it, Subject::Emphasis);
    let Some(tests) = &it.report.tests else {
        return fail("there are no tests of controls");
    };
    let silent = it.report.controls.iter().filter(|control| {
        let mut of = tests.of(&control.id).peekable();
        of.peek().is_some() && of.all(|test| test.outcome == Outcome::NoOccurrence)
    });
    let untold: Vec<String> = silent
        .filter(|c| !text.contains(c.id.as_str()))
        .map(|c| c.id.to_string())
        .collect();
    none_of(&untold, "controls that did not operate are not mentioned")
}

fn restricted_use(it: Examined<'_>) -> Verdict {
    has_all(
        &about(it, Subject::RestrictedUse),
        &[
            "solely",
            &it.report.meta.organization.short_name,
            "user entities",
            "business partners",
            "regulators",
            "nature of the service",
            "internal control",
            "responsibilities of user entities",
            "applicable trust services criteria",
            "risks",
            "should not be used",
        ],
    )
}

fn signature(it: Examined<'_>) -> Verdict {
    let signature = &it.report.auditor_report.signature;
    let has_place = signature
        .place
        .split_once(',')
        .is_some_and(|(city, state)| !city.trim().is_empty() && !state.trim().is_empty());
    all([
        when(
            signature.name == it.report.meta.firm.name,
            "the signature is not the firm's",
        ),
        when(has_place, "the signature has no city and state"),
    ])
}

fn dates(it: Examined<'_>) -> Verdict {
    let date = it.report.meta.report_date;
    let last_review = it.file.sign_offs.iter().map(|s| s.reviewed_on).max();
    all([
        when(
            it.report.auditor_report.signature.date == date,
            "the letter has another date than the report",
        ),
        when(
            it.report.assertion.signature.date <= date,
            "the assertion is dated after the report",
        ),
        when(
            it.file
                .representation_letter
                .is_some_and(|letter| letter <= date),
            "no representation letter is dated on or before the report",
        ),
        when(
            last_review.is_none_or(|review| review <= date),
            "a review was signed after the report",
        ),
    ])
}

fn inclusive(it: Examined<'_>) -> Verdict {
    let mut included = it.included().peekable();
    if included.peek().is_none() {
        return not_applicable("no organization is presented inclusively");
    }
    let text = about(it, Subject::SubserviceOrganizations);
    let untold: Vec<String> = included
        .filter(|o| !text.contains(&o.name))
        .map(|o| o.name.clone())
        .collect();
    all([
        none_of(&untold, "not named"),
        has_all(&text, &["inclusive method", "assertion of its own"]),
    ])
}

/// A criterion that is not relevant is not among the criteria reported on, and
/// none of the engagement's criteria is missing.
fn not_relevant(it: Examined<'_>) -> Verdict {
    let excluded = &it.report.description.not_relevant;
    let both = it
        .report
        .criteria
        .iter()
        .filter(|c| excluded.iter().any(|n| n.criterion == c.id));
    let both: Vec<String> = both.map(|c| c.id.to_string()).collect();
    none_of(&both, "declared not relevant but reported on")
}
