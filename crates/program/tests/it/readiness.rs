//! What the small company still lacks.

use crate::sample::{edited, program, texts};

#[test]
fn criteria_without_controls() {
    let program = program(&texts());
    let missing = program.criteria_without_controls();
    assert_eq!(missing.len(), 50 - 3);
    assert!(
        missing
            .iter()
            .all(|id| !["CC6.2", "CC6.3", "CC9.2", "P3.1", "A1.1"].contains(&id.as_str()))
    );
}

#[test]
fn records_without_controls_or_tests() {
    let program = program(&texts());
    let ids = |found: Vec<&str>| found.join(" ");
    assert_eq!(
        ids(program
            .controls_without_tests()
            .iter()
            .map(|c| c.id.as_str())
            .collect()),
        "QP-02"
    );
    assert_eq!(
        ids(program
            .commitments_without_controls()
            .iter()
            .map(|c| c.id.as_str())
            .collect()),
        "PSC-02"
    );
    assert_eq!(
        ids(program
            .requirements_without_controls()
            .iter()
            .map(|r| r.id.as_str())
            .collect()),
        ""
    );
    assert_eq!(
        ids(program
            .mitigated_risks_without_controls()
            .iter()
            .map(|r| r.id.as_str())
            .collect()),
        "R-02"
    );
}

#[test]
fn an_accepted_risk_needs_no_control() {
    let accepted = edited(
        "risks.toml",
        "impact = 3\ntreatment = \"mitigate\"",
        "impact = 3\ntreatment = \"accept\"",
    );
    assert_eq!(
        program(&accepted).mitigated_risks_without_controls().len(),
        0
    );
}

#[test]
fn criteria_left_to_others_without_a_control_there() {
    let program = program(&texts());
    let missing: Vec<String> = program
        .subservice_criteria_without_controls()
        .into_iter()
        .map(|(name, id)| format!("{name} {id}"))
        .collect();
    assert_eq!(missing, ["Harbor Cloud, Inc. CC6.5"]);
}
