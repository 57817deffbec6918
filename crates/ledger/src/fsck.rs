//! Checking a whole ledger against its invariants, I1 to I13. Everything
//! found is reported, not only the first.
//!
//! - I1 indexes run from 0 without a gap
//! - I2 stored tiles are the tiles rebuilt from the entries
//! - I3 the head's size and root are those of the entries
//! - I4 every checkpoint ever signed is a prefix of the head
//! - I5 the ledger extends its high-water mark
//! - I6 every acknowledged entry is there, with the leaf that was acknowledged
//! - I7 what was published is complete and not newer than the head
//! - I8 checkpoints verify under a key of this ledger and name its origin
//! - I9 entry times never go back
//! - I10 bodies open their commitments; missing ones were erased on record
//! - I11 the entries replay (checked by the caller's function)
//! - I12 every entry is of a known kind
//! - I13 every entry is in canonical form

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::checkpoint::{Checkpoint, open_checkpoint};
use crate::entry::Record;
use crate::error::{LedgerError, Result};
use crate::event::LedgerEvent;
use crate::high_water;
use crate::reader::LedgerReader;
use crate::store::{Store, tile_key};
use crate::tree::{Edge, FullTile};
use crate::verifier::{VerifierKey, verify_directory};
use crate::writer::Receipt;
use rows::{Row, each_row};

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The invariant: `I1` … `I13`, or `file` for the database file itself.
    pub invariant: &'static str,
    /// What was found, and where.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// Function that replays one record, for I11.
pub type Replay<'a> = dyn FnMut(&Record) -> std::result::Result<(), String> + 'a;

/// What to check a ledger against, besides itself.
#[derive(Default)]
pub struct Against<'a> {
    /// The high-water mark (I5).
    pub high_water_mark: Option<&'a Path>,
    /// Kinds the caller can read, besides the ledger's own (I12).
    pub known_kinds: &'a [&'a str],
    /// Receipts of entries that were acknowledged (I6).
    pub acknowledged: &'a [Receipt],
    /// A folder this ledger was exported to (I7).
    pub published: Option<&'a Path>,
    /// Replays one record and says what is wrong (I11).
    pub replay: Option<&'a mut Replay<'a>>,
}

/// Checks every invariant of the ledger as it is when the check begins;
/// others may go on writing to it.
///
/// # Errors
/// Only when the file cannot be read at all; everything else is a finding.
pub fn fsck(reader: &LedgerReader, mut against: Against<'_>) -> Result<Vec<Finding>> {
    // A transaction that reads sees one state of the file, however long it takes.
    let snapshot = reader.store().conn.unchecked_transaction();
    let _snapshot = snapshot.map_err(|error| LedgerError::database(reader.path(), error))?;
    let mut check = Check::new(reader)?;
    // The pages of the file are looked at meanwhile, over a connection of their own.
    std::thread::scope(|scope| {
        let path = reader.path();
        let pages = scope.spawn(|| Store::open_reader(path)?.integrity_problems());
        check.entries(&mut against)?;
        let problems = match pages.join() {
            Ok(problems) => problems?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        for problem in problems {
            check.find("file", problem);
        }
        Ok::<_, LedgerError>(())
    })?;
    check.tree()?;
    check.checkpoints()?;
    check.rotations()?;
    check.bodies()?;
    check.kinds(against.known_kinds)?;
    if let Some(mark) = against.high_water_mark
        && let Err(error) = high_water::check(reader, mark)
    {
        check.find("I5", error.to_string());
    }
    check.acknowledged(against.acknowledged);
    if let Some(folder) = against.published {
        check.published(folder)?;
    }
    Ok(check.findings)
}

/// One run over the ledger, with what it has learned so far.
struct Check<'a> {
    reader: &'a LedgerReader,
    findings: Vec<Finding>,
    edge: Edge,
    full: Vec<FullTile>,
    roots: BTreeMap<u64, crate::hash::Hash>,
    wanted: BTreeSet<u64>,
    hashes: BTreeMap<u64, crate::hash::Hash>,
    kinds: BTreeMap<Arc<str>, u64>,
    last_at: Option<Timestamp>,
    bodiless: BTreeMap<u64, Arc<str>>,
    erased: BTreeMap<u64, u64>,
}

impl<'a> Check<'a> {
    fn new(reader: &'a LedgerReader) -> Result<Self> {
        let signed = reader.checkpoints()?;
        Ok(Self {
            reader,
            findings: Vec::new(),
            edge: Edge::default(),
            full: Vec::new(),
            roots: BTreeMap::from([(0, crate::hash::empty_root())]),
            wanted: signed.into_iter().map(|(_, size, _)| size).collect(),
            hashes: BTreeMap::new(),
            kinds: BTreeMap::new(),
            last_at: None,
            bodiless: BTreeMap::new(),
            erased: BTreeMap::new(),
        })
    }

    fn find(&mut self, invariant: &'static str, what: impl Into<String>) {
        let what = what.into();
        self.findings.push(Finding { invariant, what });
    }

    /// Walks all rows once: I1, I9, I10 (commitments), I11, I13.
    fn entries(&mut self, against: &mut Against<'_>) -> Result<()> {
        self.wanted.extend(published_size(against.published));
        let wanted_leaves: BTreeSet<u64> = against.acknowledged.iter().map(|r| r.index).collect();
        let mut expected = 0;
        each_row(self.reader.store(), against.replay.is_some(), |row| {
            self.gap(expected, row.index);
            expected = row.index + 1;
            self.leaf(&row, wanted_leaves.contains(&row.index));
            self.row(row, against);
        })
    }

    fn gap(&mut self, expected: u64, found: u64) {
        match found.checked_sub(expected) {
            None | Some(0) => {}
            Some(1) => self.find("I1", format!("entry {expected} is missing")),
            Some(_) => {
                let what = format!("entries {expected} to {} are missing", found - 1);
                self.find("I1", what);
            }
        }
    }

    fn leaf(&mut self, row: &Row, wanted: bool) {
        if wanted {
            self.hashes.insert(row.index, row.hash);
        }
        self.edge.push(row.hash, &mut self.full);
        let size = self.edge.size();
        if self.wanted.contains(&size) {
            self.roots.insert(size, self.edge.root());
        }
    }

    fn row(&mut self, row: Row, against: &mut Against<'_>) {
        let index = row.index;
        self.findings.extend(row.findings);
        let Some(said) = row.entry else { return };
        if self.last_at.is_some_and(|before| before > said.at) {
            let what = format!("entry {index} is dated before the entry before it");
            self.find("I9", what);
        }
        self.last_at = Some(said.at);
        if !said.has_body {
            self.bodiless.insert(index, said.kind.clone());
        }
        self.kinds.entry(said.kind).or_insert(index);
        if let Some(erased) = said.erases {
            self.erasure(erased, index);
        }
        if let Some(record) = &row.record
            && let Some(replay) = &mut against.replay
            && let Err(why) = replay(record)
        {
            self.find("I11", format!("entry {index} does not replay: {why}"));
        }
    }

    /// An entry records an erasure: once, and of an entry before it.
    fn erasure(&mut self, erased: u64, by: u64) {
        if by <= erased {
            let what =
                format!("entry {by} records the erasure of entry {erased}, which is no earlier");
            self.find("I10", what);
        }
        if self.erased.insert(erased, by).is_some() {
            let what = format!("the erasure of entry {erased} is recorded twice");
            self.find("I10", what);
        }
    }

    /// I2 and I3.
    fn tree(&mut self) -> Result<()> {
        let expected: Vec<FullTile> = std::mem::take(&mut self.full);
        let mut keys = BTreeSet::new();
        for tile in &expected {
            keys.insert(tile_key(tile.level, tile.index) as u64);
            let name = format!("tile {}/{}", tile.level, tile.index);
            match self.reader.store().full_tile(tile.level, tile.index) {
                Ok(Some(stored)) if stored == tile.hashes => {}
                Ok(Some(_)) => self.find("I2", format!("{name} is not that of the entries")),
                Ok(None) => self.find("I2", format!("{name} is missing")),
                Err(error) => self.find("I2", error.to_string()),
            }
        }
        for key in self.reader.store().tile_keys()? {
            if !keys.contains(&key) {
                let what = format!(
                    "tile {}/{} has no entries",
                    key >> 48,
                    key & 0xffff_ffff_ffff
                );
                self.find("I2", what);
            }
        }
        let (head, size) = (self.reader.head()?, self.edge.size());
        if head.size != size {
            self.find(
                "I3",
                format!("the head names {} entries, {size} are stored", head.size),
            );
        }
        if head.root != self.edge.root() {
            self.find("I3", "the head's root is not the root of the entries");
        }
        Ok(())
    }

    /// I4 and I8.
    fn checkpoints(&mut self) -> Result<()> {
        let base = self.reader.meta()?.epoch_base;
        for (origin, size, note) in self.reader.checkpoints()? {
            let place = format!("the checkpoint of `{origin}` at size {size}");
            let keys = self.reader.all_verifier_keys(&origin)?;
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            match open_checkpoint(&note, &keys) {
                Err(error) => self.find("I8", format!("{place}: {error}")),
                Ok(signed) if signed.origin != origin || signed.size != size => {
                    self.find("I8", format!("{place} is about something else"));
                }
                Ok(signed) => self.prefix("I4", &place, &signed),
            }
            let ours = origin == base || origin.starts_with(&format!("{base}/"));
            if !ours {
                self.find("I8", format!("{place} does not belong to `{base}`"));
            }
        }
        Ok(())
    }

    /// Every handover was signed by the old key, over the entries before it.
    fn rotations(&mut self) -> Result<()> {
        for (index, event) in self.reader.rotations()? {
            let LedgerEvent::KeyRotated {
                old_verifier_key,
                handover: Some(note),
                ..
            } = event
            else {
                continue;
            };
            let place = format!("the handover in entry {index}");
            match open_checkpoint(note.as_bytes(), &[&old_verifier_key]) {
                Err(error) => self.find("I8", format!("{place}: {error}")),
                Ok(signed) if signed.size != index => {
                    self.find("I8", format!("{place} is not about the entries before it"));
                }
                Ok(signed) => self.prefix("I4", &place, &signed),
            }
        }
        Ok(())
    }

    fn prefix(&mut self, invariant: &'static str, place: &str, signed: &Checkpoint) {
        match self.roots.get(&signed.size) {
            Some(root) if *root == signed.root => {}
            Some(_) => self.find(invariant, format!("{place} is no prefix of the ledger")),
            None => self.find(
                invariant,
                format!("{place} covers more than the ledger holds"),
            ),
        }
    }

    /// The rest of I10.
    fn bodies(&mut self) -> Result<()> {
        for index in self.reader.store().orphan_bodies()? {
            self.find(
                "I10",
                format!("a body is stored for entry {index}, which is missing"),
            );
        }
        let bodiless = std::mem::take(&mut self.bodiless);
        for (index, kind) in &bodiless {
            if !self.erased.contains_key(index) {
                let what =
                    format!("the body of entry {index} is gone without an entry that records it");
                self.find("I10", what);
            }
            if LedgerEvent::KINDS.contains(&&**kind) {
                let what = format!("the body of entry {index} of kind `{kind}` is never erased");
                self.find("I10", what);
            }
        }
        let erased = std::mem::take(&mut self.erased);
        for index in erased.keys().filter(|index| !bodiless.contains_key(index)) {
            let what = format!("the body of entry {index} is recorded as erased but there");
            self.find("I10", what);
        }
        Ok(())
    }

    /// I12, and that the table of kinds says the same.
    fn kinds(&mut self, known: &[&str]) -> Result<()> {
        let found = std::mem::take(&mut self.kinds);
        for (kind, index) in &found {
            if !LedgerEvent::KINDS.contains(&&**kind) && !known.contains(&&**kind) {
                self.find("I12", format!("entry {index} is of unknown kind `{kind}`"));
            }
        }
        let stored = self.reader.store().kinds()?.into_iter();
        let stored: BTreeMap<Arc<str>, u64> =
            stored.map(|(kind, first)| (kind.into(), first)).collect();
        if stored != found {
            self.find("I12", "the table of kinds is not that of the entries");
        }
        Ok(())
    }

    /// I6.
    fn acknowledged(&mut self, receipts: &[Receipt]) {
        for receipt in receipts {
            match self.hashes.get(&receipt.index) {
                Some(hash) if *hash == receipt.leaf_hash => {}
                Some(_) => self.find(
                    "I6",
                    format!("entry {} is not the one acknowledged", receipt.index),
                ),
                None => self.find(
                    "I6",
                    format!("entry {} was acknowledged and is gone", receipt.index),
                ),
            }
        }
    }

    /// I7.
    fn published(&mut self, folder: &Path) -> Result<()> {
        let note = match std::fs::read(folder.join("checkpoint")) {
            Ok(note) => note,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                self.find("I7", format!("`{}`: {error}", folder.display()));
                return Ok(());
            }
        };
        let signed = match Checkpoint::parse_note(&note) {
            Ok(signed) => signed,
            Err(error) => {
                self.find("I7", format!("`{}`: {error}", folder.display()));
                return Ok(());
            }
        };
        self.prefix(
            "I7",
            &format!("the published checkpoint of size {}", signed.size),
            &signed,
        );
        if let Err(problem) = self.verify_published(folder, &signed) {
            self.find("I7", problem);
        }
        Ok(())
    }

    fn verify_published(
        &self,
        folder: &Path,
        signed: &Checkpoint,
    ) -> std::result::Result<(), String> {
        let keys = self.reader.all_verifier_keys(&signed.origin);
        let mut told = String::from("no key of this ledger signed what was published");
        for line in keys.map_err(|error| error.to_string())? {
            let key = VerifierKey::parse(&line).map_err(|error| error.to_string())?;
            match verify_directory(folder, &key, &[]) {
                Ok(_) => return Ok(()),
                Err(failures) => told = failures.to_string(),
            }
        }
        Err(told)
    }
}

fn published_size(folder: Option<&Path>) -> Option<u64> {
    let note = std::fs::read(folder?.join("checkpoint")).ok()?;
    Checkpoint::parse_note(&note).ok().map(|signed| signed.size)
}
