//! What must hold after any crash.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;
use tickmark_ledger::fsck::{Against, fsck};
use tickmark_ledger::{Checkpoint, Ledger, LedgerError, LedgerReader, NewEntry, Receipt};

use crate::workload::{KIND, open};

/// What a process promised before it crashed.
#[derive(Debug, Clone, Default)]
pub struct Promised {
    /// Entries it acknowledged.
    pub receipts: Vec<Receipt>,
    /// Entries it acknowledged before they were durable (negative control).
    pub early: Vec<u64>,
    /// Checkpoints it handed out.
    pub signed: Vec<Vec<u8>>,
    /// What it found wrong itself.
    pub broken: Vec<String>,
}

impl Promised {
    /// Reads one line of the process; half a line promises nothing.
    pub fn hear(&mut self, line: &str) {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("ack"), Some(index), Some(hash)) => self.hear_ack(index, hash),
            (Some("signed"), Some(note), None) => self.signed.extend(hex::decode(note)),
            (Some("broken"), ..) => self.broken.push(line.to_owned()),
            _ => {}
        }
    }

    /// Reads everything a process said.
    pub fn hear_all(&mut self, output: &[u8]) {
        let text = String::from_utf8_lossy(output);
        let whole = text
            .rfind('\n')
            .and_then(|end| text.get(..end))
            .unwrap_or("");
        whole.lines().for_each(|line| self.hear(line));
    }

    /// Number of entries promised so far.
    pub fn count(&self) -> u64 {
        (self.receipts.len() + self.early.len()) as u64
    }

    fn hear_ack(&mut self, index: &str, hash: &str) {
        let Ok(index) = index.parse() else { return };
        let hash = hex::decode(hash).ok().and_then(|hash| hash.try_into().ok());
        match hash {
            Some(leaf_hash) => self.receipts.push(Receipt {
                index,
                at: Timestamp::UNIX_EPOCH,
                leaf_hash,
            }),
            None => self.early.push(index),
        }
    }
}

/// Everything that is wrong with the ledger in `folder` after a crash; it is
/// opened, checked and continued.
pub fn judge(folder: &Path, promised: &Promised) -> Vec<String> {
    let mut problems = promised.broken.clone();
    let ledger = match open(folder, 77, "FULL") {
        Ok(ledger) => ledger,
        Err(error) => {
            problems.push(format!("it does not open: {error}"));
            return problems;
        }
    };
    if let Err(error) = check(&ledger, folder, promised, &mut problems) {
        problems.push(format!("it cannot be checked: {error}"));
    }
    if let Err(error) = go_on(&ledger, folder) {
        problems.push(format!("it does not go on: {error}"));
    }
    problems
}

fn check(
    ledger: &Ledger,
    folder: &Path,
    promised: &Promised,
    problems: &mut Vec<String>,
) -> Result<(), LedgerError> {
    let reader = ledger.reader()?;
    let against = Against {
        high_water_mark: Some(&folder.join("mark/high-water-mark")),
        known_kinds: &[KIND],
        acknowledged: &promised.receipts,
        published: Some(&folder.join("published")),
        ..Against::default()
    };
    problems.extend(fsck(&reader, against)?.iter().map(ToString::to_string));
    let size = reader.head()?.size;
    for index in promised.early.iter().filter(|index| **index >= size) {
        problems.push(format!("entry {index} was acknowledged and is gone"));
    }
    for note in &promised.signed {
        kept(&reader, note, problems)?;
    }
    Ok(())
}

/// A checkpoint that left the building must stay a prefix of the ledger.
fn kept(reader: &LedgerReader, note: &[u8], problems: &mut Vec<String>) -> Result<(), LedgerError> {
    let signed = Checkpoint::parse_note(note)?;
    let extends = signed.size <= reader.head()?.size && reader.root_at(signed.size)? == signed.root;
    if !extends {
        problems.push(format!(
            "the checkpoint of size {} is no prefix any more",
            signed.size
        ));
    }
    Ok(())
}

fn go_on(ledger: &Ledger, folder: &Path) -> Result<(), LedgerError> {
    let entry = NewEntry::new("user-1", KIND, "after-the-crash", json!(null));
    ledger.append(vec![entry])?;
    let note = ledger.checkpoint()?;
    let reader = ledger.reader()?;
    tickmark_ledger::export::export(&reader, &note, &folder.join("published")).map(|_| ())
}
