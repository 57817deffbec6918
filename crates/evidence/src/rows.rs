//! The rows of a snapshot as text, for people to look at.
//!
//! Must hold: what is shown is what the snapshot holds, in its order; the
//! object's digest is compared before a row is shown.

use std::fs::File;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tickmark_catalog::Sha256Hex;

use crate::{EvidenceError, Store};

/// Rows of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Names of the columns, the envelope's last.
    pub columns: Vec<String>,
    /// One text per column; `None` for null.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Reads rows of a snapshot: `limit` of them from `offset`.
///
/// # Errors
/// [`EvidenceError::Damaged`] when the object is not what its name says, or is
/// no snapshot.
pub fn read_rows(
    store: &Store,
    sha256: &Sha256Hex,
    offset: usize,
    limit: usize,
) -> Result<Rows, EvidenceError> {
    read(store, sha256, |reader| {
        reader.with_offset(offset).with_limit(limit)
    })
}

/// Reads every row of a snapshot, but of its columns only those named, in the
/// snapshot's order. A column that it does not have is left out.
///
/// # Errors
/// As [`read_rows`].
pub fn read_columns(
    store: &Store,
    sha256: &Sha256Hex,
    names: &[&str],
) -> Result<Rows, EvidenceError> {
    read(store, sha256, |reader| {
        let fields = reader.schema().fields().iter().enumerate();
        let wanted: Vec<usize> = fields
            .filter(|(_, field)| names.contains(&field.name().as_str()))
            .map(|(place, _)| place)
            .collect();
        let mask = ProjectionMask::roots(reader.parquet_schema(), wanted);
        reader.with_projection(mask)
    })
}

type Reader = ParquetRecordBatchReaderBuilder<File>;

fn read(
    store: &Store,
    sha256: &Sha256Hex,
    of: impl FnOnce(Reader) -> Reader,
) -> Result<Rows, EvidenceError> {
    store.check(sha256)?;
    let damaged = |why: String| EvidenceError::Damaged {
        object: format!("snapshot {sha256}"),
        why,
    };
    let path = store.local_path(sha256);
    let file = File::open(&path).map_err(|error| damaged(error.to_string()))?;
    let reader = Reader::try_new(file).map_err(|error| damaged(error.to_string()))?;
    let reader = of(reader)
        .build()
        .map_err(|error| damaged(error.to_string()))?;
    let names = reader.schema();
    let columns = names.fields().iter().map(|it| it.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| damaged(error.to_string()))?;
        texts(&batch, &mut rows).map_err(|error| damaged(error.to_string()))?;
    }
    Ok(Rows { columns, rows })
}

fn texts(
    batch: &RecordBatch,
    rows: &mut Vec<Vec<Option<String>>>,
) -> Result<(), arrow::error::ArrowError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter();
    let formatters = columns
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()?;
    for row in 0..batch.num_rows() {
        let cells = formatters
            .iter()
            .zip(batch.columns())
            .map(|(show, column)| (!column.is_null(row)).then(|| show.value(row).to_string()));
        rows.push(cells.collect());
    }
    Ok(())
}
