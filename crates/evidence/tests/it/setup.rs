//! A program folder, a store and a small dataset to import into.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;
use tickmark_catalog::{Column, ColumnType, DatasetKind, DatasetSchema};
use tickmark_evidence::{Collector, EvidenceError, Import, Mapping, Rejects, Snapshot, Store};

/// A program folder with a store inside it.
pub struct Setup {
    pub folder: TempDir,
    pub store: Store,
}

impl Setup {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        Self { folder, store }
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Imports by a mapping file.
    pub fn import(&self, mapping: &str, rejects: Rejects) -> Result<Snapshot, EvidenceError> {
        let datasets = datasets();
        let mapping = Mapping::parse("sources/things.toml", mapping, &datasets)?;
        let dataset = datasets
            .iter()
            .find(|dataset| dataset.name == mapping.dataset)
            .unwrap();
        let import = Import {
            dataset,
            mapping: &mapping,
            collector: Collector {
                name: "test".to_owned(),
                version: "1".to_owned(),
            },
            collected_at: instant("2026-07-03T00:00:00Z"),
            rejects,
        };
        import.run(self.path(), &self.store)
    }

    /// The rows of a snapshot as a table.
    pub fn table(&self, snapshot: &Snapshot) -> String {
        let batches: Vec<_> = self.batches(snapshot).iter().map(shown_as_offset).collect();
        arrow::util::pretty::pretty_format_batches(&batches)
            .unwrap()
            .to_string()
    }

    pub fn batches(&self, snapshot: &Snapshot) -> Vec<RecordBatch> {
        let path = self.store.local_path(&snapshot.manifest.derived.sha256);
        let file = std::fs::File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap();
        reader.map(Result::unwrap).collect()
    }
}

/// The same rows with zone `+00:00`: the printer knows no names of zones.
fn shown_as_offset(batch: &RecordBatch) -> RecordBatch {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let columns = columns.map(|(field, column)| (field.name(), with_offset(column)));
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

/// A timestamp column with zone `+00:00`; other columns as they are.
pub fn with_offset(column: &ArrayRef) -> ArrayRef {
    match column.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(times) => Arc::new(times.clone().with_timezone("+00:00")),
        None => column.clone(),
    }
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What an error shows to a person.
pub fn shown(error: EvidenceError) -> String {
    error.problems().to_string()
}

/// A state dataset with a column of every type, and an event dataset.
pub fn datasets() -> Vec<DatasetSchema> {
    let column = |name: &str, kind, required| Column {
        name: name.to_owned(),
        kind,
        required,
        meaning: "…".to_owned(),
    };
    let things = DatasetSchema {
        name: "things".to_owned(),
        version: 1,
        kind: DatasetKind::State,
        title: "Things".to_owned(),
        key: vec!["id".to_owned()],
        time: None,
        columns: vec![
            column("id", ColumnType::Text, true),
            column("name", ColumnType::Text, false),
            column("active", ColumnType::Bool, false),
            column("count", ColumnType::Int, false),
            column("share", ColumnType::Float, false),
            column("day", ColumnType::Date, false),
            column("at", ColumnType::Timestamp, false),
            column("tags", ColumnType::TextList, false),
        ],
    };
    let happenings = DatasetSchema {
        name: "happenings".to_owned(),
        version: 1,
        kind: DatasetKind::Event,
        title: "Happenings".to_owned(),
        key: vec!["id".to_owned()],
        time: Some("at".to_owned()),
        columns: vec![
            column("id", ColumnType::Text, true),
            column("at", ColumnType::Timestamp, true),
        ],
    };
    vec![things, happenings]
}

/// The part of a mapping that names the source; format and columns follow.
pub const HEAD: &str = r#"
id = "things"
dataset = "things"
system = "Thing register"
tenant = "fernhollow"
observed_at = "2026-07-02T15:00:00Z"
request = "GET /things"
grade = "connector"
"#;

/// A mapping of `id` and the columns given; the others are unmapped.
pub fn mapping(format: &str, columns: &[(&str, &str)]) -> String {
    let names = ["name", "active", "count", "share", "day", "at", "tags"];
    let is_mapped = |name: &str| columns.iter().any(|(column, _)| *column == name);
    let unmapped: Vec<_> = names.into_iter().filter(|name| !is_mapped(name)).collect();
    let mut text = format!("{HEAD}\n{format}\nunmapped = {unmapped:?}\n");
    if !is_mapped("id") {
        text.push_str("[columns.id]\nfrom = \"id\"\n");
    }
    for (column, rule) in columns {
        text.push_str(&format!("[columns.{column}]\n{rule}\n"));
    }
    text
}
