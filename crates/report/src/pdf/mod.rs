//! The report, and texts of the company's own, as PDF/A-3a and PDF/UA-1, set in
//! the process by Typst.
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
mod sheet;
mod world;

use tickmark_catalog::Problem;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::pages::Pages;
use crate::value::Report;
use world::PagesWorld;

pub use sheet::{Sheet, render_sheet};

/// Every file the pages are set with, with its name.
pub(crate) fn parts() -> Vec<(&'static str, &'static [u8])> {
    world::parts()
}

/// The main file of the report's template.
const MAIN: &str = "report.typ";

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
    let warnings = glyphs::make_settable(&mut pages);
    let world = PagesWorld::new(
        MAIN,
        [
            ("pages.json", pages.to_string()),
            ("report.json", attachment),
        ],
    );
    set_pages(&world, &report.meta.report_id, warnings)
}

/// Sets what a world holds. `ident`: by which the file is told from others;
/// `warnings`: what was changed before.
fn set_pages(
    world: &PagesWorld,
    ident: &str,
    mut warnings: Vec<String>,
) -> Result<Rendered, Problem> {
    let compiled = typst::compile::<PagedDocument>(world);
    warnings.extend(
        compiled
            .warnings
            .iter()
            .map(|warning| world.describe(warning)),
    );
    let document = compiled.output.map_err(|errors| refused(world, &errors))?;
    let pdf = export(ident, &document).map_err(|errors| refused(world, &errors))?;
    let page_count = document.pages().len();
    comemo::evict(0);
    Ok(Rendered {
        pdf,
        page_count,
        warnings,
    })
}

fn export(ident: &str, document: &PagedDocument) -> Result<Vec<u8>, Vec<SourceDiagnostic>> {
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1]).unwrap_or_default();
    let options = PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("Tickmark".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| errors.into_iter().collect())
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::new("the text could not be written as data").cause(error.to_string())
}

fn refused<'a>(
    world: &PagesWorld,
    errors: impl IntoIterator<Item = &'a SourceDiagnostic>,
) -> Problem {
    let start = Problem::new("the text could not be set as PDF");
    errors
        .into_iter()
        .fold(start, |problem, error| problem.cause(world.describe(error)))
}
