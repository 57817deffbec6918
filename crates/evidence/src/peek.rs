//! A first look at an export that nobody has mapped yet: its shape, its columns
//! and its first records.
//!
//! Must hold: a look interprets nothing and decides nothing; what is imported
//! is read by the importer, through a mapping a person has seen.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use serde_json::Value;
use tickmark_catalog::Problem;

use crate::EvidenceError;

/// Records looked at.
const RECORDS: usize = 50;
/// Bytes of a JSON document looked at.
const JSON_BYTES: u64 = 64 * 1024 * 1024;

/// What an export looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    /// Shape, as a mapping names it: `csv`, `xlsx`, `json`, `ndjson`.
    pub format: &'static str,
    /// Where a JSON document has its records; empty where it is the array.
    pub records_at: String,
    /// What separates values, in CSV.
    pub delimiter: char,
    /// Names of the columns, in order.
    pub columns: Vec<String>,
    /// The first records: one text per column, empty where absent.
    pub records: Vec<Vec<String>>,
}

impl Peek {
    /// Looks at a file.
    ///
    /// # Errors
    /// [`EvidenceError::Refused`] when it is none of the shapes that can be
    /// mapped, or empty.
    pub fn of(path: &Path) -> Result<Self, EvidenceError> {
        let name = path
            .file_name()
            .map_or(String::new(), |name| name.to_string_lossy().to_lowercase());
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let peek = match extension {
            "csv" | "tsv" | "txt" => csv(path)?,
            "xlsx" => xlsx(path)?,
            "json" => json(path)?,
            "ndjson" | "jsonl" => ndjson(path)?,
            other => {
                let problem = Problem::new(format!("a file ending in `{other}` cannot be mapped"));
                return Err(problem
                    .hint("export it as CSV, XLSX, JSON or NDJSON")
                    .into());
            }
        };
        if peek.columns.is_empty() {
            let problem = Problem::new("the export has no columns");
            return Err(problem
                .hint("an export without records still has its header")
                .into());
        }
        Ok(peek)
    }

    /// The texts of one column in the records looked at, empty ones left out.
    pub fn values<'p>(&'p self, column: &str) -> impl Iterator<Item = &'p str> {
        let place = self.columns.iter().position(|name| name == column);
        let texts = self
            .records
            .iter()
            .filter_map(move |record| record.get(place?));
        texts.map(String::as_str).filter(|text| !text.is_empty())
    }
}

fn opened(path: &Path) -> Result<File, EvidenceError> {
    File::open(path).map_err(|error| EvidenceError::failed("could not read the export", error))
}

fn unreadable(what: &str, cause: &dyn std::fmt::Display) -> EvidenceError {
    Problem::new(format!("the export cannot be read as {what}"))
        .cause(cause.to_string())
        .into()
}

fn csv(path: &Path) -> Result<Peek, EvidenceError> {
    let mut head = Vec::new();
    let read = opened(path)?.take(64 * 1024).read_to_end(&mut head);
    read.map_err(|error| EvidenceError::failed("could not read the export", error))?;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |byte: u8| first.iter().filter(|it| **it == byte).count();
    let delimiter = [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|byte| (count(*byte), *byte == b','))
        .unwrap_or(b',');
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(opened(path)?);
    let header = reader
        .byte_headers()
        .map_err(|error| unreadable("CSV", &error))?;
    let columns = header.iter().map(text).collect();
    let rows = reader.byte_records().take(RECORDS);
    let records = rows.map(|row| {
        row.map(|row| row.iter().map(text).collect())
            .map_err(|error| unreadable("CSV", &error))
    });
    Ok(Peek {
        format: "csv",
        records_at: String::new(),
        delimiter: char::from(delimiter),
        columns,
        records: records.collect::<Result<_, _>>()?,
    })
}

/// Bytes as text without a byte order mark; what is no UTF-8 shows as such.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_start_matches('\u{feff}')
        .trim()
        .to_owned()
}

fn xlsx(path: &Path) -> Result<Peek, EvidenceError> {
    let mut book: Xlsx<BufReader<File>> =
        open_workbook(path).map_err(|error: calamine::XlsxError| unreadable("XLSX", &error))?;
    let sheet = book
        .worksheet_range_at(0)
        .ok_or_else(|| unreadable("XLSX", &"it has no sheet"))?;
    let sheet = sheet.map_err(|error| unreadable("XLSX", &error))?;
    let mut rows = sheet
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect::<Vec<String>>());
    Ok(Peek {
        format: "xlsx",
        records_at: String::new(),
        delimiter: ',',
        columns: rows.next().unwrap_or_default(),
        records: rows.take(RECORDS).collect(),
    })
}

fn json(path: &Path) -> Result<Peek, EvidenceError> {
    let document: Value = serde_json::from_reader(BufReader::new(opened(path)?.take(JSON_BYTES)))
        .map_err(|error| unreadable("JSON", &error))?;
    let (records_at, records) =
        array_of(&document).ok_or_else(|| unreadable("JSON", &"it holds no array of records"))?;
    Ok(of_objects("json", records_at, records.iter().take(RECORDS)))
}

/// The records of a document: itself, or the first array of objects in it.
fn array_of(document: &Value) -> Option<(String, &Vec<Value>)> {
    match document {
        Value::Array(records) => Some((String::new(), records)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match value {
            Value::Array(records) if records.iter().all(Value::is_object) => {
                Some((format!("/{name}"), records))
            }
            _ => None,
        }),
        _ => None,
    }
}

fn ndjson(path: &Path) -> Result<Peek, EvidenceError> {
    let mut records = Vec::new();
    for line in BufReader::new(opened(path)?).lines().take(RECORDS) {
        let line = line.map_err(|error| unreadable("NDJSON", &error))?;
        if !line.trim().is_empty() {
            records
                .push(serde_json::from_str(&line).map_err(|error| unreadable("NDJSON", &error))?);
        }
    }
    Ok(of_objects("ndjson", String::new(), records.iter()))
}

/// Objects as rows: a field inside a field is named `outer.inner`.
fn of_objects<'v>(
    format: &'static str,
    records_at: String,
    objects: impl Iterator<Item = &'v Value>,
) -> Peek {
    let mut columns: Vec<String> = Vec::new();
    let mut flat = Vec::new();
    for object in objects {
        let mut fields = Vec::new();
        flatten("", object, &mut fields);
        for (name, _) in &fields {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        flat.push(fields);
    }
    let cell = |fields: &[(String, String)], column: &String| {
        fields
            .iter()
            .find(|(name, _)| name == column)
            .map_or(String::new(), |(_, text)| text.clone())
    };
    let records = flat
        .iter()
        .map(|fields| columns.iter().map(|column| cell(fields, column)).collect())
        .collect();
    Peek {
        format,
        records_at,
        delimiter: ',',
        columns,
        records,
    }
}

fn flatten(prefix: &str, value: &Value, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(inner) => {
            for (name, value) in inner {
                let name = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flatten(&name, value, fields);
            }
        }
        Value::Null => fields.push((prefix.to_owned(), String::new())),
        Value::String(text) => fields.push((prefix.to_owned(), text.clone())),
        other => fields.push((prefix.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::Peek;

    fn peek(name: &str, text: &str) -> Peek {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Peek::of(&path).unwrap()
    }

    #[test]
    fn every_shape_shows_its_columns_and_records() {
        for (name, text, format) in [
            ("a.csv", "\u{feff}id;name\n1;Ada\n", "csv"),
            (
                "a.json",
                "{\"at\": \"x\", \"users\": [{\"id\": 1, \"name\": \"Ada\"}]}",
                "json",
            ),
            ("a.ndjson", "{\"id\": 1, \"name\": \"Ada\"}\n", "ndjson"),
        ] {
            let peek = peek(name, text);
            assert_eq!(
                (peek.format, peek.columns.clone()),
                (format, vec!["id".to_owned(), "name".to_owned()]),
                "{name}"
            );
            assert_eq!(peek.records, [["1", "Ada"]], "{name}");
            assert_eq!(peek.values("name").collect::<Vec<_>>(), ["Ada"]);
        }
    }

    #[test]
    fn fields_inside_fields_have_a_path() {
        let peek = peek("a.json", "[{\"p\": {\"q\": 1}, \"r\": null}]");
        assert_eq!(peek.columns, ["p.q", "r"]);
    }

    #[test]
    fn what_cannot_be_mapped_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.docx");
        std::fs::write(&path, "x").unwrap();
        assert!(Peek::of(&path).is_err());
    }
}
