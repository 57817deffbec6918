//! Coming in and going out: with a password and a second factor, with a passkey
//! or through an identity provider, by the links of invitations and of the first
//! start, and in the demo with one button for each role.
//!
//! What must hold: a page tells a stranger nothing but that they are one; a
//! wrong address and a wrong password look the same; what was typed stays,
//! passwords and codes never; who comes in leaves the session the browser had.

mod ceremony;
mod code;
mod demo;
mod invitation;
mod passkey;
mod single_sign_on;

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{Admission, SessionSecret, Side, SignIn, SignInError, Visitor};
use tickmark_catalog::{Problem, Problems};

pub use ceremony::Ceremony;
pub use code::code_page;
pub use demo::role_button;
pub use invitation::new_password;
pub use passkey::{options as passkey_options, passkey_form, script as passkey_script};
pub use single_sign_on::{CALLBACK as SSO_CALLBACK, confirm_link, provider};

use crate::app::App;
use crate::cookie;
use crate::fault::{Answer, Fault};
use crate::frame;
use crate::guard::{problems, see};
use crate::parts;
use crate::route::{Access, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

/// The routes. All of them are for who is not signed in yet.
pub fn routes() -> Vec<Route> {
    vec![
        get("/sign-in", Access::Anyone, show),
        post("/sign-in", Access::Anyone, password),
        post("/sign-in/code", Access::Anyone, code::code),
        post("/sign-in/passkey", Access::Anyone, passkey::finish),
        post("/sign-in/passkey/start", Access::Anyone, passkey::start),
        get("/sign-in/sso", Access::Anyone, single_sign_on::start),
        get(SSO_CALLBACK, Access::Anyone, single_sign_on::callback),
        post("/sign-in/demo", Access::Anyone, demo::demo),
        post("/sign-out", Access::Anyone, sign_out),
        get("/invitation/{secret}", Access::Anyone, invitation::show),
        post("/invitation/{secret}", Access::Anyone, invitation::accept),
    ]
}

/// Only addresses of this server are led back to. Browsers drop control
/// characters, so what follows one could be another server.
pub fn back(to: &str) -> &str {
    let is_ours = to.starts_with('/') && !to.starts_with("//");
    let is_plain = !to.contains(|letter: char| letter == '\\' || letter.is_control());
    if is_ours && is_plain { to } else { "/" }
}

async fn show(visit: Visit) -> Answer<Response> {
    if visit.person().is_some() {
        return Ok(see("/"));
    }
    let to = back(visit.asked("to").unwrap_or("/"));
    Ok(sign_in_page(visit.app(), to, "", None))
}

/// The page with every way in that this server has.
fn sign_in_page(app: &App, to: &str, email: &str, wrong: Option<&Problem>) -> Response {
    let body = html! {
        (mark())
        h1 { (t!("Sign in")) }
        @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.clone()))) }
        @if app.settings().demo { (demo::roles(to)) }
        @else {
            (password_form(to, email))
            (passkey_form(app, to, None, t!("Sign in with a passkey")))
            (single_sign_on::link(app, to))
        }
    };
    frame::bare(t!("Sign in"), body)
}

/// The sign-in page again, with why nobody came in.
fn refused(app: &App, to: &str, email: &str, error: SignInError) -> Answer<Response> {
    if let SignInError::Failed(problem) = error {
        return Err(Fault::Failed(problem.to_string()));
    }
    let mut response = sign_in_page(app, back(to), email, Some(&error.problem()));
    mark_refused(&mut response, &error);
    Ok(response)
}

/// Status and headers of an answer that shows why nobody came in.
pub fn mark_refused(response: &mut Response, error: &SignInError) {
    let SignInError::TooManyAttempts { wait } = error else {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return;
    };
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let seconds = HeaderValue::from(wait.as_secs().max(1).unsigned_abs());
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
}

/// The product's name, above what is shown to strangers.
fn mark() -> Markup {
    html! { div.row { img src=(crate::assets::address("mark.svg")) width="28" height="28" alt=""; b { "Tickmark" } } }
}

fn password_form(to: &str, email: &str) -> Markup {
    html! {
        form.form method="post" action="/sign-in" {
            input type="hidden" name="to" value=(to);
            (parts::field("email", t!("E-mail address"), "", html! { input #email name="email" type="email" required autocomplete="username" value=(email) autofocus[email.is_empty()]; }))
            (parts::field("password", t!("Password"), "", html! { input #password name="password" type="password" required autocomplete="current-password" autofocus[!email.is_empty()]; }))
            (parts::button_primary("log-in", t!("Sign in")))
        }
    }
}

/// Who knocks, for the limits on attempts.
pub fn knocker(
    app: &App,
    headers: &HeaderMap,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
) -> Visitor {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default()
    };
    let forwarded = text("x-forwarded-for")
        .rsplit(',')
        .next()
        .and_then(|it| it.trim().parse().ok());
    let is_trusted = app.settings().trusted_proxies.contains(&address.ip());
    Visitor {
        address: forwarded.filter(|_| is_trusted).unwrap_or(address.ip()),
        user_agent: text(header::USER_AGENT.as_str()).to_owned(),
    }
}

/// Why someone did not come in, where there is no form to show it beside.
pub fn fault(error: SignInError) -> Fault {
    match error {
        SignInError::TooManyAttempts { wait } => Fault::TooMany {
            after_seconds: wait.as_secs().max(1).unsigned_abs(),
        },
        SignInError::Failed(problem) => Fault::Failed(problem.to_string()),
        other => Fault::Refused(other.problem().into()),
    }
}

/// Leads on, with a session. The one the browser had before ends.
pub fn entered(
    app: &App,
    headers: &HeaderMap,
    side: Side,
    secret: &SessionSecret,
    to: &str,
) -> Answer<Response> {
    let mut response = see(back(to));
    give_session(app, headers, &mut response, side, secret)?;
    Ok(response)
}

/// Puts a session into an answer, in place of the one the browser had.
fn give_session(
    app: &App,
    headers: &HeaderMap,
    response: &mut Response,
    side: Side,
    secret: &SessionSecret,
) -> Answer<()> {
    end_session(app, headers)?;
    cookie::set(app.settings(), response, side, secret);
    Ok(())
}

/// Ends the session a browser shows, where it shows one.
fn end_session(app: &App, headers: &HeaderMap) -> Answer<()> {
    let Some((side, secret)) = cookie::session(app.settings(), headers) else {
        return Ok(());
    };
    let done = app.with_access(side, |_, entrance| {
        entrance.sign_out(&SessionSecret::new(secret))
    });
    done.transpose()
        .map(|_| ())
        .map_err(|problem| Fault::Failed(problem.to_string()))
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
    let outcome = waiting(move || try_password(&tried, &form, &knocker, now)).await?;
    match outcome {
        Ok((side, SignIn::Complete(secret))) => entered(&app, &headers, side, &secret, &to),
        Ok((side, SignIn::SecondFactor(pending, kinds))) => {
            Ok(code_page(&app, side, &pending, &kinds, &to, None))
        }
        Err(error) => refused(&app, &to, &email, error),
    }
}

/// Runs work that takes long, as hashing a password does, on a thread that may
/// wait.
pub async fn waiting<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Fault::Failed(error.to_string()))
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

/// Records an admission, then lets the person in.
async fn admit(
    app: &App,
    headers: &HeaderMap,
    side: Side,
    admission: Admission,
    knocker: &Visitor,
    to: &str,
) -> Answer<Response> {
    let now = app.surroundings().now();
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
        SignIn::Complete(secret) => entered(app, headers, side, &secret, to),
        SignIn::SecondFactor(pending, kinds) => {
            Ok(code_page(app, side, &pending, &kinds, to, None))
        }
    }
}

async fn sign_out(visit: Visit, headers: HeaderMap) -> Answer<Response> {
    let app = visit.app();
    end_session(app, &headers)?;
    let mut response = see("/sign-in");
    cookie::clear(app.settings(), &mut response);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn nobody_is_led_to_another_server() {
        for to in ["/", "/controls?at=3", "/account/security"] {
            assert_eq!(back(to), to);
        }
        for to in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "controls",
        ] {
            assert_eq!(back(to), "/", "{to:?}");
        }
    }
}
