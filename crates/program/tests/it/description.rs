//! Design checks of the description.

use tickmark_catalog::ReportType;
use tickmark_program::description_findings;

use crate::sample::{Texts, edit, edited, program, texts, without};

fn found(texts: &Texts, report: ReportType) -> String {
    let findings = description_findings(&program(texts), report);
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.place, finding.message))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_sample_is_complete() {
    assert_eq!(found(&texts(), ReportType::Type2), "");
    assert_eq!(found(&texts(), ReportType::Type1), "");
}

#[test]
fn missing_sections() {
    let check = |file: &str, type_1: &str, type_2: &str| {
        assert_eq!(found(&without(file), ReportType::Type1), type_1);
        assert_eq!(found(&without(file), ReportType::Type2), type_2);
    };
    let services = "description: no section answers DC 1 (Services provided)";
    check("description/01-services.md", services, services);
    check(
        "description/14-changes.md",
        "",
        "description: no section answers DC 9 (Significant changes)",
    );
    let access = "description: no section describes the system's procedures (DC 3)";
    check("description/06-access.md", access, access);
}

#[test]
fn sections_that_are_asked_for_only_when_there_is_something_to_say() {
    let mut texts = texts();
    for file in [
        "description/11-users.md",
        "description/12-suppliers.md",
        "description/13-not-relevant.md",
    ] {
        texts.remove(file);
    }
    insta::assert_snapshot!(found(&texts, ReportType::Type2), @r"
    description: no section answers DC 6 (Complementary user entity controls)
    description: no section answers DC 7 (Subservice organizations)
    description: no section answers DC 8 (Criteria that are not relevant)
    ");
    texts.remove("subservice.toml");
    let section = "[[scope.not_relevant]]\ncriterion = \"P3.1\"\nreason = \"Quayside collects nothing from data subjects.\"\n";
    let texts = edit(texts, "tickmark.toml", section, "");
    assert_eq!(found(&texts, ReportType::Type2), "");
}

#[test]
fn wording() {
    let body = "Track is an Industry-leading product.\nAs of March it is state-of-the-art; the areas of use are many.";
    let texts = edited("description/04-software.md", "Track is one program.", body);
    insta::assert_snapshot!(found(&texts, ReportType::Type2), @r"
    description/04-software.md:7:13: `industry-leading` is a claim that cannot be measured
    description/04-software.md:8:1: `as of` speaks of a point in time, but the report covers a period
    description/04-software.md:8:19: `state-of-the-art` is a claim that cannot be measured
    ");
    let texts = edit(
        texts,
        "description/07-data.md",
        "Addresses",
        "Throughout the period, addresses",
    );
    insta::assert_snapshot!(found(&texts, ReportType::Type1), @r"
    description/04-software.md:7:13: `industry-leading` is a claim that cannot be measured
    description/04-software.md:8:19: `state-of-the-art` is a claim that cannot be measured
    description/07-data.md:7:1: `throughout the period` speaks of a period, but the report is as of a date
    ");
}

#[test]
fn controls_the_program_does_not_have() {
    let texts = edited(
        "description/06-access.md",
        "(QP-01)",
        "(QP-01, QP-99; ISO-27001, QP-X, TM-048)",
    );
    insta::assert_snapshot!(found(&texts, ReportType::Type2), @"description/06-access.md:7:56: control `QP-99` is described but is not in the program");
}
