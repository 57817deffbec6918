//! Times the import of a large CSV file.
//!
//! `cargo run --release -p tickmark-evidence --example bench_import -- [ROWS]`:
//! writes a file of ROWS sign-ins (10,000,000), imports it and prints rows a
//! second and the peak memory of the process.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use tickmark_catalog::catalog;
use tickmark_evidence::{Collector, Import, Mapping, Rejects, Store};

const MAPPING: &str = include_str!("bench_import.toml");

fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args()
        .nth(1)
        .map_or(Ok(10_000_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let size = generate(&folder.path().join("sign_ins.csv"), count)?;
    let mapping = Mapping::parse("bench_import.toml", MAPPING, &catalog().datasets)?;
    let dataset = catalog()
        .datasets
        .iter()
        .find(|dataset| dataset.name == mapping.dataset)
        .ok_or("no dataset")?;
    let import = Import {
        dataset,
        mapping: &mapping,
        collector: Collector {
            name: "bench".to_owned(),
            version: "1".to_owned(),
        },
        collected_at: "2026-07-03T00:00:00Z".parse()?,
        rejects: Rejects::Refuse,
    };
    let store = Store::open(&folder.path().join("store"))?;
    let start = Instant::now();
    let snapshot = import.run(folder.path(), &store)?;
    let seconds = start.elapsed().as_secs_f64();
    let rows = snapshot.manifest.row_count;
    println!(
        "{rows} rows, {} MB raw, {} MB Parquet",
        size / 1_000_000,
        snapshot.manifest.derived.size_bytes / 1_000_000
    );
    println!(
        "{seconds:.1} s, {:.0} rows/s, {:.0} MB/s",
        rows as f64 / seconds,
        size as f64 / 1e6 / seconds
    );
    println!(
        "peak memory {} MiB",
        peak_memory_kib().unwrap_or_default() / 1024
    );
    Ok(())
}

fn generate(path: &Path, count: u64) -> std::io::Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "id,time,actor,account,ip,result,mfa")?;
    for row in 0..count {
        let (user, minute, second) = (row * 7919 % 3000, row / 60 % 60, row % 60);
        let (day, hour) = (1 + row * 28 / count, row * 672 / count % 24);
        writeln!(
            file,
            "ev-{row:010},2026-02-{day:02}T{hour:02}:{minute:02}:{second:02}Z,user{user}@fernhollow.example,acc-{user},10.0.{}.{},{},{}",
            user / 250,
            user % 250,
            if row % 50 == 0 { "FAILURE" } else { "SUCCESS" },
            row % 3 != 0
        )?;
    }
    file.into_inner()
        .map_err(|error| error.into_error())?
        .metadata()
        .map(|metadata| metadata.len())
}

/// Peak resident memory of this process, where the system tells it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
