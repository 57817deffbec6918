//! The password: its card, and changing it.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{NewPassword, SignInError};

use super::security::{self, Card, HREF};
use super::{Own, confirm};
use crate::fault::{Answer, Fault};
use crate::pages::sign_in;
use crate::parts;
use crate::strings::t;
use crate::visit::Visit;

/// The card.
pub fn card(own: &Own, said: &Markup) -> Markup {
    let has = own.account.credentials.password;
    let text = html! { @if !has { p.prose { (t!("You have no password: you sign in in another way.")) } } };
    let form = html! {
        form.form method="post" action="/account/security/password" {
            input.vh type="text" name="email" value=(own.account.email) readonly tabindex="-1" autocomplete="username" aria-label=(t!("E-mail address"));
            @if has { (parts::field("current", t!("Current password"), "", html! { input #current name="current" type="password" required autocomplete="current-password"; })) }
            (sign_in::new_password("new", t!("New password")))
            (parts::button_primary("save", if has { t!("Change the password") } else { t!("Set a password") }))
        }
    };
    security::card(own, t!("Password"), security::state(has), said, text, form)
}

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    current: String,
    new: String,
}

/// Changes the password.
pub async fn change(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<PasswordForm>,
) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let Some(session) = own
        .session
        .as_ref()
        .filter(|_| own.is_fresh())
        .map(|it| it.id)
    else {
        return Ok(confirm::ask(HREF));
    };
    let app = visit.app().clone();
    let (side, id, now) = (own.side, own.account.id.clone(), own.now);
    let knocker = sign_in::knocker(&app, &headers, from);
    let work = move || {
        let password = NewPassword {
            current: &form.current,
            new: &form.new,
            session: &session,
        };
        app.with_access(side, |state, entrance| {
            entrance.change_password(state, &id, password, &knocker, now)
        })
    };
    match sign_in::waiting(work).await?.ok_or(Fault::NotFound)? {
        Ok(change) => own
            .record(&visit, change)
            .await
            .map(|()| security::done("password")),
        Err(SignInError::Failed(problem)) => Err(Fault::Failed(problem.to_string())),
        Err(error) => {
            let mut response =
                security::refused(&visit, &own, Card::Password, confirm::told(&error))?;
            sign_in::mark_refused(&mut response, &error);
            Ok(response)
        }
    }
}
