//! Single sign-on against a provider that runs in the test, honest or not.

mod provider;

use provider::{Provider, Says};

use super::*;
use crate::entrance::testing::{Realm, after, start};

const ANNA: &str = "anna@fernhollow.example";

fn config(issuer: &str) -> SsoConfig {
    SsoConfig {
        issuer: issuer.to_owned(),
        client_id: provider::CLIENT.to_owned(),
        client_secret: Secret::new(provider::SECRET),
        redirect: Url::parse("https://soc2.fernhollow.example/sign-in/sso/callback").unwrap(),
    }
}

fn wait_for<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

/// Goes to the provider and back, and changes what the browser brings.
fn round_trip(
    provider: &Provider,
    tamper: impl FnOnce(&mut SsoCallback),
) -> Result<Identity, SignInError> {
    prompted_round_trip(provider, Prompt::IfUnknown, tamper)
}

fn prompted_round_trip(
    provider: &Provider,
    prompt: Prompt,
    tamper: impl FnOnce(&mut SsoCallback),
) -> Result<Identity, SignInError> {
    let realm = Realm::with_anna();
    let sso = Sso::new(config(&provider.issuer)).unwrap();
    wait_for(async {
        let started = realm.entrance.start_single_sign_on(&sso, prompt, start());
        let (url, ceremony) = started.await?;
        let mut callback = provider.authorize(&url);
        tamper(&mut callback);
        let entrance = &realm.entrance;
        let identity = entrance
            .finish_single_sign_on(&sso, &ceremony, &callback, after(5))
            .await;
        let again = entrance
            .finish_single_sign_on(&sso, &ceremony, &callback, after(6))
            .await;
        assert_eq!(again, Err(SignInError::Expired));
        identity
    })
}

#[test]
fn an_honest_provider_says_who_someone_is() {
    let provider = Provider::start(Says::default());
    let identity = round_trip(&provider, |_| ()).unwrap();
    let expected = Identity {
        issuer: provider.issuer.clone(),
        subject: "248289761001".to_owned(),
        verified_email: Some(ANNA.to_owned()),
    };
    assert_eq!(identity, expected);
}

#[test]
fn the_browser_is_sent_with_everything_that_protects_the_way_back() {
    let provider = Provider::start(Says::default());
    let realm = Realm::with_anna();
    let sso = Sso::new(config(&provider.issuer)).unwrap();
    let started = wait_for(
        realm
            .entrance
            .start_single_sign_on(&sso, Prompt::IfUnknown, start()),
    );
    let (url, _) = started.unwrap();
    let asked = |name: &str| provider::parameter(&url, name).unwrap_or_default();
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("client_id"), provider::CLIENT);
    assert_eq!(asked("redirect_uri"), sso.config.redirect.as_str());
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("scope"), "openid email profile");
    assert_eq!((asked("prompt"), asked("max_age")), Default::default());
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked(random).len(), 43, "{random}");
    }
    assert!(!url.as_str().contains(provider::SECRET));
}

/// What a provider does otherwise than an honest one.
type Lie = fn(&mut Says);

fn lying(lie: Lie) -> Provider {
    let mut says = Says::default();
    lie(&mut says);
    Provider::start(says)
}

#[test]
fn an_address_counts_only_when_it_is_verified() {
    let cases: [(Lie, Option<&str>); 4] = [
        (|it| it.verified = Some(false), None),
        (|it| it.verified = None, None),
        (|it| it.in_token = false, Some(ANNA)),
        (|it| (it.in_token, it.verified) = (false, Some(false)), None),
    ];
    for (lie, expected) in cases {
        let identity = round_trip(&lying(lie), |_| ()).unwrap();
        assert_eq!(identity.verified_email.as_deref(), expected);
    }
}

#[test]
fn who_has_to_prove_themselves_anew_is_asked_anew() {
    for (asked_at, is_in) in [
        (Some(0), true),
        (Some(-655), true),
        (Some(-656), false),
        (None, false),
    ] {
        let provider = Provider::start(Says {
            asked_at,
            ..Says::default()
        });
        let back = prompted_round_trip(&provider, Prompt::Always, |_| ());
        assert_eq!(back.is_ok(), is_in, "{asked_at:?}: {back:?}");
        round_trip(&provider, |_| ()).unwrap();
    }
    let provider = Provider::start(Says::default());
    let sso = Sso::new(config(&provider.issuer)).unwrap();
    let realm = Realm::with_anna();
    let started = realm
        .entrance
        .start_single_sign_on(&sso, Prompt::Always, start());
    let (url, _) = wait_for(started).unwrap();
    assert_eq!(
        provider::parameter(&url, "prompt").as_deref(),
        Some("login")
    );
    assert_eq!(provider::parameter(&url, "max_age").as_deref(), Some("660"));
}

/// Why the answer of a provider was refused.
fn refusal(provider: &Provider, tamper: impl FnOnce(&mut SsoCallback)) -> String {
    let refused = round_trip(provider, tamper);
    let Err(SignInError::Refused(problem)) = refused else {
        panic!("{refused:?}");
    };
    let causes = problem
        .causes
        .join("; ")
        .replace(&provider.issuer, "ISSUER");
    // The list of algorithms after it has no order.
    causes.split(" is not one of").take(1).collect()
}

#[test]
fn a_token_that_cannot_be_trusted_is_refused() {
    let lies: [Lie; 7] = [
        |it| it.issuer = Some("https://evil.example"),
        |it| it.audience = "another",
        |it| it.nonce = Some("old"),
        |it| it.expires = 4,
        |it| it.is_shared_key = true,
        |it| it.is_other_key = true,
        |it| it.is_other_access = true,
    ];
    let causes = lies.map(|lie| refusal(&lying(lie), |_| ()));
    insta::assert_snapshot!(causes.join("\n"), @r#"
    Invalid issuer: expected `ISSUER` (found `https://evil.example`)
    Invalid audiences: must contain `tickmark` (found audiences: `another`)
    Invalid nonce: nonce mismatch
    Expired: ID token expired at 2026-03-02 09:00:04 UTC (current time is 2026-03-02 09:00:05 UTC)
    Signature verification failed: Disallowed signature algorithm: algorithm `HS256`
    Signature verification failed: Crypto error: incorrect EdDSA signature
    the access token belongs to another identity token
    "#);
}

#[test]
fn a_callback_that_answers_something_else_is_refused() {
    let honest = || Provider::start(Says::default());
    let says_iss = lying(|it| it.says_iss = true);
    let causes = [
        refusal(&honest(), |it| it.state = Some("other".into())),
        refusal(&honest(), |it| it.state = None),
        refusal(&honest(), |it| it.iss = Some("https://evil.example".into())),
        refusal(&says_iss, |it| it.iss = None),
        refusal(&honest(), |it| it.code = None),
        refusal(&honest(), |it| it.error = Some("access_denied".into())),
    ];
    insta::assert_snapshot!(causes.join("\n"), @r#"
    what the browser brought back answers another question
    what the browser brought back answers another question
    what the browser brought back answers another question
    what the browser brought back answers another question
    it sent no code
    access_denied
    "#);
    round_trip(&says_iss, |it| it.iss = Some(says_iss.issuer.clone())).unwrap();
}

#[test]
fn no_redirect_is_followed_and_a_failure_is_nobodys_fault() {
    let redirecting = lying(|it| it.is_redirecting = true);
    let wrong_code = |it: &mut SsoCallback| it.code = Some("stolen".into());
    for failed in [
        round_trip(&redirecting, |_| ()),
        round_trip(&Provider::start(Says::default()), wrong_code),
    ] {
        let Err(SignInError::Failed(problem)) = failed else {
            panic!("{failed:?}");
        };
        assert!(!problem.to_string().contains(provider::SECRET), "{problem}");
    }
    let asked = redirecting.paths.lock().unwrap().clone();
    assert_eq!(
        asked.last().map(String::as_str),
        Some("/token"),
        "{asked:?}"
    );
    let sso = Sso::new(config("http://127.0.0.1:9")).unwrap();
    let realm = Realm::with_anna();
    let unreachable = wait_for(realm.entrance.start_single_sign_on(
        &sso,
        Prompt::IfUnknown,
        start(),
    ));
    assert!(unreachable.unwrap_err().message.ends_with("failed"));
}

#[test]
fn an_issuer_is_asked_over_tls() {
    for bad in [
        "http://login.example.com",
        "login.example.com",
        "ftp://login.example.com",
    ] {
        assert!(Sso::new(config(bad)).unwrap_err().hint.is_some(), "{bad}");
    }
    // On this machine nobody is in between.
    for good in [
        "http://127.0.0.1:9000",
        "http://localhost:9000",
        "http://[::1]:9000",
    ] {
        Sso::check_issuer(good).unwrap();
    }
    let sso = Sso::new(config("https://login.example.com")).unwrap();
    assert!(!format!("{sso:?}").contains(provider::SECRET));
}
