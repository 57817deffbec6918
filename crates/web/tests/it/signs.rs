//! Signs of life, and the limits that settings set.

use axum::http::{Method, StatusCode};
use tickmark_access::Role;
use tickmark_web::settings::SignInLimits;

use crate::world::{World, form};

fn limits() -> SignInLimits {
    SignInLimits {
        idle_minutes: 30,
        session_hours: 1,
        attempts_per_minute: 3.try_into().unwrap(),
    }
}

#[tokio::test]
async fn a_server_that_ends_is_alive_and_not_ready() {
    let world = World::without_program();
    let ready = world.get("/ready", "").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (StatusCode::OK, "ready\n")
    );
    world.app.begin_ending();
    let ready = world.get("/ready", "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.body, "not ready\nthe server is ending\n");
    assert_eq!(world.get("/health", "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn each_realm_has_to_be_ready() {
    let world = World::without_program();
    for (side, what) in [
        (
            tickmark_access::Side::Company,
            "the company's ledger cannot be read",
        ),
        (
            tickmark_access::Side::Firm,
            "the firm's ledger cannot be read",
        ),
    ] {
        let database = world.app.workspace(side).unwrap().database();
        let moved = database.with_extension("moved");
        std::fs::rename(&database, &moved).unwrap();
        let ready = world.get("/ready", "").await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ready.body, format!("not ready\n{what}\n"));
        std::fs::rename(&moved, &database).unwrap();
        assert_eq!(world.get("/ready", "").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_session_ends_when_the_setting_says() {
    let world = World::with_limits(limits());
    let cookie = world.sign_in(Role::Owner).await;
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::OK);
    world.pass(29);
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::OK);
    world.pass(31);
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::SEE_OTHER);
    let cookie = world.sign_in(Role::Owner).await;
    for _ in 0..3 {
        world.pass(25);
        world.get("/", &cookie).await;
    }
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn so_many_attempts_a_minute_as_the_setting_says() {
    let world = World::with_limits(limits());
    let mut told = Vec::new();
    for _ in 0..4 {
        let wrong = form("side=company&pending=none&code=123456");
        let answer = world.send(Method::POST, "/sign-in/code", "", wrong).await;
        told.push(answer.status.as_u16());
    }
    assert_eq!(told[3], 429, "{told:?}");
    assert!(!told[..3].contains(&429), "{told:?}");
    world.pass(1);
    let wrong = form("side=company&pending=none&code=123456");
    let answer = world.send(Method::POST, "/sign-in/code", "", wrong).await;
    assert_ne!(answer.status.as_u16(), 429);
}
