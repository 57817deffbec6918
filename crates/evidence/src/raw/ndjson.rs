//! One JSON object a line.
//!
//! Must hold: a line that is not an object is a bad row, and the lines after it
//! are still read; an over-long line is skipped, not loaded.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufRead, BufReader};

use encoding_rs::UTF_8;
use serde::de::DeserializeSeed;
use serde_json::Value;

use super::decode::utf8;
use super::json::{cells, path_of};
use super::json_value::{OneValue, repeated_key};
use super::{At, MAX_RECORD_BYTES, RawFile, Record, Sink};
use crate::EvidenceError;

pub(super) fn read(
    file: &RawFile,
    fields: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let failed = |error| file.failed(error);
    let source = File::open(file.path())
        .and_then(|source| utf8(source, UTF_8))
        .map_err(failed)?;
    let mut source = BufReader::with_capacity(128 * 1024, source);
    let paths: Vec<_> = fields.iter().map(|field| path_of(field)).collect();
    let mut line = Vec::new();
    let mut number = 0;
    while let Some(is_whole) = next_line(&mut source, &mut line).map_err(failed)? {
        number += 1;
        if !line.trim_ascii().is_empty() {
            give(At::Line(number), &line, is_whole, &paths, sink)?;
        }
    }
    Ok(())
}

fn give(
    at: At<'_>,
    line: &[u8],
    is_whole: bool,
    paths: &[Vec<String>],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let text = || Value::String(String::from_utf8_lossy(line).into_owned());
    let bad = |why: String| Record {
        at,
        cells: Err(why),
        raw: &text,
    };
    if !is_whole {
        return sink(bad(format!(
            "the line is longer than {} MiB",
            MAX_RECORD_BYTES / 1024 / 1024
        )));
    }
    let repeated = RefCell::new(None);
    let parsed = parse(line, &repeated);
    match (parsed, repeated.take()) {
        (Ok(_), Some(key)) => sink(bad(repeated_key(&key))),
        (Ok(value @ Value::Object(_)), None) => sink(Record {
            at,
            cells: Ok(&cells(&value, paths)),
            raw: &text,
        }),
        (Ok(_), None) => sink(bad("the line is not a JSON object".to_owned())),
        (Err(error), _) => sink(bad(format!(
            "the line is not valid JSON: {}",
            plain(&error)
        ))),
    }
}

fn parse(line: &[u8], repeated: &RefCell<Option<String>>) -> serde_json::Result<Value> {
    let mut parser = serde_json::Deserializer::from_slice(line);
    let value = OneValue { repeated }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}

/// The parser's message without its own idea of the line.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let cut = message.find(" at line ").unwrap_or(message.len());
    format!(
        "{} at column {}",
        message.get(..cut).unwrap_or(&message),
        error.column()
    )
}

/// Reads a line without its end; `None` at the end of the file, `Some(false)`
/// when it was longer than the limit and only its start was kept.
fn next_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    line.clear();
    let mut is_whole = true;
    let mut any = false;
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any.then_some(is_whole));
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer
            .get(..end.unwrap_or(buffer.len()))
            .unwrap_or_default();
        if line.len() + part.len() <= MAX_RECORD_BYTES as usize {
            line.extend_from_slice(part);
        } else {
            is_whole = false;
            line.truncate(1024);
        }
        let count = part.len() + usize::from(end.is_some());
        source.consume(count);
        if end.is_some() {
            return Ok(Some(is_whole));
        }
    }
}
