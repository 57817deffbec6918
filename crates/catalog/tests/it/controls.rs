//! The library of controls: complete, and every reference in it exists.

use std::collections::BTreeSet;

use tickmark_catalog::{ControlId, CriterionId, TestMode, catalog};

/// The control tests the library promises.
const CONTROL_TESTS: &[&str] = &[
    "access-approved-before-grant",
    "access-removed-on-leaving",
    "access-review-on-time",
    "access-review-removals-executed",
    "account-belongs-to-person",
    "admin-ports-closed",
    "alert-triaged-in-time",
    "background-check-before-start",
    "backup-failure-handled",
    "backup-job-daily",
    "board-meets-quarterly",
    "branch-protected",
    "breach-notified",
    "capacity-reviewed-monthly",
    "change-approved-by-another-person",
    "change-tested-before-merge",
    "conduct-accepted",
    "confidentiality-signed-before-access",
    "contract-terms-reviewed",
    "control-owner-named",
    "customer-data-deleted",
    "deployment-through-pipeline",
    "deployment-traces-to-change",
    "disposal-certified",
    "emergency-change-approved",
    "firewall-reviewed-half-yearly",
    "incident-recorded",
    "incident-reviewed",
    "laptop-protected",
    "malware-protection-on",
    "new-vendor-reviewed",
    "no-public-store",
    "no-sign-in-after-leaving",
    "penetration-findings-closed",
    "performance-review-held",
    "policy-acknowledged",
    "policy-reviewed-yearly",
    "privileged-access-reviewed-monthly",
    "recovery-exercised-yearly",
    "restore-tested-quarterly",
    "risk-assessment-yearly",
    "scan-covers-inventory",
    "scan-weekly",
    "second-factor-enrolled",
    "store-encrypted",
    "store-in-two-zones",
    "training-completed-on-time",
    "vendor-reviewed-yearly",
    "vulnerability-fixed-in-time",
];

#[test]
fn there_are_106_controls_numbered_without_gaps() {
    let ids: Vec<&str> = catalog()
        .controls
        .iter()
        .map(|control| control.id.as_str())
        .collect();
    let expected: Vec<String> = (1..=106).map(|number| format!("TM-{number:03}")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn seventy_six_can_be_tested_over_the_whole_population() {
    let count = |mode| {
        catalog()
            .controls
            .iter()
            .filter(|control| control.mode == mode)
            .count()
    };
    assert_eq!(count(TestMode::Full), 76);
    assert_eq!(
        count(TestMode::Full) + count(TestMode::Sample) + count(TestMode::Inspect),
        106
    );
}

#[test]
fn every_criterion_has_a_control() {
    for criterion in CriterionId::all() {
        assert!(
            catalog().controls_for(criterion).next().is_some(),
            "no control for {criterion}"
        );
    }
}

#[test]
fn every_control_names_evidence_and_no_control_repeats_itself() {
    for control in &catalog().controls {
        assert!(
            !control.evidence.is_empty(),
            "{} names no evidence",
            control.id
        );
        let criteria: BTreeSet<CriterionId> = control.criteria.iter().copied().collect();
        assert_eq!(
            criteria.len(),
            control.criteria.len(),
            "{} names a criterion twice",
            control.id
        );
        let points: BTreeSet<_> = control.points_of_focus.iter().collect();
        assert_eq!(
            points.len(),
            control.points_of_focus.len(),
            "{} names a point twice",
            control.id
        );
    }
}

#[test]
fn listed_control_tests_and_linked_control_tests_are_the_same() {
    let linked: BTreeSet<&str> = catalog()
        .controls
        .iter()
        .flat_map(|control| &control.tests)
        .map(|test| test.as_str())
        .collect();
    assert_eq!(linked, CONTROL_TESTS.iter().copied().collect());
}

#[test]
fn titles_differ_and_descriptions_are_sentences() {
    let titles: BTreeSet<&str> = catalog()
        .controls
        .iter()
        .map(|control| control.title.as_str())
        .collect();
    assert_eq!(titles.len(), catalog().controls.len());
    for control in &catalog().controls {
        assert!(
            control.description.ends_with('.'),
            "{}: {}",
            control.id,
            control.description
        );
    }
}

#[test]
fn controls_are_found_by_id() {
    let id: ControlId = "TM-048".parse().unwrap();
    assert_eq!(
        catalog()
            .control(&id)
            .unwrap()
            .primary_criterion()
            .unwrap()
            .as_str(),
        "CC6.2"
    );
}
