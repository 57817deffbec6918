//! Who may ask for what, with a token.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::world::World;

/// Every operation with its example put in: method and address.
fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(tickmark_web::api::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut address = path.clone();
            for parameter in operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|it| it["in"] == "path")
            {
                let example = &parameter["schema"]["examples"][0];
                let text = example
                    .as_str()
                    .map_or_else(|| example.to_string(), str::to_owned);
                address = address.replace(
                    &format!("{{{}}}", parameter["name"].as_str().unwrap()),
                    &text,
                );
            }
            if address.ends_with("/search") {
                address += "?q=access";
            }
            all.push((method.to_uppercase(), address, operation.clone()));
        }
    }
    all
}

fn request(method: &str, address: &str, token: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(address);
    if !token.is_empty() {
        request = request.header("authorization", token);
    }
    if method == "POST" {
        request = request.header("content-type", "application/json");
    }
    request
        .body(Body::from(if method == "POST" { "{}" } else { "" }))
        .unwrap()
}

fn is_open(operation: &Value) -> bool {
    operation["security"]
        .as_array()
        .unwrap()
        .iter()
        .all(|it| it.as_object().unwrap().is_empty())
}

#[tokio::test]
async fn without_a_token_nothing_is_answered_but_the_document() {
    let world = World::new();
    for (method, address, operation) in operations() {
        for token in ["", "Bearer", "Bearer tmk_x_y", "Bearer ", "Basic b3duZXI6"] {
            let answer = world.send(request(&method, &address, token)).await;
            if is_open(&operation) {
                // A wrong token is told, even where none is needed.
                assert!(
                    [200, 401, 429].contains(&answer.status.as_u16()),
                    "{address}"
                );
                continue;
            }
            assert!(
                [401, 429].contains(&answer.status.as_u16()),
                "{method} {address} with `{token}`: {}",
                answer.status
            );
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{address}"
            );
            if answer.status == 401 {
                assert_eq!(
                    answer.header("www-authenticate"),
                    "Bearer realm=\"tickmark\""
                );
            }
        }
    }
}

#[tokio::test]
async fn every_answer_has_a_status_the_document_names() {
    let world = World::new();
    for (method, address, operation) in operations() {
        for whose in [
            "owner",
            "reader",
            "employee",
            "owner/read",
            "owner/run_tests",
            "owner/write_program",
            "owner/write_evidence",
        ] {
            let answer = world
                .send(request(
                    &method,
                    &address,
                    &format!("Bearer {}", world.token(whose)),
                ))
                .await;
            let status = answer.status.as_str();
            assert!(
                operation["responses"][status].is_object(),
                "{method} {address} as {whose}: {status} {}",
                String::from_utf8_lossy(&answer.bytes)
            );
            let said = &operation["responses"][status]["content"];
            if status.starts_with('2') && said.is_object() {
                assert!(
                    said[answer.header("content-type")].is_object(),
                    "{address}: {}",
                    answer.header("content-type")
                );
            }
        }
    }
}

#[tokio::test]
async fn a_scope_is_needed_for_what_it_is_for() {
    let world = World::new();
    let cases = [
        ("GET", "/api/v1/controls", ["owner/read"].as_slice(), 200),
        ("GET", "/api/v1/policies", &["owner/read", "employee"], 200),
        ("POST", "/api/v1/tests/run", &["owner/run_tests"], 422),
        (
            "POST",
            "/api/v1/checkpoints",
            &["owner/write_evidence"],
            201,
        ),
        (
            "POST",
            "/api/v1/tests/second-factor-enrolled/response",
            &["owner/write_program"],
            422,
        ),
        ("GET", "/api/v1/accounts", &[], 200),
    ];
    let everyone = [
        "employee",
        "owner/read",
        "owner/run_tests",
        "owner/write_program",
        "owner/write_evidence",
    ];
    for (method, address, allowed, expected) in cases {
        for whose in everyone {
            let mut asked = request(method, address, &format!("Bearer {}", world.token(whose)));
            if address.ends_with("/run") {
                *asked.body_mut() = Body::from(r#"{"tests":["no-such"]}"#);
            }
            let status = world.send(asked).await.status.as_u16();
            let expected = if allowed.contains(&whose) {
                expected
            } else {
                403
            };
            assert_eq!(status, expected, "{method} {address} as {whose}");
        }
    }
}

#[tokio::test]
async fn a_token_opens_no_page() {
    let world = World::new();
    let answer = world.get("/controls").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/sign-in?to=%2Fcontrols")
    );
}

#[tokio::test]
async fn whoever_guesses_tokens_has_to_wait() {
    let world = World::new();
    let mut last = 0;
    for guess in 0..60 {
        let answer = world
            .send(request(
                "GET",
                "/api/v1/jobs",
                &format!("Bearer tmk_a{guess}_b"),
            ))
            .await;
        last = answer.status.as_u16();
        if last == 429 {
            assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
            break;
        }
    }
    assert_eq!(last, 429);
    world.get("/api/v1/jobs").await.is(200);
}
