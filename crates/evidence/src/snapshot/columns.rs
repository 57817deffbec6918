//! Builds one column of a record batch.
//!
//! Must hold: every append adds exactly one entry; a value of another type
//! than the column's cannot occur, since both come from one schema, and would
//! become null.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder,
    StringBuilder, TimestampMicrosecondBuilder,
};

use crate::import::convert::{Kind, Value};

/// The builder of a column of one type.
pub(super) enum ColumnBuilder {
    Text(StringBuilder),
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    TextList(ListBuilder<StringBuilder>),
}

impl ColumnBuilder {
    pub(super) fn new(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::with_capacity(rows, rows * 16)),
            Kind::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
            Kind::Int => Self::Int(Int64Builder::with_capacity(rows)),
            Kind::Float => Self::Float(Float64Builder::with_capacity(rows)),
            Kind::Date => Self::Date(Date32Builder::with_capacity(rows)),
            Kind::Timestamp => Self::Timestamp(
                TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC"),
            ),
            Kind::TextList => Self::TextList(ListBuilder::new(StringBuilder::new())),
        }
    }

    pub(super) fn append(&mut self, value: Option<&Value<'_>>) {
        match (self, value) {
            (Self::Text(column), Some(Value::Text(text))) => column.append_value(text),
            (Self::Text(column), _) => column.append_null(),
            (Self::Bool(column), Some(Value::Bool(truth))) => column.append_value(*truth),
            (Self::Bool(column), _) => column.append_null(),
            (Self::Int(column), Some(Value::Int(number))) => column.append_value(*number),
            (Self::Int(column), _) => column.append_null(),
            (Self::Float(column), Some(Value::Float(number))) => column.append_value(*number),
            (Self::Float(column), _) => column.append_null(),
            (Self::Date(column), Some(Value::Date(days))) => column.append_value(*days),
            (Self::Date(column), _) => column.append_null(),
            (Self::Timestamp(column), Some(Value::Timestamp(us))) => column.append_value(*us),
            (Self::Timestamp(column), _) => column.append_null(),
            (Self::TextList(column), Some(Value::List(items))) => {
                items
                    .iter()
                    .for_each(|item| column.values().append_value(item));
                column.append(true);
            }
            (Self::TextList(column), _) => column.append(false),
        }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Float(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Timestamp(column) => Arc::new(column.finish()),
            Self::TextList(column) => Arc::new(column.finish()),
        }
    }
}
