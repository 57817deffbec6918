//! Webhooks against a receiver on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use jiff::{SignedDuration, Timestamp};
use tickmark_access::{
    AccessState, AccessStore, Entrance, MAX_DELIVERY_ATTEMPTS, Secret, Settings, Side, WebhookId,
    next_delivery_at,
};
use tickmark_realm::{CompanyState, Folded, Surroundings, Told};

use super::{Outbox, Poster, deliver_due, is_public, postable, signature};

/// A receiver that answers each request with the next status and tells what it
/// got.
fn receiver(statuses: &'static [u16]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut got = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&got) {
                let read = stream.read(&mut piece).unwrap();
                got.extend_from_slice(&piece[..read]);
            }
            let place = if (300..400).contains(status) {
                "location: http://127.0.0.1:1/\r\n"
            } else {
                ""
            };
            write!(
                stream,
                "HTTP/1.1 {status} X\r\n{place}content-length: 0\r\nconnection: close\r\n\r\n"
            )
            .unwrap();
            tell.send(String::from_utf8(got).unwrap()).unwrap();
        }
    });
    (format!("http://{address}/hook"), told)
}

fn is_whole(got: &[u8]) -> bool {
    let text = String::from_utf8_lossy(got);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")
            .map(|it| it.parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

/// A realm's store with one webhook that wants one kind of entry.
struct World {
    entrance: Arc<Entrance>,
    surroundings: Surroundings,
    access: AccessState,
    webhook: WebhookId,
    secret: Secret,
}

const NOW: Timestamp = Timestamp::constant(1_751_562_600, 0);
const KIND: &str = "control_tests.run_recorded/1";

impl World {
    fn new(url: &str) -> Self {
        let store = Arc::new(AccessStore::open_in_memory().unwrap());
        let settings = Settings::new(Side::Company, "acme", "http://localhost".parse().unwrap());
        let random: tickmark_access::Random = Arc::new(|bytes: &mut [u8]| bytes.fill(7));
        let entrance = Arc::new(Entrance::new(store, random, settings).unwrap());
        let mut access = AccessState::default();
        let kinds = BTreeSet::from([KIND.to_owned()]);
        let (change, secret) = entrance.add_webhook(&access, url, &kinds).unwrap();
        for event in change.events() {
            access.apply(event, NOW).unwrap();
        }
        entrance.store().keep(change, NOW).unwrap();
        let webhook = access.webhooks().next().unwrap().id.clone();
        let surroundings =
            Surroundings::new(|| NOW, |bytes: &mut [u8]| bytes.fill(7), "/nonexistent");
        Self {
            entrance,
            surroundings,
            access,
            webhook,
            secret,
        }
    }

    fn store(&self) -> &AccessStore {
        self.entrance.store()
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(Arc::clone(&self.entrance), self.surroundings.clone())
    }

    /// Delivers what is due, over and over as time goes by; how often it tried.
    fn deliver_until_done(&self) -> usize {
        let urls: BTreeMap<_, _> = self
            .access
            .webhooks()
            .map(|it| (it.id.clone(), it.url.clone()))
            .collect();
        let poster = Poster::new(true).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (mut now, mut tried) = (NOW, 0);
        for _ in 0..40 {
            tried += runtime
                .block_on(deliver_due(self.store(), &urls, &poster, now))
                .unwrap();
            now = now.checked_add(SignedDuration::from_hours(1)).unwrap();
        }
        tried
    }
}

/// A company whose journal has entries of these kinds.
fn journal(kinds: &[&str]) -> CompanyState {
    let mut state = CompanyState::default();
    for (index, kind) in (0..).zip(kinds) {
        // An entry whose body was erased changes nothing but the journal.
        let told = Told {
            index,
            at: NOW,
            actor: "owner".into(),
            kind: (*kind).into(),
            subject: "second-factor-enrolled".into(),
            body: None,
        };
        state.apply(&told).unwrap();
    }
    state
}

#[test]
fn what_is_recorded_is_told_once_and_signed() {
    let (url, told) = receiver(&[204]);
    let world = World::new(&url);
    let state = journal(&["program.file_set/1", KIND, "program.file_set/1"]);
    world.outbox().tell(&world.access, &state.journal, 0);
    assert_eq!(world.deliver_until_done(), 1);
    let got = told.recv().unwrap();
    let (head, body) = got.split_once("\r\n\r\n").unwrap();
    let expected = format!(
        r#"{{"webhook":"{}","realm":"company","kind":"control_tests.run_recorded/1","subject":"second-factor-enrolled","actor":"owner","index":1,"at":"2025-07-03T17:10:00Z","href":"/api/v1/ledger/entries/1"}}"#,
        world.webhook
    );
    assert_eq!(body, expected);
    let signed = signature(&world.secret, NOW, body).unwrap();
    assert!(
        head.lines()
            .any(|line| line == format!("tickmark-signature: {signed}")),
        "{head}"
    );
    let kept = world.store().deliveries(&world.webhook, 10).unwrap();
    assert_eq!(
        (kept[0].last_status, kept[0].delivered_at, kept[0].next_at),
        (Some(204), Some(NOW), None)
    );
}

#[test]
fn only_entries_after_those_known_are_told() {
    let world = World::new("https://hooks.example.com/");
    let state = journal(&[KIND, KIND, KIND]);
    world.outbox().tell(&world.access, &state.journal, 2);
    world.outbox().tell(&world.access, &state.journal, 3);
    let queued = world.store().deliveries(&world.webhook, 10).unwrap();
    assert_eq!(queued.len(), 1);
    assert!(queued[0].payload.contains("\"index\":2"));
}

#[test]
fn a_delivery_that_fails_comes_again_until_it_arrives() {
    let (url, told) = receiver(&[500, 503, 200]);
    let world = World::new(&url);
    world
        .outbox()
        .tell(&world.access, &journal(&[KIND]).journal, 0);
    assert_eq!(world.deliver_until_done(), 3);
    let bodies: BTreeSet<String> = told
        .iter()
        .take(3)
        .map(|it| it.split_once("\r\n\r\n").unwrap().1.to_owned())
        .collect();
    assert_eq!(bodies.len(), 1, "the same is told each time");
    let kept = world.store().deliveries(&world.webhook, 1).unwrap();
    assert!(kept[0].delivered_at.is_some());
}

#[test]
fn a_redirect_is_not_followed_and_a_delivery_is_given_up_in_the_end() {
    let (url, told) = receiver(&[302; MAX_DELIVERY_ATTEMPTS as usize]);
    let world = World::new(&url);
    world
        .outbox()
        .tell(&world.access, &journal(&[KIND]).journal, 0);
    assert_eq!(world.deliver_until_done(), MAX_DELIVERY_ATTEMPTS as usize);
    assert_eq!(told.iter().count(), MAX_DELIVERY_ATTEMPTS as usize);
    let kept = world.store().deliveries(&world.webhook, 1).unwrap();
    assert_eq!(
        (kept[0].last_status, kept[0].next_at, kept[0].delivered_at),
        (Some(302), None, None)
    );
    world
        .store()
        .redeliver(&world.webhook, kept[0].id, NOW)
        .unwrap();
    assert_eq!(world.store().take_deliveries(10, NOW).unwrap().len(), 1);
}

#[test]
fn a_receiver_inside_the_network_gets_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let poster = Poster::new(false).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://localhost.:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
    ] {
        assert!(
            runtime.block_on(poster.post(&url, 1, "", "{}")).is_err(),
            "{url}"
        );
    }
    assert!(listener.accept().is_err(), "someone knocked");
}

#[test]
fn only_addresses_of_the_internet_at_large_are_public() {
    for (address, expected) in [
        ("1.1.1.1", true),
        ("93.184.215.14", true),
        ("2606:4700::1111", true),
        ("2a00:1450:4001:82a::200e", true),
        ("127.0.0.1", false),
        ("10.1.2.3", false),
        ("172.16.0.1", false),
        ("192.168.1.1", false),
        ("169.254.169.254", false),
        ("100.64.0.1", false),
        ("0.0.0.0", false),
        ("255.255.255.255", false),
        ("224.0.0.1", false),
        ("198.18.0.1", false),
        ("192.0.0.8", false),
        ("240.0.0.1", false),
        ("::1", false),
        ("::", false),
        ("fe80::1", false),
        ("fc00::1", false),
        ("fd12::1", false),
        ("ff02::1", false),
        ("2001:db8::1", false),
        ("::ffff:10.0.0.1", false),
        ("::ffff:1.1.1.1", true),
        ("64:ff9b::a00:1", false),
        ("64:ff9b::101:101", true),
        ("2002:a00:1::", false),
        ("2002:101:101::", true),
        ("2001::1", false),
    ] {
        assert_eq!(
            is_public(address.parse::<IpAddr>().unwrap()),
            expected,
            "{address}"
        );
    }
}

#[test]
fn an_address_is_judged_before_it_is_recorded() {
    for (url, allows_private, expected) in [
        ("https://hooks.example.com/x", false, true),
        ("http://hooks.example.com/x", true, false),
        ("ftp://hooks.example.com/x", true, false),
        ("https://10.0.0.1/", false, false),
        ("https://10.0.0.1/", true, true),
        ("http://127.0.0.1:9/", true, true),
        ("http://127.0.0.1:9/", false, false),
        ("http://[::1]:9/", true, true),
        ("http://10.0.0.1/", true, false),
        ("https://0x7f.1/", false, false),
        ("no address", true, false),
    ] {
        assert_eq!(
            postable(url, allows_private).is_ok(),
            expected,
            "{url} {allows_private}"
        );
    }
}

#[test]
fn a_failed_delivery_waits_as_the_queue_says() {
    let (url, _told) = receiver(&[500]);
    let world = World::new(&url);
    world
        .outbox()
        .tell(&world.access, &journal(&[KIND]).journal, 0);
    let urls: BTreeMap<_, _> = BTreeMap::from([(world.webhook.clone(), url)]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(deliver_due(
            world.store(),
            &urls,
            &Poster::new(true).unwrap(),
            NOW,
        ))
        .unwrap();
    let kept = world.store().deliveries(&world.webhook, 1).unwrap();
    assert_eq!(kept[0].next_at, next_delivery_at(1, NOW));
}

/// Runs the snippet of `docs/API.md` over what is signed here.
#[test]
fn the_snippet_of_the_documentation_accepts_what_is_signed_and_nothing_else() {
    let docs = include_str!("../../../../docs/API.md");
    let (_, rest) = docs.split_once("```python\n").expect("a snippet");
    let (snippet, _) = rest.split_once("```").expect("its end");
    let secret = Secret::new("s3cret");
    let signed = signature(&secret, NOW, r#"{"index":1}"#).unwrap();
    let accepts = |secret: &str, signed: &str, body: &str, now: i64| {
        let call = format!(
            "{snippet}\nraise SystemExit(0 if is_from_tickmark({secret:?}, {signed:?}, {body:?}.encode(), now={now}) else 1)\n"
        );
        let status = std::process::Command::new("python3")
            .args(["-c", &call])
            .status()
            .expect("python3 runs");
        status.success()
    };
    let now = NOW.as_second();
    assert!(accepts("s3cret", &signed, r#"{"index":1}"#, now + 10));
    assert!(
        !accepts("other", &signed, r#"{"index":1}"#, now + 10),
        "another secret"
    );
    assert!(
        !accepts("s3cret", &signed, r#"{"index":2}"#, now + 10),
        "another body"
    );
    assert!(
        !accepts("s3cret", &signed, r#"{"index":1}"#, now + 301),
        "an old one sent again"
    );
    assert!(
        !accepts("s3cret", "nonsense", r#"{"index":1}"#, now),
        "no signature at all"
    );
}
