//! The rows of populations as pages show them.
//!
//! What must hold: what is shown is what the snapshots hold; a dataset that was
//! never imported is told apart from one without rows by whoever asks. What is
//! kept at hand is kept under the digests of everything it was read from, so
//! it can be old but never wrong.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use tickmark_catalog::Sha256Hex;
use tickmark_evidence::{Rows, Store, read_columns, read_rows};
use tickmark_realm::Error;
use tokio::sync::Mutex;

use crate::fault::{Answer, Fault};
use crate::visit::Visit;

/// One row: text by name of column, nulls absent.
pub type Row = BTreeMap<Arc<str>, String>;

/// Rows of small datasets kept at hand.
const HELD_ROWS: usize = 100_000;
/// What was worked out of rows and is kept at hand.
const HELD_WORK: usize = 4;

type Held = Vec<(Vec<Sha256Hex>, Arc<Vec<Row>>)>;
type Work = Vec<(String, Arc<dyn Any + Send + Sync>)>;

/// Rows read before, and what was worked out of them. Whoever wants the same
/// waits for who came first, and reads nothing again.
#[derive(Default)]
pub struct RowCache {
    held: Mutex<Held>,
    work: Mutex<Work>,
}

/// The digests of every current snapshot of a dataset.
fn current(visit: &Visit, dataset: &str) -> Answer<Vec<Sha256Hex>> {
    let current = visit.picture()?.state.evidence.current(dataset);
    Ok(current.iter().map(|it| it.derived.clone()).collect())
}

/// The rows of every current snapshot of a dataset; none when it was never
/// imported.
///
/// # Errors
/// When a snapshot is damaged.
pub async fn of(visit: &Visit, dataset: &str) -> Answer<Arc<Vec<Row>>> {
    let wanted = current(visit, dataset)?;
    let store = Arc::clone(visit.company()?.store());
    let mut held = visit.app().rows().held.lock().await;
    if let Some((_, rows)) = held.iter().find(|(known, _)| *known == wanted) {
        return Ok(Arc::clone(rows));
    }
    let keys = wanted.clone();
    let rows = Arc::new(apart(move || read_all(&store, &keys, None)).await?);
    held.insert(0, (wanted, Arc::clone(&rows)));
    let mut count = 0;
    held.retain(|(_, rows)| {
        count += rows.len();
        count <= HELD_ROWS
    });
    Ok(rows)
}

/// Some columns of datasets, and what is worked out of them.
pub struct Wanted<'d> {
    /// Names of the datasets, and of the columns of each.
    pub datasets: &'d [(&'static str, &'static [&'static str])],
    /// Everything else the work depends on.
    pub besides: String,
}

/// What `work` makes of some datasets: their rows in the order asked for, `None`
/// for one that was never imported. Worked out once for the same snapshots and
/// the same `besides`.
///
/// # Errors
/// When a snapshot is damaged.
pub async fn worked_out<T: Send + Sync + 'static>(
    visit: &Visit,
    wanted: Wanted<'static>,
    work: impl FnOnce(Vec<Option<Vec<Row>>>) -> T + Send + 'static,
) -> Answer<Arc<T>> {
    let mut sources = Vec::new();
    let mut key = wanted.besides;
    for (dataset, columns) in wanted.datasets {
        let snapshots = current(visit, dataset)?;
        key.push_str(&format!("\n{dataset}"));
        snapshots.iter().for_each(|it| key.push_str(it.as_str()));
        sources.push((snapshots, *columns));
    }
    let store = Arc::clone(visit.company()?.store());
    let mut done = visit.app().rows().work.lock().await;
    let known = done.iter().find(|(known, _)| *known == key);
    if let Some(known) = known.and_then(|(_, it)| Arc::clone(it).downcast().ok()) {
        return Ok(known);
    }
    let read = move || {
        let read = |(snapshots, columns): &(Vec<Sha256Hex>, &'static [&'static str])| {
            (!snapshots.is_empty())
                .then(|| read_all(&store, snapshots, Some(columns)))
                .transpose()
        };
        let rows: Result<Vec<_>, Fault> = sources.iter().map(read).collect();
        Ok(Arc::new(work(rows?)))
    };
    let made = apart(read).await?;
    done.insert(0, (key, made.clone()));
    done.truncate(HELD_WORK);
    Ok(made)
}

/// Some rows of one snapshot.
///
/// # Errors
/// When the snapshot is damaged.
pub async fn some(visit: &Visit, sha256: &Sha256Hex, offset: usize, limit: usize) -> Answer<Rows> {
    let store = Arc::clone(visit.company()?.store());
    let sha256 = sha256.clone();
    apart(move || Ok(read_rows(&store, &sha256, offset, limit).map_err(Error::from)?)).await
}

/// Reads on a thread that may wait.
async fn apart<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Answer<T> {
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| Fault::Failed(error.to_string()))?
}

fn read_all(
    store: &Store,
    snapshots: &[Sha256Hex],
    columns: Option<&[&str]>,
) -> Result<Vec<Row>, Fault> {
    let mut all = Vec::new();
    for sha256 in snapshots {
        let read = match columns {
            Some(columns) => read_columns(store, sha256, columns),
            None => read_rows(store, sha256, 0, usize::MAX),
        };
        let read = read.map_err(Error::from)?;
        let names: Vec<Arc<str>> = read.columns.iter().map(|it| it.as_str().into()).collect();
        for row in read.rows {
            let cells = names.iter().cloned().zip(row);
            all.push(
                cells
                    .filter_map(|(name, cell)| Some((name, cell?)))
                    .collect(),
            );
        }
    }
    Ok(all)
}
