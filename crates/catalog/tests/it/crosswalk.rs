//! The crosswalk points only to what exists.

use tickmark_catalog::{CriterionId, catalog, check_crosswalk_row, iso27001_annex_a};
use tickmark_catalog::{
    is_hipaa_security_rule, is_iso27001_2022, is_nist_800_53_r5, is_nist_csf_2, is_pci_dss_4,
};

#[test]
fn annex_a_has_93_controls() {
    let ids = iso27001_annex_a();
    assert_eq!(ids.len(), 93);
    let per_theme = ["A.5.", "A.6.", "A.7.", "A.8."]
        .map(|theme| ids.iter().filter(|id| id.starts_with(theme)).count());
    assert_eq!(per_theme, [37, 8, 14, 34]);
    assert_eq!(
        (
            ids.first().map(String::as_str),
            ids.last().map(String::as_str)
        ),
        (Some("A.5.1"), Some("A.8.34"))
    );
}

#[test]
fn one_row_per_criterion_and_every_id_exists() {
    let rows: Vec<CriterionId> = catalog()
        .crosswalk
        .iter()
        .map(|row| row.criterion)
        .collect();
    assert_eq!(rows, CriterionId::all().collect::<Vec<_>>());
    for row in &catalog().crosswalk {
        assert_eq!(check_crosswalk_row(row), [], "{}", row.criterion);
    }
}

#[test]
fn what_cannot_exist_is_refused() {
    let check = |exists: fn(&str) -> bool, good: &[&str], bad: &[&str]| {
        for id in good {
            assert!(exists(id), "`{id}` should exist");
        }
        for id in bad {
            assert!(!exists(id), "`{id}` should not exist");
        }
    };
    check(
        is_iso27001_2022,
        &["4.1", "10.2", "A.5.37", "A.8.34"],
        &["3.1", "10.3", "A.5.38", "A.6.9", "A.9.1", ""],
    );
    check(
        is_nist_csf_2,
        &["GV.OC-01", "RC.CO-03"],
        &["GV.XX-01", "PR.AC-01", "GV.OC-1", "GV.OC-00", "GV.OC"],
    );
    check(
        is_nist_800_53_r5,
        &["AC-2", "PM-28"],
        &["XX-1", "AC-0", "AC", "AC-2(1)"],
    );
    check(
        is_hipaa_security_rule,
        &["164.308", "164.308(a)(1)(ii)(A)", "164.316(b)(2)(i)"],
        &["164.309(a)", "164.308(", "164.308(a", "164.308()x"],
    );
    check(
        is_pci_dss_4,
        &["1.2", "12.10", "6"],
        &["13.1", "0.1", "a.1", "1."],
    );
}
