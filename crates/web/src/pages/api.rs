//! The programming interface, to read: made from the document that programs
//! read, so the two cannot differ.
//!
//! What must hold: nothing is loaded from another host and nothing runs; what is
//! shown to a stranger is what the document shows them.

use std::sync::LazyLock;

use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value, json};

use super::{Group, Page, no_count};
use crate::fault::Answer;
use crate::format::number;
use crate::frame::{self, Shown, head};
use crate::parts::{self, icon};
use crate::route::{Access, get};
use crate::strings::t;
use crate::visit::Visit;

/// The page.
pub static PAGE: Page = Page {
    title: "Interface",
    icon: "square-terminal",
    group: Group::System,
    href: "/api",
    access: Access::Anyone,
    count: no_count,
    routes: || vec![get("/api", Access::Anyone, show)],
};

/// The document as a value.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(crate::api::openapi_json()).unwrap_or_default());

/// How deep an example goes into schemas of schemas.
const DEEPEST: usize = 8;

/// Stands for the server's address in [`OPERATIONS`].
const BASE: &str = "https://server.invalid";

/// Everything the page says of the document: made once, as the document is.
static OPERATIONS: LazyLock<String> = LazyLock::new(|| {
    let body = html! {
        (introduction())
        @for tag in list(&DOCUMENT, "tags") { (part(tag, BASE)) }
        (schemas())
    };
    body.into_string()
});

/// An operation as the document has it.
struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    said: &'d Value,
}

impl Operation<'_> {
    fn text(&self, key: &str) -> &str {
        self.said
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

async fn show(visit: Visit) -> Answer<Response> {
    let base = visit.app().settings().base(visit.app().settings().listen);
    let body = html! {
        (head(t!("Interface for programs"), html! { (t!("Everything the pages know, as JSON; the same commands, with the same rights.")) }, html! {
            a.btn href="/api/v1/openapi.json" { (icon("download")) (t!("OpenAPI document")) }
        }))
        (PreEscaped(OPERATIONS.replace(BASE, &html! { (base) }.into_string())))
    };
    Ok(match visit.person() {
        Some(_) => Shown::new(t!("Interface"), body).in_frame(&visit),
        None => frame::reading(t!("Interface"), body),
    })
}

fn introduction() -> Markup {
    let described = text(DOCUMENT.pointer("/info/description"));
    parts::card(
        t!("How it works"),
        html! { span.mut { (t!("version {version}", version = text(DOCUMENT.pointer("/info/version")))) } },
        html! {
            @for paragraph in described.split("\n\n") { p.prose { (in_words(paragraph)) } }
            p.prose { (t!("A program shows an API token of an account with every request, in the header")) " " code { "Authorization: Bearer tmk_…" } ". " (t!("It never may more than its account, and only what its scopes say.")) }
            nav.legend aria-label=(t!("Parts of the interface")) { @for tag in list(&DOCUMENT, "tags") {
                @let name = text(tag.get("name"));
                span { a.link href={ "#" (anchor(name)) } { (name) } " " span.mut { (number(operations(name).len() as u64)) } }
            } }
        },
    )
}

/// Text of the document with its code marked.
fn in_words(text: &str) -> Markup {
    html! { @for (place, part) in text.split('`').enumerate() { @if place % 2 == 1 { code { (part) } } @else { (part) } } }
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn list<'d>(value: &'d Value, key: &str) -> &'d [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The operations of a part, in the order of the document.
fn operations(tag: &str) -> Vec<Operation<'static>> {
    let all = entries(DOCUMENT.get("paths")).flat_map(|(path, item)| {
        let methods =
            entries(Some(item)).filter(|(method, _)| ["get", "post"].contains(&method.as_str()));
        methods.map(move |(method, said)| Operation { method, path, said })
    });
    all.filter(|it| list(it.said, "tags").iter().any(|of| of == tag))
        .collect()
}

fn part(tag: &Value, base: &str) -> Markup {
    let name = text(tag.get("name"));
    html! {
        section.card.split id=(anchor(name)) {
            header { h2 { (name) } span.mut { (text(tag.get("description"))) } }
            @for it in operations(name) { (operation(&it, base)) }
        }
    }
}

fn operation(it: &Operation<'_>, base: &str) -> Markup {
    let described = it.text("description");
    html! {
        details.fixture id=(it.text("operationId")) {
            summary { (parts::tag(&it.method.to_uppercase())) " " code.breaks { (it.path) } " " span.mut { (it.text("summary")) } }
            div.body {
                @if !described.is_empty() { @for paragraph in described.split("\n\n") { p.prose { (in_words(paragraph)) } } }
                (parameters(it))
                @if let Some(schema) = it.said.pointer("/requestBody/content/application~1json/schema") {
                    h3 { (t!("Body")) }
                    p { (kind(schema)) }
                    (code_block(&pretty(&example(schema, 0)), &t!("Example of the body of {operation}", operation = it.text("operationId"))))
                }
                (answers(it))
                h3 { (t!("From a command line")) }
                (code_block(&curl(it, base), &t!("Command line for {operation}", operation = it.text("operationId"))))
            }
        }
    }
}

fn code_block(text: &str, label: &str) -> Markup {
    html! { pre.code tabindex="0" role="region" aria-label=(label) { (text) } }
}

fn parameters(it: &Operation<'_>) -> Markup {
    let all = list(it.said, "parameters");
    html! { @if !all.is_empty() {
        h3 { (t!("Parameters")) }
        div.scroll tabindex="0" role="region" aria-label=(t!("Parameters of {operation}", operation = it.text("operationId"))) { table.tbl {
            thead { tr { th scope="col" { (t!("Name")) } th scope="col" { (t!("In")) } th scope="col" { (t!("Type")) } th scope="col" { (t!("Meaning")) } } }
            tbody { @for parameter in all { tr {
                td { code { (text(parameter.get("name"))) } @if parameter.get("required") == Some(&Value::Bool(true)) { small { (t!("required")) } } }
                td { (text(parameter.get("in"))) }
                td { (kind(parameter.get("schema").unwrap_or(&Value::Null))) }
                td { (in_words(text(parameter.get("description")))) }
            } } }
        } }
    } }
}

/// A part of the document that may stand elsewhere in it.
fn resolved(value: &Value) -> &Value {
    let place = value
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|it| it.strip_prefix('#'));
    place
        .and_then(|place| DOCUMENT.pointer(place))
        .unwrap_or(value)
}

fn answers(it: &Operation<'_>) -> Markup {
    let all: Vec<_> = entries(it.said.get("responses"))
        .map(|(status, answer)| (status, resolved(answer)))
        .collect();
    let made = all
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, answer)| entries(answer.get("content")));
    let made: Vec<_> = made
        .filter(|(kind, _)| *kind == "application/json")
        .filter_map(|(_, content)| content.get("schema"))
        .collect();
    html! {
        h3 { (t!("Answers")) }
        div.scroll tabindex="0" role="region" aria-label=(t!("Answers of {operation}", operation = it.text("operationId"))) { table.tbl {
            thead { tr { th scope="col" { (t!("Status")) } th scope="col" { (t!("Meaning")) } th scope="col" { (t!("Content")) } } }
            tbody { @for (status, answer) in &all { tr {
                td { code { (status) } }
                td { (in_words(text(answer.get("description")))) }
                td { @for (media, content) in entries(answer.get("content")) { span { (kind(content.get("schema").unwrap_or(&Value::Null))) small { (media) } } } }
            } } }
        } }
        @for schema in made { (code_block(&pretty(&example(schema, 0)), &t!("Example of an answer of {operation}", operation = it.text("operationId")))) }
    }
}

/// What a schema is, in a word; a named one leads to where it is described.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|it| it.rsplit('/').next())
    {
        return html! { a.link href={ "#schema-" (name) } { (name) } };
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return html! { @for (place, choice) in choices.iter().enumerate() { @if place > 0 { " | " } code { (text(Some(choice))) } } };
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let parts = list(schema, key);
        if !parts.is_empty() {
            return html! { @for (place, part) in parts.iter().enumerate() { @if place > 0 { " " (if key == "allOf" { t!("and") } else { t!("or") }) " " } (kind(part)) } };
        }
    }
    if let Some(items) = schema.get("items") {
        return html! { (t!("list of")) " " (kind(items)) };
    }
    if let Some(values) = schema
        .get("additionalProperties")
        .filter(|it| it.is_object())
    {
        return html! { (t!("values by name:")) " " (kind(values)) };
    }
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names
            .iter()
            .map(|it| text(Some(it)))
            .collect::<Vec<_>>()
            .join(" | "),
        _ => t!("anything").to_owned(),
    };
    let format = text(schema.get("format"));
    html! { (name) @if !format.is_empty() && !format.starts_with("int") { " (" (format) ")" } (bounds(schema)) }
}

fn bounds(schema: &Value) -> Markup {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    html! {
        @match (bound("minimum"), bound("maximum")) {
            (Some(least), Some(most)) => { ", " (t!("{least} to {most}", least = number(least), most = number(most))) }
            _ => {}
        }
        @if let Some(most) = bound("maxLength") { ", " (t!("at most {n} characters", n = number(most))) }
    }
}

fn schemas() -> Markup {
    html! {
        section.card.split #schemas {
            header { h2 { (t!("Types")) } span.mut { (t!("what is sent and answered")) } }
            @for (name, schema) in entries(DOCUMENT.pointer("/components/schemas")) {
                details.fixture id={ "schema-" (name) } {
                    summary { code { (name) } " " span.mut { (text(schema.get("description"))) } }
                    div.body { (fields(name, schema)) }
                }
            }
        }
    }
}

fn fields(name: &str, schema: &Value) -> Markup {
    let mut found = Vec::new();
    gather(schema, &mut found);
    html! {
        @if found.is_empty() { p { (kind(schema)) } } @else {
            div.scroll tabindex="0" role="region" aria-label=(t!("Fields of {name}", name = name)) { table.tbl {
                thead { tr { th scope="col" { (t!("Field")) } th scope="col" { (t!("Type")) } th scope="col" { (t!("Meaning")) } } }
                tbody { @for (field, schema) in found { tr { td { code { (field) } } td { (kind(schema)) } td { (in_words(text(schema.get("description")))) } } } }
            } }
        }
    }
}

/// The fields of a schema, those of the schemas it is made of before its own.
fn gather<'d>(schema: &'d Value, found: &mut Vec<(&'d String, &'d Value)>) {
    list(schema, "allOf")
        .iter()
        .for_each(|part| gather(resolved(part), found));
    found.extend(entries(schema.get("properties")));
}

/// A value that fits a schema: the example it has, or one made of its parts.
fn example(schema: &Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let schema = resolved(schema);
    if let Some(example) = schema
        .get("example")
        .or_else(|| list(schema, "examples").first())
    {
        return example.clone();
    }
    let parts = list(schema, "allOf");
    if !parts.is_empty() {
        let all = parts
            .iter()
            .filter_map(|part| example(part, depth + 1).as_object().cloned());
        return Value::Object(all.flatten().collect::<Map<_, _>>());
    }
    let choice = list(schema, "oneOf")
        .iter()
        .chain(list(schema, "anyOf"))
        .find(|it| it.get("type") != Some(&json!("null")));
    if let Some(choice) = choice {
        return example(choice, depth + 1);
    }
    if let Some(first) = list(schema, "enum").first() {
        return first.clone();
    }
    if let Some(items) = schema.get("items") {
        return json!([example(items, depth + 1)]);
    }
    if schema.get("properties").is_some() {
        let fields = entries(schema.get("properties"))
            .map(|(name, field)| (name.clone(), example(field, depth + 1)));
        return Value::Object(fields.collect());
    }
    let name = match schema.get("type") {
        Some(Value::Array(names)) => text(names.first()),
        other => text(other),
    };
    match (name, text(schema.get("format"))) {
        ("string", "date") => json!("2026-06-30"),
        ("string", "date-time") => json!("2026-07-03T17:30:00Z"),
        ("string", _) => json!("…"),
        ("integer" | "number", _) => json!(0),
        ("boolean", _) => json!(false),
        ("object", _) => json!({}),
        _ => Value::Null,
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The operation as a line for a shell.
fn curl(it: &Operation<'_>, base: &str) -> String {
    let mut path = it.path.to_owned();
    for parameter in list(it.said, "parameters")
        .iter()
        .filter(|it| text(it.get("in")) == "path")
    {
        let value = match example(parameter.get("schema").unwrap_or(&Value::Null), 0) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        path = path.replace(
            &format!("{{{}}}", text(parameter.get("name"))),
            &crate::format::url_part(&value),
        );
    }
    let mut words = vec!["curl".to_owned()];
    let is_open = list(it.said, "security")
        .iter()
        .all(|it| it.as_object().is_none_or(Map::is_empty));
    if !is_open {
        words.push("-H \"Authorization: Bearer $TICKMARK_TOKEN\"".to_owned());
    }
    if it.method == "post" {
        words.push("-X POST -H 'Idempotency-Key: 4b1f6a0c'".to_owned());
    }
    if let Some(schema) = it
        .said
        .pointer("/requestBody/content/application~1json/schema")
    {
        let body = example(schema, 0).to_string().replace('\'', "'\\''");
        words.push(format!(
            "-H 'Content-Type: application/json' \\\n  -d '{body}' \\\n "
        ));
    }
    words.push(format!("'{base}{path}'"));
    words.join(" ")
}
