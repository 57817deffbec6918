//! The cases over a whole population: a test of the library and the snapshots
//! it reads.

use std::collections::BTreeMap;
use std::path::Path;

use tickmark_control_tests::{ControlTest, library};
use tickmark_runner::{CalendarDefinition, Datasets, SnapshotFile};

use crate::Outcome;

/// One case.
pub struct Case {
    /// The control test.
    pub test: &'static str,
    /// Its populations, as `bench_data` names them.
    pub populations: &'static [&'static str],
    /// Columns of detail that go into the answer, in order.
    pub detail: &'static [&'static str],
}

const CASES: [(&str, Case); 3] = [
    (
        "merges",
        Case {
            test: "change-approved-by-another-person",
            populations: &["pull_requests", "reviews", "developers"],
            detail: &[
                "author_account",
                "earlier_approvals",
                "final_approvals",
                "merged_by_account",
                "merged_by_bypass",
                "repo",
            ],
        },
    ),
    (
        "leaving",
        Case {
            test: "no-sign-in-after-leaving",
            populations: &["leavers", "people", "staff_accounts", "sign_ins"],
            detail: &["accounts_found", "accounts_logged", "first_sign_in_at"],
        },
    ),
    (
        "factor",
        Case {
            test: "second-factor-enrolled",
            populations: &["daily_accounts"],
            detail: &[
                "days_deviating",
                "days_not_observed",
                "days_operating",
                "has_production_access",
                "is_admin",
            ],
        },
    ),
];

impl Case {
    /// The case with a name.
    pub fn named(name: &str) -> Outcome<Self> {
        let found = CASES.into_iter().find(|(case, _)| *case == name);
        Ok(found.ok_or_else(|| format!("no case `{name}`"))?.1)
    }

    /// The library's test.
    pub fn test(&self) -> Outcome<ControlTest> {
        let tests = library()?;
        let found = tests.into_iter().find(|test| test.id.as_str() == self.test);
        Ok(found.ok_or_else(|| format!("no test `{}`", self.test))?)
    }

    /// The snapshots below a folder.
    pub fn datasets(&self, folder: &Path) -> Outcome<Datasets> {
        let mut snapshots = Vec::new();
        for population in self.populations {
            snapshots.extend(listed(folder, population)?);
        }
        datasets(snapshots)
    }
}

/// The snapshots of a population.
pub fn listed(folder: &Path, population: &str) -> Outcome<Vec<SnapshotFile>> {
    let list = std::fs::read(folder.join(format!("{population}.json")))?;
    Ok(serde_json::from_slice(&list)?)
}

/// Snapshots over the year that `bench_data` fills. The organization works in
/// UTC, so that no engine has to convert times.
pub fn datasets(snapshots: Vec<SnapshotFile>) -> Outcome<Datasets> {
    Ok(Datasets {
        snapshots,
        program: Vec::new(),
        calendars: vec![CalendarDefinition::weekdays("company")],
        time_zone: "UTC".to_owned(),
        period: "2025-07-01..2026-06-30".parse()?,
        as_of: "2026-07-10T00:00:00Z".parse()?,
        completeness: BTreeMap::new(),
    })
}
