//! The rows of populations as pages show them.
//!
//! What must hold: what is shown is what the snapshots hold; a dataset that was
//! never imported is told apart from one without rows by whoever asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tickmark_catalog::Sha256Hex;
use tickmark_evidence::{Rows, Store, read_rows};
use tickmark_realm::Error;

use crate::fault::{Answer, Fault};
use crate::visit::Visit;

/// One row: text by name of column, nulls absent.
pub type Row = BTreeMap<String, String>;

/// Rows of small datasets kept at hand.
const HELD_ROWS: usize = 100_000;

type Held = Mutex<Vec<(Vec<Sha256Hex>, Arc<Vec<Row>>)>>;

/// Rows read before.
#[derive(Default)]
pub struct RowCache(Held);

/// The rows of every current snapshot of a dataset; none when it was never
/// imported.
///
/// # Errors
/// When a snapshot is damaged.
pub async fn of(visit: &Visit, dataset: &str) -> Answer<Arc<Vec<Row>>> {
    let picture = visit.picture()?;
    let current = picture.state.evidence.current(dataset);
    let wanted: Vec<Sha256Hex> = current.iter().map(|it| it.derived.clone()).collect();
    let cache = visit.app().rows();
    if let Some(known) = cache.get(&wanted) {
        return Ok(known);
    }
    let store = Arc::clone(visit.company()?.store());
    let keys = wanted.clone();
    let read = tokio::task::spawn_blocking(move || read_all(&store, &keys));
    let rows = read
        .await
        .map_err(|error| Fault::Failed(error.to_string()))??;
    let rows = Arc::new(rows);
    cache.keep(wanted, &rows);
    Ok(rows)
}

/// Some rows of one snapshot.
///
/// # Errors
/// When the snapshot is damaged.
pub async fn some(visit: &Visit, sha256: &Sha256Hex, offset: usize, limit: usize) -> Answer<Rows> {
    let store = Arc::clone(visit.company()?.store());
    let sha256 = sha256.clone();
    let read = tokio::task::spawn_blocking(move || read_rows(&store, &sha256, offset, limit));
    let rows = read
        .await
        .map_err(|error| Fault::Failed(error.to_string()))?;
    rows.map_err(|error| Error::from(error).into())
}

fn read_all(store: &Store, snapshots: &[Sha256Hex]) -> Result<Vec<Row>, Fault> {
    let mut all = Vec::new();
    for sha256 in snapshots {
        let read = read_rows(store, sha256, 0, usize::MAX).map_err(Error::from)?;
        for row in read.rows {
            let cells = read.columns.iter().cloned().zip(row);
            all.push(
                cells
                    .filter_map(|(name, cell)| Some((name, cell?)))
                    .collect(),
            );
        }
    }
    Ok(all)
}

impl RowCache {
    fn get(&self, key: &[Sha256Hex]) -> Option<Arc<Vec<Row>>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter()
            .find(|(known, _)| known == key)
            .map(|(_, rows)| Arc::clone(rows))
    }

    fn keep(&self, key: Vec<Sha256Hex>, rows: &Arc<Vec<Row>>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(0, (key, Arc::clone(rows)));
        let mut count = 0;
        held.retain(|(_, rows)| {
            count += rows.len();
            count <= HELD_ROWS
        });
    }
}
