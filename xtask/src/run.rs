//! Running other programs: cargo itself, the workspace's own binaries, and
//! installers of Debian, PyPI and npm packages.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// The folder cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The executable that builds and tests of the whole workspace leave behind.
pub fn product() -> PathBuf {
    target().join("release").join("tickmark")
}

/// The executable that `TICKMARK` names, else the product, built now.
///
/// # Errors
/// When it cannot be built.
pub fn named_or_built() -> Result<PathBuf, String> {
    match std::env::var_os("TICKMARK") {
        Some(path) => Ok(PathBuf::from(path)),
        None => build().map(|()| product()),
    }
}

/// Runs a command in the workspace's root and fails when it fails.
pub fn check(command: &mut Command) -> Result<(), String> {
    let shown = shown(command);
    eprintln!("+ {shown}");
    let status = command
        .current_dir(root())
        .status()
        .map_err(|error| format!("`{shown}` could not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{shown}` failed: {status}"))
    }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Cargo, with the arguments.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The variables of the outer `cargo run` would make the inner one rebuild.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command.args(arguments);
    command
}

/// Builds the whole workspace with one set of features, so that the engines
/// are compiled once, and runs one of its binaries.
pub fn workspace_binary(name: &str, arguments: &[String]) -> Result<(), String> {
    build()?;
    check(Command::new(target().join("release").join(name)).args(arguments))
}

/// Builds the whole workspace.
pub fn build() -> Result<(), String> {
    check(&mut cargo(&[
        "build",
        "--release",
        "--workspace",
        "--locked",
    ]))
}

/// Whether a program is on the path.
pub fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// Installs Debian packages whose programs are missing.
pub fn debian(wanted: &[(&str, &str)]) -> Result<(), String> {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| !has(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    check(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args([
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
    ]);
    check(install.args(missing))
}

/// A Python with the packages, in a folder of its own below the build folder.
pub fn python(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = target().join("python").join(name);
    let python = folder.join("bin/python");
    if !python.is_file() {
        debian(&[("python3", "python3-venv")])?;
        check(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let mut install = Command::new(&python);
    check(
        install
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(packages),
    )?;
    Ok(python)
}
