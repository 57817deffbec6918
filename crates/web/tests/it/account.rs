//! One's own account: what is changed there is in the ledger under one's own
//! name, soon after signing in only; a stranger learns nothing on the way in.

use axum::http::{Method, StatusCode};
use tickmark_access::{AccountId, Role, Side};
use totp_rs::Builder;

use crate::world::{Told, World, form};

const PASSWORD: &str = "verdant kestrel ottoman plinth";

async fn post(world: &World, path: &str, cookie: &str, text: &str) -> Told {
    world.send(Method::POST, path, cookie, form(text)).await
}

async fn post_json(world: &World, path: &str, cookie: &str, text: &str) -> Told {
    let body = ("application/json".to_owned(), text.as_bytes().to_vec());
    world.send(Method::POST, path, cookie, body).await
}

fn owner() -> AccountId {
    "owner".parse().unwrap()
}

/// What the app that the owner, or someone else, is setting up shows now.
fn code(world: &World) -> String {
    code_of(world, &owner())
}

fn code_of(world: &World, account: &AccountId) -> String {
    let now = world.now();
    let enrolment = world.app.with_access(Side::Company, |state, entrance| {
        entrance.totp_enrolment(state, account, now)
    });
    let secret = enrolment.unwrap().unwrap().unwrap().secret;
    let secret = totp_rs::Secret::try_from_base32(secret.reveal()).unwrap();
    let app = Builder::new()
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .unwrap();
    let seconds = u64::try_from(now.as_second()).unwrap();
    app.generate(seconds).to_string()
}

/// The text of the first element with this id.
fn text_of<'b>(body: &'b str, id: &str) -> &'b str {
    let (_, after) = body.split_once(&format!("id=\"{id}\"")).unwrap();
    let (_, text) = after.split_once('>').unwrap();
    text.split_once('<').unwrap().0
}

/// The owner did it, and the ledger of the company says so.
fn expect_recorded(world: &World, before: (u64, u64)) {
    assert_eq!(world.actors_since(before), ["owner"]);
}

#[tokio::test]
async fn an_authenticator_app_counts_once_it_showed_a_code() {
    let world = World::new();
    let cookie = world.sign_in(Role::Owner).await;
    let before = world.sizes();
    let app = "/account/security/app";
    assert_eq!(
        world.get(app, &cookie).await.location,
        "/account/security",
        "nothing was started"
    );
    let told = post(&world, app, &cookie, "").await;
    assert_eq!(told.location, app);
    let page = world.get(app, &cookie).await.body;
    assert!(page.contains("<svg"), "{page}");
    let secret = text_of(&page, "secret").to_owned();

    let code = code(&world);
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let told = post(
        &world,
        "/account/security/app/confirm",
        &cookie,
        &format!("code={wrong}"),
    )
    .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(text_of(&told.body, "secret"), secret);
    assert_eq!(world.sizes(), before);

    let told = post(
        &world,
        "/account/security/app/confirm",
        &cookie,
        &format!("code={code}"),
    )
    .await;
    assert_eq!(told.location, "/account/security?done=app", "{}", told.body);
    expect_recorded(&world, before);
    assert!(
        !world.get(app, &cookie).await.body.contains(&secret),
        "the secret is not shown again"
    );

    let before = world.sizes();
    let told = post(&world, "/account/security/app/remove", &cookie, "").await;
    assert_eq!(told.location, "/account/security?done=app-removed");
    expect_recorded(&world, before);
}

#[tokio::test]
async fn who_lost_their_second_factor_gets_help_of_an_owner() {
    let world = World::new();
    let manager: AccountId = "compliance-manager".parse().unwrap();
    let cookie = world.sign_in(Role::ComplianceManager).await;
    post(&world, "/account/security/app", &cookie, "").await;
    let typed = format!("code={}", code_of(&world, &manager));
    post(&world, "/account/security/app/confirm", &cookie, &typed).await;
    let (reset, owner) = (
        format!("/settings/people/{manager}/reset"),
        world.sign_in(Role::Owner).await,
    );
    assert!(world.get("/settings", &owner).await.body.contains(&reset));
    let before = world.sizes();
    let told = post(&world, &reset, &owner, "").await;
    assert_eq!(told.location, "/settings", "{}", told.body);
    expect_recorded(&world, before);
    assert!(!world.get("/settings", &owner).await.body.contains(&reset));
    let ended = world.get("/account", &cookie).await;
    assert!(ended.location.starts_with("/sign-in"), "{}", ended.body);
}

#[tokio::test]
async fn recovery_codes_are_shown_once() {
    let world = World::new();
    let cookie = world.sign_in(Role::Owner).await;
    let before = world.sizes();
    let told = post(&world, "/account/security/codes", &cookie, "").await;
    let codes: Vec<String> = text_of(&told.body, "codes")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10);
    expect_recorded(&world, before);
    let page = world.get("/account/security", &cookie).await.body;
    assert!(page.contains("10 left"), "{page}");
    assert!(codes.iter().all(|it| !page.contains(it.as_str())));
}

#[tokio::test]
async fn a_token_is_shown_once_and_revoked_by_its_owner_alone() {
    let world = World::new();
    let cookie = world.sign_in(Role::Owner).await;
    let tokens = "/account/tokens";
    let before = world.sizes();
    for (typed, told_of) in [
        ("title=Export&days=30", "a token without a scope"),
        ("title=&scopes=read&days=30", "what the token is for"),
        ("title=Export&scopes=read&days=0", "from 1 to 366 days"),
        ("title=Export&scopes=everything&days=30", "everything"),
    ] {
        let told = post(&world, tokens, &cookie, typed).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(told.body.contains(told_of), "{typed}: {}", told.body);
    }
    assert_eq!(world.sizes(), before);

    let typed = "title=Nightly+export&scopes=read&scopes=write_evidence&days=30";
    let told = post(&world, tokens, &cookie, typed).await;
    let secret = text_of(&told.body, "token").to_owned();
    assert!(secret.starts_with("tmk_"), "{secret}");
    expect_recorded(&world, before);
    let page = world.get(tokens, &cookie).await.body;
    assert!(page.contains("Nightly export") && page.contains("Hand in evidence"));
    assert!(!page.contains(&secret));

    let (_, revoke) = page.split_once("action=\"/account/tokens/").unwrap();
    let revoke = format!("/account/tokens/{}", revoke.split_once('"').unwrap().0);
    let other = world.sign_in(Role::ComplianceManager).await;
    let (before, theirs) = (world.sizes(), post(&world, &revoke, &other, "").await);
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert!(!world.get(tokens, &other).await.body.contains("Nightly"));
    assert_eq!(world.sizes(), before);
    let told = post(&world, &revoke, &cookie, "").await;
    assert_eq!(told.location, tokens);
    expect_recorded(&world, before);
    let page = world.get(tokens, &cookie).await.body;
    assert!(page.contains("Revoked") && !page.contains(&revoke));
}

#[tokio::test]
async fn who_answers_for_access_revokes_anyones_token() {
    let world = World::new();
    let lead = world.sign_in(Role::ComplianceManager).await;
    let owner = world.sign_in(Role::Owner).await;
    let typed = "title=Nightly+export&scopes=read&days=30";
    post(&world, "/account/tokens", &lead, typed).await;
    let page = world.get("/settings", &owner).await.body;
    assert!(page.contains("Nightly export") && page.contains("1 in force"));
    let (_, revoke) = page.split_once("action=\"/settings/tokens/").unwrap();
    let revoke = format!("/settings/tokens/{}", revoke.split_once('"').unwrap().0);
    let before = world.sizes();
    let told = post(&world, &revoke, &lead, "").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert_eq!(world.sizes(), before);
    let told = post(&world, &revoke, &owner, "").await;
    assert_eq!(told.location, "/settings");
    expect_recorded(&world, before);
    let page = world.get("/account/tokens", &lead).await.body;
    assert!(page.contains("Revoked"), "{page}");
}

#[tokio::test]
async fn what_a_role_may_do_is_what_the_policies_say() {
    let world = World::new();
    let owner = world.sign_in(Role::Owner).await;
    let page = world.get("/settings/roles", &owner).await.body;
    let (_, row) = page.split_once("<td>Hand in a document</td>").unwrap();
    let row = row.split_once("</tr>").unwrap().0;
    let cells: Vec<&str> = row.split("</td>").filter(|it| !it.is_empty()).collect();
    let told: Vec<&str> = cells
        .iter()
        .map(|cell| {
            ["own controls", ">yes<", ">no<"]
                .into_iter()
                .find(|word| cell.contains(word))
                .unwrap_or(cell)
        })
        .collect();
    // Owner, compliance manager, control owner, employee, reader; then guests.
    let expected = [
        ">yes<",
        ">yes<",
        "own controls",
        ">no<",
        ">no<",
        ">no<",
        ">no<",
        ">no<",
    ];
    assert_eq!(told, expected, "{row}");
}

#[tokio::test]
async fn who_signed_in_a_while_ago_shows_anew_who_they_are() {
    let world = World::new();
    let cookie = world.sign_in(Role::Owner).await;
    post(&world, "/account/security/app", &cookie, "").await;
    let (code, before) = (code(&world), world.sizes());
    world.pass(15);
    for (path, typed) in [
        ("/account/security/password", format!("new={PASSWORD}")),
        ("/account/security/codes", String::new()),
        ("/account/security/unlink", String::new()),
        ("/account/security/app", String::new()),
        ("/account/security/app/confirm", format!("code={code}")),
        ("/account/security/app/remove", String::new()),
        ("/account/security/passkeys/none/remove", String::new()),
        (
            "/account/tokens",
            "title=Export&scopes=read&days=30".to_owned(),
        ),
    ] {
        let told = post(&world, path, &cookie, &typed).await;
        assert!(
            told.location.starts_with("/account/confirm?to="),
            "{path}: {} {}",
            told.status,
            told.body
        );
    }
    for (path, typed) in [
        ("/account/security/passkeys/start", "{}"),
        (
            "/account/security/passkeys",
            r#"{"label":"Key","credential":{}}"#,
        ),
    ] {
        let told = post_json(&world, path, &cookie, typed).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(told.body.contains("15 minutes ago"), "{}", told.body);
    }
    assert_eq!(world.sizes(), before);
    let page = world.get("/account/security", &cookie).await.body;
    assert!(page.contains("Confirm that it is you"), "{page}");
    assert!(!page.contains("action=\"/account/security"), "{page}");

    // Whoever shows who they are has a session of now, and that of before ends.
    let told = post(
        &world,
        "/sign-in/demo",
        &cookie,
        "role=owner&to=/account/security",
    )
    .await;
    assert_eq!(told.location, "/account/security");
    let page = world.get("/account/security", &told.cookie).await.body;
    assert!(
        page.contains("action=\"/account/security/password\""),
        "{page}"
    );
    let ended = world.get("/account/security", &cookie).await;
    assert!(ended.location.starts_with("/sign-in"), "{}", ended.body);
}

#[tokio::test]
async fn the_session_of_someone_else_is_not_theirs_to_end() {
    let world = World::new();
    let owner = world.sign_in(Role::Owner).await;
    let elsewhere = world.sign_in(Role::Owner).await;
    let page = world.get("/account", &owner).await.body;
    let actions = page
        .split("action=\"")
        .filter_map(|it| it.split('"').next());
    let end = actions
        .filter(|it| it.ends_with("/end"))
        .collect::<Vec<_>>();
    let [end] = end[..] else {
        panic!("one session elsewhere: {page}")
    };
    let other = world.sign_in(Role::ComplianceManager).await;
    post(&world, end, &other, "").await;
    assert_eq!(
        world.get("/account", &elsewhere).await.status,
        StatusCode::OK
    );
    post(&world, end, &owner, "").await;
    let ended = world.get("/account", &elsewhere).await;
    assert!(ended.location.starts_with("/sign-in"), "{}", ended.body);
}

/// Sets the owner's password by a link, in earnest.
async fn with_password(world: &World) {
    let now = world.now();
    let invited = world.app.with_access(Side::Company, |state, entrance| {
        entrance.invite(state, &owner(), now)
    });
    let (change, secret) = invited.unwrap().unwrap();
    let recorded = world.app.record(Side::Company, "owner".to_owned(), change);
    recorded.await.unwrap();
    let link = format!("/invitation/{}", secret.reveal());
    let told = post(world, &link, "", &format!("password={PASSWORD}")).await;
    assert_eq!(told.location, "/", "{}", told.body);
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_a_sign_in_that_fails() {
    let world = std::thread::spawn(World::in_earnest).join().unwrap();
    with_password(&world).await;
    let ask = async |email: &str, password: &str| {
        let typed = format!("email={email}&password={password}");
        let told = post(&world, "/sign-in", "", &typed).await;
        (
            told.status,
            told.body.replace(email, "someone"),
            told.cookie,
        )
    };
    let wrong_password = ask("owner@example.com", "something else").await;
    let nobody = ask("nobody@example.com", "something else").await;
    // This account exists and has no password.
    let without = ask("read-only@example.com", "something else").await;
    assert_eq!(wrong_password.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong_password, nobody);
    assert_eq!(wrong_password, without);
    assert!(!wrong_password.1.contains("something else"));
    assert_eq!(
        ask("owner@example.com", PASSWORD).await.0,
        StatusCode::SEE_OTHER
    );

    // Ways in that this server does not have are not there.
    let demo = post(&world, "/sign-in/demo", "", "role=owner").await;
    assert_eq!(demo.status, StatusCode::NOT_FOUND);
    for path in ["/sign-in/sso", "/sign-in/sso/callback?code=a&state=b"] {
        assert_eq!(world.get(path, "").await.status, StatusCode::NOT_FOUND);
    }
}
