//! The API tokens of every account, for who answers for access.
//!
//! What must hold: a secret is nowhere here; whoever may close an account may
//! revoke its tokens.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::{Side, TokenId};

use super::side;
use crate::fault::{Answer, Fault};
use crate::guard::see;
use crate::pages::account::tokens::{listed, row};
use crate::parts;
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The tokens that are in force, newest first.
pub fn card(visit: &Visit, side: Side) -> Answer<Markup> {
    let now = visit.now();
    let tokens = listed(visit, side, |it| it.is_in_force(now))?;
    let count = html! { span.mut { (tn!(tokens.len(), "{n} in force", "{n} in force")) } };
    Ok(parts::card_flush(
        t!("API tokens"),
        count,
        html! {
            @if tokens.is_empty() { p.none { (t!("Nobody has a token. Each person issues their own under Account.")) } }
            ul.rows { @for (token, used_at) in &tokens { li { (row(visit, token, Some(&visit.name_of(token.account.as_str())), *used_at, "/settings/tokens")) } } }
        },
    ))
}

/// Revokes anyone's token.
pub async fn revoke(visit: Visit) -> Answer<Response> {
    let (side, id): (Side, TokenId) = (side(&visit)?, visit.parsed("id")?);
    let revoked = visit
        .app()
        .with_access(side, |state, entrance| entrance.revoke_token(state, &id));
    let change = revoked.ok_or(Fault::NotFound)??;
    visit.app().record(side, visit.actor()?, change).await?;
    Ok(see("/settings"))
}
