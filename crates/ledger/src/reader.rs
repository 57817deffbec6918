//! Reading a ledger: entries in order, roots and proofs at any size.
//!
//! A reader has its own connection and sees every entry that was committed
//! before it asks, also while another thread or process writes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::ValueRef;

use crate::checkpoint::with_signature_lines;
use crate::entry::{Body, Entry, Record};
use crate::error::{LedgerError, Result};
use crate::event::LedgerEvent;
use crate::hash::Hash;
use crate::key::{public_key_in, verifier_key_of};
use crate::proof::{Subtrees, check_consistency, check_inclusion};
use crate::store::{Head, Meta, Store};
use crate::tree::Edge;

/// Entries fetched per query while iterating.
const CHUNK: u64 = 1024;

/// A read-only view of a ledger.
pub struct LedgerReader {
    store: Store,
    edge: RefCell<Edge>,
}

/// Proof that one entry is in the tree of a given size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Index of the entry.
    pub index: u64,
    /// The entry's leaf.
    pub leaf: Vec<u8>,
    /// Audit path, sibling of the leaf first.
    pub path: Vec<Hash>,
    /// Size of the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

impl LedgerReader {
    /// Opens a ledger for reading.
    ///
    /// # Errors
    /// [`LedgerError::Missing`] when there is none,
    /// [`LedgerError::NewerFormat`] when this program cannot read it.
    pub fn open(database: &Path) -> Result<Self> {
        let store = Store::open_reader(database)?;
        store.meta()?;
        Ok(Self {
            store,
            edge: RefCell::default(),
        })
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.store.path
    }

    /// Origin line of the current epoch.
    ///
    /// # Errors
    /// [`LedgerError::Database`] when it cannot be read.
    pub fn origin(&self) -> Result<String> {
        Ok(self.meta()?.origin())
    }

    /// Verifier key line of the current epoch: what an auditor pins.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the stored key is not one.
    pub fn verifier_key(&self) -> Result<String> {
        let meta = self.meta()?;
        verifier_key_of(&meta.origin(), &meta.public_key)
    }

    /// Copies the ledger as it is now to the new file `target`, also while
    /// others write to it. What was erased is not in the copy.
    ///
    /// # Errors
    /// When it cannot be read, or `target` exists or cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        let target = target.to_string_lossy();
        self.store
            .run(|conn| conn.execute(include_str!("sql/copy_into.sql"), [target]))
            .map(|_| ())
    }

    /// Refuses a ledger that does not extend the high-water mark in the file
    /// `mark`: an old copy, or another history.
    ///
    /// # Errors
    /// [`LedgerError::RolledBack`], saying how the two differ.
    pub fn check_mark(&self, mark: &Path) -> Result<()> {
        crate::high_water::check(self, mark)
    }

    /// Number of entries and root, as stored.
    ///
    /// # Errors
    /// [`LedgerError::Database`] when it cannot be read.
    pub fn head(&self) -> Result<Head> {
        self.store.head()
    }

    /// The records `range` in order, as many as exist. Iterates in bounded
    /// memory; 100,000 records with bodies take well under a second.
    pub fn entries(&self, range: Range<u64>) -> Entries<'_> {
        Entries {
            reader: self,
            next: range.start,
            end: range.end,
            fetched: VecDeque::new(),
        }
    }

    /// Number of entries written up to and including `at`.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when an entry cannot be read.
    pub fn size_as_of(&self, at: Timestamp) -> Result<u64> {
        let (mut low, mut high) = (0, self.head()?.size);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle)?.at <= at {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// One entry.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when there is no such entry.
    pub fn entry(&self, index: u64) -> Result<Entry> {
        Entry::from_leaf(&self.leaf(index)?)
    }

    /// The leaf of one entry: exactly the bytes that were hashed.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when there is no such entry.
    pub fn leaf(&self, index: u64) -> Result<Vec<u8>> {
        self.store.leaf(index)?.ok_or_else(|| {
            LedgerError::refused(format!("there is no entry {index} in this ledger"))
        })
    }

    /// Root over the first `size` entries.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the ledger is shorter.
    pub fn root_at(&self, size: u64) -> Result<Hash> {
        self.check_size(size)?;
        self.with_subtrees(|trees| trees.root(size))
    }

    /// Proof that entry `index` is in the tree of `size` entries, checked.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when there is no such entry or size.
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<Inclusion> {
        self.check_size(size)?;
        if index >= size {
            return Err(LedgerError::refused(format!(
                "there is no entry {index} in a ledger of {size} entries"
            )));
        }
        let leaf = self.leaf(index)?;
        let (path, root) =
            self.with_subtrees(|trees| Ok((trees.inclusion(index, size)?, trees.root(size)?)))?;
        check_inclusion(&leaf, index, &path, size, &root)?;
        Ok(Inclusion {
            index,
            leaf,
            path,
            size,
            root,
        })
    }

    /// Proof that the first `old` entries are a prefix of the first `new`,
    /// checked. Empty when `old` is 0 or both are equal.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when `old > new` or the ledger is shorter.
    pub fn prove_consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>> {
        self.check_size(new)?;
        if old > new {
            return Err(LedgerError::refused(format!(
                "a ledger of {new} entries cannot extend one of {old}"
            )));
        }
        self.with_subtrees(|trees| {
            let path = trees.consistency(old, new)?;
            let (old_root, new_root) = (trees.root(old)?, trees.root(new)?);
            check_consistency((old, &old_root), (new, &new_root), &path)?;
            Ok(path)
        })
    }

    /// The newest checkpoint signed in this epoch, with the cosignatures it
    /// has; `None` before the first.
    ///
    /// # Errors
    /// [`LedgerError::Database`] when it cannot be read.
    pub fn last_checkpoint(&self) -> Result<Option<Vec<u8>>> {
        let origin = self.origin()?;
        let Some(note) = self.store.last_checkpoint(&origin)? else {
            return Ok(None);
        };
        let size = crate::checkpoint::Checkpoint::parse_note(&note)?.size;
        let lines = self.store.cosignatures(&origin, size)?;
        with_signature_lines(&note, &lines).map(Some)
    }

    /// Every checkpoint this ledger signed: origin, size, note.
    ///
    /// # Errors
    /// [`LedgerError::Database`] when they cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<(String, u64, Vec<u8>)>> {
        self.store.checkpoints()
    }

    /// Hashes of the tile at `level`, `index` as of now: full or partial.
    pub(crate) fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>> {
        if let Some(full) = self.store.full_tile(level, index)? {
            return Ok(full);
        }
        self.refresh_edge()?;
        Ok(self.edge.borrow().row(level).to_vec())
    }

    pub(crate) fn meta(&self) -> Result<Meta> {
        self.store.meta()
    }

    /// Verifier key lines, under the name `origin`, of every key that ever
    /// signed for this ledger: the one in use first.
    pub(crate) fn all_verifier_keys(&self, origin: &str) -> Result<Vec<String>> {
        let mut lines = vec![verifier_key_of(origin, &self.meta()?.public_key)?];
        for (_, event) in self.rotations()? {
            if let LedgerEvent::KeyRotated {
                old_verifier_key, ..
            } = event
            {
                let key = public_key_in(&old_verifier_key)?;
                lines.push(verifier_key_of(origin, &key)?);
            }
        }
        Ok(lines)
    }

    /// Every change of the signing key, with the index of its entry.
    pub(crate) fn rotations(&self) -> Result<Vec<(u64, LedgerEvent)>> {
        let rotated = LedgerEvent::KEY_ROTATED;
        if !self.store.kinds()?.iter().any(|(kind, _)| kind == rotated) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for record in self.entries(0..self.head()?.size) {
            let record = record?;
            if record.entry.kind == rotated {
                found.extend(record.event()?.map(|event| (record.entry.idx, event)));
            }
        }
        Ok(found)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    fn with_subtrees<T>(&self, work: impl FnOnce(&mut Subtrees<'_>) -> Result<T>) -> Result<T> {
        let mut load = |level, index| self.tile(level, index);
        work(&mut Subtrees::new(&mut load))
    }

    fn refresh_edge(&self) -> Result<()> {
        let size = self.head()?.size;
        if self.edge.borrow().size() != size {
            let edge = self.store.edge(size)?;
            self.edge.replace(edge);
        }
        Ok(())
    }

    fn check_size(&self, size: u64) -> Result<()> {
        let have = self.head()?.size;
        if size > have {
            return Err(LedgerError::refused(format!(
                "this ledger has {have} entries, not {size}"
            )));
        }
        Ok(())
    }

    fn fetch(&self, start: u64, end: u64) -> Result<VecDeque<Result<Record>>> {
        self.store.run(|conn| {
            let mut statement = conn.prepare_cached(include_str!("sql/select_records.sql"))?;
            let mut rows = statement.query([start as i64, end as i64])?;
            let mut records = VecDeque::new();
            while let Some(row) = rows.next()? {
                records.push_back(record_of(row)?);
            }
            Ok(records)
        })
    }
}

/// Iterator over records, in order.
pub struct Entries<'a> {
    reader: &'a LedgerReader,
    next: u64,
    end: u64,
    fetched: VecDeque<Result<Record>>,
}

impl Iterator for Entries<'_> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.fetched.is_empty() && self.next < self.end {
            let end = self.end.min(self.next + CHUNK);
            match self.reader.fetch(self.next, end) {
                Ok(records) if records.is_empty() => self.next = self.end,
                Ok(records) => {
                    self.next = end;
                    self.fetched = records;
                }
                Err(error) => {
                    self.next = self.end;
                    return Some(Err(error));
                }
            }
        }
        self.fetched.pop_front()
    }
}

fn record_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Record>> {
    let index: i64 = row.get(0)?;
    let leaf: Vec<u8> = row.get(1)?;
    let body = match row.get_ref(2)? {
        ValueRef::Null => None,
        _ => Some(Body {
            salt: row.get(2)?,
            bytes: row.get(3)?,
        }),
    };
    Ok(Entry::from_leaf(&leaf)
        .map_err(|error| LedgerError::damaged(format!("entry {index}: {error}")))
        .map(|entry| Record { entry, leaf, body }))
}
