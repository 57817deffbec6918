//! The authenticator app: its card, setting it up and removing it. While it is
//! set up the secret is shown, and counts once the app
//! shows a code of it.
//!
//! What must hold: the secret stays the same while a wrong code is corrected.

use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use tickmark_access::{SignInError, TotpEnrolment};
use tickmark_catalog::{Problem, Problems};

use super::security::{self, HREF};
use super::{Own, confirm};
use crate::fault::{Answer, Fault};
use crate::frame::{Shown, head};
use crate::guard::{problems, see};
use crate::pages::sign_in;
use crate::parts::{self, icon};
use crate::strings::t;
use crate::visit::Visit;

const APP: &str = "/account/security/app";

/// The card.
pub fn card(own: &Own, said: &Markup) -> Markup {
    let has = own.account.credentials.totp;
    let text = html! { p.prose { (t!("An app on your phone that shows a new code every thirty seconds. Once it is set up, signing in with the password asks for a code.")) } };
    let forms = html! { div.row.wrap {
        form method="post" action="/account/security/app" { button.btn type="submit" { (icon("smartphone")) @if has { (t!("Set up another app")) } @else { (t!("Set up an app")) } } }
        @if has { form method="post" action="/account/security/app/remove" { button.btn.danger type="submit" { (t!("Remove the app")) } } }
    } };
    security::card(
        own,
        t!("Authenticator app"),
        security::state(has),
        said,
        text,
        forms,
    )
}

/// Begins: from here on there is a secret to be shown.
pub async fn start(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    let started = visit.app().with_access(own.side, |state, entrance| {
        entrance.start_totp(state, &own.account.id, own.now)
    });
    started.ok_or(Fault::NotFound)??;
    Ok(see(APP))
}

/// The page with the secret.
pub async fn show(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    match enrolment(&visit, &own)?.filter(|_| own.is_fresh()) {
        Some(enrolment) => Ok(page(&visit, &enrolment, None)),
        None => Ok(see(HREF)),
    }
}

fn enrolment(visit: &Visit, own: &Own) -> Answer<Option<TotpEnrolment>> {
    let shown = visit.app().with_access(own.side, |state, entrance| {
        entrance.totp_enrolment(state, &own.account.id, own.now)
    });
    shown
        .ok_or(Fault::NotFound)?
        .map_err(|problem| Fault::Failed(problem.to_string()))
}

fn page(visit: &Visit, enrolment: &TotpEnrolment, wrong: Option<&Problem>) -> Response {
    let body = html! {
        (head(t!("Set up an authenticator app"), html! { (t!("Any app that shows codes will do.")) }, html! {}))
        (parts::card(t!("1. Scan this with the app"), html! {}, secret(enrolment)))
        (parts::card(t!("2. Type the code it shows"), html! {}, html! {
            @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.clone()))) }
            form.form method="post" action="/account/security/app/confirm" {
                (parts::field("code", t!("Code"), t!("Six digits."), html! { input #code name="code" required inputmode="numeric" autocomplete="one-time-code" aria-describedby="code-hint" autofocus; }))
                div.row.wrap { (parts::button_primary("check", t!("Confirm"))) a.btn href=(HREF) { (t!("Cancel")) } }
            }
        }))
    };
    let shown = Shown::new(t!("Set up an authenticator app"), body);
    shown
        .below("/account", t!("Account"))
        .below(HREF, t!("Security"))
        .in_frame(visit)
}

fn secret(enrolment: &TotpEnrolment) -> Markup {
    html! { div.stack {
        div.qr role="img" aria-label=(t!("QR code of the secret below")) { (PreEscaped(enrolment.qr_svg.reveal())) }
        p.prose { (t!("If you cannot scan it, type this secret into the app:")) }
        p { code #secret.breaks { (enrolment.secret.reveal()) } }
        div { button.btn type="button" data-copy="#secret" { (icon("copy")) (t!("Copy")) } }
    } }
}

#[derive(Deserialize)]
pub struct CodeForm {
    code: String,
}

/// Sets the app up with its first code.
pub async fn confirm(visit: Visit, Form(form): Form<CodeForm>) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    let confirmed = visit.app().with_access(own.side, |_, entrance| {
        entrance.confirm_totp(&own.account.id, &form.code, own.now)
    });
    match confirmed.ok_or(Fault::NotFound)? {
        Ok(change) => own
            .record(&visit, change)
            .await
            .map(|()| security::done("app")),
        Err(SignInError::WrongCode) => {
            let enrolment = enrolment(&visit, &own)?.ok_or(Fault::NotFound)?;
            let wrong = Problem::new(t!("the code does not fit the secret")).hint(t!(
                "wait for the next code; the clock of the phone has to be right"
            ));
            let mut response = page(&visit, &enrolment, Some(&wrong));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(sign_in::fault(error)),
    }
}

/// Removes the app.
pub async fn remove(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    let change = visit.app().with_access(own.side, |_, entrance| {
        entrance.remove_totp(&own.account.id)
    });
    own.record(&visit, change.ok_or(Fault::NotFound)??).await?;
    Ok(security::done("app-removed"))
}
