//! The report as PDF/A-3a and PDF/UA-1, set in the process by Typst.
//!
//! What must hold:
//! - Text from users reaches the template as data, never as markup or code.
//! - The template sees its own files and the report, nothing else: no file
//!   system, no packages, no network, no clock.
//! - The same report gives the same bytes in any process.
//! - The typesetter keeps memory between renders, so a long-lived process
//!   renders in a child ([`child`]).

pub mod child;
mod glyphs;
mod world;

use tickmark_catalog::Problem;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::pages::Pages;
use crate::value::Report;
use world::ReportWorld;

/// Every file the pages are set with, with its name.
pub(crate) fn parts() -> Vec<(&'static str, &'static [u8])> {
    world::parts()
}

/// A finished file and what a person should know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The number of pages.
    pub page_count: usize,
    /// What was changed to set the text, in words.
    pub warnings: Vec<String>,
}

/// Sets the report as PDF.
///
/// # Errors
/// A problem when the template or the standard refuses the document; its causes
/// are the typesetter's messages.
pub fn render_pdf(report: &Report) -> Result<Rendered, Problem> {
    let attachment = report.to_json().map_err(|error| unreadable(&error))?;
    let mut pages = serde_json::to_value(Pages::new(report)).map_err(|error| unreadable(&error))?;
    let mut warnings = glyphs::make_settable(&mut pages);
    let world = ReportWorld::new(&pages, attachment);
    let compiled = typst::compile::<PagedDocument>(&world);
    warnings.extend(
        compiled
            .warnings
            .iter()
            .map(|warning| world.describe(warning)),
    );
    let document = compiled.output.map_err(|errors| refused(&world, &errors))?;
    let pdf = export(report, &document).map_err(|errors| refused(&world, &errors))?;
    let page_count = document.pages().len();
    comemo::evict(0);
    Ok(Rendered {
        pdf,
        page_count,
        warnings,
    })
}

fn export(report: &Report, document: &PagedDocument) -> Result<Vec<u8>, Vec<SourceDiagnostic>> {
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1]).unwrap_or_default();
    let options = PdfOptions {
        ident: Smart::Custom(report.meta.report_id.clone()),
        creator: Smart::Custom(Some("Tickmark".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| errors.into_iter().collect())
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::new("the report could not be written as data").cause(error.to_string())
}

fn refused<'a>(
    world: &ReportWorld,
    errors: impl IntoIterator<Item = &'a SourceDiagnostic>,
) -> Problem {
    let start = Problem::new("the report could not be set as PDF");
    errors
        .into_iter()
        .fold(start, |problem, error| problem.cause(world.describe(error)))
}
