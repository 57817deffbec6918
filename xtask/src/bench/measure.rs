//! Runs a program that measures itself and reads what it prints.
//!
//! What must hold: peak memory is that of the one process, told by itself or
//! seen by watching it.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What one run of a program measured, as `name=value` lines.
pub type Measured = BTreeMap<String, String>;

/// Runs a program to its end; its standard output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let shown = format!("{command:?}");
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{shown} could not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("{shown} failed: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program that prints `name=value` lines.
pub fn measured(command: &mut Command) -> Result<Measured, String> {
    let told = output(command)?;
    let pairs = told.lines().filter_map(|line| line.split_once('='));
    Ok(pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// A number among what was measured.
pub fn number(measured: &Measured, name: &str) -> Result<f64, String> {
    let value = measured.get(name).and_then(|text| text.parse().ok());
    value.ok_or_else(|| format!("a measuring program did not print `{name}`"))
}

/// Runs a program while watching its memory; its output and peak in KiB.
pub fn watched(command: &mut Command) -> Result<(String, f64), String> {
    let shown = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{shown} could not start: {error}"))?;
    let status = format!("/proc/{}/status", child.id());
    let out = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        out.map(|mut out| out.read_to_string(&mut text));
        text
    });
    let mut peak = 0.0;
    let ended = loop {
        peak = kib(&status, "VmHWM:").unwrap_or(peak);
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let text = reader.join().unwrap_or_default();
    if ended.success() {
        Ok((text, peak))
    } else {
        Err(format!("{shown} failed: {ended}"))
    }
}

/// A line of a process's status file, in KiB.
pub fn kib(status: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The median of some measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Seconds as a cell of a table.
pub fn seconds(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2} s")
    } else {
        format!("{value:.1} s")
    }
}

/// KiB as a cell of a table, in MB.
pub fn megabytes(kib: f64) -> String {
    format!("{:.0} MB", kib * 1024.0 / 1e6)
}

/// A count with its thousands apart.
pub fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut told = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}
