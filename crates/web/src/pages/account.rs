//! One's own account: sessions, password, second factors, tokens.

use axum::response::Response;
use maud::html;
use tickmark_access::Action;
use tickmark_access::Resource;

use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::parts::{self, icon};
use crate::route::{Access, On, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

const OWN: Access = Access::May(Action::ViewOwnAccount, On::OwnAccount);
const CREDENTIALS: Access = Access::May(Action::ManageOwnCredentials, On::OwnAccount);

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/account", OWN, show),
        post("/account/sessions/{id}/end", CREDENTIALS, end_session),
    ]
}

async fn show(visit: Visit) -> Answer<Response> {
    let person = visit.signed_in()?.clone();
    let principal = &person.principal;
    let zone = visit.zone();
    let sessions = visit
        .app()
        .with_access(principal.side, |_, entrance| {
            entrance.sessions(&principal.account, visit.now())
        })
        .ok_or(Fault::NotFound)?;
    let sessions = sessions.map_err(|problem| Fault::Failed(problem.to_string()))?;
    let may = visit.may_on(
        Action::ManageOwnCredentials,
        Resource::Account {
            id: &principal.account,
        },
    );
    let body = html! {
        (head(&person.name, html! { (person.email) }, html! {}))
        div.grid.g-detail {
            div.stack {
                (parts::card_flush(t!("Where you are signed in"), html! {}, html! { ul.rows { @for it in &sessions { li { div.row-link {
                    (icon("monitor"))
                    span.grow { b { (it.user_agent) } small { (it.address) " · " (t!("since {at}", at = format::instant(it.created_at, &zone))) } }
                    @if Some(it.id.to_string()) == person.session { (parts::label(t!("this one"))) }
                    @else if may { form method="post" action={ "/account/sessions/" (it.id) "/end" } { button.btn type="submit" { (t!("End")) } } }
                } } } } }))
            }
            aside.stack { (parts::properties(&[
                (t!("Role"), html! { (principal.role.title()) }),
                (t!("Actor in the ledger"), html! { code { (principal.account) } }),
                (t!("Answers for"), html! { @if principal.functions.is_empty() { "–" } ul.plain { @for it in &principal.functions { li { (it) } } } }),
            ])) }
        }
    };
    Ok(Shown::new(t!("Account"), body).in_frame(&visit))
}

async fn end_session(visit: Visit) -> Answer<Response> {
    let person = visit.signed_in()?;
    let id = visit.parsed("id")?;
    let ended = visit
        .app()
        .with_access(person.principal.side, |_, entrance| {
            entrance.end_session(&person.principal.account, &id)
        });
    ended.ok_or(Fault::NotFound)??;
    Ok(crate::guard::see("/account"))
}
