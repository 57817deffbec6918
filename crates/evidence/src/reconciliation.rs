//! Reconciliations: is a population complete, by an independent source?
//!
//! A definition names two sides (a dataset, a source, a condition, a key). The
//! rows of each side are fetched by the query engine and handed in; comparing
//! them is done here.
//!
//! Must hold: a row without a partner on the other side is listed, in both
//! directions; a row whose key has a null can have no partner.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickmark_catalog::{
    DatasetSchema, Fields, Place, Problem, Problems, Sha256Hex, is_kebab_case, nearest, read_toml,
};

/// A definition: `reconciliations/<id>.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    /// Id, kebab case.
    pub id: String,
    /// What is compared with what.
    pub title: String,
    /// Why the two sides must agree.
    pub why: String,
    /// Which rows count by time, in words; the conditions apply it.
    pub period: Option<String>,
    /// Datasets that are not complete while this fails.
    pub marks: Vec<String>,
    /// One side.
    pub left: Side,
    /// The other side.
    pub right: Side,
}

/// One side of a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Dataset to read.
    pub dataset: String,
    /// Only rows of this source, when given.
    pub source: Option<String>,
    /// Only rows for which this SQL condition holds, when given.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Columns, or SQL expressions over them, that make up the key.
    pub key: Vec<String>,
}

/// The key of one row: a text per key column, `None` for null.
pub type KeyRow = Vec<Option<String>>;

/// What a reconciliation found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconciliationResult {
    /// Id of the definition.
    pub id: String,
    /// SHA-256 of the definition file.
    pub definition: Sha256Hex,
    /// Datasets that are not complete when this failed.
    pub marks: Vec<String>,
    /// The snapshots (Parquet) that both sides were read from, in order of hash.
    pub read: Vec<Sha256Hex>,
    /// Keys found on both sides.
    pub matched_count: u64,
    /// Keys found only on the left, in order.
    pub only_left: Vec<KeyRow>,
    /// Keys found only on the right, in order.
    pub only_right: Vec<KeyRow>,
    /// Rows on the left beyond the first of their key.
    pub repeated_left_count: u64,
    /// Rows on the right beyond the first of their key.
    pub repeated_right_count: u64,
    /// Whether every key was found on both sides.
    pub complete: bool,
}

impl Reconciliation {
    /// Reads a definition.
    ///
    /// `file`: the name to show in problems. `datasets`: the schemas that exist.
    ///
    /// # Errors
    /// Everything that is wrong with it, with file, line and column.
    pub fn parse(file: &str, text: &str, datasets: &[DatasetSchema]) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let read = read_toml(file, text, &mut problems, |fields| read(fields, datasets));
        match read {
            Some(read) => Problems::unless_empty(problems, read),
            None => Err(Problems(problems)),
        }
    }

    /// Compares the rows of the two sides.
    ///
    /// `left`, `right`: the key of every row, in any order. `definition`: hash
    /// of the definition file. `read`: the snapshots the rows came from.
    pub fn compare(
        &self,
        left: Vec<KeyRow>,
        right: Vec<KeyRow>,
        definition: Sha256Hex,
        mut read: Vec<Sha256Hex>,
    ) -> ReconciliationResult {
        read.sort();
        read.dedup();
        let (left, right) = (counted(left), counted(right));
        let only_left = without_partner(&left, &right);
        let only_right = without_partner(&right, &left);
        let matched = left.keys().filter(|key| has_partner(key, &right)).count();
        ReconciliationResult {
            id: self.id.clone(),
            definition,
            marks: self.marks.clone(),
            read,
            matched_count: matched as u64,
            complete: only_left.is_empty() && only_right.is_empty(),
            only_left,
            only_right,
            repeated_left_count: repeated(&left),
            repeated_right_count: repeated(&right),
        }
    }
}

impl ReconciliationResult {
    /// The result in one sentence.
    pub fn summary(&self) -> String {
        let (matched, left, right) = (
            self.matched_count,
            self.only_left.len(),
            self.only_right.len(),
        );
        format!(
            "reconciliation `{}`: {matched} matched, {left} only left, {right} only right",
            self.id
        )
    }
}

/// Every key with the number of its rows.
fn counted(rows: Vec<KeyRow>) -> BTreeMap<KeyRow, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row).or_insert(0) += 1;
    }
    counts
}

fn has_partner(key: &KeyRow, others: &BTreeMap<KeyRow, u64>) -> bool {
    key.iter().all(Option::is_some) && others.contains_key(key)
}

/// Rows with a null in their key count one by one; others once a key.
fn without_partner(rows: &BTreeMap<KeyRow, u64>, others: &BTreeMap<KeyRow, u64>) -> Vec<KeyRow> {
    let mut alone = Vec::new();
    for (key, count) in rows.iter().filter(|(key, _)| !has_partner(key, others)) {
        let times = if key.iter().all(Option::is_some) {
            1
        } else {
            *count
        };
        alone.extend((0..times).map(|_| key.clone()));
    }
    alone
}

fn repeated(rows: &BTreeMap<KeyRow, u64>) -> u64 {
    let whole = rows
        .iter()
        .filter(|(key, _)| key.iter().all(Option::is_some));
    whole.map(|(_, count)| count - 1).sum()
}

fn read(fields: &mut Fields<'_>, datasets: &[DatasetSchema]) -> Option<Reconciliation> {
    let id_place = fields.place_of("id");
    let id = fields.text("id").filter(|id| {
        if !is_kebab_case(id) {
            let problem = Problem::new(format!(
                "id `{id}` may hold only small letters, digits and single dashes"
            ));
            fields.report(problem.in_place(id_place));
        }
        is_kebab_case(id)
    });
    let title = fields.text("title");
    let why = fields.text("why");
    let period = fields.optional("period");
    let marks = marks(fields, datasets);
    let left = fields.required_table("left", |fields| side(fields, datasets));
    let right = fields.required_table("right", |fields| side(fields, datasets));
    if let (Some(left), Some(right)) = (&left, &right)
        && left.key.len() != right.key.len()
    {
        let (left, right) = (left.key.len(), right.key.len());
        let message = format!("the left key has {left} parts, the right key {right}");
        fields.report(Problem::new(message));
    }
    Some(Reconciliation {
        id: id?,
        title: title?,
        why: why?,
        period,
        marks: marks?,
        left: left?,
        right: right?,
    })
}

fn marks(fields: &mut Fields<'_>, datasets: &[DatasetSchema]) -> Option<Vec<String>> {
    let place = fields.place_of("marks");
    let marks: Vec<String> = fields.required("marks")?;
    for name in &marks {
        check_dataset(fields, name, &place, datasets);
    }
    if marks.is_empty() {
        fields.report(Problem::new("`marks` names no dataset").in_place(place));
    }
    Some(marks)
}

fn side(fields: &mut Fields<'_>, datasets: &[DatasetSchema]) -> Option<Side> {
    let place = fields.place_of("dataset");
    let dataset = fields.text("dataset");
    if let Some(name) = &dataset {
        check_dataset(fields, name, &place, datasets);
    }
    let source = fields.optional("source");
    let condition = fields.optional("where");
    let place = fields.place_of("key");
    let key: Option<Vec<String>> = fields.required("key");
    if key.as_ref().is_some_and(Vec::is_empty) {
        fields.report(Problem::new("`key` names no column").in_place(place));
    }
    Some(Side {
        dataset: dataset?,
        source,
        condition,
        key: key?,
    })
}

fn check_dataset(fields: &Fields<'_>, name: &str, place: &Place, datasets: &[DatasetSchema]) {
    if datasets.iter().any(|dataset| dataset.name == name) {
        return;
    }
    let near = nearest(name, datasets.iter().map(|dataset| dataset.name.as_str()));
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    let problem = Problem::new(format!("there is no dataset `{name}`")).in_place(place.clone());
    fields.report(Problem { hint, ..problem });
}
