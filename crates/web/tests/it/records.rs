//! Forms of records: what they show is what the file says, and what they write
//! is what was changed and nothing else.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use tickmark_access::Role;

use crate::world::{Told, World, form};

/// What a browser would send of the form of a page as it stands: names and
/// values in order.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split("<main").nth(1).unwrap();
    let form = form.split("name=\"base\"").last().unwrap();
    let form = format!(
        "<input name=\"base\"{}",
        form.split("</form>").next().unwrap()
    );
    let mut sent = Vec::new();
    let mut is_first = false;
    for (at, _) in form.match_indices('<') {
        let (tag, after) = form[at + 1..].split_once('>').unwrap();
        let value = attribute(tag, "value").unwrap_or_default();
        match tag.split(' ').next().unwrap() {
            "input"
                if tag.contains("type=\"checkbox\"")
                    && !tag.ends_with(" checked")
                    && !tag.contains(" checked ") => {}
            "input" => sent.extend(attribute(tag, "name").map(|name| (name, value))),
            "textarea" => {
                let text = after.split("</textarea>").next().unwrap();
                let text = text.strip_prefix('\n').unwrap_or(text);
                sent.push((attribute(tag, "name").unwrap(), plain(text)));
            }
            "select" => {
                sent.push((attribute(tag, "name").unwrap(), String::new()));
                is_first = true;
            }
            "option" => {
                // A browser sends the first one where none is selected.
                if tag.ends_with(" selected") || is_first {
                    sent.last_mut().unwrap().1 = value;
                }
                is_first = false;
            }
            _ => {}
        }
    }
    sent
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(after.split('"').next()?))
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

fn encoded(sent: &[(String, String)]) -> (String, Vec<u8>) {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    form(&text.extend_pairs(sent).finish())
}

fn with(mut sent: Vec<(String, String)>, set: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in set {
        sent.retain(|(known, _)| known != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    sent
}

/// The address of the form of every record of the sample company.
fn forms(world: &World) -> Vec<String> {
    let program = world.state().program().unwrap();
    let mut forms = Vec::new();
    let mut all = |register: &str, ids: Vec<String>| {
        assert!(!ids.is_empty(), "{register}");
        forms.extend(ids.iter().map(|id| format!("/records/{register}?id={id}")));
    };
    let text = |it: &tickmark_program::RecordId| it.to_string();
    all(
        "risk",
        program.risks.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "vendor",
        program.vendors.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "commitment",
        program.commitments.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "requirement",
        program.requirements.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "subservice",
        program.subservices.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "cuec",
        program.cuecs.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "incident",
        program.incidents.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "change",
        program.changes.iter().map(|it| text(&it.id)).collect(),
    );
    all(
        "section",
        program
            .description
            .iter()
            .map(|it| it.slug.clone())
            .collect(),
    );
    let csocs = program.subservices.iter().flat_map(|of| {
        let assumed = of.controls.iter();
        assumed.map(|it| format!("{}&within={}", it.id, of.id))
    });
    all("csoc", csocs.collect());
    forms.push("/records/settings".to_owned());
    let controls = program.controls.iter();
    forms.extend(controls.map(|it| format!("/controls/{}/edit", it.definition.id)));
    forms
}

#[tokio::test]
async fn a_form_sent_as_it_opens_changes_nothing() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let (before, sizes) = (world.state().program.texts(), world.sizes());
    for address in forms(&world) {
        let page = world.get(&address, &lead).await;
        assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.body);
        let sent = encoded(&fields(&page.body));
        let told = world.send(Method::POST, &address, &lead, sent).await;
        assert_eq!(
            told.status,
            StatusCode::SEE_OTHER,
            "{address}: {}",
            told.body
        );
    }
    let after = world.state().program.texts();
    assert_eq!(lines(&before, &after), [""; 0]);
    assert_eq!(after, before);
    assert_eq!(world.sizes(), sizes);
}

async fn sent(world: &World, who: &str, address: &str, set: &[(&str, &str)]) -> Told {
    let page = world.get(address, who).await;
    assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.body);
    let sent = encoded(&with(fields(&page.body), set));
    world.send(Method::POST, address, who, sent).await
}

/// Lines that are in one text and not in the other.
fn lines(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, text) in after {
        let old: Vec<&str> = before
            .get(path)
            .map_or("", String::as_str)
            .lines()
            .collect();
        let new = text.lines().filter(|line| !old.contains(line));
        lines.extend(new.map(|line| format!("{path}: {line}")));
    }
    lines
}

#[tokio::test]
async fn one_field_is_one_line_of_the_file_and_one_entry() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    for (address, field, value, line) in [
        (
            "/records/risk?id=R-02",
            "category",
            "people",
            "risks.toml: category = \"people\"",
        ),
        (
            "/records/vendor?id=VND-002",
            "data",
            "names\r\nmail",
            "vendors.toml: data = [\"names\", \"mail\"]",
        ),
        (
            "/records/csoc?id=CSOC-02&within=aws",
            "text",
            "Media are shredded.",
            "subservice.toml: text = \"Media are shredded.\"",
        ),
        (
            "/controls/TM-048/edit",
            "owner_role",
            "Head of Fun",
            "controls/TM-048.md: owner_role = \"Head of Fun\"",
        ),
        (
            "/records/settings",
            "organization.employees",
            "121",
            "tickmark.toml: employees = 121",
        ),
        (
            "/records/section?id=01-company-and-services",
            "title",
            "Who we are",
            "description/01-company-and-services.md: title = \"Who we are\"",
        ),
    ] {
        let (before, sizes) = (world.state().program.texts(), world.sizes());
        let told = sent(&world, &lead, address, &[(field, value)]).await;
        assert_eq!(
            told.status,
            StatusCode::SEE_OTHER,
            "{address}: {}",
            told.body
        );
        assert_eq!(lines(&before, &world.state().program.texts()), [line]);
        assert_eq!(
            world.actors_since(sizes),
            ["compliance-manager"],
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_record_is_added_and_removed_and_the_file_is_as_before() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let before = world.state().program.texts();
    let risk = [
        ("title", "A lake floods the office"),
        ("category", "nature"),
        ("owner_role", "Head of IT"),
        ("reviewed_on", "2026-06-01"),
    ];
    let told = sent(&world, &lead, "/records/risk", &risk).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
    let added = lines(&before, &world.state().program.texts());
    assert!(
        added.contains(&"risks.toml: title = \"A lake floods the office\"".to_owned()),
        "{added:?}"
    );
    let address = told.location.replace("/risks/", "/records/risk?id=");
    assert!(
        world
            .get(&told.location, &lead)
            .await
            .body
            .contains("A lake floods")
    );
    let told = sent(&world, &lead, &address, &[("then", "remove")]).await;
    assert_eq!(
        (told.status, told.location.as_str()),
        (StatusCode::SEE_OTHER, "/risks"),
        "{}",
        told.body
    );
    assert_eq!(world.state().program.texts(), before);
}

#[tokio::test]
async fn what_is_wrong_is_told_and_what_was_typed_stays() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let sizes = world.sizes();
    let told = sent(
        &world,
        &lead,
        "/records/risk?id=R-02",
        &[("residual_impact", "5"), ("title", "Typed")],
    )
    .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        told.body.contains("treatment cannot raise a risk"),
        "{}",
        told.body
    );
    assert!(told.body.contains("risks.toml"), "{}", told.body);
    assert!(told.body.contains(">Typed</textarea>"), "{}", told.body);
    let told = sent(
        &world,
        &lead,
        "/records/risk",
        &[
            ("id", "R-02"),
            ("title", "x"),
            ("category", "x"),
            ("owner_role", "x"),
            ("reviewed_on", "2026-06-01"),
        ],
    )
    .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        told.body.contains("there is a <code>R-02</code> already"),
        "{}",
        told.body
    );
    assert_eq!(world.sizes(), sizes);
}

#[tokio::test]
async fn who_comes_second_writes_nothing_over() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let address = "/records/risk?id=R-02";
    let opened = fields(&world.get(address, &lead).await.body);
    let first = with(opened.clone(), &[("title", "First")]);
    let told = world
        .send(Method::POST, address, &lead, encoded(&first))
        .await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
    let second = with(opened, &[("title", "Second")]);
    let told = world
        .send(Method::POST, address, &lead, encoded(&second))
        .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        told.body.contains("changed by someone else meanwhile"),
        "{}",
        told.body
    );
    assert!(world.state().program.texts()["risks.toml"].contains("First"));
}

#[tokio::test]
async fn a_preview_shows_the_change_and_records_nothing() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let sizes = world.sizes();
    let address = "/records/section?id=01-company-and-services";
    let text = [
        ("body", "The best service, by TM-999."),
        ("then", "preview"),
    ];
    let told = sent(&world, &lead, address, &text).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    assert!(told.body.contains("<p>The best service"), "{}", told.body);
    assert!(told.body.contains("TM-999"), "{}", told.body);
    assert!(
        told.body.contains("01-company-and-services.md:"),
        "{}",
        told.body
    );
    assert_eq!(world.sizes(), sizes);
}

#[tokio::test]
async fn a_control_owner_changes_own_controls_alone() {
    let world = World::new();
    let owner = world.sign_in(Role::ControlOwner).await;
    let program = world.state().program().unwrap();
    let of = |is_own: bool| {
        let found = program
            .controls
            .iter()
            .find(|it| (it.definition.owner_role == "Head of Platform") == is_own);
        found.unwrap().definition.id.to_string()
    };
    let own = format!("/controls/{}/edit", of(true));
    let told = sent(&world, &owner, &own, &[("title", "Mine")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
    let other = world
        .get(&format!("/controls/{}/edit", of(false)), &owner)
        .await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
}
