//! Recovery codes: the card, and making them.
//!
//! What must hold: they are shown once, on a page that can be printed.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::Secret;

use super::security::{self, HREF, Kept};
use super::{Own, confirm};
use crate::fault::{Answer, Fault};
use crate::frame::{Shown, head};
use crate::parts::{self, Tone, icon};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The card.
pub fn card(own: &Own, kept: &Kept, said: &Markup) -> Markup {
    let has = &own.account.credentials;
    let left = usize::try_from(kept.codes_left).unwrap_or(usize::MAX);
    let tone = match left {
        0 => Tone::Idle,
        1..3 => Tone::Warn,
        _ => Tone::Ok,
    };
    let text = html! {
        p.prose { (t!("Each works once, in place of the app or a passkey you do not have at hand. Keep them on paper or in a password manager.")) }
        @if !has.totp && has.passkeys.is_empty() { p.prose { (t!("Set up an app or a passkey first: alone they are no second factor.")) } }
    };
    let form = html! {
        @if has.totp || !has.passkeys.is_empty() {
            form method="post" action="/account/security/codes" { button.btn type="submit" { (icon("refresh-cw")) @if left == 0 { (t!("Make recovery codes")) } @else { (t!("Make new codes; those before stop working")) } } }
        }
    };
    security::card(
        own,
        t!("Recovery codes"),
        parts::pill(tone, &tn!(left, "{n} left", "{n} left")),
        said,
        text,
        form,
    )
}

/// Makes recovery codes and shows them, once.
pub async fn make(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    let made = visit.app().with_access(own.side, |_, entrance| {
        entrance.make_recovery_codes(&own.account.id)
    });
    let (change, codes) = made.ok_or(Fault::NotFound)?;
    own.record(&visit, change).await?;
    Ok(page(&visit, &own, &codes))
}

fn page(visit: &Visit, own: &Own, codes: &[Secret]) -> Response {
    let text: Vec<&str> = codes.iter().map(Secret::reveal).collect();
    let body = html! {
        (head(t!("Your recovery codes"), html! { (own.account.email) }, html! {}))
        (parts::note(Tone::Note, html! { b { (t!("They are shown once. Print this page or copy them; each works once, and those before no longer do.")) } }))
        (parts::card(t!("Recovery codes"), html! {}, html! { div.stack {
            pre.codes #codes tabindex="0" { (text.join("\n")) }
            div.row.wrap {
                button.btn type="button" data-copy="#codes" { (icon("copy")) (t!("Copy")) }
                a.btn.primary href=(HREF) { (icon("check")) (t!("I have kept them")) }
            }
        } }))
    };
    Shown::new(t!("Recovery codes"), body)
        .below("/account", t!("Account"))
        .below(HREF, t!("Security"))
        .in_frame(visit)
}
