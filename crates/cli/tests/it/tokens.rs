//! `tickmark token issue`: a token that opens the interface of a server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::tell::command;
use crate::world::World;

/// A server over the world's company; it ends with this value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(world: &World) -> Self {
        let mut process = command()
            .args([
                "--workspace",
                "fernhollow",
                "--keys",
                "keys/company",
                "serve",
                "--listen",
                "127.0.0.1:0",
            ])
            .current_dir(world.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("serving http://").unwrap().to_owned();
        Self { process, address }
    }

    /// The first line and the body of the answer to a request with a token.
    fn get(&self, path: &str, token: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_token_opens_the_interface_within_its_scopes() {
    let world = World::company();
    let issue = |scopes: &str| {
        let issued = world
            .at_company(&[
                "--json",
                "token",
                "issue",
                "--account",
                "owner",
                "--scopes",
                scopes,
                "--days",
                "1",
            ])
            .exits(0)
            .json();
        issued["token"].as_str().unwrap().to_owned()
    };
    let (reading, running) = (issue("read"), issue("run_tests"));
    let server = Server::start(&world);
    let (status, body) = server.get("/api/v1/readiness", &reading);
    assert_eq!(status, "HTTP/1.1 200 OK", "{body}");
    assert!(body.contains("\"criteria\""), "{body}");
    assert_eq!(
        server.get("/api/v1/readiness", &running).0,
        "HTTP/1.1 403 Forbidden"
    );
    assert_eq!(
        server.get("/api/v1/readiness", "tmk_x_y").0,
        "HTTP/1.1 401 Unauthorized"
    );
    // While a server has the workspace, no other command writes it.
    let refused = world.at_company(&["token", "issue", "--account", "owner", "--scopes", "read"]);
    assert_ne!(refused.code, 0);
    assert!(refused.out.is_empty(), "{}", refused.out);
}

#[test]
fn a_token_is_printed_once_and_its_issue_recorded() {
    let world = World::company();
    let told = world
        .at_company(&[
            "token",
            "issue",
            "--account",
            "owner@company.example",
            "--scopes",
            "read,run_tests",
            "--title",
            "nightly",
        ])
        .exits(0);
    let token = told.out.lines().next().unwrap();
    assert!(token.starts_with("tmk_"), "{}", told.out);
    let (_, secret) = token.strip_prefix("tmk_").unwrap().split_once('_').unwrap();
    let mut bytes = Vec::new();
    for (path, content) in crate::world::files(&world.path("fernhollow")) {
        if path.contains("ledger") || path.contains("access") {
            bytes.extend(content);
        }
    }
    let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(has("access.token_issued/1") && has("nightly"));
    assert!(!has(secret), "the secret is kept as it is");
}

#[test]
fn what_cannot_be_issued_is_told() {
    let world = World::company();
    let check = |arguments: &[&str], expected: &str| {
        let mut all = vec!["token", "issue"];
        all.extend(arguments);
        let told = world.at_company(&all).exits(2);
        assert!(told.err.contains(expected), "{}", told.err);
    };
    check(
        &["--account", "nobody", "--scopes", "read"],
        "error: there is no account `nobody`\nhint: the accounts are ",
    );
    check(
        &["--account", "owner", "--scopes", "everything"],
        "use read, write_program, write_evidence, run_tests",
    );
    check(&["--account", "owner"], "--scopes");
    check(
        &["--account", "owner", "--scopes", "read", "--days", "367"],
        "367 is not in 1..=366",
    );
}
