//! SIGKILL at a random moment, over and over, on one and the same ledger.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::dice::Dice;
use crate::judge::{Promised, judge};
use crate::{Options, Outcome, TemporaryFolder, conclude};

/// Number of the signal that ends a process at once.
const SIGKILL: i32 = 9;

/// Runs `--count` rounds of 1, 4 or 16 callers, each ended by a kill.
pub fn run(options: &Options) -> Outcome<String> {
    let count = options.number("count", 5)?;
    let seed = options.number("seed", 1)?;
    let mut dice = Dice::new(seed);
    let folder = TemporaryFolder::new("kill")?;
    let mut promised = Promised::default();
    let mut problems = Vec::new();
    for round in 0..count {
        let callers = if options.control {
            1
        } else {
            *dice.pick(&[1, 4, 16]).unwrap_or(&4)
        };
        let entries = size_of(&folder.0)?;
        let lines = 1 + dice.below(120);
        let heard = killed(
            &folder.0,
            round + seed * 1000,
            callers,
            entries,
            lines,
            options.control,
        )?;
        promised.receipts.extend(heard.receipts);
        promised.early.extend(heard.early);
        promised.signed.extend(heard.signed);
        promised.broken.extend(heard.broken);
        problems.extend(judge(&folder.0, &promised));
    }
    let what = format!("{count} kills, {} acknowledged entries", promised.count());
    conclude(options.control, &what, &problems)
}

/// Starts a crowd, kills it once it has said `lines` lines, and returns all it said.
fn killed(
    folder: &Path,
    seed: u64,
    callers: u64,
    entries: u64,
    lines: u64,
    early: bool,
) -> Outcome<Promised> {
    let mut child = Command::new(own_path()?)
        .args([
            "crowd",
            "--seed",
            &seed.to_string(),
            "--callers",
            &callers.to_string(),
        ])
        .args([
            "--entries",
            &entries.to_string(),
            "--early",
            if early { "1" } else { "0" },
        ])
        .arg("--folder")
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let said = child.stdout.take().ok_or("the child has no output")?;
    let mut said = BufReader::new(said);
    let mut output = Vec::new();
    for _ in 0..lines {
        let read = said
            .read_until(b'\n', &mut output)
            .map_err(|e| e.to_string())?;
        if read == 0 {
            break;
        }
    }
    child.kill().map_err(|error| error.to_string())?;
    // What it wrote before it died still counts.
    std::io::Read::read_to_end(&mut said, &mut output).map_err(|e| e.to_string())?;
    let ended = child.wait().map_err(|error| error.to_string())?;
    let mut promised = Promised::default();
    promised.hear_all(&output);
    if ended.signal() != Some(SIGKILL) {
        let why = format!("the crowd ended by itself ({ended}) before it was killed");
        promised.broken.push(why);
    }
    Ok(promised)
}

fn size_of(folder: &Path) -> Outcome<u64> {
    match tickmark_ledger::LedgerReader::open(&folder.join("data/ledger.db")) {
        Ok(reader) => reader
            .head()
            .map(|head| head.size)
            .map_err(|e| e.to_string()),
        Err(_) => Ok(0),
    }
}

/// This program.
pub fn own_path() -> Outcome<std::path::PathBuf> {
    std::env::current_exe().map_err(|error| error.to_string())
}
