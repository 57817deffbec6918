//! What a reader of a snapshot should know although nothing is wrong.
//!
//! Must hold: notes depend on the raw files and the mapping alone, and come in
//! a fixed order.

use tickmark_catalog::Place;

use super::convert::Value;
use crate::raw::Cell;

/// Gathers the notes of a pass.
pub(super) struct Notes {
    fields: Vec<String>,
    is_seen: Vec<bool>,
    formula_count: u64,
    first_formula: Option<(Place, String)>,
}

impl Notes {
    pub(super) fn new(fields: &[String]) -> Self {
        Self {
            fields: fields.to_vec(),
            is_seen: vec![false; fields.len()],
            formula_count: 0,
            first_formula: None,
        }
    }

    /// Remembers which fields the records have at all.
    pub(super) fn see(&mut self, cells: &[Cell<'_>]) {
        for (seen, cell) in self.is_seen.iter_mut().zip(cells) {
            *seen = *seen || *cell != Cell::Absent;
        }
    }

    /// Remembers texts that a spreadsheet would run as a formula.
    pub(super) fn see_value(
        &mut self,
        column: &str,
        value: Option<&Value<'_>>,
        place: impl FnOnce() -> Place,
    ) {
        if let Some(Value::Text(text)) = value
            && looks_like_formula(text)
        {
            self.formula_count += 1;
            self.first_formula
                .get_or_insert_with(|| (place(), column.to_owned()));
        }
    }

    /// The notes, given how many records there were.
    pub(super) fn finish(self, record_count: u64) -> Vec<String> {
        let mut notes = Vec::new();
        if record_count > 0 {
            let absent = self
                .fields
                .iter()
                .zip(&self.is_seen)
                .filter(|(_, seen)| !**seen);
            notes.extend(absent.map(|(field, _)| format!("no record has the field `{field}`")));
        }
        if let Some((place, column)) = self.first_formula {
            let count = self.formula_count;
            notes.push(format!(
                "{count} text(s) begin like a spreadsheet formula and are kept as text; the first is `{column}` at {}",
                shown_place(&place)
            ));
        }
        notes
    }
}

fn shown_place(place: &Place) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    }
}

/// Whether a spreadsheet that opens an export would run this text.
fn looks_like_formula(text: &str) -> bool {
    match text.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r', _, ..] => true,
        [b'+' | b'-', rest @ ..] => rest.iter().any(|byte| matches!(byte, b'(' | b'!' | b'|')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::looks_like_formula;

    #[test]
    fn tells_formulas_from_texts() {
        let check = |text, expected| assert_eq!(looks_like_formula(text), expected, "{text}");
        check("=HYPERLINK(\"http://x\")", true);
        check("@SUM(A1)", true);
        check("+cmd|' /C calc'!A0", true);
        check("-2+3+cmd|' /C calc'!A0", true);
        check("+1 555 0100", false);
        check("- none -", false);
        check("=", false);
        check("", false);
    }
}
