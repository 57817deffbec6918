//! The system's clock and randomness, where keys live and where this program
//! lies: read here and nowhere else.

use std::path::PathBuf;

use jiff::Timestamp;
use tickmark_catalog::Problem;
use tickmark_realm::{Error, Result, Surroundings};

/// The time now.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Fills `bytes` from the system's random source; ends the process when there
/// is none, since nothing could be salted or signed.
pub fn random(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        eprintln!("error: the system has no random numbers\n  Caused by: {error}");
        std::process::exit(70);
    }
}

/// The system's clock and randomness.
pub fn system() -> Surroundings {
    Surroundings::new(now, random, executable())
}

/// This program, to be started again for work in a process of its own. Where
/// the system does not tell, it is looked for by its name.
pub fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("tickmark"))
}

/// The folder of keys: as given, else below the user's configuration folder.
pub fn keys(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder);
    }
    let configuration = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
    let nowhere = || {
        Error::from(
            Problem::new("there is no place for keys")
                .hint("name a folder outside the workspace with `--keys DIR`"),
        )
    };
    Ok(configuration
        .or(home)
        .ok_or_else(nowhere)?
        .join("tickmark/keys"))
}
