//! `cargo xtask bench`: ratios, measured side by side in one run.
//!
//! What must hold: every engine reads the same rows and runs the same library
//! SQL, and a run whose answers differ fails; each measurement is a process of
//! its own; sides take turns, and medians count; what was started is stopped.

mod cases;
mod measure;
mod others;
mod postgres;
mod web;

use std::path::PathBuf;
use std::process::Command;

use crate::run;

/// What the user asked for.
pub struct Options {
    /// How many times the default volume.
    pub scale: u64,
    /// How often each side is measured.
    pub rounds: usize,
    /// How long each page is under load.
    pub seconds: u32,
    /// Parts to run; all where empty.
    pub only: Vec<String>,
}

/// The parts, in the order in which they run.
const PARTS: [&str; 5] = ["populations", "small", "ledger", "report", "web"];

/// Programs and folders of a run.
pub struct Bench {
    /// Folder for everything that is made; removed at the end.
    pub folder: PathBuf,
    /// The executable that serves: the one `TICKMARK` names, else the one built.
    pub product: PathBuf,
    /// Python with DuckDB, where a part needs it.
    pub python: PathBuf,
    /// What was asked for.
    pub options: Options,
}

/// Measures everything and prints tables for docs/BENCHMARKS.md.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let options = options(arguments)?;
    let named = std::env::var_os("TICKMARK").map(PathBuf::from);
    if named.is_none() || options.only != ["web"] {
        build()?;
    }
    let folder = run::target()
        .join("bench")
        .join(format!("scale-{}", options.scale));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let needs_duckdb = options.wants("populations");
    let bench = Bench {
        python: match needs_duckdb {
            true => run::python("bench", &["duckdb==2.0.0"])?,
            false => PathBuf::new(),
        },
        product: named.unwrap_or_else(run::product),
        folder,
        options,
    };
    let measured = parts(&bench);
    let removed = std::fs::remove_dir_all(&bench.folder).map_err(|error| error.to_string());
    for table in measured? {
        println!("\n{table}");
    }
    removed
}

fn parts(bench: &Bench) -> Result<Vec<String>, String> {
    let mut tables = Vec::new();
    for part in PARTS {
        if !bench.options.wants(part) {
            continue;
        }
        tables.extend(match part {
            "populations" => cases::run(bench)?,
            "small" => vec![others::small(bench)?],
            "ledger" => vec![others::ledger(bench)?],
            "report" => vec![others::report(bench)?],
            _ => vec![web::run(bench)?],
        });
    }
    Ok(tables)
}

impl Options {
    /// Whether a part is to run.
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| it == part)
    }
}

impl Bench {
    /// One of the programs built for measuring.
    pub fn example(&self, name: &str) -> Command {
        Command::new(run::target().join("release/examples").join(name))
    }

    /// A file of this chore: SQL or a script.
    pub fn file(&self, name: &str) -> PathBuf {
        run::root().join("xtask/bench").join(name)
    }

    /// The text of a file of this chore.
    pub fn text(&self, name: &str) -> Result<String, String> {
        read(&self.file(name))
    }
}

/// Reads a file as text.
pub fn read(path: &std::path::Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Builds the product and the programs that measure it, with the features of
/// the whole workspace.
fn build() -> Result<(), String> {
    let mut arguments = vec!["build", "--release", "--workspace", "--locked"];
    arguments.extend(["--bin", "tickmark", "--bin", "demo-data"]);
    for example in [
        "bench_data",
        "bench_runner",
        "bench_git",
        "bench_ledger",
        "bench_pdf",
        "bench_company",
    ] {
        arguments.extend(["--example", example]);
    }
    run::check(&mut run::cargo(&arguments))
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        scale: 1,
        rounds: 5,
        seconds: 2,
        only: Vec::new(),
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            let value = rest.next().cloned();
            value.ok_or_else(|| format!("`{argument}` needs a value"))
        };
        let number = |text: String| {
            let number = text.parse::<u32>().ok().filter(|number| *number > 0);
            number.ok_or_else(|| format!("`{text}` is not a number from 1"))
        };
        match argument.as_str() {
            "--scale" => options.scale = u64::from(number(value()?)?),
            "--rounds" => options.rounds = number(value()?)? as usize,
            "--seconds" => options.seconds = number(value()?)?,
            "--only" => options.only.push(part(&value()?)?),
            other if other.starts_with('-') => {
                return Err(format!("`bench` has no option `{other}`"));
            }
            other => options.only.push(part(other)?),
        }
    }
    Ok(options)
}

/// The name of a part.
fn part(name: &str) -> Result<String, String> {
    if PARTS.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(format!(
        "there is no part `{name}`; there is {}",
        PARTS.join(", ")
    ))
}
