//! The programming interface: everything the pages know, for programs, over the
//! same commands and the same pictures.
//!
//! In reading order: an [`endpoint`] is a route with what the document says of
//! it; [`document`] puts all of them into one OpenAPI document; `page` cuts
//! lists into pages; `condition`, `repeat` and `query` stand before handlers;
//! the rest are the resources.
//!
//! What must hold: every operation is an [`endpoint::Endpoint`], so it is
//! guarded, documented and tested; what is sent are types of this module, never
//! those of the domain; every failure is a problem document.

mod accounts;
mod checkpoints;
mod commitments;
mod condition;
mod controls;
mod criteria;
mod document;
mod documents;
mod endpoint;
mod engagement;
mod extract;
mod jobs;
mod ledger;
pub mod mcp;
mod page;
mod policies;
mod populations;
pub mod problem;
mod query;
mod readiness;
mod reconciliations;
mod repeat;
mod reports;
mod risks;
mod search;
mod tests;
mod values;
mod vendors;
mod words;

use std::sync::LazyLock;

use endpoint::Endpoint;

use crate::route::Route;

pub use document::openapi;

/// The OpenAPI document as it is served: made once.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    // Numbers, texts and lists always can be written.
    serde_json::to_string_pretty(&openapi()).unwrap_or_default()
});

/// The OpenAPI document as text.
pub fn openapi_json() -> &'static str {
    &DOCUMENT
}

/// Every operation, in the order of the document.
fn endpoints() -> Vec<Endpoint> {
    [
        document::endpoints,
        readiness::endpoints,
        criteria::endpoints,
        controls::endpoints,
        tests::endpoints,
        populations::endpoints,
        reconciliations::endpoints,
        documents::endpoints,
        policies::endpoints,
        commitments::endpoints,
        risks::endpoints,
        vendors::endpoints,
        engagement::endpoints,
        reports::endpoints,
        ledger::endpoints,
        checkpoints::endpoints,
        jobs::endpoints,
        accounts::endpoints,
        search::endpoints,
    ]
    .into_iter()
    .flat_map(|endpoints| endpoints())
    .collect()
}

/// Every route of the interface.
pub fn routes() -> Vec<Route> {
    endpoints().into_iter().map(Endpoint::into_route).collect()
}
