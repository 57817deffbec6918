//! Chores of the repository: `cargo xtask <chore>`.
//!
//! No chore changes what the product does; each is a plain function that says
//! what went wrong as text.

mod demo_data;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.split_first() {
        Some((chore, rest)) if chore == "demo-data" => demo_data::run(rest),
        _ => Err("name a chore: demo-data".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(told) => {
            eprintln!("error: {told}");
            ExitCode::FAILURE
        }
    }
}
