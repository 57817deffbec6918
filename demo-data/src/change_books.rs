//! The exports in which a merged change leaves traces: the change itself, its
//! reviews and check runs, its deployment, and its emergency ticket.

use jiff::Timestamp;
use serde_json::json;

use super::changes::{Change, Kind, ROBOT, is_unprotected};
use super::clock::minutes;
use super::draw::Draw;
use super::files::{Csv, Dialect, Ndjson};
use super::people::{Company, Worker};
use super::tickets::Ticket;
use super::{Outcome, Run, names};

/// The robot that releases.
const DEPLOYER: &str = "relay-deployer";

/// The files a change is entered in.
pub struct Books {
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
    /// Opens the files.
    pub fn open(run: &Run) -> Outcome<Books> {
        let header = [
            "Issue key",
            "Change",
            "Declared",
            "Declared by",
            "Approved",
            "Approved by",
        ];
        let folder = run.folder;
        Ok(Books {
            pulls: Ndjson::create(folder, "exports/codehost/pull-requests.ndjson")?,
            reviews: Ndjson::create(folder, "exports/codehost/reviews.ndjson")?,
            checks: Ndjson::create(folder, "exports/codehost/check-runs.ndjson")?,
            deployments: Ndjson::create(folder, "exports/codehost/deployments.ndjson")?,
            emergencies: Csv::create(
                folder,
                "exports/ticketing/emergency-changes.csv",
                Dialect::Plain,
                &header,
            )?,
            emergency_count: 0,
            review_id: 70_000_000,
            bypasses: Vec::new(),
            by_robot: 0,
            unprotected: 0,
        })
    }

    /// Writes a change and all that belongs to it.
    pub fn enter(
        &mut self,
        change: &Change,
        authors: &[&Worker],
        company: &Company,
        run: &mut Run,
        draw: &mut Draw,
    ) -> Outcome<()> {
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
            format!(
                "Bump {} to {}.{}.{}",
                draw.pick(&names::LIBRARIES)?,
                draw.below(9),
                draw.below(30),
                draw.below(12)
            )
        } else {
            format!(
                "{} {}",
                draw.pick(&names::VERBS)?,
                draw.pick(&names::THINGS)?
            )
        };
        let ticket =
            (!robot && draw.chance(85)).then(|| format!("RLY-{}", draw.between(2000, 9999)));
        let merger = if robot || draw.chance(70) || reviewer.is_empty() {
            change.author()
        } else {
            reviewer.to_owned()
        };
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
        let first = another(change, authors, draw)?;
        let second = another(change, authors, draw)?;
        let early = draw.hex(40);
        let before = change.created_at + change.built_at.duration_since(change.created_at) / 2;
        match change.kind {
            Kind::Robot => {
                self.reviewed(change, ROBOT, "APPROVED", change.approved_at, &change.head)?
            }
            Kind::Bypass(false) => return Ok(String::new()),
            Kind::Bypass(true) => {
                self.reviewed(
                    change,
                    &second,
                    "COMMENTED",
                    change.approved_at,
                    &change.head,
                )?;
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

    fn reviewed(
        &mut self,
        change: &Change,
        login: &str,
        state: &str,
        at: Timestamp,
        sha: &str,
    ) -> Outcome<()> {
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
            self.checked(
                change,
                &early,
                "failure",
                change.built_at - minutes(5),
                draw,
            )?;
        }
        self.checked(change, &change.head, "success", change.built_at, draw)
    }

    fn checked(
        &mut self,
        change: &Change,
        sha: &str,
        conclusion: &str,
        at: Timestamp,
        draw: &mut Draw,
    ) -> Outcome<()> {
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

    fn emergency(
        &mut self,
        change: &Change,
        company: &Company,
        run: &mut Run,
        draw: &mut Draw,
    ) -> Outcome<()> {
        self.emergency_count += 1;
        let key = format!("CHG-{}", 500 + self.emergency_count);
        let author = change.author.map(|w| w.email.clone()).unwrap_or_default();
        let title = draw.pick(&[
            "Chief Technology Officer",
            "Vice President of Engineering",
            "Head of Platform",
        ])?;
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
        run.tickets.push(Ticket::new(
            key, "change", declared, approved, &approver, &author, summary,
        ));
        Ok(())
    }

    /// Closes the files and fills in the key.
    pub fn close(self, run: &mut Run) -> Outcome<()> {
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

/// Login of someone other than the author.
fn another(change: &Change, authors: &[&Worker], draw: &mut Draw) -> Outcome<String> {
    let others = authors.len() - usize::from(change.author_place.is_some());
    let drawn = draw.below(others);
    let skips = change.author_place.is_some_and(|own| drawn >= own);
    let other = authors.get(drawn + usize::from(skips));
    other
        .map(|w| w.login())
        .ok_or_else(|| format!("nobody can review `{}`", change.id()))
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
