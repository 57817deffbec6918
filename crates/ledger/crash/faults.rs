//! One system call fails, or the process dies at it: every kind of file call,
//! at points drawn from all of them. Needs strace.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Command;

use crate::dice::Dice;
use crate::judge::{Promised, judge};
use crate::kill::own_path;
use crate::{Options, Outcome, TemporaryFolder, conclude};

/// File calls that can fail in a way that matters.
const CALLS: &str = "openat,mkdir,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,pread64";
/// The calls a commit consists of: only there does an entry that was
/// acknowledged too early get lost, so the control looks there.
const COMMIT_CALLS: &[&str] = &["pwrite64", "fdatasync"];
/// What happens at the call.
const FAULTS: &[&str] = &["signal=SIGKILL", "error=EIO", "error=ENOSPC"];

/// Tries `--count` points: half on a new ledger, half on one that exists.
pub fn run(options: &Options) -> Outcome<String> {
    let count = options.number("count", 12)?;
    let mut dice = Dice::new(options.number("seed", 1)?);
    let place = TemporaryFolder::new("faults")?;
    let base = place.0.join("base");
    let mut before = Promised::default();
    before.hear_all(&tour(&base, &[], 1, 0, false)?.stdout);
    let mut points = [
        count_calls(&place.0.join("new"), None)?,
        count_calls(&place.0.join("old"), Some(&base))?,
    ];
    if options.control {
        for calls in &mut points {
            calls.retain(|call, _| COMMIT_CALLS.contains(&call.as_str()));
        }
    }
    let (mut problems, mut struck) = (Vec::new(), 0);
    for sample in 0..count {
        let existing = sample % 2 == 1;
        let Some((call, when)) = draw(&mut dice, points.get(usize::from(existing))) else {
            return Err("strace recorded no calls".into());
        };
        let fault = dice.pick(FAULTS).copied().unwrap_or("error=EIO");
        let inject = format!("inject={call}:{fault}:when={when}");
        let folder = place.0.join(format!("sample-{sample}"));
        let promised = if existing {
            before.clone()
        } else {
            Promised::default()
        };
        if existing {
            copy_folder(&base, &folder)?;
        }
        let found = try_point(&folder, promised, &inject, sample + 2, options.control)?;
        struck += u64::from(found.struck);
        let found = found.problems.into_iter();
        problems.extend(found.map(|problem| format!("{inject}: {problem}")));
        let _ = std::fs::remove_dir_all(&folder);
    }
    let all: u64 = points.iter().flat_map(|calls| calls.values()).sum();
    let all = all * FAULTS.len() as u64;
    let what = format!("{count} of {all} fault points, {struck} of them ended the run");
    // A fault that never comes shows nothing, whatever is judged afterwards.
    if struck * 4 < count {
        return Err(format!(
            "{what}: too few for this harness to notice anything"
        ));
    }
    conclude(options.control, &what, &problems)
}

/// What trying one point showed.
struct Tried {
    /// The fault ended the run.
    struck: bool,
    problems: Vec<String>,
}

/// Runs with the fault, judges, runs again without, judges again.
fn try_point(
    folder: &Path,
    mut promised: Promised,
    inject: &str,
    seed: u64,
    early: bool,
) -> Outcome<Tried> {
    let entries = promised.count();
    let output = tour(folder, &["-e", inject], seed, entries, early)?;
    promised.hear_all(&output.stdout);
    let mut problems = judge(folder, &promised);
    let again = tour(folder, &[], seed + 1000, 0, false)?;
    if !again.status.success() {
        let why = String::from_utf8_lossy(&again.stderr).into_owned();
        problems.push(format!("the next run fails: {why}"));
    }
    promised.hear_all(&again.stdout);
    problems.extend(judge(folder, &promised));
    Ok(Tried {
        struck: !output.status.success(),
        problems,
    })
}

/// Runs the workload, under strace when there is something to inject.
fn tour(
    folder: &Path,
    strace: &[&str],
    seed: u64,
    entries: u64,
    early: bool,
) -> Outcome<std::process::Output> {
    let mut command = match strace {
        [] => Command::new(own_path()?),
        _ => {
            let mut command = Command::new("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
            command
                .arg(format!("trace={CALLS}"))
                .args(strace)
                .arg(own_path()?);
            command
        }
    };
    command
        .args([
            "tour",
            "--seed",
            &seed.to_string(),
            "--entries",
            &entries.to_string(),
        ])
        .args(["--early", if early { "1" } else { "0" }, "--folder"])
        .arg(folder)
        .output()
        .map_err(|error| format!("strace: {error}; install it, it is a package of that name"))
}

/// How often each call is made by the thread that makes it most: strace counts
/// per thread.
fn count_calls(folder: &Path, base: Option<&Path>) -> Outcome<BTreeMap<String, u64>> {
    if let Some(base) = base {
        copy_folder(base, folder)?;
    }
    let log = folder.with_extension("trace");
    let ran = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&log)
        .args(["-e", &format!("trace={CALLS}")])
        .arg(own_path()?)
        .args(["tour", "--folder"])
        .arg(folder)
        .output()
        .map_err(|error| format!("strace: {error}; install it, it is a package of that name"))?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    let text = std::fs::read_to_string(&log).map_err(|error| error.to_string())?;
    let mut per_thread: HashMap<(&str, &str), u64> = HashMap::new();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let Some((call, _)) = rest.trim_start().split_once('(') else {
            continue;
        };
        *per_thread.entry((thread, call)).or_default() += 1;
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in per_thread {
        let known = most.entry(call.to_owned()).or_insert(0);
        *known = count.max(*known);
    }
    Ok(most)
}

/// One call and which of its occurrences.
fn draw<'a>(dice: &mut Dice, calls: Option<&'a BTreeMap<String, u64>>) -> Option<(&'a str, u64)> {
    let names: Vec<&String> = calls?.keys().collect();
    let name = dice.pick(&names)?;
    Some((name, 1 + dice.below(*calls?.get(*name)?)))
}

/// Copies a folder with everything in it.
fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    let fail = |error: std::io::Error| format!("{}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(fail)?;
    for entry in std::fs::read_dir(from).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(fail)?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target).map_err(fail)?;
        }
    }
    Ok(())
}
