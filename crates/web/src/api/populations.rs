//! Populations: every dataset with its sources, how complete it is and why, its
//! snapshots with their manifests, and their rows.
//!
//! What must hold: "not complete" stands beside the name wherever it is; rows
//! are what the snapshot holds.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Sha256Hex, catalog};
use tickmark_control_tests::Completeness as DomainCompleteness;
use tickmark_evidence::{Manifest, Recorded as At, SnapshotRecord};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::{Period, texts};
use super::words::{ColumnType, DatasetKind, Grade};
use crate::fault::Fault;
use crate::picture::{Picture, Recorded};
use crate::route::PROGRAM;
use crate::visit::Visit;

/// What is known of a dataset's completeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Reconciled with an independent source.
    Complete,
    /// A reconciliation failed or rows were rejected.
    NotComplete,
    /// Nothing shows that it is complete.
    NotShown,
}

impl Completeness {
    /// What is known, and why it is not complete.
    pub fn of(status: Option<&DomainCompleteness>) -> (Self, Vec<String>) {
        match status {
            Some(DomainCompleteness::Complete) => (Self::Complete, Vec::new()),
            Some(DomainCompleteness::Incomplete { reasons }) => {
                (Self::NotComplete, reasons.clone())
            }
            Some(DomainCompleteness::NotShown) | None => (Self::NotShown, Vec::new()),
        }
    }
}

/// A dataset of which every row in the period is wanted.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({
    "dataset": "leavers", "title": "People who left", "completeness": "complete", "reasons": [], "was_imported": true,
    "rows": 27, "rejected": 0, "sources": ["hris-leavers"], "observed_at": "2026-07-01T06:00:00Z",
}))]
pub struct Population {
    /// Name of the dataset.
    pub dataset: String,
    /// What its rows are.
    pub title: String,
    /// How complete it is shown to be.
    pub completeness: Completeness,
    /// Why it is not complete.
    pub reasons: Vec<String>,
    /// Whether it was ever imported; a test that reads it calls for it otherwise.
    pub was_imported: bool,
    /// Rows of the current snapshots of all sources.
    pub rows: u64,
    /// Rows that were rejected.
    pub rejected: u64,
    /// Where it comes from.
    pub sources: Vec<String>,
    /// When a source was last observed.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[schemars(with = "Option<String>")]
    pub observed_at: Option<Timestamp>,
}

/// A population with its columns and who reads it.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct PopulationDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub population: Population,
    /// What a row is.
    pub kind: DatasetKind,
    /// Columns that together identify a row within a source.
    pub key: Vec<String>,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Control tests that read it.
    pub read_by: Vec<String>,
    /// Digests of the snapshots that count now, one for each source.
    pub current_snapshots: Vec<String>,
}

/// A column of a dataset.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct Column {
    /// Name in SQL.
    pub name: String,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Never null.
    pub required: bool,
    /// What a value says.
    pub meaning: String,
}

/// A snapshot of a dataset, as the ledger recorded it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Snapshot {
    /// Digest of its rows as Parquet; its name.
    pub sha256: String,
    /// The dataset.
    pub dataset: String,
    /// The source it came from.
    pub source: String,
    /// The system behind the source.
    pub system: String,
    /// How far the source can be relied on.
    pub grade: Grade,
    /// How many rows it has.
    pub rows: u64,
    /// How many rows were rejected.
    pub rejected: u64,
    /// The period it covers, where that was said.
    pub covers: Option<Period>,
    /// When the source was observed.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Digest of its manifest.
    pub manifest_sha256: String,
    /// Whether it is the newest of its source.
    pub is_current: bool,
}

/// A snapshot with its manifest: what an auditor asks of an extract.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SnapshotDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub snapshot: Snapshot,
    /// The part of the system that was asked.
    pub tenant: String,
    /// What was asked for, word for word.
    pub request: String,
    /// Who or what collected it.
    pub collector: String,
    /// When it was collected.
    #[schema(value_type = String, format = DateTime)]
    pub collected_at: Timestamp,
    /// How many the source itself counts, where it does.
    pub source_count: Option<u64>,
    /// How many records the raw files hold.
    pub record_count: u64,
    /// Key of the first row.
    pub first_key: Option<Vec<String>>,
    /// Key of the last row.
    pub last_key: Option<Vec<String>>,
    /// The files as they came.
    pub raw_files: Vec<RawFile>,
    /// What was not collected.
    pub not_collected: Vec<String>,
    /// What the collector was allowed to read.
    pub scopes: Vec<String>,
    /// Further notes.
    pub notes: Vec<String>,
}

/// A file as it came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RawFile {
    /// Its name.
    pub name: String,
    /// Digest of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub size_bytes: u64,
}

/// A row of a snapshot.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({ "place": 0, "values": { "person_id": "P-0113", "end_date": "2026-02-13", "reason": null } }))]
pub struct Row {
    /// Its place in the snapshot, from 0.
    pub place: u64,
    /// Its values as text, by column; null where the source had none.
    pub values: BTreeMap<String, Option<String>>,
}

/// Which populations are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct Wanted {
    /// Only those that are shown to be so.
    #[param(inline)]
    pub completeness: Option<Completeness>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    let of = |endpoint: Endpoint| endpoint.part("dataset", "Name of the dataset", "leavers".into());
    let digest = "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";
    let of_snapshot =
        |endpoint: Endpoint| of(endpoint).part("sha256", "Digest of the snapshot", digest.into());
    vec![
        read("/api/v1/populations", PROGRAM, list)
            .named(
                "list_populations",
                "Populations",
                "List the populations",
                "Those that were imported and those a control test reads and that are missing.",
            )
            .query::<Wanted>()
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Population>>(StatusCode::OK, "A page of populations"),
        of(read("/api/v1/populations/{dataset}", PROGRAM, show))
            .named("get_population", "Populations", "Read a population", "")
            .at_a_moment()
            .answers::<PopulationDetail>(StatusCode::OK, "The population"),
        of(read(
            "/api/v1/populations/{dataset}/snapshots",
            PROGRAM,
            snapshots,
        ))
        .named(
            "list_snapshots",
            "Populations",
            "List the snapshots of a population",
            "Every one that was recorded; the newest of each source counts.",
        )
        .query::<Cut>()
        .at_a_moment()
        .answers::<Page<Snapshot>>(StatusCode::OK, "A page of snapshots"),
        of_snapshot(read(
            "/api/v1/populations/{dataset}/snapshots/{sha256}",
            PROGRAM,
            snapshot,
        ))
        .named(
            "get_snapshot",
            "Populations",
            "Read a snapshot with its manifest",
            "",
        )
        .at_a_moment()
        .answers::<SnapshotDetail>(StatusCode::OK, "The snapshot"),
        of_snapshot(read(
            "/api/v1/populations/{dataset}/snapshots/{sha256}/rows",
            PROGRAM,
            rows,
        ))
        .named(
            "list_rows",
            "Populations",
            "List the rows of a snapshot",
            "In the order of the snapshot.",
        )
        .query::<Cut>()
        .at_a_moment()
        .answers::<Page<Row>>(StatusCode::OK, "A page of rows"),
    ]
}

async fn list(
    visit: Visit,
    Query(wanted): Query<Wanted>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<Population>>> {
    let all = populations(visit.picture()?, visit.recorded()?);
    let all = all.into_iter().filter(|it| {
        wanted
            .completeness
            .is_none_or(|wanted| it.completeness == wanted)
    });
    Ok(Json(Page::of(&cut, all, |it| it.dataset.clone())?))
}

/// Every population, by name.
pub fn populations(picture: &Picture, recorded: &Recorded) -> Vec<Population> {
    let imported = picture.state.evidence.datasets().map(str::to_owned);
    let missing = recorded.readiness.missing_populations.iter().cloned();
    let mut names: Vec<String> = imported.chain(missing).collect();
    names.sort();
    names.dedup();
    names
        .iter()
        .map(|dataset| summary(picture, recorded, dataset))
        .collect()
}

fn summary(picture: &Picture, recorded: &Recorded, dataset: &str) -> Population {
    let sources = picture.state.evidence.current(dataset);
    let (completeness, reasons) = Completeness::of(recorded.completeness.get(dataset));
    Population {
        dataset: dataset.to_owned(),
        title: catalog()
            .dataset(dataset)
            .map_or_else(String::new, |it| it.title.clone()),
        completeness,
        reasons,
        was_imported: !sources.is_empty(),
        rows: sources.iter().map(|it| it.row_count).sum(),
        rejected: sources.iter().map(|it| it.reject_count).sum(),
        observed_at: sources.iter().map(|it| it.observed_at).max(),
        sources: texts(sources.iter().map(|it| &it.source_id)),
    }
}

async fn show(visit: Visit) -> Answered<Json<PopulationDetail>> {
    let found = population(visit.picture()?, visit.recorded()?, visit.param("dataset"));
    Ok(Json(found.ok_or(Fault::NotFound)?))
}

/// One population with its columns.
pub fn population(
    picture: &Picture,
    recorded: &Recorded,
    dataset: &str,
) -> Option<PopulationDetail> {
    let schema = catalog().dataset(dataset)?;
    let reads = |test: &tickmark_control_tests::ControlTest| {
        test.reads
            .iter()
            .any(|it| tickmark_control_tests::dataset_of(it) == dataset)
    };
    let column = |it: &tickmark_catalog::Column| Column {
        name: it.name.clone(),
        kind: it.kind.into(),
        required: it.required,
        meaning: it.meaning.clone(),
    };
    Some(PopulationDetail {
        population: summary(picture, recorded, dataset),
        kind: schema.kind.into(),
        key: schema.key.clone(),
        columns: schema.columns.iter().map(column).collect(),
        read_by: texts(
            recorded
                .tests
                .values()
                .filter(|(_, test)| reads(test))
                .map(|(_, test)| &test.id),
        ),
        current_snapshots: texts(
            picture
                .state
                .evidence
                .current(dataset)
                .iter()
                .map(|it| &it.derived),
        ),
    })
}

fn snapshot_of(picture: &Picture, recorded: &At<SnapshotRecord>) -> Snapshot {
    let it = &recorded.value;
    Snapshot {
        sha256: it.derived.to_string(),
        dataset: it.dataset.clone(),
        source: it.source_id.clone(),
        system: it.system.clone(),
        grade: it.grade.into(),
        rows: it.row_count,
        rejected: it.reject_count,
        covers: it.covers.map(Into::into),
        observed_at: it.observed_at,
        recorded_at: recorded.at,
        manifest_sha256: it.manifest.to_string(),
        is_current: picture
            .state
            .evidence
            .current_of(&it.dataset, &it.source_id)
            .is_some_and(|current| current.manifest == it.manifest),
    }
}

async fn snapshots(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Snapshot>>> {
    let picture = visit.picture()?;
    let dataset = visit.param("dataset");
    catalog().dataset(dataset).ok_or(Fault::NotFound)?;
    let mut all: Vec<Snapshot> = picture
        .state
        .evidence
        .history(dataset)
        .into_iter()
        .map(|it| snapshot_of(picture, it))
        .collect();
    // Rows that came again have the same digest: their manifests tell them apart.
    let key = |it: &Snapshot| format!("{}/{}", it.recorded_at, it.manifest_sha256);
    all.sort_by_key(key);
    Ok(Json(Page::of(&cut, all, key)?))
}

fn found<'v>(visit: &'v Visit, sha256: &Sha256Hex) -> Result<&'v At<SnapshotRecord>, Fault> {
    let history = visit
        .picture()?
        .state
        .evidence
        .history(visit.param("dataset"));
    let mut history = history.into_iter().rev();
    history
        .find(|it| it.value.derived == *sha256)
        .ok_or(Fault::NotFound)
}

async fn snapshot(visit: Visit) -> Answered<Json<SnapshotDetail>> {
    let record = found(&visit, &visit.parsed("sha256")?)?;
    let bytes = visit
        .company()?
        .store()
        .get(&record.value.manifest)
        .map_err(tickmark_realm::Error::from)?;
    let manifest = Manifest::from_bytes(&bytes).map_err(tickmark_realm::Error::from)?;
    let raw = |it: &tickmark_evidence::manifest::RawFileRecord| RawFile {
        name: it.name.clone(),
        sha256: it.object.sha256.to_string(),
        size_bytes: it.object.size_bytes,
    };
    Ok(Json(SnapshotDetail {
        snapshot: snapshot_of(visit.picture()?, record),
        raw_files: manifest.raw_files.iter().map(raw).collect(),
        collector: format!("{} {}", manifest.collector.name, manifest.collector.version),
        tenant: manifest.tenant,
        request: manifest.request,
        collected_at: manifest.collected_at,
        source_count: manifest.source_count,
        record_count: manifest.record_count,
        first_key: manifest.first_key,
        last_key: manifest.last_key,
        not_collected: manifest.not_collected,
        scopes: manifest.scopes,
        notes: manifest.notes,
    }))
}

async fn rows(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Row>>> {
    let sha256: Sha256Hex = visit.parsed("sha256")?;
    let count = found(&visit, &sha256)?.value.row_count;
    let (start, limit) = cut.places()?;
    let offset = usize::try_from(start).unwrap_or(usize::MAX);
    if start >= count {
        return Ok(Json(Page::at(Vec::new(), start, count)));
    }
    let read = crate::rows::some(&visit, &sha256, offset, limit).await?;
    let row = |(place, values): (u64, Vec<Option<String>>)| Row {
        place,
        values: read.columns.iter().cloned().zip(values).collect(),
    };
    let items: Vec<Row> = (start..).zip(read.rows).map(row).collect();
    Ok(Json(Page::at(items, start, count)))
}
