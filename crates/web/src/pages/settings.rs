//! Settings: the organization, who may come in and with which role, invitations,
//! tokens, the ledger's key, what the server was told to do.
//!
//! What must hold: a link is shown once; the last owner or partner stays; what a
//! role may do is read from the policies that decide.

mod roles;
mod tokens;

use std::collections::BTreeSet;

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{Account, AccountId, AccountStatus, Action, Profile, Role, Side};
use tickmark_realm::Journal;

use super::{Group, Page, no_count};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{PAGE_ROWS, page_of};
use crate::parts::{self, Tone, icon, icon_small};
use crate::route::{Access, On, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The entry that a new key leaves.
const KEY_ROTATED: &str = "ledger.key_rotated/1";

const MANAGE: Access = Access::May(Action::ManageAccess, On::OwnRealm);

/// The page.
pub static PAGE: Page = Page {
    title: "Settings",
    icon: "settings",
    group: Group::System,
    href: "/settings",
    access: MANAGE,
    count: no_count,
    routes: || {
        vec![
            get("/settings", MANAGE, show),
            post("/settings/people", MANAGE, invite),
            post("/settings/people/{account}/link", MANAGE, link),
            post("/settings/people/{account}/reset", MANAGE, reset),
            post("/settings/people/{account}/role", MANAGE, role),
            post("/settings/people/{account}/close", MANAGE, close),
            post("/settings/people/{account}/reopen", MANAGE, reopen),
            get("/settings/roles", MANAGE, roles::show),
            post("/settings/tokens/{id}/revoke", MANAGE, tokens::revoke),
        ]
    },
};

fn side(visit: &Visit) -> Answer<Side> {
    Ok(visit.signed_in()?.principal.side)
}

async fn show(visit: Visit) -> Answer<Response> {
    page(&visit, html! {})
}

fn page(visit: &Visit, above: Markup) -> Answer<Response> {
    let side = side(visit)?;
    let words = visit.asked("q").unwrap_or_default().trim().to_lowercase();
    let is_meant = |it: &&Account| {
        let told = [it.id.as_str(), &it.name, &it.email];
        told.iter().any(|text| text.to_lowercase().contains(&words))
    };
    let (all, count, shown, links) = visit
        .app()
        .with_access(side, |state, _| {
            let meant: Vec<&Account> = state.accounts().filter(is_meant).collect();
            let (first, links) = page_of(visit, meant.len());
            let shown = meant.iter().skip(first).take(PAGE_ROWS);
            let shown: Vec<Account> = shown.map(|it| Account::clone(it)).collect();
            (state.accounts().count(), meant.len(), shown, links)
        })
        .ok_or(Fault::NotFound)?;
    let search = html! { @if all > PAGE_ROWS { form.filters method="get" action="/settings" role="search" {
        label.filter-text { (icon_small("search")) span.vh { (t!("Filter")) } input type="search" name="q" value=(words) placeholder=(t!("Filter")) autocomplete="off"; }
        button.btn.apply type="submit" { (icon("filter")) (t!("Apply")) }
    } } };
    let body = html! {
        (head(t!("Settings"), html! { (t!("Who may come in, and what the server does.")) }, parts::button_link("/settings/roles", "users", t!("What each role may do"))))
        (above)
        (organization_card(visit, side))
        (parts::card_flush(t!("People"), html! { span.mut { (tn!(count, "{n} account", "{n} accounts")) } }, html! {
            (search)
            ul.rows { @for it in &shown { li { (account_row(visit, side, it)) } } }
            (links)
        }))
        (parts::card(t!("Invite someone"), html! {}, invite_form(side)))
        (tokens::card(visit, side)?)
        (super::webhooks::card(visit))
        (key_card(visit, side)?)
        (server_card(visit))
    };
    Ok(Shown::new(t!("Settings"), body).in_frame(visit))
}

fn account_row(visit: &Visit, side: Side, it: &Account) -> Markup {
    let base = format!("/settings/people/{}", it.id);
    html! { div.row-link {
        (parts::avatar(&it.name))
        span.grow { b { (it.name) } small { (it.email) " · " code { (it.id) } @if let Some(until) = it.invited_until { " · " (t!("invited until {at}", at = format::instant(until, &visit.zone()))) } } }
        @match it.status { AccountStatus::Active => (parts::pill(Tone::Ok, t!("Active"))), AccountStatus::Invited => (parts::pill(Tone::Note, t!("Invited"))), AccountStatus::Closed => (parts::pill(Tone::Idle, t!("Closed"))) }
        form.row method="post" action={ (base) "/role" } {
            label.vh for={ "role-" (it.id) } { (t!("Role of {name}", name = it.name)) }
            select id={ "role-" (it.id) } name="role" { @for role in Role::ALL.iter().filter(|role| role.may_enter(side)) { option value=(role) selected[*role == it.role] { (role.title()) } } }
            button.btn type="submit" { (t!("Change")) }
        }
        @if it.status == AccountStatus::Closed { form method="post" action={ (base) "/reopen" } { button.btn type="submit" { (t!("Reopen")) } } }
        @else {
            @if it.credentials.totp || !it.credentials.passkeys.is_empty() { form method="post" action={ (base) "/reset" } { button.btn type="submit" { (t!("Reset second factor")) } } }
            form method="post" action={ (base) "/link" } { button.btn type="submit" { (icon("link")) (t!("New link")) } }
            form method="post" action={ (base) "/close" } { button.btn.danger type="submit" { (t!("Close")) } }
        }
    } }
}

fn invite_form(side: Side) -> Markup {
    html! { form.form method="post" action="/settings/people" {
        div.form-row {
            (parts::field("name", t!("Name"), "", html! { input #name name="name" required; }))
            (parts::field("email", t!("E-mail address"), "", html! { input #email name="email" type="email" required; }))
            (parts::field("role", t!("Role"), "", html! { select #role name="role" { @for role in Role::ALL.iter().filter(|role| role.may_enter(side)) { option value=(role) { (role.title()) } } } }))
        }
        (parts::field("functions", t!("Answers for the controls of"), t!("Owner roles as the controls name them, separated by semicolons."), html! { input #functions name="functions" aria-describedby="functions-hint"; }))
        (parts::button_primary("user-plus", t!("Invite")))
    } }
}

/// What the program says of the organization and what is examined; a firm has none.
fn organization_card(visit: &Visit, side: Side) -> Markup {
    let recorded = match side {
        Side::Company => visit.recorded().ok(),
        Side::Firm => None,
    };
    let Some(recorded) = recorded else {
        return html! {};
    };
    let program = &recorded.program;
    let (organization, period) = (&program.organization, program.period);
    let categories = program.scope.categories.iter();
    let categories: Vec<String> = categories.map(|it| format::words(it.title())).collect();
    parts::card(
        t!("Organization"),
        super::records::settings_link(visit, t!("Edit")),
        parts::properties(&[
            (t!("Legal name"), html! { (organization.name) }),
            (
                t!("City and country"),
                html! { (organization.headquarters) },
            ),
            (t!("Time zone"), html! { (organization.time_zone) }),
            (t!("System"), html! { (program.system.name) }),
            (t!("Categories"), html! { (categories.join(", ")) }),
            (
                t!("Period"),
                html! { (format::day(period.start)) " – " (format::day(period.end)) },
            ),
        ]),
    )
}

/// The key that signs the ledger's checkpoints, and how to change it.
fn key_card(visit: &Visit, side: Side) -> Answer<Markup> {
    let failed = |error: tickmark_ledger::LedgerError| Fault::Failed(error.to_string());
    let workspace = visit.app().workspace(side).ok_or(Fault::NotFound)?;
    let reader = workspace.reader()?;
    let rotations = match side {
        Side::Company => rotations(&visit.picture()?.state.journal),
        Side::Firm => rotations(&visit.firm()?.state().journal),
    };
    Ok(parts::card(
        t!("Key of the ledger"),
        html! {},
        html! {
            (parts::properties(&[
                (t!("Origin"), html! { code { (reader.origin().map_err(failed)?) } }),
                (t!("Verifier key"), html! { code.breaks { (reader.verifier_key().map_err(failed)?) } }),
                (t!("Rotated"), html! { (tn!(rotations, "{n} time", "{n} times")) }),
            ]))
            p.mut.mt8 { (parts::coded(t!("The signing key lies beside the workspace and is never shown. A new one is made with `tickmark ledger rotate-key` while the server is stopped; whoever trusts the old key follows the ledger to the new one."))) }
        },
    ))
}

fn rotations(journal: &Journal) -> u64 {
    let mut kinds = journal.kinds();
    kinds
        .find(|(kind, _)| *kind == KEY_ROTATED)
        .map_or(0, |(_, n)| n)
}

fn server_card(visit: &Visit) -> Markup {
    let settings = visit.app().settings();
    parts::card(
        t!("Server"),
        html! {},
        parts::properties(&[
            (t!("Listens on"), html! { code { (settings.listen) } }),
            (
                t!("Encrypted"),
                html! { @if settings.is_secure() { (t!("yes")) } @else { (t!("no: for this machine alone")) } },
            ),
            (
                t!("Largest upload"),
                html! { (format::bytes(settings.max_upload_bytes)) },
            ),
            (
                t!("Metrics"),
                html! { @match settings.metrics { Some(at) => code { (at) }, None => (t!("not told")) } },
            ),
            (
                t!("Single sign-on"),
                html! { @match &settings.sso { Some(sso) => code { (sso.issuer) }, None => (t!("none")) } },
            ),
            (t!("Version"), html! { (env!("CARGO_PKG_VERSION")) }),
        ]),
    )
}

#[derive(Deserialize)]
struct InviteForm {
    name: String,
    email: String,
    role: Role,
    #[serde(default)]
    functions: String,
}

fn functions(text: &str) -> BTreeSet<String> {
    text.split(';')
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn invite(visit: Visit, Form(form): Form<InviteForm>) -> Answer<Response> {
    let (app, side, actor) = (visit.app(), side(&visit)?, visit.actor()?);
    let profile = Profile {
        name: form.name,
        email: form.email,
        role: form.role,
        functions: functions(&form.functions),
    };
    let id = AccountId::random(&app.random());
    let added = app
        .with_access(side, |state, _| state.add(side, &id, &profile))
        .ok_or(Fault::NotFound)??;
    app.record_events(side, actor.clone(), vec![added]).await?;
    new_link(&visit, side, actor, &id).await
}

/// Makes a link for an account and shows it, once.
async fn new_link(visit: &Visit, side: Side, actor: String, id: &AccountId) -> Answer<Response> {
    let app = visit.app();
    let (change, secret) = app
        .with_access(side, |state, entrance| {
            entrance.invite(state, id, visit.now())
        })
        .ok_or(Fault::NotFound)??;
    app.record(side, actor, change).await?;
    let link = format!(
        "{}/invitation/{}",
        app.settings().base(app.settings().listen),
        secret.reveal()
    );
    let above = parts::note(
        Tone::Note,
        html! {
            b { (t!("Send this link to the person. It is shown once, works once, and for 72 hours.")) }
            p { code #invitation.breaks { (link) } }
            button.btn type="button" data-copy="#invitation" { (icon("copy")) (t!("Copy")) }
        },
    );
    page(visit, above)
}

async fn link(visit: Visit) -> Answer<Response> {
    let id: AccountId = visit.parsed("account")?;
    new_link(&visit, side(&visit)?, visit.actor()?, &id).await
}

/// Takes the second factors of someone who lost theirs away; the password stays.
async fn reset(visit: Visit) -> Answer<Response> {
    let (app, side, id) = (
        visit.app(),
        side(&visit)?,
        visit.parsed::<AccountId>("account")?,
    );
    let change = app.with_access(side, |state, entrance| {
        entrance.reset_second_factors(state, &id)
    });
    app.record(side, visit.actor()?, change.ok_or(Fault::NotFound)??)
        .await?;
    Ok(crate::guard::see("/settings"))
}

#[derive(Deserialize)]
struct RoleForm {
    role: Role,
}

async fn role(visit: Visit, Form(form): Form<RoleForm>) -> Answer<Response> {
    let (app, side, id) = (
        visit.app(),
        side(&visit)?,
        visit.parsed::<AccountId>("account")?,
    );
    let changed = app.with_access(side, |state, _| {
        let account = state.account(&id)?;
        let profile = Profile {
            name: account.name.clone(),
            email: account.email.clone(),
            role: form.role,
            functions: account.functions.clone(),
        };
        Some(state.change(side, &id, &profile))
    });
    let event = changed.flatten().ok_or(Fault::NotFound)??;
    app.record_events(side, visit.actor()?, vec![event]).await?;
    Ok(crate::guard::see("/settings"))
}

async fn close(visit: Visit) -> Answer<Response> {
    let (app, side, id) = (
        visit.app(),
        side(&visit)?,
        visit.parsed::<AccountId>("account")?,
    );
    let event = app
        .with_access(side, |state, _| state.close(side, &id))
        .ok_or(Fault::NotFound)??;
    app.record_events(side, visit.actor()?, vec![event]).await?;
    // The ledger says so already; from here on no session or token is left either.
    app.with_access(side, |_, entrance| entrance.store().shut_out(&id))
        .ok_or(Fault::NotFound)??;
    Ok(crate::guard::see("/settings"))
}

async fn reopen(visit: Visit) -> Answer<Response> {
    let (app, side, id) = (
        visit.app(),
        side(&visit)?,
        visit.parsed::<AccountId>("account")?,
    );
    let event = app
        .with_access(side, |state, _| state.reopen(&id))
        .ok_or(Fault::NotFound)??;
    app.record_events(side, visit.actor()?, vec![event]).await?;
    Ok(crate::guard::see("/settings"))
}
