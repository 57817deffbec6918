//! The SOC 2 report: first a plain value, then pages.
//!
//! In reading order: [`value`] is what a report says; [`facts`] is what the
//! writer must be told, and [`gather`] collects it; [`build`] writes the value from the facts; [`pages`]
//! arranges it for pages; [`checks`] examines it before issue; [`pdf`] and [`html`] set it.
//!
//! What must hold: no judgment is made here. Opinions, narratives and
//! responses come from the auditor's and management's records; this crate puts
//! them into the form a report has, and refuses when something is missing. The
//! same inputs give the same value and the same bytes.

pub mod build;
pub mod checks;
pub mod facts;
pub mod gather;
pub mod html;
pub mod pages;
pub mod pdf;
mod renderer;
pub mod value;

pub use build::compose;
pub use facts::ReportFacts;
pub use gather::{ReconciliationFacts, ReportInputs};
pub use renderer::{TYPESETTER, pages_sha256};
pub use value::Report;

/// Gathers the facts and writes the report.
///
/// # Errors
/// Everything that is missing or contradicts itself, all at once.
pub fn build(inputs: &ReportInputs<'_>) -> Result<Report, tickmark_catalog::Problems> {
    compose(&gather::gather(inputs)?)
}
