//! Parquet files made elsewhere, and our own that are read back.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float32Array, Int32Array, LargeStringArray, ListArray, RecordBatch, TimestampMillisecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{Float64Type, Int32Type, Schema};
use insta::assert_snapshot;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::ParquetMetaDataReader;
use tickmark_evidence::{Rejects, Snapshot};

use crate::setup::{Setup, mapping, shown};

const PARQUET: &str = "format = \"parquet\"\nfiles = [\"a.parquet\"]";

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn import(bytes: &[u8], head: &str, columns: &[(&str, &str)]) -> Result<(Setup, Snapshot), String> {
    let setup = Setup::new();
    setup.write("a.parquet", bytes);
    let text = mapping(&format!("{PARQUET}\n{head}"), columns);
    let snapshot = setup.import(&text, Rejects::Refuse).map_err(shown)?;
    Ok((setup, snapshot))
}

#[test]
fn reads_types_with_an_exact_counterpart() {
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
    let names: ArrayRef = Arc::new(LargeStringArray::from(vec![Some("Ann"), None]));
    let bytes = file(vec![
        ("id", ids),
        ("n", names),
        ("b", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("f", Arc::new(Float32Array::from(vec![0.5, 1.0]))),
        ("d", Arc::new(Date32Array::from(vec![20_000, -1]))),
        (
            "t",
            Arc::new(TimestampMillisecondArray::from(vec![0, 1]).with_timezone("UTC")),
        ),
    ]);
    let columns = [
        ("name", "from = \"n\""),
        ("active", "from = \"b\""),
        ("share", "from = \"f\""),
        ("day", "from = \"d\""),
        ("at", "from = \"t\""),
    ];
    let (setup, snapshot) = import(&bytes, "", &columns).unwrap();
    assert_snapshot!(setup.table(&snapshot), @r"
    +----+------+--------+-------+-------+------------+--------------------------+------+-----------+----------------------+------------+
    | id | name | active | count | share | day        | at                       | tags | source_id | observed_at          | source_row |
    +----+------+--------+-------+-------+------------+--------------------------+------+-----------+----------------------+------------+
    | 1  | Ann  | true   |       | 0.5   | 2024-10-04 | 1970-01-01T00:00:00Z     |      | things    | 2026-07-02T15:00:00Z | 1          |
    | 2  |      |        |       | 1.0   | 1969-12-31 | 1970-01-01T00:00:00.001Z |      | things    | 2026-07-02T15:00:00Z | 2          |
    +----+------+--------+-------+-------+------------+--------------------------+------+-----------+----------------------+------------+
    ");
}

#[test]
fn naive_times_need_the_zone() {
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let bytes = file(vec![
        ("id", ids),
        ("t", Arc::new(TimestampNanosecondArray::from(vec![0]))),
    ]);
    let columns = [("at", "from = \"t\"")];
    assert_snapshot!(import(&bytes, "", &columns).err().unwrap(), @r"
    error: bad value for `at`, read from `t`
      Caused by: `1970-01-01T00:00:00` says no offset, and the mapping says no `time_zone`
      --> a.parquet#row=1
    ");
    let zone = "time_zone = \"Asia/Tokyo\"";
    let (setup, snapshot) = import(&bytes, zone, &columns).unwrap();
    assert!(setup.table(&snapshot).contains("1969-12-31T15:00:00Z"));
}

#[test]
fn tells_what_cannot_be_read() {
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)])]);
    let bytes = file(vec![
        ("id", ids),
        ("raw", Arc::new(BinaryArray::from(vec![b"x".as_slice()]))),
        ("list", Arc::new(lists)),
        ("f", Arc::new(Float32Array::from(vec![f32::NAN]))),
    ]);
    let columns = [("name", "from = \"raw\""), ("tags", "from = \"list\"")];
    assert_snapshot!(import(&bytes, "", &columns).err().unwrap(), @r"
    error: column `raw` has the type Binary, which is not read
      --> a.parquet
    hint: cast it at the source to text, whole number, date or timestamp

    error: column `list` has the type List(Int32), which is not read
      --> a.parquet
    hint: cast it at the source to text, whole number, date or timestamp
    ");
    assert_snapshot!(import(&bytes, "", &[("share", "from = \"f\"")]).err().unwrap(), @r"
    error: bad value for `share`, read from `f`
      Caused by: `NaN` is not a finite number
      --> a.parquet#row=1
    ");
    assert_snapshot!(import(&bytes, "", &[("name", "from = \"idd\"")]).err().unwrap(), @r"
    error: there is no column with the header `idd`
      --> a.parquet
    hint: did you mean `id`? the file has `id`, `raw`, `list`, `f`
    ");
    assert!(
        import(b"PAR1 and more", "", &[])
            .err()
            .unwrap()
            .contains("the file is not readable Parquet")
    );
}

#[test]
fn our_own_files_name_no_library() {
    let (setup, snapshot) = import(
        &file(vec![("id", Arc::new(Int32Array::from(vec![1])))]),
        "",
        &[],
    )
    .unwrap();
    let path = setup.store.local_path(&snapshot.manifest.derived.sha256);
    let metadata = ParquetMetaDataReader::new()
        .parse_and_finish(&std::fs::File::open(path).unwrap())
        .unwrap();
    let file = metadata.file_metadata();
    assert_eq!(file.created_by(), Some("tickmark-evidence derivation 1"));
    assert_eq!(file.key_value_metadata(), None);
}

#[test]
fn reads_back_in_the_schema_it_promises() {
    let (setup, snapshot) = import(
        &file(vec![("id", Arc::new(Int32Array::from(vec![1])))]),
        "",
        &[],
    )
    .unwrap();
    let promised = tickmark_evidence::arrow_schema(&crate::setup::datasets()[0]);
    let read: Arc<Schema> = setup.batches(&snapshot)[0].schema();
    assert_eq!(read.fields(), promised.fields());
}

#[test]
fn large_numbers_decimals_and_categories_are_read_exactly() {
    let decimals = Decimal128Array::from(vec![120, 125]).with_precision_and_scale(20, 2);
    let words: DictionaryArray<Int32Type> = vec!["a", "b"].into_iter().collect();
    let bytes = file(vec![
        ("id", Arc::new(UInt64Array::from(vec![7, u64::MAX]))),
        ("n", Arc::new(words)),
        ("f", Arc::new(decimals.unwrap())),
    ]);
    let columns = [("name", "from = \"n\""), ("share", "from = \"f\"")];
    let (setup, snapshot) = import(&bytes, "", &columns).unwrap();
    let batch = &setup.batches(&snapshot)[0];
    let text = |name: &str| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.iter().flatten().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(text("id"), "7 18446744073709551615");
    assert_eq!(text("name"), "a b");
    let shares = batch.column_by_name("share").unwrap();
    assert_eq!(shares.as_primitive::<Float64Type>().values(), &[1.2, 1.25]);
}
