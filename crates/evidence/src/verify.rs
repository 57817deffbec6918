//! Does again what an import did, and compares.
//!
//! Must hold: nothing of the manifest is believed: raw files, mapping, rejects
//! and snapshot are hashed again, and the snapshot is derived again from the
//! raw bytes to the same bytes.

use tickmark_catalog::{DatasetSchema, Problems, Sha256Hex};

use crate::import::{DERIVATION, Import, Rejects};
use crate::raw::RawFile;
use crate::store::ObjectRef;
use crate::{EvidenceError, Manifest, Mapping, Store};

/// Checks a snapshot against its manifest, from the raw bytes on.
///
/// `manifest_sha256`: the manifest, as recorded in the ledger.
/// `datasets`: the schemas, usually `catalog().datasets`.
/// Returns the manifest. Derived files go to the staging folder only.
///
/// # Errors
/// [`EvidenceError::Damaged`] naming the first thing that does not hold.
pub fn verify_manifest(
    manifest_sha256: &Sha256Hex,
    datasets: &[DatasetSchema],
    store: &Store,
) -> Result<Manifest, EvidenceError> {
    let manifest = Manifest::from_bytes(&store.get(manifest_sha256)?)?;
    for raw in &manifest.raw_files {
        check(store, &raw.object)?;
    }
    check(store, &manifest.derived)?;
    manifest
        .rejects
        .iter()
        .try_for_each(|rejects| check(store, rejects))?;
    derive_again(&manifest, datasets, store)?;
    Ok(manifest)
}

fn check(store: &Store, object: &ObjectRef) -> Result<(), EvidenceError> {
    store.check(&object.sha256)
}

fn derive_again(
    manifest: &Manifest,
    datasets: &[DatasetSchema],
    store: &Store,
) -> Result<(), EvidenceError> {
    if manifest.derivation != DERIVATION {
        return Err(differs(
            manifest,
            format!("it was derived by `{}`", manifest.derivation),
        ));
    }
    let dataset = datasets
        .iter()
        .find(|dataset| {
            dataset.name == manifest.dataset && dataset.version == manifest.dataset_version
        })
        .ok_or_else(|| differs(manifest, "its dataset is not known".to_owned()))?;
    let text = String::from_utf8(store.get(&manifest.mapping.sha256)?)
        .map_err(|error| differs(manifest, error.to_string()))?;
    let mapping = Mapping::parse("mapping", &text, datasets)
        .map_err(|Problems(problems)| differs(manifest, first_message(&problems)))?;
    let import = Import {
        dataset,
        mapping: &mapping,
        collector: manifest.collector.clone(),
        collected_at: manifest.collected_at,
        rejects: if manifest.reject_count == 0 {
            Rejects::Refuse
        } else {
            Rejects::Accept
        },
    };
    compare(manifest, &import, store)
}

fn compare(manifest: &Manifest, import: &Import<'_>, store: &Store) -> Result<(), EvidenceError> {
    let stored = |raw: &crate::manifest::RawFileRecord| {
        RawFile::stored(
            raw.name.clone(),
            store.local_path(&raw.object.sha256),
            raw.object.clone(),
        )
    };
    let files: Vec<RawFile> = manifest.raw_files.iter().map(stored).collect();
    let derived = import.derive(&files, store).map_err(|error| match error {
        EvidenceError::Refused(Problems(problems)) => differs(manifest, first_message(&problems)),
        other => other,
    })?;
    let rejects = derived.rejects.as_ref().map(|staged| staged.object.clone());
    if derived.snapshot.object != manifest.derived {
        return Err(differs(
            manifest,
            "its raw files give another snapshot".to_owned(),
        ));
    }
    if rejects != manifest.rejects {
        return Err(differs(
            manifest,
            "its raw files give other rejects".to_owned(),
        ));
    }
    let again = import.describe(
        manifest.mapping.clone(),
        manifest.raw_files.clone(),
        rejects,
        derived.snapshot.object.clone(),
        derived.findings,
    );
    if again != *manifest {
        return Err(differs(
            manifest,
            "its manifest says other things than its raw files".to_owned(),
        ));
    }
    Ok(())
}

fn first_message(problems: &[tickmark_catalog::Problem]) -> String {
    problems
        .first()
        .map_or_else(String::new, |problem| problem.message.clone())
}

fn differs(manifest: &Manifest, why: String) -> EvidenceError {
    let object = format!(
        "snapshot {} of source `{}`",
        manifest.derived.sha256, manifest.source_id
    );
    EvidenceError::Damaged { object, why }
}
