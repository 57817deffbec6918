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
    let cli = Cli::parse();
    let outcome = commands::run(cli);
    ExitCode::from(outcome.unwrap_or_else(|error| {
        output::error(&error);
        error.exit_code()
    }))
}
