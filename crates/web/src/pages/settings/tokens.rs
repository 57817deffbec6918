//! The API tokens of every account, for who answers for access.
//!
//! What must hold: a secret is nowhere here; whoever may close an account may
//! revoke its tokens.

use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};
use tickmark_access::{ApiToken, Side, TokenId};
use tickmark_catalog::Problem;

use super::side;
use crate::fault::{Answer, Fault};
use crate::guard::see;
use crate::pages::account::tokens::row;
use crate::parts;
use crate::strings::{t, tn};
use crate::visit::Visit;

/// A token in force, with whose it is and when it was last used.
type Known = (ApiToken, String, Option<Timestamp>);

/// The tokens that are in force, newest first.
pub fn card(visit: &Visit, side: Side) -> Answer<Markup> {
    let mut tokens = in_force(visit, side)?;
    tokens.sort_by_key(|(token, ..)| std::cmp::Reverse(token.issued_at));
    let count = html! { span.mut { (tn!(tokens.len(), "{n} in force", "{n} in force")) } };
    Ok(parts::card_flush(
        t!("API tokens"),
        count,
        html! {
            @if tokens.is_empty() { p.none { (t!("Nobody has a token. Each person issues their own under Account.")) } }
            ul.rows { @for (token, whose, used_at) in &tokens { li { (row(visit, token, Some(whose), *used_at, "/settings/tokens")) } } }
        },
    ))
}

fn in_force(visit: &Visit, side: Side) -> Answer<Vec<Known>> {
    let now = visit.now();
    let read = visit.app().with_access(side, |state, entrance| {
        let tokens = state.tokens().filter(|it| it.is_in_force(now));
        let known = tokens.map(|it| {
            let name = state.account(&it.account).map(|of| of.name.clone());
            let used_at = entrance.store().token_used_at(&it.id)?;
            Ok((it.clone(), name.unwrap_or_default(), used_at))
        });
        known.collect::<Result<Vec<_>, Problem>>()
    });
    read.ok_or(Fault::NotFound)?
        .map_err(|problem| Fault::Failed(problem.to_string()))
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
