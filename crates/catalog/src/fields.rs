//! Reads a TOML text into values and tells everything that is wrong with it at
//! once, each with file, line and column.
//!
//! Must hold: no key is passed over (a key nobody asked for is a problem, with
//! the nearest key that exists); a value that cannot be read is reported
//! exactly once and read as `None`; nothing here has a default of its own.
//!
//! ```
//! use tickmark_catalog::{read_toml, CriterionId};
//!
//! let mut problems = Vec::new();
//! let read = read_toml("risks.toml", "title = \"Loss\"\ncriterion = \"CC8.2\"", &mut problems, |fields| {
//!     let title = fields.text("title");
//!     let criterion = fields.required::<CriterionId>("criterion");
//!     Some((title?, criterion?))
//! });
//! assert_eq!(read, None);
//! assert_eq!(
//!     problems[0].to_string(),
//!     "error: criterion `CC8.2` does not exist; the nearest is `CC8.1`\n  --> risks.toml:2:13"
//! );
//! ```

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::field_value::{Field, FieldValue};
use crate::nearest::nearest;
use crate::problem::{Place, Problem};

/// How far into a line columns are counted.
const COUNTED_BYTES: usize = 1 << 16;

/// A TOML text, where it stands in its file, and what was found wrong with it.
pub(crate) struct TomlText<'t> {
    file: &'t str,
    text: &'t str,
    first_line: u64,
    /// Offset of each line, so that a place is found without reading the text
    /// again: a list of many thousand records asks for as many places.
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> TomlText<'t> {
    fn new(file: &'t str, text: &'t str, first_line: u64) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            file,
            text,
            first_line,
            line_starts,
            problems: RefCell::default(),
        }
    }

    /// The place of a byte of the text. Columns count characters, and are left
    /// out far into a very long line: counting there for each of many values
    /// would take longer than reading them.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self
            .line_starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or_default();
        let before = self
            .text
            .get(start..offset)
            .filter(|before| before.len() <= COUNTED_BYTES);
        Place {
            file: self.file.to_owned(),
            line: Some(self.first_line + line as u64),
            column: before.map(|before| before.chars().count() as u64 + 1),
        }
    }

    pub(crate) fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }
}

/// Reads the TOML text of a whole file with `read`; see [`Fields`].
///
/// Adds everything that is wrong to `problems`. `None` when the text is not
/// TOML or `read` gave up.
pub fn read_toml<T>(
    file: &str,
    text: &str,
    problems: &mut Vec<Problem>,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Option<T> {
    read_toml_part(file, text, 1, problems, read)
}

/// As [`read_toml`], for a text that begins at line `first_line` of its file.
pub(crate) fn read_toml_part<T>(
    file: &str,
    text: &str,
    first_line: u64,
    problems: &mut Vec<Problem>,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Option<T> {
    let text = TomlText::new(file, text, first_line);
    let (root, errors) = DeTable::parse_recoverable(text.text);
    for error in &errors {
        text.report(syntax_problem(&text, error));
    }
    let value = if errors.is_empty() {
        let place = Place::line(file, first_line);
        Fields::new(&text, None, place, root.into_inner()).read_all(read)
    } else {
        None
    };
    problems.append(&mut text.problems.borrow_mut());
    value
}

fn syntax_problem(text: &TomlText<'_>, error: &toml::de::Error) -> Problem {
    let place = text.place(error.span().map_or(0, |span| span.start));
    Problem::new("this is not TOML")
        .cause(error.message().replace('\n', " "))
        .in_place(place)
}

/// The keys of one TOML table, to be asked for one by one.
///
/// Every asking method takes the key's value out; what is left when the reading
/// function returns is reported as unknown.
pub struct Fields<'s> {
    text: &'s TomlText<'s>,
    /// Name of the table in messages; the root has none.
    name: Option<String>,
    place: Place,
    entries: BTreeMap<String, Entry<'s>>,
    asked: Vec<String>,
}

struct Entry<'s> {
    key_span: Range<usize>,
    value: Spanned<DeValue<'s>>,
}

impl<'s> Fields<'s> {
    fn new(text: &'s TomlText<'s>, name: Option<String>, place: Place, table: DeTable<'s>) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| {
                (
                    key.get_ref().to_string(),
                    Entry {
                        key_span: key.span(),
                        value,
                    },
                )
            })
            .collect();
        Self {
            text,
            name,
            place,
            entries,
            asked: Vec::new(),
        }
    }

    /// Where the table begins.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Reports something the reader itself found wrong. Gets the table's place
    /// when it has none.
    pub fn report(&self, mut problem: Problem) {
        problem.place.get_or_insert_with(|| self.place());
        self.text.report(problem);
    }

    /// The value of a key that must be there.
    pub fn required<T: FieldValue>(&mut self, key: &str) -> Option<T> {
        match self.take(key) {
            Some(entry) => self.read(key, &entry.value),
            None => {
                self.report(Problem::new(self.in_table(&format!("`{key}` is missing"))));
                None
            }
        }
    }

    /// The value of a key that may be absent.
    pub fn optional<T: FieldValue>(&mut self, key: &str) -> Option<T> {
        let entry = self.take(key)?;
        self.read(key, &entry.value)
    }

    /// A text that must be there and say something.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let place = self.place_of(key);
        let text: String = self.required(key)?;
        if text.trim().is_empty() {
            self.text
                .report(Problem::new(format!("`{key}` is empty")).in_place(place));
            return None;
        }
        Some(text)
    }

    /// The values of a list; an absent key is an empty list. Elements that
    /// cannot be read are reported and left out.
    pub fn list<T: FieldValue>(&mut self, key: &str) -> Vec<T> {
        self.optional::<Vec<T>>(key).unwrap_or_default()
    }

    /// Whether the key is there and has not been asked for yet.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Where the key stands; the table's place when it is absent.
    pub fn place_of(&self, key: &str) -> Place {
        self.entries.get(key).map_or_else(
            || self.place(),
            |entry| self.text.place(entry.key_span.start),
        )
    }

    /// The keys not asked for yet, in alphabetical order.
    pub fn remaining_keys(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    /// Reads the table under a key with `read`; `None` when it is absent.
    pub fn table<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let entry = self.take(key)?;
        let place = self.text.place(entry.key_span.start);
        self.inner(key, format!("[{key}]"), place, entry.value)?
            .read_all(read)
    }

    /// Reads the table under a key that must be there with `read`.
    pub fn required_table<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.report(Problem::new(
                self.in_table(&format!("table `[{key}]` is missing")),
            ));
        }
        self.table(key, read)
    }

    /// Reads each table of a list (`[[key]]`) with `read`; an absent key is an
    /// empty list. Those for which `read` gives `None` are left out.
    pub fn tables<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(entry) = self.take(key) else {
            return Vec::new();
        };
        let place = self.text.place(entry.key_span.start);
        let DeValue::Array(array) = entry.value.into_inner() else {
            self.report(
                Problem::new(format!("`{key}` must be a list of tables `[[{key}]]`"))
                    .in_place(place),
            );
            return Vec::new();
        };
        let mut values = Vec::new();
        for element in array {
            let place = self.text.place(element.span().start);
            let inner = self.inner(key, format!("[[{key}]]"), place, element);
            values.extend(inner.and_then(|fields| fields.read_all(&mut read)));
        }
        values
    }

    fn inner(
        &self,
        key: &str,
        name: String,
        place: Place,
        value: Spanned<DeValue<'s>>,
    ) -> Option<Fields<'s>> {
        match value.into_inner() {
            DeValue::Table(table) => Some(Self::new(self.text, Some(name), place, table)),
            _ => {
                self.report(
                    Problem::new(format!("`{key}` must be a table `{name}`")).in_place(place),
                );
                None
            }
        }
    }

    fn take(&mut self, key: &str) -> Option<Entry<'s>> {
        self.asked.push(key.to_owned());
        self.entries.remove(key)
    }

    fn read<T: FieldValue>(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<T> {
        T::read(&Field::new(self.text, key, value))
    }

    fn read_all<T>(mut self, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
        let value = read(&mut self);
        for (key, entry) in &self.entries {
            self.text.report(self.unknown_key(key, entry));
        }
        value
    }

    fn unknown_key(&self, key: &str, entry: &Entry<'_>) -> Problem {
        let mut message = self.in_table(&format!("unknown key `{key}`"));
        if let Some(nearest) = nearest(key, self.asked.iter().map(String::as_str)) {
            message.push_str(&format!("; the nearest is `{nearest}`"));
        }
        Problem::new(message).in_place(self.text.place(entry.key_span.start))
    }

    fn in_table(&self, message: &str) -> String {
        self.name.as_ref().map_or_else(
            || message.to_owned(),
            |name| format!("{message} in `{name}`"),
        )
    }
}
