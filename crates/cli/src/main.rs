//! The one executable, `tickmark`.
//!
//! What must hold: this is the only place that reads the system's clock, its
//! randomness and its environment; commands are thin on top of the realms;
//! exit codes are 0 fine, 1 deviations or failures found, 2 usage or input that
//! cannot be accepted, 3 damaged evidence, 70 a write that failed part way.

mod args;
mod commands;
mod output;
mod surroundings;

use std::process::ExitCode;

use clap::Parser;

use args::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let json = cli.global.json;
    let outcome = commands::run(cli);
    ExitCode::from(outcome.unwrap_or_else(|error| {
        let code = error.exit_code();
        output::error(error, json);
        code
    }))
}

/// Help and version as wanted, or what is wrong with the command line.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
        output::usage_error(error);
        return ExitCode::from(2);
    }
    // Nobody reads it: nothing is wrong with the command.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
