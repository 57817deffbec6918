//! `.tlog-proof` files: offline proof that one entry is in a signed ledger
//! (c2sp.org/tlog-proof@v1), with the entry itself beside it.

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::files;
use crate::reader::{Inclusion, LedgerReader};

/// Proof of one entry against a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryProof {
    /// Text of the `.tlog-proof` file.
    pub proof: String,
    /// The entry's leaf, exactly as hashed.
    pub leaf: Vec<u8>,
}

/// Proves entry `index` against the signed checkpoint `note` of this ledger.
/// The proof has been checked.
///
/// # Errors
/// [`crate::LedgerError::Refused`] when the checkpoint does not cover the
/// entry, [`crate::LedgerError::Damaged`] when it is not one of this ledger.
pub fn prove(reader: &LedgerReader, index: u64, note: &[u8]) -> Result<EntryProof> {
    let checkpoint = Checkpoint::parse_note(note)?;
    let inclusion = reader.prove_inclusion(index, checkpoint.size)?;
    crate::proof::check_inclusion(
        &inclusion.leaf,
        index,
        &inclusion.path,
        checkpoint.size,
        &checkpoint.root,
    )?;
    Ok(EntryProof {
        proof: text(&inclusion, note),
        leaf: inclusion.leaf,
    })
}

/// Writes `entry-<index>.tlog-proof` and `entry-<index>.leaf.json` into a
/// folder and returns both paths.
///
/// # Errors
/// [`crate::LedgerError::File`] when they cannot be written.
pub fn write_proof(folder: &Path, index: u64, proof: &EntryProof) -> Result<(PathBuf, PathBuf)> {
    files::create_folder(folder)?;
    let proof_path = folder.join(format!("entry-{index}.tlog-proof"));
    let leaf_path = folder.join(format!("entry-{index}.leaf.json"));
    files::write_durably(&leaf_path, &proof.leaf)?;
    files::write_durably(&proof_path, proof.proof.as_bytes())?;
    Ok((proof_path, leaf_path))
}

fn text(inclusion: &Inclusion, note: &[u8]) -> String {
    let mut text = format!("c2sp.org/tlog-proof@v1\nindex {}\n", inclusion.index);
    for hash in &inclusion.path {
        text.push_str(&BASE64_STANDARD.encode(hash));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(note));
    text
}
