//! A snapshot: the rows of one import as Parquet in the dataset's schema.
//!
//! Columns are those of the dataset, in its order, then the envelope:
//! `source_id` (text), `observed_at` (timestamp) and `source_row` (int, the
//! record's number in the raw files, from 1, counted through all of them).
//!
//! Must hold: the same rows give the same bytes on every machine and with
//! every release that keeps [`crate::DERIVATION`]; rows stand in source order.

mod columns;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use tickmark_catalog::{ColumnType, DatasetSchema};

use crate::EvidenceError;
use crate::import::DERIVATION;
use crate::import::convert::{Kind, Value};
use crate::store::{Staged, StagingFile};
use columns::ColumnBuilder;

/// Rows of a row group: small enough that statistics skip most of a year when
/// one day is asked for, large enough that decoding stays fast.
const ROW_GROUP_ROWS: usize = 128 * 1024;
const BATCH_ROWS: usize = 8192;
const PAGE_BYTES: usize = 1024 * 1024;
const PAGE_ROWS: usize = 20_000;

/// The names of the envelope columns, in order.
pub const ENVELOPE: [&str; 3] = ["source_id", "observed_at", "source_row"];

/// The Arrow schema of a dataset's snapshots, envelope included.
///
/// text = Utf8, bool = Boolean, int = Int64, float = Float64, date = Date32,
/// timestamp = Timestamp(microsecond, UTC), list of texts = List of Utf8. All
/// columns are nullable to the engine; the importer sees to the required ones.
pub fn arrow_schema(dataset: &DatasetSchema) -> SchemaRef {
    let columns = dataset.columns.iter();
    let mut fields: Vec<Field> = columns
        .map(|column| Field::new(&column.name, arrow_type(column.kind), true))
        .collect();
    let kinds = [ColumnType::Text, ColumnType::Timestamp, ColumnType::Int];
    fields.extend(
        ENVELOPE
            .iter()
            .zip(kinds)
            .map(|(name, kind)| Field::new(*name, arrow_type(kind), true)),
    );
    Arc::new(Schema::new(fields))
}

fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Int => DataType::Int64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::TextList => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
    }
}

/// Writes rows as Parquet into a staged file.
pub(crate) struct SnapshotWriter {
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    pending: usize,
    writer: ArrowWriter<StagingFile>,
}

impl SnapshotWriter {
    pub(crate) fn new(dataset: &DatasetSchema, file: StagingFile) -> Result<Self, EvidenceError> {
        let schema = arrow_schema(dataset);
        let options = ArrowWriterOptions::new()
            .with_properties(properties())
            .with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(file, schema.clone(), options).map_err(failed)?;
        let mut kinds: Vec<Kind> = dataset
            .columns
            .iter()
            .map(|column| column.kind.into())
            .collect();
        kinds.extend([Kind::Text, Kind::Timestamp, Kind::Int]);
        let columns = kinds
            .into_iter()
            .map(|kind| ColumnBuilder::new(kind, BATCH_ROWS))
            .collect();
        Ok(Self {
            schema,
            columns,
            pending: 0,
            writer,
        })
    }

    /// Adds a row: a value for every column, envelope included, in order.
    pub(crate) fn append(&mut self, row: &[Option<Value<'_>>]) -> Result<(), EvidenceError> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.append(value.as_ref());
        }
        self.pending += 1;
        if self.pending == BATCH_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes what is left and closes the file.
    pub(crate) fn finish(mut self) -> Result<Staged, EvidenceError> {
        self.flush()?;
        self.writer.into_inner().map_err(failed)?.finish()
    }

    fn flush(&mut self) -> Result<(), EvidenceError> {
        if self.pending == 0 {
            return Ok(());
        }
        self.pending = 0;
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|error| EvidenceError::failed("could not put rows together", error))?;
        self.writer.write(&batch).map_err(failed)
    }
}

fn failed(error: ParquetError) -> EvidenceError {
    EvidenceError::failed("could not write a snapshot", error)
}

/// Everything that decides the bytes is set here; no default of the library is
/// relied on.
fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(DERIVATION.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(None)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_enabled(true)
        .set_dictionary_page_size_limit(PAGE_BYTES)
        .set_write_batch_size(1024)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64))
        .set_bloom_filter_enabled(false)
        .build()
}
