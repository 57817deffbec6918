//! Taking a package in: nothing in it is believed before it was checked.

use std::path::Path;

use tickmark_catalog::{Problem, Sha256Hex, catalog};
use tickmark_evidence::{Store, verify_manifest};
use tickmark_ledger::verifier::{
    Erasure, Failures, Rotation, SignedCheckpoint, VerifiedLedger, VerifierKey, open_checkpoint,
    read_bodies, verify_rotated,
};

use crate::company_state::CompanyState;
use crate::error::{Error, Result};
use crate::folder::read_file;
use crate::package::{PACKAGE_EVIDENCE, PackageSummary, read_summary};
use crate::told::{Folded, Told};

/// Kind of the entry that records a change of the signing key.
const KEY_ROTATED: &str = "ledger.key_rotated/1";

/// The largest signed note that is read, in bytes.
const LARGEST_NOTE: u64 = 1 << 20;

/// A package whose list, ledger and bodies were verified.
pub struct Received {
    /// What the package says of itself.
    pub summary: PackageSummary,
    /// Digest of its list.
    pub sha256: Sha256Hex,
    /// The verified ledger.
    pub ledger: VerifiedLedger,
    /// Every entry with its body.
    pub told: Vec<Told>,
    /// Bodies that were erased on the record.
    pub erased: Vec<Erasure>,
    /// Changes of the signing key since the key that was trusted.
    pub rotations: Vec<Rotation>,
    /// The checkpoint as the signed note it came as.
    pub note: String,
}

/// Verifies a package's files, signatures, tree and bodies.
///
/// `key`: the verifier key the reader trusts; the one the package states where
/// none is given. `witnesses`: keys whose cosignatures count.
///
/// # Errors
/// The first thing that does not hold.
pub fn receive(
    folder: &Path,
    key: Option<&VerifierKey>,
    witnesses: &[VerifierKey],
) -> Result<Received> {
    let (summary, sha256) = read_summary(folder)?;
    let stated = VerifierKey::parse(&summary.verifier_key)
        .map_err(|failure| damaged(folder, &failure.to_string()))?;
    let bodies = folder.join("bodies.ndjson");
    let tree = folder.join("ledger");
    let (ledger, rotations) = verify_rotated(&tree, &bodies, key.unwrap_or(&stated), witnesses)
        .map_err(|failures| failed(folder, &failures))?;
    let (records, erased) =
        read_bodies(&bodies, &ledger).map_err(|failures| failed(folder, &failures))?;
    if ledger.checkpoint.size != summary.size || ledger.checkpoint.origin != summary.origin {
        return Err(damaged(
            folder,
            "its list names another checkpoint than the one inside",
        ));
    }
    let note = read_file(&folder.join("ledger/checkpoint"), LARGEST_NOTE)?;
    let note = String::from_utf8(note).map_err(|error| damaged(folder, &error.to_string()))?;
    Ok(Received {
        note,
        summary,
        sha256,
        ledger,
        told: records.into_iter().map(Told::from).collect(),
        erased,
        rotations,
    })
}

impl Received {
    /// The company's state, folded from the verified entries.
    ///
    /// # Errors
    /// When an entry cannot follow those before it.
    pub fn company_state(&self) -> Result<CompanyState> {
        CompanyState::fold(&self.told)
    }

    /// Opens a checkpoint of this ledger from earlier, signed with the key of
    /// today or with one that it was rotated from since, as its entries say.
    ///
    /// # Errors
    /// When no key of this ledger signed it.
    pub fn open_older(&self, note: &[u8]) -> Result<SignedCheckpoint> {
        let rotated = self.told.iter().filter(|told| told.kind == KEY_ROTATED);
        let before =
            rotated.filter_map(|told| told.body.as_ref()?.get("old_verifier_key")?.as_str());
        let mut told = None;
        for line in [self.summary.verifier_key.as_str()]
            .into_iter()
            .chain(before)
        {
            let opened = VerifierKey::of_log(line).and_then(|key| open_checkpoint(note, &key, &[]));
            match opened {
                Ok(checkpoint) => return Ok(checkpoint),
                Err(failure) => told = told.or(Some(failure)),
            }
        }
        let why = told.map_or_else(String::new, |failure| failure.to_string());
        let problem = Problem::new("a checkpoint of this ledger from earlier does not verify");
        Err(Error::Damaged(problem.cause(why)))
    }

    /// The checkpoint inside.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.ledger.checkpoint
    }
}

/// Opens the package's evidence and does every import again: raw bytes to
/// snapshot, hash by hash; documents and test folders by their digest.
///
/// # Errors
/// The first object that does not hold.
pub fn verify_evidence(folder: &Path, state: &CompanyState) -> Result<Store> {
    let staging = tempfile::tempdir().map_err(|error| {
        Problem::new("there is no place for temporary files").cause(error.to_string())
    })?;
    let store = Store::open_for_reading(&folder.join(PACKAGE_EVIDENCE), staging.path())?;
    for recorded in state.evidence.all_snapshots() {
        let manifest = verify_manifest(&recorded.value.manifest, &catalog().datasets, &store)?;
        if manifest.derived.sha256 != recorded.value.derived {
            let what = format!(
                "the manifest of source `{}` names another snapshot than the ledger",
                recorded.value.source_id
            );
            return Err(Error::Damaged(Problem::new(what)));
        }
    }
    for artifact in state.evidence.artifacts() {
        store.check(&artifact.sha256)?;
    }
    for (defined, _) in state.control_tests.defined.values() {
        store.check(&defined.folder_sha256)?;
    }
    Ok(store)
}

fn failed(folder: &Path, failures: &Failures) -> Error {
    let first = failures
        .0
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    damaged(folder, &first)
}

fn damaged(folder: &Path, why: &str) -> Error {
    Error::Damaged(
        Problem::new(format!(
            "the package in `{}` does not verify",
            folder.display()
        ))
        .cause(why.to_owned()),
    )
}
