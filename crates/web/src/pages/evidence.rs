//! Evidence: documents with their versions and the controls they show, and
//! taking new ones in.
//!
//! What must hold: bytes are shown as they came, never run or rendered as a
//! page of ours; a file whose bytes are not what its name says is refused.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use tickmark_access::Action;
use tickmark_catalog::Sha256Hex;
use tickmark_evidence::{Artifact, ArtifactKind};

use super::{Group, Page};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, tag_link};
use crate::route::{PROGRAM, get};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The page.
pub static PAGE: Page = Page {
    title: "Documents",
    icon: "file-check-2",
    group: Group::Evidence,
    href: "/evidence",
    access: PROGRAM,
    count: |visit| Some(visit.picture().ok()?.state.evidence.artifacts().count()),
    routes: || {
        vec![
            get("/evidence", PROGRAM, list),
            get("/evidence/documents/{sha256}", PROGRAM, show),
            get("/evidence/documents/{sha256}/file", PROGRAM, file),
        ]
    },
};

async fn list(visit: Visit) -> Answer<Response> {
    let rows: Vec<&Artifact> = visit.picture()?.state.evidence.artifacts().collect();
    let table = Table::new("documents", rows, vec![
        Column::new("title", t!("Document"), |row: &&Artifact| row.title.clone())
            .show(|row| html! { a.t href=(visit.link(&format!("/evidence/documents/{}", row.sha256))) { (row.title) } small { (row.path) } }),
        Column::new("kind", t!("Kind"), |row: &&Artifact| format::named(&row.kind)).wide_only(),
        Column::new("controls", t!("Controls"), |row: &&Artifact| row.controls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            .show(|row| html! { span.row.wrap { @for id in &row.controls { (tag_link(&visit.link(&format!("/controls/{id}")), id.as_str())) } } }),
        Column::new("dated", t!("Dated"), |row: &&Artifact| row.dated),
        Column::new("size", t!("Bytes"), |row: &&Artifact| row.size_bytes).wide_only(),
    ])
    .filter("kind", t!("Any kind"), [ArtifactKind::Pdf, ArtifactKind::Png, ArtifactKind::Jpeg, ArtifactKind::Zip, ArtifactKind::Text].iter().map(|it| (format::serde_name(it), format::named(it))).collect(),
        |row, choice| format::serde_name(&row.kind) == choice)
    .when_empty(parts::empty("file-check-2", t!("No document was taken in yet"), t!("Minutes, screenshots, reports of others: what shows a control that no population can."), html! {}));
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("Documents"), html! { (t!("Files kept as they came, each under its digest.")) }, html! {
            @if visit.may(Action::EditProgram) && visit.shows_past().is_none() { (parts::button_link("/evidence/upload", "upload", t!("Upload"))) }
        }))
        section.card { (table.render(&visit)) }
    };
    Ok(Shown::new(t!("Documents"), body).in_frame(&visit))
}

fn found(visit: &Visit) -> Answer<Artifact> {
    let sha256: Sha256Hex = visit.parsed("sha256")?;
    let evidence = &visit.picture()?.state.evidence;
    let versions = evidence
        .artifacts()
        .flat_map(|it| evidence.artifact_history(&it.path).iter());
    let mut versions = versions.map(|it| &it.value);
    versions
        .find(|it| it.sha256 == sha256)
        .cloned()
        .ok_or(Fault::NotFound)
}

async fn show(visit: Visit) -> Answer<Response> {
    let it = found(&visit)?;
    let versions = visit.picture()?.state.evidence.artifact_history(&it.path);
    let zone = visit.zone();
    let file = format!("/evidence/documents/{}/file", it.sha256);
    let subject = format!("artifact:{}", it.sha256);
    let taken_in = super::ledger::about(&visit, &[], &[subject])?;
    let entry = taken_in.first().map(|it| it.index);
    let preview = match it.kind {
        ArtifactKind::Text | ArtifactKind::Html => {
            let bytes = visit
                .company()?
                .store()
                .get(&it.sha256)
                .map_err(tickmark_realm::Error::from)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if it.path.ends_with(".md") {
                crate::markdown::render(&text)
            } else {
                html! { pre.code tabindex="0" { (text) } }
            }
        }
        ArtifactKind::Png | ArtifactKind::Jpeg => html! { img.preview src=(file) alt=(it.title); },
        _ => html! { p.none { (t!("This kind is not shown here; download it.")) } },
    };
    let body = html! {
        (head(&it.title, html! { (it.path) }, parts::button_link(&file, "download", t!("Download"))))
        div.grid.g-detail {
            section.card { div.body { (preview) } }
            aside.stack {
                (parts::properties(&[
                    (t!("Kind"), html! { (format::named(&it.kind)) }), (t!("Size"), html! { (format::bytes(it.size_bytes)) }),
                    (t!("Dated"), html! { @match it.dated { Some(day) => (format::day(day)), None => "–" } }),
                    (t!("SHA-256"), html! { code.breaks { (it.sha256) } }),
                    (t!("Entry and proof"), html! { @match entry { Some(index) => { a.link href={ "/ledger/" (index) } { (t!("Entry {n}", n = format::number(index))) } } None => { "–" } } }),
                ]))
                section.side-sec { h2 { (t!("Shows")) } div.row.wrap { @for id in &it.controls { (tag_link(&visit.link(&format!("/controls/{id}")), id.as_str())) } } }
                section.side-sec { h2 { (tn!(versions.len(), "{n} version", "{n} versions")) } @for version in versions.iter().rev() {
                    a.linkrow href=(visit.link(&format!("/evidence/documents/{}", version.value.sha256))) { span { (format::instant(version.at, &zone)) " · " (format::short(version.value.sha256.as_str())) } }
                } }
            }
        }
    };
    Ok(Shown::new(it.title.clone(), body)
        .below("/evidence", t!("Documents"))
        .in_frame(&visit))
}

/// The bytes as they came; a browser shows pictures and keeps everything else.
async fn file(visit: Visit) -> Answer<Response> {
    let it = found(&visit)?;
    let bytes = visit
        .company()?
        .store()
        .get(&it.sha256)
        .map_err(tickmark_realm::Error::from)?;
    let (kind, place) = match it.kind {
        ArtifactKind::Png => ("image/png", "inline"),
        ArtifactKind::Jpeg => ("image/jpeg", "inline"),
        ArtifactKind::Pdf => ("application/pdf", "attachment"),
        _ => ("application/octet-stream", "attachment"),
    };
    let name = it.path.rsplit('/').next().unwrap_or("document");
    let disposition = format!("{place}; filename*=UTF-8''{}", format::url_part(name));
    let mut response = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
