//! Changing one value in a file of the program and nothing else of its text.
//!
//! Must hold: comments, order and spacing of everything else stay byte for
//! byte; what comes out is read by the same rules as any other text.

use jiff::civil::Date;
use tickmark_catalog::{ControlId, Problem};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

/// Line that opens and closes the front matter of a Markdown file.
const FENCE: &str = "+++";

/// The text of a Markdown file with one field of its front matter set.
///
/// `path`: to name the file in a problem. `value`: as a person types it; a day
/// becomes a TOML date, everything else text. The field keeps its comments.
///
/// # Errors
/// When the text has no front matter, or it is not TOML.
pub fn set_front_matter(
    path: &str,
    text: &str,
    field: &str,
    value: &str,
) -> Result<String, Problem> {
    let unreadable = || Problem::new("the file has no front matter").at(path, 1);
    let rest = text.strip_prefix(FENCE).ok_or_else(unreadable)?;
    let rest = rest.strip_prefix('\n').ok_or_else(unreadable)?;
    let end = rest.find("\n+++").ok_or_else(unreadable)? + 1;
    let (front, body) = rest.split_at(end);
    let mut document: DocumentMut = front.parse().map_err(|error: toml_edit::TomlError| {
        Problem::new("the front matter cannot be read")
            .cause(error.message().to_owned())
            .at(path, 1)
    })?;
    let mut new = match value.parse::<toml_edit::Datetime>() {
        Ok(day) if day.time.is_none() => Value::from(day),
        _ => Value::from(value),
    };
    match document.get_mut(field) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => _ = document.insert(field, Item::Value(new)),
    }
    Ok(format!("{FENCE}\n{document}{body}"))
}

/// The text of `documents/index.toml` with one document added, or what it says
/// of that document replaced.
///
/// # Errors
/// When the text is not TOML.
pub fn set_document(
    text: &str,
    path: &str,
    title: &str,
    controls: &[ControlId],
    dated: Date,
) -> Result<String, Problem> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Problem::new("the index of documents cannot be read")
            .cause(error.message().to_owned())
            .at("documents/index.toml", 1)
    })?;
    let tables = document
        .entry("document")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(tables) = tables.as_array_of_tables_mut() else {
        return Err(
            Problem::new("`document` is no list of documents").at("documents/index.toml", 1)
        );
    };
    let is_it = |table: &Table| table.get("path").and_then(Item::as_str) == Some(path);
    if !tables.iter().any(is_it) {
        let mut table = Table::new();
        table.insert("path", toml_edit::value(path));
        tables.push(table);
    }
    if let Some(table) = tables.iter_mut().find(|table| is_it(table)) {
        let controls: Array = controls.iter().map(ControlId::as_str).collect();
        table.insert("title", toml_edit::value(title));
        table.insert("controls", toml_edit::value(controls));
        let day = dated.to_string().parse::<toml_edit::Datetime>();
        let day = day.map_err(|error| Problem::new(error.to_string()))?;
        table.insert("dated", toml_edit::value(day));
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::{set_document, set_front_matter};

    #[test]
    fn a_document_is_added_once() {
        let controls = ["TM-001".parse().unwrap()];
        let other = "# kept\n[[document]]\npath = \"documents/z.pdf\"\n";
        let day = jiff::civil::date(2026, 3, 1);
        let one = set_document(other, "documents/a.pdf", "A", &controls, day).unwrap();
        let two = set_document(&one, "documents/a.pdf", "B", &controls, day).unwrap();
        assert!(two.starts_with(other), "{two}");
        assert_eq!(two.matches("[[document]]").count(), 2);
        assert!(
            two.contains("title = \"B\"\ncontrols = [\"TM-001\"]\ndated = 2026-03-01\n"),
            "{two}"
        );
    }

    const TEXT: &str = "+++\nid = \"TM-1\"\n# who\nowner_role = \"Head of IT\" # for now\n+++\nBody with +++ inside.\n";

    fn check(field: &str, value: &str, expected: &str) {
        assert_eq!(
            set_front_matter("x.md", TEXT, field, value).unwrap(),
            expected
        );
    }

    #[test]
    fn one_value_changes_and_nothing_else() {
        check(
            "owner_role",
            "Head of \"People\"",
            "+++\nid = \"TM-1\"\n# who\nowner_role = 'Head of \"People\"' # for now\n+++\nBody with +++ inside.\n",
        );
        check(
            "since",
            "2026-01-05",
            "+++\nid = \"TM-1\"\n# who\nowner_role = \"Head of IT\" # for now\nsince = 2026-01-05\n+++\nBody with +++ inside.\n",
        );
    }

    #[test]
    fn a_text_without_front_matter_is_refused() {
        for text in ["", "id = 1", "+++\nid = 1\n", "+++\n= =\n+++\n"] {
            assert!(set_front_matter("x.md", text, "a", "b").is_err(), "{text}");
        }
    }
}
