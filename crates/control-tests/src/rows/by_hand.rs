//! Rows written by hand, for tests: their only detail is the source.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::ResultRows;
use crate::detail::{DetailColumns, RowAt};
use crate::intervals::SOURCE_COLUMN;
use crate::result::{ItemStatus, Occurred};

/// One row, written by hand.
#[derive(Clone, Debug)]
pub(crate) struct ItemRow {
    pub(crate) item: String,
    pub(crate) status: ItemStatus,
    pub(crate) reason: String,
    pub(crate) occurred_at: Option<Occurred>,
    pub(crate) source: Option<String>,
}

/// Rows of which a test is made; their only detail is the source.
#[derive(Clone, Debug)]
pub(crate) struct Rows(pub(crate) Vec<ItemRow>);

impl Rows {
    fn at(&self, row: RowAt) -> &ItemRow {
        &self.0[row.0 as usize]
    }
}

impl ResultRows for Rows {
    fn rows(&self) -> Vec<RowAt> {
        (0..self.0.len() as u64).map(RowAt).collect()
    }
    fn item(&self, row: RowAt) -> &str {
        &self.at(row).item
    }
    fn status(&self, row: RowAt) -> ItemStatus {
        self.at(row).status
    }
    fn reason(&self, row: RowAt) -> &str {
        &self.at(row).reason
    }
    fn occurred_at(&self, row: RowAt) -> Option<Occurred> {
        self.at(row).occurred_at
    }
    fn detail(&self) -> Arc<dyn DetailColumns> {
        Arc::new(self.clone())
    }
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| vec![SOURCE_COLUMN.to_owned()]);

impl DetailColumns for Rows {
    fn names(&self) -> &[String] {
        &NAMES
    }
    fn text(&self, _column: usize, row: RowAt) -> Option<Cow<'_, str>> {
        self.at(row).source.as_deref().map(Cow::from)
    }
}
