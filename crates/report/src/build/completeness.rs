//! What must be known before a word is written.
//!
//! What must hold: every problem is found here or in a section's own writer, so
//! that the author sees all of them in one run. Judgment is not checked here;
//! that is the work of the checks before issue.

use tickmark_catalog::Problem;

use crate::facts::{DeviationFacts, ReportFacts, TestFacts};
use crate::value::{Coverage, Opinion, Outcome, ReportType, Selection, label};

/// Every missing or contradictory fact.
pub fn problems(facts: &ReportFacts) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(names(facts));
    problems.extend(coverage(facts));
    problems.extend(scope(facts));
    problems.extend(opinion(facts));
    problems.extend(controls(facts));
    problems.extend(
        facts
            .tests
            .iter()
            .flat_map(|test| test_problems(facts, test)),
    );
    problems.extend(deviations(facts));
    problems
}

/// Names and titles stand in bookmarks and headers, which bound their length.
const LONGEST_NAME: usize = 300;

fn names(facts: &ReportFacts) -> Vec<Problem> {
    let names = [
        ("organization name", &facts.organization.name),
        ("organization short name", &facts.organization.short_name),
        ("system name", &facts.system.name),
        ("description title", &facts.system.description_title),
        ("firm name", &facts.firm.name),
        ("firm city and state", &facts.firm.place),
        ("addressee", &facts.addressee),
        ("report id", &facts.report_id),
        ("signatory title", &facts.management.signatory_title),
    ];
    let missing = names.iter().filter(|(_, value)| value.trim().is_empty());
    let missing = missing.map(|(name, _)| Problem::new(format!("the report has no {name}")));
    let named = names
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_str()));
    let too_long = named
        .chain(titles(facts))
        .filter(|(_, value)| value.chars().count() > LONGEST_NAME);
    let too_long = too_long.map(|(name, _)| {
        Problem::new(format!(
            "the {name} is longer than {LONGEST_NAME} characters"
        ))
    });
    missing.chain(too_long).collect()
}

fn titles(facts: &ReportFacts) -> impl Iterator<Item = (String, &str)> {
    let controls = facts
        .controls
        .iter()
        .map(|c| (format!("title of control `{}`", c.id), c.title.as_str()));
    let parts = facts
        .description
        .iter()
        .map(|p| (format!("title in `{}`", p.file), p.title.as_str()));
    let others = facts.subservice.iter().map(|s| {
        (
            format!("name of subservice organization `{}`", s.id),
            s.name.as_str(),
        )
    });
    controls.chain(parts).chain(others)
}

fn coverage(facts: &ReportFacts) -> Option<Problem> {
    let fits = match facts.coverage {
        Coverage::AsOf { .. } => facts.report_type == ReportType::Type1,
        Coverage::Throughout { start, end } => {
            facts.report_type != ReportType::Type1 && start <= end
        }
    };
    (!fits).then(|| {
        Problem::new("the dates do not fit the type of report")
            .cause(format!("the report is a {}", label(facts.report_type)))
            .cause(format!("it covers {}", facts.coverage.dates()))
            .hint("type 1 is as of one date; type 2 and SOC 3 cover a period that begins before it ends")
    })
}

fn scope(facts: &ReportFacts) -> Vec<Problem> {
    let mut problems = Vec::new();
    if facts.categories.is_empty() {
        problems.push(Problem::new("no trust services category is in scope"));
    }
    if facts.criteria.is_empty() {
        problems.push(Problem::new("no trust services criterion is in scope"));
    }
    for criterion in &facts.criteria {
        if !facts
            .controls
            .iter()
            .any(|control| control.criteria.contains(&criterion.id))
        {
            problems.push(
                Problem::new(format!("criterion `{}` has no control", criterion.id))
                    .hint("map a control to it, or declare it not relevant with a reason (DC 8)"),
            );
        }
    }
    problems
}

fn opinion(facts: &ReportFacts) -> Option<Problem> {
    let is_modified = facts.opinion.overall != Opinion::Unmodified;
    if is_modified != facts.opinion.grounds.is_empty() {
        return None;
    }
    Some(if is_modified {
        Problem::new("the opinion is modified but its basis is not recorded")
            .hint("record what the matter is, which criteria it affects and its effect")
    } else {
        Problem::new("the opinion is unmodified but a basis for modifying it is recorded")
    })
}

fn controls(facts: &ReportFacts) -> Vec<Problem> {
    if facts.report_type != ReportType::Type2 {
        return Vec::new();
    }
    let untested = facts
        .controls
        .iter()
        .filter(|c| !facts.tests.iter().any(|t| t.control == c.id));
    untested
        .map(|control| {
            Problem::new(format!("control `{}` has no test", control.id))
                .hint("link a control test to it or record a manual procedure")
        })
        .collect()
}

fn test_problems(facts: &ReportFacts, test: &TestFacts) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !facts
        .controls
        .iter()
        .any(|control| control.id == test.control)
    {
        problems.push(Problem::new(format!(
            "test `{}` tests control `{}`, which the report does not have",
            test.id, test.control
        )));
    }
    if test.procedure.trim().is_empty() {
        problems.push(Problem::new(format!(
            "test `{}` does not say what was done",
            test.id
        )));
    }
    if (test.outcome == Outcome::Exceptions) != (test.deviations > 0) {
        problems.push(Problem::new(format!(
            "the outcome of test `{}` contradicts its {} deviations",
            test.id, test.deviations
        )));
    }
    if matches!(test.selection, Selection::Sample { .. })
        && (test.tested.is_none() || test.population.is_none())
    {
        problems.push(Problem::new(format!(
            "sampled test `{}` does not say how many of how many",
            test.id
        )));
    }
    problems.extend(unreported(facts, test));
    problems
}

/// Deviations of a test that no deviation record accounts for.
fn unreported(facts: &ReportFacts, test: &TestFacts) -> Option<Problem> {
    if facts.report_type != ReportType::Type2 || test.sample_of.is_some() {
        return None;
    }
    let of_test = facts.deviations.iter().filter(|d| d.belongs_to(test));
    let recorded: u64 = of_test.map(|d| d.count).sum();
    (recorded != test.deviations).then(|| {
        Problem::new(format!(
            "test `{}` found {} deviations, but {recorded} are recorded",
            test.id, test.deviations
        ))
        .hint("every deviation is evaluated and told; record each with its narrative")
    })
}

fn deviations(facts: &ReportFacts) -> Vec<Problem> {
    let is_lost = |d: &&DeviationFacts| !facts.tests.iter().any(|t| d.belongs_to(t));
    let lost = facts.deviations.iter().filter(is_lost);
    lost.map(|d| {
        Problem::new(format!(
            "deviation `{}` belongs to test `{}`, which the report does not have for its controls",
            d.id, d.test
        ))
    })
    .collect()
}
