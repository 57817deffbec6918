//! The command behind `cargo xtask demo-data`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match demo_data::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(told) => {
            eprintln!("error: {told}");
            ExitCode::FAILURE
        }
    }
}
