//! Markdown that people wrote, as pages show it.
//!
//! What must hold: only what the reader of reports knows becomes an element;
//! HTML in the text is shown as text, and a link leads only to the web or mail.

use maud::{Markup, html};
use tickmark_report::html::blocks;
use tickmark_report::value::rich_text::from_markdown;

use crate::strings::t;

/// The text as markup; headings begin at level 3.
pub fn render(text: &str) -> Markup {
    match from_markdown(text) {
        Ok(read) => html! { div.markdown { (blocks(&read, 3)) } },
        Err(_) => {
            html! { p.none { (t!("Lists nest too deeply to be shown.")) } pre tabindex="0" { (text) } }
        }
    }
}
