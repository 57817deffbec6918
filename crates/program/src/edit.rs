//! Changing single values in a file of the program and nothing else of its text:
//! one record of a list (`risks.toml`), the front matter of a Markdown file, or
//! the tables of the settings (`tickmark.toml`).
//!
//! Must hold: comments, order and spacing of everything else stay byte for
//! byte; a value that is the same is not written anew; what comes out is read by
//! the same rules as any other text.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tickmark_catalog::{ControlId, Problem};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

/// Line that opens and closes the front matter of a Markdown file.
const FENCE: &str = "+++";

/// A value of a record, as a form asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Day(Date),
    /// Several texts.
    Texts(Vec<String>),
}

/// Values of a record by field.
pub type Values = BTreeMap<String, Entered>;

/// Where a record stands in a file of records.
#[derive(Clone, Copy, Debug)]
pub struct RecordPlace<'p> {
    /// The file, to name it in a problem.
    pub file: &'p str,
    /// The list it is in, for example `risk`.
    pub list: &'p str,
    /// The field that tells records of the list apart, mostly `id`.
    pub key: &'p str,
    /// The value of that field.
    pub id: &'p str,
    /// List and `id` of the record it is part of, where it is part of one.
    pub within: Option<(&'p str, &'p str)>,
}

impl Entered {
    /// What stands in a file; of a table or a fraction, nothing.
    fn of(item: &Item) -> Option<Self> {
        Some(match item.as_value()? {
            Value::String(text) => Self::Text(text.value().clone()),
            Value::Integer(number) => Self::Number(*number.value()),
            Value::Boolean(flag) => Self::Flag(*flag.value()),
            Value::Datetime(at) if at.value().time.is_none() => {
                Self::Day(at.value().to_string().parse().ok()?)
            }
            Value::Array(texts) => {
                let texts: Option<Vec<String>> = texts
                    .iter()
                    .map(|it| Some(it.as_str()?.to_owned()))
                    .collect();
                Self::Texts(texts?)
            }
            _ => return None,
        })
    }

    fn to_value(&self) -> Result<Value, Problem> {
        Ok(match self {
            Self::Text(text) => Value::from(text),
            Self::Number(number) => Value::from(*number),
            Self::Flag(flag) => Value::from(*flag),
            Self::Day(day) => Value::from(
                day.to_string()
                    .parse::<toml_edit::Datetime>()
                    .map_err(|error| Problem::new(error.to_string()))?,
            ),
            Self::Texts(texts) => Value::from(texts.iter().collect::<Array>()),
        })
    }
}

/// Sets the fields named; `None` takes one out. A field keeps its comments.
fn set(table: &mut Table, values: &[(&str, Option<Entered>)]) -> Result<(), Problem> {
    for (field, value) in values {
        let Some(value) = value else {
            table.remove(field);
            continue;
        };
        match table.get_mut(field) {
            Some(item) if Entered::of(item).as_ref() == Some(value) => {}
            Some(Item::Value(old)) => {
                let mut new = value.to_value()?;
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
            _ => _ = table.insert(field, Item::Value(value.to_value()?)),
        }
    }
    Ok(())
}

fn values(table: &Table) -> Values {
    table
        .iter()
        .filter_map(|(field, item)| Some((field.to_owned(), Entered::of(item)?)))
        .collect()
}

fn parsed(file: &str, text: &str) -> Result<DocumentMut, Problem> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        Problem::new("the file is not TOML")
            .cause(error.message().to_owned())
            .at(file, 1)
    })
}

fn is_named(table: &Table, key: &str, id: &str) -> bool {
    table.get(key).and_then(Item::as_str) == Some(id)
}

impl RecordPlace<'_> {
    /// The list; an empty one where the file has none yet.
    fn list<'d>(&self, document: &'d mut DocumentMut) -> Result<&'d mut ArrayOfTables, Problem> {
        let no_list =
            |name: &str| Problem::new(format!("`{name}` is no list of records")).at(self.file, 1);
        let mut table = document.as_table_mut();
        if let Some((list, id)) = self.within {
            let outer = table
                .get_mut(list)
                .and_then(Item::as_array_of_tables_mut)
                .ok_or_else(|| no_list(list))?;
            table = outer
                .iter_mut()
                .find(|it| is_named(it, "id", id))
                .ok_or_else(|| {
                    Problem::new(format!("there is no {list} `{id}`")).at(self.file, 1)
                })?;
        }
        table
            .entry(self.list)
            .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
            .as_array_of_tables_mut()
            .ok_or_else(|| no_list(self.list))
    }

    fn index(&self, list: &ArrayOfTables) -> Option<usize> {
        list.iter().position(|it| is_named(it, self.key, self.id))
    }
}

/// What a record says; `None` where there is no such record.
///
/// # Errors
/// When the text is not TOML, or what should hold the record is no list.
pub fn record_values(text: &str, place: &RecordPlace<'_>) -> Result<Option<Values>, Problem> {
    let mut document = parsed(place.file, text)?;
    let list = place.list(&mut document)?;
    let found = place.index(list).and_then(|at| list.get(at));
    Ok(found.map(values))
}

/// The text with fields of a record set, or with the record added. `None` takes
/// a field out.
///
/// # Errors
/// When the text is not TOML, or what should hold the record is no list.
pub fn set_record(
    text: &str,
    place: &RecordPlace<'_>,
    values: &[(&str, Option<Entered>)],
) -> Result<String, Problem> {
    let mut document = parsed(place.file, text)?;
    let list = place.list(&mut document)?;
    match place.index(list).and_then(|at| list.get_mut(at)) {
        Some(table) => set(table, values)?,
        None => {
            let mut table = Table::new();
            table.insert(place.key, toml_edit::value(place.id));
            set(&mut table, values)?;
            list.push(table);
        }
    }
    Ok(document.to_string())
}

/// The text without a record.
///
/// # Errors
/// As [`set_record`]; when there is no such record.
pub fn remove_record(text: &str, place: &RecordPlace<'_>) -> Result<String, Problem> {
    let mut document = parsed(place.file, text)?;
    let list = place.list(&mut document)?;
    let at = place.index(list).ok_or_else(|| {
        Problem::new(format!("there is no {} `{}`", place.list, place.id)).at(place.file, 1)
    })?;
    list.remove(at);
    Ok(document.to_string())
}

/// Front matter and body of a Markdown file.
fn divided<'t>(path: &str, text: &'t str) -> Result<(DocumentMut, &'t str), Problem> {
    let unreadable = || Problem::new("the file has no front matter").at(path, 1);
    let rest = text.strip_prefix(FENCE).ok_or_else(unreadable)?;
    let rest = rest.strip_prefix('\n').ok_or_else(unreadable)?;
    let end = match rest.strip_prefix(FENCE) {
        Some(_) => 0,
        None => rest.find("\n+++").ok_or_else(unreadable)? + 1,
    };
    let (front, fenced) = rest.split_at(end);
    let body = fenced.strip_prefix(FENCE).unwrap_or(fenced);
    Ok((
        parsed(path, front)?,
        body.strip_prefix('\n').unwrap_or(body),
    ))
}

/// What a Markdown file says: the fields of its front matter, and its body.
///
/// # Errors
/// When the text has no front matter, or it is not TOML.
pub fn sheet_values(path: &str, text: &str) -> Result<(Values, String), Problem> {
    let (document, body) = divided(path, text)?;
    Ok((values(document.as_table()), body.to_owned()))
}

/// The text of a Markdown file with fields of its front matter set, and its
/// body where one is given. An empty text is a new file.
///
/// # Errors
/// When the text has no front matter, or it is not TOML.
pub fn set_sheet(
    path: &str,
    text: &str,
    values: &[(&str, Option<Entered>)],
    body: Option<&str>,
) -> Result<String, Problem> {
    let text = if text.is_empty() { "+++\n+++\n" } else { text };
    let (mut document, old) = divided(path, text)?;
    set(document.as_table_mut(), values)?;
    Ok(format!(
        "{FENCE}\n{document}{FENCE}\n{}",
        body.unwrap_or(old)
    ))
}

/// What the tables of a file say, each field as `table.field`.
///
/// # Errors
/// When the text is not TOML.
pub fn table_values(file: &str, text: &str) -> Result<Values, Problem> {
    let document = parsed(file, text)?;
    let tables = document
        .iter()
        .filter_map(|(name, item)| Some((name, item.as_table()?)));
    let fields = tables.flat_map(|(name, table)| {
        let named = move |(field, value)| (format!("{name}.{field}"), value);
        values(table).into_iter().map(named)
    });
    Ok(fields.collect())
}

/// The text with fields of its tables set, each named as `table.field`. An empty
/// list is not written where there was none.
///
/// # Errors
/// When the text is not TOML, or has no such table.
pub fn set_tables(
    file: &str,
    text: &str,
    values: &[(&str, Option<Entered>)],
) -> Result<String, Problem> {
    let mut document = parsed(file, text)?;
    for (name, value) in values {
        let (table, field) = name.split_once('.').unwrap_or((name, ""));
        let no_table = || Problem::new(format!("there is no table `{table}`")).at(file, 1);
        let table = document
            .get_mut(table)
            .and_then(Item::as_table_mut)
            .ok_or_else(no_table)?;
        let is_nothing = matches!(value, Some(Entered::Texts(texts)) if texts.is_empty());
        if !(is_nothing && table.get(field).is_none()) {
            set(table, &[(field, value.clone())])?;
        }
    }
    Ok(document.to_string())
}

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
    // An empty text is no file that could be changed.
    divided(path, text)?;
    let value = match value.parse::<Date>() {
        Ok(day) if day.to_string() == value => Entered::Day(day),
        _ => Entered::Text(value.to_owned()),
    };
    set_sheet(path, text, &[(field, Some(value))], None)
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
    let place = RecordPlace {
        file: "documents/index.toml",
        list: "document",
        key: "path",
        id: path,
        within: None,
    };
    let controls = controls.iter().map(ToString::to_string).collect();
    set_record(
        text,
        &place,
        &[
            ("title", Some(Entered::Text(title.to_owned()))),
            ("controls", Some(Entered::Texts(controls))),
            ("dated", Some(Entered::Day(dated))),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::{
        Entered, RecordPlace, record_values, remove_record, set_document, set_front_matter,
        set_record, set_sheet, set_tables, sheet_values, table_values,
    };

    #[test]
    fn a_field_of_a_table_is_set_and_nothing_else() {
        let text = "version = 1 # kept\n\n[system]\nname = \"A\" # why\nservices = [\n  \"x\",\n]\n\n[period]\nstart = 2026-01-01\n";
        let values = table_values("t.toml", text).unwrap();
        let names: Vec<&str> = values.keys().map(String::as_str).collect();
        assert_eq!(names, ["period.start", "system.name", "system.services"]);
        let set = |name, value| set_tables("t.toml", text, &[(name, Some(value))]);
        assert_eq!(
            set("system.name", Entered::Text("B".to_owned())).unwrap(),
            text.replace("\"A\"", "\"B\"")
        );
        let same = Entered::Texts(vec!["x".to_owned()]);
        assert_eq!(set("system.services", same).unwrap(), text);
        let none = Entered::Texts(Vec::new());
        assert_eq!(set("system.left_out", none).unwrap(), text);
        let told = set("scope.categories", Entered::Number(1)).unwrap_err();
        assert_eq!(told.message, "there is no table `scope`");
    }

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

    const NESTED: &str = "# ours\n[[org]]\nid = \"a\" # first\n\n[[org.need]]\nid = \"N-1\"\ntext = \"x\"\n\n[[org]]\nid = \"b\"\n\n[[user]]\nid = \"U-1\"\n";

    fn need<'p>(of: &'p str, id: &'p str) -> RecordPlace<'p> {
        RecordPlace {
            file: "x.toml",
            list: "need",
            key: "id",
            id,
            within: Some(("org", of)),
        }
    }

    #[test]
    fn a_record_within_a_record_is_found_changed_added_and_removed() {
        let text = |it: &str| Some(Entered::Text(it.to_owned()));
        let known = record_values(NESTED, &need("a", "N-1")).unwrap().unwrap();
        assert_eq!(known.get("text"), text("x").as_ref());
        assert!(record_values(NESTED, &need("b", "N-1")).unwrap().is_none());
        // The same value leaves every byte where it was.
        let same = set_record(NESTED, &need("a", "N-1"), &[("text", text("x"))]).unwrap();
        assert_eq!(same, NESTED);
        let added = set_record(NESTED, &need("b", "N-2"), &[("text", text("y"))]).unwrap();
        assert_eq!(
            added,
            NESTED.replace(
                "id = \"b\"\n",
                "id = \"b\"\n\n[[org.need]]\nid = \"N-2\"\ntext = \"y\"\n"
            )
        );
        assert_eq!(remove_record(&added, &need("b", "N-2")).unwrap(), NESTED);
        assert!(remove_record(NESTED, &need("b", "N-2")).is_err());
        assert!(set_record(NESTED, &need("c", "N-2"), &[]).is_err());
    }

    #[test]
    fn a_sheet_is_begun_read_and_changed() {
        let fields = [
            ("title", Some(Entered::Text("Access".to_owned()))),
            ("criteria", Some(Entered::Texts(vec!["CC6.1".to_owned()]))),
        ];
        let text = set_sheet("x.md", "", &fields, Some("Body\n")).unwrap();
        assert_eq!(
            text,
            "+++\ntitle = \"Access\"\ncriteria = [\"CC6.1\"]\n+++\nBody\n"
        );
        let (values, body) = sheet_values("x.md", &text).unwrap();
        assert_eq!((values.len(), body.as_str()), (2, "Body\n"));
        let without = set_sheet("x.md", &text, &[("criteria", None)], None).unwrap();
        assert_eq!(without, "+++\ntitle = \"Access\"\n+++\nBody\n");
    }
}
