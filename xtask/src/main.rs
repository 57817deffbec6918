//! Chores of the workspace: `cargo xtask CHORE`, as [`HELP`] names them.
//!
//! What must hold: every chore is what the README and the continuous run call,
//! installs what it needs from Debian, PyPI, npm or crates.io, and fails loudly.

mod api;
mod bench;
mod browser;
mod crash;
mod run;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
chores of the Tickmark workspace

usage: cargo xtask CHORE [OPTIONS]

chores:
  tidy        format, lints, layering, docs, links, README snippets, licences, spelling
  files       the checks of tidy that only read files
  test        every test, installing what the tests need
  browser     the pages in a browser, by role                [-- ARGUMENTS OF PLAYWRIGHT]
  bench       measurements against DuckDB, PostgreSQL and plain SQLite, and of the pages
              under load: [PART …] [--rounds N] [--seconds N]; see docs/BENCHMARKS.md
  demo-data   writes the sample company's raw exports   [--seed S] [--scale N] [--pack a|b] [--out DIR] [--check]
  api         the programming interface against its own document   [SCHEMATHESIS OPTIONS]
  crash       the ledger's crash harnesses in full      [--count N] [--seed S]
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let outcome = match chore.as_str() {
        "tidy" => tidy::run(&rest),
        "files" => tidy::without_building(),
        "test" => test::run(&rest),
        "browser" => browser::run(&rest),
        "bench" => bench::run(&rest),
        "demo-data" => run::workspace_binary("demo-data", &rest),
        "api" => api::run(&rest),
        "crash" => crash::run(&rest),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => Err(format!("there is no chore `{other}`\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
