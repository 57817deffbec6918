//! `cargo xtask crash`: the crash harnesses of the ledger in full, with their
//! negative controls. `--count N` sets how many of each (default 400);
//! `--seed S` picks others.

use std::process::Command;

/// Runs every harness and its control, and reports each.
///
/// # Errors
/// Names the harnesses that failed, after all have run.
pub fn run(args: &[String]) -> Result<(), String> {
    let count = option(args, "--count")?.unwrap_or(400);
    let seed = option(args, "--seed")?.unwrap_or(1);
    let control = (count / 4).max(20);
    let runs: [(&[&str], u64); 7] = [
        (&["kill"], count),
        (&["kill", "--control"], control),
        (&["faults"], count),
        (&["faults", "--control"], control),
        (&["power"], count),
        (&["power", "--control"], control),
        (&["power", "--control", "--synchronous", "OFF"], control),
    ];
    let mut failed = Vec::new();
    for (harness, count) in runs {
        if !harness_passes(harness, count, seed)? {
            failed.push(harness.join(" "));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("crash harnesses failed: {}", failed.join(", ")))
    }
}

fn harness_passes(harness: &[&str], count: u64, seed: u64) -> Result<bool, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let crate_and_binary = ["-p", "tickmark-ledger", "--bin", "ledger-crash"];
    Command::new(cargo)
        .args(["run", "--quiet", "--release"])
        .args(crate_and_binary)
        .arg("--")
        .args(harness)
        .args(["--count", &count.to_string(), "--seed", &seed.to_string()])
        .status()
        .map(|status| status.success())
        .map_err(|error| format!("cargo: {error}"))
}

/// The number after `name`, where it is given.
fn option(args: &[String], name: &str) -> Result<Option<u64>, String> {
    let Some(at) = args.iter().position(|arg| arg == name) else {
        return Ok(None);
    };
    args.get(at + 1)
        .and_then(|text| text.parse().ok())
        .map(Some)
        .ok_or_else(|| format!("{name} takes a number"))
}
