//! Whose account an identity is.

use super::*;
use crate::SignIn;
use crate::entrance::testing::{Realm, after, id, profile, record, session, start, visitor};
use crate::role::{Role, Side};

const ANNA: &str = "anna@fernhollow.example";

fn identity(subject: &str, email: Option<&str>) -> Identity {
    Identity {
        issuer: "https://login.example.com".to_owned(),
        subject: subject.to_owned(),
        verified_email: email.map(str::to_owned),
    }
}

fn admitted(realm: &mut Realm, identity: &Identity) -> Result<(SignIn, Vec<String>), SignInError> {
    let admission = realm.entrance.single_sign_on(&realm.state, identity)?;
    record(&mut realm.state, admission.events(), start());
    let kinds = admission
        .events()
        .iter()
        .map(|event| event.kind().to_owned());
    let kinds = kinds.collect();
    let sign_in = realm
        .entrance
        .admit(&realm.state, admission, &visitor(), start())?;
    Ok((sign_in, kinds))
}

#[test]
fn a_verified_address_links_and_the_link_stays_when_the_address_goes() {
    let mut realm = Realm::with_anna();
    let nobody = identity("s1", None);
    assert_eq!(
        admitted(&mut realm, &nobody).unwrap_err(),
        SignInError::Unknown
    );
    let (sign_in, kinds) = admitted(&mut realm, &identity("s1", Some(ANNA))).unwrap();
    assert_eq!(kinds, ["access.credential_changed/1"]);
    let session = session(sign_in);
    let found = realm
        .entrance
        .session(&realm.state, &session, after(1))
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.account, found.methods),
        (id("anna"), vec![Method::SingleSignOn])
    );
    for email in [None, Some("married@fernhollow.example")] {
        let (_, kinds) = admitted(&mut realm, &identity("s1", email)).unwrap();
        assert_eq!(kinds, [""; 0]);
    }
    assert!(
        realm
            .state
            .account(&id("anna"))
            .unwrap()
            .credentials
            .single_sign_on
    );
}

#[test]
fn an_address_that_moved_on_to_someone_else_is_not_theirs() {
    let mut realm = Realm::with_anna();
    admitted(&mut realm, &identity("s1", Some(ANNA))).unwrap();
    let other = identity("s2", Some(ANNA));
    assert_eq!(
        admitted(&mut realm, &other).unwrap_err(),
        SignInError::Unknown
    );
    let change = realm.entrance.unlink_single_sign_on(&id("anna")).unwrap();
    realm.keep(change, start());
    admitted(&mut realm, &other).unwrap();
}

#[test]
fn an_invited_person_comes_in_and_a_closed_one_does_not() {
    let mut realm = Realm::with_anna();
    let berta = profile("berta", Role::Employee);
    let added = realm
        .state
        .add(Side::Company, &id("berta"), &berta)
        .unwrap();
    record(&mut realm.state, &[added], start());
    let berta = identity("s2", Some("Berta@fernhollow.example"));
    let (_, kinds) = admitted(&mut realm, &berta).unwrap();
    assert_eq!(
        kinds,
        ["access.account_activated/1", "access.credential_changed/1"]
    );
    let closed = realm.state.close(Side::Company, &id("berta")).unwrap();
    record(&mut realm.state, &[closed], start());
    assert_eq!(
        admitted(&mut realm, &berta).unwrap_err(),
        SignInError::Unknown
    );
}
