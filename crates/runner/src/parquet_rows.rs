//! Reads the rows of a snapshot's Parquet file, after checking that it is the
//! file the ledger names.
//!
//! Must hold: not a row is used of a file whose digest is another than the one
//! recorded; a damaged file is a problem that names it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;
use sha2::{Digest, Sha256};
use tickmark_catalog::{Problem, Sha256Hex};

use crate::arrow_cells::{OBSERVED_AT, conform, utc_timestamp};
use crate::datasets::SnapshotFile;

const CHUNK_BYTES: usize = 1 << 20;

/// Refuses a file that is not the one recorded.
pub(crate) fn verify(snapshot: &SnapshotFile) -> Result<(), Problem> {
    let found = digest(snapshot)?;
    if found == snapshot.sha256 {
        return Ok(());
    }
    Err(damaged(snapshot)
        .cause(format!("its digest is `{found}`, but `{}` was recorded", snapshot.sha256))
        .hint("the file was changed after it was recorded: restore it from a copy, or import the source again"))
}

fn damaged(snapshot: &SnapshotFile) -> Problem {
    let SnapshotFile {
        dataset,
        source,
        path,
        ..
    } = snapshot;
    Problem::new(format!(
        "the snapshot of `{dataset}` from `{source}` cannot be used"
    ))
    .in_file(path.display().to_string())
}

fn open(snapshot: &SnapshotFile) -> Result<File, Problem> {
    File::open(&snapshot.path).map_err(|error| damaged(snapshot).cause(error.to_string()))
}

fn digest(snapshot: &SnapshotFile) -> Result<Sha256Hex, Problem> {
    let mut file = open(snapshot)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = file
            .read(&mut chunk)
            .map_err(|error| damaged(snapshot).cause(error.to_string()))?;
        match chunk.get(..count) {
            None | Some([]) => return Ok(Sha256Hex::from_bytes(hash.finalize().into())),
            Some(bytes) => hash.update(bytes),
        }
    }
}

/// All rows of a snapshot, in the schema given.
pub(crate) fn rows(
    snapshot: &SnapshotFile,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, Problem> {
    let in_file = |problem: Problem| problem.in_file(snapshot.path.display().to_string());
    read(snapshot, None)?
        .iter()
        .map(|batch| conform(batch, schema).map_err(in_file))
        .collect()
}

/// The instants at which rows of a snapshot were observed, in microseconds.
pub(crate) fn observation_instants(snapshot: &SnapshotFile) -> Result<BTreeSet<i64>, Problem> {
    if let Some(instants) = instants_of_statistics(snapshot)? {
        return Ok(instants);
    }
    let mut instants = BTreeSet::new();
    for batch in read(snapshot, Some(OBSERVED_AT))? {
        collect_instants(&batch, &mut instants)?;
    }
    Ok(instants)
}

/// The instants of a file whose statistics say that each row group was observed
/// at one instant; most snapshots are one observation.
fn instants_of_statistics(snapshot: &SnapshotFile) -> Result<Option<BTreeSet<i64>>, Problem> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(open(snapshot)?)
        .map_err(|error| damaged(snapshot).cause(error.to_string()))?;
    let field = builder.schema().column_with_name(OBSERVED_AT);
    let Some((column, _)) = field.filter(|(_, field)| *field.data_type() == utc_timestamp()) else {
        return Ok(None);
    };
    let only = |group: &RowGroupMetaData| match group.columns().get(column)?.statistics()? {
        Statistics::Int64(values) if values.null_count_opt() == Some(0) => {
            let (min, max) = (values.min_opt()?, values.max_opt()?);
            (min == max).then_some(*min)
        }
        _ => None,
    };
    Ok(builder.metadata().row_groups().iter().map(only).collect())
}

/// Adds the instants at which the rows of a batch were observed.
pub(crate) fn collect_instants(
    batch: &RecordBatch,
    instants: &mut BTreeSet<i64>,
) -> Result<(), Problem> {
    let Some(column) = batch.column_by_name(OBSERVED_AT) else {
        return Err(Problem::new(format!(
            "a snapshot has no column `{OBSERVED_AT}`"
        )));
    };
    let column = arrow::compute::cast(column, &utc_timestamp()).map_err(|error| {
        Problem::new(format!("column `{OBSERVED_AT}` holds no instants")).cause(error.to_string())
    })?;
    let mut last = None;
    for micros in column
        .as_primitive::<TimestampMicrosecondType>()
        .iter()
        .flatten()
    {
        if last != Some(micros) {
            instants.insert(micros);
            last = Some(micros);
        }
    }
    Ok(())
}

fn read(snapshot: &SnapshotFile, only: Option<&str>) -> Result<Vec<RecordBatch>, Problem> {
    let unreadable = |error: &dyn std::error::Error| damaged(snapshot).cause(error.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(open(snapshot)?)
        .map_err(|error| unreadable(&error))?;
    let columns = builder.parquet_schema();
    let mask = only.map_or_else(ProjectionMask::all, |name| {
        ProjectionMask::columns(columns, [name])
    });
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|error| unreadable(&error))?;
    reader
        .map(|batch| batch.map_err(|error| unreadable(&error)))
        .collect()
}
