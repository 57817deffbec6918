//! Governance records: meetings and reviews at intervals, and the findings of
//! the penetration test.
//!
//! T4: the yearly risk assessment was done on 12 June 2025, before the period,
//! and on 20 May 2026, in it.

use jiff::civil::{Date, date};

use super::clock::{self, add_business_days, plus};
use super::draw::Draw;
use super::files::{Csv, Dialect};
use super::people::Company;
use super::tickets::Ticket;
use super::{Outcome, Run};

/// Who does what, on which fixed days.
const CALENDAR: [(&str, &str, &str, &[Date]); 5] = [
    (
        "board_meeting",
        "Chief Executive Officer",
        "security program|audit|risk",
        &[
            date(2025, 8, 20),
            date(2025, 11, 19),
            date(2026, 2, 18),
            date(2026, 5, 20),
        ],
    ),
    (
        "firewall_review",
        "Head of Platform",
        "rules|owners|removals",
        &[date(2025, 10, 15), date(2026, 4, 8)],
    ),
    (
        "risk_assessment",
        "Head of Security",
        "threats|fraud|change|vendors",
        &[date(2025, 6, 12), date(2026, 5, 20)],
    ),
    (
        "risk_register_update",
        "Head of Security",
        "47 risks|treatment",
        &[
            date(2025, 9, 10),
            date(2025, 12, 10),
            date(2026, 3, 11),
            date(2026, 6, 10),
        ],
    ),
    (
        "penetration_test",
        "Head of Security",
        "application|network",
        &[date(2025, 10, 8)],
    ),
];
/// Findings of the penetration test: severity, how many, days to fix.
const FINDINGS: [(&str, usize, i64); 3] = [("high", 2, 30), ("medium", 5, 90), ("low", 4, 180)];

/// Writes activities and findings.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    activities(company, run)?;
    findings(company, run)
}

/// One thing done.
struct Activity {
    on: Date,
    name: &'static str,
    by: &'static str,
    topics: &'static str,
    label: String,
}

fn calendar(draw: &mut Draw) -> Outcome<Vec<Activity>> {
    let mut all = Vec::new();
    for (name, by, topics, days) in CALENDAR {
        let label = |on: &Date| {
            if days.len() < 4 {
                on.strftime("%Y").to_string()
            } else {
                quarter(*on)
            }
        };
        all.extend(days.iter().map(|on| Activity {
            on: *on,
            name,
            by,
            topics,
            label: label(on),
        }));
    }
    for month in clock::months() {
        let label = month.strftime("%Y-%m").to_string();
        let steering = *draw.pick(&clock::clear_days(plus(month, 5), plus(month, 15), 0))?;
        let capacity = *draw.pick(&clock::clear_days(plus(month, 3), plus(month, 13), 0))?;
        let meeting = Activity {
            on: steering,
            name: "steering_meeting",
            by: "Chief Executive Officer",
            topics: "incidents|metrics|changes",
            label: label.clone(),
        };
        let review = Activity {
            on: capacity,
            name: "capacity_review",
            by: "Head of Platform",
            topics: "compute|storage|forecast",
            label,
        };
        all.extend([meeting, review]);
    }
    all.sort_by_key(|a| (a.on, a.name));
    Ok(all)
}

/// `2026-Q2`.
fn quarter(day: Date) -> String {
    format!("{}-Q{}", day.year(), (day.month() + 2) / 3)
}

fn activities(company: &Company, run: &mut Run) -> Outcome<()> {
    let all = calendar(&mut run.draw("activities"))?;
    let header = [
        "activity",
        "performed_on",
        "performed_by",
        "interval",
        "record",
        "topics",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/grc/activities.csv",
        Dialect::Plain,
        &header,
    )?;
    for activity in &all {
        let by = &company.head(activity.by)?.email;
        let record = format!("minutes/{}-{}.pdf", activity.name, activity.on);
        csv.row(&[
            activity.name,
            &activity.on.to_string(),
            by,
            &activity.label,
            &record,
            activity.topics,
        ])?;
    }
    run.count("grc-activities", csv.finish()?);
    for (population, name) in [
        ("board_meetings", "board_meeting"),
        ("steering_meetings", "steering_meeting"),
        ("capacity_reviews", "capacity_review"),
        ("firewall_reviews", "firewall_review"),
        ("risk_assessments", "risk_assessment"),
        ("risk_register_updates", "risk_register_update"),
        ("penetration_tests", "penetration_test"),
    ] {
        let within = all
            .iter()
            .filter(|a| a.name == name && a.on >= clock::PERIOD_START);
        run.key.population(population, within.count());
    }
    run.key.finding(
        "T4",
        "risk assessments on 2025-06-12 (before the period) and 2026-05-20 (in it)",
    );
    run.key
        .expects("T4", "risk-assessment-yearly", None, Vec::new());
    Ok(())
}

fn findings(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("penetration-test");
    let reported = date(2025, 10, 22);
    let fixer = company.head("Vice President of Engineering")?.email.clone();
    let header = [
        "finding",
        "assessment",
        "severity",
        "reported",
        "due",
        "closed",
        "ticket",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/grc/assessment-findings.csv",
        Dialect::Plain,
        &header,
    )?;
    let mut number = 0;
    for (severity, count, limit) in FINDINGS {
        for _ in 0..count {
            number += 1;
            let due = plus(reported, limit);
            let closed = plus(due, -draw.between(2, limit / 2));
            let key = format!("PEN-{}", 40 + number);
            let created = run.clock.at(
                add_business_days(reported, 1),
                draw.between(9 * 60, 12 * 60),
            )?;
            let resolved = run.clock.at(closed, draw.between(13 * 60, 16 * 60))?;
            let summary = format!("Penetration test finding {number} ({severity})");
            run.tickets.push(Ticket::new(
                key.clone(),
                "penetration_test",
                created,
                resolved,
                &fixer,
                "",
                summary,
            ));
            let id = format!("PT25-{number:02}");
            let days = [reported, due, closed].map(|d| d.to_string());
            let [reported, due, closed] = &days;
            csv.row(&[
                &id,
                "penetration-test-2025",
                severity,
                reported,
                due,
                closed,
                &key,
            ])?;
        }
    }
    let rows = csv.finish()?;
    run.count("grc-assessment-findings", rows);
    run.key.population("penetration_findings", rows as usize);
    run.key.finding(
        "T7",
        "not in the exports: a piece of evidence edited after it was accepted",
    );
    Ok(())
}
