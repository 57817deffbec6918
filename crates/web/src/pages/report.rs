//! Issued reports: the pages beside the facts they come from. A sentence that
//! rests on facts can be chosen, and leads to its rows.
//!
//! What must hold: what is shown are the very bytes that were issued, or
//! nothing; the digest is compared at every read.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tickmark_access::Action;
use tickmark_engagement::ReportIssued;

use super::{Group, Page};
use crate::fault::{Answer, Fault};
use crate::format::{self, short};
use crate::frame::{Shown, head};
use crate::parts::{self, Tone, icon};
use crate::route::{Access, On, get};
use crate::strings::t;
use crate::visit::Visit;

const READERS: Access = Access::May(Action::ViewReport, On::Company);

/// The page.
pub static PAGE: Page = Page {
    title: "Report",
    icon: "file-text",
    group: Group::Examination,
    href: "/report",
    access: READERS,
    count: |visit| Some(visit.firm().ok()?.state().engagement.issued.len()),
    routes: || {
        vec![
            get("/report", READERS, list),
            get("/report/{id}", READERS, show),
            get("/report/{id}/pages", READERS, pages),
            get("/report/{id}/file/{kind}", READERS, file),
            get("/facts/{kind}/{id}", READERS, fact),
        ]
    },
};

async fn list(visit: Visit) -> Answer<Response> {
    let issued = visit.firm().map(|firm| firm.state()).ok();
    let reports: Vec<&ReportIssued> = issued
        .iter()
        .flat_map(|state| state.engagement.issued.iter().rev())
        .collect();
    let body = html! {
        (head(t!("Reports"), html! { (t!("Issued by the firm, bound to their inputs; anyone can verify them with tickmark verify.")) }, html! {}))
        @if reports.is_empty() {
            (parts::empty("file-text", t!("No report was issued yet"), t!("The firm issues it once every conclusion is on file and every check passes."), html! {}))
        } @else {
            section.card { ul.rows { @for it in reports { li { a.row-link href={ "/report/" (it.report) } {
                (icon("file-text"))
                span.grow { b { (it.report) } small { (format::named(&it.report_type)) " · " (format::day(it.dated)) } }
                (parts::label(&format::named(&it.opinion)))
            } } } } }
        }
    };
    Ok(Shown::new(t!("Report"), body).in_frame(&visit))
}

fn found(visit: &Visit) -> Answer<ReportIssued> {
    let state = visit.firm()?.state();
    let id = visit.param("id");
    state
        .engagement
        .issued
        .iter()
        .find(|it| it.report == id)
        .cloned()
        .ok_or(Fault::NotFound)
}

async fn show(visit: Visit) -> Answer<Response> {
    let it = found(&visit)?;
    let id = &it.report;
    let body = html! {
        (head(id, html! { (t!("{kind}, dated {day}, opinion {opinion}", kind = format::named(&it.report_type), day = format::day(it.dated), opinion = format::named(&it.opinion))) }, html! {
            @for kind in ["pdf", "html", "json"] { a.btn href={ "/report/" (id) "/file/" (kind) } download { (icon("download")) (kind.to_uppercase()) } }
        }))
        div.grid.g-report {
            section.card.report-frame { iframe #report title=(t!("The report's pages")) src={ "/report/" (id) "/pages" } {} }
            aside.stack.facts-side {
                div #facts aria-live="polite" { (parts::note(Tone::Note, html! { (t!("Choose a sentence of the report to see the facts it rests on.")) })) }
                section.side-sec { h2 { (t!("Bound to")) } (digests(&it)) p.mut.mt8 { (t!("Verify it without this server: tickmark verify {id}.pdf", id = id)) } }
            }
        }
    };
    Ok(Shown::new(id.clone(), body)
        .below("/report", t!("Report"))
        .in_frame(&visit))
}

fn digests(it: &ReportIssued) -> Markup {
    html! {
        @for (name, sha256) in &it.files { p { (name) " " code title=(sha256) { (short(sha256.as_str())) } } }
        @if let Some(sha256) = &it.package_sha256 { p { (t!("package")) " " code title=(sha256) { (short(sha256.as_str())) } } }
    }
}

/// The bytes of one of a report's files, as issued.
fn bytes(visit: &Visit, kind: &str) -> Answer<Vec<u8>> {
    let it = found(visit)?;
    let sha256 = it
        .files
        .get(&format!("{}.{kind}", it.report))
        .ok_or(Fault::NotFound)?;
    let store = visit.firm()?.workspace().evidence()?;
    if !store.contains(sha256) {
        return Err(tickmark_catalog::Problem::new(
            "the files of this report are no longer kept here",
        )
        .hint("`tickmark report` writes them again, with the same bytes")
        .into());
    }
    store
        .get(sha256)
        .map_err(|error| tickmark_realm::Error::from(error).into())
}

/// The issued HTML, to be shown inside the page: its own style, no script.
async fn pages(visit: Visit) -> Answer<Response> {
    let html = bytes(&visit, "html")?;
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    Ok(response)
}

async fn file(visit: Visit) -> Answer<Response> {
    let kind = match visit.param("kind") {
        "pdf" => ("pdf", "application/pdf"),
        "html" => ("html", "text/html; charset=utf-8"),
        "json" => ("json", "application/json"),
        _ => return Err(Fault::NotFound),
    };
    let bytes = bytes(&visit, kind.0)?;
    Ok(crate::listing::download(
        bytes,
        kind.1,
        &format::url_part(visit.param("id")),
        kind.0,
    ))
}

/// Where a fact of a report is shown.
async fn fact(visit: Visit) -> Answer<Response> {
    let id = visit.param("id");
    let href = match visit.param("kind") {
        "control" => format!("/controls/{id}"),
        "criterion" => format!("/criteria/{id}"),
        "test" => format!("/tests/{id}"),
        "deviation" if visit.is_of_firm() => format!("/engagement/deviations/{id}"),
        "deviation" => "/tests?outcome=deviations".to_owned(),
        "commitment" => format!("/commitments#{id}"),
        "subservice" => format!("/vendors/subservice/{id}"),
        "complementary" => "/vendors?tab=user-entities".to_owned(),
        "population" | "dataset" => format!("/populations/{id}"),
        "reconciliation" => format!("/reconciliations/{id}"),
        _ => format!("/search?q={}", format::url_part(id)),
    };
    Ok(crate::guard::see(&href))
}
