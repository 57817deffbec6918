//! The library over the sample company finds exactly what the answer key says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::Value;
use tickmark_catalog::{Sha256Hex, catalog};
use tickmark_control_tests::{ItemStatus, Outcome, TestResult, library};
use tickmark_evidence::manifest::Collector;
use tickmark_evidence::{
    Import, KeyRow, Mapping, Reconciliation, ReconciliationResult, Rejects, Side, SnapshotRecord,
    Store,
};
use tickmark_program::{Program, is_program_file};
use tickmark_runner::{Datasets, KeyQuery, RunOptions, Runner, RunnerConfig, SnapshotFile};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/fernhollow")
}

fn files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else if is_program_file(&name) {
            found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn import(name: &str, text: &str, store: &Store) -> SnapshotFile {
    let mapping = Mapping::parse(name, text, &catalog().datasets)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let dataset = catalog()
        .datasets
        .iter()
        .find(|dataset| dataset.name == mapping.dataset)
        .unwrap();
    let collector = Collector {
        name: "test".to_owned(),
        version: "1".to_owned(),
    };
    let collected_at: Timestamp = "2026-07-03T00:00:00Z".parse().unwrap();
    let import = Import {
        dataset,
        mapping: &mapping,
        collector,
        collected_at,
        rejects: Rejects::Refuse,
    };
    let snapshot = import
        .run(&sample(), store)
        .unwrap_or_else(|error| panic!("{name}: {}", error.problems()));
    let record = SnapshotRecord::of(&snapshot);
    SnapshotFile {
        dataset: record.dataset,
        source: record.source_id,
        observed_at: record.observed_at,
        path: store.local_path(&record.derived),
        sha256: record.derived,
        rows: record.row_count,
    }
}

/// The sample company with its evidence taken in.
struct Company {
    program: Program,
    datasets: Datasets,
    runner: Runner,
    _dir: tempfile::TempDir,
    store: Store,
}

static COMPANY: LazyLock<Company> = LazyLock::new(|| {
    let mut texts = BTreeMap::new();
    files(&sample(), "", &mut texts);
    let program = Program::parse(&texts).unwrap_or_else(|problems| panic!("{problems}"));
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let sources = program
        .sources
        .iter()
        .map(|(id, text)| import(&format!("sources/{id}.toml"), text, &store));
    let datasets = Datasets {
        snapshots: sources.collect(),
        program: Datasets::tables_of(&program).unwrap(),
        calendars: Datasets::calendars_of(&program),
        time_zone: program.organization.time_zone.clone(),
        period: program.period,
        as_of: "2026-07-10T00:00:00Z".parse().unwrap(),
        completeness: BTreeMap::new(),
    };
    let runner = Runner::new(RunnerConfig::new(dir.path(), 2)).unwrap();
    Company {
        program,
        datasets,
        runner,
        _dir: dir,
        store,
    }
});

static RESULTS: LazyLock<BTreeMap<String, TestResult>> = LazyLock::new(|| {
    let tests = library().unwrap();
    let results = COMPANY
        .runner
        .run_all(&COMPANY.datasets, &tests, &RunOptions::default());
    let results = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|problem| panic!("{problem}")));
    results
        .map(|result| (result.test.to_string(), result))
        .collect()
});

fn keys(datasets: &Datasets, side: &Side) -> Vec<KeyRow> {
    let query = KeyQuery {
        table: side.dataset.clone(),
        source: side.source.clone(),
        filter: side.condition.clone(),
        key: side.key.clone(),
        file: "reconciliation".to_owned(),
    };
    COMPANY
        .runner
        .key_rows(datasets, &query)
        .unwrap_or_else(|problem| panic!("{problem}"))
}

fn reconcile(datasets: &Datasets, id: &str, text: &str) -> ReconciliationResult {
    let definition = Reconciliation::parse(id, text, &catalog().datasets)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let (left, right) = (
        keys(datasets, &definition.left),
        keys(datasets, &definition.right),
    );
    definition.compare(left, right, Sha256Hex::of(text.as_bytes()), Vec::new())
}

#[test]
fn every_reconciliation_of_the_sample_holds() {
    for (id, text) in &COMPANY.program.reconciliations {
        let result = reconcile(&COMPANY.datasets, id.as_str(), text);
        assert!(
            result.complete && result.matched_count > 0,
            "{id}: {}",
            result.summary()
        );
    }
}

#[test]
fn the_first_export_of_leavers_does_not_reconcile() {
    let text = std::fs::read_to_string(sample().join("sources/superseded/hris-leavers-first.toml"))
        .unwrap();
    let first = import(
        "sources/superseded/hris-leavers-first.toml",
        &text,
        &COMPANY.store,
    );
    let mut datasets = COMPANY.datasets.clone();
    datasets
        .snapshots
        .retain(|snapshot| snapshot.source != first.source);
    datasets.snapshots.push(first);
    let id = "leavers-against-identity-provider";
    let (_, text) = COMPANY
        .program
        .reconciliations
        .iter()
        .find(|(known, _)| known.as_str() == id)
        .unwrap();
    let result = reconcile(&datasets, id, text);
    assert!(!result.complete, "{}", result.summary());
    assert_eq!(
        (
            result.matched_count,
            result.only_left.len(),
            result.only_right.len()
        ),
        (26, 0, 1)
    );
}

fn answer_key() -> Value {
    serde_json::from_slice(&std::fs::read(sample().join("answer-key.json")).unwrap()).unwrap()
}

#[test]
fn every_seeded_deviation_is_found_and_nothing_else() {
    let key = answer_key();
    let mut told = Vec::new();
    for (test, result) in RESULTS.iter() {
        let Some(expected) = key["tests"].get(test) else {
            told.push(format!(
                "{test}: not in the answer key; {:?}",
                result.counts
            ));
            continue;
        };
        let items = |status| -> Vec<&str> {
            result
                .items_with(status)
                .map(|item| item.item.as_str())
                .collect()
        };
        let deviating: BTreeSet<&str> = items(ItemStatus::Deviation).into_iter().collect();
        let wanted: BTreeSet<&str> = expected["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item.as_str().unwrap())
            .collect();
        if deviating != wanted {
            let reasons: Vec<String> = result
                .items_with(ItemStatus::Deviation)
                .take(5)
                .map(|item| format!("{}: {}", item.item, item.reason))
                .collect();
            told.push(format!(
                "{test}: wanted {wanted:?}, found {} {reasons:?}",
                deviating.len()
            ));
        }
        if expected["tested"]
            .as_u64()
            .is_some_and(|tested| tested != result.counts.population)
        {
            told.push(format!(
                "{test}: wanted {} items, counts {:?}",
                expected["tested"], result.counts
            ));
        }
        if expected["tested"].is_u64()
            && expected["excluded"].as_u64() != Some(result.counts.excluded)
        {
            told.push(format!(
                "{test}: wanted {} excluded, counts {:?}",
                expected["excluded"], result.counts
            ));
        }
        if result.counts.not_tested > 0 {
            let first = result.items_with(ItemStatus::NotTested).next().unwrap();
            told.push(format!(
                "{test}: {} not tested, first {}: {}",
                result.counts.not_tested, first.item, first.reason
            ));
        }
        if let Outcome::NotTested { reason } = &result.outcome {
            told.push(format!("{test}: not tested: {reason}"));
        }
    }
    assert!(
        told.is_empty(),
        "{} differences\n{}",
        told.len(),
        told.join("\n")
    );
}

#[test]
fn nothing_occurred_is_not_the_same_as_no_deviation() {
    assert_eq!(RESULTS["breach-notified"].outcome, Outcome::NoOccurrence);
}
