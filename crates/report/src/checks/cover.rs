//! CV: the cover and the contents.

use super::words::{all, everything, has, has_word};
use super::{Examined, Rule, Verdict, none_of, when};
use crate::value::{Coverage, Report, ReportType, label};

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "CV01" => title,
        "CV02" => kind,
        "CV03" => categories,
        "CV04" => dates,
        "CV05" => contents,
        "CV06" => legend,
        "CV07" => banned,
        _ => return None,
    })
}

fn title(it: Examined<'_>) -> Verdict {
    let meta = &it.report.meta;
    all([
        when(
            meta.title.contains(&meta.organization.name),
            "the title does not name the organization",
        ),
        when(
            meta.title.contains(&meta.system),
            "the title does not name the system",
        ),
    ])
}

fn kind(it: Examined<'_>) -> Verdict {
    let meta = &it.report.meta;
    let fits = match meta.coverage {
        Coverage::AsOf { .. } => meta.report_type == ReportType::Type1,
        Coverage::Throughout { .. } => meta.report_type != ReportType::Type1,
    };
    let has_tests = it.report.tests.is_some() == (meta.report_type == ReportType::Type2);
    when(
        fits && has_tests,
        format!("the content is not that of a {}", label(meta.report_type)),
    )
}

fn categories(it: Examined<'_>) -> Verdict {
    let meta = &it.report.meta;
    let named = meta
        .categories
        .iter()
        .all(|category| has(&meta.subtitle, category.title()));
    all([
        when(
            meta.categories == it.file.categories,
            "the categories are not those of the engagement's terms",
        ),
        when(named, "a category is not named on the cover"),
    ])
}

/// The time covered is the same wherever the report states it.
fn dates(it: Examined<'_>) -> Verdict {
    let phrase = it.report.meta.coverage.phrase();
    all([
        when(
            it.report.auditor_report.text().contains(&phrase),
            "the auditor's report states another time",
        ),
        when(
            it.report.assertion.text().contains(&phrase),
            "the assertion states another time",
        ),
        when(
            it.report.meta.report_date > it.report.meta.coverage.end(),
            "the report is dated before the time it covers ends",
        ),
    ])
}

/// The contents list exactly the sections the report has, by their titles.
fn contents(it: Examined<'_>) -> Verdict {
    let listed: Vec<(&str, &str)> = it
        .report
        .contents
        .iter()
        .map(|head| (head.anchor.as_str(), head.title.as_str()))
        .collect();
    when(
        listed == sections(it.report),
        "the contents do not list the sections the report has",
    )
}

fn sections(report: &Report) -> Vec<(&str, &str)> {
    let mut list = vec![
        ("auditor-report", report.auditor_report.title.as_str()),
        ("assertion", report.assertion.title.as_str()),
        ("description", report.description.title.as_str()),
    ];
    let controls = report
        .contents
        .iter()
        .find(|head| head.anchor == "tests" && report.tests.is_none());
    list.extend(controls.map(|head| ("tests", head.title.as_str())));
    list.extend(
        report
            .tests
            .as_ref()
            .map(|section| ("tests", section.title.as_str())),
    );
    list.extend(
        report
            .other_information
            .as_ref()
            .map(|section| ("other-information", section.title.as_str())),
    );
    list.push(("verification", report.appendix.title.as_str()));
    list
}

fn legend(it: Examined<'_>) -> Verdict {
    let legend = it.report.meta.legend.as_deref().unwrap_or_default();
    when(
        has(legend, "confidential") && has(legend, "restricted"),
        "the cover does not say that use is restricted",
    )
}

/// Words that are wrong in any report of this kind.
const BANNED: [&str; 6] = [
    "SOC II",
    "SOC-2",
    "TSP 100A",
    "TSP section 100A",
    "SSAE 16",
    "SAS 70",
];
/// Claims that nobody can measure, and words of certification.
const CLAIMS: [&str; 10] = [
    "soc 2 certified",
    "certified by the aicpa",
    "aicpa-certified",
    "world-class",
    "best-in-class",
    "state-of-the-art",
    "military-grade",
    "bank-grade",
    "unhackable",
    "fully secure",
];

fn banned(it: Examined<'_>) -> Verdict {
    let text = everything(it.report);
    let wrong = BANNED.iter().filter(|word| has_word(&text, word));
    let claims = CLAIMS.iter().filter(|word| has(&text, word));
    let found: Vec<String> = wrong
        .chain(claims)
        .map(|word| format!("`{word}`"))
        .collect();
    none_of(&found, "banned wording")
}
