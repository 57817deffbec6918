//! What is around every page: navigation, breadcrumb, search, the moment shown.
//!
//! What must hold: an entry of the navigation is there only for who may open
//! it; a page of the past says so.

use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use tickmark_access::Side;

use crate::assets;
use crate::pages::{Group, PAGES};
use crate::parts::{avatar, icon, icon_small};
use crate::strings::t;
use crate::visit::Visit;

/// A page to be shown in the frame.
pub struct Shown {
    /// Title, also of the browser's tab.
    pub title: String,
    /// What stands before it in the breadcrumb: address and title.
    pub above: Vec<(String, String)>,
    /// Below the breadcrumb.
    pub body: Markup,
}

impl Shown {
    /// A page directly below the start.
    pub fn new(title: impl Into<String>, body: Markup) -> Self {
        Self {
            title: title.into(),
            above: Vec::new(),
            body,
        }
    }

    /// A page below another.
    pub fn below(mut self, href: impl Into<String>, title: impl Into<String>) -> Self {
        self.above.push((href.into(), title.into()));
        self
    }

    /// As a response.
    pub fn in_frame(self, visit: &Visit) -> Response {
        Html(page(visit, &self).into_string()).into_response()
    }
}

/// A page head: title, a line below it, buttons beside it.
pub fn head(title: &str, below: Markup, actions: Markup) -> Markup {
    html! {
        div.page-head {
            div { h1 { (title) } p { (below) } }
            div.row.wrap { (actions) }
        }
    }
}

/// A document without navigation, for who is not signed in.
pub fn bare(title: &str, body: Markup) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            (head_element(title, "Tickmark"))
            body.bare { main #main .bare-card { (body) } }
        }
    };
    Html(document.into_string()).into_response()
}

/// A document without navigation that is as wide as a page, to read.
pub fn reading(title: &str, body: Markup) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            (head_element(title, "Tickmark"))
            body { main #main .content { (body) } }
        }
    };
    Html(document.into_string()).into_response()
}

fn page(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head_element(&shown.title, &organization(visit)))
            body {
                a.skip href="#main" { (t!("Skip to content")) }
                div.shell {
                    (side(visit))
                    div.main {
                        (topbar(visit, shown))
                        @if let Some(at) = visit.shows_past() { (past(visit, at)) }
                        main #main .content tabindex="-1" { (shown.body) (colophon(visit)) }
                    }
                }
                @if may_search(visit) { (palette()) }
                div #live .vh role="status" aria-live="polite" {}
            }
        }
    }
}

/// What a page on paper says of itself: whose it is, from how much of the ledger,
/// and when it was shown. A screen does not show it.
fn colophon(visit: &Visit) -> Markup {
    let at = crate::format::instant(visit.now(), &visit.zone());
    html! { @if let Ok(picture) = visit.picture() {
        p.colophon { (t!("{name}: {path}, from {n} entries of the ledger, shown {at}", name = organization(visit), path = visit.path(), n = crate::format::number(picture.state.size), at = at)) }
    } }
}

fn head_element(title: &str, organization: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="htmx-config" content=r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true}"#;
            title { (title) " · " (organization) }
            link rel="icon" href=(assets::address("mark.svg")) type="image/svg+xml";
            link rel="stylesheet" href=(assets::address("app.css"));
            script src=(assets::address("theme.js")) {}
            script src=(assets::address("htmx.min.js")) defer {}
            script src=(assets::address("app.js")) defer {}
        }
    }
}

/// The name of the organization the pages are about.
fn organization(visit: &Visit) -> String {
    let recorded = visit.recorded().ok();
    recorded.map_or_else(
        || "Tickmark".to_owned(),
        |it| it.program.organization.short_name.clone(),
    )
}

fn side(visit: &Visit) -> Markup {
    let shown: Vec<_> = PAGES.iter().filter(|page| page.is_open_to(visit)).collect();
    html! {
        aside.side #side {
            (organization_box(visit))
            nav.stack aria-label=(t!("Main")) {
                @for group in Group::ALL {
                    @let pages: Vec<_> = shown.iter().filter(|page| page.group == *group).collect();
                    @if !pages.is_empty() {
                        div.nav {
                            @if let Some(title) = group.title() { h2.nav-title { (title) } }
                            @for page in pages {
                                a href=(page.link(visit)) aria-current=[page.is_current(visit.path()).then_some("page")] {
                                    (icon(page.icon)) (crate::strings::look_up(page.title))
                                    @if let Some(count) = (page.count)(visit) { " " span.count { (crate::format::number(count as u64)) } }
                                }
                            }
                        }
                    }
                }
            }
            (account(visit))
        }
    }
}

fn organization_box(visit: &Visit) -> Markup {
    let name = organization(visit);
    let below = visit.recorded().ok().map_or_else(String::new, |it| {
        t!(
            "SOC 2 · {end}",
            end = crate::format::day(it.program.period.end)
        )
    });
    html! {
        a.org href="/" {
            span.logo aria-hidden="true" { (name.chars().next().unwrap_or('T')) }
            span { b { (name) } small { (below) } }
        }
    }
}

fn account(visit: &Visit) -> Markup {
    let Some(person) = visit.person() else {
        return html! {};
    };
    let side = match person.principal.role.side() {
        Side::Company => t!("Company"),
        Side::Firm => t!("Firm"),
    };
    html! {
        div.nav.foot {
            button.nav-button type="button" data-theme-switch { (icon("sun-moon")) (t!("Light or dark")) }
            a href="/account" aria-current=[visit.path().starts_with("/account").then_some("page")] {
                (avatar(&person.name))
                span.who { b { (person.name) } small { (person.principal.role.title()) " · " (side) } }
            }
            form method="post" action="/sign-out" { button.nav-button type="submit" { (icon("log-out")) (t!("Sign out")) } }
        }
    }
}

fn topbar(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        header.topbar {
            button.btn.ghost.icon-only.only-s type="button" data-menu aria-label=(t!("Menu")) aria-controls="side" aria-expanded="false" { (icon("menu")) }
            nav.crumbs aria-label=(t!("Breadcrumb")) {
                a.hide-s href="/" { (organization(visit)) }
                @for (href, title) in &shown.above { span.sep aria-hidden="true" { (icon_small("chevron-right")) } a.hide-s href=(visit.link(href)) { (title) } }
                span.sep aria-hidden="true" { (icon_small("chevron-right")) }
                b aria-current="page" { (shown.title) }
            }
            @if may_search(visit) { a.searchbox href="/search" data-palette-open aria-label=(t!("Search or jump to")) { (icon("search")) span { (t!("Search or jump to")) } kbd { "Ctrl K" } } }
        }
    }
}

fn past(visit: &Visit, at: &str) -> Markup {
    html! {
        div.past role="status" {
            (icon("history"))
            span { (t!("As the ledger stood at {at}. Nothing can be changed here.", at = at)) }
            @if visit.picture().is_ok_and(crate::picture::Picture::is_between) {
                span { (t!("It falls between the entries of one change: the program was not whole.")) }
            }
            a.btn href=(visit.with(&[("at", "")])) { (t!("Back to now")) }
        }
    }
}

/// Who may not see the program finds nothing, so has nothing to search with.
fn may_search(visit: &Visit) -> bool {
    visit.may(tickmark_access::Action::ViewProgram)
}

fn palette() -> Markup {
    html! {
        dialog.palette #palette aria-label=(t!("Search or jump to")) {
            form method="get" action="/search" role="search" {
                (icon("search"))
                input #palette-input type="search" name="q" autocomplete="off" aria-label=(t!("Search")) placeholder=(t!("Control, test, policy, page …"))
                    hx-get="/search/found" hx-trigger="input changed delay:80ms, palette from:body" hx-target="#palette-found";
            }
            div #palette-found .palette-found aria-live="polite" {}
        }
    }
}
