//! What is known about evidence: the fold of its events.
//!
//! Must hold: nothing is forgotten (every snapshot, artifact and result stays
//! in the history); the current snapshot of a source is the one observed last,
//! and of several observed at the same instant the one recorded last.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tickmark_catalog::{Problem, Problems, Sha256Hex};

use crate::{Artifact, Completeness, EvidenceEvent, ReconciliationResult, SnapshotRecord};

/// A value with the instant at which the ledger recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<T> {
    /// When the ledger recorded it.
    pub at: Timestamp,
    /// What was recorded.
    pub value: T,
}

/// An acceptance of rejects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedRejects {
    /// The list of rejected records.
    pub rejects: Sha256Hex,
    /// How many they are.
    pub reject_count: u64,
    /// Why they may be left out.
    pub reason: String,
}

/// The state of evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceState {
    snapshots: BTreeMap<String, BTreeMap<String, Vec<Recorded<SnapshotRecord>>>>,
    artifacts: BTreeMap<String, Vec<Recorded<Artifact>>>,
    reconciliations: BTreeMap<String, Vec<Recorded<ReconciliationResult>>>,
    accepted: BTreeMap<Sha256Hex, Recorded<AcceptedRejects>>,
}

impl EvidenceState {
    /// Adds an event, in ledger order. `at`: when the ledger recorded it.
    ///
    /// # Errors
    /// When rejects are accepted of a manifest that was never recorded.
    pub fn apply(&mut self, event: &EvidenceEvent, at: Timestamp) -> Result<(), Problems> {
        match event {
            EvidenceEvent::SnapshotRecorded { snapshot } => {
                let sources = self.snapshots.entry(snapshot.dataset.clone()).or_default();
                push(sources, &snapshot.source_id, snapshot.clone(), at);
            }
            EvidenceEvent::ArtifactRecorded { artifact } => {
                push(&mut self.artifacts, &artifact.path, artifact.clone(), at);
            }
            EvidenceEvent::ReconciliationRecorded { reconciliation } => {
                push(
                    &mut self.reconciliations,
                    &reconciliation.id,
                    reconciliation.clone(),
                    at,
                );
            }
            EvidenceEvent::RejectsAccepted {
                manifest,
                rejects,
                reject_count,
                reason,
                ..
            } => {
                self.require_manifest(manifest)?;
                let value = AcceptedRejects {
                    rejects: rejects.clone(),
                    reject_count: *reject_count,
                    reason: reason.clone(),
                };
                self.accepted
                    .insert(manifest.clone(), Recorded { at, value });
            }
        }
        Ok(())
    }

    fn require_manifest(&self, manifest: &Sha256Hex) -> Result<(), Problems> {
        if self
            .all_snapshots()
            .any(|snapshot| snapshot.value.manifest == *manifest)
        {
            return Ok(());
        }
        let message =
            format!("rejects are accepted of manifest {manifest}, which was never recorded");
        Err(Problem::new(message).into())
    }

    /// The current snapshot of each source of a dataset, in order of source id.
    pub fn current(&self, dataset: &str) -> Vec<&SnapshotRecord> {
        let sources = self
            .snapshots
            .get(dataset)
            .into_iter()
            .flat_map(BTreeMap::values);
        sources.filter_map(|history| newest(history)).collect()
    }

    /// The current snapshot of one source of a dataset.
    pub fn current_of(&self, dataset: &str, source_id: &str) -> Option<&SnapshotRecord> {
        newest(self.snapshots.get(dataset)?.get(source_id)?)
    }

    /// Every snapshot of a dataset: by source id, then in ledger order.
    pub fn history(&self, dataset: &str) -> Vec<&Recorded<SnapshotRecord>> {
        let sources = self
            .snapshots
            .get(dataset)
            .into_iter()
            .flat_map(BTreeMap::values);
        sources.flatten().collect()
    }

    /// Every snapshot of every dataset: by dataset, source id, ledger order.
    pub fn all_snapshots(&self) -> impl Iterator<Item = &Recorded<SnapshotRecord>> {
        self.snapshots.values().flat_map(BTreeMap::values).flatten()
    }

    /// The datasets of which there is at least one snapshot, in order.
    pub fn datasets(&self) -> impl Iterator<Item = &str> {
        self.snapshots.keys().map(String::as_str)
    }

    /// The state with the snapshots that were observed by `instant` only.
    pub fn observed_until(&self, instant: Timestamp) -> Self {
        let mut until = self.clone();
        for sources in until.snapshots.values_mut() {
            for history in sources.values_mut() {
                history.retain(|snapshot| snapshot.value.observed_at <= instant);
            }
            sources.retain(|_, history| !history.is_empty());
        }
        until.snapshots.retain(|_, sources| !sources.is_empty());
        until
    }

    /// The latest version of every artifact, in order of path.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts
            .values()
            .filter_map(|versions| versions.last())
            .map(|version| &version.value)
    }

    /// Every version of the artifact at a path, in ledger order.
    pub fn artifact_history(&self, path: &str) -> &[Recorded<Artifact>] {
        self.artifacts.get(path).map_or(&[], Vec::as_slice)
    }

    /// The latest result of every reconciliation, in order of id.
    pub fn reconciliations(&self) -> impl Iterator<Item = &Recorded<ReconciliationResult>> {
        self.reconciliations
            .values()
            .filter_map(|results| results.last())
    }

    /// Every result of one reconciliation, in ledger order.
    pub fn reconciliation_history(&self, id: &str) -> &[Recorded<ReconciliationResult>] {
        self.reconciliations.get(id).map_or(&[], Vec::as_slice)
    }

    /// Why the rejects of a snapshot may be left out, by its manifest.
    pub fn accepted_rejects(&self, manifest: &Sha256Hex) -> Option<&Recorded<AcceptedRejects>> {
        self.accepted.get(manifest)
    }

    /// Whether a dataset is complete, by the latest result of every
    /// reconciliation that marks it.
    ///
    /// A result counts while the snapshots it read are the current ones: after
    /// a new import the comparison has to be made again.
    pub fn completeness(&self, dataset: &str) -> Completeness {
        self.completeness_by(dataset, self.reconciliations().map(|it| &it.value))
    }

    /// Whether a dataset is complete by the results handed in; those that read
    /// other snapshots than the current ones do not count.
    pub fn completeness_by<'r>(
        &self,
        dataset: &str,
        results: impl IntoIterator<Item = &'r ReconciliationResult>,
    ) -> Completeness {
        let current: BTreeSet<&Sha256Hex> = self
            .datasets()
            .flat_map(|dataset| self.current(dataset))
            .map(|snapshot| &snapshot.derived)
            .collect();
        Completeness::of(results.into_iter().filter(|result| {
            result.marks.iter().any(|marked| marked == dataset)
                && result.read.iter().all(|read| current.contains(read))
        }))
    }
}

fn push<T>(map: &mut BTreeMap<String, Vec<Recorded<T>>>, key: &str, value: T, at: Timestamp) {
    map.entry(key.to_owned())
        .or_default()
        .push(Recorded { at, value });
}

fn newest(history: &[Recorded<SnapshotRecord>]) -> Option<&SnapshotRecord> {
    let newest = history
        .iter()
        .max_by_key(|snapshot| snapshot.value.observed_at);
    newest.map(|snapshot| &snapshot.value)
}
