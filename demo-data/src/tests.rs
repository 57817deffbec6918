//! Sizes, determinism and the seeded deviations, over several seeds, told from
//! the written files and not from the values they were made of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::*;

const SEEDS: [u64; 4] = [1, 2, 3, 20_260_630];

fn generated(seed: u64, pack: Pack) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    generate(&Options::of(seed, pack), folder.path()).unwrap();
    folder
}

fn key(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("answer-key.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn lines(folder: &Path, path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("exports").join(path)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn list(folder: &Path, path: &str, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("exports").join(path)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document[name].as_array().unwrap().clone()
}

/// First cell of each record of a CSV file whose first column has no quotes inside.
fn first_cells(folder: &Path, path: &str) -> BTreeSet<String> {
    let bytes = std::fs::read(folder.join("exports").join(path)).unwrap();
    let text: String = bytes.iter().map(|b| char::from(*b)).collect();
    let cell = |line: &str| {
        line.split([',', ';'])
            .next()
            .unwrap()
            .trim_matches('"')
            .to_owned()
    };
    text.lines().skip(1).map(cell).collect()
}

fn texts(value: &Value) -> BTreeSet<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn populations_have_the_sizes_of_the_notes() {
    let wanted = [
        ("people", 161),
        ("employees_at_start", 104),
        ("new_hires", 34),
        ("employee_leavers", 18),
        ("employees_at_end", 120),
        ("contractors_engaged", 22),
        ("contractor_leavers", 8),
        ("contractors_at_end", 14),
        ("leavers", 27),
        ("access_requests", 412),
        ("access_requests_joiner", 34),
        ("access_requests_mover", 61),
        ("access_requests_ad_hoc", 299),
        ("access_requests_leaver", 18),
        ("user_access_reviews", 36),
        ("privileged_access_reviews", 12),
        ("merged_prs", 3184),
        ("merged_prs_by_robot", 212),
        ("merged_prs_while_unprotected", 61),
        ("repositories", 14),
        ("deployments", 1126),
        ("emergency_changes", 22),
        ("vulnerability_scans", 52),
        ("vulnerabilities", 1312),
        ("vulnerabilities_critical", 3),
        ("vulnerabilities_high", 41),
        ("penetration_tests", 1),
        ("penetration_findings", 11),
        ("alerts", 4380),
        ("security_tickets", 27),
        ("incidents", 6),
        ("breach_notifications", 0),
        ("backup_jobs", 1460),
        ("backup_failures", 9),
        ("restore_tests", 4),
        ("recovery_exercises", 1),
        ("tabletops", 2),
        ("capacity_reviews", 12),
        ("vendors", 64),
        ("critical_vendors", 11),
        ("new_vendors", 9),
        ("risk_assessments", 1),
        ("risk_register_updates", 4),
        ("board_meetings", 4),
        ("steering_meetings", 12),
        ("training_population", 124),
        ("policy_acknowledgements", 158),
        ("performance_reviews", 101),
        ("devices", 141),
        ("data_stores", 48),
        ("identities", 134),
        ("production_identities", 31),
        ("firewall_reviews", 2),
        ("customer_offboardings", 17),
        ("laptops_disposed", 12),
        ("contracts", 86),
        ("customers_active", 412),
        ("service_levels", 12),
    ];
    for seed in SEEDS {
        let folder = generated(seed, Pack::A);
        let key = key(folder.path());
        for (name, size) in wanted {
            assert_eq!(key["populations"][name], size, "{name} of seed {seed}");
        }
    }
}

#[test]
fn the_deviations_are_as_many_as_the_notes_say() {
    let wanted = [
        ("V1", "access-removed-on-leaving", 1),
        ("V2", "change-approved-by-another-person", 2),
        ("V3", "access-review-on-time", 1),
        ("V3", "access-review-removals-executed", 3),
        ("V4", "background-check-before-start", 1),
        ("V5", "training-completed-on-time", 5),
        ("V6", "vulnerability-fixed-in-time", 2),
        ("V7", "backup-failure-handled", 2),
        ("V8", "vendor-reviewed-yearly", 1),
        ("V9", "access-approved-before-grant", 1),
        ("V10", "branch-protected", 1),
        ("T8", "availability-commitment", 1),
        ("T3", "breach-notified", 0),
        ("T2", "recovery-exercised-yearly", 0),
        ("V1", "no-sign-in-after-leaving", 0),
    ];
    for seed in SEEDS {
        let folder = generated(seed, Pack::A);
        let key = key(folder.path());
        for (finding, test, count) in wanted {
            let expected = &key["findings"][finding]["tests"][test];
            assert_eq!(expected["deviations"], count, "{finding} of seed {seed}");
            assert_eq!(
                texts(&expected["items"]).len(),
                count,
                "{finding} of seed {seed}"
            );
        }
        let deviating = key["tests"]
            .as_object()
            .unwrap()
            .values()
            .filter(|t| t["deviations"] != 0);
        assert_eq!(deviating.count(), 12, "seed {seed}");
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    for seed in [1, 2] {
        let (one, two) = (generated(seed, Pack::A), generated(seed, Pack::A));
        assert_eq!(
            files::listing(one.path()).unwrap(),
            files::listing(two.path()).unwrap()
        );
        assert_eq!(
            changed(one.path(), two.path()).unwrap(),
            Vec::<String>::new(),
            "seed {seed}"
        );
    }
}

#[test]
fn another_seed_hits_other_items() {
    let (one, two) = (generated(1, Pack::A), generated(2, Pack::A));
    let (one, two) = (key(one.path()), key(two.path()));
    for test in [
        "access-removed-on-leaving",
        "change-approved-by-another-person",
        "vulnerability-fixed-in-time",
    ] {
        assert_ne!(
            one["tests"][test]["items"], two["tests"][test]["items"],
            "{test}"
        );
    }
}

#[test]
fn the_committed_files_are_those_of_the_generator() {
    check(&sample_folder()).unwrap();
}

#[test]
fn pack_b_differs_by_access_alone() {
    let (base, pack) = (generated(1, Pack::A), generated(1, Pack::B));
    let (a, b) = (key(base.path()), key(pack.path()));
    let differ = |test: &str| a["tests"][test]["deviations"] != b["tests"][test]["deviations"];
    let tests: Vec<&String> = b["tests"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|t| differ(t))
        .collect();
    assert_eq!(
        tests,
        [
            "access-removed-on-leaving",
            "access-review-on-time",
            "access-review-removals-executed"
        ]
    );
    assert_eq!(b["tests"]["access-removed-on-leaving"]["deviations"], 9);
    assert_eq!(b["tests"]["access-removed-on-leaving"]["tested"], 27);
    assert_eq!(b["tests"]["access-review-on-time"]["deviations"], 18);
}

/// T1: the first report lacks the intern; with it both lists are the same.
#[test]
fn leavers_are_those_whose_accounts_were_switched_off() {
    for seed in SEEDS {
        let folder = generated(seed, Pack::A);
        let users = list(folder.path(), "keyring/users-2026-06-30.json", "users");
        let off = users.iter().filter(|u| !u["deactivated"].is_null());
        let off: BTreeSet<String> = off
            .map(|u| u["profile"]["employeeNumber"].as_str().unwrap().to_owned())
            .collect();
        let contractors = first_cells(folder.path(), "procurement/offboarding.csv");
        let whole = &first_cells(folder.path(), "hris/leavers.csv") | &contractors;
        let first = &first_cells(folder.path(), "hris/leavers-first.csv") | &contractors;
        assert_eq!(whole, off, "seed {seed}");
        assert_eq!(off.difference(&first).count(), 1, "seed {seed}");
    }
}

/// V2 and T5, found again in the files.
#[test]
fn changes_without_a_second_person_are_the_two_bypasses() {
    for seed in SEEDS {
        let folder = generated(seed, Pack::A);
        let id = |repo: &Value, number: &Value| format!("{}#{number}", repo.as_str().unwrap());
        let mut approved: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for review in lines(folder.path(), "codehost/reviews.ndjson") {
            let of = id(&review["repo"], &review["pull_number"]);
            approved.entry(of).or_default().push(review);
        }
        let mut bare = BTreeSet::new();
        for pull in lines(folder.path(), "codehost/pull-requests.ndjson") {
            let id = id(&pull["repo"], &pull["number"]);
            let counts = |r: &Value| {
                r["state"] == "APPROVED"
                    && r["user"] != pull["user"]
                    && r["user"]["login"] != pull["user"]["login"]
                    && r["commit_id"] == pull["head"]["sha"]
                    && r["submitted_at"].as_str() <= pull["merged_at"].as_str()
            };
            let by_person = pull["user"]["type"] == "User";
            if by_person
                && !approved
                    .get(&id)
                    .is_some_and(|reviews| reviews.iter().any(counts))
            {
                bare.insert(id);
            }
        }
        let expected = &key(folder.path())["tests"]["change-approved-by-another-person"]["items"];
        assert_eq!(bare, texts(expected), "seed {seed}");
    }
}

/// Every change has a check that succeeded before the merge, and no other check did.
#[test]
fn changes_and_successful_checks_are_the_same_commits() {
    let folder = generated(2, Pack::A);
    let pulls = lines(folder.path(), "codehost/pull-requests.ndjson");
    let checks = lines(folder.path(), "codehost/check-runs.ndjson");
    let merged: BTreeMap<&str, &str> = pulls
        .iter()
        .map(|p| {
            (
                p["head"]["sha"].as_str().unwrap(),
                p["merged_at"].as_str().unwrap(),
            )
        })
        .collect();
    let passed = checks.iter().filter(|c| c["conclusion"] == "success");
    let passed: BTreeMap<&str, &str> = passed
        .map(|c| {
            (
                c["head_sha"].as_str().unwrap(),
                c["completed_at"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(merged.keys().eq(passed.keys()));
    assert!(merged.iter().all(|(sha, at)| passed[sha] < *at));
}

#[test]
fn volumes_grow_with_the_scale() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        scale: 3,
        ..Options::of(5, Pack::A)
    };
    generate(&options, folder.path()).unwrap();
    let key = key(folder.path());
    for (name, size) in [
        ("merged_prs", 9552),
        ("leavers", 81),
        ("alerts", 13_140),
        ("devices", 423),
        ("vulnerabilities", 3936),
    ] {
        assert_eq!(key["populations"][name], size, "{name}");
    }
    assert_eq!(key["tests"]["access-removed-on-leaving"]["deviations"], 1);
}
