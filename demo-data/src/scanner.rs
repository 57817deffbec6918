//! Vulnerability scanner: weekly authenticated runs and what they found.
//!
//! 52 Wednesdays; 1,312 findings, of them 3 critical and 41 high. V6: one
//! critical was fixed after 21 days where 15 are allowed, one high after 47
//! where 30 are; neither has a risk acceptance.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::clock::{plus, utc};
use super::draw::Draw;
use super::files::JsonList;
use super::people::Company;
use super::{Outcome, Run};

const SCANS: usize = 52;
const CRITICAL: usize = 3;
const HIGH: usize = 41;
const MEDIUM: usize = 412;
const ALL: usize = 1312;

/// Writes runs and findings.
pub fn write(_company: &Company, run: &mut Run) -> Outcome<()> {
    scans(run)?;
    findings(run)
}

/// Wednesday of week `week`, from 2 July 2025.
fn scan_day(week: usize) -> Date {
    plus(date(2025, 7, 2), 7 * week as i64)
}

/// When the run of a week ended: night in the organization's zone.
fn scanned_at(week: usize) -> Outcome<Timestamp> {
    utc(scan_day(week), 11 * 60 + (week as i64 * 7) % 23)
}

/// Assets in the inventory; it grows.
fn inventory(week: usize) -> usize {
    61 + week / 4
}

fn scans(run: &mut Run) -> Outcome<()> {
    let mut list = JsonList::create(run.folder, "exports/scanner/scans.json", "scans")?;
    for week in 0..SCANS {
        list.row(&json!({
            "scan_uuid": format!("scn-{:04}", 7100 + week), "finished": scanned_at(week)?.to_string(),
            "credentialed": true, "targets": { "expected": inventory(week), "reached": inventory(week) },
            "status": "completed",
        }))?;
    }
    run.count("scanner-scans", list.finish()?);
    run.key.population("vulnerability_scans", SCANS);
    Ok(())
}

/// One finding.
struct Found {
    severity: &'static str,
    week: usize,
    days_open: Option<i64>,
    late: bool,
}

/// The findings, in the order in which they were first seen.
fn drawn(scale: usize, draw: &mut Draw) -> Vec<Found> {
    let low = ALL - CRITICAL - HIGH - MEDIUM;
    let classes = [
        ("critical", CRITICAL),
        ("high", HIGH),
        ("medium", MEDIUM),
        ("low", low),
    ];
    let mut all = Vec::new();
    for (severity, count) in classes {
        let late = draw.below(count * scale);
        for n in 0..count * scale {
            all.push(found(
                severity,
                matches!(severity, "critical" | "high") && n == late,
                draw,
            ));
        }
    }
    all.sort_by_key(|f| f.week);
    all
}

fn found(severity: &'static str, late: bool, draw: &mut Draw) -> Found {
    let severe = matches!(severity, "critical" | "high");
    let last = if late {
        43
    } else if severe {
        46
    } else {
        SCANS as i64 - 1
    };
    let week = draw.between(0, last) as usize;
    let days = match severity {
        "critical" if late => 21,
        "high" if late => 47,
        "critical" => draw.between(1, 12),
        "high" => draw.between(2, 26),
        "medium" => draw.between(5, 80),
        _ => draw.between(10, 170),
    };
    let seen_fixed = plus(scan_day(week), days) <= date(2026, 6, 30);
    Found {
        severity,
        week,
        days_open: seen_fixed.then_some(days),
        late,
    }
}

fn findings(run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("findings");
    let all = drawn(run.options.scale, &mut draw);
    let mut list = JsonList::create(
        run.folder,
        "exports/scanner/findings.json",
        "vulnerabilities",
    )?;
    let mut late = Vec::new();
    for (number, finding) in (1..).zip(&all) {
        let id = format!("VUL-{number:05}");
        list.row(&record(&id, finding, &mut draw)?)?;
        if finding.late {
            late.push(id);
        }
    }
    run.count("scanner-findings", list.finish()?);
    let of = |severity: &str| all.iter().filter(|f| f.severity == severity).count();
    run.key.population("vulnerabilities", all.len());
    run.key
        .population("vulnerabilities_critical", of("critical"));
    run.key.population("vulnerabilities_high", of("high"));
    run.key.finding("V6", "a critical finding fixed after 21 days (limit 15) and a high one after 47 (limit 30), no risk acceptance");
    run.key.expects(
        "V6",
        "vulnerability-fixed-in-time",
        Some(of("critical") + of("high")),
        late,
    );
    Ok(())
}

fn record(id: &str, finding: &Found, draw: &mut Draw) -> Outcome<Value> {
    let score = match finding.severity {
        "critical" => draw.between(90, 98),
        "high" => draw.between(70, 89),
        "medium" => draw.between(40, 69),
        _ => draw.between(15, 39),
    };
    let seen = scanned_at(finding.week)?;
    let fixed = finding
        .days_open
        .map(|days| seen + jiff::SignedDuration::from_hours(24 * days));
    Ok(json!({
        "id": id, "host": format!("relay-node-{:02}", 1 + draw.below(inventory(finding.week))),
        "cve": format!("CVE-{}-{}", 2024 + i64::from(finding.week > 20), draw.between(10_000, 59_999)),
        "severity": finding.severity, "cvss3": score as f64 / 10.0, "first_found": seen.to_string(),
        "last_fixed": fixed.map(|at| at.to_string()), "state": if fixed.is_some() { "FIXED" } else { "ACTIVE" },
        "accepted_until": null, "accepted_by": null,
    }))
}
