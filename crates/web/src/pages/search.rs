//! Search over everything, as a page and as the palette's list.

use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::{Group, PAGES, Page, no_count};
use crate::fault::Answer;
use crate::frame::{Shown, head};
use crate::parts::{self, icon, tag};
use crate::route::{PROGRAM, get};
use crate::search::Found;
use crate::strings::{look_up, t, tn};
use crate::visit::Visit;

/// What the palette shows at most.
const IN_PALETTE: usize = 12;
/// What the page shows at most.
const ON_PAGE: usize = 200;

/// The page.
pub static PAGE: Page = Page {
    title: "Search",
    icon: "search",
    group: Group::Start,
    href: "/search",
    access: PROGRAM,
    count: no_count,
    routes: || {
        vec![
            get("/search", PROGRAM, page),
            get("/search/found", PROGRAM, found),
        ]
    },
};

/// What a visitor may find for some words: pages first, then records.
fn matches<'v>(
    visit: &'v Visit,
    words: &str,
    limit: usize,
) -> (Vec<&'static Page>, Vec<&'v Found>) {
    let folded = words.trim().to_lowercase();
    let pages = PAGES.iter().copied().filter(|page| page.is_open_to(visit));
    let pages = pages
        .filter(|page| folded.is_empty() || look_up(page.title).to_lowercase().contains(&folded))
        .collect();
    let records = visit
        .picture()
        .ok()
        .map_or_else(Vec::new, |picture| picture.search.find(words, limit));
    (pages, records)
}

fn list(visit: &Visit, words: &str, limit: usize) -> Markup {
    let (pages, records) = matches(visit, words, limit);
    html! {
        ul.found {
            @for page in &pages { li { a.row-link href=(page.link(visit)) { (icon(page.icon)) span.grow { (look_up(page.title)) } span.mut { (t!("Page")) } } } }
            @for it in &records { li { a.row-link href=(visit.link(&it.href)) { (tag(&it.id)) span.grow { (it.title) } span.mut { (it.kind.title()) } } } }
        }
        @if pages.is_empty() && records.is_empty() { p.none { (t!("Nothing is called that.")) } }
    }
}

async fn page(visit: Visit) -> Answer<Response> {
    let words = visit.asked("q").unwrap_or_default();
    let (pages, records) = matches(&visit, words, ON_PAGE);
    let count = pages.len() + records.len();
    let body = html! {
        (head(t!("Search"), html! { @if !words.is_empty() { (tn!(count, "{n} match", "{n} matches")) } }, html! {}))
        form.search-form method="get" action="/search" role="search" {
            label.vh for="q" { (t!("Search")) }
            input #q type="search" name="q" value=(words) autocomplete="off" placeholder=(t!("Control, test, policy, page …"));
            (parts::button_primary("search", t!("Search")))
        }
        section.card { (list(&visit, words, ON_PAGE)) }
    };
    Ok(Shown::new(t!("Search"), body).in_frame(&visit))
}

async fn found(visit: Visit) -> Answer<Response> {
    let words = visit.asked("q").unwrap_or_default();
    Ok(Html(list(&visit, words, IN_PALETTE).into_string()).into_response())
}
