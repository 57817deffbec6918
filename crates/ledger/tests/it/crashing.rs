//! The crash harnesses, sampled, and their negative controls. In full:
//! `cargo xtask crash`. Two of them need strace, a package of that name.

use std::process::Command;

/// Runs a harness, which judges itself.
fn check(args: &[&str]) {
    let ran = Command::new(env!("CARGO_BIN_EXE_ledger-crash"))
        .args(args)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(
        ran.status.success(),
        "ledger-crash {}: {said}",
        args.join(" ")
    );
}

#[test]
fn killed_at_any_moment() {
    check(&["kill", "--count", "12"]);
}

#[test]
fn killed_control() {
    check(&["kill", "--count", "6", "--control"]);
}

#[test]
fn failing_system_calls() {
    check(&["faults", "--count", "16"]);
}

#[test]
fn failing_system_calls_control() {
    check(&["faults", "--count", "10", "--control"]);
}

#[test]
fn power_cuts() {
    check(&["power", "--count", "60"]);
}

#[test]
fn power_cuts_control_normal() {
    check(&["power", "--count", "20", "--control"]);
}

#[test]
fn power_cuts_control_off() {
    check(&[
        "power",
        "--count",
        "20",
        "--control",
        "--synchronous",
        "OFF",
    ]);
}
