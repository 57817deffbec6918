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

use super::change_books::Books;
use super::clock::{self, PERIOD_END, PERIOD_START, minutes, plus};
use super::draw::{Draw, Quota};
use super::people::{Company, Worker};
use super::story::Story;
use super::{Outcome, Run, code, names};

/// Changes merged in the period, of them by the robot, and released.
const MERGED: usize = 3184;
const BY_ROBOT: usize = 212;
const RELEASED: usize = 1126;
/// Changes of the new repository merged while it was unprotected.
const UNPROTECTED: usize = 61;
const EMERGENCIES: usize = 22;
const BYPASSES: usize = 2;
/// The robot that updates dependencies.
pub const ROBOT: &str = "relay-autobump";

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
        .map(|day| {
            (
                day,
                if clock::is_business_day(day) {
                    draw.between(70, 130) as usize
                } else {
                    draw.below(8)
                },
            )
        })
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
pub enum Kind {
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
pub struct Change<'a> {
    /// Repository.
    pub repo: &'static str,
    /// Number in the repository.
    pub number: usize,
    /// How it came about.
    pub kind: Kind,
    /// Place of its author among the day's authors.
    pub author_place: Option<usize>,
    /// Who made it; a robot when none.
    pub author: Option<&'a Worker>,
    /// Deployed to production.
    pub released: bool,
    /// Last commit of the change.
    pub head: String,
    /// Commit the merge made.
    pub merge: String,
    /// When opened.
    pub created_at: Timestamp,
    /// When the check of the last commit succeeded.
    pub built_at: Timestamp,
    /// When approved or, for a bypass, commented.
    pub approved_at: Timestamp,
    /// When merged.
    pub merged_at: Timestamp,
}

impl Change<'_> {
    /// `repo#number`.
    pub fn id(&self) -> String {
        format!("{}#{}", self.repo, self.number)
    }

    /// Login of the author.
    pub fn author(&self) -> String {
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
        let window = volumes
            .iter()
            .filter(|(day, _)| is_unprotected(story, *day))
            .map(|(_, n)| n)
            .sum();
        let elsewhere = total - UNPROTECTED * scale;
        let people = elsewhere - BY_ROBOT * scale;
        Plan {
            story,
            numbers: names::REPOSITORIES
                .iter()
                .enumerate()
                .map(|(n, repo)| (*repo, 300 + n * 170))
                .collect(),
            unprotected: Quota::new(UNPROTECTED * scale, window),
            robot: Quota::new(BY_ROBOT * scale, elsewhere),
            bypass: Quota::new(BYPASSES, people),
            bypassed: 0,
            emergency: Quota::new(EMERGENCIES * scale, people - BYPASSES),
            released: Quota::new(RELEASED * scale, total),
        }
    }

    /// The next change merged on `day`.
    fn next<'a>(
        &mut self,
        company: &Company,
        run: &Run,
        day: Date,
        authors: &[&'a Worker],
        draw: &mut Draw,
    ) -> Outcome<Change<'a>> {
        let unprotected = is_unprotected(self.story, day) && self.unprotected.takes(draw);
        let kind = if unprotected {
            Kind::Usual
        } else {
            self.kind(draw)
        };
        let place = if unprotected {
            13
        } else {
            self.repository(day, draw)
        };
        let merged_at = merged_at(company, run, day, unprotected, draw)?;
        let approved_at = merged_at - minutes(draw.between(4, 70));
        let built_at = approved_at - minutes(draw.between(2, 30));
        let age = if place == 13 {
            draw.between(6, 15)
        } else {
            draw.between(6, 4000)
        };
        let author = (kind != Kind::Robot).then(|| draw.below(authors.len()));
        let repos = self.story.repositories();
        Ok(Change {
            repo: repos.get(place).copied().unwrap_or_default(),
            number: 0,
            kind,
            author: author.and_then(|place| authors.get(place)).copied(),
            author_place: author,
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
pub fn is_unprotected(story: &Story, day: Date) -> bool {
    story.new_repository_on <= day && day < story.protected_from()
}

/// A time of the working day, some evenings; afternoon on the first day of the
/// new repository, before three on the last day of the period.
fn merged_at(
    company: &Company,
    run: &Run,
    day: Date,
    unprotected: bool,
    draw: &mut Draw,
) -> Outcome<Timestamp> {
    let evening = draw.chance(14);
    let minute = if evening {
        draw.between(19 * 60 + 30, 21 * 60 + 30)
    } else {
        draw.between(9 * 60 + 30, 18 * 60)
    };
    let minute = match () {
        () if day == PERIOD_END => draw.between(9 * 60 + 30, 15 * 60),
        () if unprotected && day == company.story.new_repository_on => {
            draw.between(13 * 60, 18 * 60)
        }
        () => minute,
    };
    let at = run.clock.at(day, minute)? + SignedDuration::from_secs(draw.between(0, 59));
    debug_assert!(!unprotected || at > code::made_at(&company.story, &run.clock)?);
    Ok(at)
}
