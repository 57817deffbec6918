//! The portable evidence package: everything the firm, or a reader, needs to
//! do the company's work again.
//!
//! ```text
//! package.json          origin, verifier key, size, digest of every file below
//! ledger/               the exported ledger (tlog-tiles)
//! bodies.ndjson         bodies and salts, so that commitments can be opened
//! evidence/objects/…    manifests, raw files, snapshots, documents, tests
//! ```
//!
//! What must hold: the package is read back before anyone is told that it was
//! written; nothing in it is named by anything but its digest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_evidence::{Manifest, ObjectRef, Store};
use tickmark_ledger::package::export_package;
use tickmark_ledger::{Checkpoint, LedgerReader};

use crate::company_state::CompanyState;
use crate::error::{Error, Result};
use crate::folder::{Staged, plain_paths, read_file, write_file};

/// Name of the file that lists a package.
pub const PACKAGE_FILE: &str = "package.json";
/// Folder of the evidence store inside a package.
pub const PACKAGE_EVIDENCE: &str = "evidence";

/// The largest list that is read, in bytes: some 600,000 files.
const LARGEST_LIST: u64 = 64 << 20;

/// What `package.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageSummary {
    /// Version of the package's layout.
    pub version: u32,
    /// Origin line of the ledger.
    pub origin: String,
    /// Verifier key line of the ledger, as the sender states it.
    pub verifier_key: String,
    /// Entries the checkpoint covers.
    pub size: u64,
    /// SHA-256 of each file, by path.
    pub files: BTreeMap<String, Sha256Hex>,
}

/// Writes a package for the signed checkpoint `note` into `folder`, with the
/// evidence that `state` names; returns the digest of its list.
///
/// # Errors
/// When an object is missing or changed, the folder holds anything or cannot be
/// written; nothing is left of the package then.
pub fn write_package(
    reader: &LedgerReader,
    note: &[u8],
    state: Option<(&CompanyState, &Store)>,
    folder: &Path,
) -> Result<Sha256Hex> {
    if folder.join(PACKAGE_FILE).exists() {
        return Err(Problem::new(format!(
            "there is a package in `{}` already",
            folder.display()
        ))
        .hint("choose another folder")
        .into());
    }
    let staged = Staged::beside(folder)?;
    let inside = staged.path();
    export_package(reader, note, inside)?;
    if let Some((state, store)) = state {
        let target = Store::open(&inside.join(PACKAGE_EVIDENCE))?;
        for object in objects(state, store)? {
            target.put_stream(&store.local_path(&object), Some(&object))?;
        }
        // The folder that objects are staged in is of no use to a reader.
        let _ = std::fs::remove_dir(inside.join(PACKAGE_EVIDENCE).join("staging"));
    }
    let summary = PackageSummary {
        version: 1,
        origin: reader.origin()?,
        verifier_key: reader.verifier_key()?,
        size: Checkpoint::parse_note(note)?.size,
        files: digests(inside)?,
    };
    let mut text =
        serde_json::to_vec_pretty(&summary).map_err(|error| Problem::new(error.to_string()))?;
    text.push(b'\n');
    write_file(&inside.join(PACKAGE_FILE), &text)?;
    staged.settle()?;
    Ok(Sha256Hex::of(&text))
}

/// The digests of everything the state names.
pub(crate) fn objects(state: &CompanyState, store: &Store) -> Result<BTreeSet<Sha256Hex>> {
    let mut objects = BTreeSet::new();
    for recorded in state.evidence.all_snapshots() {
        let manifest = Manifest::from_bytes(&store.get(&recorded.value.manifest)?)?;
        objects.insert(recorded.value.manifest.clone());
        objects.insert(manifest.mapping.sha256);
        objects.insert(manifest.derived.sha256);
        objects.extend(manifest.rejects.map(|rejects| rejects.sha256));
        objects.extend(manifest.raw_files.into_iter().map(|raw| raw.object.sha256));
    }
    objects.extend(
        state
            .evidence
            .artifacts()
            .map(|artifact| artifact.sha256.clone()),
    );
    objects.extend(
        state
            .control_tests
            .defined
            .values()
            .map(|(defined, _)| defined.folder_sha256.clone()),
    );
    Ok(objects)
}

fn digests(folder: &Path) -> Result<BTreeMap<String, Sha256Hex>> {
    let mut files = BTreeMap::new();
    for path in listed_paths(folder)? {
        let digest = digest(&folder.join(&path))?;
        files.insert(path, digest);
    }
    Ok(files)
}

/// Every file of a package but its list.
fn listed_paths(folder: &Path) -> Result<BTreeSet<String>> {
    let mut paths: BTreeSet<String> = plain_paths(folder)?.into_iter().collect();
    paths.remove(PACKAGE_FILE);
    Ok(paths)
}

fn digest(path: &Path) -> Result<Sha256Hex> {
    let object = ObjectRef::of_file(path).map_err(|error| Error::file("read", path, &error))?;
    Ok(object.sha256)
}

/// Reads a package's list and compares every file with it. Nothing that is not
/// listed is opened.
///
/// # Errors
/// The first file that is missing, changed or not listed, or is no plain file.
pub fn read_summary(folder: &Path) -> Result<(PackageSummary, Sha256Hex)> {
    let path = folder.join(PACKAGE_FILE);
    let found = listed_paths(folder)?;
    let bytes = read_file(&path, LARGEST_LIST)?;
    let summary = parse(&path, &bytes)?;
    let listed: BTreeSet<&String> = summary.files.keys().collect();
    let differs = |path: &str, what: &str| {
        Error::Damaged(
            Problem::new(format!("file `{path}` of the package {what}")).cause(format!(
                "compared with `{}`",
                folder.join(PACKAGE_FILE).display()
            )),
        )
    };
    if let Some(missing) = listed.iter().find(|path| !found.contains(**path)) {
        return Err(differs(missing, "is missing"));
    }
    if let Some(extra) = found.iter().find(|path| !listed.contains(path)) {
        return Err(differs(extra, "is not listed"));
    }
    for (path, expected) in &summary.files {
        if digest(&folder.join(path))? != *expected {
            return Err(differs(path, "has changed"));
        }
    }
    Ok((summary, Sha256Hex::of(&bytes)))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<PackageSummary> {
    let wrong = |why: String| {
        Error::Damaged(
            Problem::new(format!("`{}` is no list of a package", path.display())).cause(why),
        )
    };
    let summary: PackageSummary =
        serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    if summary.version != 1 {
        return Err(wrong(format!(
            "it has version {}, this program reads version 1",
            summary.version
        )));
    }
    Ok(summary)
}
