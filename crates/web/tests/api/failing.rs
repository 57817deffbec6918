//! Every failure is a problem document that says what to do.

use axum::body::Body;
use axum::http::Request;

use crate::world::{Answer, World};

/// What a problem document says: its status, what is wrong, and the hint.
#[track_caller]
fn problem(answer: &Answer) -> (u16, String, String) {
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{}",
        String::from_utf8_lossy(&answer.bytes)
    );
    let document = answer.json();
    assert_eq!(document["status"], answer.status.as_u16());
    assert_eq!(document["type"], "about:blank");
    assert_eq!(document["title"], answer.status.canonical_reason().unwrap());
    assert_eq!(document["detail"], document["problems"][0]["detail"]);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (
        answer.status.as_u16(),
        text(&document["detail"]),
        text(&document["problems"][0]["hint"]),
    )
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_what_can() {
    let world = World::new();
    let cases = [
        (
            "/api/v1/controls?limt=5",
            400,
            "this operation takes no parameter `limt`",
            "did you mean `limit`?",
        ),
        (
            "/api/v1/ledger?x=1",
            400,
            "this operation takes no parameter `x`",
            "leave it out: it takes none at all",
        ),
        (
            "/api/v1/controls?limit=0",
            400,
            "`limit` cannot be 0",
            "ask for 1 to 500 items",
        ),
        (
            "/api/v1/controls?limit=501",
            400,
            "`limit` cannot be 501",
            "ask for 1 to 500 items",
        ),
        (
            "/api/v1/controls?limit=many",
            400,
            "the query cannot be read",
            "`/api/v1/openapi.json` says what it takes",
        ),
        (
            "/api/v1/controls?limit=1&limit=2",
            400,
            "the query cannot be read",
            "`/api/v1/openapi.json` says what it takes",
        ),
        (
            "/api/v1/controls?standing=fine",
            400,
            "the query cannot be read",
            "`/api/v1/openapi.json` says what it takes",
        ),
        (
            "/api/v1/controls?after=%F0%9F%92%A5",
            400,
            "`after` is no cursor of this list",
            "hand over `next` of the page before as it is",
        ),
        (
            "/api/v1/ledger/entries?after=eA",
            400,
            "`after` is no cursor of this list",
            "hand over `next` of the page before as it is",
        ),
        (
            "/api/v1/search",
            400,
            "the query cannot be read",
            "`/api/v1/openapi.json` says what it takes",
        ),
        (
            "/api/v1/controls/NO-1",
            404,
            "there is nothing at this address",
            "it may have been removed or renamed: look for it with the search",
        ),
        (
            "/api/v1/controls/%20%00",
            404,
            "there is nothing at this address",
            "it may have been removed or renamed: look for it with the search",
        ),
        (
            "/api/v1/nothing",
            404,
            "there is nothing at this address",
            "it may have been removed or renamed: look for it with the search",
        ),
        (
            "/api/v1/engagement",
            403,
            "the token does not allow this",
            "it needs the scope for it, and an account whose role may; some things a person must do in person",
        ),
    ];
    for (address, status, message, hint) in cases {
        let told = problem(&world.get(address).await);
        assert_eq!(
            told,
            (status, message.to_owned(), hint.to_owned()),
            "{address}"
        );
    }
}

#[tokio::test]
async fn another_method_is_told_with_those_that_are_possible() {
    let world = World::new();
    let token = world.token("owner").to_owned();
    let send = async |method: &str, address: &str| {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header("authorization", format!("Bearer {token}"));
        world.send(request.body(Body::empty()).unwrap()).await
    };
    let answer = send("DELETE", "/api/v1/controls").await;
    assert_eq!(
        problem(&answer).1,
        "`DELETE /api/v1/controls` is not possible"
    );
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, "GET,HEAD")
    );
    let answer = send("PUT", "/api/v1/checkpoints").await;
    assert_eq!(answer.status.as_u16(), 405);
    assert!(
        answer.header("allow").contains("POST"),
        "{}",
        answer.header("allow")
    );
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused() {
    let world = World::new();
    let run = "/api/v1/tests/run";
    let cases = [
        ("{", 400, "the body is not JSON"),
        ("[]x", 400, "the body is not JSON"),
        ("7", 422, "the body does not fit"),
        (r#"{"test":[]}"#, 422, "the body does not fit"),
        (r#"{"tests":"all"}"#, 422, "the body does not fit"),
        (
            r#"{"tests":["no-such"],"controls":["NO-1"]}"#,
            422,
            "there is no control `NO-1`",
        ),
    ];
    for (body, status, message) in cases {
        let answer = world.post(run, &[], body).await;
        assert_eq!(
            (problem(&answer).0, problem(&answer).1),
            (status, message.to_owned()),
            "{body}"
        );
    }
    let answer = world.post(run, &[("content-type", "text/plain")], "").await;
    assert_eq!(problem(&answer).0, 415);
    let huge = format!("{{\"tests\":[\"{}\"]}}", "x".repeat(2 << 20));
    for headers in [[].as_slice(), &[("idempotency-key", "k")]] {
        assert_eq!(problem(&world.post(run, headers, &huge).await).0, 413);
    }
}

#[tokio::test]
async fn a_page_of_another_site_may_not_ask() {
    let world = World::new();
    let answer = world
        .post(
            "/api/v1/checkpoints",
            &[("sec-fetch-site", "cross-site")],
            "",
        )
        .await;
    assert_eq!(problem(&answer).0, 403);
}
