//! `cargo xtask bench`: ratios, measured side by side in one run.

use crate::run;

/// Runs the benchmark programs and prints what they measured.
///
/// Covered so far: the ledger (appends against plain SQLite inserts of the same
/// rows, verification against bare leaf hashing, replay). docs/BENCHMARKS.md
/// says what is not measured yet.
pub fn run(arguments: &[String]) -> Result<(), String> {
    run::example("tickmark-ledger", "bench_ledger", arguments)
}
