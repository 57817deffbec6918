//! The README's snippets run: every line of a `sh` block, in a fresh folder,
//! with the product on the path.

use std::fs;
use std::process::Command;

use crate::run;

/// Runs the snippets of the README in order.
///
/// `cargo run --release -- …` runs the built product; `git clone`, `cd` and
/// `cargo xtask …` lines are only checked to name what exists.
pub fn run_snippets() -> Result<(), String> {
    run::build()?;
    let text = fs::read_to_string(run::root().join("README.md"))
        .map_err(|error| format!("`README.md`: {error}"))?;
    let folder = run::target().join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    for line in snippets(&text) {
        snippet(&line, &folder)?;
    }
    Ok(())
}

fn snippets(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line.trim() == "```sh";
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            lines.push(line.to_owned());
        }
    }
    lines
}

fn snippet(line: &str, folder: &std::path::Path) -> Result<(), String> {
    if line.starts_with("git clone") || line.starts_with("cd ") || line.starts_with("cargo xtask") {
        return Ok(());
    }
    let product = run::target().join("release");
    let path = format!(
        "{}:{}",
        product.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let line = line.replace("cargo run --release --", "tickmark");
    eprintln!("+ {line}");
    let status = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &line])
        .current_dir(folder)
        .env("PATH", path)
        .status();
    let status = status.map_err(|error| format!("`{line}` could not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("README snippet `{line}` failed: {status}"))
    }
}
