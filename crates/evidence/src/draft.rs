//! A mapping to start from, proposed by what an export looks like.
//!
//! Must hold: what is proposed is shown to a person before anything is
//! imported by it; a guess that is wrong fails at the import, row by row, and
//! is never silently passed.

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;
use tickmark_catalog::{Column, ColumnType, DatasetKind, DatasetSchema, Period};
use toml_edit::value;

use crate::peek::Peek;

/// Formats of days that exports use, the least ambiguous first.
const DAY_FORMATS: &[&str] = &[
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%d-%b-%Y",
    "%b %d, %Y",
];

/// What a person says about an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Id of the source.
    pub id: String,
    /// System of record.
    pub system: String,
    /// Account inside it.
    pub tenant: String,
    /// The file, relative to the program's folder.
    pub file: String,
    /// When the source was in this state, as an instant.
    pub observed_at: String,
    /// What the source was asked.
    pub request: String,
    /// The period it was asked for.
    pub covers: Period,
    /// For each column of the dataset that is filled, the column of the export.
    pub columns: Vec<(String, String)>,
}

/// For each column of a dataset the column of the export that is called alike.
pub fn proposed_columns(schema: &DatasetSchema, peek: &Peek) -> Vec<(String, String)> {
    let proposed = schema.columns.iter().filter_map(|column| {
        let wanted = folded(&column.name);
        let same = |name: &&String| folded(name) == wanted;
        let like = |name: &&String| {
            let name = folded(name);
            name.len() > 2 && (name.contains(&wanted) || wanted.contains(&name))
        };
        let found = peek
            .columns
            .iter()
            .find(same)
            .or_else(|| peek.columns.iter().find(like))?;
        Some((column.name.clone(), found.clone()))
    });
    proposed.collect()
}

/// A name without case, spaces and signs.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|it| it.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Draft {
    /// The mapping file, with the rules that the values looked at ask for.
    pub fn to_toml(&self, schema: &DatasetSchema, peek: &Peek) -> String {
        let mut document = toml_edit::DocumentMut::new();
        document.insert("id", value(&self.id));
        document.insert("dataset", value(&schema.name));
        document.insert("system", value(&self.system));
        document.insert("tenant", value(&self.tenant));
        document.insert("format", value(peek.format));
        if peek.format == "csv" && peek.delimiter != ',' {
            document.insert("delimiter", value(peek.delimiter.to_string()));
        }
        if peek.format == "json" {
            document.insert("records", value(&peek.records_at));
        }
        let mut files = toml_edit::Array::new();
        files.push(&self.file);
        document.insert("files", value(files));
        document.insert("observed_at", value(&self.observed_at));
        document.insert("request", value(&self.request));
        if schema.kind == DatasetKind::Event {
            document.insert("covers", value(self.covers.to_string()));
        }
        document.insert("grade", value("client_file"));
        let unmapped = schema
            .columns
            .iter()
            .filter(|column| self.source_of(&column.name).is_none());
        let unmapped: toml_edit::Array = unmapped.map(|column| column.name.as_str()).collect();
        if !unmapped.is_empty() {
            document.insert("unmapped", value(unmapped));
        }
        let mut columns = toml_edit::Table::new();
        columns.set_implicit(true);
        for column in &schema.columns {
            if let Some(from) = self.source_of(&column.name) {
                columns.insert(
                    &column.name,
                    toml_edit::Item::Table(rule(column, from, peek)),
                );
            }
        }
        document.insert("columns", toml_edit::Item::Table(columns));
        document.to_string()
    }

    fn source_of(&self, column: &str) -> Option<&str> {
        let found = self
            .columns
            .iter()
            .find(|(name, from)| name == column && !from.is_empty());
        found.map(|(_, from)| from.as_str())
    }
}

/// How one column is made from the export's.
fn rule(column: &Column, from: &str, peek: &Peek) -> toml_edit::Table {
    let mut rule = toml_edit::Table::new();
    rule.insert("from", value(from));
    match column.kind {
        ColumnType::Date => {
            if let Some(format) =
                day_format(peek.values(from)).filter(|format| *format != "%Y-%m-%d")
            {
                rule.insert("format", value(format));
            }
        }
        ColumnType::Bool if peek.format == "csv" || peek.format == "xlsx" => {
            let (yes, no) = yes_and_no(peek.values(from));
            rule.insert("true", value(yes));
            rule.insert("false", value(no));
        }
        ColumnType::TextList if peek.format == "csv" || peek.format == "xlsx" => {
            rule.insert("split", value(";"));
        }
        _ => {}
    }
    rule
}

/// The first format by which every value looked at is a day.
fn day_format<'v>(values: impl Iterator<Item = &'v str>) -> Option<&'static str> {
    let values: Vec<&str> = values.collect();
    let reads = |format: &&&str, text: &str| {
        BrokenDownTime::parse(format, text)
            .and_then(|parts| parts.to_date())
            .is_ok_and(|date: Date| date.year() > 1900)
    };
    DAY_FORMATS
        .iter()
        .find(|format| !values.is_empty() && values.iter().all(|text| reads(format, text)))
        .copied()
}

/// The words for yes and no among the values looked at, with the usual ones.
fn yes_and_no<'v>(values: impl Iterator<Item = &'v str>) -> (toml_edit::Array, toml_edit::Array) {
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for text in values {
        let words = match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "enabled" | "on" | "active" => &mut yes,
            "false" | "no" | "n" | "0" | "disabled" | "off" | "inactive" => &mut no,
            _ => continue,
        };
        if !words.contains(&text.to_owned()) {
            words.push(text.to_owned());
        }
    }
    if yes.is_empty() {
        yes = vec!["true".to_owned(), "yes".to_owned()];
    }
    if no.is_empty() {
        no = vec!["false".to_owned(), "no".to_owned()];
    }
    (
        yes.iter().map(String::as_str).collect(),
        no.iter().map(String::as_str).collect(),
    )
}

#[cfg(test)]
mod tests {
    use tickmark_catalog::catalog;

    use super::{Draft, day_format, proposed_columns};
    use crate::Mapping;
    use crate::peek::Peek;

    #[test]
    fn days_are_read_by_the_format_that_fits_all() {
        for (values, format) in [
            (vec!["2026-01-31"], Some("%Y-%m-%d")),
            (vec!["01/02/2026", "01/31/2026"], Some("%m/%d/%Y")),
            (vec!["01/02/2026", "31/01/2026"], Some("%d/%m/%Y")),
            (vec!["yesterday"], None),
            (vec![], None),
        ] {
            assert_eq!(day_format(values.iter().copied()), format, "{values:?}");
        }
    }

    #[test]
    fn what_is_drafted_can_be_read_as_a_mapping() {
        let schema = catalog().dataset("leavers").unwrap();
        let peek = Peek {
            format: "csv",
            records_at: String::new(),
            delimiter: ';',
            columns: ["Person ID", "Full name", "Last day", "Mail"]
                .map(str::to_owned)
                .to_vec(),
            records: vec![
                ["7", "Ada", "31.01.2026", "ada@example.com"]
                    .map(str::to_owned)
                    .to_vec(),
            ],
        };
        let columns = proposed_columns(schema, &peek);
        assert!(columns.contains(&("person_id".to_owned(), "Person ID".to_owned())));
        assert!(columns.contains(&("last_day".to_owned(), "Last day".to_owned())));
        let draft = Draft {
            id: "hr-leavers".to_owned(),
            system: "HR".to_owned(),
            tenant: "acme".to_owned(),
            file: "exports/hr-leavers/leavers.csv".to_owned(),
            observed_at: "2026-02-01T09:00:00Z".to_owned(),
            request: "all leavers".to_owned(),
            covers: "2025-07-01..2026-06-30".parse().unwrap(),
            columns,
        };
        let text = draft.to_toml(schema, &peek);
        let read = Mapping::parse("x.toml", &text, &catalog().datasets);
        // A required column that nothing is called alike is told, not guessed.
        let problems = read.err().map(|it| it.to_string()).unwrap_or_default();
        assert!(!problems.contains("cannot be read"), "{text}\n{problems}");
        assert!(text.contains("format = \"%d.%m.%Y\""), "{text}");
    }
}
