//! Events as the ledger keeps them.

use super::*;
use crate::PasskeyId;
use crate::entrance::testing::{id, start};

fn all() -> Vec<AccessEvent> {
    let account = || id("a1");
    let reference = || AccountRef { account: account() };
    let profile = || AccountProfile {
        account: account(),
        name: "Anna Berg".into(),
        email: "anna@fernhollow.example".into(),
        role: Role::ControlOwner,
        functions: ["Head of People".to_owned()].into(),
    };
    let token = || -> TokenId { "t1".parse().unwrap() };
    let webhook = || -> WebhookId { "w1".parse().unwrap() };
    let passkey: PasskeyId = "p1".parse().unwrap();
    vec![
        AccessEvent::AccountAdded(profile()),
        AccessEvent::AccountChanged(profile()),
        AccessEvent::activated(&account()),
        AccessEvent::AccountClosed(reference()),
        AccessEvent::AccountReopened(reference()),
        AccessEvent::InvitationMade(InvitationMade {
            account: account(),
            expires_at: start(),
        }),
        AccessEvent::set(&account(), CredentialKind::Passkey(passkey), Some("Laptop")),
        AccessEvent::SessionsEnded(reference()),
        AccessEvent::TokenIssued(TokenIssued {
            token: token(),
            account: account(),
            title: "Nightly export".into(),
            scopes: [Scope::Read, Scope::RunTests].into(),
            expires_at: start(),
        }),
        AccessEvent::TokenRevoked(TokenRevoked {
            token: token(),
            account: account(),
        }),
        AccessEvent::WebhookSet(WebhookSet {
            webhook: webhook(),
            url: "https://hooks.example.com/".into(),
            events: ["control_tests.run_recorded/1".to_owned()].into(),
        }),
        AccessEvent::WebhookRemoved(WebhookRef { webhook: webhook() }),
    ]
}

#[test]
fn every_kind_is_written_as_it_is_read() {
    let kinds: Vec<&str> = all().iter().map(AccessEvent::kind).collect();
    assert_eq!(kinds, AccessEvent::KINDS);
    for event in all() {
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["kind"], event.kind());
        assert_eq!(serde_json::from_value::<AccessEvent>(json).unwrap(), event);
    }
}

#[test]
fn a_body_with_something_unknown_is_refused() {
    for event in all() {
        let mut json = serde_json::to_value(&event).unwrap();
        json["body"]["password"] = "hunter2".into();
        let read = serde_json::from_value::<AccessEvent>(json);
        assert!(read.is_err(), "{}", event.kind());
    }
}

#[test]
fn a_subject_is_an_id_and_never_a_person() {
    let subjects: Vec<String> = all().iter().map(|it| it.subject().to_owned()).collect();
    let expected = [
        "a1", "a1", "a1", "a1", "a1", "a1", "a1", "a1", "t1", "t1", "w1", "w1",
    ];
    assert_eq!(subjects, expected);
}

#[test]
fn bodies_read_well() {
    let lines: Vec<String> = all()
        .iter()
        .map(|event| serde_json::to_value(event).unwrap()["body"].to_string())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"account":"a1","name":"Anna Berg","email":"anna@fernhollow.example","role":"control_owner","functions":["Head of People"]}
    {"account":"a1","name":"Anna Berg","email":"anna@fernhollow.example","role":"control_owner","functions":["Head of People"]}
    {"account":"a1"}
    {"account":"a1"}
    {"account":"a1"}
    {"account":"a1","expires_at":"2026-03-02T09:00:00Z"}
    {"account":"a1","credential":{"passkey":"p1"},"change":"set","label":"Laptop"}
    {"account":"a1"}
    {"token":"t1","account":"a1","title":"Nightly export","scopes":["read","run_tests"],"expires_at":"2026-03-02T09:00:00Z"}
    {"token":"t1","account":"a1"}
    {"webhook":"w1","url":"https://hooks.example.com/","events":["control_tests.run_recorded/1"]}
    {"webhook":"w1"}
    "#);
}
