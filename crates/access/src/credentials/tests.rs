//! Setting up, replacing and removing one's own credentials.

use super::*;
use crate::SignIn;
use crate::entrance::testing::{PASSWORD, Realm, after, id, session, start, visitor};
use crate::totp::testing::code;

const OTHER: &str = "mosaic lantern quarry thimble";

fn sign_in(realm: &Realm, password: &str) -> Result<SignIn, SignInError> {
    let email = "anna@fernhollow.example";
    realm
        .entrance
        .password(&realm.state, email, password, &visitor(), start())
}

fn kinds(change: &Change) -> Vec<String> {
    let body = |event: &AccessEvent| match event {
        AccessEvent::CredentialChanged(body) => format!("{:?} {:?}", body.credential, body.change),
        other => other.kind().to_owned(),
    };
    change.events().iter().map(body).collect()
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let mut realm = Realm::with_anna();
    let other = session(sign_in(&realm, PASSWORD).unwrap());
    let mine = session(sign_in(&realm, PASSWORD).unwrap());
    let asking = realm
        .entrance
        .session(&realm.state, &mine, after(1))
        .unwrap()
        .unwrap();
    let change = |current, new| {
        let password = NewPassword {
            current,
            new,
            session: &asking.id,
        };
        let entrance = &realm.entrance;
        entrance.change_password(&realm.state, &id("anna"), password, &visitor(), after(2))
    };
    assert_eq!(
        change("wrong", OTHER).unwrap_err(),
        SignInError::WrongPassword
    );
    assert!(matches!(
        change(PASSWORD, "short"),
        Err(SignInError::Refused(_))
    ));
    let change = change(PASSWORD, OTHER).unwrap();
    assert_eq!(kinds(&change), ["Password Set"]);
    realm.keep(change, after(2));
    let is_session = |secret| {
        realm
            .entrance
            .session(&realm.state, secret, after(3))
            .unwrap()
            .is_some()
    };
    assert!(is_session(&mine) && !is_session(&other));
    assert_eq!(sign_in(&realm, PASSWORD), Err(SignInError::WrongPassword));
    sign_in(&realm, OTHER).unwrap();
}

#[test]
fn the_old_password_cannot_be_guessed_from_a_session() {
    let realm = Realm::with_anna();
    let mine = session(sign_in(&realm, PASSWORD).unwrap());
    let asking = realm
        .entrance
        .session(&realm.state, &mine, after(1))
        .unwrap()
        .unwrap();
    let guess = || {
        let password = NewPassword {
            current: "wrong",
            new: OTHER,
            session: &asking.id,
        };
        let entrance = &realm.entrance;
        entrance.change_password(&realm.state, &id("anna"), password, &visitor(), after(2))
    };
    for _ in 0..5 {
        assert_eq!(guess().unwrap_err(), SignInError::WrongPassword);
    }
    assert!(matches!(guess(), Err(SignInError::TooManyAttempts { .. })));
}

#[test]
fn an_authenticator_app_counts_once_its_first_code_was_typed() {
    let mut realm = Realm::with_anna();
    let anna = id("anna");
    let confirm =
        |realm: &Realm, code: &str, at| realm.entrance.confirm_totp(&anna, code, after(at));
    assert_eq!(
        confirm(&realm, "123456", 0).unwrap_err(),
        SignInError::Expired
    );
    let enrolment = realm
        .entrance
        .start_totp(&realm.state, &anna, start())
        .unwrap();
    session(sign_in(&realm, PASSWORD).unwrap());
    assert_eq!(
        confirm(&realm, "000000", 0).unwrap_err(),
        SignInError::WrongCode
    );
    let shown = |realm: &Realm, at| {
        let entrance = &realm.entrance;
        entrance.totp_enrolment(&realm.state, &anna, after(at))
    };
    let again = shown(&realm, 1799).unwrap().unwrap();
    assert_eq!(again.secret, enrolment.secret);
    assert_eq!(again.qr_svg, enrolment.qr_svg);
    assert!(shown(&realm, 1800).unwrap().is_none());
    let late = code(&enrolment.secret, after(1800));
    assert_eq!(
        confirm(&realm, &late, 1800).unwrap_err(),
        SignInError::Expired
    );
    let change = confirm(&realm, &code(&enrolment.secret, after(60)), 60).unwrap();
    assert_eq!(kinds(&change), ["Totp Set"]);
    session(sign_in(&realm, PASSWORD).unwrap());
    realm.keep(change, after(60));
    assert!(shown(&realm, 61).unwrap().is_none());
    assert!(matches!(
        sign_in(&realm, PASSWORD),
        Ok(SignIn::SecondFactor(..))
    ));

    let change = realm.entrance.remove_totp(&anna).unwrap();
    assert_eq!(kinds(&change), ["Totp Removed"]);
    realm.keep(change, after(61));
    session(sign_in(&realm, PASSWORD).unwrap());
    assert!(
        realm
            .entrance
            .remove_totp(&anna)
            .unwrap_err()
            .hint
            .is_some()
    );
}

#[test]
fn an_owner_removes_the_second_factors_of_whoever_lost_them() {
    let mut realm = Realm::with_anna();
    let anna = id("anna");
    realm
        .entrance
        .reset_second_factors(&realm.state, &anna)
        .unwrap_err();
    let enrolment = realm
        .entrance
        .start_totp(&realm.state, &anna, start())
        .unwrap();
    let first = code(&enrolment.secret, start());
    let change = realm.entrance.confirm_totp(&anna, &first, start()).unwrap();
    realm.keep(change, start());
    let (change, _) = realm.entrance.make_recovery_codes(&anna);
    realm.keep(change, start());
    let change = realm
        .entrance
        .reset_second_factors(&realm.state, &anna)
        .unwrap();
    assert_eq!(kinds(&change), ["Totp Removed", "RecoveryCodes Removed"]);
    realm.keep(change, after(1));
    session(sign_in(&realm, PASSWORD).unwrap());
    assert_eq!(
        realm.entrance.store().recovery_codes_left(&anna).unwrap(),
        0
    );
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let realm = Realm::with_anna();
    let anna = id("anna");
    let passkey = "p1".parse().unwrap();
    for refused in [
        realm.entrance.remove_totp(&anna),
        realm.entrance.remove_passkey(&anna, &passkey),
        realm.entrance.unlink_single_sign_on(&anna),
    ] {
        let problem = refused.unwrap_err();
        assert!(problem.message.starts_with("there is no "), "{problem}");
    }
}
