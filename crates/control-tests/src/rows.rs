//! The rows of an event test's SQL become items.
//!
//! Must hold: one row is one item; an item named twice, or a deviation without
//! a reason, means that the test is broken, and a broken test says nothing.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use tickmark_catalog::Problem;

use crate::detail::{Detail, DetailColumns, RowAt};
use crate::result::{ItemResult, ItemStatus, Occurred};

/// The rows as the SQL returned them, their contract checked, read cell by cell
/// from wherever the engine put them.
pub trait ResultRows: fmt::Debug + Send + Sync {
    /// Where the rows are, in the order in which they were returned.
    fn rows(&self) -> Vec<RowAt>;

    /// The item.
    fn item(&self, row: RowAt) -> &str;

    /// Its status.
    fn status(&self, row: RowAt) -> ItemStatus;

    /// Why; empty when the SQL gave none.
    fn reason(&self, row: RowAt) -> &str;

    /// When it happened, or was observed.
    fn occurred_at(&self, row: RowAt) -> Option<Occurred>;

    /// Further columns.
    fn detail(&self) -> Arc<dyn DetailColumns>;
}

/// Rows from which on two threads make items faster than one.
const ROWS_WORTH_A_THREAD: usize = 50_000;

/// The items of an event test, sorted by name.
///
/// `thread_count`: how many threads may work on large populations.
///
/// # Errors
/// An item that is returned twice; a deviation without a reason.
pub fn event_items(rows: &dyn ResultRows, thread_count: usize) -> Result<Vec<ItemResult>, Problem> {
    let order = sorted_by_item(rows);
    check_unique(rows, &order)?;
    let detail = rows.detail();
    let share = order.len().div_ceil(thread_count.max(1));
    if share < ROWS_WORTH_A_THREAD {
        return items(rows, &order, &detail);
    }
    std::thread::scope(|scope| {
        let started: Vec<_> = order
            .chunks(share)
            .map(|order| scope.spawn(|| items(rows, order, &detail)))
            .collect();
        let mut all = Vec::with_capacity(order.len());
        for thread in started {
            let made = thread
                .join()
                .map_err(|_| Problem::new("the items could not be put together"))?;
            all.extend(made?);
        }
        Ok(all)
    })
}

fn items(
    rows: &dyn ResultRows,
    order: &[RowAt],
    detail: &Arc<dyn DetailColumns>,
) -> Result<Vec<ItemResult>, Problem> {
    let item = |row: &RowAt| {
        check_reason(rows, *row)?;
        Ok(ItemResult {
            item: rows.item(*row).to_owned(),
            status: rows.status(*row),
            reason: rows.reason(*row).to_owned(),
            occurred_at: rows.occurred_at(*row),
            detail: Detail::shared(Arc::clone(detail), *row),
            intervals: Vec::new(),
        })
    };
    order.iter().map(item).collect()
}

fn check_unique(rows: &dyn ResultRows, order: &[RowAt]) -> Result<(), Problem> {
    let next = order.iter().skip(1);
    let twice = order
        .iter()
        .zip(next)
        .find(|(row, next)| rows.item(**row) == rows.item(**next));
    match twice {
        None => Ok(()),
        Some((row, _)) => Err(Problem::new(format!(
            "item `{}` is returned more than once",
            rows.item(*row)
        ))
        .hint("return one row per item: join the matching rows to the population and group by the item")),
    }
}

/// Refuses a deviation that does not say why.
pub(crate) fn check_reason(rows: &dyn ResultRows, row: RowAt) -> Result<(), Problem> {
    if rows.status(row) == ItemStatus::Deviation && rows.reason(row).trim().is_empty() {
        return Err(Problem::new(format!(
            "item `{}` is a deviation without a reason",
            rows.item(row)
        ))
        .hint("let the SQL say in `reason` what was found and what was expected"));
    }
    Ok(())
}

/// The rows sorted by item. Names of one population mostly begin alike, so they
/// are compared by the 16 bytes after what all share, and in full only where
/// those are equal.
fn sorted_by_item(rows: &dyn ResultRows) -> Vec<RowAt> {
    let unsorted = rows.rows();
    let shared = shared_prefix(rows, &unsorted);
    let mut keyed: Vec<(u128, RowAt)> = unsorted
        .into_iter()
        .map(|row| (key(rows.item(row), shared), row))
        .collect();
    keyed.sort_unstable_by(|(a, a_row), (b, b_row)| match a.cmp(b) {
        Ordering::Equal => rows.item(*a_row).cmp(rows.item(*b_row)),
        order => order,
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// How many bytes all items have in common at their beginning.
fn shared_prefix(rows: &dyn ResultRows, all: &[RowAt]) -> usize {
    let Some(first) = all.first().map(|row| rows.item(*row).as_bytes()) else {
        return 0;
    };
    all.iter().fold(first.len(), |shared, row| {
        let item = rows.item(*row).as_bytes();
        let pairs = item.iter().zip(first).take(shared);
        pairs.take_while(|(a, b)| a == b).count()
    })
}

/// Up to 16 bytes of an item after its first `skip`, as a number that sorts as
/// they do.
fn key(item: &str, skip: usize) -> u128 {
    let mut bytes = [0; 16];
    let rest = item.as_bytes().get(skip..).unwrap_or_default();
    for (slot, byte) in bytes.iter_mut().zip(rest) {
        *slot = *byte;
    }
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
pub(crate) mod by_hand;
#[cfg(test)]
mod tests;
