//! How one signs in: password, authenticator app, recovery codes, passkeys and
//! the link to an identity provider.
//!
//! What must hold: nothing changes unless the sign-in is fresh; the last way in
//! stays; a wrong form is shown again with what is wrong beside it.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::{Entrance, KeptPasskey};
use tickmark_catalog::{Problem, Problems};

use super::{
    Own, Tab, authenticator, confirm, passkeys, password, recovery, single_sign_on, tabbed,
};
use crate::fault::{Answer, Fault};
use crate::guard::{problems, see};
use crate::parts::{self, Tone};
use crate::strings::t;
use crate::visit::Visit;

/// Where the page is.
pub const HREF: &str = "/account/security";

/// A card of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// The password.
    Password,
    /// The authenticator app.
    App,
    /// Recovery codes.
    Codes,
    /// Passkeys.
    Passkeys,
    /// The link to an identity provider.
    SingleSignOn,
}

/// What is said in a card after something was tried.
type Said<'a> = Option<(Card, Markup)>;

/// Leads back to the page, where `done` is told.
pub fn done(what: &str) -> Response {
    see(&format!("{HREF}?done={what}"))
}

/// What was done, by its word in the address.
fn said_done(what: &str) -> Said<'static> {
    let (card, text) = match what {
        "password" => (
            Card::Password,
            t!("The password is changed. Every other browser is signed out."),
        ),
        "app" => (
            Card::App,
            t!("The authenticator app is set up. Make recovery codes for the day you lose it."),
        ),
        "app-removed" => (Card::App, t!("The authenticator app is removed.")),
        "passkey" => (Card::Passkeys, t!("The passkey is added.")),
        "passkey-removed" => (Card::Passkeys, t!("The passkey is removed.")),
        "unlinked" => (Card::SingleSignOn, t!("The link is ended.")),
        _ => return None,
    };
    Some((card, parts::note(Tone::Ok, html! { (text) })))
}

/// Why something is refused, in its card.
pub fn refused(visit: &Visit, own: &Own, card: Card, problem: Problem) -> Answer<Response> {
    let mut response = page(visit, own, Some((card, problems(&Problems::from(problem)))))?;
    *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The page.
pub async fn show(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    page(&visit, &own, visit.asked("done").and_then(said_done))
}

/// What the store knows that the ledger does not.
pub struct Kept {
    /// How many recovery codes are left.
    pub codes_left: u32,
    /// The passkeys, oldest first.
    pub passkeys: Vec<KeptPasskey>,
    /// The identity providers the account is linked to.
    pub issuers: Vec<String>,
    /// Whether this server has passkeys at all.
    pub has_passkeys: bool,
}

impl Kept {
    fn of(entrance: &Entrance, own: &Own) -> Result<Self, Problem> {
        let (store, id) = (entrance.store(), &own.account.id);
        Ok(Self {
            codes_left: store.recovery_codes_left(id)?,
            passkeys: store.passkeys(id)?,
            issuers: store.sso_issuers(id)?,
            has_passkeys: entrance.has_passkeys(),
        })
    }
}

fn page(visit: &Visit, own: &Own, said: Said<'_>) -> Answer<Response> {
    let kept = visit
        .app()
        .with_access(own.side, |_, entrance| Kept::of(entrance, own))
        .ok_or(Fault::NotFound)?;
    let kept = kept.map_err(|problem| Fault::Failed(problem.to_string()))?;
    let said = |card: Card| html! { @if let Some((_, markup)) = said.as_ref().filter(|(at, _)| *at == card) { div role="status" { (markup) } } };
    let body = html! {
        (confirm::needed(own, HREF))
        div.stack {
            (password::card(own, &said(Card::Password)))
            (authenticator::card(own, &said(Card::App)))
            (recovery::card(own, &kept, &said(Card::Codes)))
            (passkeys::card(own, &kept, &visit.zone(), &said(Card::Passkeys)))
            (single_sign_on::card(visit, own, &kept, &said(Card::SingleSignOn)))
        }
    };
    Ok(tabbed(visit, own, Tab::Security, body))
}

/// Whether something is set up.
pub fn state(is_set: bool) -> Markup {
    if is_set {
        parts::pill(Tone::Ok, t!("Set up"))
    } else {
        parts::pill(Tone::Idle, t!("Not set up"))
    }
}

/// A card: what it says, then its forms while the sign-in is fresh.
pub fn card(
    own: &Own,
    title: &str,
    beside: Markup,
    said: &Markup,
    text: Markup,
    forms: Markup,
) -> Markup {
    parts::card(
        title,
        beside,
        html! { div.stack { (said) (text) @if own.is_fresh() { (forms) } } },
    )
}

/// Why the last way in stays.
pub fn last_way_in() -> Problem {
    Problem::new(t!("you could no longer sign in"))
        .hint(t!("set a password or add a passkey first"))
}
