//! Makes any text settable: PDF/A refuses a character without a glyph, and a
//! word without a break runs over the margin.
//!
//! What must hold: a replaced character is told, never silently lost; the
//! attached report.json keeps the original text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::world::fonts;

/// What stands for a character no embedded font has.
const REPLACEMENT: char = '\u{FFFD}';
/// The stand-in where not even that has a glyph.
const PLAIN_REPLACEMENT: char = '?';
/// Words longer than this get invisible places to break.
const LONGEST_WORD: usize = 24;
/// A place where a line may break, without width.
const BREAK: char = '\u{200B}';

/// Rewrites every string of `pages` so that it can be set; returns one warning
/// per replaced character.
pub fn make_settable(pages: &mut Value) -> Vec<String> {
    let mut replaced = BTreeMap::new();
    walk(pages, &mut replaced);
    replaced
        .into_iter()
        .map(|(character, count)| warning(character, count))
        .collect()
}

fn warning(character: char, count: u64) -> String {
    let code = u32::from(character);
    format!(
        "character U+{code:04X} has no glyph in the embedded fonts and was replaced {count} times in the PDF; report.json keeps it",
    )
}

fn walk(value: &mut Value, replaced: &mut BTreeMap<char, u64>) {
    match value {
        Value::String(text) if needs_work(text) => *text = settable(text, replaced),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, replaced)),
        Value::Object(fields) => {
            // A link's target is not set as text and must not get break places.
            let shown = fields.iter_mut().filter(|(name, _)| *name != "href");
            shown.for_each(|(_, field)| walk(field, replaced));
        }
        _ => {}
    }
}

/// Nearly all text is short ASCII words; only the rest is rewritten.
fn needs_work(text: &str) -> bool {
    text.bytes()
        .any(|byte| !byte.is_ascii() || byte.is_ascii_control())
        || text.split(' ').any(|word| word.len() > LONGEST_WORD)
}

fn settable(text: &str, replaced: &mut BTreeMap<char, u64>) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut run = 0;
    for character in text.chars() {
        run = if is_break(character) { 0 } else { run + 1 };
        if run > LONGEST_WORD {
            out.push(BREAK);
            run = 1;
        }
        out.push(glyph_for(character, replaced));
    }
    out
}

/// Where lines break by themselves.
fn is_break(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '–' | '—' | '/' | BREAK)
}

fn glyph_for(character: char, replaced: &mut BTreeMap<char, u64>) -> char {
    if matches!(character, '\n' | '\t' | BREAK) || has_glyph(character) {
        return character;
    }
    *replaced.entry(character).or_default() += 1;
    *STAND_IN
}

static STAND_IN: LazyLock<char> = LazyLock::new(|| {
    if has_glyph(REPLACEMENT) {
        REPLACEMENT
    } else {
        PLAIN_REPLACEMENT
    }
});

/// Whether an embedded font has the character and the standard allows it.
/// Control characters never have a glyph, whatever a font claims.
fn has_glyph(character: char) -> bool {
    !character.is_control()
        && !is_forbidden(character)
        && fonts()
            .iter()
            .any(|font| font.info().coverage.contains(u32::from(character)))
}

/// Characters PDF/A forbids even when a font has them: the private areas, whose
/// meaning only the font knows, and the byte order marks.
fn is_forbidden(character: char) -> bool {
    matches!(character,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' | '\u{FEFF}' | '\u{FFFE}')
}
