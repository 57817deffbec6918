//! MA: management's assertion.

use super::words::{all, has, has_all, has_time};
use super::{Examined, Rule, Verdict, fail, none_of, not_applicable, when};
use crate::value::{Opinion, ReportType, Subject, SubserviceMethod};

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "MA01" => identity,
        "MA02" => prepared,
        "MA03" => |it| {
            has_all(
                &it.report.assertion.text(),
                &["assess the risks arising from their interactions"],
            )
        },
        "MA04" => criteria,
        "MA05" => subservice,
        "MA06" => user_entities,
        "MA07" => |it| statement(it, "in accordance with the description criteria"),
        "MA08" => |it| statement(it, "suitably designed"),
        "MA09" => operation,
        "MA10" => soc3,
        "MA12" => modified,
        "MA13" => signed,
        "MA14" => separate,
        "MA15" => inclusive,
        _ => return None,
    })
}

fn about(it: Examined<'_>, subject: Subject) -> String {
    it.report.assertion.text_about(subject)
}

fn identity(it: Examined<'_>) -> Verdict {
    let (assertion, organization) = (&it.report.assertion, &it.report.meta.organization.name);
    all([
        has_all(&assertion.title, &["assertion", organization]),
        has_all(
            &about(it, Subject::Introduction),
            &["we, the management of", organization],
        ),
    ])
}

fn prepared(it: Examined<'_>) -> Verdict {
    let (text, meta) = (about(it, Subject::Introduction), &it.report.meta);
    all([
        has_all(
            &text,
            &["DC section 200", &meta.description_title, &meta.system],
        ),
        has_time(&text, meta.coverage),
    ])
}

fn criteria(it: Examined<'_>) -> Verdict {
    let mut phrases = vec!["TSP section 100"];
    phrases.extend(
        it.report
            .meta
            .categories
            .iter()
            .map(|category| category.title()),
    );
    has_all(&about(it, Subject::Introduction), &phrases)
}

fn subservice(it: Examined<'_>) -> Verdict {
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
    let assumed = organizations
        .iter()
        .all(|o| o.method == SubserviceMethod::Inclusive)
        || has(&text, "complementary subservice organization controls");
    all([
        none_of(&unnamed, "not named"),
        has_all(&text, &["method"]),
        when(assumed, "the controls assumed there are not mentioned"),
    ])
}

fn user_entities(it: Examined<'_>) -> Verdict {
    let text = about(it, Subject::UserEntityControls);
    if it.report.description.user_entity_controls.is_empty() {
        return when(
            text.is_empty(),
            "controls at user entities are mentioned, but none are listed",
        );
    }
    has_all(&text, &["complementary user entity controls"])
}

fn statement(it: Examined<'_>, phrase: &str) -> Verdict {
    has_all(&about(it, Subject::Assertion), &[phrase])
}

fn operation(it: Examined<'_>) -> Verdict {
    let text = about(it, Subject::Assertion);
    let said =
        has(&text, "description operated effectively") || has(&text, "did not operate effectively");
    when(said, "operating effectiveness is not asserted")
}

fn soc3(it: Examined<'_>) -> Verdict {
    all([
        has_all(
            &about(it, Subject::OrganizationResponsibilities),
            &["Attachment A", "Attachment B", "risks"],
        ),
        has_all(&about(it, Subject::Assertion), &["effective"]),
        has_time(&about(it, Subject::Assertion), it.report.meta.coverage),
    ])
}

/// Assertion and opinion are modified together, for the same criteria.
fn modified(it: Examined<'_>) -> Verdict {
    let is_modified = it.report.meta.opinion != Opinion::Unmodified;
    let basis = about(it, Subject::Basis);
    if basis.is_empty() == is_modified || it.file.is_assertion_modified != is_modified {
        return fail("the assertion is not modified as the opinion is");
    }
    let of_auditor = it.report.auditor_report.text_about(Subject::Basis);
    let named = |text: &str| -> Vec<String> {
        it.file
            .criteria
            .keys()
            .map(ToString::to_string)
            .filter(|id| text.contains(id.as_str()))
            .collect()
    };
    when(
        named(&basis) == named(&of_auditor),
        "assertion and opinion name different criteria",
    )
}

fn signed(it: Examined<'_>) -> Verdict {
    let signature = &it.report.assertion.signature;
    all([
        when(
            signature.name == it.report.meta.organization.name,
            "the organization does not sign",
        ),
        when(
            signature
                .title
                .as_deref()
                .is_some_and(|title| !title.trim().is_empty()),
            "no office signs",
        ),
        when(
            signature.date <= it.report.meta.report_date,
            "the assertion is dated after the report",
        ),
    ])
}

fn separate(it: Examined<'_>) -> Verdict {
    let at = |anchor: &str| {
        it.report
            .contents
            .iter()
            .position(|head| head.anchor == anchor)
    };
    let differs = it.report.assertion.title != it.report.description.title;
    when(
        differs && at("assertion").is_some() && at("assertion") != at("description"),
        "the assertion is not a section of its own",
    )
}

fn inclusive(it: Examined<'_>) -> Verdict {
    let mut included = it.included().peekable();
    if included.peek().is_none() || it.report.meta.report_type == ReportType::Soc3 {
        return not_applicable("no organization is presented inclusively");
    }
    let date = it.report.meta.report_date;
    let is_on_file = |id: &str| {
        let assertion = it.file.subservice_assertions.get(id);
        assertion.is_some_and(|assertion| assertion.dated <= date)
    };
    let missing = included.filter(|o| !is_on_file(&o.id));
    none_of(
        &missing.map(|o| o.name.clone()).collect::<Vec<_>>(),
        "no assertion up to the date of the report is on file of",
    )
}
