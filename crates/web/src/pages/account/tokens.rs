//! Tokens with which programs act for a person.
//!
//! What must hold: the secret is shown once, right after it was issued; a token
//! that ended stays in the list, since what it did stays in the ledger.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{ApiToken, Change, MAX_TOKEN_DAYS, Scope, Secret, Side, TokenId};
use tickmark_catalog::{Problem, Problems};

use super::{Own, Tab, confirm, tabbed};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::guard::{problems, see};
use crate::parts::{self, Tone, icon};
use crate::strings::{t, tn};
use crate::visit::Visit;

const HREF: &str = "/account/tokens";

/// How long a token lasts unless something else is typed, in days.
const USUAL_DAYS: &str = "90";

#[derive(Default, Deserialize)]
pub struct TokenForm {
    #[serde(default)]
    title: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    days: String,
}

/// The page.
pub async fn show(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let typed = TokenForm {
        days: USUAL_DAYS.to_owned(),
        ..TokenForm::default()
    };
    page(&visit, &own, &typed, html! {}, html! {})
}

/// `above` the list, and `beside` the form.
fn page(
    visit: &Visit,
    own: &Own,
    typed: &TokenForm,
    above: Markup,
    beside: Markup,
) -> Answer<Response> {
    let tokens = listed(visit, own.side, |it| it.account == own.account.id)?;
    let body = html! {
        (confirm::needed(own, HREF))
        (above)
        (parts::card_flush(t!("Your tokens"), html! { span.mut { (tn!(tokens.len(), "{n} token", "{n} tokens")) } }, html! {
            @if tokens.is_empty() { (parts::empty("key-round", t!("No tokens"), t!("A token lets a program do what you may do, within the scopes you choose."), html! {})) }
            ul.rows { @for (token, used_at) in &tokens { li { (row(visit, token, None, *used_at, HREF)) } } }
        }))
        @if own.is_fresh() { (parts::card(t!("Issue a token"), html! {}, html! { (beside) (form(typed)) })) }
    };
    Ok(tabbed(visit, own, Tab::Tokens, body))
}

/// The tokens of a realm that `keep` wants, newest first, with when each was last
/// used.
///
/// # Errors
/// When this server has no such realm, or its store cannot be read.
pub fn listed(
    visit: &Visit,
    side: Side,
    keep: impl Fn(&ApiToken) -> bool,
) -> Answer<Vec<(ApiToken, Option<Timestamp>)>> {
    let read = visit.app().with_access(side, |state, entrance| {
        let kept = state.tokens().filter(|it| keep(it));
        let with_use = kept.map(|it| Ok((it.clone(), entrance.store().token_used_at(&it.id)?)));
        with_use.collect::<Result<Vec<_>, Problem>>()
    });
    let mut tokens = read
        .ok_or(Fault::NotFound)?
        .map_err(|problem| Fault::Failed(problem.to_string()))?;
    tokens.sort_by_key(|(token, _)| std::cmp::Reverse(token.issued_at));
    Ok(tokens)
}

/// A token with how it stands.
///
/// `whose`: the name of the account, where it is not one's own. `base`: the
/// address below which it is revoked.
pub fn row(
    visit: &Visit,
    token: &ApiToken,
    whose: Option<&str>,
    used_at: Option<Timestamp>,
    base: &str,
) -> Markup {
    let (zone, now) = (visit.zone(), visit.now());
    let at = |instant: Timestamp| format::instant(instant, &zone);
    html! { div.row-link {
        (icon("key-round"))
        span.grow {
            b { (token.title) }
            small {
                @if let Some(whose) = whose { (whose) " · " }
                code { (token.id) } " · " (t!("issued {at}", at = at(token.issued_at))) " · " (t!("expires {at}", at = at(token.expires_at))) " · "
                @match used_at { Some(used_at) => (t!("last used {at}", at = at(used_at))), None => (t!("never used")) }
            }
        }
        @for scope in &token.scopes { (parts::label(scope_words(*scope))) }
        (standing(token, now))
        @if token.is_in_force(now) {
            form method="post" action={ (base) "/" (token.id) "/revoke" } { button.btn.danger type="submit" aria-label=(t!("Revoke {title}", title = token.title)) { (t!("Revoke")) } }
        }
    } }
}

fn standing(token: &ApiToken, now: Timestamp) -> Markup {
    match token.revoked_at {
        Some(_) => parts::pill(Tone::Idle, t!("Revoked")),
        None if token.is_in_force(now) => parts::pill(Tone::Ok, t!("In force")),
        None => parts::pill(Tone::Idle, t!("Expired")),
    }
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => t!("Read"),
        Scope::WriteProgram => t!("Change the program"),
        Scope::WriteEvidence => t!("Hand in evidence"),
        Scope::RunTests => t!("Run tests"),
    }
}

fn form(typed: &TokenForm) -> Markup {
    html! { form.form method="post" action=(HREF) {
        (parts::field("title", t!("What it is for"), t!("For example the program that uses it."), html! { input #title name="title" required maxlength="100" value=(typed.title) autocomplete="off" aria-describedby="title-hint"; }))
        fieldset.plain {
            legend { (t!("What it may do")) }
            @for scope in Scope::ALL {
                label.row { input type="checkbox" name="scopes" value=(scope) checked[typed.scopes.iter().any(|it| it == scope.as_str())]; (scope_words(*scope)) }
            }
        }
        (parts::field("days", t!("Days it lasts"), &t!("At most {n}.", n = MAX_TOKEN_DAYS), html! { input #days name="days" type="number" min="1" max=(MAX_TOKEN_DAYS) required value=(typed.days) aria-describedby="days-hint"; }))
        (parts::button_primary("plus", t!("Issue the token")))
    } }
}

/// Issues a token and shows it, once.
pub async fn issue(visit: Visit, Form(typed): Form<TokenForm>) -> Answer<Response> {
    let own = Own::of(&visit)?;
    if !own.is_fresh() {
        return Ok(confirm::ask(HREF));
    }
    match issued(&visit, &own, &typed) {
        Ok((change, secret)) => {
            own.record(&visit, change).await?;
            let typed = TokenForm {
                days: USUAL_DAYS.to_owned(),
                ..TokenForm::default()
            };
            page(&visit, &own, &typed, shown(&secret), html! {})
        }
        Err(told) => {
            let mut response = page(&visit, &own, &typed, html! {}, problems(&told))?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

fn issued(visit: &Visit, own: &Own, typed: &TokenForm) -> Result<(Change, Secret), Problems> {
    let (title, scopes, expires_at) = read(typed, own.now)?;
    let issued = visit.app().with_access(own.side, |state, entrance| {
        entrance.issue_token(state, &own.account.id, title, &scopes, expires_at, own.now)
    });
    // The account was found, so its realm is here.
    let issued = issued.unwrap_or_else(|| Err(Problem::new(t!("there is no such account"))));
    Ok(issued?)
}

/// What was typed, or everything that is wrong with it.
fn read(typed: &TokenForm, now: Timestamp) -> Result<(&str, BTreeSet<Scope>, Timestamp), Problems> {
    let mut wrong = Vec::new();
    let title = typed.title.trim();
    if title.is_empty() {
        let untitled = Problem::new(t!("it is not said what the token is for"));
        wrong.push(untitled.hint(t!("name the program that uses it")));
    }
    let scopes = Scope::read_all(typed.scopes.iter().map(String::as_str));
    match &scopes {
        Ok(scopes) if scopes.is_empty() => {
            let useless = Problem::new(t!("a token without a scope can do nothing"));
            wrong.push(useless.hint(t!("choose what it may do")));
        }
        Ok(_) => {}
        Err(problem) => wrong.push(problem.clone()),
    }
    let expires_at = expiry(&typed.days, now);
    wrong.extend(expires_at.as_ref().err().cloned());
    match (scopes, expires_at) {
        (Ok(scopes), Ok(expires_at)) if wrong.is_empty() => Ok((title, scopes, expires_at)),
        _ => Err(Problems(wrong)),
    }
}

/// When a token ends that is issued now.
fn expiry(days: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let days = days
        .trim()
        .parse::<i64>()
        .ok()
        .filter(|days| (1..=MAX_TOKEN_DAYS).contains(days));
    let days = days.ok_or_else(|| {
        Problem::new(t!("a token lasts from 1 to {n} days", n = MAX_TOKEN_DAYS))
            .hint(t!("write a whole number"))
    })?;
    Ok(now
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MAX))
}

fn shown(secret: &Secret) -> Markup {
    parts::note(
        Tone::Note,
        html! {
            b { (t!("This is the token. It is shown once: put it where the program reads it.")) }
            p { code #token.breaks { (secret.reveal()) } }
            p.mt8 { button.btn type="button" data-copy="#token" { (icon("copy")) (t!("Copy")) } }
        },
    )
}

/// Revokes a token.
pub async fn revoke(visit: Visit) -> Answer<Response> {
    let own = Own::of(&visit)?;
    let id: TokenId = visit.parsed("id")?;
    let revoked = visit.app().with_access(own.side, |state, entrance| {
        state.token(&id).filter(|it| it.account == own.account.id)?;
        Some(entrance.revoke_token(state, &id))
    });
    let change = revoked.flatten().ok_or(Fault::NotFound)??;
    own.record(&visit, change).await?;
    Ok(see(HREF))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    #[test]
    fn a_token_lasts_whole_days_and_not_for_ever() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        for (days, expected) in [
            ("1", Some("2026-03-03T09:00:00Z")),
            (" 366 ", Some("2027-03-03T09:00:00Z")),
            ("0", None),
            ("367", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            let found = super::expiry(days, now).ok();
            assert_eq!(found, expected.map(|it| it.parse().unwrap()), "{days:?}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let told = |title: &str, scopes: &[&str], days: &str| {
            let typed = super::TokenForm {
                title: title.to_owned(),
                scopes: scopes.iter().map(|it| (*it).to_owned()).collect(),
                days: days.to_owned(),
            };
            super::read(&typed, Timestamp::UNIX_EPOCH).map_or_else(|told| told.0.len(), |_| 0)
        };
        assert_eq!(told("", &[], ""), 3);
        assert_eq!(told(" ", &["everything"], "0"), 3);
        assert_eq!(told("Export", &[], "30"), 1);
        assert_eq!(told("Export", &["read", "run_tests"], "30"), 0);
    }
}
