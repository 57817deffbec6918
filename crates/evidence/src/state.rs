//! What is known about evidence: the fold of its events.
//!
//! Must hold: nothing is forgotten (every snapshot, artifact and result stays
//! in the history); the current snapshot of a source is the one observed last,
//! and of several observed at the same instant the one recorded last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tickmark_catalog::{GrowingList, Problem, Problems, Sha256Hex};

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
    /// By dataset, then by source.
    snapshots: BTreeMap<String, BTreeMap<String, Snapshots>>,
    artifacts: Arc<BTreeMap<String, GrowingList<Recorded<Artifact>>>>,
    reconciliations: BTreeMap<String, GrowingList<Recorded<ReconciliationResult>>>,
    accepted: Arc<BTreeMap<Sha256Hex, Recorded<AcceptedRejects>>>,
}

/// The snapshots of one source, and which of them is the current one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Snapshots {
    history: GrowingList<Recorded<SnapshotRecord>>,
    newest: usize,
}

impl Snapshots {
    fn push(&mut self, snapshot: Recorded<SnapshotRecord>) {
        let newest = self.current().map(|it| it.observed_at);
        if newest.is_none_or(|newest| newest <= snapshot.value.observed_at) {
            self.newest = self.history.len();
        }
        self.history.push(snapshot);
    }

    /// The one observed last; of several the one recorded last.
    fn current(&self) -> Option<&SnapshotRecord> {
        self.history
            .get(self.newest)
            .map(|snapshot| &snapshot.value)
    }
}

impl EvidenceState {
    /// Adds an event, in ledger order. `at`: when the ledger recorded it.
    ///
    /// # Errors
    /// When rejects are accepted of a manifest that was never recorded.
    pub fn apply(&mut self, event: &EvidenceEvent, at: Timestamp) -> Result<(), Problems> {
        match event {
            EvidenceEvent::SnapshotRecorded { snapshot } => {
                let sources = slot(&mut self.snapshots, &snapshot.dataset);
                let value = snapshot.clone();
                slot(sources, &snapshot.source_id).push(Recorded { at, value });
            }
            EvidenceEvent::ArtifactRecorded { artifact } => {
                let value = artifact.clone();
                let artifacts = Arc::make_mut(&mut self.artifacts);
                slot(artifacts, &artifact.path).push(Recorded { at, value });
            }
            EvidenceEvent::ReconciliationRecorded { reconciliation } => {
                let value = reconciliation.clone();
                slot(&mut self.reconciliations, &reconciliation.id).push(Recorded { at, value });
            }
            EvidenceEvent::RejectsAccepted {
                source_id,
                manifest,
                rejects,
                reject_count,
                reason,
            } => {
                self.require_manifest(source_id, manifest)?;
                let value = AcceptedRejects {
                    rejects: rejects.clone(),
                    reject_count: *reject_count,
                    reason: reason.clone(),
                };
                let accepted = Arc::make_mut(&mut self.accepted);
                accepted.insert(manifest.clone(), Recorded { at, value });
            }
        }
        Ok(())
    }

    /// Most likely it is the last one of its source.
    fn require_manifest(&self, source_id: &str, manifest: &Sha256Hex) -> Result<(), Problems> {
        let is_it = |snapshot: &Recorded<SnapshotRecord>| snapshot.value.manifest == *manifest;
        let of_source = self.snapshots.values();
        let mut of_source = of_source.filter_map(|sources| sources.get(source_id));
        if of_source.any(|it| it.history.iter().rev().any(is_it)) || self.all_snapshots().any(is_it)
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
        sources.filter_map(Snapshots::current).collect()
    }

    /// The current snapshot of one source of a dataset.
    pub fn current_of(&self, dataset: &str, source_id: &str) -> Option<&SnapshotRecord> {
        self.snapshots.get(dataset)?.get(source_id)?.current()
    }

    /// Every snapshot of a dataset: by source id, then in ledger order.
    pub fn history(&self, dataset: &str) -> Vec<&Recorded<SnapshotRecord>> {
        let sources = self
            .snapshots
            .get(dataset)
            .into_iter()
            .flat_map(BTreeMap::values);
        sources.flat_map(|it| it.history.iter()).collect()
    }

    /// Every snapshot of every dataset: by dataset, source id, ledger order.
    pub fn all_snapshots(&self) -> impl Iterator<Item = &Recorded<SnapshotRecord>> {
        let sources = self.snapshots.values().flat_map(BTreeMap::values);
        sources.flat_map(|it| it.history.iter())
    }

    /// The datasets of which there is at least one snapshot, in order.
    pub fn datasets(&self) -> impl Iterator<Item = &str> {
        self.snapshots.keys().map(String::as_str)
    }

    /// The state with the snapshots that were observed by `instant` only.
    pub fn observed_until(&self, instant: Timestamp) -> Self {
        let mut until = self.clone();
        let newest = self.snapshots.values().flat_map(BTreeMap::values);
        let mut newest = newest.filter_map(Snapshots::current);
        if newest.all(|snapshot| snapshot.observed_at <= instant) {
            return until;
        }
        for sources in until.snapshots.values_mut() {
            for of_source in sources.values_mut() {
                let before = std::mem::take(of_source);
                let observed = before.history.iter();
                observed
                    .filter(|snapshot| snapshot.value.observed_at <= instant)
                    .for_each(|snapshot| of_source.push(snapshot.clone()));
            }
            sources.retain(|_, of_source| !of_source.history.is_empty());
        }
        until.snapshots.retain(|_, sources| !sources.is_empty());
        until
    }

    /// The latest version of every artifact, in order of path.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts
            .values()
            .filter_map(GrowingList::last)
            .map(|version| &version.value)
    }

    /// Whether another state holds the very same artifacts. Of states that only
    /// happen to be equal it may say no.
    pub fn shares_artifacts(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.artifacts, &other.artifacts)
    }

    /// Every version of the artifact at a path, in ledger order.
    pub fn artifact_history(&self, path: &str) -> &GrowingList<Recorded<Artifact>> {
        static NONE: LazyLock<GrowingList<Recorded<Artifact>>> =
            LazyLock::new(GrowingList::default);
        self.artifacts.get(path).unwrap_or_else(|| &NONE)
    }

    /// The latest result of every reconciliation, in order of id.
    pub fn reconciliations(&self) -> impl Iterator<Item = &Recorded<ReconciliationResult>> {
        self.reconciliations.values().filter_map(GrowingList::last)
    }

    /// Every result of one reconciliation, in ledger order.
    pub fn reconciliation_history(&self, id: &str) -> &GrowingList<Recorded<ReconciliationResult>> {
        static NONE: LazyLock<GrowingList<Recorded<ReconciliationResult>>> =
            LazyLock::new(GrowingList::default);
        self.reconciliations.get(id).unwrap_or_else(|| &NONE)
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

/// The value under a key, put there where there is none.
fn slot<'m, V: Default>(map: &'m mut BTreeMap<String, V>, key: &str) -> &'m mut V {
    map.entry(key.to_owned()).or_default()
}
