//! The rows that a control test's SQL returned, held against the contract.
//!
//! Must hold: a column that is missing or of another type, a status that is no
//! status, an item without a name: each means that the test is broken, and none
//! is passed over.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use tickmark_catalog::{Problem, nearest};
use tickmark_control_tests::{DetailColumns, ItemStatus, Occurred, ResultRows, RowAt};

use crate::arrow_cells::{OccurredColumn, TextColumn};

const CONTRACT: [&str; 4] = ["item", "status", "reason", "occurred_at"];

/// The rows of a result, in the batches in which the engine returned them.
#[derive(Debug)]
pub(crate) struct ItemRows {
    batches: Vec<Contract>,
    detail: Arc<DetailBatches>,
}

/// The columns of a batch that the contract names. No item is null or empty,
/// no status null.
#[derive(Debug)]
struct Contract {
    item: TextColumn,
    status: Vec<ItemStatus>,
    reason: TextColumn,
    occurred_at: Option<OccurredColumn>,
}

/// The other columns, sorted by name, for each batch.
#[derive(Debug)]
struct DetailBatches {
    names: Vec<String>,
    batches: Vec<Vec<TextColumn>>,
}

/// Checks the batches and makes their rows readable.
///
/// # Errors
/// The first thing that breaks the contract.
pub(crate) fn item_rows(schema: &Schema, batches: &[RecordBatch]) -> Result<ItemRows, Problem> {
    check_columns(schema)?;
    let mut others: Vec<(usize, &str)> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .enumerate()
        .filter(|(_, name)| !CONTRACT.contains(name))
        .collect();
    // Of two columns with one name the last counts.
    others.sort_by(|(a_index, a), (b_index, b)| a.cmp(b).then(b_index.cmp(a_index)));
    others.dedup_by_key(|(_, name)| *name);
    let detail = DetailBatches {
        names: others.iter().map(|(_, name)| (*name).to_owned()).collect(),
        batches: batches
            .iter()
            .map(|batch| columns(batch, &others))
            .collect::<Result<_, Problem>>()?,
    };
    let contracts: Result<Vec<Contract>, Problem> = batches.iter().map(Contract::new).collect();
    Ok(ItemRows {
        batches: contracts?,
        detail: Arc::new(detail),
    })
}

fn columns(batch: &RecordBatch, wanted: &[(usize, &str)]) -> Result<Vec<TextColumn>, Problem> {
    wanted
        .iter()
        .map(|(index, name)| readable(name, batch.column(*index)))
        .collect()
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

impl Contract {
    fn new(batch: &RecordBatch) -> Result<Self, Problem> {
        let schema = batch.schema();
        let get = |name: &str| {
            batch
                .column_by_name(name)
                .ok_or_else(|| missing(name, &schema))
        };
        let item = readable("item", get("item")?)?;
        let is_nameless = |row| item.borrowed(row).is_none_or(|item| item.trim().is_empty());
        if (0..batch.num_rows()).any(is_nameless) {
            return Err(
                Problem::new("the SQL returns a row whose `item` is null or empty").hint(
                    "name every item; where the source gives no id, make one of what it gives",
                ),
            );
        }
        Ok(Self {
            status: statuses(
                &readable("status", get("status")?)?,
                &item,
                batch.num_rows(),
            )?,
            item,
            reason: readable("reason", get("reason")?)?,
            occurred_at: OccurredColumn::new(get("occurred_at")?),
        })
    }
}

fn statuses(
    column: &TextColumn,
    item: &TextColumn,
    count: usize,
) -> Result<Vec<ItemStatus>, Problem> {
    let status = |row: usize| {
        let item = item.borrowed(row).unwrap_or_default();
        let Some(word) = column.borrowed(row) else {
            return Err(Problem::new(format!("the `status` of item `{item}` is null")).hint(
                "a condition on a null is null: let the SQL say `not_tested` where the source cannot say",
            ));
        };
        ItemStatus::read(word).ok_or_else(|| {
            ItemStatus::unknown(word).cause(format!("it is the `status` of item `{item}`"))
        })
    };
    (0..count).map(status).collect()
}

fn readable(name: &str, array: &ArrayRef) -> Result<TextColumn, Problem> {
    TextColumn::new(array).map_err(|_| {
        Problem::new(format!("column `{name}` cannot be written as text"))
            .hint("leave it out, or `CAST` it to text")
    })
}

/// Batch and row within it, in one number.
fn row_at(batch: usize, row: usize) -> RowAt {
    RowAt(((batch as u64) << 32) | row as u64)
}

fn batch_and_row(at: RowAt) -> (usize, usize) {
    ((at.0 >> 32) as usize, (at.0 & u64::from(u32::MAX)) as usize)
}

impl ItemRows {
    fn cell<'a, T>(
        &'a self,
        at: RowAt,
        read: impl Fn(&'a Contract, usize) -> Option<T>,
    ) -> Option<T> {
        let (batch, row) = batch_and_row(at);
        self.batches
            .get(batch)
            .and_then(|contract| read(contract, row))
    }
}

impl ResultRows for ItemRows {
    fn rows(&self) -> Vec<RowAt> {
        let rows = self
            .batches
            .iter()
            .enumerate()
            .flat_map(|(batch, contract)| {
                (0..contract.status.len()).map(move |row| row_at(batch, row))
            });
        rows.collect()
    }

    fn item(&self, row: RowAt) -> &str {
        self.cell(row, |contract, row| contract.item.borrowed(row))
            .unwrap_or_default()
    }

    fn status(&self, row: RowAt) -> ItemStatus {
        self.cell(row, |contract, row| contract.status.get(row).copied())
            .unwrap_or(ItemStatus::NotTested)
    }

    fn reason(&self, row: RowAt) -> &str {
        self.cell(row, |contract, row| contract.reason.borrowed(row))
            .unwrap_or_default()
    }

    fn occurred_at(&self, row: RowAt) -> Option<Occurred> {
        self.cell(row, |contract, row| {
            contract.occurred_at.as_ref()?.occurred(row)
        })
    }

    fn detail(&self) -> Arc<dyn DetailColumns> {
        Arc::clone(&self.detail) as Arc<dyn DetailColumns>
    }
}

impl DetailColumns for DetailBatches {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn text(&self, column: usize, row: RowAt) -> Option<Cow<'_, str>> {
        let (batch, row) = batch_and_row(row);
        self.batches.get(batch)?.get(column)?.text(row)
    }
}
