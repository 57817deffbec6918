//! Times the setting of a report as PDF, and how the time grows with the pages.
//!
//! `bench_pdf REPORT.json CONTROLS`: reads an issued report, gives it so many
//! controls (those it has, over and over under new ids, each with its tests and
//! results under every criterion it serves; or fewer, with a shorter description),
//! sets it once and prints pages, seconds and the peak memory of the process.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::Instant;

use tickmark_catalog::ControlId;
use tickmark_report::Report;
use tickmark_report::pdf::render_pdf;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, count] = arguments.as_slice() else {
        return Err("usage: bench_pdf REPORT.json CONTROLS".into());
    };
    let mut report: Report = serde_json::from_slice(&std::fs::read(file)?)?;
    let count: usize = count.parse()?;
    if count < report.controls.len() {
        shrink(&mut report, count);
    } else {
        grow(&mut report, count)?;
    }
    let start = Instant::now();
    let rendered = render_pdf(&report)?;
    println!("seconds={:.4}", start.elapsed().as_secs_f64());
    println!("pages={}", rendered.page_count);
    println!("bytes={}", rendered.pdf.len());
    println!("peak_kib={}", peak_memory_kib().unwrap_or_default());
    Ok(())
}

/// Keeps the first controls and what belongs to them, and of the description
/// only the beginning.
fn shrink(report: &mut Report, count: usize) {
    report.controls.truncate(count);
    let kept: BTreeSet<ControlId> = report.controls.iter().map(|it| it.id.clone()).collect();
    for criterion in &mut report.criteria {
        criterion.controls.retain(|control| kept.contains(control));
    }
    report.criteria.retain(|it| !it.controls.is_empty());
    let description = &mut report.description;
    description.chapters.truncate(1);
    description.commitments.clear();
    description.requirements.clear();
    description.incidents.clear();
    description.user_entity_controls.clear();
    description.user_responsibilities.clear();
    description.subservice.clear();
    description.changes.clear();
    report.other_information = None;
    report.appendix.inputs.truncate(count);
    if let Some(tests) = &mut report.tests {
        let served: BTreeSet<_> = report.criteria.iter().map(|it| it.id).collect();
        tests.tests.retain(|test| kept.contains(&test.control));
        tests.chart.retain(|row| served.contains(&row.criterion));
        tests.populations.truncate(count);
        tests.exceptions.clear();
        tests.introduction.truncate(count);
    }
}

/// Adds copies of the report's controls until there are `count`.
fn grow(report: &mut Report, count: usize) -> Result<(), Box<dyn Error>> {
    let own = report.controls.clone();
    for number in own.len()..count {
        let Some(control) = own.get(number % own.len().max(1)) else {
            break;
        };
        let id: ControlId = format!("TM-{}", 1000 + number).parse()?;
        add_tests(report, &control.id, &id);
        for criterion in &mut report.criteria {
            if criterion.controls.contains(&control.id) {
                criterion.controls.push(id.clone());
            }
        }
        let mut copy = control.clone();
        copy.id = id;
        report.controls.push(copy);
    }
    Ok(())
}

/// Copies the tests of a control, and counts them in the chart.
fn add_tests(report: &mut Report, from: &ControlId, to: &ControlId) {
    let Some(tests) = &mut report.tests else {
        return;
    };
    let copies: Vec<_> = tests.of(from).cloned().collect();
    let served: BTreeMap<_, _> = report
        .criteria
        .iter()
        .map(|criterion| (criterion.id, criterion.controls.contains(from)))
        .collect();
    for row in &mut tests.chart {
        if served.get(&row.criterion) == Some(&true) {
            row.no_exceptions += u32::try_from(copies.len()).unwrap_or_default();
        }
    }
    tests.tests.extend(copies.into_iter().map(|mut test| {
        test.control = to.clone();
        test
    }));
}

/// Peak resident memory of this process, where the system tells it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
