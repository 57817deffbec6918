//! Commands: what they record, and that they are done once.

use tickmark_access::Digest;

use crate::world::{NOW, TEST, World};

#[tokio::test]
async fn tests_are_run_beside_and_their_deviations_answered() {
    let world = World::new();
    let started = world
        .post(
            "/api/v1/tests/run",
            &[],
            &format!("{{\"tests\":[\"{TEST}\"]}}"),
        )
        .await
        .is(202);
    let job = started.json();
    assert_eq!(started.header("location"), job["href"].as_str().unwrap());
    let ended = world.ended(&job).await;
    assert_eq!(ended["state"], "done", "{ended}");
    let listed = world.get("/api/v1/jobs").await.is(200).json();
    assert_eq!(listed["items"][0], ended);
    // Nobody else sees it.
    world
        .get_as("reader", job["href"].as_str().unwrap())
        .await
        .is(404);
    let test = world
        .get(&format!("/api/v1/tests/{TEST}"))
        .await
        .is(200)
        .json();
    let run = &test["latest_run"];
    let counts = &run["counts"];
    let items = world
        .get(&format!("/api/v1/tests/{TEST}/items?limit=500"))
        .await
        .is(200)
        .json();
    assert_eq!(
        items["items"].as_array().unwrap().len() as u64,
        counts["population"].as_u64().unwrap().min(500)
    );
    let deviating = world
        .get(&format!(
            "/api/v1/tests/{TEST}/items?status=deviation&limit=500"
        ))
        .await
        .is(200)
        .json();
    assert_eq!(
        deviating["items"].as_array().unwrap().len() as u64,
        counts["deviations"].as_u64().unwrap()
    );
    let runs = world
        .get(&format!("/api/v1/tests/{TEST}/runs"))
        .await
        .is(200)
        .json();
    assert_eq!(runs["items"][0]["result_sha256"], run["result_sha256"]);
    let entry = runs["items"][0]["entry"].as_u64().unwrap();
    let entry = world
        .get(&format!("/api/v1/ledger/entries/{entry}"))
        .await
        .is(200)
        .json();
    assert_eq!(
        (entry["kind"].as_str(), entry["actor"].as_str()),
        (Some("control_tests.run_recorded/1"), Some("owner"))
    );
    respond(&world, run).await;
}

/// What deviates is answered; what does not, or no longer does, is refused.
async fn respond(world: &World, run: &serde_json::Value) {
    let address = format!("/api/v1/tests/{TEST}/response");
    let answer = |sha256: &str, position: &str| {
        serde_json::json!({
            "result_sha256": sha256, "position": position, "cause": "late", "action": "reminded", "owner_role": "Head of People", "due_on": "2026-09-30",
        })
        .to_string()
    };
    let digest = run["result_sha256"].as_str().unwrap();
    world
        .post(&address, &[], &answer(&"0".repeat(64), "agreed"))
        .await
        .is(409);
    world
        .post(&address, &[], &answer("no digest", "agreed"))
        .await
        .is(422);
    world
        .post(&address, &[], &answer(digest, "  "))
        .await
        .is(422);
    let said = world.post(&address, &[], &answer(digest, " agreed ")).await;
    if run["counts"]["deviations"] == 0 {
        said.is(422);
        return;
    }
    assert_eq!(said.is(201).json()["position"], "agreed");
    let test = world.get(&format!("/api/v1/tests/{TEST}")).await.json();
    assert_eq!(test["response"]["position"], "agreed");
}

#[tokio::test]
async fn a_checkpoint_is_signed_and_can_be_read() {
    let world = World::new();
    let signed = world.post("/api/v1/checkpoints", &[], "").await.is(201);
    let checkpoint = signed.json();
    let head = world.get("/api/v1/ledger").await.json();
    assert_eq!(
        (&checkpoint["size"], &checkpoint["root"]),
        (&head["size"], &head["root"])
    );
    assert_eq!(
        world.get(signed.header("location")).await.is(200).json(),
        checkpoint
    );
    let all = world.get("/api/v1/checkpoints").await.is(200).json();
    assert_eq!(
        all["items"].as_array().unwrap().last().unwrap(),
        &checkpoint
    );
}

#[tokio::test]
async fn a_document_is_taken_in_with_what_it_shows() {
    let world = World::new();
    let form = |parts: &[(&str, &str)]| {
        let part = |(name, value): &(&str, &str)| match *name {
            "file" => format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"Minutes Q9.md\"\r\n\r\n{value}\r\n"
            ),
            name => {
                format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            }
        };
        format!("{}--b--\r\n", parts.iter().map(part).collect::<String>())
    };
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    let send =
        async |parts: &[(&str, &str)]| world.upload("/api/v1/documents", &kind, form(parts)).await;
    let whole = [
        ("file", "# Minutes\n"),
        ("title", "Minutes of the board"),
        ("dated", "2026-06-30"),
        ("controls", "TM-002"),
        ("controls", "TM-004"),
    ];
    let taken = send(&whole).await.is(201);
    let document = taken.json();
    assert_eq!(
        (&document["path"], &document["size_bytes"]),
        (&"documents/minutes-q9.md".into(), &10.into())
    );
    assert_eq!(
        document["controls"],
        serde_json::json!(["TM-002", "TM-004"])
    );
    let read = world.get(taken.header("location")).await.is(200).json();
    assert_eq!(read["sha256"], document["sha256"]);
    assert_eq!(
        world
            .get(&format!("{}/file", taken.header("location")))
            .await
            .bytes,
        b"# Minutes\n"
    );
    let refused = send(&[("title", " "), ("dated", "soon")])
        .await
        .is(422)
        .json();
    let problems: Vec<&str> = refused["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["detail"].as_str().unwrap())
        .collect();
    assert_eq!(
        problems,
        [
            "there is no file with a name",
            "the title is empty or too long",
            "`soon` is not a day",
            "it shows no control"
        ]
    );
    send(&[("colour", "red")]).await.is(422);
    world
        .upload("/api/v1/documents", &kind, "--b\r\nno form".to_owned())
        .await
        .is(400);
    world.post("/api/v1/documents", &[], "{}").await.is(415);
}

#[tokio::test]
async fn the_ledger_is_verified_and_nothing_is_recorded() {
    let world = World::new();
    let before = world.get("/api/v1/ledger").await.json();
    let job = world
        .post("/api/v1/ledger/verify", &[], "")
        .await
        .is(202)
        .json();
    let ended = world.ended(&job).await;
    assert_eq!(ended["state"], "done", "{ended}");
    assert_eq!(world.get("/api/v1/ledger").await.json(), before);
    world
        .post(
            &format!("{}/cancel", job["href"].as_str().unwrap()),
            &[],
            "",
        )
        .await
        .is(200);
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once() {
    let world = World::new();
    let address = "/api/v1/ledger/verify";
    let first = world
        .post(address, &[("idempotency-key", "one")], "")
        .await
        .is(202);
    let again = world
        .post(address, &[("idempotency-key", "one")], "")
        .await
        .is(202);
    assert_eq!(first.bytes, again.bytes);
    for header in ["location", "content-type"] {
        assert_eq!(first.header(header), again.header(header), "{header}");
    }
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        ("", "true")
    );
    let other = world
        .post(address, &[("idempotency-key", "two")], "")
        .await
        .is(202);
    assert_ne!(first.json()["id"], other.json()["id"]);
    // The key is of one request, whoever's address or body it was.
    world
        .post(
            "/api/v1/reconciliations/run",
            &[("idempotency-key", "one")],
            "",
        )
        .await
        .is(422);
    world
        .post(address, &[("idempotency-key", "one")], "{}")
        .await
        .is(422);
    world.ended(&other.json()).await;
}

#[tokio::test]
async fn while_the_first_runs_the_second_is_told_to_wait() {
    let world = World::new();
    let request = Digest::of("POST\n/api/v1/checkpoints\n");
    let account = "owner".parse().unwrap();
    world
        .store()
        .begin_idempotent(&account, "busy", request, NOW)
        .unwrap();
    world
        .post("/api/v1/checkpoints", &[("idempotency-key", "busy")], "")
        .await
        .is(409);
    world.store().abandon_idempotent(&account, "busy").unwrap();
    world
        .post("/api/v1/checkpoints", &[("idempotency-key", "busy")], "")
        .await
        .is(201);
}

#[tokio::test]
async fn what_was_refused_can_be_sent_again() {
    let world = World::new();
    let key = [("idempotency-key", "k")];
    world
        .post("/api/v1/tests/run", &key, r#"{"tests":["no-such"]}"#)
        .await
        .is(422);
    world
        .post("/api/v1/tests/run", &key, r#"{"tests":["no-such"]}"#)
        .await
        .is(422);
    let job = world
        .post("/api/v1/ledger/verify", &key, "")
        .await
        .is(202)
        .json();
    world.ended(&job).await;
    for wrong in ["", "a b", &"x".repeat(201), "ü"] {
        let mut request = axum::http::Request::post("/api/v1/checkpoints")
            .header("authorization", format!("Bearer {}", world.token("owner")));
        request = request.header(
            "idempotency-key",
            axum::http::HeaderValue::from_bytes(wrong.as_bytes()).unwrap(),
        );
        world
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await
            .is(400);
    }
}

#[tokio::test]
async fn whatever_a_command_records_is_told_to_webhooks() {
    let world = World::new();
    let side = tickmark_access::Side::Company;
    let kinds = std::collections::BTreeSet::from(["access.webhook_set/1".to_owned()]);
    let add = |url: &str| {
        world
            .app()
            .with_access(side, |state, entrance| {
                entrance.add_webhook(state, url, &kinds).unwrap()
            })
            .unwrap()
            .0
    };
    world
        .app()
        .record(side, "owner".into(), add("https://hooks.example.com/first"))
        .await
        .unwrap();
    world
        .app()
        .record(
            side,
            "owner".into(),
            add("https://hooks.example.com/second"),
        )
        .await
        .unwrap();
    let ids: Vec<_> = world
        .app()
        .with_access(side, |state, _| {
            state.webhooks().map(|it| it.id.clone()).collect()
        })
        .unwrap();
    let queued = |id| world.store().deliveries(id, 10).unwrap().len();
    // The first is told of itself and of the second, the second of itself.
    let mut counts: Vec<usize> = ids.iter().map(queued).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2]);
    assert!(world.folder().is_dir());
}
