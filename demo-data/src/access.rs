//! Ticketing: requests to grant, change and end access.
//!
//! Every hire has a joiner request, every employee who left a leaver request,
//! the rest are moves and single grants; each is approved by the owner
//! of the system before it is carried out. V9: one single grant was carried out
//! three hours before its approval.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};

use super::clock::{self, Clock, minutes, plus};
use super::draw::Draw;
use super::files::{Csv, Dialect};
use super::people::{Company, Employment, Worker};
use super::reviews::{SYSTEMS, owner};
use super::{Outcome, Run};

/// Moves within the company.
const MOVERS: usize = 61;
/// Single grants.
const AD_HOC: usize = 299;

/// One request.
struct Request {
    kind: &'static str,
    system: &'static str,
    subject: String,
    requester: String,
    approver: String,
    requested_at: Timestamp,
    approved_at: Timestamp,
    granted_at: Timestamp,
    early: bool,
}

/// Writes the requests.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    let requests = requests(company, run)?;
    let header = [
        "Issue key",
        "Request type",
        "System",
        "Subject",
        "Reporter",
        "Approver",
        "Created",
        "Approved",
        "Fulfilled",
        "Status",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/ticketing/access-requests.csv",
        Dialect::Plain,
        &header,
    )?;
    let mut early = Vec::new();
    for (number, request) in (1001..).zip(&requests) {
        let key = format!("ACC-{number}");
        if request.early {
            early.push(key.clone());
        }
        csv.row(&row(key, request, &run.clock))?;
    }
    run.count("ticketing-access-requests", csv.finish()?);
    for kind in ["joiner", "mover", "ad_hoc", "leaver"] {
        let size = requests.iter().filter(|r| r.kind == kind).count();
        run.key.population(&format!("access_requests_{kind}"), size);
    }
    run.key.population("access_requests", requests.len());
    run.key
        .finding("V9", "granted exactly three hours before the approval");
    run.key.expects(
        "V9",
        "access-approved-before-grant",
        Some(requests.len()),
        early,
    );
    Ok(())
}

fn row(key: String, request: &Request, clock: &Clock) -> Vec<String> {
    vec![
        key,
        request.kind.to_owned(),
        request.system.to_owned(),
        request.subject.clone(),
        request.requester.clone(),
        request.approver.clone(),
        clock.with_offset(request.requested_at),
        clock.with_offset(request.approved_at),
        clock.with_offset(request.granted_at),
        "Done".to_owned(),
    ]
}

/// All requests, in the order in which they were made.
fn requests(company: &Company, run: &Run) -> Outcome<Vec<Request>> {
    let mut draw = run.draw("access-requests");
    let scale = run.options.scale;
    let mut all = Vec::new();
    for worker in company.workers.iter().filter(|w| w.is_hire()) {
        all.push(joiner(company, worker, &run.clock, &mut draw)?);
    }
    for worker in company
        .leavers()
        .filter(|w| w.employment == Employment::Employee)
    {
        all.push(leaver(company, worker, &run.clock, &mut draw)?);
    }
    let mut desk = Desk::open(company);
    for _ in 0..MOVERS * scale {
        all.push(desk.single("mover", &run.clock, &mut draw)?);
    }
    let mut grants = Vec::new();
    for worker in company
        .workers
        .iter()
        .filter(|w| w.is_hire() && w.production_on.is_some())
    {
        grants.push(production(company, worker, &run.clock, &mut draw)?);
    }
    let planned = grants.len();
    for _ in planned..AD_HOC * scale {
        grants.push(desk.single("ad_hoc", &run.clock, &mut draw)?);
    }
    let early = planned + draw.below(grants.len() - planned);
    if let Some(request) = grants.get_mut(early) {
        make_early(request, &run.clock)?;
    }
    all.extend(grants);
    all.sort_by(|a, b| {
        (a.requested_at, &a.subject, a.kind).cmp(&(b.requested_at, &b.subject, b.kind))
    });
    Ok(all)
}

/// V9: asked in the morning, granted at noon, approved three hours later.
fn make_early(request: &mut Request, clock: &Clock) -> Outcome<()> {
    let day = clock.day(request.requested_at);
    request.requested_at = clock.at(day, 9 * 60 + 12)?;
    request.granted_at = clock.at(day, 11 * 60 + 48)?;
    request.approved_at = request.granted_at + SignedDuration::from_hours(3);
    request.early = true;
    Ok(())
}

/// The owner of the system or, where that is the subject or the one who asked, another head.
fn approver(company: &Company, subject: &Worker, requester: &str, system: &str) -> Outcome<String> {
    for title in [owner(system), "Head of Security", "Compliance Manager"] {
        let head = company.head(title)?;
        if head.id != subject.id && head.email != requester {
            return Ok(head.email.clone());
        }
    }
    Err(format!("nobody can approve access to `{system}`"))
}

fn manager_of(company: &Company, worker: &Worker) -> Outcome<String> {
    let found = company.workers.iter().find(|w| w.id == worker.manager_id);
    Ok(found
        .map_or(company.head("Head of IT")?, |m| m)
        .email
        .clone())
}

fn joiner(company: &Company, worker: &Worker, clock: &Clock, draw: &mut Draw) -> Outcome<Request> {
    let requester = company.head("Head of People")?.email.clone();
    let requested_at = clock.at(
        plus(worker.start, -draw.between(4, 9)),
        draw.between(9 * 60, 16 * 60),
    )?;
    Ok(Request {
        kind: "joiner",
        system: "keyring",
        subject: worker.id.clone(),
        approver: approver(company, worker, &requester, "keyring")?,
        requester,
        requested_at,
        approved_at: requested_at + minutes(draw.between(10, 150)),
        granted_at: super::identity::created_at(worker, clock)?,
        early: false,
    })
}

fn leaver(company: &Company, worker: &Worker, clock: &Clock, draw: &mut Draw) -> Outcome<Request> {
    let last_day = worker.last_day.ok_or("a leaver without a last day")?;
    let requester = company.head("Head of People")?.email.clone();
    let requested_at = clock.at(
        plus(last_day, -draw.between(5, 9)),
        draw.between(9 * 60, 16 * 60),
    )?;
    Ok(Request {
        kind: "leaver",
        system: "keyring",
        subject: worker.id.clone(),
        approver: approver(company, worker, &requester, "keyring")?,
        requester,
        requested_at,
        approved_at: requested_at + minutes(draw.between(10, 150)),
        granted_at: worker
            .access_ended_at
            .ok_or("a leaver without an end of access")?,
        early: false,
    })
}

/// Where single requests are made.
struct Desk<'c> {
    company: &'c Company,
    days: Vec<Date>,
    staff: BTreeMap<Date, Vec<&'c Worker>>,
}

impl<'c> Desk<'c> {
    /// Opens on business days that leave time to carry a request out.
    fn open(company: &'c Company) -> Desk<'c> {
        let days = clock::clear_days(date(2025, 7, 2), date(2026, 6, 22), 0);
        Desk {
            company,
            days,
            staff: BTreeMap::new(),
        }
    }

    /// Someone at work on `day` and for some time after.
    fn subject(&mut self, day: Date, draw: &mut Draw) -> Outcome<&'c Worker> {
        let company = self.company;
        let stays = |w: &&Worker| w.last_day.is_none_or(|last| last > plus(day, 9));
        let staff = self.staff.entry(day).or_insert_with(|| {
            let mut staff = company.active(day);
            staff.retain(|w| !w.is_head() && w.start < day && stays(w));
            staff
        });
        draw.pick(staff).copied()
    }

    fn single(&mut self, kind: &'static str, clock: &Clock, draw: &mut Draw) -> Outcome<Request> {
        let day = *draw.pick(&self.days)?;
        let subject = self.subject(day, draw)?;
        let requester = if draw.chance(60) {
            subject.email.clone()
        } else {
            manager_of(self.company, subject)?
        };
        let requested_at = clock.at(day, draw.between(8 * 60 + 30, 16 * 60))?
            + SignedDuration::from_secs(draw.between(0, 59));
        let approved_at = requested_at + minutes(draw.between(6, 110));
        let system: &'static str = draw.pick(&SYSTEMS)?;
        Ok(Request {
            kind,
            system,
            subject: subject.id.clone(),
            approver: approver(self.company, subject, &requester, system)?,
            requester,
            requested_at,
            approved_at,
            granted_at: approved_at + minutes(draw.between(3, 240)),
            early: false,
        })
    }
}

/// The grant of production access to a hire.
fn production(
    company: &Company,
    worker: &Worker,
    clock: &Clock,
    draw: &mut Draw,
) -> Outcome<Request> {
    let day = worker
        .production_on
        .ok_or("no production access to grant")?;
    let requested_at = clock.at(
        plus(day, -draw.between(2, 3)),
        draw.between(9 * 60, 15 * 60),
    )?;
    let granted_at = clock.at(day, draw.between(9 * 60, 15 * 60))?;
    let requester = manager_of(company, worker)?;
    Ok(Request {
        kind: "ad_hoc",
        system: "aws",
        subject: worker.id.clone(),
        approver: approver(company, worker, &requester, "aws")?,
        requester,
        requested_at,
        approved_at: requested_at + minutes(draw.between(20, 300)),
        granted_at,
        early: false,
    })
}
