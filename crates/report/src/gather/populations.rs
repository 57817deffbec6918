//! The populations the tests relied on, and how completeness was shown.
//!
//! What must hold: a dataset that some test found incomplete is incomplete
//! here; "agreed with its own source" is never called reconciled.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::{Sha256Hex, catalog};
use tickmark_control_tests::{Completeness, TestResult};

use super::ReportInputs;
use crate::build::numbers::{capitalized, grouped};
use crate::value::{PopulationEntry, Standing};

/// A reconciliation between two sources, and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciliationFacts {
    /// Its title: `Leavers against the identity provider`.
    pub title: String,
    /// The datasets whose completeness it shows.
    pub datasets: Vec<String>,
    /// Records found on both sides.
    pub matched: u64,
    /// Records found on the left side only.
    pub only_left: u64,
    /// Records found on the right side only.
    pub only_right: u64,
}

/// What all results together say about one dataset.
#[derive(Default)]
struct Dataset {
    snapshots: BTreeMap<Sha256Hex, u64>,
    sources: BTreeSet<String>,
    reasons: BTreeSet<String>,
    is_reconciled: bool,
}

/// One entry per dataset that a result of the report has read, by title.
pub fn gather(inputs: &ReportInputs<'_>) -> Vec<PopulationEntry> {
    let mut datasets: BTreeMap<String, Dataset> = BTreeMap::new();
    for result in inputs.results {
        read(result, &mut datasets);
    }
    let mut entries: Vec<PopulationEntry> = datasets
        .into_iter()
        .map(|(name, dataset)| entry(inputs, &name, &dataset))
        .collect();
    entries.sort_by(|a, b| (&a.title, &a.dataset).cmp(&(&b.title, &b.dataset)));
    entries
}

fn read(result: &TestResult, datasets: &mut BTreeMap<String, Dataset>) {
    for snapshot in &result.inputs.snapshots {
        let dataset = datasets.entry(snapshot.dataset.clone()).or_default();
        dataset
            .snapshots
            .insert(snapshot.sha256.clone(), snapshot.rows);
        dataset.sources.insert(snapshot.source.clone());
    }
    for known in &result.completeness {
        let dataset = datasets.entry(known.dataset.clone()).or_default();
        match &known.status {
            Completeness::Complete => dataset.is_reconciled = true,
            Completeness::Incomplete { reasons } => dataset.reasons.extend(reasons.iter().cloned()),
            Completeness::NotShown => {}
        }
    }
}

fn entry(inputs: &ReportInputs<'_>, name: &str, dataset: &Dataset) -> PopulationEntry {
    let title = catalog()
        .dataset(name)
        .map_or_else(|| name.to_owned(), |schema| schema.title.clone());
    let systems: BTreeSet<&String> = dataset
        .sources
        .iter()
        .map(|id| inputs.systems.get(id).unwrap_or(id))
        .collect();
    let standing = standing(dataset);
    PopulationEntry {
        dataset: name.to_owned(),
        title,
        systems: systems.into_iter().cloned().collect(),
        records: dataset.snapshots.values().sum(),
        standing,
        completeness: words(inputs, name, dataset, standing),
        snapshots: dataset.snapshots.keys().cloned().collect(),
    }
}

fn standing(dataset: &Dataset) -> Standing {
    if !dataset.reasons.is_empty() {
        Standing::Incomplete
    } else if dataset.is_reconciled {
        Standing::Reconciled
    } else {
        Standing::Agreed
    }
}

fn words(inputs: &ReportInputs<'_>, name: &str, dataset: &Dataset, standing: Standing) -> String {
    match standing {
        Standing::Incomplete => {
            let reasons: Vec<&str> = dataset.reasons.iter().map(String::as_str).collect();
            format!("{}.", capitalized(&reasons.join("; ")))
        }
        Standing::Agreed => "Agreed with the source.".to_owned(),
        Standing::Reconciled => reconciled(inputs, name),
    }
}

fn reconciled(inputs: &ReportInputs<'_>, name: &str) -> String {
    let about = inputs
        .reconciliations
        .iter()
        .filter(|r| r.datasets.iter().any(|d| d == name));
    let sentences: Vec<String> = about.map(sentence).collect();
    if sentences.is_empty() {
        "Reconciled with an independent source in both directions.".to_owned()
    } else {
        sentences.join(" ")
    }
}

fn sentence(reconciliation: &ReconciliationFacts) -> String {
    let title = reconciliation.title.trim_end_matches('.');
    let matched = grouped(reconciliation.matched);
    match (reconciliation.only_left, reconciliation.only_right) {
        (0, 0) => format!("Reconciled. {title}: {matched} matched, none on one side only."),
        (left, right) => format!(
            "{title}: {matched} matched, {} on the first side only, {} on the second side only.",
            grouped(left),
            grouped(right),
        ),
    }
}
