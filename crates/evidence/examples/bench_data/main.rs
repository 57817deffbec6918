//! Makes the populations of `cargo xtask bench` and times their import.
//!
//! `bench_data FOLDER SCALE POPULATION`: writes the raw export of a population,
//! imports it as `tickmark import` does, removes the raw copy beside it, keeps
//! the list of its snapshots as `FOLDER/<population>.json`, their paths as
//! `FOLDER/<population>.list`, and prints rows,
//! seconds, bytes and the peak memory of the process.

mod rows;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use tickmark_catalog::catalog;
use tickmark_evidence::{Collector, Import, Mapping, Rejects, SnapshotRecord, Store};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Rows = fn(&mut dyn Write, u64) -> std::io::Result<u64>;

const OBSERVED: &str = "2026-07-02T00:00:00Z";
const ACCOUNTS: &str = include_str!("mappings/accounts.toml");

/// Name, mapping and rows of each population that is one snapshot.
const POPULATIONS: [(&str, &str, Rows); 7] = [
    (
        "pull_requests",
        include_str!("mappings/pull_requests.toml"),
        rows::pull_requests,
    ),
    (
        "reviews",
        include_str!("mappings/reviews.toml"),
        rows::reviews,
    ),
    ("developers", ACCOUNTS, rows::developers),
    ("people", include_str!("mappings/people.toml"), rows::people),
    (
        "leavers",
        include_str!("mappings/leavers.toml"),
        rows::leavers,
    ),
    ("staff_accounts", ACCOUNTS, rows::staff_accounts),
    (
        "sign_ins",
        include_str!("mappings/sign_ins.toml"),
        rows::sign_ins,
    ),
];

/// What the import of a population took.
#[derive(Default)]
struct Taken {
    snapshots: Vec<Value>,
    rows: u64,
    raw_bytes: u64,
    parquet_bytes: u64,
    seconds: f64,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, scale, population] = arguments.as_slice() else {
        return Err("usage: bench_data FOLDER SCALE POPULATION".into());
    };
    let (folder, scale) = (PathBuf::from(folder), scale.parse()?);
    let raw = folder.join("raw").join(population);
    std::fs::create_dir_all(&raw)?;
    let taken = take(&folder, &raw, scale, population)?;
    std::fs::remove_dir_all(&raw)?;
    let list = serde_json::to_vec_pretty(&taken.snapshots)?;
    std::fs::write(folder.join(format!("{population}.json")), list)?;
    let paths: Vec<&str> = taken
        .snapshots
        .iter()
        .filter_map(|snapshot| snapshot.get("path")?.as_str())
        .collect();
    std::fs::write(folder.join(format!("{population}.list")), paths.join("\n"))?;
    println!("rows={}", taken.rows);
    println!("snapshots={}", taken.snapshots.len());
    println!("seconds={:.3}", taken.seconds);
    println!("raw_bytes={}", taken.raw_bytes);
    println!("parquet_bytes={}", taken.parquet_bytes);
    println!("peak_kib={}", peak_memory_kib().unwrap_or_default());
    Ok(())
}

fn take(folder: &Path, raw: &Path, scale: u64, population: &str) -> Outcome<Taken> {
    let store = Store::open(&folder.join("store"))?;
    let mut taken = Taken::default();
    if population == "daily_accounts" {
        for day in 0..rows::DAYS {
            let mapping = ACCOUNTS.replace(OBSERVED, &rows::collected_at(day).to_string());
            write(raw, &mut |file| rows::accounts_of_day(file, scale, day))?;
            import(raw, &store, &mapping, &mut taken)?;
        }
        return Ok(taken);
    }
    let known = POPULATIONS.iter().find(|(name, _, _)| *name == population);
    let (_, mapping, rows) = known.ok_or_else(|| format!("no population `{population}`"))?;
    write(raw, &mut |file| rows(file, scale))?;
    import(raw, &store, mapping, &mut taken)?;
    Ok(taken)
}

fn write(raw: &Path, rows: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<u64>) -> Outcome<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(raw.join("rows.csv"))?);
    rows(&mut file)?;
    file.flush()?;
    Ok(())
}

fn import(raw: &Path, store: &Store, mapping: &str, taken: &mut Taken) -> Outcome<()> {
    let datasets = &catalog().datasets;
    let mapping = Mapping::parse("mapping.toml", mapping, datasets)?;
    let mut named = datasets.iter();
    let dataset = named.find(|dataset| dataset.name == mapping.dataset);
    let import = Import {
        dataset: dataset.ok_or("no dataset")?,
        mapping: &mapping,
        collector: Collector {
            name: "bench".to_owned(),
            version: "1".to_owned(),
        },
        collected_at: "2026-07-03T00:00:00Z".parse()?,
        rejects: Rejects::Refuse,
    };
    let start = Instant::now();
    let snapshot = import.run(raw, store)?;
    taken.seconds += start.elapsed().as_secs_f64();
    let record = SnapshotRecord::of(&snapshot);
    taken.rows += record.row_count;
    taken.parquet_bytes += snapshot.manifest.derived.size_bytes;
    taken.raw_bytes += std::fs::metadata(raw.join("rows.csv"))?.len();
    taken.snapshots.push(json!({
        "dataset": record.dataset,
        "source": record.source_id,
        "observed_at": record.observed_at,
        "sha256": record.derived,
        "rows": record.row_count,
        "path": store.local_path(&record.derived),
    }));
    Ok(())
}

/// Peak resident memory of this process, where the system tells it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
