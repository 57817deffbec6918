//! The demo company at full size: the pages a person looks at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tickmark_catalog::{Category, catalog, split_front_matter};
use tickmark_report::facts::*;
use tickmark_report::value::*;
use tickmark_report::{compose, pdf};

use crate::fixture::{self, id};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/fernhollow")
}

fn toml(name: &str) -> toml::Table {
    fs::read_to_string(root().join(name))
        .unwrap()
        .parse()
        .unwrap()
}

fn text(value: &toml::Value, key: &str) -> String {
    value
        .get(key)
        .and_then(|v| v.as_str())
        .unwrap_or_default()
        .to_owned()
}

fn list<T: std::str::FromStr>(value: &toml::Value, key: &str) -> Vec<T>
where
    T::Err: std::fmt::Debug,
{
    let items = value
        .get(key)
        .and_then(|v| v.as_array())
        .cloned()
        .unwrap_or_default();
    items
        .iter()
        .map(|item| id(item.as_str().unwrap()))
        .collect()
}

fn rows(table: &toml::Table, key: &str) -> Vec<toml::Value> {
    table
        .get(key)
        .and_then(|v| v.as_array())
        .cloned()
        .unwrap_or_default()
}

fn commitment(value: &toml::Value) -> Commitment {
    Commitment {
        id: text(value, "id"),
        text: text(value, "text"),
        category: value.get("category").map(|_| id(&text(value, "category"))),
        criteria: list(value, "criteria"),
        controls: list(value, "controls"),
        source: text(value, "source"),
    }
}

pub fn facts() -> ReportFacts {
    let mut facts = fixture::facts();
    facts.categories = vec![
        Category::Security,
        Category::Availability,
        Category::Confidentiality,
    ];
    let chosen: BTreeSet<Category> = facts.categories.iter().copied().collect();
    facts.criteria = catalog()
        .applicable_criteria(&chosen)
        .iter()
        .map(|c| fixture::criterion(c.id.as_str()))
        .collect();
    facts.description = files("description")
        .iter()
        .map(|path| {
            let file = fs::read_to_string(path).unwrap();
            let parts = split_front_matter("x", &file).unwrap();
            let front: toml::Value = toml::from_str(parts.toml).unwrap();
            PartFacts {
                criterion: id(&text(&front, "criterion")),
                part: front.get("part").map(|_| text(&front, "part")),
                title: text(&front, "title"),
                markdown: parts.body.to_owned(),
                file: path.display().to_string(),
            }
        })
        .collect();
    let commitments = toml("commitments.toml");
    facts.commitments = rows(&commitments, "commitment")
        .iter()
        .map(commitment)
        .collect();
    facts.requirements = rows(&commitments, "requirement")
        .iter()
        .map(commitment)
        .collect();
    let sub = toml("subservice.toml");
    facts.subservice = rows(&sub, "subservice")
        .iter()
        .map(|s| Subservice {
            id: text(s, "id"),
            name: text(s, "name"),
            service: text(s, "service"),
            method: SubserviceMethod::CarveOut,
            criteria: list(s, "criteria"),
            assumed_controls: rows(s.as_table().unwrap(), "csoc")
                .iter()
                .map(|c| SubserviceControl {
                    id: text(c, "id"),
                    text: text(c, "text"),
                    criteria: list(c, "criteria"),
                })
                .collect(),
            monitoring_controls: list(s, "monitoring_controls"),
        })
        .collect();
    facts.user_entity_controls = rows(&sub, "cuec")
        .iter()
        .map(|c| UserEntityControl {
            id: text(c, "id"),
            text: text(c, "text"),
            criteria: list(c, "criteria"),
        })
        .collect();
    facts.user_responsibilities = rows(&sub, "user_responsibility")
        .iter()
        .map(|c| text(c, "text"))
        .collect();
    facts.incidents = rows(&toml("incidents.toml"), "incident")
        .iter()
        .filter(|i| text(i, "limb") != "none")
        .map(|i| Incident {
            id: text(i, "id"),
            nature: text(i, "nature"),
            timing: text(i, "timing"),
            effect: text(i, "effect"),
            disposition: text(i, "disposition"),
        })
        .collect();
    facts.changes = rows(&toml("changes.toml"), "change")
        .iter()
        .map(|c| Change {
            id: text(c, "id"),
            on: c.get("on").unwrap().to_string().parse().unwrap(),
            summary: text(c, "summary"),
            before: text(c, "before"),
            after: text(c, "after"),
            controls: list(c, "controls"),
        })
        .collect();
    facts.controls = files("controls")
        .iter()
        .map(|path| {
            let file = fs::read_to_string(path).unwrap();
            let parts = split_front_matter("x", &file).unwrap();
            let front: toml::Value = toml::from_str(parts.toml).unwrap();
            ControlFacts {
                id: id(&text(&front, "id")),
                title: text(&front, "title"),
                markdown: parts.body.to_owned(),
                criteria: list(&front, "criteria"),
                frequency: text(&front, "frequency"),
                since: None,
                earlier: Vec::new(),
            }
        })
        .collect();
    let given = facts.tests.clone();
    facts.tests = facts.controls.iter().flat_map(|control| {
        let mine: Vec<TestFacts> = given.iter().filter(|t| t.control == control.id).cloned().collect();
        if !mine.is_empty() { return mine; }
        let library = catalog().control(&control.id);
        let manual = TestFacts {
            procedure: format!("Inspected {} to determine that the control operated as described.", library.map(|c| c.evidence.join(", ")).unwrap_or_default()),
            ..fixture::clean_test(&format!("manual-{}", control.id), control.id.as_str())
        };
        let inquiry = TestFacts { id: format!("inquiry-{}", control.id), nature: vec![Nature::Inquiry], population: None, tested: None, selection: Selection::Judgement,
            procedure: "Inquired of the control owner how, when and by whom the control is performed, and compared the answer with the records inspected.".to_owned(), ..manual.clone() };
        vec![inquiry, manual]
    }).collect();
    facts
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    list.sort();
    list
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
