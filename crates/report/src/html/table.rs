//! A table with a caption, a head row and cells of markup.

use maud::{Markup, html};

/// One row of cells.
pub type Row = Vec<Markup>;

/// A table in the house style.
pub fn table(caption: &str, head: &[&str], rows: impl IntoIterator<Item = Row>) -> Markup {
    html! {
        div.scroll tabindex="0" { table {
            caption { (caption) }
            thead { tr { @for cell in head { th scope="col" { (cell) } } } }
            tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
        } }
    }
}

/// Plain text as a cell.
pub fn cell(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref()) }
}

/// An identifier as a cell.
pub fn name(id: impl std::fmt::Display) -> Markup {
    html! { strong.id { (id) } }
}

/// Identifiers as a cell.
pub fn names<T: std::fmt::Display>(ids: &[T]) -> Markup {
    let joined = ids
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    html! { span.id { (joined) } }
}
