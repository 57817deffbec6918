//! Runs control tests of the library over the populations of `cargo xtask
//! bench`, the way the product runs them, and times it.
//!
//! `bench_runner FOLDER CASE [ANSWER]`: reads the snapshots that
//! `bench_data` made, runs the case once through `Runner::run_all` (digests,
//! gate, limits, contract of the rows, folding into intervals) and prints
//! seconds, items and the peak memory of the process. With ANSWER it then
//! writes the items as lines, to be compared with those of other engines.

mod answer;
mod cases;
mod small;

use std::path::{Path, PathBuf};
use std::time::Instant;

use tickmark_catalog::Problem;
use tickmark_control_tests::TestResult;
use tickmark_runner::{RunOptions, Runner, RunnerConfig};

use cases::Case;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Threads, as many as the engines beside it are given.
const CORES: usize = 2;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, name, answer) = match arguments.as_slice() {
        [folder, name] => (PathBuf::from(folder), name, None),
        [folder, name, answer] => (PathBuf::from(folder), name, Some(PathBuf::from(answer))),
        _ => return Err("usage: bench_runner FOLDER CASE [ANSWER]".into()),
    };
    if name == "small" {
        return small::run(&folder);
    }
    let case = Case::named(name)?;
    let result = timed(&folder, &case)?;
    if let Some(path) = answer {
        answer::write(&path, &result, case.detail)?;
    }
    Ok(())
}

fn timed(folder: &Path, case: &Case) -> Outcome<TestResult> {
    let datasets = case.datasets(folder)?;
    let test = case.test()?;
    let start = Instant::now();
    let runner = Runner::new(config(folder))?;
    let results = runner.run_all(&datasets, &[test], &RunOptions::default());
    let seconds = start.elapsed().as_secs_f64();
    let result = one(results)?;
    println!("seconds={seconds:.4}");
    println!("items={}", result.items.len());
    println!("deviations={}", result.counts.deviations);
    println!("peak_kib={}", peak_memory_kib().unwrap_or_default());
    Ok(result)
}

/// The limits of the product, but time enough for ten times the data.
fn config(folder: &Path) -> RunnerConfig {
    RunnerConfig {
        time_limit_ms: 600_000,
        row_limit: 200_000_000,
        ..RunnerConfig::new(folder, CORES)
    }
}

fn one(results: Vec<Result<TestResult, Problem>>) -> Outcome<TestResult> {
    let first = results.into_iter().next();
    Ok(first.ok_or("no test was run")??)
}

/// Peak resident memory of this process, where the system tells it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
