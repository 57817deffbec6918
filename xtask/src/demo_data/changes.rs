//! Code host and release pipeline: pull requests, reviews, check runs,
//! deployments and emergency changes.
//!
//! Written as a stream, day by day, so that a company of any scale fits in
//! memory. Every change by a person is approved on its last commit by another
//! person before the merge, except V2: two merges by an administrator's
//! bypass. A robot approves and merges its own dependency updates (T5).

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::clock::{self, PERIOD_END, PERIOD_START, minutes, plus};
use super::draw::{Draw, Quota};
use super::files::{Csv, Dialect, Ndjson};
use super::people::{Company, Worker};
use super::story::Story;
use super::tickets::Ticket;
use super::{Outcome, Run, code, names};

/// Changes merged in the period, of them by the robot, and released.
const MERGED: usize = 3184;
const BY_ROBOT: usize = 212;
const RELEASED: usize = 1126;
/// Changes of the new repository merged while it was unprotected.
const UNPROTECTED: usize = 61;
const EMERGENCIES: usize = 22;
const BYPASSES: usize = 2;
/// The robot that updates dependencies, and the one that releases.
const ROBOT: &str = "relay-autobump";
const DEPLOYER: &str = "relay-deployer";

/// Writes all exports about changes.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("changes");
    let volumes = volumes(MERGED * run.options.scale, &mut draw);
    let mut plan = Plan::new(&company.story, run.options.scale, &volumes);
    let mut books = Books::open(run)?;
    for (day, count) in &volumes {
        let authors = authors(company, *day);
        let mut changes = Vec::with_capacity(*count);
        for _ in 0..*count {
            changes.push(plan.next(company, run, *day, &authors, &mut draw)?);
        }
        changes.sort_by(|a, b| (a.merged_at, &a.head).cmp(&(b.merged_at, &b.head)));
        for mut change in changes {
            change.number = plan.number(change.repo);
            books.enter(&change, &authors, company, run, &mut draw)?;
        }
    }
    books.close(run)
}

/// Changes merged on each day: many on business days, hardly any on others.
fn volumes(total: usize, draw: &mut Draw) -> Vec<(Date, usize)> {
    let weights: Vec<(Date, usize)> = clock::days(PERIOD_START, PERIOD_END)
        .map(|day| (day, if clock::is_business_day(day) { draw.between(70, 130) as usize } else { draw.below(8) }))
        .collect();
    let sum: usize = weights.iter().map(|(_, w)| w).sum();
    let mut before = 0;
    let mut reached = 0;
    let share = |(day, weight): (Date, usize)| {
        reached += weight;
        let upto = total * reached / sum;
        let count = upto - before;
        before = upto;
        (day, count)
    };
    weights.into_iter().map(share).collect()
}

/// Those who write and review code on `day`, from a week after they began.
fn authors(company: &Company, day: Date) -> Vec<&Worker> {
    let mut people = company.active(day);
    people.retain(|w| w.writes_code() && !w.is_head() && plus(w.start, 7) <= day);
    people
}

/// What kind of change comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Approved by another person.
    Usual,
    /// Approved by another person, and declared an emergency.
    Emergency,
    /// V2: merged past the rule, `true` with a comment by another person.
    Bypass(bool),
    /// Approved by the robot that made it.
    Robot,
}

/// One merged change.
struct Change<'a> {
    repo: &'static str,
    number: usize,
    kind: Kind,
    author: Option<&'a Worker>,
    released: bool,
    head: String,
    merge: String,
    created_at: Timestamp,
    built_at: Timestamp,
    approved_at: Timestamp,
    merged_at: Timestamp,
}

impl Change<'_> {
    fn id(&self) -> String {
        format!("{}#{}", self.repo, self.number)
    }

    fn author(&self) -> String {
        self.author.map_or(ROBOT.to_owned(), Worker::login)
    }
}

/// Spreads the kinds of change over the year with exact totals.
struct Plan<'s> {
    story: &'s Story,
    numbers: BTreeMap<&'static str, usize>,
    unprotected: Quota,
    robot: Quota,
    bypass: Quota,
    bypassed: usize,
    emergency: Quota,
    released: Quota,
}

impl<'s> Plan<'s> {
    fn new(story: &'s Story, scale: usize, volumes: &[(Date, usize)]) -> Plan<'s> {
        let total: usize = volumes.iter().map(|(_, n)| n).sum();
        let window = volumes.iter().filter(|(day, _)| is_unprotected(story, *day)).map(|(_, n)| n).sum();
        let elsewhere = total - UNPROTECTED * scale;
        let people = elsewhere - BY_ROBOT * scale;
        Plan {
            story,
            numbers: names::REPOSITORIES.iter().enumerate().map(|(n, repo)| (*repo, 300 + n * 170)).collect(),
            unprotected: Quota::new(UNPROTECTED * scale, window),
            robot: Quota::new(BY_ROBOT * scale, elsewhere),
            bypass: Quota::new(BYPASSES, people),
            bypassed: 0,
            emergency: Quota::new(EMERGENCIES * scale, people - BYPASSES),
            released: Quota::new(RELEASED * scale, total),
        }
    }

    /// The next change merged on `day`.
    fn next<'a>(&mut self, company: &Company, run: &Run, day: Date, authors: &[&'a Worker], draw: &mut Draw) -> Outcome<Change<'a>> {
        let unprotected = is_unprotected(self.story, day) && self.unprotected.takes(draw);
        let kind = if unprotected { Kind::Usual } else { self.kind(draw) };
        let place = if unprotected { 13 } else { self.repository(day, draw) };
        let merged_at = merged_at(company, run, day, unprotected, draw)?;
        let approved_at = merged_at - minutes(draw.between(4, 70));
        let built_at = approved_at - minutes(draw.between(2, 30));
        let age = if place == 13 { draw.between(6, 15) } else { draw.between(6, 4000) };
        let author = if kind == Kind::Robot { None } else { Some(*draw.pick(authors)?) };
        let repos = self.story.repositories();
        Ok(Change {
            repo: repos.get(place).copied().unwrap_or_default(),
            number: 0,
            kind,
            author,
            released: self.released.takes(draw),
            head: draw.hex(40),
            merge: draw.hex(40),
            created_at: built_at - minutes(age),
            built_at,
            approved_at,
            merged_at,
        })
    }

    fn kind(&mut self, draw: &mut Draw) -> Kind {
        if self.robot.takes(draw) {
            Kind::Robot
        } else if self.bypass.takes(draw) {
            self.bypassed += 1;
            Kind::Bypass(self.bypassed > 1)
        } else if self.emergency.takes(draw) {
            Kind::Emergency
        } else {
            Kind::Usual
        }
    }

    /// A repository for a change that is not one of the unprotected ones.
    fn repository(&self, day: Date, draw: &mut Draw) -> usize {
        let settled = day > plus(self.story.protected_from(), 2);
        let busy = draw.chance(40);
        match (busy, settled) {
            (true, _) => draw.below(4),
            (false, true) => draw.below(14),
            (false, false) => draw.below(13),
        }
    }

    /// The next number of a repository.
    fn number(&mut self, repo: &'static str) -> usize {
        let last = self.numbers.entry(repo).or_default();
        *last += 1;
        *last
    }
}

/// The new repository exists on `day` and is not protected.
fn is_unprotected(story: &Story, day: Date) -> bool {
    story.new_repository_on <= day && day < story.protected_from()
}

/// A time of the working day, some evenings; afternoon on the first day of the
/// new repository, before three on the last day of the period.
fn merged_at(company: &Company, run: &Run, day: Date, unprotected: bool, draw: &mut Draw) -> Outcome<Timestamp> {
    let evening = draw.chance(14);
    let minute = if evening { draw.between(19 * 60 + 30, 21 * 60 + 30) } else { draw.between(9 * 60 + 30, 18 * 60) };
    let minute = match () {
        () if day == PERIOD_END => draw.between(9 * 60 + 30, 15 * 60),
        () if unprotected && day == company.story.new_repository_on => draw.between(13 * 60, 18 * 60),
        () => minute,
    };
    let at = run.clock.at(day, minute)? + SignedDuration::from_secs(draw.between(0, 59));
    debug_assert!(!unprotected || at > code::made_at(&company.story, &run.clock)?);
    Ok(at)
}

/// The files a change is entered in.
struct Books {
    pulls: Ndjson,
    reviews: Ndjson,
    checks: Ndjson,
    deployments: Ndjson,
    emergencies: Csv,
    emergency_count: usize,
    review_id: u64,
    bypasses: Vec<String>,
    by_robot: usize,
    unprotected: usize,
}

impl Books {
    fn open(run: &Run) -> Outcome<Books> {
        let header = ["Issue key", "Change", "Declared", "Declared by", "Approved", "Approved by"];
        let folder = run.folder;
        Ok(Books {
            pulls: Ndjson::create(folder, "exports/codehost/pull-requests.ndjson")?,
            reviews: Ndjson::create(folder, "exports/codehost/reviews.ndjson")?,
            checks: Ndjson::create(folder, "exports/codehost/check-runs.ndjson")?,
            deployments: Ndjson::create(folder, "exports/codehost/deployments.ndjson")?,
            emergencies: Csv::create(folder, "exports/ticketing/emergency-changes.csv", Dialect::Plain, &header)?,
            emergency_count: 0,
            review_id: 70_000_000,
            bypasses: Vec::new(),
            by_robot: 0,
            unprotected: 0,
        })
    }

    /// Writes a change and all that belongs to it.
    fn enter(&mut self, change: &Change, authors: &[&Worker], company: &Company, run: &mut Run, draw: &mut Draw) -> Outcome<()> {
        self.by_robot += usize::from(change.kind == Kind::Robot);
        let day = run.clock.day(change.merged_at);
        let new = change.repo == company.story.new_repository;
        self.unprotected += usize::from(new && is_unprotected(&company.story, day));
        if matches!(change.kind, Kind::Bypass(_)) {
            self.bypasses.push(change.id());
        }
        let reviewer = self.review(change, authors, draw)?;
        self.pull(change, &reviewer, draw)?;
        self.check(change, draw)?;
        if change.released {
            self.deploy(change, draw)?;
        }
        if change.kind == Kind::Emergency {
            self.emergency(change, company, run, draw)?;
        }
        Ok(())
    }

    fn pull(&mut self, change: &Change, reviewer: &str, draw: &mut Draw) -> Outcome<()> {
        let robot = change.kind == Kind::Robot;
        let title = if robot {
            format!("Bump {} to {}.{}.{}", draw.pick(&names::LIBRARIES)?, draw.below(9), draw.below(30), draw.below(12))
        } else {
            format!("{} {}", draw.pick(&names::VERBS)?, draw.pick(&names::THINGS)?)
        };
        let ticket = (!robot && draw.chance(85)).then(|| format!("RLY-{}", draw.between(2000, 9999)));
        let merger = if robot || draw.chance(70) || reviewer.is_empty() { change.author() } else { reviewer.to_owned() };
        self.pulls.row(&json!({
            "repo": change.repo, "number": change.number, "title": title,
            "user": { "login": change.author(), "type": if robot { "Bot" } else { "User" } },
            "base": { "ref": "main" }, "head": { "sha": change.head }, "merge_commit_sha": change.merge,
            "created_at": change.created_at.to_string(), "merged_at": change.merged_at.to_string(),
            "merged_by": { "login": merger }, "bypassed_rules": matches!(change.kind, Kind::Bypass(_)),
            "labels": labels(change), "ticket": ticket,
        }))
    }

    /// Writes the reviews; the login of the one who approved, empty when nobody did.
    fn review(&mut self, change: &Change, authors: &[&Worker], draw: &mut Draw) -> Outcome<String> {
        let author = change.author();
        let others: Vec<String> = authors.iter().map(|w| w.login()).filter(|login| *login != author).collect();
        let first = draw.pick(&others)?.clone();
        let second = draw.pick(&others)?.clone();
        let early = draw.hex(40);
        let before = change.created_at + change.built_at.duration_since(change.created_at) / 2;
        match change.kind {
            Kind::Robot => self.reviewed(change, ROBOT, "APPROVED", change.approved_at, &change.head)?,
            Kind::Bypass(false) => return Ok(String::new()),
            Kind::Bypass(true) => {
                self.reviewed(change, &second, "COMMENTED", change.approved_at, &change.head)?;
                return Ok(String::new());
            }
            Kind::Usual | Kind::Emergency => {
                match draw.below(100) {
                    0..12 => self.reviewed(change, &first, "CHANGES_REQUESTED", before, &early)?,
                    12..16 => self.reviewed(change, &author, "COMMENTED", before, &early)?,
                    16..19 => self.reviewed(change, &second, "APPROVED", before, &early)?,
                    _ => {}
                }
                self.reviewed(change, &first, "APPROVED", change.approved_at, &change.head)?;
            }
        }
        Ok(first)
    }

    fn reviewed(&mut self, change: &Change, login: &str, state: &str, at: Timestamp, sha: &str) -> Outcome<()> {
        self.review_id += 1;
        self.reviews.row(&json!({
            "id": self.review_id, "repo": change.repo, "pull_number": change.number, "user": { "login": login },
            "state": state, "submitted_at": at.to_string(), "commit_id": sha,
        }))
    }

    /// A success on the last commit before the approval; some failures on earlier commits.
    fn check(&mut self, change: &Change, draw: &mut Draw) -> Outcome<()> {
        if draw.chance(8) {
            let early = draw.hex(40);
            self.checked(change, &early, "failure", change.built_at - minutes(5), draw)?;
        }
        self.checked(change, &change.head, "success", change.built_at, draw)
    }

    fn checked(&mut self, change: &Change, sha: &str, conclusion: &str, at: Timestamp, draw: &mut Draw) -> Outcome<()> {
        self.checks.row(&json!({
            "id": format!("run-{}", draw.hex(10)), "repo": change.repo, "head_sha": sha, "name": "ci / verify",
            "conclusion": conclusion, "completed_at": at.to_string(),
        }))
    }

    fn deploy(&mut self, change: &Change, draw: &mut Draw) -> Outcome<()> {
        let state = match draw.below(100) {
            0 => "failure",
            1 => "rolled_back",
            _ => "success",
        };
        let at = change.merged_at + minutes(draw.between(4, 90));
        self.deployments.row(&json!({
            "id": format!("dep-{}", draw.hex(10)), "repo": change.repo, "environment": "production",
            "sha": change.merge, "pull_number": change.number, "state": state, "created_at": at.to_string(),
            "creator": { "login": DEPLOYER }, "trigger": "pipeline",
        }))
    }

    fn emergency(&mut self, change: &Change, company: &Company, run: &mut Run, draw: &mut Draw) -> Outcome<()> {
        self.emergency_count += 1;
        let key = format!("CHG-{}", 500 + self.emergency_count);
        let author = change.author.map(|w| w.email.clone()).unwrap_or_default();
        let title = draw.pick(&["Chief Technology Officer", "Vice President of Engineering", "Head of Platform"])?;
        let approver = company.head(title)?.email.clone();
        let declared = change.built_at - minutes(draw.between(6, 20));
        let approved = change.merged_at + minutes(draw.between(90, 1200));
        let clock = &run.clock;
        self.emergencies.row(&[
            key.clone(),
            change.id(),
            clock.with_offset(declared),
            author.clone(),
            clock.with_offset(approved),
            approver.clone(),
        ])?;
        let summary = format!("Emergency change {}", change.id());
        run.tickets.push(Ticket::new(key, "change", declared, approved, &approver, &author, summary));
        Ok(())
    }

    /// Closes the files and fills in the key.
    fn close(self, run: &mut Run) -> Outcome<()> {
        let merged = self.pulls.finish()?;
        let released = self.deployments.finish()?;
        let emergencies = self.emergencies.finish()?;
        run.count("codehost-pull-requests", merged);
        run.count("codehost-reviews", self.reviews.finish()?);
        run.count("codehost-check-runs", self.checks.finish()?);
        run.count("codehost-deployments", released);
        run.count("ticketing-emergency-changes", emergencies);
        let key = &mut run.key;
        key.population("merged_prs", merged as usize);
        key.population("merged_prs_by_robot", self.by_robot);
        key.population("merged_prs_while_unprotected", self.unprotected);
        key.population("deployments", released as usize);
        key.population("emergency_changes", emergencies as usize);
        let test = "change-approved-by-another-person";
        key.finding("V2", "merged by an administrator's bypass without an approval; one of them carries a comment by another person");
        key.expects("V2", test, Some(merged as usize), self.bypasses);
        key.finding("T5", format!("`{ROBOT}` approved and merged its own dependency updates under the documented policy: a sub-population of its own, not deviations"));
        key.excludes("T5", test, self.by_robot);
        Ok(())
    }
}

fn labels(change: &Change) -> Vec<&'static str> {
    let mut labels = Vec::new();
    match change.kind {
        Kind::Robot => labels.push("dependencies"),
        Kind::Emergency => labels.push("emergency"),
        Kind::Usual | Kind::Bypass(_) => {}
    }
    if change.released {
        labels.push("released");
    }
    labels
}
