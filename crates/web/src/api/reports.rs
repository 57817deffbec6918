//! Issued reports, bound to their inputs.
//!
//! What must hold: the bytes handed out are the very bytes that were issued, or
//! none.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use tickmark_access::Action;
use tickmark_catalog::Problem;
use tickmark_engagement::ReportIssued;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::words::{Opinion, ReportType};
use crate::fault::Fault;
use crate::route::{Access, On};
use crate::visit::Visit;

const READERS: Access = Access::May(Action::ViewReport, On::Company);

/// An issued report.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "BRW-2026-014", "report_type": "type2", "dated": "2026-08-14", "opinion": "unmodified",
    "files": { "BRW-2026-014.pdf": "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a" }, "package_sha256": null, "issued_with": "0.1.0",
}))]
pub struct Report {
    /// Identifier.
    pub id: String,
    /// Kind of report.
    pub report_type: ReportType,
    /// Its date.
    #[schema(value_type = String, format = Date)]
    pub dated: Date,
    /// The opinion it carries.
    pub opinion: Opinion,
    /// Digest of each of its files, by name.
    pub files: BTreeMap<String, String>,
    /// Digest of the list of files of the company's package.
    pub package_sha256: Option<String>,
    /// Version of Tickmark that issued it.
    pub issued_with: Option<String>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    let of =
        |endpoint: Endpoint| endpoint.part("id", "Identifier of the report", "BRW-2026-014".into());
    vec![
        read("/api/v1/reports", READERS, list)
            .named("list_reports", "Reports", "List the issued reports", "")
            .query::<Cut>()
            .answers::<Page<Report>>(StatusCode::OK, "A page of reports"),
        of(read("/api/v1/reports/{id}", READERS, show))
            .named(
                "get_report",
                "Reports",
                "Read what a report is bound to",
                "",
            )
            .answers::<Report>(StatusCode::OK, "The report"),
        of(read("/api/v1/reports/{id}/files/{name}", READERS, file))
            .named(
                "get_report_file",
                "Reports",
                "Read a file of a report",
                "The bytes that were issued; their digest is compared at every read.",
            )
            .part("name", "Name of the file", "BRW-2026-014.pdf".into())
            .may_answer(StatusCode::UNPROCESSABLE_ENTITY)
            .answers_bytes("application/octet-stream", "The bytes"),
    ]
}

fn report(it: &ReportIssued) -> Report {
    Report {
        id: it.report.clone(),
        report_type: it.report_type.into(),
        dated: it.dated,
        opinion: it.opinion.into(),
        files: it
            .files
            .iter()
            .map(|(name, sha256)| (name.clone(), sha256.to_string()))
            .collect(),
        package_sha256: it.package_sha256.as_ref().map(ToString::to_string),
        issued_with: it.issuer.as_ref().map(|it| it.tickmark.clone()),
    }
}

fn issued(visit: &Visit) -> Vec<ReportIssued> {
    visit.firm().map_or_else(
        |_| Vec::new(),
        |firm| firm.state().engagement.issued.clone(),
    )
}

fn found(visit: &Visit) -> Answered<ReportIssued> {
    let found = issued(visit)
        .into_iter()
        .rev()
        .find(|it| it.report == visit.param("id"));
    Ok(found.ok_or(Fault::NotFound)?)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Report>>> {
    let mut all: Vec<Report> = issued(&visit).iter().map(report).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Json(Page::of(&cut, all, |it| it.id.clone())?))
}

async fn show(visit: Visit) -> Answered<Json<Report>> {
    Ok(Json(report(&found(&visit)?)))
}

async fn file(visit: Visit) -> Answered<Response> {
    let it = found(&visit)?;
    let name = visit.param("name");
    let sha256 = it.files.get(name).ok_or(Fault::NotFound)?;
    let store = visit.firm()?.workspace().evidence()?;
    if !store.contains(sha256) {
        return Err(
            Problem::new("the files of this report are no longer kept here")
                .hint("`tickmark report` writes them again, with the same bytes")
                .into(),
        );
    }
    let bytes = store.get(sha256).map_err(tickmark_realm::Error::from)?;
    Ok(super::documents::kept_file(bytes, name))
}
