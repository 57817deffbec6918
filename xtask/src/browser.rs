//! `cargo xtask browser`: the pages in a browser, as people of each role use them.
//!
//! What must hold: nothing is skipped. Where Chromium, Node or the packages
//! cannot be had, the chore fails and says so. The packages are those of the
//! committed lock file; no browser is downloaded, Debian's is used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run;

/// The oldest Node on which all packages run: that of Debian 12.
const OLDEST_NODE: u64 = 18;

/// Tests the pages of the executable that `TICKMARK` names, else of one that is
/// built now. Everything after `--` goes to Playwright.
pub fn run(arguments: &[String]) -> Result<(), String> {
    test(&run::named_or_built()?, for_playwright(arguments))
}

/// Tests the pages of an executable that is there, and builds nothing.
///
/// # Errors
/// When there is no such executable, when what the tests need cannot be
/// installed, or when a test fails.
pub fn test(product: &Path, arguments: &[String]) -> Result<(), String> {
    let product = std::path::absolute(product).unwrap_or_else(|_| product.to_path_buf());
    if !product.is_file() {
        return Err(format!(
            "there is no executable `{}` whose pages could be tested\nhint: `cargo build --release --workspace` makes one, or name another in `TICKMARK`",
            product.display()
        ));
    }
    install().map_err(|error| {
        format!("the browser tests did not run, as what they need is missing: {error}")
    })?;
    let mut playwright = Command::new("node");
    playwright
        .arg("browser/node_modules/@playwright/test/cli.js")
        .args(["test", "--config", "browser/playwright.config.js"])
        .args(arguments)
        .env("TICKMARK", product);
    run::check(&mut playwright)
}

/// The arguments without the `--` that divides them from ours.
fn for_playwright(arguments: &[String]) -> &[String] {
    match arguments {
        [first, rest @ ..] if first == "--" => rest,
        all => all,
    }
}

/// Chromium and Node from Debian, and the packages of the lock file from npm.
fn install() -> Result<(), String> {
    run::debian(&[("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")])?;
    node_is_new_enough(&node_version()?)?;
    let folder = run::root().join("browser");
    if is_installed(&folder)? {
        return Ok(());
    }
    let mut install = Command::new("npm");
    install
        .args(["ci", "--prefix", "browser", "--ignore-scripts"])
        .args(["--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run::check(&mut install)?;
    stamp(&folder)
}

fn node_version() -> Result<String, String> {
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|error| format!("`node --version` could not start: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether the packages run on the Node that calls itself this: `v20.20.2`.
fn node_is_new_enough(version: &str) -> Result<(), String> {
    let major = version
        .strip_prefix('v')
        .and_then(|it| it.split('.').next())
        .and_then(|it| it.parse::<u64>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => Err(format!(
            "`node --version` says `{version}`, and Node {OLDEST_NODE} or newer is needed"
        )),
    }
}

/// Whether the packages below `folder` are those of its lock file.
fn is_installed(folder: &Path) -> Result<bool, String> {
    let wanted = lock(folder)?;
    Ok(fs::read_to_string(stamp_path(folder)).is_ok_and(|installed| installed == wanted))
}

/// Notes that the packages of the lock file are installed.
fn stamp(folder: &Path) -> Result<(), String> {
    let path = stamp_path(folder);
    fs::write(&path, lock(folder)?).map_err(|error| format!("`{}`: {error}", path.display()))
}

fn lock(folder: &Path) -> Result<String, String> {
    let path = folder.join("package-lock.json");
    fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))
}

/// A copy of the lock file that was installed. It lies among the packages: npm
/// takes it away with them, so half an installation is never taken for a whole.
fn stamp_path(folder: &Path) -> PathBuf {
    folder.join("node_modules/.installed-lock.json")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{for_playwright, is_installed, node_is_new_enough, stamp};

    #[test]
    fn packages_are_installed_when_the_lock_file_changed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let lock = folder.join("package-lock.json");
        let modules = folder.join("node_modules");
        let check = |expected: Result<bool, &str>| {
            let found = is_installed(folder).map_err(|error| error.contains("package-lock.json"));
            assert_eq!(found, expected.map_err(|_| true));
        };
        check(Err("no lock file"));
        fs::write(&lock, "one").unwrap();
        check(Ok(false));
        assert!(stamp(folder).is_err(), "stamped without packages");
        fs::create_dir(&modules).unwrap();
        check(Ok(false));
        stamp(folder).unwrap();
        check(Ok(true));
        fs::write(&lock, "two").unwrap();
        check(Ok(false));
        stamp(folder).unwrap();
        check(Ok(true));
        fs::remove_dir_all(&modules).unwrap();
        check(Ok(false));
    }

    #[test]
    fn node_is_as_new_as_the_packages_need() {
        let check = |version: &str, expected: bool| {
            assert_eq!(node_is_new_enough(version).is_ok(), expected, "{version}");
        };
        check("v18.20.4", true);
        check("v20.20.2", true);
        check("v100.0.0", true);
        check("v16.20.2", false);
        check("v9.11.2", false);
        check("18.20.4", false);
        check("v", false);
        check("", false);
    }

    #[test]
    fn playwright_gets_what_follows_the_divider() {
        let check = |arguments: &[&str], expected: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(for_playwright(&arguments), expected);
        };
        check(&[], &[]);
        check(&["--"], &[]);
        check(&["--", "-g", "ledger"], &["-g", "ledger"]);
        check(&["pages"], &["pages"]);
        check(&["-g", "--"], &["-g", "--"]);
    }
}
