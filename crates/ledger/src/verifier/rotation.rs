//! Changes of the signing key, followed from a key that someone trusts.
//!
//! What must hold: trust passes from one key to the next only by a signature of
//! the one before: a checkpoint of the ledger, over exactly the entries before
//! the change, whose extension line names the next key. And once a key was
//! given up, nothing later counts that it alone has signed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::directory::{VerifiedLedger, read_note, verify_directory};
use super::note::{SignedCheckpoint, VerifierKey, open_checkpoint};
use super::proof::verify_extends;
use super::{Failure, Failures};

/// Kind of the entry that records a change of the signing key.
const ROTATED: &str = "ledger.key_rotated/1";
/// What the extension line of a handover begins with.
const HANDOVER: &str = "key-rotated-to ";

/// A change of the signing key that the key before has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Index of the entry that records it.
    pub index: u64,
    /// The key from then on.
    pub to: VerifierKey,
    /// The head before it, signed by the key until then.
    pub head: SignedCheckpoint,
}

/// Verifies an exported folder with the bodies beside it as
/// [`verify_directory`] does, under the key that `trusted` was rotated to, if
/// it was. The bodies themselves are for [`super::verify_bodies`].
///
/// # Errors
/// Everything that does not verify.
pub fn verify_rotated(
    folder: &Path,
    bodies: &Path,
    trusted: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<(VerifiedLedger, Vec<Rotation>), Failures> {
    let note = read_note(folder)?;
    let signed = open_checkpoint(&note, trusted, &[]).is_ok();
    let direct = signed.then(|| verify_directory(folder, trusted, witnesses));
    let direct = direct.transpose()?;
    let is_rotated = |ledger: &VerifiedLedger| ledger.entries.iter().any(|it| *it.kind == *ROTATED);
    let rotations = match &direct {
        Some(ledger) if !is_rotated(ledger) => Vec::new(),
        _ => follow(bodies, trusted)?,
    };
    let ledger = match (direct, rotations.last()) {
        (Some(ledger), None) => ledger,
        (_, last) => verify_directory(folder, last.map_or(trusted, |it| &it.to), witnesses)?,
    };
    for rotation in &rotations {
        verify_extends(&ledger, &rotation.head)?;
        let at = usize::try_from(rotation.index).ok();
        let entry = at.and_then(|at| ledger.entries.get(at));
        if entry.is_none_or(|entry| *entry.kind != *ROTATED) {
            let why = "it hands over to another key without an entry that records it";
            return Err(Failure::new(format!("entry {}", rotation.index), why).into());
        }
    }
    Ok((ledger, rotations))
}

/// The handovers in a bodies file that lead on from `trusted`, in order.
fn follow(bodies: &Path, trusted: &VerifierKey) -> Result<Vec<Rotation>, Failure> {
    let notes = handovers(bodies)?;
    let mut chain: Vec<Rotation> = Vec::new();
    loop {
        let key = chain.last().map_or(trusted, |last| &last.to);
        let from = chain.last().map_or(0, |last| last.index + 1);
        let mut signed = notes
            .iter()
            .filter(|(index, _)| *index >= from)
            .filter_map(|(index, note)| rotation(*index, note, key));
        let Some(next) = signed.next() else {
            return Ok(chain);
        };
        chain.push(next);
    }
}

/// What a handover says, if `key` signed it.
fn rotation(index: u64, note: &str, key: &VerifierKey) -> Option<Rotation> {
    let head = open_checkpoint(note.as_bytes(), key, &[]).ok()?;
    let (text, _) = note.split_once("\n\n")?;
    let line = text.lines().nth(3)?.strip_prefix(HANDOVER)?;
    let to = VerifierKey::of_log(line).ok()?;
    let sound = to.name() == key.name() && head.size == index;
    sound.then_some(Rotation { index, to, head })
}

#[derive(Deserialize)]
struct Line {
    index: u64,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    handover: Option<String>,
}

/// Index and note of everything in a bodies file that may be a handover, in
/// order of index. Nothing of it is believed yet.
fn handovers(bodies: &Path) -> Result<Vec<(u64, String)>, Failure> {
    let fail =
        |error: std::io::Error| Failure::new(bodies.display().to_string(), error.to_string());
    let mut lines = BufReader::new(File::open(bodies).map_err(fail)?);
    let (mut line, mut notes) = (Vec::new(), Vec::new());
    while lines.read_until(b'\n', &mut line).map_err(fail)? > 0 {
        if let Ok(text) = std::str::from_utf8(&line)
            && text.contains(HANDOVER)
            && let Ok(Line {
                index,
                body: Some(body),
            }) = serde_json::from_str(text)
            && let Ok(Body {
                handover: Some(note),
            }) = serde_json::from_str(&body)
        {
            notes.push((index, note));
        }
        line.clear();
    }
    notes.sort();
    Ok(notes)
}
