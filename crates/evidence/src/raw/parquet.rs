//! A Parquet file made elsewhere.
//!
//! Must hold: columns are found by name; only types that have an exact
//! counterpart in a dataset are read, others are refused before any row.

use std::borrow::Cow;
use std::fs::File;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use serde_json::Value;
use tickmark_catalog::{Problem, Problems};

use super::{At, Cell, RawFile, Record, Sink, find_fields};
use crate::EvidenceError;

const BATCH_ROWS: usize = 8192;

pub(super) fn read(
    file: &RawFile,
    fields: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let source = File::open(file.path()).map_err(|error| file.failed(error))?;
    // Types are those of the Parquet columns, not of the tool that wrote them:
    // what a data frame kept as categories is text.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(source, options)
        .map_err(|error| not_parquet(file, error))?;
    let schema = builder.schema().clone();
    let names: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let indices = find_fields(file, None, &names, fields)?;
    refuse_unreadable(file, &schema, fields)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), indices.iter().copied());
    let batches = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| not_parquet(file, error))?;
    let mut row = 0;
    for batch in batches {
        let batch = batch.map_err(|error| not_parquet(file, error))?;
        give_batch(&batch, fields, &mut row, sink)?;
    }
    Ok(())
}

fn not_parquet(file: &RawFile, error: impl std::fmt::Display) -> EvidenceError {
    file.problem(Problem::new("the file is not readable Parquet").cause(error.to_string()))
}

fn refuse_unreadable(
    file: &RawFile,
    schema: &arrow::datatypes::Schema,
    fields: &[String],
) -> Result<(), EvidenceError> {
    let found = fields
        .iter()
        .filter_map(|name| schema.field_with_name(name).ok())
        .filter(|field| !is_readable(field.data_type()))
        .map(|field| {
            let kind = field.data_type();
            Problem::new(format!(
                "column `{}` has the type {kind}, which is not read",
                field.name()
            ))
            .hint("cast it at the source to text, whole number, date or timestamp")
            .in_file(file.name.as_str())
        })
        .collect();
    Problems::unless_empty(found, ()).map_err(EvidenceError::from)
}

fn is_readable(kind: &DataType) -> bool {
    use DataType::*;
    match kind {
        List(item) => matches!(item.data_type(), Utf8),
        Utf8 | LargeUtf8 | Utf8View | Boolean | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16
        | UInt32 | UInt64 | Decimal128(..) | Float32 | Float64 | Date32 | Timestamp(..) => true,
        _ => false,
    }
}

fn give_batch(
    batch: &RecordBatch,
    fields: &[String],
    row: &mut u64,
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let columns: Vec<&dyn Array> = fields
        .iter()
        .filter_map(|name| batch.column_by_name(name).map(AsRef::as_ref))
        .collect();
    for index in 0..batch.num_rows() {
        *row += 1;
        let cells: Vec<Cell<'_>> = columns.iter().map(|column| cell(*column, index)).collect();
        let raw = || cells.iter().map(raw_value).collect::<Value>();
        sink(Record {
            at: At::Row(*row),
            cells: Ok(&cells),
            raw: &raw,
        })?;
    }
    Ok(())
}

fn raw_value(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Float(number) => number.to_string().into(),
        Cell::Instant(us) => {
            Timestamp::from_microsecond(*us).map_or(Value::Null, |time| time.to_string().into())
        }
        Cell::List(items) => items.iter().map(|item| item.to_string()).collect(),
        other => other
            .text()
            .ok()
            .flatten()
            .map_or(Value::Null, |text| text.into_owned().into()),
    }
}

fn cell(column: &dyn Array, index: usize) -> Cell<'_> {
    use DataType::*;
    if column.is_null(index) {
        return Cell::Null;
    }
    match column.data_type() {
        Utf8 => text(column.as_string::<i32>().value(index)),
        LargeUtf8 => text(column.as_string::<i64>().value(index)),
        Utf8View => text(column.as_string_view().value(index)),
        Boolean => Cell::Bool(column.as_boolean().value(index)),
        Int8 => Cell::Int(column.as_primitive::<Int8Type>().value(index).into()),
        Int16 => Cell::Int(column.as_primitive::<Int16Type>().value(index).into()),
        Int32 => Cell::Int(column.as_primitive::<Int32Type>().value(index).into()),
        Int64 => Cell::Int(column.as_primitive::<Int64Type>().value(index)),
        UInt8 => Cell::Int(column.as_primitive::<UInt8Type>().value(index).into()),
        UInt16 => Cell::Int(column.as_primitive::<UInt16Type>().value(index).into()),
        UInt32 => Cell::Int(column.as_primitive::<UInt32Type>().value(index).into()),
        UInt64 => Cell::unsigned(column.as_primitive::<UInt64Type>().value(index)),
        Decimal128(..) => decimal(
            &column
                .as_primitive::<Decimal128Type>()
                .value_as_string(index),
        ),
        Float32 => Cell::Float(column.as_primitive::<Float32Type>().value(index).into()),
        Float64 => Cell::Float(column.as_primitive::<Float64Type>().value(index)),
        Date32 => date(column.as_primitive::<Date32Type>().value(index)),
        Timestamp(unit, zone) => instant(micros(column, *unit, index), zone.is_some()),
        List(_) => list(&column.as_list::<i32>().value(index)),
        other => Cell::Broken(format!("has the type {other}, which is not read")),
    }
}

/// A decimal as its digits; zeros behind the point say nothing.
fn decimal(digits: &str) -> Cell<'static> {
    let short = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    Cell::Text(Cow::Owned(short.to_owned()))
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

fn list(items: &dyn Array) -> Cell<'static> {
    let texts = items.as_string::<i32>().iter();
    match texts
        .map(|text| text.map(|text| Cow::Owned(text.to_owned())))
        .collect()
    {
        Some(list) => Cell::List(list),
        None => Cell::Broken("is a list with a null in it".to_owned()),
    }
}

fn date(days: i32) -> Cell<'static> {
    match Date::constant(1970, 1, 1).checked_add(days.days()) {
        Ok(date) => Cell::Date(date),
        Err(_) => Cell::Broken(format!(
            "is day {days} after 1970-01-01, which is not a date"
        )),
    }
}

fn micros(column: &dyn Array, unit: TimeUnit, index: usize) -> Option<i64> {
    match unit {
        TimeUnit::Second => column
            .as_primitive::<TimestampSecondType>()
            .value(index)
            .checked_mul(1_000_000),
        TimeUnit::Millisecond => column
            .as_primitive::<TimestampMillisecondType>()
            .value(index)
            .checked_mul(1000),
        TimeUnit::Microsecond => Some(
            column
                .as_primitive::<TimestampMicrosecondType>()
                .value(index),
        ),
        TimeUnit::Nanosecond => Some(
            column
                .as_primitive::<TimestampNanosecondType>()
                .value(index)
                .div_euclid(1000),
        ),
    }
}

fn instant(us: Option<i64>, has_zone: bool) -> Cell<'static> {
    let outside = || Cell::Broken("is a time outside the calendar".to_owned());
    match us {
        Some(us) if has_zone => Cell::Instant(us),
        Some(us) => DateTime::constant(1970, 1, 1, 0, 0, 0, 0)
            .checked_add(SignedDuration::from_micros(us))
            .map_or_else(|_| outside(), Cell::Civil),
        None => outside(),
    }
}
