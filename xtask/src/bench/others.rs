//! The cases that have no other engine beside them: many small tests, the
//! ledger, the pages of a report.

use std::path::PathBuf;
use std::process::Command;

use regex::Regex;

use super::Bench;
use super::measure::{
    Measured, count, measured, median, megabytes, number, output, seconds, watched,
};
use crate::run;

/// Five hundred tests over small tables.
pub fn small(bench: &Bench) -> Result<String, String> {
    let runs = repeated(bench, || {
        measured(
            bench
                .example("bench_runner")
                .arg(&bench.folder)
                .arg("small"),
        )
    })?;
    let (taken, peak) = summary(&runs)?;
    let first = runs.first().ok_or("nothing was measured")?;
    Ok(format!(
        "## Many small tests\n\n| case | Tickmark | peak memory |\n|---|---|---|\n| {} tests, {} items | {} | {} |",
        number(first, "tests")?,
        count(number(first, "items")?),
        seconds(taken),
        megabytes(peak)
    ))
}

/// The ledger against plain SQLite and bare hashing; its program takes turns by
/// itself and prints one JSON object.
pub fn ledger(bench: &Bench) -> Result<String, String> {
    let (told, peak) = watched(&mut bench.example("bench_ledger"))?;
    Ok(format!(
        "## Ledger\n\n{}\n\nPeak memory of all ledger cases together: {}.\n\n```json\n{}\n```",
        ledger_table(&told)?,
        megabytes(peak),
        told.trim()
    ))
}

fn ledger_table(told: &str) -> Result<String, String> {
    let mut table = "| case | Tickmark | compared with | ratio |\n|---|---|---|---|".to_owned();
    for (key, title, plain) in [
        ("one_caller", "append, 1 caller", "SQLite, one row a commit"),
        ("64_callers", "append, 64 callers", "SQLite, 64 threads"),
        (
            "1000_per_commit",
            "append, 1,000 a commit",
            "SQLite, 1,000 a commit",
        ),
    ] {
        let inside = section(told, key)?;
        table.push_str(&format!(
            "\n| {title} | {} a second | {plain}: {} | {:.2} |",
            count(value(&inside, "ledger_per_second")?),
            count(value(&inside, "plain_sqlite_per_second")?),
            value(&inside, "plain_over_ledger")?
        ));
    }
    for (key, title, what) in [
        ("exported_ledger", "verify an exported ledger", "leaves"),
        ("package", "verify a package", "leaves and bodies"),
        ("fsck", "fsck", "leaves and bodies"),
    ] {
        let inside = section(told, key)?;
        table.push_str(&format!(
            "\n| {title} | {:.2} s | hashing the same {what}: {:.2} s | {:.2} |",
            value(&inside, "seconds")?,
            value(&inside, "bare_seconds")?,
            value(&inside, "over_bare")?
        ));
    }
    table.push_str(&format!(
        "\n| replay of {} entries | {:.2} s | nothing | none |",
        count(value(told, "entries")?),
        value(told, "replay_with_bodies_seconds")?
    ));
    Ok(table)
}

/// The text of the JSON object under a key.
fn section(told: &str, key: &str) -> Result<String, String> {
    let pattern = format!(r#""{key}":\s*\{{([^{{}}]*)\}}"#);
    let found = Regex::new(&pattern).map_err(|error| error.to_string())?;
    let found = found.captures(told).and_then(|found| found.get(1));
    found
        .map(|found| found.as_str().to_owned())
        .ok_or_else(|| format!("the ledger's program printed no `{key}`"))
}

fn value(told: &str, key: &str) -> Result<f64, String> {
    let pattern = format!(r#""{key}":\s*([0-9.]+)"#);
    let found = Regex::new(&pattern).map_err(|error| error.to_string())?;
    let found = found.captures(told).and_then(|found| found.get(1));
    found
        .and_then(|found| found.as_str().parse().ok())
        .ok_or_else(|| format!("the ledger's program printed no `{key}`"))
}

/// The pages of the demo's report, shortened and grown.
pub fn report(bench: &Bench) -> Result<String, String> {
    let file = demo_report(bench)?;
    let mut rows = Vec::new();
    for wanted in [10.0, 150.0, 500.0] {
        let controls = controls_for(bench, &file, wanted)?;
        let runs = repeated(bench, || pdf(bench, &file, controls))?;
        let (taken, peak) = summary(&runs)?;
        let pages = number(runs.first().ok_or("nothing was measured")?, "pages")?;
        rows.push(format!(
            "| {wanted} pages | {pages} | {} | {:.1} ms | {} |",
            seconds(taken),
            taken * 1000.0 / pages,
            megabytes(peak)
        ));
    }
    Ok(format!(
        "## Report\n\n| case | pages set | time | per page | peak memory |\n|---|---|---|---|---|\n{}",
        rows.join("\n")
    ))
}

fn demo_report(bench: &Bench) -> Result<PathBuf, String> {
    let demo = bench.folder.join("demo");
    let tickmark = run::target().join("release/tickmark");
    output(Command::new(tickmark).arg("demo").arg("--dir").arg(&demo))?;
    let files = std::fs::read_dir(demo.join("report")).map_err(|error| error.to_string())?;
    let mut files = files.flatten().map(|file| file.path());
    files
        .find(|path| path.extension().is_some_and(|ending| ending == "json"))
        .ok_or_else(|| "the demo wrote no report as JSON".to_owned())
}

fn pdf(bench: &Bench, file: &PathBuf, controls: u32) -> Result<Measured, String> {
    measured(
        bench
            .example("bench_pdf")
            .arg(file)
            .arg(controls.to_string()),
    )
}

/// How many controls make about so many pages: pages grow in proportion.
fn controls_for(bench: &Bench, file: &PathBuf, pages: f64) -> Result<u32, String> {
    if pages < 20.0 {
        return Ok(1);
    }
    let (few, many) = (150, 400);
    let at_few = number(&pdf(bench, file, few)?, "pages")?;
    let at_many = number(&pdf(bench, file, many)?, "pages")?;
    let per_page = f64::from(many - few) / (at_many - at_few).max(1.0);
    Ok((f64::from(few) + (pages - at_few) * per_page).max(2.0) as u32)
}

fn repeated(
    bench: &Bench,
    mut measure: impl FnMut() -> Result<Measured, String>,
) -> Result<Vec<Measured>, String> {
    (0..bench.options.rounds).map(|_| measure()).collect()
}

/// The median of the seconds, the largest peak.
fn summary(runs: &[Measured]) -> Result<(f64, f64), String> {
    let taken: Result<Vec<f64>, String> = runs.iter().map(|run| number(run, "seconds")).collect();
    let peaks: Result<Vec<f64>, String> = runs.iter().map(|run| number(run, "peak_kib")).collect();
    Ok((median(taken?), peaks?.into_iter().fold(0.0, f64::max)))
}
