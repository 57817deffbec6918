//! Separated values (RFC 4180) with one header line.
//!
//! Must hold: lines are physical lines of the file, whatever ends them and also
//! where quoted values hold line breaks; a row with more or fewer values than
//! the header is bad; quotes that the parser would let pass, though they hide
//! what a value was, are found.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::Encoding;
use serde_json::Value;
use tickmark_catalog::Problem;

use super::csv_lines::Lines;
use super::decode::utf8;
use super::limit::{Allowance, Limited};
use super::{At, Cell, MAX_RECORD_BYTES, RawFile, Record, Sink, find_fields, shown};
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
    lines: Lines,
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
    if let Some(why) = source.misshapen(&record, width) {
        let problem = Problem::new("the header cannot be read").cause(why);
        return Err(file.problem_at(header_line, problem));
    }
    let headers = headers(file, header_line, &record)?;
    let indices = match headers.as_slice() {
        [first, ..] if first.starts_with("sep=") => {
            return Err(file.problem_at(header_line, separator_line(first)));
        }
        [only] if !fields.is_empty() && !fields.contains(only) => {
            return Err(file.problem_at(header_line, one_column(only)));
        }
        _ => find_fields(file, Some(header_line), &headers, fields)?,
    };
    while source.next(&mut record)? {
        give(&source, &record, width, &indices, sink)?;
    }
    Ok(())
}

/// A line by which spreadsheets tell each other the separator.
fn separator_line(first: &str) -> Problem {
    Problem::new(format!("{} is not a header", shown(first)))
        .hint("skip the line with `skip_lines = 1`")
}

/// A header that was not taken apart, or is something else.
fn one_column(header: &str) -> Problem {
    let problem = Problem::new(format!("the header has one column only: {}", shown(header)));
    let hint = match [";", "\t", "|", ","]
        .iter()
        .find(|it| header.contains(**it))
    {
        Some(delimiter) => format!("say what separates the values: `delimiter = {delimiter:?}`"),
        None => "say with `skip_lines` how many lines stand before the header".to_owned(),
    };
    problem.hint(hint)
}

impl<'f> Source<'f> {
    fn open(dialect: &Dialect, file: &'f RawFile) -> Result<Self, EvidenceError> {
        let allowance = Allowance::new(MAX_RECORD_BYTES + BUFFER_BYTES as u64);
        let text = text(dialect, file).map_err(|error| file.failed(error))?;
        let lines = Lines::new(dialect.delimiter, dialect.skip_lines + 1);
        let limited: Box<dyn Read + 'f> =
            Box::new(lines.track(Limited::new(text, allowance.clone())));
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(limited);
        Ok(Self {
            file,
            lines,
            allowance,
            reader,
        })
    }

    /// Reads the next record; false at the end.
    ///
    /// # Errors
    /// When it is too long, or a quote in it is never closed: then it is not
    /// known which records it swallowed.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool, EvidenceError> {
        self.allowance.renew();
        let start = self.reader.position().byte();
        let is_record = self.reader.read_byte_record(record).map_err(|error| {
            if self.allowance.is_spent() {
                let line = self.lines.line_from(start);
                self.file.problem_at(line, too_long())
            } else {
                self.file.failed(error)
            }
        })?;
        if is_record && self.lines.ended_open() {
            let problem = Problem::new("a quote that opens in this row is never closed");
            return Err(self.file.problem_at(self.line(record), problem));
        }
        Ok(is_record)
    }

    /// The physical line on which the record that was just read begins.
    fn line(&self, record: &ByteRecord) -> u64 {
        let start = record.position().map_or(0, csv::Position::byte);
        self.lines.line_from(start)
    }

    /// What is wrong with the shape of the record that was just read.
    fn misshapen(&self, record: &ByteRecord, width: usize) -> Option<String> {
        let has_misplaced_quote = self
            .lines
            .has_misplaced_quote(self.reader.position().byte());
        if record.len() != width {
            let count = record.len();
            return Some(format!(
                "the row has {count} values, the header has {width}"
            ));
        }
        has_misplaced_quote.then(|| {
            "text follows a closing quote; a quote inside a quoted value is written twice"
                .to_owned()
        })
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
        let found = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let count = found.map_or(buffer.len(), |at| at + 1);
        let is_cr = found.and_then(|at| buffer.get(at)) == Some(&b'\r');
        text.consume(count);
        if is_cr && text.fill_buf()?.first() == Some(&b'\n') {
            text.consume(1);
        }
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
    if let Some(why) = source.misshapen(record, width) {
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
