//! The answer key: what is true of the exports, written beside them.
//!
//! The engine never reads it; tests compare what the engine finds with it.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is known about one set of exports.
#[derive(Serialize)]
pub struct AnswerKey {
    /// Seed the exports were drawn from.
    pub seed: u64,
    /// Scenario pack: `a` or `b`.
    pub pack: String,
    /// Factor on the volumes.
    pub scale: usize,
    /// First and last day of the period.
    pub period: [String; 2],
    /// Sizes of the populations, by name.
    pub populations: BTreeMap<String, u64>,
    /// Records of each source, by source id.
    pub records: BTreeMap<String, u64>,
    /// Seeded deviations (`V…`) and traps (`T…`), by id.
    pub findings: BTreeMap<String, Finding>,
    /// Items that deviate under each control test; every test of the library is named.
    pub tests: BTreeMap<String, Expected>,
}

/// One seeded deviation or trap.
#[derive(Default, Serialize)]
pub struct Finding {
    /// What was put into the data, and where.
    pub notes: String,
    /// Results it is expected to have, by control test.
    pub tests: BTreeMap<String, Expected>,
}

/// What a control test is expected to find.
#[derive(Clone, Default, Serialize)]
pub struct Expected {
    /// Items of the population; null where the test may count in more than one way.
    pub tested: Option<u64>,
    /// Items of the population that are excluded under a documented policy.
    pub excluded: u64,
    /// Number of deviating items.
    pub deviations: u64,
    /// Keys of the deviating items, sorted, parts of a key joined by `/`.
    pub items: Vec<String>,
}

/// The control tests of the library; those not named by a finding deviate nowhere.
const TESTS: [&str; 47] = [
    "background-check-before-start",
    "confidentiality-signed-before-access",
    "conduct-accepted",
    "training-completed-on-time",
    "policy-acknowledged",
    "policy-reviewed-yearly",
    "performance-review-held",
    "control-owner-named",
    "board-meets-quarterly",
    "risk-assessment-yearly",
    "access-removed-on-leaving",
    "no-sign-in-after-leaving",
    "access-approved-before-grant",
    "access-review-on-time",
    "access-review-removals-executed",
    "privileged-access-reviewed-monthly",
    "second-factor-enrolled",
    "account-belongs-to-person",
    "store-encrypted",
    "admin-ports-closed",
    "firewall-reviewed-half-yearly",
    "no-public-store",
    "laptop-protected",
    "malware-protection-on",
    "disposal-certified",
    "scan-weekly",
    "scan-covers-inventory",
    "vulnerability-fixed-in-time",
    "penetration-findings-closed",
    "alert-triaged-in-time",
    "incident-recorded",
    "incident-reviewed",
    "breach-notified",
    "change-approved-by-another-person",
    "change-tested-before-merge",
    "deployment-through-pipeline",
    "deployment-traces-to-change",
    "emergency-change-approved",
    "branch-protected",
    "backup-job-daily",
    "backup-failure-handled",
    "restore-tested-quarterly",
    "recovery-exercised-yearly",
    "store-in-two-zones",
    "capacity-reviewed-monthly",
    "availability-commitment",
    "vendor-reviewed-yearly",
];

/// The rest of the control tests of the library.
const MORE_TESTS: [&str; 3] = [
    "new-vendor-reviewed",
    "contract-terms-reviewed",
    "customer-data-deleted",
];

impl AnswerKey {
    /// A key in which nothing deviates.
    pub fn new(seed: u64, pack: &str, scale: usize, period: [String; 2]) -> AnswerKey {
        let tests = TESTS.iter().chain(&MORE_TESTS);
        AnswerKey {
            seed,
            pack: pack.to_owned(),
            scale,
            period,
            populations: BTreeMap::new(),
            records: BTreeMap::new(),
            findings: BTreeMap::new(),
            tests: tests
                .map(|t| ((*t).to_owned(), Expected::default()))
                .collect(),
        }
    }

    /// Notes the size of a population.
    pub fn population(&mut self, name: &str, size: usize) {
        self.populations.insert(name.to_owned(), size as u64);
    }

    /// Notes what a finding is about.
    pub fn finding(&mut self, id: &str, notes: impl Into<String>) {
        self.findings.entry(id.to_owned()).or_default().notes = notes.into();
    }

    /// Notes the items of `test` that deviate because of finding `id`.
    pub fn expects(&mut self, id: &str, test: &str, tested: Option<usize>, mut items: Vec<String>) {
        items.sort();
        let expected = Expected {
            tested: tested.map(|n| n as u64),
            excluded: 0,
            deviations: items.len() as u64,
            items,
        };
        let finding = self.findings.entry(id.to_owned()).or_default();
        finding.tests.insert(test.to_owned(), expected.clone());
        self.tests.insert(test.to_owned(), expected);
    }

    /// Notes that `test` excludes items because of finding `id`.
    pub fn excludes(&mut self, id: &str, test: &str, excluded: usize) {
        let expected = self.tests.entry(test.to_owned()).or_default();
        expected.excluded = excluded as u64;
        let finding = self.findings.entry(id.to_owned()).or_default();
        finding.tests.insert(test.to_owned(), expected.clone());
    }
}
