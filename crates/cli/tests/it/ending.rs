//! Story: the server is told to end while it works; nothing that was begun is
//! lost, and nobody new is let in.

use std::io::Write;
use std::time::Instant;

use rustix::process::Signal;

use crate::new_user::{acme, at_acme};
use crate::server::{LONGEST, Server, answer, connect, document, request};
use crate::world::World;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "seven+quiet+lanterns+drift";

fn entries(world: &World) -> u64 {
    let told = at_acme(world, &["--json", "ledger", "fsck"]).exits(0);
    told.json()["entries"].as_u64().unwrap()
}

/// How many entries of the ledger are about a document.
fn documents(world: &World) -> usize {
    let count = entries(world).to_string();
    let told = at_acme(world, &["ledger", "tail", "-n", &count]).exits(0);
    let kind = "evidence.artifact";
    told.out.lines().filter(|line| line.contains(kind)).count()
}

fn begun_is_finished(signal: Signal) {
    let world = acme();
    let mut server = Server::start(&world, "acme", &[]);
    let cookie = server.set_up(EMAIL, PASSWORD);
    let before = documents(&world);

    // An upload of which half has arrived when the signal comes.
    let (kind, body) = document("slow", &"word ".repeat(20_000));
    let headers = [("cookie", cookie.as_str()), ("content-type", kind)];
    let head = request("POST", "/evidence/documents", &headers, body.len());
    let (first, second) = body.split_at(body.len() / 2);
    let mut upload = server.connect();
    upload.write_all(head.as_bytes()).unwrap();
    upload.write_all(first.as_bytes()).unwrap();
    upload.flush().unwrap();
    // A connection on which nothing is asked holds nobody up.
    let _idle = server.connect();
    let is_begun = server.get("/health", "");
    assert_eq!(is_begun.status, 200);

    server.signal(signal);
    server.logs("finishing what was begun");
    let since = Instant::now();
    while connect(server.address).is_ok() {
        assert!(
            since.elapsed() < LONGEST,
            "new connections are still accepted"
        );
        std::thread::yield_now();
    }
    upload.write_all(second.as_bytes()).unwrap();
    upload.flush().unwrap();
    let told = answer(&mut upload);
    assert_eq!(told.status, 303, "{}", told.body);
    let ended = server.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(ended.log.contains("ended"), "{}", ended.log);
    assert_eq!(documents(&world), before + 1);
}

#[test]
fn an_upload_that_was_begun_is_finished_on_sigterm() {
    begun_is_finished(Signal::TERM);
}

#[test]
fn an_upload_that_was_begun_is_finished_on_sigint() {
    begun_is_finished(Signal::INT);
}

#[test]
fn every_command_that_was_answered_is_in_the_ledger() {
    let world = acme();
    let mut server = Server::start(&world, "acme", &[]);
    let cookie = server.set_up(EMAIL, PASSWORD);
    let address = server.address;
    let before = documents(&world);
    let (told_one, first) = std::sync::mpsc::channel();
    let answered: usize = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (cookie, told_one) = (&cookie, told_one.clone());
                scope.spawn(move || commands(address, cookie, writer, &told_one))
            })
            .collect();
        for _ in 0..8 {
            first.recv_timeout(LONGEST).unwrap();
        }
        server.signal(Signal::TERM);
        writers.into_iter().map(|it| it.join().unwrap()).sum()
    });
    let ended = server.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(answered >= 8);
    assert_eq!(documents(&world), before + answered);
}

/// Gives commands until nobody answers any more; how many were answered.
fn commands(
    address: std::net::SocketAddr,
    cookie: &str,
    writer: usize,
    told_one: &std::sync::mpsc::Sender<()>,
) -> usize {
    for number in 0.. {
        let title = format!("minutes-{writer}-{number}");
        let (kind, body) = document(&title, &title);
        let headers = [("cookie", cookie), ("content-type", kind)];
        let text = request("POST", "/evidence/documents", &headers, body.len()) + &body;
        let sent = connect(address).and_then(|mut stream| {
            stream.write_all(text.as_bytes())?;
            Ok(stream)
        });
        // A connection that was in the queue when the door closed is reset
        // before anything of it was read.
        let Some(told) = sent.ok().and_then(unless_reset) else {
            return number;
        };
        assert_eq!(told.status, 303, "{}", told.body);
        let _ = told_one.send(());
    }
    unreachable!("there is always a next command")
}

fn unless_reset(mut stream: std::net::TcpStream) -> Option<crate::server::Answer> {
    let mut first = [0];
    match stream.peek(&mut first) {
        Ok(1) => Some(answer(&mut stream)),
        _ => None,
    }
}
