//! Backups of a workspace: one archive that is whole and verified, or none.
//!
//! ```text
//! tickmark-backup.json        manifest: what it is of, digest and size of every file
//! .tickmark/ledger.db         the ledger at one moment, also while it is written
//! .tickmark/access.db         secrets of who may come in, at a later moment
//! .tickmark/evidence/…        the evidence the ledger names
//! .tickmark/results/…, …      everything else of the workspace, as files
//! ```
//!
//! What must hold: the ledger is copied before what it names, and nothing that
//! it names is ever removed, so a copy that is made while a server runs has
//! every object its entries speak of. An archive has its name only after it was
//! read back, unpacked and verified; a restored workspace has its name only
//! after the same. Signing keys and the mark of the last signed head are in no
//! backup: they lie outside the workspace, so that a copy that is put back
//! cannot be signed as if nothing had happened since.

mod archive;
mod files;
mod manifest;
mod restore;
mod write;

use std::path::Path;

use tickmark_access::AccessStore;
use tickmark_catalog::Problem;
use tickmark_ledger::fsck::{Against, Finding, fsck};

pub use manifest::Backup;
pub use restore::{Restored, check, restore};
pub use write::write;

use crate::company_state::CompanyState;
use crate::error::{Error, Result};
use crate::firm::FirmState;
use crate::package::{objects, read_summary};
use crate::told::{Folded, Told};
use crate::workspace::{Realm, Workspace};

/// Checks a workspace that was unpacked: the ledger with its checkpoints, that
/// it is the one the manifest speaks of, and that what its entries name is there.
///
/// # Errors
/// Everything that does not hold.
fn verify(workspace: &Workspace, backup: &Backup, mark: Option<&Path>) -> Result<()> {
    let reader = workspace.reader()?;
    let (head, file) = (reader.head()?, workspace.file());
    let told = (&file.id, file.realm, reader.origin()?);
    if (head.size, hex::encode(head.root)) != (backup.entries, backup.root.clone())
        || told != (&backup.id, backup.realm, backup.origin.clone())
    {
        return Err(damaged("its ledger is not the one its manifest speaks of"));
    }
    match file.realm {
        Realm::Company => {
            let state = checked::<CompanyState>(workspace, mark, &CompanyState::kinds())?;
            let store = workspace.evidence()?;
            for object in objects(&state, &store)? {
                store.check(&object)?;
            }
        }
        Realm::Firm => {
            checked::<FirmState>(workspace, mark, &FirmState::kinds())?;
            for package in crate::received::kept(workspace)? {
                read_summary(&package)?;
            }
        }
    }
    let access = workspace.access_store();
    if access.exists() {
        AccessStore::check_file(&access)?;
    }
    Ok(())
}

/// Checks every invariant of the ledger and folds it.
fn checked<S: Folded>(workspace: &Workspace, mark: Option<&Path>, kinds: &[&str]) -> Result<S> {
    let mut state = S::default();
    let mut replay = |record: &tickmark_ledger::Record| {
        let told = Told::try_from(record.clone());
        told.and_then(|told| state.apply(&told))
            .map_err(|error| error.to_string())
    };
    let against = Against {
        high_water_mark: mark,
        known_kinds: kinds,
        replay: Some(&mut replay),
        ..Against::default()
    };
    match fsck(&workspace.reader()?, against)?.as_slice() {
        [] => Ok(state),
        findings => Err(does_not_hold(findings)),
    }
}

fn does_not_hold(findings: &[Finding]) -> Error {
    let problem = Problem::new("the ledger in the backup does not hold");
    let told = findings.iter().fold(problem, |problem, finding| {
        problem.cause(finding.to_string())
    });
    Error::Damaged(told)
}

/// An archive that cannot be relied on.
fn damaged(why: impl Into<String>) -> Error {
    Error::Damaged(
        Problem::new("the backup is damaged")
            .cause(why.into())
            .hint("take another backup; this one cannot be relied on"),
    )
}
