//! Webhooks: where they post, what they tell, and how their last deliveries
//! went.
//!
//! What must hold: a secret is shown once; an address inside the network is
//! refused before it is recorded, unless the settings allow it.

use std::collections::BTreeSet;

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{Action, Delivery, Side, Webhook, WebhookId};
use tickmark_catalog::Problem;
use tickmark_realm::{CompanyState, FirmState};

use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::parts::{self, Tone, icon};
use crate::route::{Access, On, Route, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;

const MANAGE: Access = Access::May(Action::ManageWebhooks, On::OwnRealm);

/// Deliveries a webhook is shown with.
const SHOWN_DELIVERIES: u32 = 10;

/// The routes, below the settings.
pub fn routes() -> Vec<Route> {
    vec![
        get("/settings/webhooks", MANAGE, show),
        post("/settings/webhooks", MANAGE, add),
        post("/settings/webhooks/{webhook}/remove", MANAGE, remove),
        post(
            "/settings/webhooks/{webhook}/deliveries/{delivery}/again",
            MANAGE,
            again,
        ),
    ]
}

fn side(visit: &Visit) -> Answer<Side> {
    Ok(visit.signed_in()?.principal.side)
}

/// The kinds of entry a realm's webhooks can be told.
fn kinds(side: Side) -> Vec<&'static str> {
    match side {
        Side::Company => CompanyState::kinds(),
        Side::Firm => FirmState::kinds(),
    }
}

/// A card of the settings that leads here.
pub fn card(visit: &Visit) -> Markup {
    let count = side(visit).ok().and_then(|side| {
        visit
            .app()
            .with_access(side, |state, _| state.webhooks().count())
    });
    parts::card(
        t!("Webhooks"),
        parts::more("/settings/webhooks", t!("Manage")),
        html! {
            p.mut2 { (tn!(count.unwrap_or(0), "{n} webhook tells another system when something is recorded.", "{n} webhooks tell other systems when something is recorded.")) }
        },
    )
}

async fn show(visit: Visit) -> Answer<Response> {
    page(&visit, html! {})
}

fn page(visit: &Visit, above: Markup) -> Answer<Response> {
    let side = side(visit)?;
    let found = visit.app().with_access(side, |state, entrance| {
        let all: Vec<Webhook> = state.webhooks().cloned().collect();
        let told = all.into_iter().map(|it| {
            let deliveries = entrance.store().deliveries(&it.id, SHOWN_DELIVERIES)?;
            Ok((it, deliveries))
        });
        told.collect::<Result<Vec<_>, Problem>>()
    });
    let found = found
        .ok_or(Fault::NotFound)?
        .map_err(|problem| Fault::Failed(problem.to_string()))?;
    let body = html! {
        (head(t!("Webhooks"), html! { (t!("Other systems are told that something was recorded: which entry, never what it says.")) }, html! {}))
        (above)
        @if found.is_empty() { p.none { (t!("There is none yet.")) } }
        @for (webhook, deliveries) in &found { (webhook_card(visit, webhook, deliveries)) }
        (parts::card(t!("Add a webhook"), html! {}, form(side)))
    };
    Ok(Shown::new(t!("Webhooks"), body)
        .below("/settings", t!("Settings"))
        .in_frame(visit))
}

fn webhook_card(visit: &Visit, webhook: &Webhook, deliveries: &[Delivery]) -> Markup {
    let base = format!("/settings/webhooks/{}", webhook.id);
    let beside = html! { form method="post" action={ (base) "/remove" } { button.btn.danger type="submit" { (icon("x")) (t!("Remove")) } } };
    parts::card(
        &webhook.url,
        beside,
        html! {
            p.row.wrap { @for kind in &webhook.events { (parts::tag(kind)) } }
            @if deliveries.is_empty() { p.none { (t!("Nothing was delivered yet.")) } } @else {
                div.scroll tabindex="0" role="region" aria-label=(t!("Last deliveries")) { table.tbl {
                    thead { tr { th scope="col" { (t!("Delivery")) } th scope="col" { (t!("Queued")) } th scope="col" { (t!("Tried")) } th scope="col" { (t!("State")) } th scope="col" { span.vh { (t!("Do")) } } } }
                    tbody { @for it in deliveries { tr {
                        td { code { (it.id) } }
                        td { (format::instant(it.created_at, &visit.zone())) }
                        td.r { (it.attempts) }
                        td { (state(visit, it)) }
                        td { form method="post" action={ (base) "/deliveries/" (it.id) "/again" } { button.btn type="submit" { (t!("Deliver again")) span.vh { " " (it.id) } } } }
                    } } }
                } }
            }
        },
    )
}

fn state(visit: &Visit, delivery: &Delivery) -> Markup {
    let answered = delivery
        .last_status
        .map(|status| t!("answered {status}", status = status));
    html! {
        @match (delivery.delivered_at, delivery.next_at) {
            (Some(_), _) => (parts::pill(Tone::Ok, t!("Delivered"))),
            (None, Some(next)) => { (parts::pill(Tone::Note, t!("Queued"))) @if delivery.attempts > 0 { small { (t!("again at {at}", at = format::instant(next, &visit.zone()))) } } }
            (None, None) => (parts::pill(Tone::Bad, t!("Given up"))),
        }
        @if let Some(answered) = answered { small { (answered) } }
    }
}

fn form(side: Side) -> Markup {
    html! { form.form method="post" action="/settings/webhooks" {
        (parts::field("url", t!("Address"), t!("Where to post, starting with https://"), html! { input #url name="url" type="url" required maxlength="2000" placeholder="https://hooks.example.com/tickmark" aria-describedby="url-hint"; }))
        fieldset.kinds {
            legend { (t!("Kinds of entry")) }
            @for kind in kinds(side) { label.check-line { input type="checkbox" name="kind" value=(kind); code { (kind) } } }
        }
        (parts::button_primary("plus", t!("Add")))
    } }
}

#[derive(Deserialize)]
struct NewWebhook {
    url: String,
    #[serde(default)]
    kind: Vec<String>,
}

async fn add(visit: Visit, Form(new): Form<NewWebhook>) -> Answer<Response> {
    let (app, side) = (visit.app(), side(&visit)?);
    let known = kinds(side);
    if let Some(unknown) = new.kind.iter().find(|it| !known.contains(&it.as_str())) {
        return Err(
            Problem::new(format!("there is no kind of entry `{unknown}`"))
                .hint("choose from those of the form")
                .into(),
        );
    }
    crate::webhooks::postable(new.url.trim(), app.settings().webhook_private_addresses)?;
    let events: BTreeSet<String> = new.kind.into_iter().collect();
    let made = app.with_access(side, |state, entrance| {
        entrance.add_webhook(state, &new.url, &events)
    });
    let (change, secret) = made.ok_or(Fault::NotFound)??;
    app.record(side, visit.actor()?, change).await?;
    page(
        &visit,
        parts::note(
            Tone::Note,
            html! {
                b { (t!("This secret signs what is posted. It is shown once: give it to the receiver.")) }
                p { code #secret.breaks { (secret.reveal()) } }
                button.btn type="button" data-copy="#secret" { (icon("copy")) (t!("Copy")) }
            },
        ),
    )
}

async fn remove(visit: Visit) -> Answer<Response> {
    let (app, side) = (visit.app(), side(&visit)?);
    let id: WebhookId = visit.parsed("webhook")?;
    let known = app.with_access(side, |state, _| state.webhook(&id).is_some());
    if known != Some(true) {
        return Err(Fault::NotFound);
    }
    let change = app
        .with_access(side, |state, entrance| entrance.remove_webhook(state, &id))
        .ok_or(Fault::NotFound)??;
    app.record(side, visit.actor()?, change).await?;
    Ok(crate::guard::see("/settings/webhooks"))
}

async fn again(visit: Visit) -> Answer<Response> {
    let (app, side) = (visit.app(), side(&visit)?);
    let (webhook, delivery): (WebhookId, i64) =
        (visit.parsed("webhook")?, visit.parsed("delivery")?);
    let entrance = app.entrance(side).ok_or(Fault::NotFound)?;
    entrance
        .store()
        .redeliver(&webhook, delivery, visit.now())
        .map_err(|_| Fault::NotFound)?;
    if let Some(outbox) = app.outbox(side) {
        outbox.wake();
    }
    Ok(crate::guard::see("/settings/webhooks"))
}
