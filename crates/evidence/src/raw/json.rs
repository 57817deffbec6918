//! One JSON document whose records are the array at a pointer.
//!
//! Must hold: the document is never held in memory, only one record of it; an
//! element that is not an object is a bad row; a document without the array is
//! refused.

use std::cell::RefCell;
use std::fs::File;

use encoding_rs::UTF_8;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use tickmark_catalog::Problem;

use super::decode::utf8;
use super::json_value::{OneValue, repeated_key};
use super::limit::{Allowance, Limited};
use super::{At, Cell, MAX_NAMED, MAX_RECORD_BYTES, RawFile, Record, Sink, shown};
use crate::EvidenceError;

const BUFFER_BYTES: usize = 128 * 1024;

pub(super) fn read(
    records: &str,
    file: &RawFile,
    fields: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let allowance = Allowance::new(MAX_RECORD_BYTES + BUFFER_BYTES as u64);
    let source = File::open(file.path())
        .and_then(|source| utf8(source, UTF_8))
        .map_err(|error| file.failed(error))?;
    let source = Limited::new(source, allowance.clone());
    let source = std::io::BufReader::with_capacity(BUFFER_BYTES, source);
    let paths: Vec<_> = fields.iter().map(|field| path_of(field)).collect();
    let steps = path_of(records);
    let mut found = Found {
        array: records,
        paths: &paths,
        sink,
        allowance: &allowance,
        index: 0,
        is_found: false,
        stopped: None,
        keys: Vec::new(),
    };
    let mut parser = serde_json::Deserializer::from_reader(source);
    let walked = Step {
        is_document: true,
        rest: &steps,
        found: &mut found,
    }
    .deserialize(&mut parser);
    let walked = walked.and_then(|()| parser.end());
    let Found {
        is_found,
        stopped,
        index,
        keys,
        ..
    } = found;
    match (stopped, walked) {
        (Some(error), _) => Err(error),
        (None, Err(_)) if allowance.is_spent() => Err(file.problem(too_long(records, index))),
        (None, Err(error)) => Err(unreadable(file, &error)),
        (None, Ok(())) if !is_found => Err(file.problem(no_array(records, &keys))),
        (None, Ok(())) => Ok(()),
    }
}

fn too_long(records: &str, index: u64) -> Problem {
    let limit = MAX_RECORD_BYTES / 1024 / 1024;
    Problem::new(format!(
        "the record at `{records}/{index}` is longer than {limit} MiB"
    ))
}

fn no_array(records: &str, keys: &[String]) -> Problem {
    let problem = match records {
        "" => Problem::new("the document is not an array of records"),
        _ => Problem::new(format!("there is no array at `{records}`")),
    };
    let where_to = "say with `records` where the array of records stands, like `/users`";
    let keys: Vec<String> = keys.iter().map(|key| shown(key)).collect();
    problem.hint(match keys.as_slice() {
        [] => where_to.to_owned(),
        _ => format!("{where_to}; the document has {}", keys.join(", ")),
    })
}

fn unreadable(file: &RawFile, error: &serde_json::Error) -> EvidenceError {
    if error.is_io() {
        return file.failed(error);
    }
    let message = error.to_string();
    let cut = message.find(" at line ").unwrap_or(message.len());
    let cause = message.get(..cut).unwrap_or(&message).to_owned();
    let problem = Problem::new("the file is not valid JSON").cause(cause);
    problem
        .at(file.name.as_str(), error.line() as u64)
        .at_column(error.column() as u64)
        .into()
}

/// The steps of a field name: a pointer (`/author/login`) or dots (`author.login`).
pub(super) fn path_of(field: &str) -> Vec<String> {
    match field.strip_prefix('/') {
        Some(pointer) => pointer
            .split('/')
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect(),
        None if field.is_empty() => Vec::new(),
        None => field.split('.').map(str::to_owned).collect(),
    }
}

/// The values of a record at the given paths.
pub(super) fn cells<'r>(record: &'r Value, paths: &[Vec<String>]) -> Vec<Cell<'r>> {
    paths
        .iter()
        .map(|path| at_path(record, path).map_or(Cell::Absent, Cell::json))
        .collect()
}

fn at_path<'r>(record: &'r Value, path: &[String]) -> Option<&'r Value> {
    path.iter().try_fold(record, |value, step| match value {
        Value::Object(object) => object.get(step),
        Value::Array(items) => step
            .parse::<usize>()
            .ok()
            .and_then(|index| items.get(index)),
        _ => None,
    })
}

/// What the walk through the document carries along.
struct Found<'w, 's> {
    array: &'w str,
    paths: &'w [Vec<String>],
    sink: &'w mut Sink<'s>,
    allowance: &'w Allowance,
    index: u64,
    is_found: bool,
    stopped: Option<EvidenceError>,
    /// The first keys of the document, for the hint when there is no array.
    keys: Vec<String>,
}

impl Found<'_, '_> {
    /// Hands one element over; false when the reading is to stop.
    fn give(&mut self, value: &Value, repeated: Option<&str>) -> bool {
        let at = At::Element(self.array, self.index);
        let raw = || value.clone();
        let bad = |why| Record {
            at,
            cells: Err(why),
            raw: &raw,
        };
        let result = match (value, repeated) {
            (_, Some(key)) => (self.sink)(bad(repeated_key(key))),
            (Value::Object(_), None) => (self.sink)(Record {
                at,
                cells: Ok(&cells(value, self.paths)),
                raw: &raw,
            }),
            _ => (self.sink)(bad("the record is not a JSON object".to_owned())),
        };
        self.index += 1;
        self.stopped = result.err();
        self.stopped.is_none()
    }
}

/// Walks down to the array, then over its elements.
struct Step<'w, 'f, 's> {
    is_document: bool,
    rest: &'w [String],
    found: &'w mut Found<'f, 's>,
}

impl<'de> DeserializeSeed<'de> for Step<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the way to the array of records")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.found.allowance.renew();
            if self.is_document && self.found.keys.len() < MAX_NAMED {
                self.found.keys.push(key.clone());
            }
            match self.rest.split_first() {
                Some((step, rest)) if *step == key && !self.found.is_found => {
                    map.next_value_seed(Step {
                        is_document: false,
                        rest,
                        found: self.found,
                    })?;
                }
                _ => {
                    map.next_value_seed(Skip(self.found.allowance))?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        if !self.rest.is_empty() || self.found.is_found {
            while array
                .next_element_seed(Skip(self.found.allowance))?
                .is_some()
            {}
            return Ok(());
        }
        self.found.is_found = true;
        self.found.allowance.renew();
        let repeated = RefCell::new(None);
        while let Some(value) = array.next_element_seed(OneValue {
            repeated: &repeated,
        })? {
            self.found.allowance.renew();
            if !self.found.give(&value, repeated.take().as_deref()) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads over a value, element by element, without keeping it.
struct Skip<'w>(&'w Allowance);

impl<'de> DeserializeSeed<'de> for Skip<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            self.0.renew();
            map.next_value_seed(Skip(self.0))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Skip(self.0))?.is_some() {
            self.0.renew();
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
