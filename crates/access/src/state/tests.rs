//! The fold: what it knows, what it refuses, what it forgets.

use super::*;
use crate::account::{CredentialKind, Profile};
use crate::entrance::testing::{after, id, profile, record, start};
use crate::event::AccountRef;
use crate::role::Side;
use crate::token::Scope;

fn with_anna() -> AccessState {
    let mut state = AccessState::default();
    let anna = profile("anna", Role::Owner);
    let added = state.add(Side::Company, &id("a1"), &anna).unwrap();
    record(
        &mut state,
        &[added, AccessEvent::activated(&id("a1"))],
        start(),
    );
    state
}

fn token(text: &str) -> TokenId {
    text.parse().unwrap()
}

fn issue(state: &AccessState, text: &str) -> AccessEvent {
    let scopes = [Scope::Read].into();
    state
        .issue_token(&token(text), &id("a1"), "CI", &scopes, after(3600), start())
        .unwrap()
}

fn closed(account: &str) -> AccessEvent {
    AccessEvent::AccountClosed(AccountRef {
        account: id(account),
    })
}

fn reopened(account: &str) -> AccessEvent {
    AccessEvent::AccountReopened(AccountRef {
        account: id(account),
    })
}

#[test]
fn an_account_is_found_by_its_address_whatever_the_capitals() {
    let mut state = with_anna();
    for email in ["anna@fernhollow.example", " ANNA@Fernhollow.Example "] {
        assert_eq!(state.by_email(email).unwrap().id, id("a1"));
    }
    let moved = Profile {
        email: "Anna.Berg@fernhollow.example".into(),
        ..profile("anna", Role::Owner)
    };
    let changed = state.change(Side::Company, &id("a1"), &moved).unwrap();
    record(&mut state, &[changed], start());
    assert!(state.by_email("anna@fernhollow.example").is_none());
    assert_eq!(
        state.by_email("anna.berg@fernhollow.example").unwrap().id,
        id("a1")
    );
}

#[test]
fn an_account_goes_from_invited_to_active_to_closed_and_back() {
    let mut state = AccessState::default();
    let anna = profile("anna", Role::Owner);
    let added = state.add(Side::Company, &id("a1"), &anna).unwrap();
    let mut statuses = Vec::new();
    for event in [
        added,
        AccessEvent::activated(&id("a1")),
        closed("a1"),
        reopened("a1"),
    ] {
        record(&mut state, &[event], start());
        statuses.push(state.account(&id("a1")).unwrap().status);
    }
    let expected = [
        AccountStatus::Invited,
        AccountStatus::Active,
        AccountStatus::Closed,
        AccountStatus::Active,
    ];
    assert_eq!(statuses, expected);
    assert_eq!(state.account(&id("a1")).unwrap().added_at, start());
}

#[test]
fn a_contradiction_is_refused_and_changes_nothing() {
    let state = with_anna();
    let berta = |email: &str| {
        AccessEvent::AccountAdded(AccountProfile {
            account: id("b1"),
            name: "Berta".into(),
            email: email.into(),
            role: Role::Staff,
            functions: [].into(),
        })
    };
    let revoked = AccessEvent::TokenRevoked(TokenRevoked {
        token: token("t1"),
        account: id("a1"),
    });
    let removed = AccessEvent::WebhookRemoved(WebhookRef {
        webhook: "w1".parse().unwrap(),
    });
    let again = AccessEvent::AccountAdded(AccountProfile {
        account: id("a1"),
        name: "Anna".into(),
        email: "other@fernhollow.example".into(),
        role: Role::Owner,
        functions: [].into(),
    });
    let kind = CredentialKind::Password;
    for event in [
        again,
        berta("Anna@fernhollow.example"),
        AccessEvent::activated(&id("a1")),
        AccessEvent::activated(&id("b1")),
        reopened("a1"),
        closed("b1"),
        AccessEvent::set(&id("b1"), kind, None),
        revoked,
        removed,
    ] {
        let mut after = state.clone();
        after.apply(&event, start()).unwrap_err();
        assert_eq!(after, state, "{event:?}");
        state.check(&[event], start()).unwrap_err();
    }
    let issued = issue(&state, "t1");
    state.check(std::slice::from_ref(&issued), start()).unwrap();
    state.check(&[issued.clone(), issued], start()).unwrap_err();
}

#[test]
fn credentials_come_and_go() {
    let mut state = with_anna();
    let passkey = || CredentialKind::Passkey("p1".parse().unwrap());
    let set = |kind, label| AccessEvent::set(&id("a1"), kind, label);
    let events = [
        set(CredentialKind::Password, None),
        set(CredentialKind::Totp, None),
        set(passkey(), Some("Laptop")),
        AccessEvent::removed(&id("a1"), CredentialKind::Totp),
    ];
    record(&mut state, &events, start());
    let credentials = &state.account(&id("a1")).unwrap().credentials;
    assert!(credentials.password && !credentials.totp);
    assert_eq!(
        credentials.passkeys.values().collect::<Vec<_>>(),
        ["Laptop"]
    );
    record(
        &mut state,
        &[AccessEvent::removed(&id("a1"), passkey())],
        start(),
    );
    assert!(
        state
            .account(&id("a1"))
            .unwrap()
            .credentials
            .passkeys
            .is_empty()
    );
}

#[test]
fn closing_an_account_revokes_its_tokens() {
    let mut state = with_anna();
    let issued = issue(&state, "t1");
    record(
        &mut state,
        &[issued, closed("a1"), reopened("a1")],
        after(60),
    );
    let token = state.token(&token("t1")).unwrap();
    assert_eq!(token.revoked_at, Some(after(60)));
}

#[test]
fn of_what_was_erased_nothing_comes_back() {
    let added = |state: &AccessState| {
        state
            .add(Side::Company, &id("b1"), &profile("berta", Role::Staff))
            .unwrap()
    };
    let mut state = with_anna();
    let before = state.clone();
    let event = added(&state);
    record(
        &mut state,
        &[event, AccessEvent::activated(&id("b1"))],
        start(),
    );
    state.apply_erased("access.account_changed/1", "b1");
    assert!(state.account(&id("b1")).is_none());
    assert!(state.by_email("berta@fernhollow.example").is_none());

    // Later entries about it, whose bodies are still there, fold without error.
    let issued = AccessEvent::TokenIssued(TokenIssued {
        token: token("t9"),
        account: id("b1"),
        title: "CI".into(),
        scopes: [Scope::Read].into(),
        expires_at: after(60),
    });
    let revoked = AccessEvent::TokenRevoked(TokenRevoked {
        token: token("t9"),
        account: id("b1"),
    });
    let later = [closed("b1"), reopened("b1"), issued, revoked];
    record(&mut state, &later, start());
    assert_eq!(
        state.accounts().collect::<Vec<_>>(),
        before.accounts().collect::<Vec<_>>()
    );
    assert_eq!(state.tokens().count(), 0);

    // An erased body that made nothing leaves the state as it was.
    let same = state.clone();
    state.apply_erased("access.credential_changed/1", "a1");
    assert_eq!(state, same);
}

#[test]
fn erased_tokens_and_webhooks_are_gone_too() {
    let mut state = with_anna();
    let webhook: WebhookId = "w1".parse().unwrap();
    let kinds = ["evidence.snapshot_recorded/1".to_owned()].into();
    let set = state
        .set_webhook(&webhook, "https://hooks.example.com", &kinds)
        .unwrap();
    let issued = issue(&state, "t1");
    record(&mut state, &[set, issued], start());
    state.apply_erased("access.webhook_set/1", "w1");
    state.apply_erased("access.token_issued/1", "t1");
    assert_eq!((state.webhooks().count(), state.tokens().count()), (0, 0));
    let removed = AccessEvent::WebhookRemoved(WebhookRef { webhook });
    let revoked = AccessEvent::TokenRevoked(TokenRevoked {
        token: token("t1"),
        account: id("a1"),
    });
    record(&mut state, &[removed, revoked], start());
}
