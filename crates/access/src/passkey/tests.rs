//! Ceremonies up to where a device is needed; with one they are tested in a
//! browser.

use super::*;
use crate::entrance::testing::{PASSWORD, Realm, after, id, start, visitor};
use crate::role::Role;

fn answer(raw_id: &str) -> String {
    serde_json::json!({
        "id": raw_id, "rawId": raw_id, "type": "public-key", "extensions": {},
        "response": {
            "authenticatorData": "AAAA", "clientDataJSON": "AAAA",
            "signature": "AAAA", "userHandle": "AAAA"
        }
    })
    .to_string()
}

fn registration_answer() -> String {
    serde_json::json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "extensions": {},
        "response": { "attestationObject": "AAAA", "clientDataJSON": "AAAA" }
    })
    .to_string()
}

#[test]
fn passkeys_need_a_host_name_that_is_private() {
    for (url, has) in [
        ("https://soc2.fernhollow.example", true),
        ("https://soc2.fernhollow.example:8443/app", true),
        ("http://localhost:8080", true),
        ("http://soc2.fernhollow.example", false),
        ("https://192.0.2.1", false),
        ("http://127.0.0.1:8080", false),
    ] {
        let url = Url::parse(url).unwrap();
        assert_eq!(Passkeys::new(&url, "Fernhollow").is_some(), has, "{url}");
    }
}

#[test]
fn registration_asks_for_a_verified_user_and_a_key_that_is_found() {
    let realm = Realm::with_anna();
    let started = realm
        .entrance
        .start_passkey_registration(&realm.state, &id("anna"), start());
    let options = started.unwrap().options;
    let key = &options["publicKey"];
    assert_eq!(key["rp"]["id"], "soc2.fernhollow.example");
    assert_eq!(key["rp"]["name"], "Fernhollow Labs");
    assert_eq!(key["user"]["name"], "anna@fernhollow.example");
    assert_eq!(key["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(
        key["authenticatorSelection"]["userVerification"],
        "required"
    );
}

#[test]
fn a_registration_is_finished_once_by_whom_started_it() {
    let mut realm = Realm::with_anna();
    realm.add("berta", Role::Owner);
    let begin = || {
        let started = realm
            .entrance
            .start_passkey_registration(&realm.state, &id("anna"), start());
        started.unwrap().ceremony
    };
    let finish = |account: &str, ceremony: &CeremonySecret, at| {
        let answer = registration_answer();
        let entrance = &realm.entrance;
        entrance.finish_passkey_registration(&id(account), ceremony, "Laptop", &answer, after(at))
    };
    let ceremony = begin();
    // The answer is nonsense; after that the ceremony is used up.
    assert!(matches!(
        finish("anna", &ceremony, 1),
        Err(SignInError::Refused(_))
    ));
    assert_eq!(
        finish("anna", &ceremony, 1).unwrap_err(),
        SignInError::Expired
    );
    assert_eq!(
        finish("berta", &begin(), 1).unwrap_err(),
        SignInError::Expired
    );
    assert_eq!(
        finish("anna", &begin(), 600).unwrap_err(),
        SignInError::Expired
    );
    let entrance = &realm.entrance;
    let nameless = entrance.finish_passkey_registration(&id("anna"), &begin(), " ", "{}", start());
    assert!(matches!(nameless, Err(SignInError::Refused(_))));
}

#[test]
fn signing_in_offers_every_key_and_refuses_unknown_ones() {
    let realm = Realm::with_anna();
    let started = realm.entrance.start_passkey_sign_in(start()).unwrap();
    assert_eq!(started.options["mediation"], "conditional");
    assert_eq!(started.options["publicKey"]["userVerification"], "required");
    assert_eq!(
        started.options["publicKey"]["allowCredentials"],
        serde_json::json!([])
    );
    let finish = |answer: &str| {
        let (entrance, ceremony) = (&realm.entrance, &started.ceremony);
        entrance.finish_passkey_sign_in(&realm.state, ceremony, answer, &visitor(), after(1))
    };
    assert!(matches!(finish("nonsense"), Err(SignInError::Refused(_))));
    assert_eq!(finish(&answer("AAAA")), Err(SignInError::Unknown));
    assert_eq!(finish(&answer("AAAA")), Err(SignInError::Expired));
}

#[test]
fn a_ceremony_of_one_kind_does_not_finish_another() {
    let realm = Realm::with_anna();
    let started = realm
        .entrance
        .start_passkey_registration(&realm.state, &id("anna"), start());
    let ceremony = started.unwrap().ceremony;
    let entrance = &realm.entrance;
    let crossed = entrance.finish_passkey_sign_in(
        &realm.state,
        &ceremony,
        &answer("AAAA"),
        &visitor(),
        start(),
    );
    assert_eq!(crossed, Err(SignInError::Expired));
}

#[test]
fn a_sign_in_is_taken_over_by_another_realm_once() {
    let (company, firm) = (Realm::with_anna(), Realm::empty());
    let (company, firm) = (&company.entrance, &firm.entrance);
    let take =
        |ceremony: &CeremonySecret| firm.take_over_passkey_sign_in(company, ceremony, after(1));
    let ceremony = company.start_passkey_sign_in(start()).unwrap().ceremony;
    take(&ceremony).unwrap();
    assert_eq!(take(&ceremony), Err(SignInError::Expired));
    // It goes on there: the key is what is unknown, not the ceremony.
    let state = AccessState::default();
    let finished = |entrance: &Entrance| {
        entrance.finish_passkey_sign_in(&state, &ceremony, &answer("AAAA"), &visitor(), after(2))
    };
    assert_eq!(finished(company), Err(SignInError::Expired));
    assert_eq!(finished(firm), Err(SignInError::Unknown));
    assert_eq!(firm.has_passkey(&answer("AAAA")), Ok(false));
    assert!(firm.has_passkey("nonsense").is_err());
}

#[test]
fn a_passkey_as_second_factor_needs_a_waiting_sign_in() {
    let realm = Realm::with_anna();
    let pending = PendingSecret::new("nonsense");
    let started = realm
        .entrance
        .start_passkey_second_factor(&realm.state, &pending, start());
    assert_eq!(started.unwrap_err(), SignInError::Expired);
    let email = "anna@fernhollow.example";
    let entrance = &realm.entrance;
    let signed_in = entrance.password(&realm.state, email, PASSWORD, &visitor(), start());
    assert!(matches!(signed_in, Ok(SignIn::Complete(_))));
}

#[test]
fn a_handle_is_the_accounts_own_and_stays() {
    assert_eq!(handle(&id("anna")), handle(&id("anna")));
    assert_ne!(handle(&id("anna")), handle(&id("berta")));
    assert!(!handle(&id("anna")).to_string().contains("anna"));
}
