//! Separated values (RFC 4180) with one header line.
//!
//! Must hold: lines are physical lines of the file, also where quoted values
//! hold line breaks; a row with more or fewer values than the header is bad; a
//! quote that is never closed is found even when the parser would let it pass.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::Encoding;
use serde_json::Value;
use tickmark_catalog::Problem;

use super::decode::utf8;
use super::limit::{Allowance, Limited};
use super::{At, Cell, MAX_RECORD_BYTES, RawFile, Record, Sink, find_fields};
use crate::EvidenceError;

const BUFFER_BYTES: usize = 128 * 1024;

/// How the values of a file are separated and encoded.
pub(super) struct Dialect {
    pub delimiter: u8,
    pub encoding: &'static Encoding,
    pub skip_lines: u64,
}

/// The parts a header or record is read with.
struct Source<'f> {
    file: &'f RawFile,
    skip_lines: u64,
    allowance: Allowance,
    reader: Reader<Box<dyn Read + 'f>>,
}

pub(super) fn read(
    dialect: Dialect,
    file: &RawFile,
    fields: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let mut source = Source::open(&dialect, file)?;
    let mut record = ByteRecord::new();
    if !source.next(&mut record)? {
        let problem = Problem::new("the file is empty: it has no header line");
        return Err(file.problem(problem.hint("an export without records still has its header")));
    }
    let width = record.len();
    let header_line = source.line(&record);
    let indices = find_fields(
        file,
        header_line,
        &headers(file, header_line, &record)?,
        fields,
    )?;
    let mut last = None;
    while source.next(&mut record)? {
        last = spans_lines(&record).then(|| (source.line(&record), position(&record)));
        give(&source, &record, width, &indices, sink)?;
    }
    match last {
        Some((line, start)) => refuse_open_quote(&dialect, file, line, start),
        None => Ok(()),
    }
}

impl<'f> Source<'f> {
    fn open(dialect: &Dialect, file: &'f RawFile) -> Result<Self, EvidenceError> {
        let allowance = Allowance::new(MAX_RECORD_BYTES + BUFFER_BYTES as u64);
        let text = text(dialect, file).map_err(|error| file.failed(error))?;
        let limited: Box<dyn Read + 'f> = Box::new(Limited::new(text, allowance.clone()));
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(limited);
        Ok(Self {
            file,
            skip_lines: dialect.skip_lines,
            allowance,
            reader,
        })
    }

    /// Reads the next record; false at the end.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool, EvidenceError> {
        self.allowance.renew();
        let line = self.reader.position().line() + self.skip_lines;
        self.reader.read_byte_record(record).map_err(|error| {
            if self.allowance.is_spent() {
                self.file.problem_at(line, too_long())
            } else {
                self.file.failed(error)
            }
        })
    }

    /// The physical line on which a record begins.
    fn line(&self, record: &ByteRecord) -> u64 {
        record.position().map_or(0, csv::Position::line) + self.skip_lines
    }
}

fn too_long() -> Problem {
    let limit = MAX_RECORD_BYTES / 1024 / 1024;
    Problem::new(format!("the record is longer than {limit} MiB"))
        .hint("a quote may be open, or the file may not be separated values")
}

/// The text of the file after the lines to skip.
fn text<'f>(dialect: &Dialect, file: &'f RawFile) -> std::io::Result<Box<dyn Read + 'f>> {
    let text = utf8(File::open(file.path())?, dialect.encoding)?;
    if dialect.skip_lines == 0 {
        return Ok(text);
    }
    let mut text = BufReader::new(text);
    for _ in 0..dialect.skip_lines {
        skip_line(&mut text)?;
    }
    Ok(Box::new(text))
}

fn skip_line(text: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = text.fill_buf()?;
        let found = buffer.iter().position(|byte| *byte == b'\n');
        let count = found.map_or(buffer.len(), |at| at + 1);
        text.consume(count);
        if found.is_some() || count == 0 {
            return Ok(());
        }
    }
}

fn headers(file: &RawFile, line: u64, record: &ByteRecord) -> Result<Vec<String>, EvidenceError> {
    let text = |header: &[u8]| match std::str::from_utf8(header) {
        Ok(text) if !text.contains('\0') => Ok(text.to_owned()),
        _ => {
            let problem = Problem::new("the header is not text in the file's encoding");
            Err(file.problem_at(line, problem.hint("say which `encoding` the file has")))
        }
    };
    record.iter().map(text).collect()
}

fn give(
    source: &Source<'_>,
    record: &ByteRecord,
    width: usize,
    indices: &[usize],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let at = At::Line(source.line(record));
    let raw = || raw(record);
    if record.len() != width {
        let why = format!(
            "the row has {} values, the header has {width}",
            record.len()
        );
        return sink(Record {
            at,
            cells: Err(why),
            raw: &raw,
        });
    }
    let cells: Vec<Cell<'_>> = indices
        .iter()
        .map(|index| cell(record.get(*index)))
        .collect();
    sink(Record {
        at,
        cells: Ok(&cells),
        raw: &raw,
    })
}

fn cell(bytes: Option<&[u8]>) -> Cell<'_> {
    let Some(bytes) = bytes else {
        return Cell::Absent;
    };
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => {
            Cell::Broken("holds a NUL character; is `encoding` right?".to_owned())
        }
        Ok(text) => Cell::Text(Cow::Borrowed(text)),
        Err(_) => Cell::Broken("has bytes that are wrong in the file's encoding".to_owned()),
    }
}

fn raw(record: &ByteRecord) -> Value {
    record
        .iter()
        .map(|field| String::from_utf8_lossy(field).into_owned())
        .collect()
}

/// Whether the last value holds a line break: only then can an open quote have
/// swallowed the rest of the file.
fn spans_lines(record: &ByteRecord) -> bool {
    record
        .iter()
        .next_back()
        .is_some_and(|field| field.contains(&b'\n'))
}

fn position(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::byte)
}

/// Reads the last record once more to see whether its quotes are closed.
fn refuse_open_quote(
    dialect: &Dialect,
    file: &RawFile,
    line: u64,
    start: u64,
) -> Result<(), EvidenceError> {
    let failed = |error| file.failed(error);
    let mut text = text(dialect, file).map_err(failed)?;
    std::io::copy(&mut text.by_ref().take(start), &mut std::io::sink()).map_err(failed)?;
    let mut rest = Vec::new();
    text.take(MAX_RECORD_BYTES + 1)
        .read_to_end(&mut rest)
        .map_err(failed)?;
    if ends_inside_quotes(&rest, dialect.delimiter) {
        let problem = Problem::new("a quote that opens in this row is never closed");
        return Err(file.problem_at(line, problem));
    }
    Ok(())
}

/// Where the walk over a record stands.
#[derive(PartialEq)]
enum Quoting {
    FieldStart,
    Bare,
    Quoted,
    MaybeClosed,
}

fn ends_inside_quotes(text: &[u8], delimiter: u8) -> bool {
    let step = |state: Quoting, byte: &u8| match (state, *byte) {
        (Quoting::Quoted, b'"') => Quoting::MaybeClosed,
        (Quoting::Quoted, _) => Quoting::Quoted,
        (Quoting::FieldStart | Quoting::MaybeClosed, b'"') => Quoting::Quoted,
        (_, b'\n' | b'\r') => Quoting::FieldStart,
        (_, other) if other == delimiter => Quoting::FieldStart,
        _ => Quoting::Bare,
    };
    text.iter().fold(Quoting::FieldStart, step) == Quoting::Quoted
}

#[cfg(test)]
mod tests {
    use super::ends_inside_quotes;

    #[test]
    fn finds_open_quotes() {
        let check = |text: &str, expected| {
            assert_eq!(
                ends_inside_quotes(text.as_bytes(), b','),
                expected,
                "{text}"
            );
        };
        check("", false);
        check("a,b", false);
        check("a,\"b", true);
        check("a,\"b\nc,d\n", true);
        check("a,\"b\nc\"\n", false);
        check("a,\"b\"\"", true);
        check("a,\"b\"\"\"", false);
        check("5\" disk,b\n", false);
    }
}
