//! The file: who can read it, what it keeps, what it forgets.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::change::{Change, Effect};
use crate::entrance::testing::{PASSWORD, Realm, after, id, start};
use crate::id::WebhookId;
use crate::secret::{CeremonySecret, Digest, Random, Secret};
use crate::webhook::MAX_DELIVERY_ATTEMPTS;
use crate::{AccountId, SessionPolicy};

fn store() -> AccessStore {
    AccessStore::open_in_memory().unwrap()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

fn token(text: &str) -> Effect {
    Effect::KeepToken {
        id: text.parse().unwrap(),
        digest: Digest::of(text),
    }
}

#[test]
fn the_file_is_its_owners_alone_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.sqlite");
    let store = AccessStore::open(&path).unwrap();
    store.prefer(&id("anna"), "theme", Some("dark")).unwrap();
    for name in ["access.sqlite", "access.sqlite-wal", "access.sqlite-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    drop(store);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = AccessStore::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    let preferences = store.preferences(&id("anna")).unwrap();
    assert_eq!(
        preferences,
        BTreeMap::from([("theme".to_owned(), "dark".to_owned())])
    );
}

#[test]
fn a_file_of_a_newer_program_and_one_that_is_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.sqlite");
    drop(AccessStore::open(&path).unwrap());
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let problem = AccessStore::open(&path).unwrap_err();
    assert!(
        problem.message.ends_with("was written by a newer program"),
        "{problem}"
    );

    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "not a database, but long enough to look at".repeat(200),
    )
    .unwrap();
    AccessStore::open(&text).unwrap_err();
    let nowhere = folder.path().join("nowhere/access.sqlite");
    assert!(AccessStore::open(&nowhere).unwrap_err().hint.is_some());
}

#[test]
fn no_secret_of_a_realm_stands_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.sqlite");
    let mut realm = Realm::over(AccessStore::open(&path).unwrap());
    realm.add("anna", crate::Role::Owner);
    let entrance = &realm.entrance;
    let visitor = crate::entrance::testing::visitor();
    let email = "anna@fernhollow.example";
    let signed_in = entrance.password(&realm.state, email, PASSWORD, &visitor, start());
    let session = crate::entrance::testing::session(signed_in.unwrap());
    let (invited, link) = entrance.invite(&realm.state, &id("anna"), start()).unwrap();
    let (codes, shown) = entrance.make_recovery_codes(&id("anna"));
    let scopes = [crate::Scope::Read].into();
    let issued = entrance.issue_token(&realm.state, &id("anna"), "CI", &scopes, after(60), start());
    let (issued, token) = issued.unwrap();
    for change in [invited, codes, issued] {
        realm.keep(change, start());
    }
    let plain = token.reveal().rsplit('_').next().unwrap().to_owned();
    let secrets = [
        PASSWORD,
        session.reveal(),
        link.reveal(),
        shown[0].reveal(),
        &plain,
    ];
    for name in ["access.sqlite", "access.sqlite-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in secrets {
            assert!(!text.contains(secret), "{name}");
        }
    }
}

#[test]
fn a_change_is_kept_whole_or_not_at_all() {
    let store = store();
    let gone = Effect::UseInvitation {
        digest: Digest::of("nobody's"),
    };
    let change = Change::new([], [token("t1"), gone]);
    let problem = store.keep(change, start()).unwrap_err();
    assert_eq!(problem.message, "that is no longer there");
    assert_eq!(store.token_digest(&"t1".parse().unwrap()).unwrap(), None);
    store.keep(Change::new([], [token("t1")]), start()).unwrap();
    assert!(
        store
            .token_digest(&"t1".parse().unwrap())
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_ceremony_is_taken_once_in_time_by_its_kind() {
    let store = store();
    let random: Random = crate::entrance::testing::random();
    let begin = || {
        let secret = CeremonySecret::random(&random);
        store
            .start_ceremony(&secret, "tea", &"state", start())
            .unwrap();
        secret
    };
    let take = |secret: &CeremonySecret, kind, at| -> Option<String> {
        store.take_ceremony(secret, kind, after(at)).unwrap()
    };
    let secret = begin();
    assert_eq!(take(&secret, "coffee", 1), None);
    assert_eq!(take(&secret, "tea", 599).as_deref(), Some("state"));
    assert_eq!(take(&secret, "tea", 599), None);
    let late = begin();
    assert_eq!(take(&late, "tea", 600), None);
    assert_eq!(take(&late, "tea", 1), None);
}

#[test]
fn a_request_with_a_key_runs_once() {
    let store = store();
    let (anna, berta) = (id("anna"), id("berta"));
    let request = Digest::of("POST /api/controls {}");
    let begin = |account: &AccountId, request, at| {
        store
            .begin_idempotent(account, "k1", request, after(at))
            .unwrap()
    };
    assert_eq!(begin(&anna, request, 0), Idempotency::First);
    assert_eq!(begin(&anna, request, 1), Idempotency::Running);
    assert_eq!(begin(&berta, request, 1), Idempotency::First);
    store.abandon_idempotent(&anna, "k1").unwrap();
    assert_eq!(begin(&anna, request, 2), Idempotency::First);
    store.finish_idempotent(&anna, "k1", 201, b"{}").unwrap();
    let answered = Idempotency::Answered {
        status: 201,
        body: b"{}".to_vec(),
    };
    assert_eq!(begin(&anna, request, 3), answered);
    assert_eq!(begin(&anna, Digest::of("other"), 4), Idempotency::Mismatch);
    // An answer that was given is not given up.
    store.abandon_idempotent(&anna, "k1").unwrap();
    assert_eq!(begin(&anna, request, 24 * 3600), answered);
    assert_eq!(begin(&anna, request, 24 * 3600 + 2), Idempotency::First);
}

#[test]
fn a_delivery_is_tried_until_it_arrives_or_is_given_up() {
    let store = store();
    let webhook: WebhookId = "w1".parse().unwrap();
    let first = store
        .queue_delivery(&webhook, "{\"n\":1}", start())
        .unwrap();
    let second = store
        .queue_delivery(&webhook, "{\"n\":2}", start())
        .unwrap();
    let take = |at| store.take_deliveries(10, after(at)).unwrap();
    let taken = take(0);
    assert_eq!(
        taken.iter().map(|it| it.id).collect::<Vec<_>>(),
        [first, second]
    );
    // Taken by one worker; by another once the lease is over.
    assert!(take(119).is_empty());
    assert_eq!(take(120).len(), 2);
    store.delivered(first, 204, after(121)).unwrap();
    let mut now = 121;
    let mut delivery = taken[1].clone();
    let mut tried = 0;
    loop {
        store
            .not_delivered(&delivery, Some(503), after(now))
            .unwrap();
        tried += 1;
        now += 9 * 3600;
        let Some(next) = take(now).pop() else { break };
        delivery = next;
    }
    assert_eq!(tried, MAX_DELIVERY_ATTEMPTS);
    let list = store.deliveries(&webhook, 10).unwrap();
    let seen: Vec<_> = list
        .iter()
        .map(|it| (it.id, it.attempts, it.last_status, it.delivered_at))
        .collect();
    assert_eq!(
        seen,
        [
            (second, 8, Some(503), None),
            (first, 1, Some(204), Some(after(121)))
        ]
    );
    store.redeliver(&webhook, second, after(now)).unwrap();
    assert_eq!(take(now).pop().unwrap().attempts, 0);
    store
        .redeliver(&"w2".parse().unwrap(), second, after(now))
        .unwrap_err();
}

#[test]
fn a_webhook_takes_its_secret_and_deliveries_along() {
    let store = store();
    let webhook: WebhookId = "w1".parse().unwrap();
    let secret = Secret::new("shown once");
    let set = Effect::SetWebhookSecret {
        id: webhook.clone(),
        secret: secret.clone(),
    };
    store.keep(Change::new([], [set]), start()).unwrap();
    store.queue_delivery(&webhook, "{}", start()).unwrap();
    assert_eq!(store.webhook_secret(&webhook).unwrap(), Some(secret));
    let remove = Effect::RemoveWebhook {
        id: webhook.clone(),
    };
    store.keep(Change::new([], [remove]), start()).unwrap();
    assert_eq!(store.webhook_secret(&webhook).unwrap(), None);
    assert!(store.deliveries(&webhook, 10).unwrap().is_empty());
}

#[test]
fn views_and_preferences_are_a_persons_own() {
    let store = store();
    let (anna, berta) = (id("anna"), id("berta"));
    let mine = store
        .save_view(&anna, "controls", " Overdue ", "status=late")
        .unwrap();
    assert_eq!(
        store
            .save_view(&anna, "controls", "Overdue", "status=due")
            .unwrap(),
        mine
    );
    store.save_view(&anna, "tests", "Overdue", "x=1").unwrap();
    store.save_view(&anna, "controls", "", "x=1").unwrap_err();
    let views = store.saved_views(&anna, "controls").unwrap();
    assert_eq!(views.len(), 1);
    assert_eq!(
        (views[0].title.as_str(), views[0].query.as_str()),
        ("Overdue", "status=due")
    );
    assert!(store.saved_views(&berta, "controls").unwrap().is_empty());
    store.remove_view(&berta, mine).unwrap_err();
    store.remove_view(&anna, mine).unwrap();

    store.prefer(&anna, "density", Some("compact")).unwrap();
    store.prefer(&anna, "density", Some("cosy")).unwrap();
    store.prefer(&berta, "density", None).unwrap();
    assert_eq!(store.preferences(&anna).unwrap()["density"], "cosy");
    store.prefer(&anna, "density", None).unwrap();
    assert!(store.preferences(&anna).unwrap().is_empty());
}

/// How many rows each table has, but the empty ones.
fn rows(store: &AccessStore) -> BTreeMap<String, u32> {
    let conn = store.lock();
    let mut tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names
        .map(|name| {
            let name = name.unwrap();
            let count = format!("SELECT count(*) FROM {name}");
            let count: u32 = conn.query_row(&count, [], |row| row.get(0)).unwrap();
            (name, count)
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// A store in which every table that can expire holds something of `anna`.
fn lived_in() -> Realm {
    let mut realm = Realm::with_anna();
    let anna = id("anna");
    let entrance = &realm.entrance;
    let store = entrance.store();
    let visitor = crate::entrance::testing::visitor();
    let account = realm.state.account(&anna).unwrap();
    entrance
        .start_session(&anna, &[], &visitor, start())
        .unwrap();
    store
        .start_pending(Digest::of("p"), &anna, &[], after(600))
        .unwrap();
    entrance.start_totp(&realm.state, &anna, start()).unwrap();
    entrance.start_passkey_sign_in(start()).unwrap();
    entrance.count_attempt("something", start()).unwrap();
    store
        .begin_idempotent(&account.id, "k", Digest::of("r"), start())
        .unwrap();
    store.save_view(&anna, "controls", "Late", "").unwrap();
    store.prefer(&anna, "theme", Some("dark")).unwrap();
    let webhook: WebhookId = "w1".parse().unwrap();
    let delivered = store.queue_delivery(&webhook, "{}", start()).unwrap();
    store.delivered(delivered, 200, start()).unwrap();
    let (invited, _) = entrance.invite(&realm.state, &anna, start()).unwrap();
    let (codes, _) = entrance.make_recovery_codes(&anna);
    for change in [invited, codes] {
        realm.keep(change, start());
    }
    realm
}

#[test]
fn what_is_expired_is_removed_and_nothing_else() {
    let realm = lived_in();
    let counts = |at: i64| {
        realm.entrance.remove_expired(after(at)).unwrap();
        let rows = rows(realm.entrance.store());
        rows.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let hour = 3600;
    let lines = [
        0,
        11 * 60,
        hour,
        13 * hour,
        25 * hour,
        73 * hour,
        31 * 24 * hour,
    ]
    .map(counts);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    attempt ceremony delivery idempotency_key invitation password pending_sign_in preference recovery_code saved_view session totp_enrolment
    attempt delivery idempotency_key invitation password preference recovery_code saved_view session totp_enrolment
    attempt delivery idempotency_key invitation password preference recovery_code saved_view session
    attempt delivery idempotency_key invitation password preference recovery_code saved_view
    delivery invitation password preference recovery_code saved_view
    delivery password preference recovery_code saved_view
    password preference recovery_code saved_view
    "#);
}

#[test]
fn of_an_erased_person_nothing_is_kept() {
    let realm = lived_in();
    realm.entrance.store().erase(&id("anna")).unwrap();
    let left: Vec<String> = rows(realm.entrance.store()).into_keys().collect();
    // None of these names a person: a hash of what was guessed, a challenge, a post.
    assert_eq!(left, ["attempt", "ceremony", "delivery"]);
}

#[test]
fn sessions_end_with_the_policy_that_is_handed_in() {
    let realm = lived_in();
    let policy = SessionPolicy {
        idle: jiff::SignedDuration::from_secs(10),
        ..SessionPolicy::default()
    };
    let store = realm.entrance.store();
    assert_eq!(
        store
            .sessions(&id("anna"), &policy, after(9))
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store
            .sessions(&id("anna"), &policy, after(10))
            .unwrap()
            .len(),
        0
    );
    store.remove_expired(&policy, after(10)).unwrap();
    assert!(!rows(store).contains_key("session"));
}
