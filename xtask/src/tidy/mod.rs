//! `cargo xtask tidy`: what a reviewer would otherwise have to say.
//!
//! Every check reports all it finds, not only the first.

mod docs;
mod layering;
mod links;
mod readme;

use std::path::PathBuf;

use walkdir::WalkDir;

use crate::run;

/// Version of the spelling checker, from PyPI.
const TYPOS: &str = "typos==1.52.0";
/// Version of the licence checker, from crates.io.
const CARGO_DENY: &str = "0.20.2";

/// Everything: format, lints, layering, docs, links, snippets, licences, spelling.
pub fn run(_arguments: &[String]) -> Result<(), String> {
    run::check(&mut run::cargo(&["fmt", "--all", "--check"]))?;
    without_building()?;
    run::check(&mut run::cargo(&[
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    licences()?;
    spelling()?;
    readme::run_snippets()
}

/// The checks that only read files; part of `cargo xtask test` too.
pub fn without_building() -> Result<(), String> {
    let mut findings = Vec::new();
    findings.extend(layering::findings()?);
    findings.extend(docs::findings());
    findings.extend(links::findings()?);
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} findings\n{}",
        findings.len(),
        findings.join("\n")
    ))
}

fn licences() -> Result<(), String> {
    if !run::has("cargo-deny") {
        run::check(&mut run::cargo(&[
            "install",
            "cargo-deny",
            "--locked",
            "--version",
            CARGO_DENY,
        ]))?;
    }
    // Advisories need a database from outside; the offline checks are these.
    run::check(&mut run::cargo(&[
        "deny",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}

fn spelling() -> Result<(), String> {
    let python = run::python("typos", &[TYPOS])?;
    run::check(&mut std::process::Command::new(
        python.with_file_name("typos"),
    ))
}

/// Files of the project with one of the endings; not those that a build or a
/// command of the README made.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let skip = ["target", ".git", "node_modules", "exports"];
    let ignored = std::fs::read_to_string(run::root().join(".gitignore")).unwrap_or_default();
    let made: Vec<PathBuf> = made(&ignored).map(|name| run::root().join(name)).collect();
    let walk = WalkDir::new(run::root()).sort_by_file_name().into_iter();
    let wanted = move |entry: &walkdir::DirEntry| {
        !skip.iter().any(|name| entry.file_name() == *name)
            && !made.iter().any(|path| entry.path() == path)
    };
    walk.filter_entry(wanted)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.into_path())
        .filter(|path| {
            endings
                .iter()
                .any(|ending| path.extension().is_some_and(|it| it == *ending))
        })
        .collect()
}

/// What git ignores at the top of the repository.
fn made(ignored: &str) -> impl Iterator<Item = &str> {
    ignored.lines().filter_map(|line| line.strip_prefix('/'))
}

fn shown(path: &std::path::Path) -> String {
    path.strip_prefix(run::root())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::{files, made};
    use crate::run;

    #[test]
    fn what_the_readme_makes_is_not_the_projects() {
        let ignored = std::fs::read_to_string(run::root().join(".gitignore")).unwrap();
        let made: Vec<&str> = made(&ignored).collect();
        let readme = std::fs::read_to_string(run::root().join("README.md")).unwrap();
        assert!(readme.contains(" demo/acme") && made.contains(&"demo"));
        assert!(readme.contains("--dir demo-qualified") && made.contains(&"demo-qualified"));
        let found = files(&["md"]);
        assert!(found.contains(&run::root().join("README.md")));
        let in_made = |name: &&str| {
            found
                .iter()
                .any(|it| it.starts_with(run::root().join(name)))
        };
        assert_eq!(made.iter().find(|name| in_made(name)), None);
    }
}
