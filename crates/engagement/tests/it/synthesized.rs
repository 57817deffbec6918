//! Results of control tests made up from counts, in place of a run over the
//! evidence.
//!
//! What must hold: statuses, counts and parameters are what a run gives; item
//! names that nothing asks for are made up.

use std::collections::BTreeMap;

use tickmark_catalog::{ControlTestId, DatasetKind, Period, Sha256Hex};
use tickmark_control_tests::{
    ControlTest, Counts, Inputs, ItemResult, ItemStatus, Outcome, TestResult, library, sentences,
};
use tickmark_engagement::Basis;

/// What a control test found.
#[derive(Default)]
pub struct Found {
    /// Items, the excluded ones included.
    pub population: usize,
    /// Items listed but not tested.
    pub excluded: usize,
    /// Names of the deviating items.
    pub deviating: Vec<String>,
    /// Names of all items where they matter; else made up.
    pub names: Vec<String>,
    /// Detail columns of every deviating item.
    pub detail: BTreeMap<String, String>,
}

/// The library's control test `id`.
pub fn control_test(id: &str) -> ControlTest {
    let id: ControlTestId = id.parse().unwrap();
    let tests = library().unwrap();
    tests.into_iter().find(|test| test.id == id).unwrap()
}

/// The result of `test` over `period` that `found` describes.
pub fn result(test: &ControlTest, period: Period, found: &Found) -> TestResult {
    let items = items(found);
    let counts = Counts::of(&items);
    TestResult {
        test: test.id.clone(),
        title: test.title.clone(),
        controls: test.controls.clone(),
        measures: test.measures,
        period,
        outcome: Outcome::of(&counts, test.kind == DatasetKind::State),
        counts,
        items,
        completeness: Vec::new(),
        inputs: inputs(test, period),
    }
}

fn items(found: &Found) -> Vec<ItemResult> {
    let others = found.population - found.deviating.len();
    let mut names = found.names.clone();
    names.retain(|name| !found.deviating.contains(name));
    names.extend((names.len()..others).map(|number| format!("item-{number:04}")));
    let mut items: Vec<_> = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let status = if index < found.excluded {
                ItemStatus::Excluded
            } else {
                ItemStatus::Operated
            };
            item(name, status, BTreeMap::new())
        })
        .collect();
    items.extend(
        found
            .deviating
            .iter()
            .map(|name| item(name.clone(), ItemStatus::Deviation, found.detail.clone())),
    );
    items.sort_by(|a, b| a.item.cmp(&b.item));
    items
}

fn item(item: String, status: ItemStatus, detail: BTreeMap<String, String>) -> ItemResult {
    ItemResult {
        item,
        status,
        reason: "made up".to_owned(),
        occurred_at: None,
        detail: detail.into(),
        intervals: Vec::new(),
    }
}

fn inputs(test: &ControlTest, period: Period) -> Inputs {
    let parameters: BTreeMap<String, String> = test
        .values(period)
        .into_iter()
        .map(|(name, value)| (name, value.to_string()))
        .collect();
    Inputs {
        sql_sha256: test.sql_sha256.clone(),
        definition_sha256: test.definition_sha256.clone(),
        parameters_sha256: Sha256Hex::of(format!("{parameters:?}").as_bytes()),
        parameters,
        snapshots: Vec::new(),
        program_sha256: Sha256Hex::of(b"program"),
        as_of: "2026-07-02T15:00:00Z".parse().unwrap(),
        engine: "made up".to_owned(),
    }
}

/// `basis` with the results of `tests`, and what they say of procedures.
pub fn with_results(mut basis: Basis, tests: &[(ControlTest, TestResult)]) -> Basis {
    for (test, result) in tests {
        let text = sentences::procedure(test, result).unwrap();
        let nature = format!("{:?}", test.nature).to_lowercase();
        basis.procedures.insert(test.id.clone(), (nature, text));
        if test.kind == DatasetKind::State {
            basis.state_tests.insert(test.id.clone());
        }
    }
    let results = tests.iter().map(|(_, result)| result.clone()).collect();
    basis.with_results(results).unwrap()
}
