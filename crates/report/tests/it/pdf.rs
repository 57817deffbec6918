//! The PDF: same input, same bytes; hostile text stays text.

use std::process::Command;

use tickmark_report::compose;
use tickmark_report::facts::ReportFacts;
use tickmark_report::pdf::{Sheet, child, render_pdf, render_sheet};
use tickmark_report::value::Opinion;

use crate::fixture;

const RENDER_TO: &str = "TICKMARK_RENDER_TO";

/// Renders in this process when a parent asks for it; see the next test.
#[test]
fn renders_for_a_parent() {
    if let Ok(path) = std::env::var(RENDER_TO) {
        std::fs::write(path, render_pdf(&fixture::report()).unwrap().pdf).unwrap();
    }
}

#[test]
fn two_processes_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for name in ["first.pdf", "second.pdf"] {
        let path = folder.path().join(name);
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "pdf::renders_for_a_parent"])
            .env(RENDER_TO, &path)
            .output()
            .unwrap();
        assert!(status.status.success());
        files.push(std::fs::read(path).unwrap());
    }
    assert!(files[0].starts_with(b"%PDF-1.7"));
    assert!(files[0] == files[1], "the bytes differ");
}

#[test]
fn every_kind_of_report_is_set() {
    for facts in [
        fixture::type1(),
        fixture::soc3(),
        fixture::modified(Opinion::Qualified),
        fixture::modified(Opinion::Adverse),
        fixture::modified(Opinion::Disclaimer),
    ] {
        let rendered = render_pdf(&compose(&facts).unwrap()).unwrap();
        assert_eq!(
            rendered.warnings,
            Vec::<String>::new(),
            "{:?}",
            facts.report_type
        );
        assert!(rendered.page_count > 5);
    }
}

/// Puts `text` wherever a user writes a name or a title.
fn in_names(mut facts: ReportFacts, text: &str) -> ReportFacts {
    let field = |field: &mut String| *field = text.to_owned();
    field(&mut facts.organization.short_name);
    field(&mut facts.system.name);
    field(&mut facts.system.description_title);
    field(&mut facts.firm.name);
    field(&mut facts.management.signatory_title);
    facts
        .description
        .iter_mut()
        .for_each(|it| field(&mut it.title));
    facts
        .subservice
        .iter_mut()
        .for_each(|it| field(&mut it.name));
    facts
        .controls
        .iter_mut()
        .for_each(|it| field(&mut it.title));
    facts
}

/// Puts `text` wherever a user writes sentences.
fn in_texts(mut facts: ReportFacts, text: &str) -> ReportFacts {
    let field = |field: &mut String| *field = text.to_owned();
    facts
        .description
        .iter_mut()
        .for_each(|it| field(&mut it.markdown));
    facts
        .commitments
        .iter_mut()
        .for_each(|it| field(&mut it.text));
    facts
        .incidents
        .iter_mut()
        .for_each(|it| field(&mut it.nature));
    facts
        .user_entity_controls
        .iter_mut()
        .for_each(|it| field(&mut it.text));
    facts
        .changes
        .iter_mut()
        .for_each(|it| field(&mut it.before));
    facts
        .controls
        .iter_mut()
        .for_each(|it| field(&mut it.markdown));
    facts
        .tests
        .iter_mut()
        .for_each(|it| field(&mut it.procedure));
    facts
        .deviations
        .iter_mut()
        .for_each(|it| field(&mut it.narrative));
    facts
        .populations
        .iter_mut()
        .for_each(|it| field(&mut it.completeness));
    facts
        .checkpoints
        .iter_mut()
        .for_each(|it| field(&mut it.text));
    facts.inputs.iter_mut().for_each(|it| field(&mut it.what));
    facts
}

fn everywhere(text: &str) -> ReportFacts {
    in_texts(in_names(fixture::facts(), text), text)
}

#[test]
fn hostile_text_is_set_as_text() {
    for text in [
        "#panic(\"x\") $x^2$ @ref <label> *bold* _it_ #import \"/etc/passwd\" #read(\"/etc/passwd\")",
        "<script>alert(1)</script> <img src=x onerror=alert(1)>",
        "\\ ` ``` ~~~ ]]] }}} ((( \" ' // /* */",
        "[link](javascript:alert(1)) ![image](file:///etc/passwd) [a](https://fernhollow.example)",
        "# one\n\n###### six\n\n- a\n  - b\n    - c\n\n| a | b |\n|---|---|\n| 1 |\n",
        "> quote\n\n```\ncode\n```\n\n1. first\n2. second\n\n---\n",
        "a\u{0}b\u{7}c\u{1b}[31m\u{202e}rtl\u{200b}\u{feff}\r\n\ttab",
    ] {
        let report = compose(&everywhere(text)).unwrap();
        let rendered =
            render_pdf(&report).unwrap_or_else(|problem| panic!("{text:?}: {problem:?}"));
        assert!(rendered.page_count > 5);
        let html = tickmark_report::html::render_html(&report);
        for forbidden in ["<script", "<img", "href=\"javascript:", "href=\"file"] {
            assert!(!html.contains(forbidden), "`{forbidden}` from {text:?}");
        }
    }
}

#[test]
fn characters_without_a_glyph_are_replaced_and_told() {
    let rendered = render_pdf(&compose(&everywhere("日本 \u{e000} ok")).unwrap()).unwrap();
    let told = |code: &str| {
        rendered
            .warnings
            .iter()
            .any(|warning| warning.contains(code))
    };
    assert!(
        told("U+65E5") && told("U+672C") && told("U+E000"),
        "{:?}",
        rendered.warnings
    );
    assert_eq!(rendered.warnings.len(), 3);
}

#[test]
fn very_long_text_is_set() {
    for text in [
        "x".repeat(5_000),
        "word ".repeat(2_000),
        format!("https://{}", "a/".repeat(800)),
    ] {
        let facts = in_texts(fixture::facts(), &text);
        let rendered = render_pdf(&compose(&facts).unwrap()).unwrap();
        assert_eq!(rendered.warnings, Vec::<String>::new());
    }
}

#[test]
fn very_long_names_are_problems() {
    let problems = compose(&in_names(fixture::facts(), &"name ".repeat(100))).unwrap_err();
    let controls = fixture::facts().controls.len();
    let parts = fixture::facts().description.len();
    assert_eq!(problems.0.len(), 5 + controls + parts + 1, "{problems}");
}

#[test]
fn text_that_nests_too_deep_is_a_problem() {
    let mut facts = fixture::facts();
    facts.description[0].markdown = ">".repeat(10_000);
    facts.controls[0].markdown = "> 1. ".repeat(2_000);
    let problems = compose(&facts).unwrap_err();
    assert_eq!(problems.0.len(), 2, "{problems}");
}

#[test]
fn the_child_answers_with_the_same_pdf() {
    let report = fixture::report();
    let mut reply = Vec::new();
    child::serve(
        &mut child::request(child::Pages::Report(&report))
            .unwrap()
            .as_slice(),
        &mut reply,
    )
    .unwrap();
    assert_eq!(
        child::response(&reply).unwrap(),
        render_pdf(&report).unwrap()
    );
}

#[test]
fn a_sheet_is_set_by_the_child_and_keeps_its_words_as_words() {
    let sheet = Sheet {
        organization: "Example, Inc.".to_owned(),
        title: "Access control".to_owned(),
        date: jiff::civil::date(2026, 3, 1),
        mark: "access-control, version 4".to_owned(),
        facts: vec![("Owner".to_owned(), "Head of IT".to_owned())],
        text: Vec::new(),
    };
    let markdown = "Only *who needs* it.\n\n## Rules\n\n- #set page(fill: red)\n- <script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    let sheet = sheet.with_markdown(markdown).unwrap();
    let mut reply = Vec::new();
    let request = child::request(child::Pages::Sheet(&sheet)).unwrap();
    child::serve(&mut request.as_slice(), &mut reply).unwrap();
    let rendered = child::response(&reply).unwrap();
    assert_eq!(rendered, render_sheet(&sheet).unwrap());
    assert_eq!((rendered.page_count, rendered.warnings.len()), (1, 0));
    assert!(rendered.pdf.starts_with(b"%PDF-1.7"));
    let deep = sheet.with_markdown(&">".repeat(10_000)).unwrap_err();
    assert!(
        deep.message.contains("`Access control` nests too deep"),
        "{deep}"
    );
}

#[test]
fn a_broken_reply_is_a_problem() {
    let mut refused = Vec::new();
    child::serve(&mut &b"not a report"[..], &mut refused).unwrap();
    assert_eq!(
        child::response(&refused).unwrap_err().message,
        "the renderer could not read the report"
    );

    let mut reply = Vec::new();
    child::serve(
        &mut child::request(child::Pages::Report(&fixture::report()))
            .unwrap()
            .as_slice(),
        &mut reply,
    )
    .unwrap();
    for cut in [0, 10, reply.len() - 1] {
        let problem = child::response(&reply[..cut]).unwrap_err();
        assert_eq!(
            problem.message,
            "the renderer ended without a complete reply"
        );
    }
}
