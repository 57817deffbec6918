//! Showing anew that it is oneself, before changing how one signs in.
//!
//! What must hold: it asks for what signing in asks for, the second factor
//! included, and it is counted the same; the session starts anew.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{SignIn, SignInError};
use tickmark_catalog::{Problem, Problems};

use super::{FRESH_MINUTES, Own};
use crate::fault::{Answer, Fault};
use crate::format::url_part;
use crate::frame::{Shown, head};
use crate::guard::{problems, see};
use crate::pages::sign_in;
use crate::parts::{self, Tone};
use crate::strings::t;
use crate::visit::Visit;

/// Leads to the page that asks, and from there to `to`.
pub fn ask(to: &str) -> Response {
    see(&format!("/account/confirm?to={}", url_part(to)))
}

/// What stands in place of forms while the sign-in is too long ago.
pub fn needed(own: &Own, to: &str) -> Markup {
    html! {
        @if !own.is_fresh() {
            (parts::note(Tone::Note, html! {
                p { (t!("You signed in more than {n} minutes ago. To change anything here, show that it is you.", n = FRESH_MINUTES)) }
                p.mt8 { a.btn href={ "/account/confirm?to=" (url_part(to)) } { (t!("Confirm that it is you")) } }
            }))
        }
    }
}

/// Why a script's request is refused while the sign-in is too long ago.
pub fn too_long_ago() -> Fault {
    let problem = Problem::new(t!(
        "you signed in more than {n} minutes ago",
        n = FRESH_MINUTES
    ));
    Fault::Refused(
        problem
            .hint(t!("load the page anew and confirm that it is you"))
            .into(),
    )
}

/// The page.
pub async fn show(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let to = sign_in::back(visit.asked("to").unwrap_or("/account/security"));
    Ok(page(&visit, &own, to, None))
}

fn page(visit: &Visit, own: &Own, to: &str, wrong: Option<&Problem>) -> Response {
    let has = &own.account.credentials;
    let app = visit.app();
    let body = html! {
        (head(t!("Confirm that it is you"), html! { (t!("You are about to change how you sign in, or what a program may do for you.")) }, html! {}))
        (parts::card(t!("Sign in once more"), html! {}, html! { div.stack {
            @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.clone()))) }
            @if app.settings().demo { (sign_in::role_button(own.account.role, to)) }
            @if has.password { (password_form(&own.account.email, to)) }
            @if !has.passkeys.is_empty() { (sign_in::passkey_form(app, to, None, t!("Use a passkey"))) }
            @if has.single_sign_on { (sign_in::confirm_link(app, to)) }
        } }))
    };
    Shown::new(t!("Confirm that it is you"), body)
        .below("/account", t!("Account"))
        .in_frame(visit)
}

fn password_form(email: &str, to: &str) -> Markup {
    html! {
        form.form method="post" action="/account/confirm" {
            input type="hidden" name="to" value=(to);
            // For password managers: whose password is asked for.
            input.vh type="text" name="email" value=(email) readonly tabindex="-1" autocomplete="username" aria-label=(t!("E-mail address"));
            (parts::field("password", t!("Password"), "", html! { input #password name="password" type="password" required autocomplete="current-password" autofocus; }))
            (parts::button_primary("lock", t!("Confirm")))
        }
    }
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    password: String,
    #[serde(default)]
    to: String,
}

/// Checks the password and starts the session anew, or goes on to the second
/// factor.
pub async fn confirm(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<ConfirmForm>,
) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let app = visit.app().clone();
    let (side, email, to) = (own.side, visit.signed_in()?.email.clone(), form.to);
    let (knocker, now) = (sign_in::knocker(&app, &headers, from), own.now);
    let tried = app.clone();
    let work = move || {
        tried.with_access(side, |state, entrance| {
            entrance.password(state, &email, &form.password, &knocker, now)
        })
    };
    match sign_in::waiting(work).await?.ok_or(Fault::NotFound)? {
        Ok(SignIn::Complete(secret)) => sign_in::entered(&app, &headers, side, &secret, &to),
        Ok(SignIn::SecondFactor(pending, kinds)) => {
            Ok(sign_in::code_page(&app, side, &pending, &kinds, &to, None))
        }
        Err(error @ (SignInError::WrongPassword | SignInError::TooManyAttempts { .. })) => {
            let mut response = page(&visit, &own, sign_in::back(&to), Some(&told(&error)));
            sign_in::mark_refused(&mut response, &error);
            Ok(response)
        }
        Err(error) => Err(sign_in::fault(error)),
    }
}

/// As signing in tells it; but whose password it is, is known here.
pub fn told(error: &SignInError) -> Problem {
    match error {
        SignInError::WrongPassword => Problem::new(t!("the password is wrong")).hint(t!(
            "try again; an owner can send a new link to whoever forgot the password"
        )),
        error => error.problem(),
    }
}
