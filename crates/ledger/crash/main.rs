//! Crash tests of the ledger: not shipped, run by the tests in a sampled form
//! and in full by `cargo xtask crash`.
//!
//! Three harnesses, each with a negative control that must fail, so that we
//! know the harness would notice:
//! - `kill`: a crowd of callers, killed at a random moment, again and again;
//!   control: entries acknowledged before they are durable
//! - `faults`: strace makes one system call fail or kills the process there;
//!   control: the same
//! - `power`: everything written and synced is recorded, and disks are built
//!   in which what was not synced is lost, kept or torn at 512 bytes;
//!   control: `synchronous` weaker than `FULL`
//!
//! After every crash the ledger must open, pass fsck with everything that was
//! acknowledged and signed, and go on.

mod dice;
mod disk;
mod faults;
mod judge;
mod kill;
mod power;
mod trace;
mod workload;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: ledger-crash kill|faults|power --count N [--seed S] [--control]";

/// Result of a harness; the error says what went wrong.
pub type Outcome<T> = Result<T, String>;

/// What the harness was asked for.
pub struct Options {
    named: HashMap<String, String>,
    /// Run the negative control instead.
    pub control: bool,
}

impl Options {
    fn parse(args: &[String]) -> Outcome<Self> {
        let mut options = Self {
            named: HashMap::new(),
            control: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match (arg.as_str(), arg.strip_prefix("--")) {
                ("--control", _) => options.control = true,
                (_, Some(name)) => {
                    let value = args.next().ok_or(USAGE)?;
                    options.named.insert(name.to_owned(), value.clone());
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }

    /// A number given by name.
    pub fn number(&self, name: &str, default: u64) -> Outcome<u64> {
        match self.named.get(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name} takes a number")),
        }
    }

    /// A text given by name.
    pub fn text(&self, name: &str, default: &str) -> String {
        self.named
            .get(name)
            .map_or(default, String::as_str)
            .to_owned()
    }

    /// The folder given by `--folder`.
    pub fn folder(&self) -> Outcome<PathBuf> {
        self.named
            .get("folder")
            .map(PathBuf::from)
            .ok_or_else(|| USAGE.into())
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Outcome<ExitCode> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    let options = Options::parse(rest)?;
    let told = match command.as_str() {
        "tour" => return workload::tour(&options),
        "crowd" => return workload::crowd(&options),
        "kill" => kill::run(&options)?,
        "faults" => faults::run(&options)?,
        "power" => power::run(&options)?,
        _ => return Err(USAGE.into()),
    };
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}

/// Turns what a harness found into its outcome: nothing may be found, except
/// by the control, which must find something.
pub fn conclude(control: bool, what: &str, problems: &[String]) -> Outcome<String> {
    match (control, problems.first()) {
        (false, None) => Ok(format!("{what}: nothing lost, nothing wrong")),
        (false, Some(_)) => Err(format!("{what}\n{}", problems.join("\n"))),
        (true, Some(first)) => Ok(format!(
            "{what}: the control fails as it must, {} times, such as: {first}",
            problems.len()
        )),
        (true, None) => Err(format!(
            "{what}: the control found nothing, so this harness would not notice"
        )),
    }
}

/// A folder that is removed when dropped.
pub struct TemporaryFolder(pub PathBuf);

impl TemporaryFolder {
    /// A new folder below the system's temporary folder.
    pub fn new(name: &str) -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("ledger-crash-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
