//! Story: whoever runs the server watches it: metrics, log, signs of life.

use std::collections::BTreeMap;

use crate::new_user::acme;
use crate::server::{Server, connect, document, exchange, request};
use crate::world::World;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "seven+quiet+lanterns+drift";

/// What metrics are told where the log says.
fn scrape(server: &mut Server) -> String {
    let line = server.logs("metrics on http://");
    let address = line.split("http://").nth(1).unwrap();
    let address = address.split('/').next().unwrap().parse().unwrap();
    let told = exchange(
        connect(address).unwrap(),
        &request("GET", "/metrics", &[], 0),
    );
    assert_eq!(told.status, 200);
    let kind = told.header("content-type");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    told.body
}

/// Samples by name and labels.
fn samples(text: &str) -> BTreeMap<&str, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name, value.parse().unwrap())
        })
        .collect()
}

#[test]
fn a_monitor_reads_what_goes_on_and_nothing_about_anybody() {
    let world = acme();
    let mut server = Server::start(&world, "acme", &[("TICKMARK_SERVE_METRICS", "127.0.0.1:0")]);
    let cookie = server.set_up(EMAIL, PASSWORD);
    assert_eq!(server.get("/controls/TM-001", &cookie).status, 200);
    assert_eq!(
        server.get("/controls/TM-002?secret=hush", &cookie).status,
        200
    );
    assert_eq!(server.get("/no/such/thing", &cookie).status, 404);
    assert_eq!(server.sign_in(EMAIL, "wrong+wrong+wrong").status, 422);
    assert_eq!(server.sign_in(EMAIL, PASSWORD).status, 303);
    let invite = "name=Bo&email=bo%40example.com&role=read_only";
    assert_eq!(server.post("/settings/people", &cookie, invite).status, 200);
    assert_eq!(server.post("/settings/people", &cookie, invite).status, 422);
    server.send("BREW", "/controls", &[], "");

    let text = scrape(&mut server);
    let told = samples(&text);
    let is = |name: &str, value: f64| assert_eq!(told.get(name), Some(&value), "{name}\n{text}");
    is(
        r#"tickmark_http_requests_total{method="GET",route="/controls/{id}",status="2xx"}"#,
        2.0,
    );
    is(
        r#"tickmark_http_requests_total{method="GET",route="/{*nothing}",status="4xx"}"#,
        1.0,
    );
    is(
        r#"tickmark_http_requests_total{method="POST",route="/sign-in",status="4xx"}"#,
        1.0,
    );
    is(
        r#"tickmark_http_requests_total{method="POST",route="/sign-in",status="3xx"}"#,
        1.0,
    );
    is(
        r#"tickmark_http_request_duration_seconds_count{method="GET",route="/controls/{id}"}"#,
        2.0,
    );
    is(
        r#"tickmark_http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/controls/{id}"}"#,
        2.0,
    );
    is("tickmark_http_requests_in_flight", 0.0);
    is("tickmark_jobs_running", 0.0);
    is(
        r#"tickmark_sign_in_guesses_total{side="company",outcome="made"}"#,
        2.0,
    );
    is(
        r#"tickmark_sign_in_guesses_total{side="company",outcome="right"}"#,
        1.0,
    );
    is(
        r#"tickmark_sign_in_guesses_total{side="company",outcome="refused"}"#,
        0.0,
    );
    is(
        r#"tickmark_commands_total{side="company",outcome="failed"}"#,
        0.0,
    );
    let version = env!("CARGO_PKG_VERSION");
    is(
        &format!(r#"tickmark_build_info{{version="{version}"}}"#),
        1.0,
    );
    let commands = told[r#"tickmark_commands_total{side="company",outcome="done"}"#];
    assert!(commands >= 2.0, "{text}");
    let entries = told[r#"tickmark_ledger_entries{side="company"}"#];
    assert!(told["process_resident_memory_bytes"] > 1e6, "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    for secret in ["TM-001", "hush", "ada", "such", "BREW", "invitation/"] {
        let told = text.replace("/invitation/{secret}", "");
        assert!(!told.contains(secret), "`{secret}` in {text}");
    }
    let ended = server.end();
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    let fsck = world.at("acme", "keys", &["--json", "ledger", "fsck"]);
    assert_eq!(fsck.exits(0).json()["entries"].as_f64(), Some(entries));
}

#[test]
fn metrics_are_for_this_machine_and_the_address_must_be_free() {
    let world = acme();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let serve = |metrics: &str| {
        let mut command = crate::tell::command();
        let serve = ["serve", "--listen", "127.0.0.1:0", "--workspace", "acme"];
        let told = crate::tell::run(
            command
                .current_dir(world.folder())
                .env("TICKMARK_SERVE_METRICS", metrics)
                .args(serve)
                .args(["--keys", "keys"]),
        );
        told.exits(2).err.replace(&address, "ADDRESS")
    };
    let told = [serve("192.0.2.1:9250"), serve(&address)];
    insta::assert_snapshot!(told.join("\n"), @r"
    error: `metrics` cannot be `192.0.2.1:9250`
      Caused by: given by TICKMARK_SERVE_METRICS
    hint: it must be a loopback address: metrics are not for everyone

    error: metrics cannot be told on ADDRESS
      Caused by: Address already in use (os error 98)
    hint: stop what listens there, or set `metrics` to another address
    ");
}

#[test]
fn signs_of_life() {
    let world = acme();
    let server = Server::start(&world, "acme", &[]);
    let health = server.get("/health", "");
    assert_eq!((health.status, health.body.as_str()), (200, "ok"));
    let ready = server.get("/ready", "");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    std::fs::rename(
        world.path("acme/.tickmark/access.db"),
        world.path("acme/.tickmark/gone.db"),
    )
    .unwrap();
    std::fs::rename(
        world.path("acme/.tickmark/ledger.db"),
        world.path("acme/.tickmark/moved.db"),
    )
    .unwrap();
    let ready = server.get("/ready", "");
    assert_eq!(ready.status, 503);
    assert!(
        ready.body.contains("the company's ledger cannot be read"),
        "{}",
        ready.body
    );
    assert!(
        !ready.body.contains("acme"),
        "a stranger learns no path: {}",
        ready.body
    );
    assert_eq!(server.get("/health", "").status, 200);
    std::fs::rename(
        world.path("acme/.tickmark/moved.db"),
        world.path("acme/.tickmark/ledger.db"),
    )
    .unwrap();
    assert_eq!(server.get("/ready", "").status, 200);
}

/// What must not be in any log.
const SECRETS: [&str; 8] = [
    "quiet",
    "q-secret",
    "header-secret",
    "bearer-secret",
    "form-secret",
    "file-secret",
    "cookie-secret",
    "id secret",
];

/// Sends requests with secrets wherever one can stand, and returns the log and
/// the secrets that only the server knew.
fn told_secrets(world: &World, format: &str) -> (String, Vec<String>) {
    let everything = [("TICKMARK_SERVE_LOG", format), ("TICKMARK_LOG", "trace")];
    let mut server = Server::start(world, "acme", &everything);
    let link = server.set_up_secret();
    let cookie = server.set_up(EMAIL, PASSWORD);
    server.get("/invitation/not-a-link-but-secret", "");
    server.get("/controls?q=q-secret&secret=q-secret", &cookie);
    server.get("/controls/TM-001?at=q-secret", &cookie);
    server.send(
        "GET",
        "/ledger",
        &[
            ("authorization", "Bearer bearer-secret"),
            ("cookie", "tickmark=company.cookie-secret"),
            ("x-anything", "header-secret"),
            ("x-request-id", "id secret"),
        ],
        "",
    );
    server.sign_in("form-secret%40example.com", "form-secret-form-secret");
    let (kind, body) = document("file-secret", "file-secret");
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", kind),
        ("x-request-id", "2f1c0a5e-7d1b-4c55-9f0f-0b9d6e4f2a11"),
    ];
    let told = server.send("POST", "/evidence/documents", &headers, &body);
    assert_eq!(told.status, 303, "{}", told.body);
    assert_eq!(
        told.header("x-request-id"),
        "2f1c0a5e-7d1b-4c55-9f0f-0b9d6e4f2a11"
    );
    let told = server.send("GET", "/sign-in", &[("x-request-id", "id secret")], "");
    let id = told.header("x-request-id");
    assert!(id.len() == 36 && !id.contains(' '), "{id}");
    let token = issued_token(&server, &cookie);
    let bearer = format!("Bearer {token}");
    let told = server.send(
        "GET",
        "/api/v1/controls",
        &[("authorization", bearer.as_str())],
        "",
    );
    assert_eq!(told.status, 200, "{}", told.body);
    let (_, token) = token["tmk_".len()..].split_once('_').unwrap();
    let session = cookie.split_once('.').unwrap().1.to_owned();
    (
        server.end().log,
        vec![link, session, "not-a-link".to_owned(), token.to_owned()],
    )
}

/// A token that reads, issued in a page, which shows it once.
fn issued_token(server: &Server, cookie: &str) -> String {
    let told = server.send(
        "POST",
        "/account/tokens",
        &[
            ("cookie", cookie),
            ("content-type", "application/x-www-form-urlencoded"),
        ],
        "title=reads&scopes=read&days=1",
    );
    assert_eq!(told.status, 200, "{}", told.body);
    let at = told.body.find("tmk_").unwrap();
    let rest = told.body[at..].chars();
    rest.take_while(|it| it.is_ascii_alphanumeric() || *it == '_' || *it == '-')
        .collect()
}

#[test]
fn each_request_is_a_line_of_the_log_and_no_secret_is_in_it() {
    for format in ["text", "json"] {
        let world = acme();
        let (log, known) = told_secrets(&world, format);
        for secret in SECRETS
            .iter()
            .copied()
            .chain(known.iter().map(String::as_str))
        {
            assert!(!log.contains(secret), "{format}: `{secret}` in {log}");
        }
        let line = log
            .lines()
            .find(|line| line.contains("answered") && line.contains("/evidence/documents"))
            .unwrap();
        let id = "2f1c0a5e-7d1b-4c55-9f0f-0b9d6e4f2a11";
        if format == "text" {
            for part in [
                id,
                "method=\"POST\"",
                "status=303",
                "duration_ms=",
                "account=",
            ] {
                assert!(line.contains(part), "{part}: {line}");
            }
            assert!(!log.contains('\u{1b}'), "a file is not a terminal");
        } else {
            let told: serde_json::Value = serde_json::from_str(line).unwrap();
            let span = &told["span"];
            assert_eq!(span["id"], id, "{line}");
            assert_eq!(span["method"], "POST", "{line}");
            assert_eq!(span["route"], "/evidence/documents", "{line}");
            assert!(span["account"].is_string(), "{line}");
            assert_eq!(told["status"], 303, "{line}");
            assert!(told["duration_ms"].as_f64().is_some(), "{line}");
            assert!(
                log.lines()
                    .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
            );
        }
        assert!(log.contains("/invitation/{secret}"), "{log}");
    }
}
