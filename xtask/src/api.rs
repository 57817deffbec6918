//! `cargo xtask api`: the programming interface against its own document.
//!
//! Schemathesis makes requests of what the document says, right and wrong ones,
//! and compares the answers with it. What must hold: it runs bounded, over a
//! copy of the demo and with a token of that copy; a finding fails the command;
//! where the package cannot be had, the command fails and says so.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::run;

/// The version whose findings were looked at.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Requests for each operation and phase.
const EXAMPLES: &str = "12";

/// Longest run of all phases together, in seconds.
const SECONDS: &str = "60";

/// Everything is checked but what does not fit this interface:
/// `positive_data_acceptance` takes an id that no control has for data that
/// should be accepted, and `ignored_auth` is what our own tests of every
/// operation check.
const NOT_CHECKED: &str = "positive_data_acceptance,ignored_auth";

/// Tests the interface of the executable that `TICKMARK` names, else of one
/// that is built now.
///
/// # Errors
/// When something cannot be installed, or anything is found.
pub fn run(arguments: &[String]) -> Result<(), String> {
    test(&run::named_or_built()?, arguments)
}

/// Tests the interface of an executable that is there.
///
/// # Errors
/// As [`run`].
pub fn test(product: &Path, arguments: &[String]) -> Result<(), String> {
    let product = std::path::absolute(product).map_err(|error| error.to_string())?;
    let python = run::python("schemathesis", &[SCHEMATHESIS])?;
    let folder = run::target().join("api");
    let failed = |error: std::io::Error| format!("`{}`: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    fs::create_dir_all(&folder).map_err(failed)?;
    run::check(
        Command::new(&product)
            .args(["demo", "--dir"])
            .arg(folder.join("demo")),
    )?;
    let demo = folder.join("demo");
    let owner = token(&product, &demo, "fernhollow", "company", "owner")?;
    let partner = token(&product, &demo, "brindlewood", "firm", "brw-partner")?;
    let server = Server::start(&product, &demo)?;
    for (token, paths) in [(owner, "."), (partner, "^/api/v1/engagement")] {
        let mut check = Command::new(&python);
        check
            .args(["-m", "schemathesis.cli", "run"])
            .arg(format!("{}/api/v1/openapi.json", server.address))
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--include-path-regex", paths])
            .args(["--max-examples", EXAMPLES, "--max-time", SECONDS])
            .args(["--phases", "examples,coverage,fuzzing"])
            .args(["--generation-deterministic", "--workers", "2"])
            .args(["--exclude-checks", NOT_CHECKED, "--request-timeout", "30"])
            .args(["--continue-on-failure", "--no-color"])
            .args(arguments)
            // The cache of examples it keeps below the folder it is run in.
            .env("HYPOTHESIS_STORAGE_DIRECTORY", folder.join("hypothesis"));
        run::check(&mut check)?;
    }
    Ok(())
}

/// A token of one of the demo's people, issued before the server has the
/// workspace. `realm` and `keys`: folders of the demo and of its keys.
fn token(
    product: &Path,
    demo: &Path,
    realm: &str,
    keys: &str,
    account: &str,
) -> Result<String, String> {
    let output = Command::new(product)
        .arg("--workspace")
        .arg(demo.join(realm))
        .arg("--keys")
        .arg(demo.join("keys").join(keys))
        .args(["token", "issue", "--account", account, "--days", "1"])
        .args(["--scopes", "read,write_program,write_evidence,run_tests"])
        .output()
        .map_err(|error| format!("no token could be issued: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(token) if output.status.success() => Ok(token.to_owned()),
        _ => Err(format!(
            "no token could be issued: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// A server over the demo; it ends with this value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(product: &Path, demo: &Path) -> Result<Self, String> {
        let mut process = Command::new(product)
            .args(["serve", "--listen", "127.0.0.1:0", "--demo"])
            .arg(demo)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the server could not start: {error}"))?;
        let mut line = String::new();
        if let Some(said) = process.stdout.take() {
            // What it says later is for nobody.
            BufReader::new(said)
                .read_line(&mut line)
                .map_err(|error| error.to_string())?;
        }
        let address = line.trim().strip_prefix("serving ").map(str::to_owned);
        let mut server = Self {
            process,
            address: String::new(),
        };
        server.address =
            address.ok_or(format!("the server said `{}` and no address", line.trim()))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
