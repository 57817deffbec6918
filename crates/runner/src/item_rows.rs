//! The rows that a control test's SQL returned, held against the contract.
//!
//! Must hold: a column that is missing or of another type, a status that is no
//! status, an item without a name: each means that the test is broken, and none
//! is passed over.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use tickmark_catalog::{Problem, nearest};
use tickmark_control_tests::{ItemRow, ItemStatus};

use crate::arrow_cells::TextColumn;

const CONTRACT: [&str; 4] = ["item", "status", "reason", "occurred_at"];

/// Checks the batches and turns them into rows.
///
/// # Errors
/// The first thing that breaks the contract.
pub(crate) fn item_rows(schema: &Schema, batches: &[RecordBatch]) -> Result<Vec<ItemRow>, Problem> {
    check_columns(schema)?;
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        read_batch(batch, &mut rows)?;
    }
    Ok(rows)
}

fn check_columns(schema: &Schema) -> Result<(), Problem> {
    for name in CONTRACT {
        let Some((_, field)) = schema.column_with_name(name) else {
            return Err(missing(name, schema));
        };
        if !fits(name, field.data_type()) {
            return Err(wrong_type(name));
        }
    }
    Ok(())
}

fn fits(name: &str, kind: &DataType) -> bool {
    match (name, kind) {
        (_, DataType::Null) => name != "item" && name != "status",
        ("occurred_at", DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _)) => true,
        ("occurred_at", _) => false,
        (_, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => true,
        _ => false,
    }
}

fn missing(name: &str, schema: &Schema) -> Problem {
    let found: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let problem = Problem::new(format!("the SQL returns no column `{name}`"));
    match nearest(
        name,
        found
            .iter()
            .copied()
            .filter(|found| !CONTRACT.contains(found)),
    ) {
        Some(near) => problem.hint(format!("is it `{near}`? write `{near} AS {name}`")),
        None => problem.hint(
            "a control test returns `item`, `status`, `reason`, `occurred_at` and any detail",
        ),
    }
}

fn wrong_type(name: &str) -> Problem {
    let problem = Problem::new(format!("the SQL returns column `{name}` of another type"));
    match name {
        "occurred_at" => problem.hint("it is a date or an instant, or `CAST(NULL AS DATE)`"),
        _ => problem.hint(format!("it is a text: write `CAST(… AS TEXT) AS {name}`")),
    }
}

/// The columns of a batch, ready to be read.
struct Reader {
    item: TextColumn,
    status: TextColumn,
    reason: TextColumn,
    occurred_at: TextColumn,
    detail: Vec<(String, TextColumn)>,
}

impl Reader {
    fn new(batch: &RecordBatch) -> Result<Self, Problem> {
        let get = |name: &str| {
            batch
                .column_by_name(name)
                .ok_or_else(|| missing(name, &batch.schema()))
        };
        let schema = batch.schema();
        let others = schema.fields().iter().zip(batch.columns());
        let others = others.filter(|(field, _)| !CONTRACT.contains(&field.name().as_str()));
        let detail =
            others.map(|(field, array)| Ok((field.name().clone(), readable(field.name(), array)?)));
        Ok(Self {
            item: readable("item", get("item")?)?,
            status: readable("status", get("status")?)?,
            reason: readable("reason", get("reason")?)?,
            occurred_at: readable("occurred_at", get("occurred_at")?)?,
            detail: detail.collect::<Result<_, Problem>>()?,
        })
    }

    fn row(&self, row: usize) -> Result<ItemRow, Problem> {
        let item = self.item.text(row).filter(|item| !item.trim().is_empty());
        let item = item.ok_or_else(|| {
            Problem::new("the SQL returns a row whose `item` is null or empty")
                .hint("name every item; where the source gives no id, make one of what it gives")
        })?;
        let status = match self.status.text(row) {
            None => return Err(Problem::new(format!("the `status` of item `{item}` is null")).hint(
                "a condition on a null is null: let the SQL say `not_tested` where the source cannot say",
            )),
            Some(word) => ItemStatus::read(&word)
                .ok_or_else(|| ItemStatus::unknown(&word).cause(format!("it is the `status` of item `{item}`")))?,
        };
        let detail = self
            .detail
            .iter()
            .filter_map(|(name, column)| Some((name.clone(), column.text(row)?)));
        let detail: BTreeMap<String, String> = detail.collect();
        Ok(ItemRow {
            item,
            status,
            reason: self.reason.text(row).unwrap_or_default(),
            occurred_at: self.occurred_at.occurred(row),
            detail,
        })
    }
}

fn readable(name: &str, array: &ArrayRef) -> Result<TextColumn, Problem> {
    TextColumn::new(array).map_err(|_| {
        Problem::new(format!("column `{name}` cannot be written as text"))
            .hint("leave it out, or `CAST` it to text")
    })
}

fn read_batch(batch: &RecordBatch, rows: &mut Vec<ItemRow>) -> Result<(), Problem> {
    let reader = Reader::new(batch)?;
    for row in 0..batch.num_rows() {
        rows.push(reader.row(row)?);
    }
    Ok(())
}
