//! The rows of an event test's SQL become items.
//!
//! Must hold: one row is one item; an item named twice, or a deviation without
//! a reason, means that the test is broken, and a broken test says nothing.

use std::collections::BTreeMap;

use tickmark_catalog::Problem;

use crate::result::{ItemResult, ItemStatus, Occurred};

/// One row as the SQL returned it, its contract checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// The item.
    pub item: String,
    /// Its status.
    pub status: ItemStatus,
    /// Why; empty when the SQL gave none.
    pub reason: String,
    /// When it happened, or was observed.
    pub occurred_at: Option<Occurred>,
    /// Further columns that are not null.
    pub detail: BTreeMap<String, String>,
}

/// The items of an event test, sorted by name.
///
/// # Errors
/// An item that is returned twice; a deviation without a reason.
pub fn event_items(mut rows: Vec<ItemRow>) -> Result<Vec<ItemResult>, Problem> {
    rows.sort_by(|a, b| a.item.cmp(&b.item));
    let twice = rows
        .iter()
        .zip(rows.iter().skip(1))
        .find(|(a, b)| a.item == b.item);
    if let Some((row, _)) = twice {
        return Err(Problem::new(format!("item `{}` is returned more than once", row.item))
            .hint("return one row per item: join the matching rows to the population and group by the item"));
    }
    rows.into_iter().map(event_item).collect()
}

fn event_item(row: ItemRow) -> Result<ItemResult, Problem> {
    check_reason(&row)?;
    let ItemRow {
        item,
        status,
        reason,
        occurred_at,
        detail,
    } = row;
    Ok(ItemResult {
        item,
        status,
        reason,
        occurred_at,
        detail,
        intervals: Vec::new(),
    })
}

/// Refuses a deviation that does not say why.
pub(crate) fn check_reason(row: &ItemRow) -> Result<(), Problem> {
    if row.status == ItemStatus::Deviation && row.reason.trim().is_empty() {
        return Err(Problem::new(format!(
            "item `{}` is a deviation without a reason",
            row.item
        ))
        .hint("let the SQL say in `reason` what was found and what was expected"));
    }
    Ok(())
}
