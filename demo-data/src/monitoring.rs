//! Security events, incidents and the service level.
//!
//! 4,380 alerts lead to 27 tickets and 6 incidents, one of severity 1 with 71
//! minutes of outage (T8: availability of that month 99.84 % where 99.9 % are
//! promised). No personal data was breached (T3: the register is empty).

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::clock::{self, Clock, PERIOD_END, PERIOD_START, add_business_days, minutes};
use super::draw::{Draw, Quota};
use super::files::{Csv, Dialect, JsonList, Ndjson};
use super::people::Company;
use super::story::incident_days;
use super::tickets::Ticket;
use super::{Outcome, Run, names};

/// Alerts a day; 365 days make 4,380.
const ALERTS_A_DAY: usize = 12;
const TICKETS: usize = 27;
/// Severity, title and cause of the incidents other than the outage.
const INCIDENTS: [(i64, &str, &str); 5] = [
    (
        2,
        "Token of a connector exposed in a log",
        "debug logging left on",
    ),
    (
        3,
        "Phishing mail reached twelve mailboxes",
        "look-alike domain not yet blocked",
    ),
    (
        3,
        "Slow sign-in for forty minutes",
        "expired cache of the identity provider",
    ),
    (2, "Delayed imports of one region", "queue limit reached"),
    (3, "Adware on one laptop", "browser extension"),
];
/// Minutes of the outage.
const OUTAGE: i64 = 71;

/// Writes alerts, incidents, the breach register and service levels.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    let incidents = incidents(company, run)?;
    alerts(&incidents, company, run)?;
    register(&incidents, run)?;
    breaches(run)?;
    service_levels(company, run)
}

/// One incident.
struct Incident {
    number: usize,
    severity: i64,
    title: &'static str,
    cause: &'static str,
    detected_at: Timestamp,
    outage: i64,
    owner: String,
    postmortem_on: Date,
}

fn incidents(company: &Company, run: &Run) -> Outcome<Vec<Incident>> {
    let mut draw = run.draw("incidents");
    let story = &company.story;
    let mut others = INCIDENTS.iter();
    let mut all = Vec::new();
    for place in 0..=INCIDENTS.len() {
        let drawn = *draw.pick(&incident_days(place))?;
        let minute = draw.between(8 * 60, 17 * 60);
        let outage = place == story.outage_incident;
        let day = if outage { story.outage_on } else { drawn };
        let (severity, title, cause) = if outage {
            (
                1,
                "Relay unavailable",
                "failed change of the connection pool",
            )
        } else {
            *others.next().ok_or("six incidents only")?
        };
        all.push(Incident {
            number: 109 + place,
            severity,
            title,
            cause,
            detected_at: run.clock.at(day, minute)?,
            outage: if outage { OUTAGE } else { 0 },
            owner: company
                .head(draw.pick(&[
                    "Head of Security",
                    "Head of Platform",
                    "Vice President of Engineering",
                ])?)?
                .email
                .clone(),
            postmortem_on: add_business_days(day, draw.between(2, 7) as usize),
        });
    }
    Ok(all)
}

/// One alert.
struct Alert {
    raised_at: Timestamp,
    rule: &'static str,
    severity: &'static str,
    ticket: bool,
}

/// Alerts of one day, in order; those of incidents among them.
fn alerts_of(
    day: Date,
    incidents: &[Incident],
    tickets: &mut Quota,
    scale: usize,
    clock: &Clock,
    draw: &mut Draw,
) -> Outcome<Vec<Alert>> {
    let mut alerts = Vec::new();
    for incident in incidents.iter().filter(|i| clock.day(i.detected_at) == day) {
        let severity = if incident.severity == 1 {
            "critical"
        } else {
            "high"
        };
        alerts.push(Alert {
            raised_at: incident.detected_at,
            rule: "Service or data at risk",
            severity,
            ticket: true,
        });
    }
    while alerts.len() < ALERTS_A_DAY * scale {
        let (rule, severity) = *draw.pick(&names::RULES)?;
        let raised_at = clock.at(day, draw.between(0, 1425))?
            + jiff::SignedDuration::from_secs(draw.between(0, 59));
        alerts.push(Alert {
            raised_at,
            rule,
            severity,
            ticket: tickets.takes(draw),
        });
    }
    alerts.sort_by(|a, b| (a.raised_at, a.rule).cmp(&(b.raised_at, b.rule)));
    Ok(alerts)
}

fn alerts(incidents: &[Incident], company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("alerts");
    let scale = run.options.scale;
    let analyst = company.head("Security Operations Lead")?.email.clone();
    let others = ALERTS_A_DAY * scale * 365 - incidents.len();
    let mut quota = Quota::new(TICKETS - incidents.len(), others);
    let mut lines = Ndjson::create(run.folder, "exports/siem/alerts.ndjson")?;
    let (mut number, mut tickets) = (0, 0);
    for day in clock::days(PERIOD_START, PERIOD_END) {
        for alert in alerts_of(day, incidents, &mut quota, scale, &run.clock, &mut draw)? {
            number += 1;
            let severe = matches!(alert.severity, "high" | "critical");
            let wait = if severe {
                draw.between(1, 190)
            } else {
                draw.between(5, 1200)
            };
            let taken = alert.raised_at + minutes(wait);
            let key = alert.ticket.then(|| format!("SEC-{}", 301 + tickets));
            let verdict = if draw.chance(20) {
                "duplicate"
            } else {
                "benign"
            };
            lines.row(&json!({
                "_id": format!("alr-{number:07}"), "rule": { "name": alert.rule, "severity": alert.severity },
                "@timestamp": alert.raised_at.to_string(), "ack": { "at": taken.to_string() },
                "verdict": if key.is_some() { "escalated" } else { verdict }, "case": key,
            }))?;
            if let Some(key) = key {
                tickets += 1;
                let closed = taken + minutes(draw.between(200, 8000));
                let ticket = Ticket::new(
                    key,
                    "security",
                    taken,
                    closed,
                    &analyst,
                    &analyst,
                    alert.rule.to_owned(),
                );
                run.tickets.push(ticket);
            }
        }
    }
    let rows = lines.finish()?;
    run.count("siem-alerts", rows);
    run.key.population("alerts", rows as usize);
    Ok(())
}

fn register(incidents: &[Incident], run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("incident-register");
    let mut list = JsonList::create(run.folder, "exports/incidents/incidents.json", "incidents")?;
    for incident in incidents {
        let at = incident.detected_at;
        let contained = at
            + minutes(if incident.outage > 0 {
                incident.outage
            } else {
                draw.between(30, 300)
            });
        let told = (incident.severity == 1).then(|| (at + minutes(55)).to_string());
        list.row(&json!({
            "reference": format!("INC-{:04}", incident.number), "name": incident.title, "severity": format!("SEV{}", incident.severity),
            "timeline": {
                "detected": at.to_string(), "acknowledged": (at + minutes(draw.between(2, 14))).to_string(),
                "contained": contained.to_string(), "resolved": (contained + minutes(draw.between(5, 240))).to_string(),
                "customers_notified": told,
            },
            "owner": incident.owner, "root_cause": incident.cause, "postmortem_on": incident.postmortem_on.to_string(),
            "downtime_minutes": incident.outage, "personal_data_breach": "no",
        }))?;
    }
    let rows = list.finish()?;
    run.count("incidents", rows);
    run.key.population("incidents", rows as usize);
    Ok(())
}

/// T3: a header and nothing below it.
fn breaches(run: &mut Run) -> Outcome<()> {
    let header = ["Record", "Incident", "Confirmed", "Notified"];
    let csv = Csv::create(
        run.folder,
        "exports/incidents/breach-register.csv",
        Dialect::Plain,
        &header,
    )?;
    run.count("breach-register", csv.finish()?);
    run.key.population("breach_notifications", 0);
    run.key.finding(
        "T3",
        "the register of breaches is complete and empty: no occurrence, not `no exceptions`",
    );
    run.key
        .expects("T3", "breach-notified", Some(0), Vec::new());
    Ok(())
}

fn service_levels(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("service-levels");
    let header = [
        "Service",
        "Month End",
        "Uptime %",
        "Target %",
        "Downtime (min)",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/status/service-levels.csv",
        Dialect::Plain,
        &header,
    )?;
    let mut missed = Vec::new();
    for month in clock::months() {
        let end = month.last_of_month();
        let drawn = draw.between(0, 24);
        let hit = month.first_of_month() == company.story.outage_on.first_of_month();
        let down = if hit { OUTAGE } else { drawn };
        let share = 100.0 * (1.0 - down as f64 / (f64::from(end.day()) * 1440.0));
        if hit {
            missed.push(format!("Fernhollow Relay/{end}"));
        }
        csv.row(&[
            "Fernhollow Relay",
            &end.to_string(),
            &format!("{share:.2}"),
            "99.9",
            &down.to_string(),
        ])?;
    }
    let rows = csv.finish()?;
    run.count("status-service-levels", rows);
    run.key.population("service_levels", rows as usize);
    run.key.finding("T8", "71 minutes of outage: the month's availability is 99.84 % where 99.9 % are promised; a commitment missed, no control deviation");
    run.key
        .expects("T8", "availability-commitment", Some(rows as usize), missed);
    Ok(())
}
