//! Signing in with a passkey, alone or as the second factor. The page's script
//! (`assets/passkey.js`) carries the options to the device and its answer back.
//!
//! What must hold: an answer counts once, in the browser that asked; beginning
//! is counted as an attempt, since it costs a write.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use tickmark_access::{
    PasskeyOptions, PendingSecret, SessionSecret, Side, SignIn, SignInError, Visitor,
};

use super::{Ceremony, back, fault, give_session, knocker};
use crate::app::App;
use crate::assets;
use crate::fault::{Answer, Fault};
use crate::parts::icon;
use crate::strings::t;
use crate::visit::Visit;

/// A sign-in that waits for its second factor.
#[derive(Clone, Deserialize)]
pub struct Waiting {
    /// The realm.
    pub side: Side,
    /// What shows that the password was right.
    pub pending: String,
}

/// A button for passkeys; nothing where this server has none.
pub fn passkey_form(app: &App, to: &str, waiting: Option<&Waiting>, text: &str) -> Markup {
    let has_passkeys = app
        .sides()
        .any(|side| app.entrance(side).is_some_and(|it| it.has_passkeys()));
    html! {
        @if has_passkeys {
            form.stack method="post" action="/sign-in/passkey" data-passkey="get" data-start="/sign-in/passkey/start"
                data-cancelled=(t!("The device was not used. Try again, or sign in in another way.")) data-missing=(t!("This browser has no passkeys.")) data-failed=(t!("That did not work. Try again.")) {
                input type="hidden" name="to" value=(to);
                @if let Some(waiting) = waiting {
                    input type="hidden" name="side" value=(waiting.side);
                    input type="hidden" name="pending" value=(waiting.pending);
                }
                div { button.btn type="submit" disabled { (icon("fingerprint")) (text) } }
                p role="status" data-said {}
            }
            (script())
        }
    }
}

/// What carries options and answers between page and device.
pub fn script() -> Markup {
    html! { script src=(assets::address("passkey.js")) defer {} }
}

/// The options of a ceremony, for the page, and its cookie.
pub fn options(app: &App, side: Side, started: PasskeyOptions, to: &str) -> Response {
    let mut options = started.options;
    if let Some(options) = options.as_object_mut() {
        // A button asks at once; only autofill waits.
        options.remove("mediation");
    }
    let mut response = Json(options).into_response();
    Ceremony {
        side,
        secret: started.ceremony,
        to: to.to_owned(),
    }
    .begin(app.settings(), &mut response);
    response
}

#[derive(Deserialize)]
pub struct StartForm {
    #[serde(default)]
    to: String,
    #[serde(flatten)]
    waiting: Option<Waiting>,
}

/// Begins a sign-in.
pub async fn start(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Json(form): Json<StartForm>,
) -> Answer<Response> {
    let app = visit.app();
    let (knocker, now) = (knocker(app, &headers, from), visit.now());
    let side = form
        .waiting
        .as_ref()
        .map(|it| it.side)
        .or_else(|| app.sides().next())
        .ok_or(Fault::NotFound)?;
    let started = app.with_access(side, |state, entrance| {
        entrance.count_address(&knocker, now)?;
        match &form.waiting {
            None => entrance
                .start_passkey_sign_in(now)
                .map_err(SignInError::Refused),
            Some(waiting) => entrance.start_passkey_second_factor(
                state,
                &PendingSecret::new(waiting.pending.as_str()),
                now,
            ),
        }
    });
    Ok(options(
        app,
        side,
        started.ok_or(Fault::NotFound)?.map_err(fault)?,
        &form.to,
    ))
}

#[derive(Deserialize)]
pub struct FinishForm {
    credential: Value,
}

/// Takes the device's answer.
pub async fn finish(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Json(form): Json<FinishForm>,
) -> Answer<Response> {
    let app = visit.app();
    let knocker = knocker(app, &headers, from);
    let ceremony =
        Ceremony::of(app.settings(), &headers).ok_or_else(|| fault(SignInError::Expired))?;
    let (side, secret) =
        shown(&visit, &ceremony, &form.credential.to_string(), &knocker).map_err(fault)?;
    let mut response = Json(json!({ "to": back(&ceremony.to) })).into_response();
    give_session(app, &headers, &mut response, side, &secret)?;
    Ceremony::end(app.settings(), &mut response);
    Ok(response)
}

/// Whose key was shown: only the answer says in which realm they are.
fn shown(
    visit: &Visit,
    ceremony: &Ceremony,
    answer: &str,
    knocker: &Visitor,
) -> Result<(Side, SessionSecret), SignInError> {
    let (app, now) = (visit.app(), visit.now());
    let mut home = ceremony.side;
    for side in app.sides() {
        if let Some(entrance) = app.entrance(side)
            && entrance.has_passkey(answer)?
        {
            home = side;
        }
    }
    let (Some(start), Some(entrance)) = (app.entrance(ceremony.side), app.entrance(home)) else {
        return Err(SignInError::Expired);
    };
    if home != ceremony.side {
        entrance.take_over_passkey_sign_in(start, &ceremony.secret, now)?;
    }
    let signed_in = app.with_access(home, |state, entrance| {
        entrance.finish_passkey_sign_in(state, &ceremony.secret, answer, knocker, now)
    });
    match signed_in {
        Some(Ok(SignIn::Complete(secret))) => Ok((home, secret)),
        Some(Err(error)) => Err(error),
        // A passkey is two factors in one, so nothing else is ever due.
        Some(Ok(SignIn::SecondFactor(..))) | None => Err(SignInError::Unknown),
    }
}
