//! What the ledger records about evidence.
//!
//! Must hold: an event names evidence by hash; the personal data is in the
//! objects of the store. A kind keeps its meaning for ever; a change makes a
//! new version beside it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Period, Sha256Hex};

use crate::mapping::Grade;
use crate::{Artifact, Manifest, ReconciliationResult, Snapshot};

/// Something that happened to evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum EvidenceEvent {
    /// A snapshot was imported.
    #[serde(rename = "evidence.snapshot_recorded/1")]
    SnapshotRecorded {
        /// The snapshot.
        snapshot: SnapshotRecord,
    },
    /// A file was taken in.
    #[serde(rename = "evidence.artifact_recorded/1")]
    ArtifactRecorded {
        /// The artifact.
        artifact: Artifact,
    },
    /// Two datasets were compared.
    #[serde(rename = "evidence.reconciliation_recorded/1")]
    ReconciliationRecorded {
        /// What was found.
        reconciliation: ReconciliationResult,
    },
    /// Bad records were left out of a snapshot on purpose.
    #[serde(rename = "evidence.rejects_accepted/1")]
    RejectsAccepted {
        /// Source of the snapshot.
        source_id: String,
        /// The manifest of the snapshot.
        manifest: Sha256Hex,
        /// The list of rejected records (NDJSON).
        rejects: Sha256Hex,
        /// How many they are.
        reject_count: u64,
        /// Why they may be left out.
        reason: String,
    },
}

/// What the ledger keeps of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// Id of the source.
    pub source_id: String,
    /// Dataset of the rows.
    pub dataset: String,
    /// Version of the dataset's schema.
    pub dataset_version: u32,
    /// System of record.
    pub system: String,
    /// How much the source can be relied on.
    pub grade: Grade,
    /// Hash of the manifest.
    pub manifest: Sha256Hex,
    /// Hash of the Parquet file.
    pub derived: Sha256Hex,
    /// Rows of the snapshot.
    pub row_count: u64,
    /// Records left out.
    pub reject_count: u64,
    /// Period for which the source was asked.
    pub covers: Option<Period>,
    /// Last observation of the source; the clock of the collector when only
    /// records could have told it and there are none.
    pub observed_at: Timestamp,
}

impl SnapshotRecord {
    /// What the ledger keeps of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let manifest: &Manifest = &snapshot.manifest;
        let observed = manifest.observed.as_ref().map(|observed| observed.last);
        Self {
            source_id: manifest.source_id.clone(),
            dataset: manifest.dataset.clone(),
            dataset_version: manifest.dataset_version,
            system: manifest.system.clone(),
            grade: manifest.grade,
            manifest: snapshot.manifest_sha256.clone(),
            derived: manifest.derived.sha256.clone(),
            row_count: manifest.row_count,
            reject_count: manifest.reject_count,
            covers: manifest.covers,
            observed_at: observed.unwrap_or(manifest.collected_at),
        }
    }
}

impl EvidenceEvent {
    /// Every kind this crate writes.
    pub const KINDS: &[&str] = &[
        "evidence.snapshot_recorded/1",
        "evidence.artifact_recorded/1",
        "evidence.reconciliation_recorded/1",
        "evidence.rejects_accepted/1",
    ];

    /// The event of a new snapshot.
    pub fn snapshot(snapshot: &Snapshot) -> Self {
        Self::SnapshotRecorded {
            snapshot: SnapshotRecord::of(snapshot),
        }
    }

    /// The event of accepting a snapshot's rejects; `None` when it has none.
    pub fn rejects(snapshot: &Snapshot, reason: &str) -> Option<Self> {
        let rejects = snapshot.manifest.rejects.as_ref()?;
        Some(Self::RejectsAccepted {
            source_id: snapshot.manifest.source_id.clone(),
            manifest: snapshot.manifest_sha256.clone(),
            rejects: rejects.sha256.clone(),
            reject_count: snapshot.manifest.reject_count,
            reason: reason.to_owned(),
        })
    }

    /// The kind under which the ledger keeps it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SnapshotRecorded { .. } => "evidence.snapshot_recorded/1",
            Self::ArtifactRecorded { .. } => "evidence.artifact_recorded/1",
            Self::ReconciliationRecorded { .. } => "evidence.reconciliation_recorded/1",
            Self::RejectsAccepted { .. } => "evidence.rejects_accepted/1",
        }
    }

    /// What it is about: an id without personal data.
    pub fn subject(&self) -> String {
        match self {
            Self::SnapshotRecorded { snapshot } => format!("source:{}", snapshot.source_id),
            Self::ArtifactRecorded { artifact } => format!("artifact:{}", artifact.sha256),
            Self::ReconciliationRecorded { reconciliation } => {
                format!("reconciliation:{}", reconciliation.id)
            }
            Self::RejectsAccepted { source_id, .. } => format!("source:{source_id}"),
        }
    }
}
