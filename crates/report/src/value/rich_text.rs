//! Rich text as a small tree: what Markdown may become, and nothing else.
//!
//! What must hold: text from users is only ever data. Markup that is not on the
//! list below (raw HTML, images, unknown link schemes) stays visible as plain
//! characters, so nothing the author wrote is hidden and nothing is executed.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use super::FactId;
use crate::build::typography::curly;

/// How deep lists and quotations may nest; deeper text is refused, because
/// renderers recurse over the tree.
pub const MAX_DEPTH: usize = 12;

/// The scheme of a link whose text is a number the report counts.
const COUNT: &str = "count:";

/// A run of text inside a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Inline {
    /// Plain characters.
    Text {
        /// The characters, shown as they are.
        text: String,
    },
    /// Strong emphasis.
    Strong {
        /// What is emphasized.
        children: Vec<Inline>,
    },
    /// Light emphasis.
    Emphasis {
        /// What is emphasized.
        children: Vec<Inline>,
    },
    /// A short piece of code or an identifier.
    Code {
        /// The characters, shown as they are.
        text: String,
    },
    /// A number that counts something of the report, written by the author as
    /// `[3,184](count:pull_requests)`; a reader sees the number only.
    Figure {
        /// What it counts: a population, a test or a register.
        of: String,
        /// The number as the author wrote it.
        text: String,
    },
    /// A link whose scheme is `https`, `http` or `mailto`.
    Link {
        /// The target.
        href: String,
        /// What the reader sees.
        children: Vec<Inline>,
    },
    /// A line break the author asked for.
    Break,
}

/// A paragraph-level piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph, with the facts it was generated from.
    Paragraph {
        /// The words.
        text: Vec<Inline>,
        /// The facts the words rest on; empty for text a person wrote.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        facts: Vec<FactId>,
    },
    /// A heading inside a part; 1 is the highest.
    Heading {
        /// 1 to 6, one more than the heading above it at most.
        level: u8,
        /// The words.
        text: Vec<Inline>,
    },
    /// A list.
    List {
        /// Numbered when true.
        ordered: bool,
        /// The items, each a sequence of blocks.
        items: Vec<Vec<Block>>,
    },
    /// A table with one head row.
    Table {
        /// The head cells.
        head: Vec<Vec<Inline>>,
        /// The rows, each with as many cells as the head.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A quotation.
    Quote {
        /// What is quoted.
        blocks: Vec<Block>,
    },
    /// Preformatted text.
    Code {
        /// The lines.
        text: String,
    },
}

/// Text that nests deeper than [`MAX_DEPTH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("lists and quotations nest deeper than {MAX_DEPTH} levels")]
pub struct TooDeep;

impl Inline {
    /// Plain characters.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// Emphasized characters, used for the titles of publications.
    pub fn emphasis(text: impl Into<String>) -> Self {
        Self::Emphasis {
            children: vec![Self::text(text)],
        }
    }

    /// The words without their markup.
    pub fn plain(&self) -> String {
        match self {
            Self::Text { text } | Self::Code { text } | Self::Figure { text, .. } => text.clone(),
            Self::Strong { children }
            | Self::Emphasis { children }
            | Self::Link { children, .. } => plain_inlines(children),
            Self::Break => " ".to_owned(),
        }
    }
}

impl Block {
    /// A paragraph of plain characters that rests on `facts`.
    pub fn paragraph(text: impl Into<String>, facts: Vec<FactId>) -> Self {
        Self::Paragraph {
            text: vec![Inline::text(text)],
            facts,
        }
    }

    /// An unordered list of plain paragraphs.
    pub fn bullets<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::list(false, items)
    }

    /// A list of plain paragraphs.
    pub fn list<S: Into<String>>(ordered: bool, items: impl IntoIterator<Item = S>) -> Self {
        let items = items
            .into_iter()
            .map(|item| vec![Self::paragraph(item, Vec::new())]);
        Self::List {
            ordered,
            items: items.collect(),
        }
    }

    /// The words without their markup, one line per paragraph.
    pub fn plain(&self) -> String {
        match self {
            Self::Paragraph { text, .. } | Self::Heading { text, .. } => plain_inlines(text),
            Self::List { items, .. } => items
                .iter()
                .map(|item| plain(item))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::Table { head, rows } => {
                let rows = std::iter::once(head).chain(rows);
                rows.map(|row| plain_row(row))
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Self::Quote { blocks } => plain(blocks),
            Self::Code { text } => text.clone(),
        }
    }

    /// Every fact this block rests on, in reading order.
    pub fn facts(&self) -> Vec<&FactId> {
        match self {
            Self::Paragraph { facts, .. } => facts.iter().collect(),
            Self::List { items, .. } => items.iter().flatten().flat_map(Self::facts).collect(),
            Self::Quote { blocks } => blocks.iter().flat_map(Self::facts).collect(),
            Self::Heading { .. } | Self::Table { .. } | Self::Code { .. } => Vec::new(),
        }
    }
}

/// The words of a run of blocks without their markup, one line per paragraph.
pub fn plain(blocks: &[Block]) -> String {
    blocks
        .iter()
        .map(Block::plain)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The words of a run of inlines without their markup.
pub fn plain_inlines(inlines: &[Inline]) -> String {
    inlines.iter().map(Inline::plain).collect()
}

fn plain_row(row: &[Vec<Inline>]) -> String {
    row.iter()
        .map(|cell| plain_inlines(cell))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads Markdown (CommonMark with tables) into blocks.
///
/// # Errors
/// [`TooDeep`] when lists or quotations nest deeper than [`MAX_DEPTH`].
pub fn from_markdown(markdown: &str) -> Result<Vec<Block>, TooDeep> {
    check_depth(markdown)?;
    let mut events = Parser::new_ext(markdown, Options::ENABLE_TABLES).peekable();
    let mut blocks = read_blocks(&mut events);
    rank_headings(&mut blocks);
    Ok(blocks)
}

/// Numbers the heading levels in use from 1, because authors begin at any level
/// and a reader's outline may not skip one.
fn rank_headings(blocks: &mut [Block]) {
    let mut current: Vec<u8> = Vec::new();
    for block in blocks {
        if let Block::Heading { level, .. } = block {
            while current.last().is_some_and(|above| above >= level) {
                current.pop();
            }
            current.push(*level);
            *level = u8::try_from(current.len()).unwrap_or(u8::MAX);
        }
    }
}

fn check_depth(markdown: &str) -> Result<(), TooDeep> {
    let mut depth = 0_usize;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        // A list item adds two levels, its paragraph and emphasis some more.
        if depth > MAX_DEPTH * 2 {
            return Err(TooDeep);
        }
    }
    Ok(())
}

type Events<'a> = std::iter::Peekable<Parser<'a>>;

/// Reads blocks up to the end of the enclosing element, which is consumed.
fn read_blocks(events: &mut Events<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    while let Some(event) = events.peek() {
        match event {
            Event::End(_) => {
                events.next();
                break;
            }
            Event::Start(tag) if is_block(tag) => {
                let tag = tag.clone();
                events.next();
                blocks.extend(read_block(&tag, events));
            }
            Event::Rule => {
                events.next();
            }
            _ => push_paragraph(&mut blocks, read_inlines(events)),
        }
    }
    blocks
}

fn push_paragraph(blocks: &mut Vec<Block>, text: Vec<Inline>) {
    if !plain_inlines(&text).trim().is_empty() {
        blocks.push(Block::Paragraph {
            text,
            facts: Vec::new(),
        });
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. } | Tag::Strikethrough
    )
}

fn read_block(tag: &Tag<'_>, events: &mut Events<'_>) -> Option<Block> {
    Some(match tag {
        Tag::Paragraph => {
            let text = read_inlines(events);
            events.next();
            if plain_inlines(&text).trim().is_empty() {
                return None;
            }
            Block::Paragraph {
                text,
                facts: Vec::new(),
            }
        }
        Tag::Heading { level, .. } => {
            let text = read_inlines(events);
            events.next();
            Block::Heading {
                level: heading_level(*level),
                text,
            }
        }
        Tag::List(start) => Block::List {
            ordered: start.is_some(),
            items: read_items(events),
        },
        Tag::Table(_) => read_table(events),
        Tag::CodeBlock(_) => read_code(events),
        Tag::HtmlBlock => Block::Paragraph {
            text: read_raw(events),
            facts: Vec::new(),
        },
        _ => Block::Quote {
            blocks: read_blocks(events),
        },
    })
}

fn heading_level(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

fn read_items(events: &mut Events<'_>) -> Vec<Vec<Block>> {
    let mut items = Vec::new();
    while let Some(Event::Start(Tag::Item)) = events.next() {
        items.push(read_blocks(events));
    }
    items
}

fn read_table(events: &mut Events<'_>) -> Block {
    let (mut head, mut rows) = (Vec::new(), Vec::new());
    while let Some(Event::Start(tag)) = events.next() {
        let cells = read_cells(events);
        if tag == Tag::TableHead {
            head = cells
        } else {
            rows.push(cells)
        }
    }
    Block::Table { head, rows }
}

fn read_cells(events: &mut Events<'_>) -> Vec<Vec<Inline>> {
    let mut cells = Vec::new();
    while let Some(Event::Start(Tag::TableCell)) = events.next() {
        cells.push(read_inlines(events));
        events.next();
    }
    cells
}

fn read_code(events: &mut Events<'_>) -> Block {
    let text = plain_inlines(&read_raw(events));
    Block::Code {
        text: text.trim_end().to_owned(),
    }
}

/// Takes every piece of text up to the end of the enclosing element literally.
fn read_raw(events: &mut Events<'_>) -> Vec<Inline> {
    let mut text = String::new();
    for event in events.by_ref() {
        match event {
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => break,
            Event::Text(t) | Event::Html(t) | Event::InlineHtml(t) | Event::Code(t) => {
                text.push_str(&t);
            }
            Event::SoftBreak | Event::HardBreak => text.push('\n'),
            _ => {}
        }
    }
    vec![Inline::text(text)]
}

/// Reads inlines up to, and not including, the next block or end.
fn read_inlines(events: &mut Events<'_>) -> Vec<Inline> {
    let mut inlines = Vec::new();
    while let Some(event) = events.peek() {
        match event {
            Event::End(_) => break,
            Event::Start(tag) if is_block(tag) => break,
            _ => {}
        }
        if let Some(event) = events.next() {
            read_inline(event, events, &mut inlines);
        }
    }
    inlines
}

fn read_inline(event: Event<'_>, events: &mut Events<'_>, out: &mut Vec<Inline>) {
    match event {
        Event::Text(t) => {
            let before = out.last().and_then(|last| last.plain().chars().next_back());
            push_text(out, &curly(&t, before));
        }
        Event::Html(t) | Event::InlineHtml(t) => push_text(out, &t),
        Event::Code(t) => out.push(Inline::Code {
            text: t.into_string(),
        }),
        Event::SoftBreak => push_text(out, " "),
        Event::HardBreak => out.push(Inline::Break),
        Event::Start(tag) => {
            let children = read_inlines(events);
            events.next();
            push_span(&tag, children, out);
        }
        _ => {}
    }
}

fn push_text(out: &mut Vec<Inline>, more: &str) {
    match out.last_mut() {
        Some(Inline::Text { text }) => text.push_str(more),
        _ => out.push(Inline::text(more)),
    }
}

fn push_span(tag: &Tag<'_>, children: Vec<Inline>, out: &mut Vec<Inline>) {
    match tag {
        Tag::Strong => out.push(Inline::Strong { children }),
        Tag::Emphasis => out.push(Inline::Emphasis { children }),
        Tag::Link { dest_url, .. } if dest_url.starts_with(COUNT) => out.push(Inline::Figure {
            of: dest_url.trim_start_matches(COUNT).to_owned(),
            text: plain_inlines(&children),
        }),
        Tag::Link { dest_url, .. } if is_safe(dest_url) => {
            out.push(Inline::Link {
                href: dest_url.to_string(),
                children,
            });
        }
        _ => out.extend(children),
    }
}

/// Whether a link may be followed from a report.
fn is_safe(href: &str) -> bool {
    let lower = href.to_ascii_lowercase();
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}
