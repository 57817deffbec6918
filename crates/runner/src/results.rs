//! A test's inputs and its rows become its result.
//!
//! Must hold: a result names every input it depends on, down to the digest of
//! each snapshot, before its SQL is run.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tickmark_catalog::{DatasetKind, Problem, Sha256Hex};
use tickmark_control_tests::intervals::{Collections, Window, state_items};
use tickmark_control_tests::rows::event_items;
use tickmark_control_tests::{
    Completeness, ControlTest, Counts, DatasetCompleteness, Inputs, ItemResult, Outcome,
    SnapshotRef, TestResult, dataset_of,
};

use crate::ENGINE;
use crate::civil_days::from_days;
use crate::item_rows::ItemRows;
use crate::prepared::{Prepared, digest, tables_read};
use crate::tables::View;

/// One test with its inputs.
pub(crate) struct Work<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) test: &'a ControlTest,
    /// The tables it reads.
    pub(crate) reads: BTreeSet<String>,
    pub(crate) inputs: Inputs,
    pub(crate) completeness: Vec<DatasetCompleteness>,
}

/// The inputs of a test.
///
/// # Errors
/// A dataset or program table that it reads could not be loaded.
pub(crate) fn work<'a>(prepared: &'a Prepared, test: &'a ControlTest) -> Result<Work<'a>, Problem> {
    let reads = tables_read(test, prepared.period);
    let values = test.values(prepared.period);
    let parameters: BTreeMap<String, String> = values
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    let inputs = Inputs {
        sql_sha256: test.sql_sha256.clone(),
        definition_sha256: test.definition_sha256.clone(),
        parameters_sha256: digest(&parameters)?,
        parameters,
        snapshots: snapshots(prepared, &reads)?,
        program_sha256: program_digest(prepared, &reads)?,
        as_of: prepared.as_of,
        engine: ENGINE.to_owned(),
    };
    let completeness = completeness(prepared, &reads);
    Ok(Work {
        prepared,
        test,
        reads,
        inputs,
        completeness,
    })
}

fn snapshots(prepared: &Prepared, reads: &BTreeSet<String>) -> Result<Vec<SnapshotRef>, Problem> {
    let mut snapshots = BTreeSet::new();
    for table in reads {
        let name = dataset_of(table);
        match prepared.datasets.get(name) {
            Some(Ok(dataset)) => {
                let view = if table == name {
                    View::Current
                } else {
                    View::History
                };
                snapshots.extend(dataset.snapshots_of(view));
            }
            Some(Err(problem)) => return Err(problem.clone()),
            None => {}
        }
    }
    Ok(snapshots.into_iter().collect())
}

fn program_digest(prepared: &Prepared, reads: &BTreeSet<String>) -> Result<Sha256Hex, Problem> {
    let tables = prepared
        .program
        .iter()
        .filter(|(name, _)| reads.contains(*name));
    let tables: Result<BTreeMap<&str, &Sha256Hex>, Problem> = tables
        .map(|(name, digest)| Ok((name.as_str(), digest.as_ref().map_err(Clone::clone)?)))
        .collect();
    digest(&(&prepared.almanac_sha256, tables?))
}

fn completeness(prepared: &Prepared, reads: &BTreeSet<String>) -> Vec<DatasetCompleteness> {
    let names: BTreeSet<&str> = reads.iter().map(|table| dataset_of(table)).collect();
    names
        .into_iter()
        .filter(|name| prepared.datasets.contains_key(*name))
        .map(|name| DatasetCompleteness {
            dataset: name.to_owned(),
            status: prepared
                .completeness
                .get(name)
                .cloned()
                .unwrap_or(Completeness::NotShown),
        })
        .collect()
}

/// The result of a test that reads a dataset which was never imported.
pub(crate) fn missing_dataset(work: &Work<'_>) -> Option<TestResult> {
    let names: BTreeSet<&str> = work.reads.iter().map(|table| dataset_of(table)).collect();
    let missing: Vec<String> = names
        .into_iter()
        .filter_map(|name| match work.prepared.datasets.get(name) {
            Some(Ok(dataset)) if !dataset.has_snapshot() => Some(match dataset.first_late {
                Some(first) => format!("`{name}` (first observed {first})"),
                None => format!("`{name}`"),
            }),
            _ => None,
        })
        .collect();
    let reason = match missing.as_slice() {
        [] => return None,
        [one] => format!("there is no snapshot of the dataset {one}"),
        several => format!(
            "there is no snapshot of the datasets {}",
            several.join(", ")
        ),
    };
    Some(result(work, Outcome::NotTested { reason }, Vec::new()))
}

/// The result of a test from the rows its SQL returned.
///
/// # Errors
/// The rows break the contract: an item twice, a deviation without a reason, an
/// observation without a time.
pub(crate) fn finish(work: Work<'_>, rows: &ItemRows) -> Result<TestResult, Problem> {
    let is_state = work.test.kind == DatasetKind::State;
    let items = if is_state {
        observed_items(&work, rows)?
    } else {
        event_items(rows, work.prepared.config.core_count)?
    };
    let outcome = Outcome::of(&Counts::of(&items), is_state);
    Ok(result(&work, outcome, items))
}

fn observed_items(work: &Work<'_>, rows: &ItemRows) -> Result<Vec<ItemResult>, Problem> {
    let window = Window {
        period: work.prepared.period,
        max_gap_days: work.test.max_gap_days.unwrap_or(1),
        time_zone: work.prepared.almanac.zone.time_zone(),
        collections: &collections(work),
    };
    state_items(rows, &window)
}

/// The days on which each source of the population was observed.
fn collections(work: &Work<'_>) -> Collections {
    let Some(Ok(dataset)) = work.prepared.datasets.get(&work.test.population) else {
        return Collections::new();
    };
    let day = |micros: i64| {
        let instant = Timestamp::from_microsecond(micros).ok()?;
        from_days(work.prepared.almanac.zone.day_of(instant))
    };
    let days = |instants: BTreeSet<i64>| instants.into_iter().filter_map(day).collect();
    dataset
        .collections()
        .into_iter()
        .map(|(source, instants)| (source, days(instants)))
        .collect()
}

fn result(work: &Work<'_>, outcome: Outcome, items: Vec<ItemResult>) -> TestResult {
    TestResult {
        test: work.test.id.clone(),
        title: work.test.title.clone(),
        controls: work.test.controls.clone(),
        measures: work.test.measures,
        period: work.prepared.period,
        outcome,
        counts: Counts::of(&items),
        items,
        completeness: work.completeness.clone(),
        inputs: work.inputs.clone(),
    }
}
