//! A whole exported ledger: C2SP tlog-tiles, checked file by file.

use std::path::{Path, PathBuf};

use super::bundle::{read_bundles, read_into};
use super::layout::files_below;
use super::leaf::VerifiedEntry;
use super::note::{SignedCheckpoint, VerifierKey, open_checkpoint};
use super::tiles::check_tiles;
use super::tree::{Digest32, levels, prefix_hash};
use super::{Failure, Failures, unless_failed};

/// Longest checkpoint: three lines, and signatures of hundreds of witnesses.
const MAX_NOTE_BYTES: u64 = 64 * 1024;

/// An exported ledger in which everything verified.
#[derive(Debug, Clone)]
pub struct VerifiedLedger {
    /// The checkpoint that covers it.
    pub checkpoint: SignedCheckpoint,
    /// Every entry, in order.
    pub entries: Vec<VerifiedEntry>,
    /// Files among the tiles that go beyond the checkpoint, as an interrupted
    /// export leaves them: no reader asks for them, nothing vouches for them.
    pub beyond: Vec<PathBuf>,
    pub(super) levels: Vec<Vec<Digest32>>,
}

impl VerifiedLedger {
    /// Root over the first `size` entries; `None` when there are fewer.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<[u8; 32]> {
        prefix_hash(&self.levels, usize::try_from(size).ok()?)
    }
}

/// Verifies an exported folder completely: signature, cosignatures, every
/// entry, the root rebuilt from them, every tile, and that nothing but tiles
/// lies among them.
///
/// # Errors
/// Everything that does not verify.
pub fn verify_directory(
    folder: &Path,
    log: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<VerifiedLedger, Failures> {
    let note = read_note(folder)?;
    let checkpoint = open_checkpoint(&note, log, witnesses)?;
    let mut failures = Vec::new();
    let files = files_below(&folder.join("tile"), &mut failures);
    let expected = checkpoint.size.div_ceil(256);
    if (files.len() as u64) < expected {
        let why = format!(
            "a ledger of {} entries needs {expected} bundles",
            checkpoint.size
        );
        failures.push(Failure::new(folder.join("tile").display().to_string(), why));
        return Err(Failures(failures));
    }
    let bundles = read_bundles(folder, checkpoint.size);
    failures.extend(bundles.failures);
    let held = bundles.hashes.len();
    if held as u64 != checkpoint.size {
        return Err(Failures(failures));
    }
    let levels = levels(bundles.hashes, bundles.roots);
    if prefix_hash(&levels, held) != Some(checkpoint.root) {
        let why = format!(
            "its root is not the root of the {} entries",
            checkpoint.size
        );
        failures.push(Failure::new("checkpoint", why));
    }
    let beyond = check_tiles(folder, &files, &levels, &mut failures);
    let ledger = VerifiedLedger {
        checkpoint,
        entries: bundles.entries,
        beyond,
        levels,
    };
    unless_failed(ledger, failures)
}

/// The checkpoint of an exported folder, unverified.
pub(super) fn read_note(folder: &Path) -> Result<Vec<u8>, Failure> {
    let mut note = Vec::new();
    read_into(&folder.join("checkpoint"), MAX_NOTE_BYTES, &mut note)?;
    Ok(note)
}
