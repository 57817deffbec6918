//! The demo company at full size: the pages a person looks at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::date;
use tickmark_catalog::catalog;
use tickmark_program::{Program, is_program_file};
use tickmark_report::checks::{failures, run};
use tickmark_report::facts::*;
use tickmark_report::gather::program;
use tickmark_report::html::render_html;
use tickmark_report::value::*;
use tickmark_report::{compose, pdf};

use crate::{checks, fixture};

/// The program of the demo company, as its folder says.
fn demo_program() -> Program {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/fernhollow");
    let mut files = BTreeMap::new();
    read_folder(&root, "", &mut files);
    Program::parse(&files).unwrap()
}

fn read_folder(root: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(root.join(prefix)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if ["controls", "description", "policies"].contains(&name.as_str()) {
                read_folder(root, &format!("{name}/"), files);
            }
        } else if is_program_file(&name) {
            files.insert(name.clone(), fs::read_to_string(root.join(&name)).unwrap());
        }
    }
}

/// The demo company's program with invented tests: two for every control that
/// the small fixture does not test.
pub fn facts() -> ReportFacts {
    let demo = demo_program();
    let small = fixture::facts();
    let controls = program::controls(&demo);
    ReportFacts {
        organization: program::organization(&demo),
        system: program::system(&demo),
        categories: demo.scope.categories.iter().copied().collect(),
        criteria: program::criteria(&demo, &BTreeMap::new()),
        description: program::description(&demo),
        commitments: program::commitments(&demo),
        requirements: program::requirements(&demo),
        incidents: program::incidents(&demo),
        user_entity_controls: program::user_entity_controls(&demo),
        user_responsibilities: demo.user_responsibilities.clone(),
        subservice: program::subservice(&demo),
        changes: program::changes(&demo),
        tests: controls
            .iter()
            .flat_map(|control| tests_of(control, &small.tests))
            .collect(),
        controls,
        ..small
    }
}

fn tests_of(control: &ControlFacts, given: &[TestFacts]) -> Vec<TestFacts> {
    let mine: Vec<TestFacts> = given
        .iter()
        .filter(|t| t.control == control.id)
        .cloned()
        .collect();
    if !mine.is_empty() {
        return mine;
    }
    let evidence = catalog()
        .control(&control.id)
        .map(|c| c.evidence.join(", "))
        .unwrap_or_default();
    let inspection = TestFacts {
        procedure: format!(
            "Inspected {evidence} to determine that the control operated as described."
        ),
        ..fixture::clean_test(&format!("inspection-{}", control.id), control.id.as_str())
    };
    let inquiry = TestFacts {
        id: format!("inquiry-{}", control.id),
        nature: vec![Nature::Inquiry],
        population: None,
        tested: None,
        selection: Selection::Judgment,
        procedure: "Inquired of the control owner how, when and by whom the control is performed, and compared the answer with the records inspected.".to_owned(),
        ..inspection.clone()
    };
    vec![inquiry, inspection]
}

/// The demo company as of a day: no tests, no changes, no deviations.
fn type1() -> ReportFacts {
    ReportFacts {
        report_type: ReportType::Type1,
        coverage: Coverage::AsOf {
            date: date(2026, 6, 30),
        },
        tests: Vec::new(),
        deviations: Vec::new(),
        populations: Vec::new(),
        emphasis: Vec::new(),
        ..facts()
    }
}

/// The demo company for general use, from the same work as the type 2 report.
fn soc3() -> ReportFacts {
    ReportFacts {
        report_type: ReportType::Soc3,
        ..facts()
    }
}

/// The report in its three forms, checked: the value, the page as text, the
/// number of pages of the PDF.
fn set(facts: &ReportFacts) -> (Report, String, usize) {
    let report = compose(facts).unwrap();
    let checked = run(&report, &checks::file(facts, &report));
    let failed: Vec<_> = failures(&checked)
        .map(|item| (&item.id, &item.verdict))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let again: Report = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!(again, report);
    let rendered = pdf::render_pdf(&report).unwrap();
    assert_eq!(rendered.warnings, Vec::<String>::new());
    let html = render_html(&report);
    (report, html, rendered.page_count)
}

fn anchors(report: &Report) -> Vec<&str> {
    report
        .contents
        .iter()
        .map(|head| head.anchor.as_str())
        .collect()
}

#[test]
fn a_type_1_report_is_of_a_day_and_tests_nothing() {
    let (report, html, pages) = set(&type1());
    assert_eq!(
        anchors(&report),
        [
            "auditor-report",
            "assertion",
            "description",
            "tests",
            "verification"
        ]
    );
    assert!(report.tests.is_none() && report.other_information.is_none());
    assert!(report.description.changes.is_empty());
    assert_eq!(report.criteria.len(), 38);
    assert_eq!(report.controls.len(), 96);
    let letters = format!(
        "{}\n{}",
        report.auditor_report.text(),
        report.assertion.text()
    );
    assert!(letters.contains("as of June 30, 2026"));
    assert!(letters.contains("did not examine the operating effectiveness"));
    for absent in ["throughout", "operated effectively throughout", "(c)"] {
        assert!(!letters.contains(absent), "`{absent}` in the letters");
    }
    for absent in [
        "No exceptions noted.",
        "Test performed",
        "Section V",
        "DC 9",
    ] {
        assert!(!html.contains(absent), "`{absent}` in the page");
    }
    assert!((25..=60).contains(&pages), "{pages} pages");
}

#[test]
fn a_soc_3_report_is_for_everyone_and_shows_no_controls() {
    let (report, html, pages) = set(&soc3());
    assert_eq!(
        anchors(&report),
        [
            "auditor-report",
            "assertion",
            "boundaries",
            "commitments",
            "verification"
        ]
    );
    assert!(report.tests.is_none() && report.other_information.is_none());
    assert!(report.criteria.is_empty() && report.controls.is_empty());
    assert_eq!(report.meta.legend, None);
    let letters = format!(
        "{}\n{}",
        report.auditor_report.text(),
        report.assertion.text()
    );
    assert!(letters.contains("throughout the period July 1, 2025 to June 30, 2026"));
    assert!(letters.contains("fairly stated, in all material respects"));
    for absent in ["Section III", "Section IV", "intended solely"] {
        assert!(!letters.contains(absent), "`{absent}` in the letters");
    }
    for absent in [
        "No exceptions noted.",
        "Exception noted",
        "Confidential:",
        "restricted",
    ] {
        assert!(!html.contains(absent), "`{absent}` in the page");
    }
    assert!((8..=25).contains(&pages), "{pages} pages");
}

#[test]
fn the_demo_company_fills_a_report() {
    let report = compose(&facts()).unwrap();
    if let Ok(folder) = std::env::var("TICKMARK_REPORT_OUT") {
        let pages = tickmark_report::pages::Pages::new(&report);
        fs::write(
            format!("{folder}/pages.json"),
            serde_json::to_string(&pages).unwrap(),
        )
        .unwrap();
        fs::write(format!("{folder}/report.json"), report.to_json().unwrap()).unwrap();
    }
    let rendered = pdf::render_pdf(&report).unwrap();
    if let Ok(folder) = std::env::var("TICKMARK_REPORT_OUT") {
        fs::write(format!("{folder}/report.pdf"), &rendered.pdf).unwrap();
    }
    assert_eq!(rendered.warnings, Vec::<String>::new());
    assert!(
        (40..=90).contains(&rendered.page_count),
        "{} pages",
        rendered.page_count
    );
}
