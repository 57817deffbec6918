//! Raw files, read record by record.
//!
//! Must hold: a reader gives every record of its file exactly once and in file
//! order, good or bad, with the place where a person finds it; it never holds
//! more than one record (or one batch) in memory; what it gives is the source's
//! value, not yet interpreted.

mod cell;
mod csv;
mod csv_lines;
mod decode;
mod json;
mod json_value;
mod limit;
mod ndjson;
mod parquet;
mod xlsx;
mod xlsx_limits;

use std::path::{Path, PathBuf};

use tickmark_catalog::{Place, Problem, Problems, nearest};

use crate::mapping::Format;
use crate::store::{ObjectRef, Staged, StagingFile};
use crate::{EvidenceError, Store};
pub(crate) use cell::{Cell, shown};

/// Longest record that is read; a longer one is a sign of a file that is not
/// what it seems to be.
pub(crate) const MAX_RECORD_BYTES: u64 = 4 * 1024 * 1024;

/// A raw file that was copied into the staging folder and hashed.
#[derive(Debug)]
pub struct RawFile {
    /// Path as the mapping names it, relative to the program folder.
    pub name: String,
    content: Content,
}

/// Raw bytes on their way into the staging folder, as a collector reads them.
#[derive(Debug)]
pub struct RawWriter {
    name: String,
    file: StagingFile,
}

impl RawWriter {
    /// A new raw file under the name that the mapping gives it.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when the staging folder cannot be written to.
    pub fn new(name: &str, store: &Store) -> Result<Self, EvidenceError> {
        Ok(Self {
            name: name.to_owned(),
            file: store.stage()?,
        })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when they cannot be written.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        self.file.append(bytes)
    }

    /// Closes the file.
    ///
    /// # Errors
    /// [`EvidenceError::Failed`] when it cannot be flushed to the disk.
    pub fn finish(self) -> Result<RawFile, EvidenceError> {
        Ok(RawFile::staged(self.name, self.file.finish()?))
    }
}

#[derive(Debug)]
enum Content {
    Staged(Staged),
    Stored(PathBuf, ObjectRef),
}

impl RawFile {
    pub(crate) fn staged(name: String, staged: Staged) -> Self {
        Self {
            name,
            content: Content::Staged(staged),
        }
    }

    pub(crate) fn stored(name: String, path: PathBuf, object: ObjectRef) -> Self {
        Self {
            name,
            content: Content::Stored(path, object),
        }
    }

    /// Size and hash.
    pub fn object(&self) -> &ObjectRef {
        match &self.content {
            Content::Staged(staged) => &staged.object,
            Content::Stored(_, object) => object,
        }
    }

    pub(crate) fn into_staged(self) -> Option<Staged> {
        match self.content {
            Content::Staged(staged) => Some(staged),
            Content::Stored(..) => None,
        }
    }

    fn path(&self) -> &Path {
        match &self.content {
            Content::Staged(staged) => staged.path(),
            Content::Stored(path, _) => path,
        }
    }

    fn problem(&self, problem: Problem) -> EvidenceError {
        let place = Place {
            file: self.name.clone(),
            line: None,
            column: None,
        };
        problem.in_place(place).into()
    }

    fn problem_at(&self, line: u64, problem: Problem) -> EvidenceError {
        problem.at(self.name.as_str(), line).into()
    }

    fn failed(&self, error: impl std::fmt::Display) -> EvidenceError {
        EvidenceError::reading(Path::new(&self.name), error)
    }
}

/// Where a record stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At<'r> {
    /// Physical line of a text file or row of a sheet, from 1.
    Line(u64),
    /// Element of a JSON array: the pointer of the array, and the index from 0.
    Element(&'r str, u64),
    /// Row of a Parquet file, from 1.
    Row(u64),
}

impl At<'_> {
    /// The place to show, in the named file.
    pub(crate) fn place(&self, file: &str) -> Place {
        match self {
            At::Line(line) => Place {
                file: file.to_owned(),
                line: Some(*line),
                column: None,
            },
            At::Element(array, index) => Place {
                file: format!("{file}#{array}/{index}"),
                line: None,
                column: None,
            },
            At::Row(row) => Place {
                file: format!("{file}#row={row}"),
                line: None,
                column: None,
            },
        }
    }
}

/// One record.
pub(crate) struct Record<'r> {
    /// Where it stands.
    pub at: At<'r>,
    /// The values of the fields asked for, in that order, or why it has none.
    pub cells: Result<&'r [Cell<'r>], String>,
    /// The record as it stands in the file, for the list of rejects.
    pub raw: &'r dyn Fn() -> serde_json::Value,
}

/// Takes the records of a file; an error stops the reading.
pub(crate) type Sink<'s> = dyn FnMut(Record<'_>) -> Result<(), EvidenceError> + 's;

/// Reads a raw file.
///
/// `fields`: the names of the fields the mapping reads.
pub(crate) fn read(
    format: &Format,
    file: &RawFile,
    fields: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    match format {
        Format::Csv {
            delimiter,
            encoding,
            skip_lines,
        } => csv::read(
            csv::Dialect {
                delimiter: *delimiter,
                encoding,
                skip_lines: *skip_lines,
            },
            file,
            fields,
            sink,
        ),
        Format::Xlsx { sheet, header_row } => {
            xlsx::read(sheet.as_deref(), *header_row, file, fields, sink)
        }
        Format::Json { records } => json::read(records, file, fields, sink),
        Format::Ndjson => ndjson::read(file, fields, sink),
        Format::Parquet => parquet::read(file, fields, sink),
    }
}

/// Finds each field among the headers of a file.
///
/// `line`: where the headers stand; `None` in a file without lines.
///
/// # Errors
/// A problem for every field that is not there or is there twice.
fn find_fields(
    file: &RawFile,
    line: Option<u64>,
    headers: &[String],
    fields: &[String],
) -> Result<Vec<usize>, EvidenceError> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for field in fields {
        let mut places = headers
            .iter()
            .enumerate()
            .filter(|(_, header)| *header == field);
        match (places.next(), places.next()) {
            (Some((index, _)), None) => found.push(index),
            (Some(_), Some(_)) => problems.push(repeated_field(field)),
            (None, _) => problems.push(missing_field(field, headers)),
        }
    }
    let place = Place {
        file: file.name.clone(),
        line,
        column: None,
    };
    let problems = problems
        .into_iter()
        .map(|problem| problem.in_place(place.clone()))
        .collect();
    Problems::unless_empty(problems, found).map_err(EvidenceError::from)
}

fn repeated_field(field: &str) -> Problem {
    Problem::new(format!("two columns have the header {}", shown(field)))
        .hint("rename one of them at the source")
}

/// How many headers a hint names.
const MAX_NAMED: usize = 40;

fn missing_field(field: &str, headers: &[String]) -> Problem {
    let mut names: Vec<String> = headers
        .iter()
        .take(MAX_NAMED)
        .map(|header| shown(header))
        .collect();
    if headers.len() > MAX_NAMED {
        names.push(format!("and {} more", headers.len() - MAX_NAMED));
    }
    let names = names.join(", ");
    let near = nearest(field, headers.iter().map(String::as_str));
    let hint = match near {
        Some(near) => format!("did you mean {}? the file has {names}", shown(near)),
        None => format!("the file has {names}"),
    };
    Problem::new(format!(
        "there is no column with the header {}",
        shown(field)
    ))
    .hint(hint)
}
