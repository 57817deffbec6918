//! Snapshots and program records become the tables that SQL reads.
//!
//! `<dataset>` holds of every source: the newest snapshot, when rows are events;
//! the rows of the latest observation, when rows are states. `<dataset>_history`
//! holds all observations. When two snapshots of a source hold the same
//! observation, the newer snapshot's rows count.
//!
//! Must hold: nothing observed after `as_of` is in any table; no row is in a
//! table twice; a dataset without a snapshot is an empty table of the right
//! shape and is not among [`Tables::sources`].

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use jiff::Timestamp;
use tickmark_catalog::{DatasetKind, DatasetSchema, Problem};
use tickmark_control_tests::SnapshotRef;

use crate::arrow_cells::{OBSERVED_AT, arrow_schema, broken, dataset_columns};
use crate::datasets::SnapshotFile;
use crate::parquet_rows::{collect_instants, observation_instants, rows, verify};

/// The rows of one snapshot that count in a table.
pub(crate) struct Part {
    /// Where they come from.
    pub(crate) snapshot: SnapshotFile,
    /// The rows, or nothing when they stay in their file.
    pub(crate) rows: Option<Vec<RecordBatch>>,
    /// Instants of observation in the file, in microseconds; not known for
    /// events, whose snapshots count as a whole.
    pub(crate) instants: BTreeSet<i64>,
}

/// One dataset, ready to be made into tables.
pub(crate) struct DatasetTables {
    pub(crate) kind: DatasetKind,
    pub(crate) schema: SchemaRef,
    pub(crate) parts: Vec<Part>,
    /// For each part: the instants that count in the history (`None`: all).
    counted: Vec<Option<BTreeSet<i64>>>,
    /// For each part: the instants that count in the current table (`None`:
    /// all); an empty set: none.
    current: Vec<Option<BTreeSet<i64>>>,
    /// The first observation that comes too late to count, where there is one.
    pub(crate) first_late: Option<Timestamp>,
}

/// Which of a dataset's two tables is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// `<dataset>`.
    Current,
    /// `<dataset>_history`.
    History,
}

/// How snapshots are read.
pub(crate) struct Reading {
    pub(crate) as_of: Timestamp,
    pub(crate) in_memory_row_limit: u64,
    pub(crate) verify_digests: bool,
}

impl DatasetTables {
    /// Reads the snapshots of one dataset.
    pub(crate) fn load(
        dataset: &DatasetSchema,
        snapshots: &[SnapshotFile],
        reading: &Reading,
    ) -> Result<Self, Problem> {
        let schema = arrow_schema(&dataset_columns(dataset));
        let (mut wanted, late): (Vec<&SnapshotFile>, Vec<&SnapshotFile>) = snapshots
            .iter()
            .filter(|snapshot| snapshot.dataset == dataset.name)
            .partition(|snapshot| snapshot.observed_at <= reading.as_of);
        // Stable: of two snapshots of the same instant the later recorded counts.
        wanted.sort_by(|a, b| (&a.source, a.observed_at).cmp(&(&b.source, b.observed_at)));
        let row_total: u64 = wanted.iter().map(|snapshot| snapshot.rows).sum();
        let in_memory = row_total <= reading.in_memory_row_limit;
        let parts: Result<Vec<Part>, Problem> = wanted
            .into_iter()
            .map(|snapshot| part(snapshot, dataset.kind, &schema, in_memory, reading))
            .collect();
        Ok(Self {
            first_late: late.iter().map(|snapshot| snapshot.observed_at).min(),
            ..Self::new(dataset.kind, schema, parts?, reading.as_of)
        })
    }

    /// Tables from parts sorted by source and time.
    pub(crate) fn new(
        kind: DatasetKind,
        schema: SchemaRef,
        parts: Vec<Part>,
        as_of: Timestamp,
    ) -> Self {
        let (counted, current) = match kind {
            DatasetKind::Event => (vec![None; parts.len()], newest_snapshots(&parts)),
            DatasetKind::State => observations(&parts, as_of.as_microsecond()),
        };
        Self {
            kind,
            schema,
            parts,
            counted,
            current,
            first_late: None,
        }
    }

    /// The parts of a table with the instants that count (`None`: all). Parts
    /// of which nothing counts are left out.
    pub(crate) fn parts_of(&self, view: View) -> Vec<(&Part, Option<&BTreeSet<i64>>)> {
        let instants = if view == View::Current {
            &self.current
        } else {
            &self.counted
        };
        let parts = self
            .parts
            .iter()
            .zip(instants)
            .map(|(part, instants)| (part, instants.as_ref()));
        parts
            .filter(|(_, instants)| instants.is_none_or(|instants| !instants.is_empty()))
            .collect()
    }

    /// References to the snapshots of a table, those of an empty snapshot
    /// included: an import without rows is evidence that nothing happened.
    pub(crate) fn snapshots_of(&self, view: View) -> Vec<SnapshotRef> {
        let whole = view == View::History || self.kind == DatasetKind::State;
        let parts = self.parts.iter().zip(&self.current);
        parts
            .filter(|(_, current)| whole || current.is_none())
            .map(|(part, _)| part.snapshot.reference())
            .collect()
    }

    /// Whether the dataset was imported at all.
    pub(crate) fn has_snapshot(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Instants at which each source was observed.
    pub(crate) fn collections(&self) -> BTreeMap<String, BTreeSet<i64>> {
        let mut collections: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for (part, counted) in self.parts.iter().zip(&self.counted) {
            let instants = collections.entry(part.snapshot.source.clone()).or_default();
            instants.extend(counted.iter().flatten());
        }
        collections
    }

    /// Rows of a table in all, of which some may be filtered out.
    pub(crate) fn row_bound(&self) -> u64 {
        self.parts.iter().map(|part| part.snapshot.rows).sum()
    }
}

fn part(
    snapshot: &SnapshotFile,
    kind: DatasetKind,
    schema: &SchemaRef,
    in_memory: bool,
    reading: &Reading,
) -> Result<Part, Problem> {
    if reading.verify_digests {
        verify(snapshot)?;
    }
    let rows = if in_memory {
        Some(rows(snapshot, schema)?)
    } else {
        None
    };
    let instants = match (kind, &rows) {
        (DatasetKind::Event, _) => BTreeSet::new(),
        (DatasetKind::State, Some(rows)) => instants_of(rows)?,
        (DatasetKind::State, None) => observation_instants(snapshot)?,
    };
    Ok(Part {
        snapshot: snapshot.clone(),
        rows,
        instants,
    })
}

/// The instants at which rows were observed.
pub(crate) fn instants_of(rows: &[RecordBatch]) -> Result<BTreeSet<i64>, Problem> {
    let mut instants = BTreeSet::new();
    for batch in rows {
        collect_instants(batch, &mut instants)?;
    }
    Ok(instants)
}

/// All instants for the last part of each source, none for the others.
fn newest_snapshots(parts: &[Part]) -> Vec<Option<BTreeSet<i64>>> {
    let next = parts.iter().skip(1).map(Some).chain([None]);
    let is_last = |(part, next): (&Part, Option<&Part>)| {
        next.is_none_or(|next| next.snapshot.source != part.snapshot.source)
    };
    parts
        .iter()
        .zip(next)
        .map(|pair| {
            if is_last(pair) {
                None
            } else {
                Some(BTreeSet::new())
            }
        })
        .collect()
}

/// For each part the instants that count in the history, and of them those of
/// its source's latest observation.
#[expect(
    clippy::type_complexity,
    reason = "a pair of equal lists, named where it is taken apart"
)]
fn observations(
    parts: &[Part],
    as_of: i64,
) -> (Vec<Option<BTreeSet<i64>>>, Vec<Option<BTreeSet<i64>>>) {
    let mut taken: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut counted = Vec::with_capacity(parts.len());
    // From the newest part to the oldest: an observation belongs to the newest.
    for part in parts.iter().rev() {
        let taken = taken.entry(&part.snapshot.source).or_default();
        let own: BTreeSet<i64> = part
            .instants
            .iter()
            .copied()
            .filter(|at| *at <= as_of && !taken.contains(at))
            .collect();
        taken.extend(&own);
        counted.push(Some(own));
    }
    counted.reverse();
    let latest = |part: &Part| {
        taken
            .get(part.snapshot.source.as_str())
            .and_then(BTreeSet::last)
    };
    let current = parts.iter().zip(&counted).map(|(part, own)| {
        let own = own
            .iter()
            .flatten()
            .copied()
            .filter(|at| Some(at) == latest(part));
        Some(own.collect())
    });
    let current = current.collect();
    (counted, current)
}

/// The rows of a batch that were observed at one of the instants.
pub(crate) fn observed_at(
    batch: &RecordBatch,
    instants: &BTreeSet<i64>,
) -> Result<RecordBatch, Problem> {
    let Some(column) = batch.column_by_name(OBSERVED_AT) else {
        return Ok(batch.clone());
    };
    let observed = column.as_primitive::<TimestampMicrosecondType>();
    let keep: BooleanArray = observed
        .iter()
        .map(|at| Some(at.is_some_and(|at| instants.contains(&at))))
        .collect();
    filter_record_batch(batch, &keep).map_err(|error| broken(&error))
}
