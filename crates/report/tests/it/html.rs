//! The HTML rendering: same content, nothing executable.

use tickmark_report::html::render_html;
use tickmark_report::{compose, value};

use crate::fixture;

#[test]
fn the_page_holds_every_section_and_no_script() {
    for facts in [fixture::facts(), fixture::type1(), fixture::soc3()] {
        let report = compose(&facts).unwrap();
        let html = render_html(&report);
        for head in &report.contents {
            assert!(
                html.contains(&format!("<section id=\"{}\"", head.anchor)),
                "{}",
                head.anchor
            );
        }
        for forbidden in [
            "<script",
            "javascript:",
            " style=\"",
            " onclick",
            "src=\"http",
        ] {
            assert!(!html.contains(forbidden), "`{forbidden}` in the page");
        }
        assert_eq!(html.matches("<h1").count(), 1);
    }
}

#[test]
fn every_result_is_in_the_page() {
    let report = fixture::report();
    let html = render_html(&report);
    let tests = report.tests.unwrap();
    for test in &tests.tests {
        assert!(html.contains(&test.procedure), "{}", test.id);
    }
    assert!(html.contains(value::NO_EXCEPTIONS));
    assert!(html.contains("Upper deviation limit 7.3% at 90% confidence (40 of 220 tested)."));
}
