//! Who one is here, and where one is signed in.

use axum::response::Response;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use tickmark_access::{Method, Session, SessionId};

use super::{Own, Tab, device, tabbed};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::guard::see;
use crate::parts::{self, icon};
use crate::strings::t;
use crate::visit::Visit;

/// The page.
pub async fn show(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let account = &own.account;
    let body = html! {
        div.grid.g-detail {
            div.stack { (parts::card_flush(t!("Where you are signed in"), end_others_form(&own), sessions(&own, &visit.zone()))) }
            aside.stack { (parts::properties(&[
                (t!("Name"), html! { (account.name) }),
                (t!("E-mail address"), html! { (account.email) }),
                (t!("Role"), html! { (account.role.title()) }),
                (t!("Answers for"), html! { @if account.functions.is_empty() { "–" } ul.plain { @for it in &account.functions { li { (it) } } } }),
                (t!("Actor in the ledger"), html! { code { (account.id) } }),
            ])) }
        }
    };
    Ok(tabbed(&visit, &own, Tab::Overview, body))
}

fn end_others_form(own: &Own) -> Markup {
    html! {
        @if own.session.is_some() && own.sessions.len() > 1 {
            form method="post" action="/account/sessions/end-others" { button.btn type="submit" { (icon("log-out")) (t!("End all others")) } }
        }
    }
}

fn sessions(own: &Own, zone: &TimeZone) -> Markup {
    let is_this = |it: &Session| own.session.as_ref().is_some_and(|this| this.id == it.id);
    html! { ul.rows { @for it in &own.sessions { li { div.row-link {
        (icon("monitor"))
        span.grow {
            b title=(it.user_agent) { (device::words(&it.user_agent)) }
            small { (it.address) " · " (t!("since {at}", at = format::instant(it.created_at, zone))) " · " (t!("last seen {at}", at = format::instant(it.seen_at, zone))) @if !it.methods.is_empty() { " · " (ways(&it.methods)) } }
        }
        @if is_this(it) { (parts::label(t!("this one"))) }
        @else { form method="post" action={ "/account/sessions/" (it.id) "/end" } { button.btn type="submit" { (t!("End")) } } }
    } } } } }
}

/// How someone came in: `Password, code of the app`.
fn ways(methods: &[Method]) -> String {
    let word = |method: &Method| match method {
        Method::Password => t!("password"),
        Method::Totp => t!("authenticator app"),
        Method::RecoveryCode => t!("recovery code"),
        Method::Passkey => t!("passkey"),
        Method::SingleSignOn => t!("single sign-on"),
        Method::Invitation => t!("link"),
    };
    methods.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// Ends one session.
pub async fn end_session(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let id: SessionId = visit.parsed("id")?;
    let ended = visit.app().with_access(own.side, |_, entrance| {
        entrance.end_session(&own.account.id, &id)
    });
    ended.ok_or(Fault::NotFound)??;
    Ok(see("/account"))
}

/// Ends every session but the one that asks.
pub async fn end_others(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let keep = own
        .session
        .as_ref()
        .map(|it| it.id)
        .ok_or(Fault::Forbidden)?;
    let change = visit.app().with_access(own.side, |state, entrance| {
        entrance.end_sessions(state, &own.account.id, Some(&keep))
    });
    own.record(&visit, change.ok_or(Fault::NotFound)??).await?;
    Ok(see("/account"))
}
