//! How long a session lasts, and who can end it.

use super::*;
use crate::entrance::testing::{Realm, after, id, record, session as signed_in, start, visitor};
use crate::role::{Role, Side};

const HOUR: i64 = 3600;

fn sign_in(realm: &Realm, at: i64) -> SessionSecret {
    let account = realm.state.account(&id("anna")).unwrap();
    let proceed = realm
        .entrance
        .proceed(account, vec![Method::Passkey], &visitor(), after(at));
    signed_in(proceed.unwrap())
}

fn is_session(realm: &Realm, secret: &SessionSecret, at: i64) -> bool {
    realm
        .entrance
        .session(&realm.state, secret, after(at))
        .unwrap()
        .is_some()
}

#[test]
fn a_session_ends_when_it_is_not_used() {
    let realm = Realm::with_anna();
    let secret = sign_in(&realm, 0);
    assert!(is_session(&realm, &secret, 11 * HOUR));
    assert!(is_session(&realm, &secret, 23 * HOUR - 1));
    assert!(!is_session(&realm, &secret, 35 * HOUR - 1));
    // It does not come back when the clock does.
    assert!(!is_session(&realm, &secret, 23 * HOUR));
}

#[test]
fn a_session_ends_after_seven_days_in_any_case() {
    let realm = Realm::with_anna();
    let secret = sign_in(&realm, 0);
    for hour in (0..7 * 24).step_by(8) {
        assert!(is_session(&realm, &secret, hour * HOUR), "{hour}");
    }
    assert!(is_session(&realm, &secret, 7 * 24 * HOUR - 1));
    assert!(!is_session(&realm, &secret, 7 * 24 * HOUR));
}

#[test]
fn that_a_request_came_is_written_once_a_minute() {
    let realm = Realm::with_anna();
    let secret = sign_in(&realm, 0);
    let stored = |at| {
        is_session(&realm, &secret, at);
        let id = SessionId(secret.digest());
        realm
            .entrance
            .store()
            .session(&id)
            .unwrap()
            .unwrap()
            .seen_at
    };
    assert_eq!(stored(59), start());
    assert_eq!(stored(60), after(60));
    assert_eq!(stored(119), after(60));
    assert_eq!(stored(120), after(120));
}

#[test]
fn a_closed_account_has_no_session() {
    let mut realm = Realm::with_anna();
    realm.add("berta", Role::Owner);
    let secret = sign_in(&realm, 0);
    let closed = realm.state.close(Side::Company, &id("anna")).unwrap();
    record(&mut realm.state, &[closed], after(1));
    assert!(!is_session(&realm, &secret, 2));
    let reopened = realm.state.reopen(&id("anna")).unwrap();
    record(&mut realm.state, &[reopened], after(3));
    assert!(!is_session(&realm, &secret, 4));
}

#[test]
fn a_person_sees_and_ends_their_sessions() {
    let mut realm = Realm::with_anna();
    realm.add("berta", Role::Owner);
    let secrets = [sign_in(&realm, 0), sign_in(&realm, 1), sign_in(&realm, 2)];
    let ids = secrets.clone().map(|secret| SessionId(secret.digest()));
    let list = |realm: &Realm, at| -> Vec<SessionId> {
        let sessions = realm.entrance.sessions(&id("anna"), after(at)).unwrap();
        sessions.iter().map(|session| session.id).collect()
    };
    assert_eq!(list(&realm, 3), [ids[2], ids[1], ids[0]]);
    assert_eq!(list(&realm, 12 * HOUR + 1), [ids[2]]);
    // Nobody ends somebody else's.
    realm
        .entrance
        .end_session(&id("berta"), &ids[0])
        .unwrap_err();
    realm.entrance.end_session(&id("anna"), &ids[0]).unwrap();
    assert_eq!(list(&realm, 3), [ids[2], ids[1]]);
    let entrance = &realm.entrance;
    let change = entrance
        .end_sessions(&realm.state, &id("anna"), Some(&ids[1]))
        .unwrap();
    assert_eq!(change.events()[0].kind(), "access.sessions_ended/1");
    realm.keep(change, after(4));
    assert_eq!(list(&realm, 5), [ids[1]]);
    realm.entrance.sign_out(&secrets[1]).unwrap();
    assert_eq!(list(&realm, 5), []);
}

#[test]
fn only_the_hash_is_stored() {
    let realm = Realm::with_anna();
    let secret = sign_in(&realm, 0);
    let listed = realm.entrance.sessions(&id("anna"), after(1)).unwrap();
    assert_eq!(listed[0].id.digest(), Digest::of(secret.reveal()));
    let id: SessionId = listed[0].id.to_string().parse().unwrap();
    assert_eq!(id, listed[0].id);
    assert!("nonsense".parse::<SessionId>().is_err());
    // What is stored is no cookie.
    assert!(!is_session(&realm, &SessionSecret::new(id.to_string()), 1));
}

#[test]
fn methods_are_kept_by_name() {
    let text = methods_text(Method::ALL);
    assert_eq!(methods_from(&text), Method::ALL);
    assert_eq!(methods_from(""), []);
}
