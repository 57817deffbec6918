//! The link to an identity provider: its card, and ending it.

use axum::response::Response;
use maud::{Markup, html};

use super::security::{self, Card, HREF, Kept};
use super::{Own, confirm};
use crate::fault::{Answer, Fault};
use crate::pages::sign_in;
use crate::parts::icon;
use crate::strings::t;
use crate::visit::Visit;

/// The card; there is none without a provider.
pub fn card(visit: &Visit, own: &Own, kept: &Kept, said: &Markup) -> Markup {
    let provider = sign_in::provider(visit.app());
    if provider.is_none() && kept.issuers.is_empty() {
        return html! {};
    }
    let text = html! {
        @for issuer in &kept.issuers { p.prose { (t!("Linked to {issuer}.", issuer = issuer)) } }
        @if let Some(provider) = provider.filter(|_| kept.issuers.is_empty()) { p.prose { (t!("Sign in with {provider} once, with the same e-mail address, and it is linked to your account.", provider = provider)) } }
    };
    let form = html! { @if !kept.issuers.is_empty() {
        form method="post" action="/account/security/unlink" { button.btn.danger type="submit" { (icon("unlink")) (t!("End the link")) } }
    } };
    security::card(
        own,
        t!("Single sign-on"),
        security::state(!kept.issuers.is_empty()),
        said,
        text,
        form,
    )
}

/// Ends the link to the identity provider.
pub async fn unlink(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    if own.ways_in() < 2 {
        return security::refused(&visit, &own, Card::SingleSignOn, security::last_way_in());
    }
    let change = visit.app().with_access(own.side, |_, entrance| {
        entrance.unlink_single_sign_on(&own.account.id)
    });
    own.record(&visit, change.ok_or(Fault::NotFound)??).await?;
    Ok(security::done("unlinked"))
}
