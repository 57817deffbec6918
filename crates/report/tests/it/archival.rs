//! What the file itself says: PDF/A-3a and PDF/UA-1, tagged, with every font and
//! the report as data inside. Read with qpdf, which shares nothing with the
//! writer.

use std::path::Path;
use std::process::Command;

use tickmark_report::compose;
use tickmark_report::facts::ReportFacts;
use tickmark_report::pdf::render_pdf;

use crate::fixture;

fn qpdf(arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Command::new("qpdf")
        .args(arguments)
        .arg(file)
        .args(if arguments.contains(&"--qdf") {
            &["-"][..]
        } else {
            &[]
        })
        .output()
        .expect("qpdf is installed by `cargo xtask test`");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The objects of the finished file, uncompressed, each as text.
fn objects(facts: &ReportFacts) -> Vec<String> {
    let rendered = render_pdf(&compose(facts).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.pdf");
    std::fs::write(&file, rendered.pdf).unwrap();
    let check = String::from_utf8(qpdf(&["--check"], &file)).unwrap();
    assert!(
        check.contains("No syntax or stream encoding errors found"),
        "{check}"
    );
    let plain = qpdf(&["--qdf", "--object-streams=disable"], &file);
    String::from_utf8_lossy(&plain)
        .split("endobj")
        .map(str::to_owned)
        .collect()
}

fn one<'a>(objects: &'a [String], with: &str) -> &'a str {
    let mut found = objects.iter().filter(|object| object.contains(with));
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no object has `{with}`"));
    assert!(found.next().is_none(), "several objects have `{with}`");
    first
}

#[test]
fn the_file_says_what_it_is() {
    for facts in [fixture::facts(), fixture::type1(), fixture::soc3()] {
        let objects = objects(&facts);
        let metadata = one(&objects, "/Subtype /XML");
        for (name, value) in [
            ("pdfaid:part", "3"),
            ("pdfaid:conformance", "A"),
            ("pdfuaid:part", "1"),
        ] {
            assert!(
                metadata.contains(&format!("<{name}>{value}</{name}>")),
                "{name}"
            );
        }
        let catalog = one(&objects, "/Type /Catalog");
        for entry in [
            "/Marked true",
            "/StructTreeRoot",
            "/Lang (en-US)",
            "/DisplayDocTitle true",
            "/Outlines",
            "/OutputIntents",
            "/AF",
        ] {
            assert!(catalog.contains(entry), "{entry}");
        }
        let attached = one(&objects, "/AFRelationship");
        assert!(attached.contains("/AFRelationship /Source") && attached.contains("report.json"));
    }
}

#[test]
fn every_font_is_inside() {
    let objects = objects(&fixture::facts());
    let fonts: Vec<_> = objects
        .iter()
        .filter(|object| object.contains("/Type /FontDescriptor"))
        .collect();
    assert!(fonts.len() >= 4, "{} fonts", fonts.len());
    for font in fonts {
        assert!(font.contains("/FontFile"), "{font}");
    }
}

#[test]
fn tables_headings_and_figures_are_tagged() {
    let objects = objects(&fixture::facts());
    for tag in [
        "/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/L", "/LI", "/Link",
    ] {
        let is_tag = |object: &String| {
            object.contains("/StructElem") && object.contains(&format!("/S {tag}\n"))
        };
        assert!(objects.iter().any(is_tag), "nothing is tagged {tag}");
    }
    let chart = objects
        .iter()
        .find(|object| object.contains("/S /Figure\n"))
        .expect("the chart is a figure");
    assert!(chart.contains("/Alt"), "{chart}");
}
