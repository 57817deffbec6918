//! The child process that runs SQL a user wrote, on its own: what the hidden
//! command `tickmark runner` does, for the tests of this crate and for those
//! who want to put only this part into a sandbox of their own.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tickmark_runner::child_main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
