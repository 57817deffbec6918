//! Blocks and inlines as HTML. Text is always escaped.

use maud::{Markup, html};

use crate::value::{Block, Inline};

/// Blocks; a heading of level 1 in the text becomes `h{depth}`.
pub fn blocks(blocks: &[Block], depth: u8) -> Markup {
    html! { @for item in blocks { (block(item, depth)) } }
}

fn block(block: &Block, depth: u8) -> Markup {
    match block {
        Block::Paragraph { text, facts } => html! {
            p data-facts=[(!facts.is_empty()).then(|| facts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))] { (inlines(text)) }
        },
        Block::Heading { level, text } => heading(depth.saturating_add(level - 1), text),
        Block::List { ordered, items } => list(*ordered, items, depth),
        Block::Table { head, rows } => table(head, rows),
        Block::Quote { blocks: quoted } => html! { blockquote { (blocks(quoted, depth)) } },
        Block::Code { text } => html! { pre tabindex="0" { code { (text) } } },
    }
}

fn heading(level: u8, text: &[Inline]) -> Markup {
    match level {
        0..=3 => html! { h3 { (inlines(text)) } },
        4 => html! { h4 { (inlines(text)) } },
        5 => html! { h5 { (inlines(text)) } },
        _ => html! { h6 { (inlines(text)) } },
    }
}

fn list(ordered: bool, items: &[Vec<Block>], depth: u8) -> Markup {
    let items = html! { @for item in items { li { (blocks(item, depth)) } } };
    if ordered {
        html! { ol { (items) } }
    } else {
        html! { ul { (items) } }
    }
}

fn table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> Markup {
    html! {
        div.scroll tabindex="0" { table {
            thead { tr { @for cell in head { th scope="col" { (inlines(cell)) } } } }
            tbody { @for row in rows { tr { @for cell in row { td { (inlines(cell)) } } } } }
        } }
    }
}

/// A run of inlines.
pub fn inlines(items: &[Inline]) -> Markup {
    html! { @for item in items { (inline(item)) } }
}

fn inline(inline: &Inline) -> Markup {
    match inline {
        Inline::Text { text } | Inline::Figure { text, .. } => html! { (text) },
        Inline::Strong { children } => html! { strong { (inlines(children)) } },
        Inline::Emphasis { children } => html! { em { (inlines(children)) } },
        Inline::Code { text } => html! { code { (text) } },
        Inline::Link { href, children } => {
            html! { a href=(href) rel="noreferrer" { (inlines(children)) } }
        }
        Inline::Break => html! { br; },
    }
}
