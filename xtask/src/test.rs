//! `cargo xtask test`: every test, on a machine where nothing was installed.

use crate::{api, browser, run, tidy};

/// Installs what the tests need, then runs them all: unit, integration and
/// story tests of every crate, the documentation's examples, the verifiers of
/// others, the pages in a browser, and the checks of `tidy` that need no
/// further build.
pub fn run(arguments: &[String]) -> Result<(), String> {
    run::debian(&[
        ("strace", "strace"),
        ("git", "git"),
        ("pdftoppm", "poppler-utils"),
        ("qpdf", "qpdf"),
    ])?;
    let mut tests = if run::has("cargo-nextest") {
        run::cargo(&[
            "nextest",
            "run",
            "--release",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ])
    } else {
        run::cargo(&[
            "test",
            "--release",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--lib",
            "--bins",
            "--tests",
        ])
    };
    run::check(tests.args(arguments))?;
    run::check(&mut run::cargo(&[
        "test",
        "--release",
        "--workspace",
        "--locked",
        "--doc",
    ]))?;
    run::check(std::process::Command::new("bash").arg("scripts/public-verifiers.sh"))?;
    api::test(&run::product(), &[])?;
    browser::test(&run::product(), &[])?;
    tidy::without_building()
}
