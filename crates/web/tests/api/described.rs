//! The document says what the routes are, and stays as it was pinned.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::world::World;

fn document() -> Value {
    serde_json::from_str(tickmark_web::api::openapi_json()).unwrap()
}

fn documented() -> BTreeSet<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .keys()
            .map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

#[test]
fn every_route_is_documented_and_nothing_else() {
    let routes = tickmark_web::routes();
    let routed: BTreeSet<(String, String)> = routes
        .iter()
        .filter(|it| it.path.starts_with("/api/"))
        .map(|it| (it.method.to_string(), it.path.to_owned()))
        .collect();
    assert_eq!(routed, documented());
    assert!(routed.len() > 40, "{}", routed.len());
}

/// A change of the interface is a change of this file, so that it is seen.
#[test]
fn the_document_is_the_one_that_was_pinned() {
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/openapi.json");
    let now = tickmark_web::api::openapi_json();
    if fs::read_to_string(&pinned).unwrap_or_default().trim_end() != now {
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
        fs::write(&made, format!("{now}\n")).unwrap();
        panic!(
            "the interface changed: if that is meant, `cp {} {}`",
            made.display(),
            pinned.display()
        );
    }
}

#[test]
fn every_operation_has_a_name_a_part_and_what_can_fail() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} twice");
            assert!(
                tags.contains(operation["tags"][0].as_str().unwrap()),
                "{path}"
            );
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|it| it.starts_with('2')), "{path}");
            assert!(answers.contains_key("500"), "{path}");
            assert_eq!(
                answers.contains_key("304"),
                operation["responses"]["200"]["headers"]["ETag"].is_object(),
                "{method} {path}"
            );
            let parts: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
            let described = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|it| it["in"] == "path");
            assert_eq!(
                described
                    .map(|it| it["name"].as_str().unwrap())
                    .collect::<BTreeSet<_>>(),
                parts,
                "{path}"
            );
        }
    }
}

#[test]
fn whatever_is_referred_to_is_there_and_used() {
    let document = document();
    let mut used = BTreeSet::new();
    gather(&document, &mut used);
    for place in &used {
        assert!(
            document.pointer(place.trim_start_matches('#')).is_some(),
            "{place}"
        );
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(
            used.contains(&format!("#/components/schemas/{name}")),
            "{name} is used nowhere"
        );
    }
}

fn gather(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(place) = fields.get("$ref").and_then(Value::as_str) {
                used.insert(place.to_owned());
            }
            fields.values().for_each(|it| gather(it, used));
        }
        Value::Array(items) => items.iter().for_each(|it| gather(it, used)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_for_everyone() {
    let world = World::new();
    let read = |address: &'static str| {
        world.send(
            axum::http::Request::get(address)
                .body(axum::body::Body::empty())
                .unwrap(),
        )
    };
    assert_eq!(
        read("/api/v1/openapi.json").await.is(200).json(),
        document()
    );
    let page = String::from_utf8(read("/api").await.is(200).bytes).unwrap();
    for (_, path) in documented() {
        assert!(page.contains(&path), "{path}");
    }
    for forbidden in ["style=", "<script>", "onclick", "http://cdn", "https://cdn"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}
