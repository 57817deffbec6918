//! Every route and every role: who is let in is a table that people review.

use axum::http::{Method, StatusCode};
use tickmark_access::Role;

use crate::world::{World, form};

/// A path with its parts filled in.
pub fn filled(path: &str) -> String {
    let values = [
        ("{index}", "30"),
        ("{dataset}", "leavers"),
        ("{account}", "nobody"),
        ("{kind}", "control"),
        ("{slug}", "10-access"),
        ("{secret}", "none"),
        ("{upload}", "none"),
        ("{webhook}", "none"),
        ("{delivery}", "1"),
        ("{size}", "1"),
        ("{view}", "1"),
        ("{register}", "risk"),
        ("{name}", "none"),
        (
            "{sha256}",
            "0000000000000000000000000000000000000000000000000000000000000000",
        ),
    ];
    let mut filled = path.to_owned();
    for (name, value) in values {
        filled = filled.replace(name, value);
    }
    let id = [
        ("/controls/", "TM-037"),
        ("/criteria/", "CC6.2"),
        ("/tests/", "access-removed-on-leaving"),
        ("/policies/", "access-control"),
        ("/risks/", "R-01"),
        ("/vendors/subservice/", "none"),
        ("/vendors/", "VND-001"),
    ];
    let page = path.strip_prefix("/api/v1").unwrap_or(path);
    let of = id
        .iter()
        .find(|(prefix, _)| page.starts_with(prefix))
        .map_or("none", |(_, id)| id);
    filled.replace("{id}", of)
}

/// Whether someone is let in: not refused and not sent to the sign-in.
async fn is_let_in(world: &World, method: &Method, path: &str, cookie: &str) -> bool {
    let told = world
        .send(method.clone(), &filled(path), cookie, form(""))
        .await;
    let is_sent_away = told.location.starts_with("/sign-in?");
    // A PDF is set by the program itself, which a test of this crate is not.
    let is_set_elsewhere = path.ends_with("/pdf");
    assert!(
        is_set_elsewhere || told.status != StatusCode::INTERNAL_SERVER_ERROR,
        "{method} {path}"
    );
    let is_refused = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&told.status);
    !is_sent_away && !is_refused
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says() {
    let world = World::new();
    let mut table = String::new();
    for route in tickmark_web::routes() {
        let mut let_in = Vec::new();
        if is_let_in(&world, &route.method, route.path, "").await {
            let_in.push("stranger".to_owned());
        }
        for role in Role::ALL {
            // Anew each time: some routes end the session.
            let cookie = world.sign_in(*role).await;
            if is_let_in(&world, &route.method, route.path, &cookie).await {
                let_in.push(role.to_string());
            }
        }
        table += &format!("{} {}: {}\n", route.method, route.path, let_in.join(" "));
    }
    let pinned = include_str!("routes.txt");
    if table != pinned {
        let path = std::env::temp_dir().join("tickmark-routes.txt");
        std::fs::write(&path, &table).unwrap();
        panic!(
            "who is let in differs from tests/it/routes.txt; as it is now: {}",
            path.display()
        );
    }
}

#[tokio::test]
async fn a_past_moment_is_shown_and_not_changed() {
    let world = World::new();
    let owner = world.sign_in(Role::Owner).await;
    let last = world.sizes().0 - 1;
    let told = world.get(&format!("/controls?at={last}"), &owner).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(
        told.body
            .contains(&format!("As the ledger stood at {last}")),
        "{}",
        told.body
    );
    assert!(
        !told.body.contains("name=\"row\""),
        "nothing can be chosen to be changed"
    );
}

#[tokio::test]
async fn a_stranger_learns_nothing_and_text_is_only_text() {
    let world = World::new();
    for path in ["/controls/TM-001", "/controls/TM-999", "/nothing/here"] {
        let told = world.get(path, "").await;
        assert!(!told.body.contains("Fernhollow"), "{path}");
    }
    let owner = world.sign_in(Role::Owner).await;
    let told = world
        .get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E", &owner)
        .await;
    assert!(!told.body.contains("<script>alert"), "{}", told.body);
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let world = World::new();
    let owner = world.sign_in(Role::Owner).await;
    let before = world.sizes();
    let request = axum::http::Request::builder()
        .method("POST")
        .uri("/controls")
        .header("cookie", &owner)
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(
            "row=TM-001&field=owner_role&value=x",
        ))
        .unwrap();
    let response = tower::ServiceExt::oneshot(tickmark_web::server::router(&world.app), request)
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(world.sizes(), before);
}
