//! A text of the company's own, such as a policy, as PDF/A-3a and PDF/UA-1.
//!
//! What must hold: as for the report: its words reach the template as data, and
//! the same sheet gives the same bytes.

use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use super::world::PagesWorld;
use super::{Rendered, set_pages, unreadable};
use crate::value::rich_text::{Block, from_markdown};

/// The main file of the template.
const MAIN: &str = "sheet.typ";

/// A text with what has to be known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Whose text it is.
    pub organization: String,
    /// Its title.
    pub title: String,
    /// The day it dates from.
    pub date: jiff::civil::Date,
    /// What stands at the foot of every page: which text it is.
    pub mark: String,
    /// Names and values, before the text.
    pub facts: Vec<(String, String)>,
    /// The text.
    pub text: Vec<Block>,
}

impl Sheet {
    /// With a text in Markdown; what is not on the list of [`from_markdown`]
    /// stays visible as plain characters.
    ///
    /// # Errors
    /// When lists or quotations nest too deep.
    pub fn with_markdown(mut self, markdown: &str) -> Result<Self, Problem> {
        self.text = from_markdown(markdown).map_err(|_| {
            Problem::new(format!(
                "the text of `{}` nests too deep to be set",
                self.title
            ))
            .hint("use fewer lists within lists")
        })?;
        Ok(self)
    }
}

/// Sets a sheet as PDF.
///
/// # Errors
/// A problem when the template or the standard refuses the document.
pub fn render_sheet(sheet: &Sheet) -> Result<Rendered, Problem> {
    let mut value = serde_json::to_value(sheet).map_err(|error| unreadable(&error))?;
    let warnings = super::glyphs::make_settable(&mut value);
    let world = PagesWorld::new(MAIN, [("sheet.json", value.to_string())]);
    set_pages(&world, &sheet.mark, warnings)
}
