//! The companies whose pages are measured, made once for a run.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::Bench;
use crate::bench::measure::{measured, number, output};
use crate::run;

/// How many times the sample company's people and volumes the large one has.
const SCALE: u32 = 32;
/// Entries of the large company's ledger.
const ENTRIES: u32 = 1_000_000;

/// A company to be served.
pub struct Company {
    /// A short name, for the log.
    pub name: &'static str,
    /// What it is called in the tables.
    pub title: &'static str,
    /// What `tickmark demo` wrote, grown where it is the large one.
    pub folder: PathBuf,
    /// Milliseconds within which 99 of 100 requests are to be answered.
    pub goal_ms: f64,
    /// Memory the server is to stay within.
    pub goal_kib: f64,
}

/// The sample company and the large one. A folder that `TICKMARK_BENCH_WEB`
/// names is kept and used again.
pub fn make(bench: &Bench) -> Result<Vec<Company>, String> {
    let kept = std::env::var_os("TICKMARK_BENCH_WEB").map(PathBuf::from);
    let folder = kept.unwrap_or_else(|| bench.folder.join("web"));
    let (sample, large) = (folder.join("sample"), folder.join("large"));
    if !sample.is_dir() {
        demo(bench, &sample)?;
    }
    if !large.join("made").is_file() {
        grow(bench, &large)?;
    }
    let mb = |mb: f64| mb * 1e6 / 1024.0;
    let companies = vec![
        Company {
            name: "sample",
            title: "sample company",
            folder: sample,
            goal_ms: 10.0,
            goal_kib: mb(150.0),
        },
        Company {
            name: "large",
            title: "5,000 people, 500 controls, 1,000,000 entries",
            folder: large,
            goal_ms: 50.0,
            goal_kib: mb(1000.0),
        },
    ];
    Ok(companies)
}

fn demo(bench: &Bench, folder: &Path) -> Result<(), String> {
    output(
        Command::new(&bench.product)
            .arg("demo")
            .arg("--dir")
            .arg(folder),
    )
    .map(|_| ())
}

/// The demo, with the exports of a company many times as large over its own,
/// and a history.
fn grow(bench: &Bench, folder: &Path) -> Result<(), String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    }
    demo(bench, folder)?;
    let mut exports = Command::new(run::target().join("release/demo-data"));
    exports.args(["--scale", &SCALE.to_string(), "--out"]);
    output(exports.arg(folder.join("fernhollow")))?;
    let mut grow = bench.example("bench_company");
    grow.arg(folder)
        .arg(ENTRIES.to_string())
        .arg(&bench.product);
    let made = measured(&mut grow)?;
    eprintln!("made the large company: {made:?}");
    for (name, least) in [
        ("entries", f64::from(ENTRIES)),
        ("people", 5000.0),
        ("controls", 500.0),
    ] {
        let found = number(&made, name)?;
        if found < least {
            return Err(format!("the large company has {found} {name}, not {least}"));
        }
    }
    std::fs::write(folder.join("made"), format!("{made:?}\n")).map_err(|error| error.to_string())
}
