//! Accounts: the identity provider, the code host, the warehouse and the
//! cloud, as seen at the end of each month.
//!
//! Every person has one account at the identity provider. All second factors
//! are enrolled at every observation; machines cannot enrol one.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::clock::{self, Clock, minutes, utc};
use super::files::{Csv, Dialect, JsonList, Ndjson};
use super::people::{Company, Employment, Worker};
use super::reviews::{self, Reviews};
use super::sign_ins::{self, LastSignIns};
use super::{Outcome, Run};

/// Minutes after midnight UTC at which snapshots are taken.
const TAKEN: i64 = 19 * 60;

/// Robots on the code host.
const BOTS: [(&str, &str); 2] = [
    ("relay-autobump", "U_b070000001"),
    ("relay-deployer", "U_b070000002"),
];

/// Accounts inside the cloud itself; people come through single sign-on.
const MACHINES: [(&str, &str, bool); 5] = [
    ("relay-deployer", "service", false),
    ("backup-runner", "service", false),
    ("metrics-reader", "service", false),
    ("break-glass-1", "shared", true),
    ("break-glass-2", "shared", true),
];

/// Writes all account snapshots and the sign-in log.
pub fn write(company: &Company, reviews: &Reviews, run: &mut Run) -> Outcome<()> {
    let sign_ins = sign_ins::write(company, run)?;
    keyring(company, &sign_ins, run)?;
    code_host(company, run)?;
    warehouse(company, reviews, &sign_ins, run)?;
    cloud(company, run)
}

/// Month ends with the instant of the snapshot.
fn snapshots() -> Outcome<Vec<(Date, Timestamp)>> {
    clock::month_ends()
        .into_iter()
        .map(|day| Ok((day, utc(day, TAKEN)?)))
        .collect()
}

/// When the worker's account was made: the morning of the first day.
pub fn created_at(worker: &Worker, clock: &Clock) -> Outcome<Timestamp> {
    clock.at(worker.start, 7 * 60 + 30)
}

/// `at`, unless it lies after `now`.
fn so_far(at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    at.filter(|at| *at <= now)
}

fn keyring(company: &Company, sign_ins: &LastSignIns, run: &mut Run) -> Outcome<()> {
    let mut rows = 0;
    for (number, (day, now)) in snapshots()?.into_iter().enumerate() {
        let path = format!("exports/keyring/users-{day}.json");
        let mut list = JsonList::create(run.folder, &path, "users")?;
        for (index, worker) in company.workers.iter().enumerate() {
            if created_at(worker, &run.clock)? <= now {
                list.row(&user(
                    worker,
                    day,
                    now,
                    sign_ins.of(number, index),
                    &run.clock,
                )?)?;
            }
        }
        rows += list.finish()?;
    }
    run.count("keyring-users", rows);
    Ok(())
}

fn user(
    worker: &Worker,
    day: Date,
    now: Timestamp,
    last: Option<Timestamp>,
    clock: &Clock,
) -> Outcome<Value> {
    let ended = so_far(worker.access_ended_at, now);
    let kind = match worker.employment {
        Employment::Employee => "employee",
        Employment::Contractor => "contractor",
        Employment::Intern => "intern",
    };
    let factors: &[&str] = if worker.id.ends_with(['2', '5']) {
        &["webauthn", "totp"]
    } else {
        &["webauthn"]
    };
    Ok(json!({
        "id": worker.account_id,
        "status": if ended.is_some() { "DEPROVISIONED" } else { "ACTIVE" },
        "created": created_at(worker, clock)?.to_string(),
        "lastLogin": last.map(|at| at.to_string()),
        "deactivated": ended.map(|at| at.to_string()),
        "profile": {
            "login": worker.email,
            "displayName": format!("{} {}", worker.first, worker.last),
            "employeeNumber": worker.id,
            "userType": kind,
        },
        "credentials": { "provider": "PASSWORD", "mfaEnrolled": true, "factors": factors },
        "access": { "admin": is_admin(worker), "production": ended.is_none() && worker.reaches_production(day) },
        "asOf": now.to_string(),
    }))
}

fn is_admin(worker: &Worker) -> bool {
    matches!(
        worker.title.as_str(),
        "Head of IT" | "Systems Administrator"
    )
}

fn code_host(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut lines = Ndjson::create(run.folder, "exports/codehost/members.ndjson")?;
    let owner = company.head("Chief Technology Officer")?.email.clone();
    for (_, now) in snapshots()? {
        for worker in company.workers.iter().filter(|w| w.writes_code()) {
            let created = created_at(worker, &run.clock)? + minutes(25);
            if created > now {
                continue;
            }
            let ended = so_far(worker.access_ended_at.map(|at| at + minutes(3)), now);
            lines.row(&json!({
                "id": reviews::account_id(worker, "codehost"), "login": worker.login(), "type": "User",
                "email": worker.email, "name": format!("{} {}", worker.first, worker.last),
                "state": if ended.is_some() { "removed" } else { "active" },
                "owner": worker.title == "Chief Technology Officer", "two_factor": true, "auth": "saml",
                "created_at": created.to_string(), "removed_at": ended.map(|at| at.to_string()),
                "captured_at": now.to_string(),
            }))?;
        }
        for (login, id) in BOTS {
            lines.row(&json!({
                "id": id, "login": login, "type": "Bot", "email": null, "name": login, "state": "active",
                "owner": false, "two_factor": null, "auth": "app", "responsible": owner,
                "created_at": "2023-05-11T17:04:00Z", "removed_at": null, "captured_at": now.to_string(),
            }))?;
        }
    }
    run.count("codehost-members", lines.finish()?);
    Ok(())
}

/// The warehouse writes wall time without an offset.
fn warehouse(
    company: &Company,
    reviews: &Reviews,
    sign_ins: &LastSignIns,
    run: &mut Run,
) -> Outcome<()> {
    let header = [
        "captured",
        "user_id",
        "login_name",
        "email",
        "display_name",
        "role",
        "disabled",
        "ext_authn_duo",
        "created_on",
        "last_success_login",
        "disabled_on",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/warehouse/users.csv",
        Dialect::Plain,
        &header,
    )?;
    for (number, (_, now)) in snapshots()?.into_iter().enumerate() {
        for (index, worker) in company
            .workers
            .iter()
            .enumerate()
            .filter(|(_, w)| reviews::uses(w, "warehouse"))
        {
            let created = created_at(worker, &run.clock)? + minutes(40);
            if created > now {
                continue;
            }
            let left = worker.access_ended_at.map(|at| at + minutes(6));
            let ended = so_far(left.or(reviews.removed_at("warehouse", &worker.id)), now);
            let wall = |at: Option<Timestamp>| at.map(|at| run.clock.wall(at)).unwrap_or_default();
            csv.row(&[
                run.clock.wall(now),
                reviews::account_id(worker, "warehouse"),
                worker.login().to_uppercase(),
                worker.email.clone(),
                format!("{} {}", worker.first, worker.last),
                if worker.department == "Data" {
                    "SYSADMIN"
                } else {
                    "ANALYST"
                }
                .to_owned(),
                if ended.is_some() { "Y" } else { "N" }.to_owned(),
                "Y".to_owned(),
                run.clock.wall(created),
                wall(
                    sign_ins
                        .of(number, index)
                        .filter(|at| ended.is_none_or(|ended| *at < ended)),
                ),
                wall(ended),
            ])?;
        }
    }
    run.count("warehouse-users", csv.finish()?);
    Ok(())
}

fn cloud(company: &Company, run: &mut Run) -> Outcome<()> {
    let owner = company.head("Head of Security")?.email.clone();
    let mut list = JsonList::create(run.folder, "exports/cloud/iam-accounts.json", "Accounts")?;
    for (_, now) in snapshots()? {
        for (number, (name, kind, factor)) in (1..).zip(MACHINES) {
            list.row(&json!({
                "Arn": format!("arn:aws:iam::410000000000:user/{name}"), "UserId": format!("AIDARELAY{number:04}"),
                "UserName": name, "Kind": kind, "Mfa": if factor { Some(true) } else { None::<bool> },
                "Admin": kind == "shared", "Auth": if factor { "password" } else { "key" },
                "CreateDate": "2022-03-09T18:00:00Z", "OwnerTag": owner, "CapturedAt": now.to_string(),
            }))?;
        }
    }
    run.count("cloud-iam-accounts", list.finish()?);
    Ok(())
}
