//! The second factor, after the password.
//!
//! What must hold: the page offers what the account has, and nothing else.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{Factor, FactorKind, PendingSecret, Side, SignInError};
use tickmark_catalog::Problems;

use super::passkey::{Waiting, passkey_form};
use super::{entered, knocker, mark, mark_refused, refused};
use crate::app::App;
use crate::fault::{Answer, Fault};
use crate::frame;
use crate::guard::problems;
use crate::parts;
use crate::strings::t;
use crate::visit::Visit;

/// Asks for one of the second factors `kinds`.
pub fn code_page(
    app: &App,
    side: Side,
    pending: &PendingSecret,
    kinds: &[FactorKind],
    to: &str,
    wrong: Option<&SignInError>,
) -> Response {
    let waiting = Waiting {
        side,
        pending: pending.reveal().to_owned(),
    };
    let body = html! {
        (mark())
        h1 { (t!("Second factor")) }
        @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.problem()))) }
        @if let Some(hint) = hint(kinds) { (code_form(&waiting, hint, to)) }
        @if kinds.contains(&FactorKind::Passkey) { (passkey_form(app, to, Some(&waiting), t!("Use a passkey"))) }
        p { a.link href="/sign-in" { (t!("Sign in in another way")) } }
    };
    frame::bare(t!("Second factor"), body)
}

/// What can be typed, where anything can.
fn hint(kinds: &[FactorKind]) -> Option<&'static str> {
    match (
        kinds.contains(&FactorKind::Totp),
        kinds.contains(&FactorKind::RecoveryCode),
    ) {
        (true, true) => Some(t!(
            "From your authenticator app, or one of your recovery codes."
        )),
        (true, false) => Some(t!("From your authenticator app.")),
        (false, true) => Some(t!("One of your recovery codes.")),
        (false, false) => None,
    }
}

fn code_form(waiting: &Waiting, hint: &str, to: &str) -> Markup {
    html! {
        form.form method="post" action="/sign-in/code" {
            input type="hidden" name="to" value=(to);
            input type="hidden" name="side" value=(waiting.side);
            input type="hidden" name="pending" value=(waiting.pending);
            (parts::field("code", t!("Code"), hint, html! { input #code name="code" required autocomplete="one-time-code" autofocus aria-describedby="code-hint"; }))
            (parts::button_primary("log-in", t!("Sign in")))
        }
    }
}

#[derive(Deserialize)]
pub struct CodeForm {
    side: Side,
    pending: String,
    code: String,
    #[serde(default)]
    to: String,
}

/// A code of the authenticator app is six digits; anything else is a recovery
/// code.
fn factor(code: &str) -> Factor<'_> {
    let digits: Vec<u8> = code
        .bytes()
        .filter(|it| !it.is_ascii_whitespace())
        .collect();
    if digits.len() == 6 && digits.iter().all(u8::is_ascii_digit) {
        Factor::Totp(code)
    } else {
        Factor::RecoveryCode(code)
    }
}

/// Checks a code.
pub async fn code(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<CodeForm>,
) -> Answer<Response> {
    let app = visit.app();
    let (knocker, now, side) = (knocker(app, &headers, from), visit.now(), form.side);
    let pending = PendingSecret::new(form.pending);
    let tried = app.with_access(side, |state, entrance| {
        entrance.second_factor(state, &pending, factor(&form.code), &knocker, now)
    });
    let error = match tried.ok_or(Fault::NotFound)? {
        Ok(secret) => return entered(app, &headers, side, &secret, &form.to),
        Err(error @ (SignInError::WrongCode | SignInError::TooManyAttempts { .. })) => error,
        Err(error) => return refused(app, &form.to, "", error),
    };
    let kinds = app
        .with_access(side, |state, entrance| {
            entrance.awaited_factors(state, &pending, now)
        })
        .ok_or(Fault::NotFound)?;
    // Who waits no more, or never did, is told what they would be told first.
    let Ok(kinds) = kinds else {
        return refused(app, &form.to, "", error);
    };
    let mut response = code_page(app, side, &pending, &kinds, &form.to, Some(&error));
    mark_refused(&mut response, &error);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use tickmark_access::Factor;

    #[test]
    fn six_digits_are_a_code_of_the_app() {
        for (text, is_totp) in [
            ("123456", true),
            (" 123 456 ", true),
            ("12345", false),
            ("abcd-efgh-jkmn-2345", false),
            ("", false),
        ] {
            assert_eq!(
                matches!(super::factor(text), Factor::Totp(_)),
                is_totp,
                "{text:?}"
            );
        }
    }
}
