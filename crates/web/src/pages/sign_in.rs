//! Coming in and going out: password and second factor, links of invitations
//! and of the first start, and in the demo one button for each role.
//!
//! What must hold: a page tells a stranger nothing but that they are one; a
//! wrong address and a wrong password look the same; a link works once.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{
    Admission, Factor, FactorKind, InvitationFor, InvitationSecret, PendingSecret, Role,
    SessionSecret, Side, SignIn, SignInError, Visitor,
};
use tickmark_catalog::Problems;

use crate::app::App;
use crate::cookie;
use crate::fault::{Answer, Fault};
use crate::frame;
use crate::guard::{problems, see};
use crate::parts::{self, icon};
use crate::route::{Access, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

/// The routes. All of them are for who is not signed in yet.
pub fn routes() -> Vec<Route> {
    vec![
        get("/sign-in", Access::Anyone, show),
        post("/sign-in", Access::Anyone, password),
        post("/sign-in/code", Access::Anyone, code),
        post("/sign-in/demo", Access::Anyone, demo),
        post("/sign-out", Access::Anyone, sign_out),
        get("/invitation/{secret}", Access::Anyone, invitation),
        post("/invitation/{secret}", Access::Anyone, accept),
    ]
}

/// Only addresses of this server are led back to.
fn back(to: &str) -> &str {
    let is_ours = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\n', '\r']);
    if is_ours { to } else { "/" }
}

async fn show(visit: Visit) -> Answer<Response> {
    if visit.person().is_some() {
        return Ok(see("/"));
    }
    let to = back(visit.asked("to").unwrap_or("/")).to_owned();
    Ok(sign_in_page(visit.app(), &to, "", None))
}

fn sign_in_page(app: &App, to: &str, email: &str, wrong: Option<&SignInError>) -> Response {
    let body = html! {
        (mark())
        h1 { (t!("Sign in")) }
        @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.problem()))) }
        @if app.settings().demo { (demo_roles(to)) }
        @else { (password_form(to, email)) }
    };
    frame::bare(t!("Sign in"), body)
}

fn mark() -> Markup {
    html! { div.row { img src=(crate::assets::address("mark.svg")) width="28" height="28" alt=""; b { "Tickmark" } } }
}

fn password_form(to: &str, email: &str) -> Markup {
    html! {
        form.form method="post" action="/sign-in" {
            input type="hidden" name="to" value=(to);
            (parts::field("email", t!("E-mail address"), "", html! { input #email name="email" type="email" required autocomplete="username webauthn" value=(email) autofocus; }))
            (parts::field("password", t!("Password"), "", html! { input #password name="password" type="password" required autocomplete="current-password"; }))
            (parts::button_primary("log-in", t!("Sign in")))
        }
    }
}

/// One button for each role of the demo.
fn demo_roles(to: &str) -> Markup {
    html! {
        p.mut2 { (t!("This is the demo: an invented company and an invented firm. Choose who you are; nothing here is secret.")) }
        form.roles method="post" action="/sign-in/demo" {
            input type="hidden" name="to" value=(to);
            @for role in Role::ALL {
                button.btn type="submit" name="role" value=(role) {
                    (parts::avatar(role.title())) span { b { (role.title()) } small { (what_of(*role)) } }
                }
            }
        }
    }
}

fn what_of(role: Role) -> &'static str {
    match role {
        Role::Owner => t!("of the company: everything, and who may come in"),
        Role::ComplianceManager => t!("of the company: runs the program"),
        Role::ControlOwner => {
            t!("of the company: answers for the controls of platform engineering")
        }
        Role::Employee => t!("of the company: reads and acknowledges policies"),
        Role::ReadOnly => t!("of the company: reads everything"),
        Role::Partner => t!("of the firm: leads the engagement"),
        Role::Manager => t!("of the firm: runs the engagement"),
        Role::Staff => t!("of the firm: works on the engagement"),
    }
}

/// Who knocks, for the limits on attempts.
fn knocker(
    app: &App,
    headers: &HeaderMap,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
) -> Visitor {
    let user_agent = headers
        .get(header::USER_AGENT)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let forwarded = headers
        .get("x-forwarded-for")
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.rsplit(',').next()?.trim().parse().ok());
    let is_trusted = app.settings().trusted_proxies.contains(&address.ip());
    Visitor {
        address: forwarded.filter(|_| is_trusted).unwrap_or(address.ip()),
        user_agent: user_agent.to_owned(),
    }
}

fn fault(error: SignInError) -> Fault {
    match error {
        SignInError::TooManyAttempts { wait } => Fault::TooMany {
            after_seconds: wait.as_secs().max(1).unsigned_abs(),
        },
        SignInError::Failed(problem) => Fault::Failed(problem.to_string()),
        other => Fault::Refused(other.problem().into()),
    }
}

fn entered(app: &App, side: Side, secret: &SessionSecret, to: &str) -> Response {
    let mut response = see(back(to));
    cookie::set(app.settings(), &mut response, side, secret);
    response
}

#[derive(Deserialize)]
struct PasswordForm {
    email: String,
    password: String,
    #[serde(default)]
    to: String,
}

/// Address and password; every realm this server has is tried.
async fn password(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<PasswordForm>,
) -> Answer<Response> {
    let app = visit.app().clone();
    if app.settings().demo {
        return Err(Fault::NotFound);
    }
    let (knocker, now) = (knocker(&app, &headers, from), visit.now());
    let (email, to) = (form.email.clone(), form.to.clone());
    let tried = app.clone();
    let outcome = tokio::task::spawn_blocking(move || try_password(&tried, &form, &knocker, now))
        .await
        .map_err(|error| Fault::Failed(error.to_string()))?;
    match outcome {
        Ok((side, SignIn::Complete(secret))) => Ok(entered(&app, side, &secret, &to)),
        Ok((side, SignIn::SecondFactor(pending, kinds))) => {
            Ok(code_page(side, &pending, &kinds, &to, None))
        }
        Err(SignInError::Failed(problem)) => Err(Fault::Failed(problem.to_string())),
        Err(error @ SignInError::TooManyAttempts { .. }) => Err(fault(error)),
        Err(error) => {
            let mut response = sign_in_page(&app, back(&to), &email, Some(&error));
            *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

/// The side whose account the address is decides; for one that is nobody's the
/// same work is done.
fn try_password(
    app: &App,
    form: &PasswordForm,
    knocker: &Visitor,
    now: jiff::Timestamp,
) -> Result<(Side, SignIn), SignInError> {
    let knows = |side: &Side| {
        app.with_access(*side, |state, _| state.by_email(&form.email).is_some())
            .unwrap_or(false)
    };
    let side = app.sides().find(knows).or_else(|| app.sides().next());
    let tried = side.and_then(|side| {
        app.with_access(side, |state, entrance| {
            entrance.password(state, &form.email, &form.password, knocker, now)
        })
        .map(|tried| tried.map(|it| (side, it)))
    });
    tried.unwrap_or(Err(SignInError::WrongPassword))
}

fn code_page(
    side: Side,
    pending: &PendingSecret,
    kinds: &[FactorKind],
    to: &str,
    wrong: Option<&SignInError>,
) -> Response {
    let body = html! {
        (mark())
        h1 { (t!("Second factor")) }
        @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.problem()))) }
        form.form method="post" action="/sign-in/code" {
            input type="hidden" name="to" value=(to);
            input type="hidden" name="side" value=(side);
            input type="hidden" name="pending" value=(pending.reveal());
            (parts::field("code", t!("Code"), if kinds.contains(&FactorKind::RecoveryCode) { t!("From your authenticator app, or one of your recovery codes.") } else { t!("From your authenticator app.") },
                html! { input #code name="code" required autocomplete="one-time-code" autofocus aria-describedby="code-hint"; }))
            (parts::button_primary("log-in", t!("Sign in")))
        }
    };
    frame::bare(t!("Second factor"), body)
}

#[derive(Deserialize)]
struct CodeForm {
    side: String,
    pending: String,
    code: String,
    #[serde(default)]
    to: String,
}

async fn code(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<CodeForm>,
) -> Answer<Response> {
    let app = visit.app();
    let (knocker, now) = (knocker(app, &headers, from), visit.now());
    let side: Side = form.side.parse().map_err(|_| Fault::NotFound)?;
    let pending = PendingSecret::new(form.pending);
    let code = form.code.trim();
    let is_totp = code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit());
    let factor = if is_totp {
        Factor::Totp(code)
    } else {
        Factor::RecoveryCode(code)
    };
    let tried = app
        .with_access(side, |state, entrance| {
            entrance.second_factor(state, &pending, factor, &knocker, now)
        })
        .ok_or(Fault::NotFound)?;
    match tried {
        Ok(secret) => Ok(entered(app, side, &secret, &form.to)),
        Err(error @ SignInError::WrongCode) => Ok(code_page(
            side,
            &pending,
            &[FactorKind::Totp, FactorKind::RecoveryCode],
            &form.to,
            Some(&error),
        )),
        Err(error) => Err(fault(error)),
    }
}

#[derive(Deserialize)]
struct DemoForm {
    role: Role,
    #[serde(default)]
    to: String,
}

/// The demo's way in: the first account of a role. There is none in earnest.
async fn demo(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<DemoForm>,
) -> Answer<Response> {
    let app = visit.app();
    if !app.settings().demo {
        return Err(Fault::NotFound);
    }
    let (knocker, now, side) = (knocker(app, &headers, from), visit.now(), form.role.side());
    let entered_as = app.with_access(side, |state, entrance| {
        let account = state.active_with(form.role).next()?;
        Some(entrance.enter_demo(account, &knocker, now))
    });
    match entered_as.flatten() {
        Some(Ok(secret)) => Ok(entered(app, side, &secret, &form.to)),
        Some(Err(error)) => Err(fault(error)),
        None => Err(Fault::NotFound),
    }
}

async fn sign_out(visit: Visit, headers: HeaderMap) -> Answer<Response> {
    let app = visit.app();
    if let Some((side, secret)) = cookie::session(app.settings(), &headers) {
        let done = app.with_access(side, |_, entrance| {
            entrance.sign_out(&SessionSecret::new(secret))
        });
        done.transpose()
            .map_err(|problem| Fault::Failed(problem.to_string()))?;
    }
    let mut response = see("/sign-in");
    cookie::clear(app.settings(), &mut response);
    Ok(response)
}

/// The realm a link belongs to, and what it is for.
fn linked(visit: &Visit, secret: &InvitationSecret) -> Answer<(Side, InvitationFor)> {
    let app = visit.app();
    let found = app.sides().find_map(|side| {
        let found =
            app.with_access(side, |_, entrance| entrance.invitation(secret, visit.now()))?;
        found.ok().map(|it| (side, it))
    });
    found.ok_or_else(|| fault(SignInError::DeadLink))
}

async fn invitation(visit: Visit) -> Answer<Response> {
    let secret = InvitationSecret::new(visit.param("secret"));
    let (side, what) = linked(&visit, &secret)?;
    Ok(link_page(&visit, side, &what, None))
}

fn link_page(
    visit: &Visit,
    side: Side,
    what: &InvitationFor,
    wrong: Option<&SignInError>,
) -> Response {
    let (title, name) = match what {
        InvitationFor::SetUp => (t!("Set up Tickmark"), None),
        InvitationFor::Account(id) => {
            let name = visit
                .app()
                .with_access(side, |state, _| state.account(id).map(|it| it.name.clone()));
            (t!("Welcome"), name.flatten())
        }
    };
    let body = html! {
        (mark())
        h1 { (title) }
        @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.problem()))) }
        @match &name {
            Some(name) => p.mut2 { (t!("{name}, choose a password. The link works once.", name = name)) },
            None => p.mut2 { @match side { Side::Company => (t!("You become the owner of this workspace: you can invite everyone else.")), Side::Firm => (t!("You become the partner of this workspace: you can invite everyone else.")) } },
        }
        form.form method="post" {
            @if *what == InvitationFor::SetUp {
                (parts::field("name", t!("Name"), "", html! { input #name name="name" required autocomplete="name" autofocus; }))
                (parts::field("email", t!("E-mail address"), "", html! { input #email name="email" type="email" required autocomplete="username"; }))
            }
            (parts::field("password", t!("Password"), t!("At least 12 characters; a few unrelated words are good."), html! { input #password name="password" type="password" required minlength="12" autocomplete="new-password" aria-describedby="password-hint"; }))
            button.btn.primary type="submit" { (icon("check")) (t!("Go on")) }
        }
    };
    frame::bare(title, body)
}

#[derive(Deserialize)]
struct AcceptForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    password: String,
}

async fn accept(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<AcceptForm>,
) -> Answer<Response> {
    let app = visit.app().clone();
    let secret = InvitationSecret::new(visit.param("secret"));
    let (side, what) = linked(&visit, &secret)?;
    let (knocker, now) = (knocker(&app, &headers, from), visit.now());
    let admitted = {
        let (app, what, knocker) = (app.clone(), what.clone(), knocker.clone());
        let work = move || {
            app.with_access(side, |state, entrance| match &what {
                InvitationFor::SetUp => {
                    entrance.set_up(state, &secret, &form.name, &form.email, &form.password, now)
                }
                InvitationFor::Account(_) => {
                    entrance.accept_invitation(state, &secret, &form.password, &knocker, now)
                }
            })
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Fault::Failed(error.to_string()))?
            .ok_or(Fault::NotFound)?
    };
    match admitted {
        Ok(admission) => admit(&app, side, admission, &knocker, now).await,
        Err(error @ SignInError::Refused(_)) => {
            let mut response = link_page(&visit, side, &what, Some(&error));
            *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(fault(error)),
    }
}

/// Records an admission, then lets the person in.
async fn admit(
    app: &App,
    side: Side,
    admission: Admission,
    knocker: &Visitor,
    now: jiff::Timestamp,
) -> Answer<Response> {
    app.record_events(
        side,
        admission.account().to_string(),
        admission.events().to_vec(),
    )
    .await?;
    let entered_as = app
        .with_access(side, |state, entrance| {
            entrance.admit(state, admission, knocker, now)
        })
        .ok_or(Fault::NotFound)?;
    match entered_as.map_err(fault)? {
        SignIn::Complete(secret) => Ok(entered(app, side, &secret, "/")),
        SignIn::SecondFactor(pending, kinds) => {
            Ok(code_page(side, &pending, &kinds, "/", None).into_response())
        }
    }
}
