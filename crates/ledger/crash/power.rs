//! Simulated power loss: record one run, then build many disks as a cut at any
//! moment could have left them, and judge each. Needs strace.

use std::path::Path;
use std::process::Command;

use crate::dice::Dice;
use crate::disk::Disk;
use crate::judge::{Promised, judge};
use crate::kill::own_path;
use crate::trace::{CALLS, Step, parse};
use crate::{Options, Outcome, TemporaryFolder, conclude};

/// Judges `--count` states; the control runs with `--synchronous`
/// (`NORMAL` unless given).
pub fn run(options: &Options) -> Outcome<String> {
    let count = options.number("count", 60)?;
    let mut dice = Dice::new(options.number("seed", 1)?);
    let weakened = options.text("synchronous", "NORMAL");
    let synchronous = if options.control {
        weakened.as_str()
    } else {
        "FULL"
    };
    let place = TemporaryFolder::new(&format!("power-{synchronous}"))?;
    let recorded = place.0.join("recorded");
    let steps = record(&recorded, synchronous)?;
    let mut problems = Vec::new();
    for state in 0..count {
        let strict = state % 3 == 2;
        let at = dice.below(steps.len() as u64 + 1) as usize;
        let image = place.0.join(format!("state-{state}"));
        let promised = build(&recorded, &steps, at, strict, &mut dice, &image)?;
        let found = judge(&image, &promised);
        problems.extend(
            found
                .iter()
                .map(|problem| format!("cut at step {at}: {problem}")),
        );
        let _ = std::fs::remove_dir_all(&image);
    }
    let what = format!(
        "{count} power cuts over {} steps, synchronous={synchronous}",
        steps.len()
    );
    conclude(options.control, &what, &problems)
}

/// Runs the workload under strace and returns what it did.
fn record(folder: &Path, synchronous: &str) -> Outcome<Vec<Step>> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let log = folder.with_extension("trace");
    let ran = Command::new("strace")
        .args(["-f", "-qq", "-y", "-xx", "-s", "1000000", "-o"])
        .arg(&log)
        .args(["-e", &format!("trace={CALLS}")])
        .arg(own_path()?)
        .args(["tour", "--synchronous", synchronous, "--folder"])
        .arg(folder)
        .output()
        .map_err(|error| format!("strace: {error}; install it, it is a package of that name"))?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    parse(&std::fs::read_to_string(&log).map_err(|error| error.to_string())?)
}

/// Builds the disk after the first `at` steps and returns what was promised by
/// then: the lines written to standard output.
fn build(
    recorded: &Path,
    steps: &[Step],
    at: usize,
    strict: bool,
    dice: &mut Dice,
    image: &Path,
) -> Outcome<Promised> {
    let mut disk = Disk::new(recorded, strict);
    let mut said = Vec::new();
    for step in steps.iter().take(at) {
        disk.apply(step);
        if let Step::Write {
            path,
            offset: None,
            bytes,
        } = step
            && path.starts_with("pipe:")
        {
            said.extend_from_slice(bytes);
        }
    }
    disk.cut(dice, image)?;
    let mut promised = Promised::default();
    promised.hear_all(&said);
    Ok(promised)
}
