//! What people keep for themselves: filters of tables under a name, and the
//! time zone they read instants in.
//!
//! What must hold: nobody sees or changes what another keeps; days are counted
//! in the organization's zone whatever anybody prefers, since controls are
//! tested in it.

use axum::response::Response;
use axum_extra::extract::Form;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{AccessStore, AccountId, SavedView};
use tickmark_catalog::Problem;

use crate::fault::{Answer, Fault};
use crate::guard::see;
use crate::listing::query_with;
use crate::parts::{self, icon, icon_small};
use crate::route::{Access, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

/// The preference for a time zone.
pub const TIME_ZONE: &str = "time_zone";

/// Parts of a query that are no filter.
const NO_FILTER: &[(&str, &str)] = &[("page", ""), ("format", ""), ("at", "")];

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        post("/views", Access::SignedIn, save_view),
        post("/views/{view}/remove", Access::SignedIn, remove_view),
        get("/account/preferences", Access::SignedIn, show),
        post("/account/preferences", Access::SignedIn, prefer),
    ]
}

/// Does something with what the visitor keeps.
fn with_own<T>(
    visit: &Visit,
    act: impl FnOnce(&AccessStore, &AccountId) -> Result<T, Problem>,
) -> Answer<T> {
    let principal = &visit.signed_in()?.principal;
    let done = visit.app().with_access(principal.side, |_, entrance| {
        act(entrance.store(), &principal.account)
    });
    Ok(done.ok_or(Fault::NotFound)??)
}

/// The views one keeps of a table, and a form to keep the filters as they are.
///
/// `table`: its name. Views that cannot be read are not shown; the log says why.
pub fn views(visit: &Visit, table: &str) -> Markup {
    let known = with_own(visit, |store, account| store.saved_views(account, table));
    let known = known.unwrap_or_else(|fault| {
        tracing::warn!(table, ?fault, "saved views cannot be read");
        Vec::new()
    });
    let to = visit.with(NO_FILTER);
    let query = to.split_once('?').map_or("", |(_, query)| query);
    html! {
        details.views {
            summary { (icon_small("save")) (t!("Saved views")) @if !known.is_empty() { span.n { (known.len()) } } }
            div.views-body {
                @if known.is_empty() { p.mut { (t!("Filter the table, then keep the filters under a name. Only you see them.")) } }
                @else { ul.rows { @for it in &known { li { (view(visit, it)) } } } }
                form.row.wrap method="post" action="/views" {
                    input type="hidden" name="table" value=(table);
                    input type="hidden" name="path" value=(visit.path());
                    input type="hidden" name="query" value=(query);
                    label.vh for={ "view-" (table) } { (t!("Name of the view")) }
                    input.text id={ "view-" (table) } name="title" required maxlength="80" placeholder=(t!("Name of the view"));
                    button.btn type="submit" { (icon("save")) (t!("Save view")) }
                }
            }
        }
    }
}

fn view(visit: &Visit, it: &SavedView) -> Markup {
    let is_shown = visit
        .with(NO_FILTER)
        .split_once('?')
        .map_or("", |(_, query)| query)
        == it.query;
    html! { div.row-link {
        a.grow href={ (visit.path()) "?" (it.query) } aria-current=[is_shown.then_some("true")] { (it.title) }
        form method="post" action={ "/views/" (it.id) "/remove" } {
            input type="hidden" name="path" value=(visit.path());
            button.btn.icon-only type="submit" aria-label=(t!("Remove {title}", title = it.title)) { (icon("trash-2")) }
        }
    } }
}

/// An address of this server; another leads to the start.
fn local(path: &str) -> &str {
    let is_local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if is_local { path } else { "/" }
}

#[derive(Deserialize)]
struct Kept {
    table: String,
    path: String,
    query: String,
    title: String,
}

async fn save_view(visit: Visit, Form(form): Form<Kept>) -> Answer<Response> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.query.as_bytes())
        .into_owned()
        .collect();
    let query = query_with(&pairs, NO_FILTER);
    with_own(&visit, |store, account| {
        store.save_view(account, &form.table, &form.title, &query)
    })?;
    Ok(see(&format!("{}?{query}", local(&form.path))))
}

#[derive(Deserialize)]
struct Removed {
    path: String,
}

async fn remove_view(visit: Visit, Form(form): Form<Removed>) -> Answer<Response> {
    let id = visit.parsed("view")?;
    with_own(&visit, |store, account| store.remove_view(account, id))?;
    Ok(see(local(&form.path)))
}

/// The zone the visitor prefers, where there is one.
pub fn preferred_zone(
    store: &AccessStore,
    account: &AccountId,
) -> Result<Option<TimeZone>, Problem> {
    let preferences = store.preferences(account)?;
    // A zone that is gone from the database of zones is as none.
    Ok(preferences
        .get(TIME_ZONE)
        .and_then(|name| TimeZone::get(name).ok()))
}

async fn show(visit: Visit) -> Answer<Response> {
    let preferences = with_own(&visit, |store, account| store.preferences(account))?;
    let chosen = preferences.get(TIME_ZONE).map_or("", String::as_str);
    let own = visit
        .recorded()
        .ok()
        .map(|it| it.program.organization.time_zone.clone());
    let body = html! {
        form.form method="post" action="/account/preferences" {
            (parts::field("time_zone", t!("Time zone"), t!("Instants are shown in it. Days are counted in the organization's zone all the same, since controls are tested in it."), html! {
                select #time_zone name="time_zone" aria-describedby="time_zone-hint" {
                    option value="" { (t!("The organization's")) @if let Some(own) = &own { " (" (own) ")" } }
                    @for zone in jiff::tz::db().available() { option value=(zone.as_str()) selected[zone.as_str() == chosen] { (zone.as_str()) } }
                }
            }))
            (parts::button_primary("check", t!("Save")))
        }
    };
    super::account::preferences(&visit, body)
}

#[derive(Deserialize)]
struct Preferred {
    time_zone: String,
}

async fn prefer(visit: Visit, Form(form): Form<Preferred>) -> Answer<Response> {
    let zone = form.time_zone.trim();
    if !zone.is_empty() && TimeZone::get(zone).is_err() {
        return Err(Problem::new(format!("there is no time zone `{zone}`"))
            .hint("choose one of the list, such as `Europe/Berlin`")
            .into());
    }
    with_own(&visit, |store, account| {
        store.prefer(account, TIME_ZONE, (!zone.is_empty()).then_some(zone))
    })?;
    Ok(see("/account/preferences"))
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn an_address_elsewhere_is_not_gone_to() {
        assert_eq!(local("/controls"), "/controls");
        for path in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
        ] {
            assert_eq!(local(path), "/", "{path}");
        }
    }
}
