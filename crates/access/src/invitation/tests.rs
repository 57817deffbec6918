//! Links: used once, for a time, by whoever holds them.

use super::*;
use crate::Factor;
use crate::SignIn;
use crate::entrance::testing::{
    PASSWORD, Realm, after, id, profile, record, session, start, visitor,
};
use crate::role::{Role, Side};
use crate::totp::testing::code;

const OTHER: &str = "mosaic lantern quarry thimble";

fn invited() -> (Realm, InvitationSecret) {
    let mut realm = Realm::with_anna();
    let berta = profile("berta", Role::Employee);
    let added = realm
        .state
        .add(Side::Company, &id("berta"), &berta)
        .unwrap();
    record(&mut realm.state, &[added], start());
    let secret = invite(&mut realm, "berta");
    (realm, secret)
}

fn invite(realm: &mut Realm, account: &str) -> InvitationSecret {
    let (change, secret) = realm
        .entrance
        .invite(&realm.state, &id(account), start())
        .unwrap();
    realm.keep(change, start());
    secret
}

fn accept(realm: &Realm, secret: &InvitationSecret, at: i64) -> Result<Admission, SignInError> {
    realm
        .entrance
        .accept_invitation(&realm.state, secret, PASSWORD, &visitor(), after(at))
}

fn admit(realm: &mut Realm, admission: Admission, at: i64) -> Result<SignIn, SignInError> {
    record(&mut realm.state, admission.events(), after(at));
    realm
        .entrance
        .admit(&realm.state, admission, &visitor(), after(at))
}

fn password(realm: &Realm, name: &str, password: &str, at: i64) -> Result<SignIn, SignInError> {
    let email = format!("{name}@fernhollow.example");
    realm
        .entrance
        .password(&realm.state, &email, password, &visitor(), after(at))
}

#[test]
fn an_invitation_is_used_once() {
    let (mut realm, secret) = invited();
    assert_eq!(
        realm.state.account(&id("berta")).unwrap().invited_until,
        Some(after(72 * 3600))
    );
    let kind = realm.entrance.invitation(&secret, after(1)).unwrap();
    assert_eq!(kind, InvitationFor::Account(id("berta")));
    let admission = accept(&realm, &secret, 2).unwrap();
    let again = accept(&realm, &secret, 2).unwrap();
    let kinds: Vec<&str> = admission.events().iter().map(AccessEvent::kind).collect();
    assert_eq!(
        kinds,
        ["access.account_activated/1", "access.credential_changed/1"]
    );
    let session = session(admit(&mut realm, admission, 3).unwrap());
    assert!(
        realm
            .entrance
            .session(&realm.state, &session, after(4))
            .unwrap()
            .is_some()
    );
    // Neither the link nor an admission that was prepared with it works again.
    assert_eq!(
        accept(&realm, &secret, 5).unwrap_err(),
        SignInError::DeadLink
    );
    let raced = realm
        .entrance
        .admit(&realm.state, again, &visitor(), after(5));
    assert_eq!(raced, Err(SignInError::DeadLink));
    let account = realm.state.account(&id("berta")).unwrap();
    assert!(account.is_active() && account.credentials.password);
    password(&realm, "berta", PASSWORD, 6).unwrap();
}

#[test]
fn nothing_happens_before_it_is_recorded() {
    let (realm, secret) = invited();
    let admission = accept(&realm, &secret, 1).unwrap();
    // The state does not hold the events: nobody is let in, the link still works.
    let early = realm
        .entrance
        .admit(&realm.state, admission, &visitor(), after(1));
    assert_eq!(early, Err(SignInError::Unknown));
    assert_eq!(
        password(&realm, "berta", PASSWORD, 2),
        Err(SignInError::WrongPassword)
    );
    drop(accept(&realm, &secret, 3).unwrap());
}

#[test]
fn a_recorded_admission_that_was_not_made_can_be_made_again() {
    let (mut realm, secret) = invited();
    let lost = accept(&realm, &secret, 1).unwrap();
    record(&mut realm.state, lost.events(), after(1));
    drop(lost);
    let admission = accept(&realm, &secret, 2).unwrap();
    session(admit(&mut realm, admission, 2).unwrap());
}

#[test]
fn an_invitation_expires_is_replaced_and_ends_with_the_account() {
    let (mut realm, secret) = invited();
    let lifetime = INVITATION_HOURS * 3600;
    drop(accept(&realm, &secret, lifetime - 1).unwrap());
    assert_eq!(
        accept(&realm, &secret, lifetime).unwrap_err(),
        SignInError::DeadLink
    );
    let newer = invite(&mut realm, "berta");
    assert_eq!(
        accept(&realm, &secret, 1).unwrap_err(),
        SignInError::DeadLink
    );
    drop(accept(&realm, &newer, 1).unwrap());
    let closed = realm.state.close(Side::Company, &id("berta")).unwrap();
    record(&mut realm.state, &[closed], after(2));
    assert_eq!(
        accept(&realm, &newer, 3).unwrap_err(),
        SignInError::DeadLink
    );
    realm.entrance.store().shut_out(&id("berta")).unwrap();
    let gone = realm.entrance.invitation(&newer, after(4));
    assert_eq!(gone, Err(SignInError::DeadLink));
}

#[test]
fn a_weak_password_does_not_use_the_link_up() {
    let (realm, secret) = invited();
    let try_with = |password: &str| {
        let entrance = &realm.entrance;
        entrance.accept_invitation(&realm.state, &secret, password, &visitor(), after(1))
    };
    for weak in ["short", "fernhollowlabs", "berta@fernhollow.example"] {
        assert!(
            matches!(try_with(weak), Err(SignInError::Refused(_))),
            "{weak}"
        );
    }
    drop(try_with(PASSWORD).unwrap());
}

#[test]
fn a_forgotten_password_is_set_anew_and_ends_the_sessions() {
    let mut realm = Realm::with_anna();
    let old = session(password(&realm, "anna", PASSWORD, 1).unwrap());
    let secret = invite(&mut realm, "anna");
    let entrance = &realm.entrance;
    let admission = entrance.accept_invitation(&realm.state, &secret, OTHER, &visitor(), after(2));
    let admission = admission.unwrap();
    assert_eq!(admission.events().len(), 1);
    let new = session(admit(&mut realm, admission, 2).unwrap());
    assert!(
        realm
            .entrance
            .session(&realm.state, &old, after(3))
            .unwrap()
            .is_none()
    );
    assert!(
        realm
            .entrance
            .session(&realm.state, &new, after(3))
            .unwrap()
            .is_some()
    );
    assert_eq!(
        password(&realm, "anna", PASSWORD, 4),
        Err(SignInError::WrongPassword)
    );
    password(&realm, "anna", OTHER, 5).unwrap();
}

#[test]
fn a_link_does_not_go_around_the_second_factor() {
    let mut realm = Realm::with_anna();
    let anna = id("anna");
    let enrolment = realm
        .entrance
        .start_totp(&realm.state, &anna, start())
        .unwrap();
    let first = code(&enrolment.secret, start());
    let change = realm.entrance.confirm_totp(&anna, &first, start()).unwrap();
    realm.keep(change, start());
    let secret = invite(&mut realm, "anna");
    let admission = accept(&realm, &secret, 60).unwrap();
    let SignIn::SecondFactor(pending, _) = admit(&mut realm, admission, 60).unwrap() else {
        panic!("the link alone let someone in");
    };
    let next = code(&enrolment.secret, after(60));
    let factor = Factor::Totp(&next);
    let done = realm
        .entrance
        .second_factor(&realm.state, &pending, factor, &visitor(), after(61));
    done.unwrap();
}

#[test]
fn the_first_owner_sets_the_realm_up_once() {
    let mut realm = Realm::empty();
    let secret = realm.entrance.set_up_link(&realm.state, start()).unwrap();
    assert_eq!(
        realm.entrance.invitation(&secret, after(1)),
        Ok(InvitationFor::SetUp)
    );
    let set_up = |realm: &Realm, email: &str, password: &str| {
        realm
            .entrance
            .set_up(&realm.state, &secret, "Anna", email, password, after(1))
    };
    for (email, password) in [("anna", PASSWORD), ("anna@fernhollow.example", "short")] {
        let refused = set_up(&realm, email, password);
        assert!(
            matches!(refused, Err(SignInError::Refused(_))),
            "{email} {password}"
        );
    }
    // It is no invitation.
    assert_eq!(
        accept(&realm, &secret, 1).unwrap_err(),
        SignInError::DeadLink
    );
    let admission = set_up(&realm, "anna@fernhollow.example", PASSWORD).unwrap();
    let session = session(admit(&mut realm, admission, 1).unwrap());
    let found = realm
        .entrance
        .session(&realm.state, &session, after(2))
        .unwrap()
        .unwrap();
    let owner = realm.state.account(&found.account).unwrap();
    assert_eq!((owner.role, owner.name.as_str()), (Role::Owner, "Anna"));

    let again = set_up(&realm, "mallory@fernhollow.example", PASSWORD);
    assert_eq!(again.unwrap_err(), SignInError::DeadLink);
    let refused = realm
        .entrance
        .set_up_link(&realm.state, after(3))
        .unwrap_err();
    assert_eq!(refused.message, "the realm was set up by Anna");
}

#[test]
fn an_invitation_is_no_set_up_link() {
    let (realm, secret) = invited();
    let entrance = &realm.entrance;
    let refused = entrance.set_up(&realm.state, &secret, "Eve", "eve@b.co", PASSWORD, after(1));
    assert_eq!(refused.unwrap_err(), SignInError::DeadLink);
}
