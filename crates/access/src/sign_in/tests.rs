//! The way in with a password and a second factor, and everything that is not a
//! way in.

use super::*;
use crate::Secret;
use crate::entrance::testing::{
    PASSWORD, Realm, after, id, profile, record, session, start, visitor,
};
use crate::role::{Role, Side};
use crate::totp::testing::code;

fn tries(realm: &Realm, email: &str, password: &str, at: i64) -> Result<SignIn, SignInError> {
    // Each attempt from an address of its own: only the account counts here.
    let mut visitor = visitor();
    visitor.address =
        std::net::Ipv4Addr::from_bits(0x0A00_0000 + u32::try_from(at).unwrap()).into();
    realm
        .entrance
        .password(&realm.state, email, password, &visitor, after(at))
}

const ANNA: &str = "anna@fernhollow.example";

/// Sets an authenticator app up, whose first code is used at the start.
fn with_totp(realm: &mut Realm) -> Secret {
    let anna = id("anna");
    let enrolment = realm
        .entrance
        .start_totp(&realm.state, &anna, start())
        .unwrap();
    let first = code(&enrolment.secret, start());
    let change = realm.entrance.confirm_totp(&anna, &first, start()).unwrap();
    realm.keep(change, start());
    enrolment.secret
}

fn recovery_codes(realm: &mut Realm) -> Vec<Secret> {
    let (change, codes) = realm.entrance.make_recovery_codes(&id("anna"));
    realm.keep(change, start());
    codes
}

fn pending(sign_in: SignIn) -> (PendingSecret, Vec<FactorKind>) {
    match sign_in {
        SignIn::SecondFactor(pending, kinds) => (pending, kinds),
        SignIn::Complete(_) => panic!("no second factor is due"),
    }
}

fn second(
    realm: &Realm,
    pending: &PendingSecret,
    factor: Factor<'_>,
    at: i64,
) -> Result<SessionSecret, SignInError> {
    let mut visitor = visitor();
    visitor.address =
        std::net::Ipv4Addr::from_bits(0x0B00_0000 + u32::try_from(at).unwrap()).into();
    realm
        .entrance
        .second_factor(&realm.state, pending, factor, &visitor, after(at))
}

#[test]
fn a_right_password_signs_in() {
    let realm = Realm::with_anna();
    let secret = session(tries(&realm, " ANNA@fernhollow.example", PASSWORD, 1).unwrap());
    let found = realm
        .entrance
        .session(&realm.state, &secret, after(2))
        .unwrap()
        .unwrap();
    assert_eq!(found.account, id("anna"));
    assert_eq!(found.methods, [Method::Password]);
    assert_eq!(
        (found.address.as_str(), found.user_agent.as_str()),
        ("10.0.0.1", "Firefox")
    );
    assert!(!found.is_multi_factor());
}

#[test]
fn a_guesser_learns_nothing() {
    let mut realm = Realm::with_anna();
    realm.add("berta", Role::Owner);
    let closed = realm.state.close(Side::Company, &id("berta")).unwrap();
    let carla = profile("carla", Role::Staff);
    let invited = realm
        .state
        .add(Side::Company, &id("carla"), &carla)
        .unwrap();
    record(&mut realm.state, &[closed, invited], start());
    for (email, password) in [
        (ANNA, "wrong horse battery staple"),
        ("nobody@fernhollow.example", PASSWORD),
        ("berta@fernhollow.example", PASSWORD),
        ("carla@fernhollow.example", PASSWORD),
        ("", ""),
    ] {
        assert_eq!(
            tries(&realm, email, password, 1),
            Err(SignInError::WrongPassword),
            "{email}"
        );
    }
    // Nor from how often: an address that is nobody's is locked alike.
    for email in [ANNA, "nobody@fernhollow.example"] {
        for _ in 0..4 {
            assert_eq!(
                tries(&realm, email, "wrong", 2),
                Err(SignInError::WrongPassword)
            );
        }
        let wait = SignedDuration::from_secs(60);
        let locked = Err(SignInError::TooManyAttempts { wait });
        assert_eq!(tries(&realm, email, PASSWORD, 2), locked, "{email}");
    }
}

#[test]
fn failures_lock_for_longer_each_time_and_success_forgets_them() {
    let realm = Realm::with_anna();
    let wrong = |at| tries(&realm, ANNA, "wrong", at);
    let locked = |at, seconds| {
        let wait = SignedDuration::from_secs(seconds);
        assert_eq!(
            tries(&realm, ANNA, PASSWORD, at),
            Err(SignInError::TooManyAttempts { wait })
        );
    };
    for _ in 0..5 {
        assert_eq!(wrong(0), Err(SignInError::WrongPassword));
    }
    locked(0, 60);
    locked(59, 1);
    assert_eq!(wrong(60), Err(SignInError::WrongPassword));
    locked(61, 119);
    locked(179, 1);
    session(tries(&realm, ANNA, PASSWORD, 180).unwrap());
    for _ in 0..4 {
        assert_eq!(wrong(181), Err(SignInError::WrongPassword));
    }
    session(tries(&realm, ANNA, PASSWORD, 182).unwrap());
}

#[test]
fn an_address_makes_thirty_attempts_a_minute() {
    let realm = Realm::with_anna();
    let try_as = |n: usize| {
        let email = format!("guess-{n}@fernhollow.example");
        realm
            .entrance
            .password(&realm.state, &email, PASSWORD, &visitor(), start())
    };
    for n in 0..30 {
        assert_eq!(try_as(n), Err(SignInError::WrongPassword));
    }
    assert!(matches!(
        try_as(30),
        Err(SignInError::TooManyAttempts { .. })
    ));
}

#[test]
fn a_second_factor_that_is_set_up_is_asked_for() {
    let mut realm = Realm::with_anna();
    let secret = with_totp(&mut realm);
    let (waiting, kinds) = pending(tries(&realm, ANNA, PASSWORD, 60).unwrap());
    assert_eq!(kinds, [FactorKind::Totp]);
    let awaited = |at| {
        let entrance = &realm.entrance;
        entrance.awaited_factors(&realm.state, &waiting, after(at))
    };
    assert_eq!(awaited(61), Ok(kinds));
    assert_eq!(awaited(660), Err(SignInError::Expired));
    assert_eq!(
        second(&realm, &waiting, Factor::Totp("000000"), 60),
        Err(SignInError::WrongCode)
    );
    let now = code(&secret, after(60));
    let session = second(&realm, &waiting, Factor::Totp(&now), 61).unwrap();
    let found = realm
        .entrance
        .session(&realm.state, &session, after(62))
        .unwrap()
        .unwrap();
    assert_eq!(found.methods, [Method::Password, Method::Totp]);
    assert!(found.is_multi_factor());
    // The waiting sign-in was used up.
    let next = code(&secret, after(90));
    assert_eq!(
        second(&realm, &waiting, Factor::Totp(&next), 90),
        Err(SignInError::Expired)
    );
}

#[test]
fn a_code_is_used_once() {
    let mut realm = Realm::with_anna();
    let secret = with_totp(&mut realm);
    let sign_in = |code: &str, at| {
        let (waiting, _) = pending(tries(&realm, ANNA, PASSWORD, at).unwrap());
        second(&realm, &waiting, Factor::Totp(code), at).map(|_| ())
    };
    // The one that confirmed the app counts as used.
    assert_eq!(
        sign_in(&code(&secret, start()), 1),
        Err(SignInError::WrongCode)
    );
    let now = code(&secret, after(60));
    assert_eq!(sign_in(&now, 60), Ok(()));
    assert_eq!(sign_in(&now, 62), Err(SignInError::WrongCode));
    // Nor one from before, though its time is not over.
    assert_eq!(
        sign_in(&code(&secret, after(30)), 63),
        Err(SignInError::WrongCode)
    );
    assert_eq!(sign_in(&code(&secret, after(90)), 64), Ok(()));
}

#[test]
fn a_recovery_code_is_used_once_and_stands_in_for_another_factor_only() {
    let mut realm = Realm::with_anna();
    let codes = recovery_codes(&mut realm);
    session(tries(&realm, ANNA, PASSWORD, 1).unwrap());
    with_totp(&mut realm);
    let sign_in = |code: &Secret, at| {
        let (waiting, kinds) = pending(tries(&realm, ANNA, PASSWORD, at).unwrap());
        assert_eq!(kinds, [FactorKind::Totp, FactorKind::RecoveryCode]);
        second(&realm, &waiting, Factor::RecoveryCode(code.reveal()), at).map(|_| ())
    };
    assert_eq!(sign_in(&codes[0], 2), Ok(()));
    assert_eq!(sign_in(&codes[0], 3), Err(SignInError::WrongCode));
    assert_eq!(sign_in(&codes[1], 4), Ok(()));
    let left = realm.entrance.store().recovery_codes_left(&id("anna"));
    assert_eq!(left.unwrap(), 8);
}

#[test]
fn new_recovery_codes_replace_the_old() {
    let mut realm = Realm::with_anna();
    with_totp(&mut realm);
    let old = recovery_codes(&mut realm);
    let new = recovery_codes(&mut realm);
    let (waiting, _) = pending(tries(&realm, ANNA, PASSWORD, 1).unwrap());
    let use_code = |code: &Secret| second(&realm, &waiting, Factor::RecoveryCode(code.reveal()), 1);
    assert_eq!(use_code(&old[0]), Err(SignInError::WrongCode));
    use_code(&new[0]).unwrap();
}

#[test]
fn codes_cannot_be_guessed_by_signing_in_anew() {
    let mut realm = Realm::with_anna();
    with_totp(&mut realm);
    let guess = |at| {
        let (waiting, _) = pending(tries(&realm, ANNA, PASSWORD, at).unwrap());
        second(&realm, &waiting, Factor::Totp("000000"), at)
    };
    for at in 0..5 {
        assert_eq!(guess(at), Err(SignInError::WrongCode));
    }
    // The password was right each time; the codes are locked all the same.
    let wait = SignedDuration::from_secs(59);
    assert_eq!(guess(5), Err(SignInError::TooManyAttempts { wait }));
}

#[test]
fn a_right_code_forgets_the_wrong_ones() {
    let mut realm = Realm::with_anna();
    let secret = with_totp(&mut realm);
    for round in [60, 120] {
        let (waiting, _) = pending(tries(&realm, ANNA, PASSWORD, round).unwrap());
        for _ in 0..4 {
            let wrong = second(&realm, &waiting, Factor::Totp("000000"), round);
            assert_eq!(wrong, Err(SignInError::WrongCode));
        }
        let now = code(&secret, after(round));
        second(&realm, &waiting, Factor::Totp(&now), round).unwrap();
    }
}

#[test]
fn a_waiting_sign_in_ends_after_ten_minutes_and_with_the_account() {
    let mut realm = Realm::with_anna();
    let secret = with_totp(&mut realm);
    realm.add("berta", Role::Owner);
    let (waiting, _) = pending(tries(&realm, ANNA, PASSWORD, 0).unwrap());
    let late = code(&secret, after(600));
    assert_eq!(
        second(&realm, &waiting, Factor::Totp(&late), 600),
        Err(SignInError::Expired)
    );
    let unknown = PendingSecret::new("nonsense");
    assert_eq!(
        second(&realm, &unknown, Factor::Totp(&late), 600),
        Err(SignInError::Expired)
    );

    let (waiting, _) = pending(tries(&realm, ANNA, PASSWORD, 600).unwrap());
    let closed = realm.state.close(Side::Company, &id("anna")).unwrap();
    record(&mut realm.state, &[closed], after(601));
    assert_eq!(
        second(&realm, &waiting, Factor::Totp(&late), 602),
        Err(SignInError::Expired)
    );
}

#[test]
fn an_error_tells_the_person_what_to_do() {
    let errors = [
        SignInError::WrongPassword,
        SignInError::WrongCode,
        SignInError::WrongToken,
        SignInError::Unknown,
        SignInError::Expired,
        SignInError::DeadLink,
        SignInError::TooManyAttempts {
            wait: SignedDuration::from_secs(61),
        },
        SignInError::Refused(
            Problem::new("the password is too easy to guess").hint("choose another"),
        ),
    ];
    let lines: Vec<String> = errors.iter().map(|it| it.problem().to_string()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    error: the e-mail address or the password is wrong
    hint: try again; an owner can send a new link to whoever forgot the password
    error: the code is wrong or was used already
    hint: wait for the next code of the app, or use a recovery code
    error: the API token is not valid
    hint: issue a new one under your account
    error: nobody here can sign in with that
    hint: sign in in another way, or ask an owner for an invitation
    error: the sign-in took too long
    hint: start again
    error: the link is no longer valid
    hint: ask whoever sent it for a new one
    error: too many attempts
    hint: wait 2 min, then try again
    error: the password is too easy to guess
    hint: choose another
    "#);
}

#[test]
fn debug_shows_no_secret() {
    let mut realm = Realm::with_anna();
    with_totp(&mut realm);
    let sign_in = tries(&realm, ANNA, PASSWORD, 1).unwrap();
    let (waiting, _) = pending(sign_in.clone());
    let codes = realm.entrance.make_recovery_codes(&id("anna"));
    let shown = format!(
        "{sign_in:?} {:?} {codes:?} {:?} {:?}",
        Factor::Totp("123456"),
        realm.entrance,
        realm.entrance.store(),
    );
    for secret in [waiting.reveal(), "123456", codes.1[0].reveal()] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(!shown.contains(&format!("{:?}", waiting.digest())));
}
