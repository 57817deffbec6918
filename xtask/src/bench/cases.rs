//! The cases over a whole population, in three engines that take turns, and the
//! imports that make their data.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use super::measure::{Measured, count, measured, median, megabytes, number, seconds};
use super::postgres::Postgres;
use super::{Bench, read};
use crate::run;

struct Case {
    name: &'static str,
    title: &'static str,
    /// The library's test.
    test: &'static str,
    /// Tables of the SQL engines, and the population each holds.
    tables: &'static [(&'static str, &'static str)],
}

const CASES: [Case; 3] = [
    Case {
        name: "merges",
        title: "merges without independent approval",
        test: "change-approved-by-another-person",
        tables: &[
            ("pull_requests", "pull_requests"),
            ("reviews", "reviews"),
            ("accounts_history", "developers"),
        ],
    },
    Case {
        name: "leaving",
        title: "sign-in after leaving",
        test: "no-sign-in-after-leaving",
        tables: &[
            ("leavers", "leavers"),
            ("people", "people"),
            ("accounts_history", "staff_accounts"),
            ("sign_ins", "sign_ins"),
        ],
    },
    Case {
        name: "factor",
        title: "second factor, as intervals",
        test: "second-factor-enrolled",
        tables: &[("accounts_history", "daily_accounts")],
    },
];

/// Values of the tests' parameters, as SQL.
const PARAMETERS: [(&str, &str); 5] = [
    ("$period_start", "DATE '2025-07-01'"),
    ("$period_end", "DATE '2026-06-30'"),
    ("$code_host", "'codehost'"),
    ("$bot_accounts", "'relay-autobump'"),
    ("$identity_provider", "'keyring'"),
];

/// Measurements of one engine in one case.
#[derive(Default)]
struct Series {
    seconds: Vec<f64>,
    peak_kib: f64,
}

impl Series {
    fn add(&mut self, measured: &Measured) -> Result<(), String> {
        self.seconds.push(number(measured, "seconds")?);
        self.peak_kib = self.peak_kib.max(number(measured, "peak_kib")?);
        Ok(())
    }

    fn median(&self) -> f64 {
        median(self.seconds.clone())
    }
}

/// Makes the data, lets the engines take turns, compares their answers.
pub fn run(bench: &Bench) -> Result<Vec<String>, String> {
    let imports = import(bench)?;
    let postgres = Postgres::start()?;
    load(bench, &postgres)?;
    let mut all: BTreeMap<(&str, &str), Series> = BTreeMap::new();
    for round in 0..bench.options.rounds {
        for case in &CASES {
            eprintln!(
                "round {} of {}: {}",
                round + 1,
                bench.options.rounds,
                case.name
            );
            let is_first = round == 0;
            let mut add = |engine, measured: Measured| {
                all.entry((case.name, engine)).or_default().add(&measured)
            };
            add("tickmark", tickmark(bench, case, is_first)?)?;
            add("duckdb", duckdb(bench, case, is_first)?)?;
            add("postgresql", postgresql(bench, &postgres, case, is_first)?)?;
            if is_first {
                compare(bench, case)?;
            }
        }
    }
    Ok(vec![
        cases_table(bench, &all),
        imports_table(bench, &imports)?,
    ])
}

/// Imports every population, each in a process of its own.
fn import(bench: &Bench) -> Result<BTreeMap<&'static str, Measured>, String> {
    let mut imports = BTreeMap::new();
    for (_, population) in CASES.iter().flat_map(|case| case.tables) {
        eprintln!("importing {population}");
        let mut command = bench.example("bench_data");
        command.arg(&bench.folder);
        command.args([&bench.options.scale.to_string(), *population]);
        imports.insert(*population, measured(&mut command)?);
    }
    Ok(imports)
}

fn list(bench: &Bench, population: &str) -> PathBuf {
    bench.folder.join(format!("{population}.list"))
}

/// Fills PostgreSQL's tables from the same Parquet files.
fn load(bench: &Bench, postgres: &Postgres) -> Result<(), String> {
    run::check(postgres.psql().arg("-f").arg(bench.file("postgresql.sql")))?;
    for case in &CASES {
        for (table, population) in case.tables {
            eprintln!("loading {population} into PostgreSQL");
            let csv = bench.folder.join("load.csv");
            let mut write = Command::new(&bench.python);
            write.arg(bench.file("duckdb_csv.py"));
            measured(write.arg(list(bench, population)).arg(&csv))?;
            let rows = File::open(&csv).map_err(|error| error.to_string())?;
            let copy = format!("COPY {}.{table} FROM STDIN (FORMAT csv)", case.name);
            run::check(postgres.psql().arg("-c").arg(copy).stdin(rows))?;
            std::fs::remove_file(&csv).map_err(|error| error.to_string())?;
        }
    }
    eprintln!("making PostgreSQL's indexes");
    run::check(
        postgres
            .psql()
            .arg("-f")
            .arg(bench.file("postgresql-indexes.sql")),
    )
}

/// The SQL both engines run: the library's, within what Tickmark does with its
/// rows.
fn query(bench: &Bench, case: &Case) -> Result<String, String> {
    let folder = run::root()
        .join("crates/control-tests/library")
        .join(case.test);
    let test = read(&folder.join("test.sql"))?;
    let around = bench.text(&format!("{}.sql", case.name))?;
    let query = around.replace("{test}", &test);
    Ok(PARAMETERS
        .iter()
        .fold(query, |query, (name, value)| query.replace(name, value)))
}

fn answer(bench: &Bench, case: &Case, engine: &str) -> PathBuf {
    bench.folder.join(format!("{}.{engine}.answer", case.name))
}

fn tickmark(bench: &Bench, case: &Case, is_first: bool) -> Result<Measured, String> {
    let mut command = bench.example("bench_runner");
    command.arg(&bench.folder).arg(case.name);
    if is_first {
        command.arg(answer(bench, case, "tickmark"));
    }
    measured(&mut command)
}

fn duckdb(bench: &Bench, case: &Case, is_first: bool) -> Result<Measured, String> {
    let file = bench.folder.join(format!("{}.duckdb.sql", case.name));
    std::fs::write(&file, query(bench, case)?).map_err(|error| error.to_string())?;
    let mut command = Command::new(&bench.python);
    command
        .arg(bench.file("duckdb_case.py"))
        .arg(bench.file("duckdb.sql"));
    command
        .arg(file)
        .arg(bench.file(&format!("{}.answer.sql", case.name)));
    if is_first {
        command.arg(answer(bench, case, "duckdb"));
    } else {
        command.arg("-");
    }
    for (table, population) in case.tables {
        command.arg(format!("{table}={}", list(bench, population).display()));
    }
    measured(&mut command)
}

/// PostgreSQL before 16 wants a name for every subquery, and `\copy` one line.
fn postgresql(
    bench: &Bench,
    postgres: &Postgres,
    case: &Case,
    is_first: bool,
) -> Result<Measured, String> {
    let nameless =
        Regex::new(r"(?m)(FROM \(SELECT [^\n]*\))$").map_err(|error| error.to_string())?;
    let query = query(bench, case)?;
    let query = nameless.replace_all(&query, "$1 AS inner_rows");
    let mut script = format!(
        "SET search_path = {}, public;\nSET TimeZone = 'UTC';\n\\timing on\nCREATE TEMP TABLE answer AS {query};\n\\timing off\n",
        case.name
    );
    if is_first {
        let answer_query = bench.text(&format!("{}.answer.sql", case.name))?;
        let line = answer_query
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let file = answer(bench, case, "postgresql");
        script.push_str(&format!(
            "\\copy ({line}) TO '{}' (DELIMITER '|', NULL '')\n",
            file.display()
        ));
    }
    let file = bench.folder.join(format!("{}.postgresql.sql", case.name));
    std::fs::write(&file, script).map_err(|error| error.to_string())?;
    postgres.measured(&file)
}

/// Fails where an engine's answer is not Tickmark's, line by line.
fn compare(bench: &Bench, case: &Case) -> Result<(), String> {
    let ours = answer(bench, case, "tickmark");
    for engine in ["duckdb", "postgresql"] {
        let theirs = answer(bench, case, engine);
        if let Some((number, our, their)) = first_difference(&ours, &theirs)? {
            return Err(format!(
                "the answers to `{}` differ in line {number}:\n  Tickmark: {our}\n  {engine}: {their}",
                case.name
            ));
        }
        std::fs::remove_file(theirs).map_err(|error| error.to_string())?;
    }
    std::fs::remove_file(ours).map_err(|error| error.to_string())
}

fn first_difference(a: &Path, b: &Path) -> Result<Option<(u64, String, String)>, String> {
    let lines = |path: &Path| {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<_, String>(BufReader::new(file).lines())
    };
    let (mut a, mut b) = (lines(a)?, lines(b)?);
    for number in 1.. {
        let next = |side: Option<std::io::Result<String>>| {
            side.transpose().map_err(|error| error.to_string())
        };
        match (next(a.next())?, next(b.next())?) {
            (None, None) => return Ok(None),
            (ours, theirs) if ours == theirs => {}
            (ours, theirs) => {
                let told = |line: Option<String>| line.unwrap_or_else(|| "no line".to_owned());
                return Ok(Some((number, told(ours), told(theirs))));
            }
        }
    }
    Ok(None)
}

fn cases_table(bench: &Bench, all: &BTreeMap<(&str, &str), Series>) -> String {
    let n = bench.options.scale as f64;
    let data = |case: &Case| match case.name {
        "merges" => format!("{} changes, {} reviews", count(1e6 * n), count(2e6 * n)),
        "leaving" => format!("{} events, {} leavers", count(1e7 * n), count(3e3 * n)),
        _ => format!("{} accounts, 365 days", count(5e3 * n)),
    };
    let none = Series::default();
    let rows = CASES.iter().map(|case| {
        let of = |engine| all.get(&(case.name, engine)).unwrap_or(&none);
        let (ours, duckdb, postgresql) = (of("tickmark"), of("duckdb"), of("postgresql"));
        format!(
            "| {} | {} | {} | {} | {} | {:.2} | {:.1} | {} / {} / {} |",
            case.title,
            data(case),
            seconds(ours.median()),
            seconds(duckdb.median()),
            seconds(postgresql.median()),
            duckdb.median() / ours.median(),
            postgresql.median() / ours.median(),
            megabytes(ours.peak_kib),
            megabytes(duckdb.peak_kib),
            megabytes(postgresql.peak_kib)
        )
    });
    let head = "| case | data | Tickmark | DuckDB | PostgreSQL | times DuckDB's speed | times PostgreSQL's | peak memory of each |\n|---|---|---|---|---|---|---|---|";
    format!(
        "## Whole-population tests\n\n{head}\n{}",
        rows.collect::<Vec<_>>().join("\n")
    )
}

fn imports_table(bench: &Bench, imports: &BTreeMap<&str, Measured>) -> Result<String, String> {
    let sign_ins = imports
        .get("sign_ins")
        .ok_or("the sign-ins were not imported")?;
    let (rows, taken) = (number(sign_ins, "rows")?, number(sign_ins, "seconds")?);
    let git = measured(bench.example("bench_git").arg("100000"))?;
    let (commits, git_taken) = (number(&git, "commits")?, number(&git, "seconds")?);
    Ok(format!(
        "## Import\n\n| case | time | per second | peak memory |\n|---|---|---|---|\n| CSV, {} rows, {:.0} MB | {} | {} rows | {} |\n| git, {} commits | {} | {} commits | {} |",
        count(rows),
        number(sign_ins, "raw_bytes")? / 1e6,
        seconds(taken),
        count(rows / taken),
        megabytes(number(sign_ins, "peak_kib")?),
        count(commits),
        seconds(git_taken),
        count(commits / git_taken),
        megabytes(number(&git, "peak_kib")?)
    ))
}
