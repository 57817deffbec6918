//! Code host: repositories and the daily state of their branch protection.
//!
//! V10: one repository was made during the period without protection and got
//! it 23 days later. Changes, reviews, builds and releases are in `changes`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::clock::{self, Clock, PERIOD_END, PERIOD_START, plus, utc};
use super::files::{JsonList, Ndjson};
use super::people::Company;
use super::story::Story;
use super::{Outcome, Run, changes};

/// Writes everything of the code host but its members.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    repositories(company, run)?;
    protection(&company.story, run)?;
    changes::write(company, run)?;
    note(&company.story, run);
    Ok(())
}

/// When the repository of V10 was made: in the morning of its first day.
pub fn made_at(story: &Story, clock: &Clock) -> Outcome<Timestamp> {
    clock.at(story.new_repository_on, 9 * 60 + 40)
}

fn repositories(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut list = JsonList::create(
        run.folder,
        "exports/codehost/repositories.json",
        "repositories",
    )?;
    let mut draw = run.draw("repositories");
    for name in company.story.repositories() {
        let made = if name == company.story.new_repository {
            made_at(&company.story, &run.clock)?
        } else {
            utc(
                plus(PERIOD_START, -draw.between(400, 2100)),
                draw.between(900, 1400),
            )?
        };
        list.row(&json!({
            "name": name, "full_name": format!("fernhollow/{name}"), "visibility": "private",
            "default_branch": "main", "archived": false, "created_at": made.to_string(),
            "custom_properties": { "soc2_scope": "yes" },
        }))?;
    }
    let rows = list.finish()?;
    run.count("codehost-repositories", rows);
    run.key.population("repositories", rows as usize);
    Ok(())
}

/// One line a day and repository, taken at 23:00 UTC: afternoon in the organization's zone.
fn protection(story: &Story, run: &mut Run) -> Outcome<()> {
    let mut lines = Ndjson::create(run.folder, "exports/codehost/branch-protection.ndjson")?;
    for day in clock::days(plus(PERIOD_START, -1), PERIOD_END) {
        let captured = utc(day, 23 * 60)?.to_string();
        for repo in story.repositories() {
            let new = repo == story.new_repository;
            if !new || day >= story.new_repository_on {
                let on = !new || day >= story.protected_from();
                lines.row(&json!({
                    "repo": repo, "branch": "main", "protected": on,
                    "approvals": u8::from(on), "dismiss_stale": on, "admins": on, "checks": on, "force_push": !on,
                    "captured_at": captured,
                }))?;
            }
        }
    }
    run.count("codehost-branch-protection", lines.finish()?);
    Ok(())
}

fn note(story: &Story, run: &mut Run) {
    let last: Date = plus(story.protected_from(), -1);
    let repo = story.new_repository;
    run.key.finding(
        "V10",
        format!(
            "`{repo}` was made on {} and its main branch stayed unprotected up to {last} (23 daily observations); every change merged in that window was approved",
            story.new_repository_on
        ),
    );
    run.key.expects(
        "V10",
        "branch-protected",
        Some(story.repositories().len()),
        vec![format!("{repo}/main")],
    );
}
