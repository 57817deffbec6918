//! The rows of a ledger, each looked at by itself: hash, form, commitment.
//! That is nearly all the work, so it is spread over all processors while the
//! next rows are read.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;

use super::Finding;
use crate::entry::{Body, Entry, Record};
use crate::error::Result;
use crate::event::LedgerEvent;
use crate::hash::{Hash, leaf_hash};
use crate::store::{RawRecord, Store};
use crate::verifier::leaf::{Names, parse_leaf};

/// Rows that are read and looked at together.
const PIECE: u64 = 256;

/// A row, looked at.
pub(super) struct Row {
    /// Its primary key.
    pub index: u64,
    /// RFC 6962 hash of its leaf.
    pub hash: Hash,
    /// What is wrong with it by itself.
    pub findings: Vec<Finding>,
    /// What its entry says, where it is one.
    pub entry: Option<Said>,
    /// The whole of it, where that was asked for.
    pub record: Option<Record>,
}

/// What an entry says that matters among others.
pub(super) struct Said {
    /// When it was written.
    pub at: Timestamp,
    /// Kind and version.
    pub kind: Arc<str>,
    /// Whether a body is stored for it, the right one or not.
    pub has_body: bool,
    /// Index of the entry whose body it records as erased.
    pub erases: Option<u64>,
}

/// Hands every row of the ledger to `take`, in order of index. With `records`
/// each comes with its record.
pub(super) fn each_row(store: &Store, records: bool, mut take: impl FnMut(Row)) -> Result<()> {
    let helpers = thread::available_parallelism().map_or(1, NonZero::get);
    let (send, pieces) = sync_channel(2 * helpers);
    let pieces = Mutex::new(pieces);
    thread::scope(|scope| {
        let (done, looked_at) = channel();
        for _ in 0..helpers {
            let done = done.clone();
            let pieces = &pieces;
            scope.spawn(move || look_at_pieces(pieces, &done, records));
        }
        drop(done);
        let mut ordered = Ordered::default();
        let mut next = 0;
        for number in 0_u64.. {
            let rows = store.raw_records_from(next, PIECE)?;
            let Some(last) = rows.last().map(|row| row.index) else {
                break;
            };
            next = last + 1;
            if send.send((number, rows)).is_err() {
                break; // every helper has ended, which only a panic does
            }
            looked_at
                .try_iter()
                .for_each(|piece| ordered.put(piece, &mut take));
        }
        drop(send);
        looked_at
            .iter()
            .for_each(|piece| ordered.put(piece, &mut take));
        Ok(())
    })
}

/// Rows with the number of their piece.
type Piece<T> = (u64, Vec<T>);

fn look_at_pieces(
    pieces: &Mutex<Receiver<Piece<RawRecord>>>,
    done: &Sender<Piece<Row>>,
    records: bool,
) {
    let mut names = Names::default();
    loop {
        let piece = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, rows)) = piece else { return };
        let rows = rows
            .into_iter()
            .map(|row| look_at(row, records, &mut names));
        if done.send((number, rows.collect())).is_err() {
            return;
        }
    }
}

/// Pieces come back in any order; they are passed on in theirs.
#[derive(Default)]
struct Ordered {
    next: u64,
    early: BTreeMap<u64, Vec<Row>>,
}

impl Ordered {
    fn put(&mut self, (number, rows): Piece<Row>, take: &mut impl FnMut(Row)) {
        self.early.insert(number, rows);
        while let Some(rows) = self.early.remove(&self.next) {
            rows.into_iter().for_each(&mut *take);
            self.next += 1;
        }
    }
}

fn look_at(row: RawRecord, records: bool, names: &mut Names) -> Row {
    let mut looked = Row {
        index: row.index,
        hash: leaf_hash(&row.leaf),
        findings: Vec::new(),
        entry: None,
        record: None,
    };
    let (at, kind, commitment) = match parse_leaf(row.index, &row.leaf, names) {
        Ok(entry) => (entry.at, entry.kind, Some(entry.commitment)),
        Err(failure) => match looked.explain(&row.leaf, &failure.why) {
            Some(entry) => (
                entry.at,
                names.shared(&entry.kind),
                <[u8; 32]>::try_from(hex::decode(&entry.body).unwrap_or_default()).ok(),
            ),
            None => return looked,
        },
    };
    let has_body = row.salt.is_some() && row.body.is_some();
    let body = row.salt.zip(row.body).and_then(|(salt, bytes)| {
        let body = <[u8; 32]>::try_from(salt).ok();
        body.map(|salt| Body { salt, bytes })
            .filter(|body| Some(body.commitment()) == commitment)
    });
    if has_body && body.is_none() {
        let what = format!("the body of entry {} is not the one recorded", row.index);
        looked.find("I10", what);
    }
    let erases = body.as_ref().filter(|_| *kind == *LedgerEvent::BODY_ERASED);
    looked.entry = Some(Said {
        at,
        has_body,
        erases: erases.and_then(erased_index),
        kind,
    });
    if records && let Ok(entry) = Entry::from_leaf(&row.leaf) {
        let leaf = row.leaf;
        looked.record = Some(Record { entry, leaf, body });
    }
    looked
}

impl Row {
    fn find(&mut self, invariant: &'static str, what: String) {
        self.findings.push(Finding { invariant, what });
    }

    /// Says why the verifier refuses a leaf, and reads it where that can be.
    fn explain(&mut self, leaf: &[u8], why: &str) -> Option<Entry> {
        let index = self.index;
        let entry = match Entry::from_leaf(leaf) {
            Ok(entry) => entry,
            Err(error) => {
                self.find("I13", format!("entry {index}: {error}"));
                return None;
            }
        };
        if !entry.is_canonical(leaf) {
            self.find("I13", format!("entry {index} is not in canonical form"));
        }
        if entry.idx != index {
            self.find("I1", format!("entry {index} claims index {}", entry.idx));
        }
        if self.findings.is_empty() {
            self.find("I13", format!("entry {index}: {why}"));
        }
        Some(entry)
    }
}

/// Which entry's body an erasure is about.
fn erased_index(body: &Body) -> Option<u64> {
    let body: serde_json::Value = serde_json::from_slice(&body.bytes).ok()?;
    body.get("index")?.as_u64()
}
