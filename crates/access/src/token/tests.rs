//! Tokens: shown once, kept as a hash, good for as long as everything holds.

use super::*;
use crate::account::AccountStatus;
use crate::entrance::testing::{Realm, after, id, record, start, visitor};
use crate::role::{Role, Side};

const DAY: i64 = 24 * 3600;

fn issued(realm: &mut Realm) -> (TokenId, Secret) {
    let scopes = [Scope::Read].into();
    let entrance = &realm.entrance;
    let made = entrance.issue_token(
        &realm.state,
        &id("anna"),
        "CI",
        &scopes,
        after(DAY),
        start(),
    );
    let (change, secret) = made.unwrap();
    let token: TokenId = change.events()[0].subject().parse().unwrap();
    realm.keep(change, start());
    (token, secret)
}

fn shows(realm: &Realm, text: &str, at: i64) -> Result<TokenBearer, SignInError> {
    realm
        .entrance
        .token(&realm.state, text, &visitor(), after(at))
}

#[test]
fn only_the_hash_of_a_token_is_stored() {
    let mut realm = Realm::with_anna();
    let (token, secret) = issued(&mut realm);
    let text = secret.reveal();
    let (prefix, rest) = text.split_at(4);
    assert_eq!(prefix, "tmk_");
    let (written, plain) = rest.split_once('_').unwrap();
    assert_eq!((written, plain.len()), (token.as_str(), 43));
    let stored = realm
        .entrance
        .store()
        .token_digest(&token)
        .unwrap()
        .unwrap();
    assert_eq!(stored, crate::Digest::of(plain));
}

#[test]
fn a_token_acts_for_its_account() {
    let mut realm = Realm::with_anna();
    let (token, secret) = issued(&mut realm);
    let bearer = shows(&realm, secret.reveal(), 60).unwrap();
    assert_eq!(
        (bearer.token.id, bearer.account.id),
        (token.clone(), id("anna"))
    );
    let used = |realm: &Realm| realm.entrance.store().token_used_at(&token).unwrap();
    assert_eq!(used(&realm), Some(after(60)));
    shows(&realm, secret.reveal(), 119).unwrap();
    assert_eq!(used(&realm), Some(after(60)));
    shows(&realm, secret.reveal(), 120).unwrap();
    assert_eq!(used(&realm), Some(after(120)));
}

#[test]
fn what_is_wrong_with_a_token_is_not_told() {
    let mut realm = Realm::with_anna();
    let (token, secret) = issued(&mut realm);
    let good = secret.reveal().to_owned();
    let wrong = format!("tmk_{token}_{}", "x".repeat(43));
    let unknown = good.replace(token.as_str(), "0000");
    for text in [
        "",
        "tmk_",
        "tmk__",
        "nonsense",
        &wrong,
        &unknown,
        &good[4..],
    ] {
        assert_eq!(
            shows(&realm, text, 60),
            Err(SignInError::WrongToken),
            "{text}"
        );
    }
    assert_eq!(shows(&realm, &good, DAY - 1).map(|_| ()), Ok(()));
    assert_eq!(shows(&realm, &good, DAY), Err(SignInError::WrongToken));
}

#[test]
fn a_revoked_token_and_one_of_a_closed_account_are_refused() {
    let mut realm = Realm::with_anna();
    let (token, secret) = issued(&mut realm);
    let change = realm.entrance.revoke_token(&realm.state, &token).unwrap();
    // Recorded, but not kept yet: refused already.
    record(&mut realm.state, change.events(), after(1));
    assert_eq!(
        shows(&realm, secret.reveal(), 2),
        Err(SignInError::WrongToken)
    );
    realm.entrance.store().keep(change, after(3)).unwrap();
    assert_eq!(realm.entrance.store().token_digest(&token).unwrap(), None);

    let (_, secret) = issued(&mut realm);
    realm.add("berta", Role::Owner);
    let closed = realm.state.close(Side::Company, &id("anna")).unwrap();
    record(&mut realm.state, &[closed], after(4));
    assert_eq!(
        realm.state.account(&id("anna")).unwrap().status,
        AccountStatus::Closed
    );
    assert_eq!(
        shows(&realm, secret.reveal(), 5),
        Err(SignInError::WrongToken)
    );
}

#[test]
fn an_address_that_guesses_has_to_wait_and_one_that_knows_has_not() {
    let mut realm = Realm::with_anna();
    let (_, secret) = issued(&mut realm);
    for _ in 0..30 {
        assert_eq!(shows(&realm, "tmk_x_y", 0), Err(SignInError::WrongToken));
    }
    let refused = shows(&realm, "tmk_x_y", 0);
    assert!(
        matches!(refused, Err(SignInError::TooManyAttempts { .. })),
        "{refused:?}"
    );
    shows(&realm, secret.reveal(), 0).unwrap();
}

#[test]
fn scopes_are_read_by_name() {
    let read = |names: &[&str]| Scope::read_all(names.iter().copied());
    assert_eq!(
        read(&["run_tests", "read"]).unwrap(),
        [Scope::Read, Scope::RunTests].into()
    );
    let refused = read(&["read", "write"]).unwrap_err();
    assert!(
        refused.message.starts_with("scope `write` does not exist"),
        "{refused}"
    );
    assert!(refused.hint.unwrap().contains("`write_evidence`"));
}
