//! Passkeys: their card, adding and removing them. The page's script (`assets/passkey.js`) carries
//! the options to the device and its answer back.

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use tickmark_access::{PasskeyId, SignInError};

use super::security::{self, Card, HREF, Kept};
use super::{Own, confirm};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::pages::sign_in::{self, Ceremony};
use crate::parts::{self, icon};
use crate::strings::t;
use crate::visit::Visit;

/// The card.
pub fn card(own: &Own, kept: &Kept, zone: &TimeZone, said: &Markup) -> Markup {
    let is_fresh = own.is_fresh();
    let text = html! {
        p.prose { (t!("A key that your device or a security key holds, and that checks a finger, a face or a PIN. It signs you in by itself.")) }
        @if !kept.has_passkeys { p.prose { (t!("This server is reached by a number or without encryption; passkeys need a host name and https.")) } }
        ul.rows { @for it in &kept.passkeys { li { div.row-link {
            (icon("fingerprint"))
            span.grow { b { (it.label) } small { (t!("added {at}", at = format::instant(it.added_at, zone))) " · " @match it.used_at { Some(at) => (t!("last used {at}", at = format::instant(at, zone))), None => (t!("never used")) } } }
            @if is_fresh { form method="post" action={ "/account/security/passkeys/" (it.id) "/remove" } { button.btn.danger type="submit" aria-label=(t!("Remove {name}", name = it.label)) { (t!("Remove")) } } }
        } } } }
    };
    let form = html! { @if kept.has_passkeys {
        form.form method="post" action="/account/security/passkeys" data-passkey="create" data-start="/account/security/passkeys/start"
            data-cancelled=(t!("The device was not used. Try again.")) data-known=(t!("This device holds a passkey of your account already.")) data-missing=(t!("This browser has no passkeys.")) data-failed=(t!("That did not work. Try again.")) {
            (parts::field("label", t!("Name of the passkey"), t!("What you call the device it is on."), html! { input #label name="label" required maxlength="100" autocomplete="off" aria-describedby="label-hint"; }))
            button.btn type="submit" disabled { (icon("plus")) (t!("Add a passkey")) }
            p role="status" data-said {}
        }
        (sign_in::passkey_script())
    } };
    security::card(
        own,
        t!("Passkeys"),
        security::state(!kept.passkeys.is_empty()),
        said,
        text,
        form,
    )
}

/// Begins adding one.
pub async fn start(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Err(confirm::too_long_ago());
    }
    let app = visit.app();
    let started = app.with_access(own.side, |state, entrance| {
        entrance.start_passkey_registration(state, &own.account.id, own.now)
    });
    Ok(sign_in::passkey_options(
        app,
        own.side,
        started.ok_or(Fault::NotFound)??,
        HREF,
    ))
}

#[derive(Deserialize)]
pub struct FinishForm {
    label: String,
    credential: Value,
}

/// Adds the one the device made.
pub async fn finish(
    visit: Visit,
    headers: HeaderMap,
    Json(form): Json<FinishForm>,
) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Err(confirm::too_long_ago());
    }
    let app = visit.app();
    let ceremony = Ceremony::of(app.settings(), &headers)
        .ok_or_else(|| sign_in::fault(SignInError::Expired))?;
    let answer = form.credential.to_string();
    let finished = app.with_access(own.side, |_, entrance| {
        entrance.finish_passkey_registration(
            &own.account.id,
            &ceremony.secret,
            &form.label,
            &answer,
            own.now,
        )
    });
    let change = finished.ok_or(Fault::NotFound)?.map_err(sign_in::fault)?;
    own.record(&visit, change).await?;
    let mut response = Json(json!({ "to": format!("{HREF}?done=passkey") })).into_response();
    Ceremony::end(app.settings(), &mut response);
    Ok(response)
}

/// Removes one.
pub async fn remove(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    if own.ways_in() < 2 {
        return security::refused(&visit, &own, Card::Passkeys, security::last_way_in());
    }
    let id: PasskeyId = visit.parsed("id")?;
    let change = visit.app().with_access(own.side, |_, entrance| {
        entrance.remove_passkey(&own.account.id, &id)
    });
    own.record(&visit, change.ok_or(Fault::NotFound)??).await?;
    Ok(security::done("passkey-removed"))
}
