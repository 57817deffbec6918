//! Cloud: data stores each week, network rules each month, backup jobs each day.
//!
//! All stores are encrypted, private and in two zones at every observation; no
//! rule opens an administration port to the world. Nine of the daily backups
//! of four databases failed; V7: two of the failures had neither a ticket nor
//! a repeat within 24 hours.

use jiff::civil::{Date, date};
use serde_json::json;

use super::clock::{self, PERIOD_END, PERIOD_START, minutes, plus, utc};
use super::draw::Draw;
use super::files::JsonList;
use super::tickets::Ticket;
use super::{Outcome, Run};

/// Databases with a daily backup.
pub const DATABASES: [&str; 4] = [
    "relay-core",
    "relay-events",
    "relay-analytics",
    "relay-billing",
];
/// Buckets and queues beside them: 48 data stores in all.
const BUCKETS: usize = 36;
const QUEUES: usize = 8;
/// Failed jobs, and those of them nobody handled.
const FAILURES: usize = 9;
const UNHANDLED: usize = 2;
const ACCOUNT: &str = "410000000000";

/// Writes what the cloud exports.
pub fn write(run: &mut Run) -> Outcome<()> {
    data_stores(run)?;
    network_rules(run)?;
    backups(run)
}

/// The provider's id of a database.
pub fn database_uid(name: &str) -> String {
    format!("arn:aws:rds:us-west-2:{ACCOUNT}:db:{name}")
}

/// Place of the database whose backup failures nobody handled.
pub fn neglected_database(run: &Run) -> usize {
    run.draw("backup-story").below(DATABASES.len())
}

/// One data store.
struct Store {
    uid: String,
    kind: &'static str,
    name: String,
    class: &'static str,
}

fn stores() -> Vec<Store> {
    let databases = DATABASES.iter().map(|name| Store {
        uid: database_uid(name),
        kind: "rds:db",
        name: (*name).to_owned(),
        class: "customer",
    });
    let topics = [
        "attachments",
        "exports",
        "audit-logs",
        "models",
        "imports",
        "invoices",
        "static",
        "reports",
        "archives",
    ];
    let buckets = (0..BUCKETS).map(|n| {
        let name = format!(
            "fernhollow-{}-{}",
            topics.get(n % 9).copied().unwrap_or("data"),
            1 + n / 9
        );
        Store {
            uid: format!("arn:aws:s3:::{name}"),
            kind: "s3:bucket",
            name,
            class: if n % 3 == 0 { "customer" } else { "internal" },
        }
    });
    let queues = (1..=QUEUES).map(|n| {
        let name = format!("relay-jobs-{n}");
        Store {
            uid: format!("arn:aws:sqs:us-west-2:{ACCOUNT}:{name}"),
            kind: "sqs:queue",
            name,
            class: "internal",
        }
    });
    databases.chain(buckets).chain(queues).collect()
}

/// Mondays at 10:00 UTC, beginning the day before the period.
fn data_stores(run: &mut Run) -> Outcome<()> {
    let stores = stores();
    let mut rows = 0;
    for quarter in 0..4_usize {
        let path = format!("exports/cloud/data-stores-fy26-q{}.json", quarter + 1);
        let mut list = JsonList::create(run.folder, &path, "ResourceList")?;
        for week in quarter * 13..(quarter + 1) * 13 + usize::from(quarter == 3) {
            let day = plus(date(2025, 6, 30), 7 * week as i64);
            let taken = utc(day, 600)?.to_string();
            for store in &stores {
                list.row(&json!({
                    "Arn": store.uid, "Type": store.kind, "Name": store.name, "Region": "us-west-2",
                    "Encrypted": true, "Public": false, "MultiAz": true, "BackupPlan": store.kind == "rds:db",
                    "Tags": { "class": store.class }, "At": taken,
                }))?;
            }
        }
        rows += list.finish()?;
    }
    run.count("cloud-data-stores", rows);
    run.key.population("data_stores", stores.len());
    Ok(())
}

/// Protocol ports and sources of one security group.
const RULES: [(i64, i64, &str); 5] = [
    (443, 443, "10.20.0.0/16"),
    (5432, 5432, "10.20.16.0/20"),
    (6379, 6379, "10.20.16.0/20"),
    (22, 22, "10.20.250.0/28"),
    (8080, 8090, "10.20.32.0/20"),
];

fn network_rules(run: &mut Run) -> Outcome<()> {
    let mut list = JsonList::create(
        run.folder,
        "exports/cloud/network-rules.json",
        "SecurityGroupRules",
    )?;
    let mut rules = 0;
    for day in clock::month_ends() {
        let taken = utc(day, 1150)?.to_string();
        rules = 0;
        for group in 1..=12 {
            let open = [(443, 443, "0.0.0.0/0"), (80, 80, "0.0.0.0/0")];
            let extra = if group <= 2 { open.as_slice() } else { &[] };
            for (from, to, cidr) in RULES.iter().chain(extra) {
                rules += 1;
                list.row(&json!({
                    "SecurityGroupRuleId": format!("sgr-{group:02}{from:05}{}", if *cidr == "0.0.0.0/0" { "w" } else { "p" }),
                    "GroupArn": format!("arn:aws:ec2:us-west-2:{ACCOUNT}:security-group/sg-{group:02}"),
                    "IpProtocol": "tcp", "FromPort": from, "ToPort": to, "CidrIpv4": cidr,
                    "OpenToWorld": *cidr == "0.0.0.0/0", "CapturedAt": taken,
                }))?;
            }
        }
    }
    run.count("cloud-network-rules", list.finish()?);
    run.key.population("network_rules", rules);
    Ok(())
}

/// A failed job: database, day, and whether someone saw to it.
struct Failure {
    database: usize,
    day: Date,
    handled: bool,
}

/// Nine failures on nine different days, in order.
fn failures(run: &Run, draw: &mut Draw) -> Outcome<Vec<Failure>> {
    let days: Vec<Date> = clock::days(date(2025, 7, 12), date(2026, 6, 20))
        .step_by(3)
        .collect();
    let chosen = draw.sample(days.len(), FAILURES);
    let early = chosen
        .iter()
        .filter(|n| days.get(**n).is_some_and(|d| *d < date(2026, 4, 20)))
        .count();
    let neglected = draw.sample(early, UNHANDLED);
    let mut failures = Vec::new();
    for (place, n) in chosen.iter().enumerate() {
        let handled = !neglected.contains(&place);
        let database = if handled {
            draw.below(DATABASES.len())
        } else {
            neglected_database(run)
        };
        let day = days.get(*n).copied().ok_or("no day for a failure")?;
        failures.push(Failure {
            database,
            day,
            handled,
        });
    }
    Ok(failures)
}

fn backups(run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("backups");
    let failures = failures(run, &mut draw)?;
    let mut list = JsonList::create(run.folder, "exports/cloud/backup-jobs.json", "BackupJobs")?;
    let mut unhandled = Vec::new();
    let mut tickets = 0;
    for day in clock::days(PERIOD_START, PERIOD_END) {
        for (place, database) in DATABASES.iter().enumerate() {
            let id = format!("bkp-{database}-{day}");
            let ended = utc(day, 540)? + minutes(draw.between(12, 55));
            let failure = failures
                .iter()
                .find(|f| f.database == place && f.day == day);
            let (mut rerun, mut ticket) = (None, None);
            if let Some(failure) = failure {
                rerun = rerun_after(failure, unhandled.len()).map(|wait| ended + minutes(wait));
                if failure.handled {
                    tickets += 1;
                    let key = format!("OPS-{}", 200 + tickets);
                    let closed = ended + minutes(1500);
                    let summary = format!("Backup of {database} failed on {day}");
                    run.tickets.push(Ticket::new(
                        key.clone(),
                        "backup",
                        ended + minutes(35),
                        closed,
                        "",
                        "",
                        summary,
                    ));
                    ticket = Some(key);
                } else {
                    unhandled.push(id.clone());
                }
            }
            list.row(&json!({
                "BackupJobId": id, "ResourceArn": database_uid(database), "ScheduledFor": day.to_string(),
                "CompletionDate": ended.to_string(), "State": if failure.is_some() { "FAILED" } else { "COMPLETED" },
                "RetryCompletionDate": rerun.map(|at| at.to_string()), "Ticket": ticket,
            }))?;
        }
    }
    let jobs = list.finish()?;
    run.count("cloud-backup-jobs", jobs);
    run.key.population("backup_jobs", jobs as usize);
    run.key.population("backup_failures", failures.len());
    run.key.finding("V7", "two failures without a ticket and without a successful repeat within 24 hours: the first was never repeated, the second 31 hours later; a later restore of that database succeeded");
    run.key.expects(
        "V7",
        "backup-failure-handled",
        Some(failures.len()),
        unhandled,
    );
    Ok(())
}

/// Minutes from the failure to the successful repeat; nothing when there was none.
fn rerun_after(failure: &Failure, unhandled_before: usize) -> Option<i64> {
    match (failure.handled, unhandled_before) {
        (true, _) => Some(95 + 60 * i64::from(failure.day.day() % 14)),
        (false, 0) => None,
        (false, _) => Some(31 * 60),
    }
}
