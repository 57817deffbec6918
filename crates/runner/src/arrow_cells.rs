//! Plain values become Arrow columns, and Arrow cells become texts.
//!
//! Must hold: a value that does not fit its column's type is a problem that
//! names the column, never a null; the text of a cell is the same on every
//! machine.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListBuilder,
    RecordBatch, StringArray, StringBuilder, StringViewArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use jiff::Timestamp;
use serde_json::Value;
use tickmark_catalog::{ColumnType, DatasetSchema, Problem};
use tickmark_control_tests::Occurred;

use crate::civil_days::{from_days, to_days};

/// Name of the column that says which source a row came from.
pub(crate) const SOURCE_ID: &str = "source_id";
/// Name of the column that says when a row was observed.
pub(crate) const OBSERVED_AT: &str = "observed_at";

/// Columns every snapshot has besides those of its dataset.
const ENVELOPE: [(&str, ColumnType); 3] = [
    (SOURCE_ID, ColumnType::Text),
    (OBSERVED_AT, ColumnType::Timestamp),
    ("source_row", ColumnType::Int),
];

/// Names and types of a table's columns.
pub(crate) type Columns = Vec<(String, ColumnType)>;

/// The columns of a dataset's snapshots, envelope included.
pub(crate) fn dataset_columns(dataset: &DatasetSchema) -> Columns {
    let own = dataset
        .columns
        .iter()
        .map(|column| (column.name.clone(), column.kind));
    own.chain(ENVELOPE.map(|(name, kind)| (name.to_owned(), kind)))
        .collect()
}

/// The Arrow schema of a table. All columns may be null: an empty or older
/// snapshot has less than the current schema.
pub(crate) fn arrow_schema(columns: &[(String, ColumnType)]) -> SchemaRef {
    let fields = columns
        .iter()
        .map(|(name, kind)| Field::new(name, arrow_type(*kind), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Int => DataType::Int64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => utc_timestamp(),
        ColumnType::TextList => DataType::new_list(DataType::Utf8, true),
    }
}

/// The one type of instants: microseconds, UTC.
pub(crate) fn utc_timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A batch of rows from plain values in the order of the columns.
///
/// # Errors
/// The first value that does not fit, with its column and its row from 1.
pub(crate) fn batch(
    columns: &[(String, ColumnType)],
    rows: &[Vec<Value>],
) -> Result<RecordBatch, Problem> {
    let arrays: Result<Vec<ArrayRef>, Problem> = columns
        .iter()
        .enumerate()
        .map(|(index, (name, kind))| {
            let cells: Vec<&Value> = rows
                .iter()
                .map(|row| row.get(index).unwrap_or(&Value::Null))
                .collect();
            column(*kind, &cells).map_err(|(row, value)| {
                Problem::new(format!(
                    "`{value}` in row {} is not a value of column `{name}`",
                    row + 1
                ))
                .hint(format!("the column is of type {}", kind.as_str()))
            })
        })
        .collect();
    let schema = arrow_schema(columns);
    let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema, arrays?, &options).map_err(|error| broken(&error))
}

/// A failure of Arrow that no input should cause.
pub(crate) fn broken(error: &ArrowError) -> Problem {
    Problem::new("a table could not be put together").cause(error.to_string())
}

type Misfit = (usize, Value);

fn column(kind: ColumnType, cells: &[&Value]) -> Result<ArrayRef, Misfit> {
    Ok(match kind {
        ColumnType::Text => Arc::new(
            typed(cells, |v| v.as_str())?
                .into_iter()
                .collect::<StringArray>(),
        ),
        ColumnType::Bool => Arc::new(
            typed(cells, Value::as_bool)?
                .into_iter()
                .collect::<BooleanArray>(),
        ),
        ColumnType::Int => Arc::new(
            typed(cells, Value::as_i64)?
                .into_iter()
                .collect::<Int64Array>(),
        ),
        ColumnType::Float => Arc::new(
            typed(cells, Value::as_f64)?
                .into_iter()
                .collect::<Float64Array>(),
        ),
        ColumnType::Date => Arc::new(typed(cells, as_days)?.into_iter().collect::<Date32Array>()),
        ColumnType::Timestamp => {
            let micros = typed(cells, as_micros)?
                .into_iter()
                .collect::<TimestampMicrosecondArray>();
            Arc::new(micros.with_timezone("UTC"))
        }
        ColumnType::TextList => text_lists(&typed(cells, as_texts)?),
    })
}

fn typed<'v, T>(
    cells: &[&'v Value],
    read: impl Fn(&'v Value) -> Option<T>,
) -> Result<Vec<Option<T>>, Misfit> {
    let cell = |(row, value): (usize, &&'v Value)| match value {
        Value::Null => Ok(None),
        value => read(value).map(Some).ok_or_else(|| (row, (*value).clone())),
    };
    cells.iter().enumerate().map(cell).collect()
}

fn as_days(value: &Value) -> Option<i32> {
    value.as_str()?.parse().ok().map(to_days)
}

fn as_micros(value: &Value) -> Option<i64> {
    value.as_str()?.parse().ok().map(Timestamp::as_microsecond)
}

fn as_texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

fn text_lists(lists: &[Option<Vec<&str>>]) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for list in lists {
        for text in list.iter().flatten() {
            builder.values().append_value(text);
        }
        builder.append(list.is_some());
    }
    Arc::new(builder.finish())
}

/// Brings a batch into a schema: columns by name, missing ones null, others
/// left out, types converted.
///
/// # Errors
/// A column whose values cannot be converted.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Problem> {
    let arrays: Result<Vec<ArrayRef>, Problem> = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            None => Ok(arrow::array::new_null_array(
                field.data_type(),
                batch.num_rows(),
            )),
            Some(array) if array.data_type() == field.data_type() => Ok(Arc::clone(array)),
            Some(array) => cast(array, field.data_type()).map_err(|error| {
                Problem::new(format!(
                    "column `{}` has another type than its dataset says",
                    field.name()
                ))
                .cause(error.to_string())
            }),
        })
        .collect();
    let options =
        arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays?, &options)
        .map_err(|error| broken(&error))
}

/// A column of a result, ready to be read cell by cell as text.
#[derive(Debug)]
pub(crate) enum TextColumn {
    /// Texts, and whatever else Arrow can write as text.
    Texts(StringArray),
    /// Texts as the engine keeps them.
    Views(StringViewArray),
    /// `true` and `false`.
    Truths(BooleanArray),
    /// Whole numbers.
    Numbers(Int64Array),
    /// Days and instants.
    Occurred(OccurredColumn),
    /// Lists of texts.
    Lists(arrow::array::ListArray),
}

impl TextColumn {
    /// Prepares a column; nothing is copied where its type allows.
    pub(crate) fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        if let Some(column) = OccurredColumn::new(array) {
            return Ok(Self::Occurred(column));
        }
        Ok(match array.data_type() {
            DataType::Utf8View => Self::Views(array.as_string_view().clone()),
            DataType::Boolean => Self::Truths(array.as_boolean().clone()),
            DataType::Int64 => Self::Numbers(array.as_primitive().clone()),
            DataType::List(_) | DataType::LargeList(_) | DataType::ListView(_) => Self::Lists(
                cast(array, &DataType::new_list(DataType::Utf8, true))?
                    .as_list()
                    .clone(),
            ),
            _ => Self::Texts(cast(array, &DataType::Utf8)?.as_string().clone()),
        })
    }

    /// The text of a cell that holds text; `None` when it is null or no text.
    pub(crate) fn borrowed(&self, row: usize) -> Option<&str> {
        match self {
            Self::Texts(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::Views(texts) => texts.is_valid(row).then(|| texts.value(row)),
            _ => None,
        }
    }

    /// The cell of a row as text; `None` when it is null.
    pub(crate) fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Texts(_) | Self::Views(_) => self.borrowed(row).map(Cow::from),
            Self::Truths(truths) if truths.is_valid(row) => {
                Some(if truths.value(row) { "true" } else { "false" }.into())
            }
            Self::Numbers(numbers) if numbers.is_valid(row) => {
                Some(numbers.value(row).to_string().into())
            }
            Self::Occurred(column) => Some(column.occurred(row)?.to_string().into()),
            Self::Lists(lists) if lists.is_valid(row) => Some(joined(&lists.value(row)).into()),
            _ => None,
        }
    }
}

/// A column of days or instants.
#[derive(Debug)]
pub(crate) enum OccurredColumn {
    /// Days.
    Days(Date32Array),
    /// Instants.
    Instants(TimestampMicrosecondArray),
}

impl OccurredColumn {
    /// The column, where it holds days or instants.
    pub(crate) fn new(array: &ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Date32 | DataType::Date64 => {
                let days = cast(array, &DataType::Date32).ok()?;
                Some(Self::Days(days.as_primitive().clone()))
            }
            DataType::Timestamp(_, _) => {
                let instants = cast(array, &utc_timestamp()).ok()?;
                Some(Self::Instants(instants.as_primitive().clone()))
            }
            _ => None,
        }
    }

    /// The cell of a row; `None` when it is null or out of range.
    pub(crate) fn occurred(&self, row: usize) -> Option<Occurred> {
        match self {
            Self::Days(days) if days.is_valid(row) => from_days(days.value(row)).map(Occurred::Day),
            Self::Instants(instants) if instants.is_valid(row) => {
                Timestamp::from_microsecond(instants.value(row))
                    .ok()
                    .map(Occurred::Instant)
            }
            _ => None,
        }
    }
}

fn joined(list: &ArrayRef) -> String {
    let texts = list.as_string::<i32>();
    texts
        .iter()
        .map(Option::unwrap_or_default)
        .collect::<Vec<_>>()
        .join(";")
}
