//! Running the program and reading what it says.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a run of the program came to.
#[derive(Debug)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Told {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Insists on an exit code; shows everything said when it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// Standard error with `folder` written as `DIR`, for snapshots.
    pub fn complaint(&self, folder: &Path) -> String {
        self.err.replace(&folder.display().to_string(), "DIR")
    }
}

/// The program, without anything of the user's surroundings.
pub fn command() -> Command {
    program(Path::new(env!("CARGO_BIN_EXE_tickmark")))
}

/// A copy of the program at `path`, started like [`command`].
pub fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("TICKMARK_KEYS", "/nonexistent/keys")
        .stdin(Stdio::null());
    command
}

/// Runs the program with `arguments`.
pub fn tickmark<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Told {
    Told::from(command().args(arguments).output().unwrap())
}

/// Runs a prepared command.
pub fn run(command: &mut Command) -> Told {
    Told::from(command.output().unwrap())
}

/// The words of a command line, split at spaces.
pub fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
