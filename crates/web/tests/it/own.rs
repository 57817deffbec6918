//! What people keep for themselves.

use axum::http::{Method, StatusCode};
use tickmark_access::Role;

use crate::world::{World, form};

#[tokio::test]
async fn a_view_is_kept_for_who_saved_it() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let owner = world.sign_in(Role::Owner).await;
    let sent = form(
        "table=controls&path=%2Fcontrols&query=standing%3Ddeviates%26page%3D2&title=What+deviates",
    );
    let told = world.send(Method::POST, "/views", &lead, sent).await;
    assert_eq!(
        (told.status, told.location.as_str()),
        (StatusCode::SEE_OTHER, "/controls?standing=deviates"),
        "{}",
        told.body
    );
    let link = "href=\"/controls?standing=deviates\"";
    let page = world.get(&told.location, &lead).await.body;
    assert!(
        page.contains("aria-current=\"true\">What deviates</a>"),
        "{page}"
    );
    assert!(!world.get("/controls", &owner).await.body.contains(link));
    let remove = page.split("action=\"/views/").nth(1).unwrap();
    let remove = format!("/views/{}", remove.split('"').next().unwrap());
    let path = || form("path=%2Fcontrols");
    world.send(Method::POST, &remove, &owner, path()).await;
    assert!(
        world.get("/controls", &lead).await.body.contains(link),
        "another's view stays"
    );
    world.send(Method::POST, &remove, &lead, path()).await;
    assert!(!world.get("/controls", &lead).await.body.contains(link));
}

#[tokio::test]
async fn a_view_without_a_name_is_refused() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let sent = form("table=controls&path=%2Fcontrols&query=&title=+");
    let told = world.send(Method::POST, "/views", &lead, sent).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn instants_are_shown_in_the_zone_one_prefers() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let instant = |page: &str| {
        let at = page.find(" Jul 2026, ").unwrap();
        page[at + 11..at + 16].to_owned()
    };
    let before = instant(&world.get("/ledger", &lead).await.body);
    let prefer = async |zone: &str| {
        let sent = form(&format!("time_zone={zone}"));
        world
            .send(Method::POST, "/account/preferences", &lead, sent)
            .await
            .status
    };
    assert_eq!(prefer("Asia/Kathmandu").await, StatusCode::SEE_OTHER);
    let after = instant(&world.get("/ledger", &lead).await.body);
    // The organization is in Portland, 12 hours and 45 minutes behind.
    assert_ne!(before, after);
    assert_eq!(
        before[3..]
            .parse::<u8>()
            .unwrap()
            .abs_diff(after[3..].parse().unwrap())
            % 30,
        15
    );
    assert_eq!(prefer("Moon/Base").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(prefer("").await, StatusCode::SEE_OTHER);
    assert_eq!(instant(&world.get("/ledger", &lead).await.body), before);
}
