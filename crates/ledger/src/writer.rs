//! The one thread that writes.
//!
//! What must hold: nobody is told of an entry before the transaction that
//! holds it, its tiles and the new head has been committed and synced; what is
//! in memory changes only after that; after one failed write nothing more is
//! written ([`LedgerError::Stopped`]). Callers that wait at the same time share
//! one commit.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use jiff::{Timestamp, Unit};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::entry::{Body, Entry, PreparedEntry};
use crate::error::{LedgerError, Result};
use crate::hash::{Hash, leaf_hash};
use crate::key::LogKey;
use crate::lock::WriterLock;
use crate::store::{Meta, Store, tile_key};
use crate::tree::Edge;

/// Where the writer reads the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Where the writer gets random bytes: fills the slice it is given.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send>;

/// Entries that share one commit at most.
const MAX_BATCH: usize = 4096;

/// Says that an entry is durable, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the entry.
    pub index: u64,
    /// Time written in the entry.
    pub at: Timestamp,
    /// RFC 6962 hash of its leaf.
    pub leaf_hash: Hash,
}

/// Where receipts are sent once they are true.
pub(crate) type Reply<T> = SyncSender<Result<T>>;

/// What the writer is asked to do.
pub(crate) enum Request {
    /// Append entries, all or none.
    Append(Vec<PreparedEntry>, Reply<Vec<Receipt>>),
    /// Anything else, one at a time.
    Run(Box<dyn FnOnce(&mut Writer) + Send>),
    /// End the thread.
    Stop,
}

/// The writing side of an open ledger.
pub(crate) struct Writer {
    pub store: Store,
    pub meta: Meta,
    pub key: LogKey,
    pub high_water_mark: PathBuf,
    pub edge: Edge,
    pub random: Random,
    pub clock: Clock,
    last_at: Option<Timestamp>,
    kinds: Vec<String>,
    stopped: Option<String>,
    _lock: WriterLock,
}

/// Everything a writer starts from.
pub(crate) struct WriterParts {
    pub store: Store,
    pub meta: Meta,
    pub key: LogKey,
    pub high_water_mark: PathBuf,
    pub clock: Clock,
    pub random: Random,
    pub lock: WriterLock,
}

impl Writer {
    /// Loads the edge of the tree and checks it against the stored head.
    pub fn start(parts: WriterParts) -> Result<Self> {
        let head = parts.store.head()?;
        let edge = parts.store.edge(head.size)?;
        if edge.root() != head.root {
            return Err(LedgerError::damaged(format!(
                "the stored root of {} entries is not the root of the entries; run `tickmark ledger fsck`",
                head.size
            )));
        }
        let last_at = match head.size.checked_sub(1) {
            Some(last) => last_time(&parts.store, last)?,
            None => None,
        };
        let kinds = parts.store.kinds()?.into_iter().map(|(kind, _)| kind);
        Ok(Self {
            kinds: kinds.collect(),
            store: parts.store,
            meta: parts.meta,
            key: parts.key,
            high_water_mark: parts.high_water_mark,
            edge,
            random: parts.random,
            clock: parts.clock,
            last_at,
            stopped: None,
            _lock: parts.lock,
        })
    }

    /// Serves requests until told to stop.
    pub fn serve(mut self, requests: &Receiver<Request>) {
        let mut waiting = None;
        while let Some(request) = waiting.take().or_else(|| requests.recv().ok()) {
            match request {
                Request::Append(entries, reply) => {
                    waiting = self.append_batch((entries, reply), requests);
                }
                Request::Run(work) => work(&mut self),
                Request::Stop => break,
            }
        }
    }

    /// Appends entries in one transaction together with `also`, all or none.
    pub fn append_with(
        &mut self,
        entries: Vec<PreparedEntry>,
        also: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Vec<Receipt>> {
        self.refuse_if_stopped()?;
        let mut draft = Draft::new(self);
        for entry in entries {
            draft.add(entry, &mut self.random, (self.clock)())?;
        }
        match write(&mut self.store.conn, &self.edge, &draft, also) {
            Ok(()) => {
                let receipts = draft.receipts();
                self.edge = draft.edge;
                self.last_at = draft.last_at;
                self.kinds = draft.kinds;
                Ok(receipts)
            }
            Err(error) => Err(self.stop(&error)),
        }
    }

    /// Begins a transaction and takes it back.
    pub fn check_writable(&mut self) -> Result<()> {
        let conn = &mut self.store.conn;
        conn.transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| transaction.rollback())
            .map_err(|error| LedgerError::database(&self.store.path, error))
    }

    /// Marks the ledger as stopped: nothing is written any more.
    pub fn stop(&mut self, error: &dyn std::fmt::Display) -> LedgerError {
        let why = error.to_string();
        self.stopped = Some(why.clone());
        LedgerError::Stopped(why)
    }

    pub fn refuse_if_stopped(&self) -> Result<()> {
        match &self.stopped {
            Some(why) => Err(LedgerError::Stopped(why.clone())),
            None => Ok(()),
        }
    }

    /// Gathers every append that is already waiting, commits once, answers
    /// all. Returns a request of another kind that was met on the way.
    fn append_batch(
        &mut self,
        first: (Vec<PreparedEntry>, Reply<Vec<Receipt>>),
        requests: &Receiver<Request>,
    ) -> Option<Request> {
        let mut callers = vec![(first.0.len(), first.1)];
        let mut entries = first.0;
        let mut other = None;
        while entries.len() < MAX_BATCH && other.is_none() {
            match requests.try_recv() {
                Ok(Request::Append(more, reply)) => {
                    callers.push((more.len(), reply));
                    entries.extend(more);
                }
                Ok(request) => other = Some(request),
                Err(_) => break,
            }
        }
        let outcome = self.append_with(entries, |_| Ok(()));
        answer(callers, outcome);
        other
    }
}

/// Tells each caller its own share of the outcome.
fn answer(callers: Vec<(usize, Reply<Vec<Receipt>>)>, outcome: Result<Vec<Receipt>>) {
    let mut receipts = match outcome {
        Ok(receipts) => receipts.into_iter(),
        Err(error) => {
            let why = match error {
                LedgerError::Stopped(why) => why,
                other => other.to_string(),
            };
            for (_, reply) in callers {
                // A caller that stopped waiting needs no answer.
                let _ = reply.send(Err(LedgerError::Stopped(why.clone())));
            }
            return;
        }
    };
    for (count, reply) in callers {
        let _ = reply.send(Ok(receipts.by_ref().take(count).collect()));
    }
}

/// A batch as it will stand in the ledger, before it is written.
struct Draft {
    rows: Vec<(Entry, Vec<u8>, Body)>,
    hashes: Vec<Hash>,
    full: Vec<crate::tree::FullTile>,
    edge: Edge,
    last_at: Option<Timestamp>,
    kinds: Vec<String>,
    new_kinds: Vec<(String, u64)>,
}

impl Draft {
    fn new(writer: &Writer) -> Self {
        Self {
            rows: Vec::new(),
            hashes: Vec::new(),
            full: Vec::new(),
            edge: writer.edge.clone(),
            last_at: writer.last_at,
            kinds: writer.kinds.clone(),
            new_kinds: Vec::new(),
        }
    }

    fn add(&mut self, entry: PreparedEntry, random: &mut Random, now: Timestamp) -> Result<()> {
        let now = now.round(Unit::Microsecond).unwrap_or(now);
        let at = self.last_at.map_or(now, |last| last.max(now));
        let mut salt = [0; 32];
        random(&mut salt);
        let body = Body {
            salt,
            bytes: entry.body.clone(),
        };
        let index = self.edge.size();
        let clock = (at != now).then_some(now);
        let entry = entry.place(index, at, clock, &body);
        let leaf = entry.to_leaf()?;
        let hash = leaf_hash(&leaf);
        self.edge.push(hash, &mut self.full);
        self.hashes.push(hash);
        self.last_at = Some(at);
        if !self.kinds.contains(&entry.kind) {
            self.kinds.push(entry.kind.clone());
            self.new_kinds.push((entry.kind.clone(), index));
        }
        self.rows.push((entry, leaf, body));
        Ok(())
    }

    fn receipts(&self) -> Vec<Receipt> {
        self.rows
            .iter()
            .zip(&self.hashes)
            .map(|((entry, _, _), hash)| Receipt {
                index: entry.idx,
                at: entry.at,
                leaf_hash: *hash,
            })
            .collect()
    }
}

/// Writes a draft in one transaction. The head moves only if it still is what
/// this writer last saw.
fn write(
    conn: &mut Connection,
    before: &Edge,
    draft: &Draft,
    also: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    insert_rows(&tx, draft)?;
    also(&tx)?;
    let moved = tx
        .prepare_cached(include_str!("sql/advance_head.sql"))?
        .execute(params![
            draft.edge.size() as i64,
            draft.edge.root(),
            before.size() as i64,
            before.root()
        ])?;
    if moved != 1 {
        return Err(rusqlite::Error::StatementChangedRows(moved));
    }
    tx.commit()
}

fn insert_rows(tx: &Connection, draft: &Draft) -> rusqlite::Result<()> {
    let mut insert_entry = tx.prepare_cached(include_str!("sql/insert_entry.sql"))?;
    let mut insert_body = tx.prepare_cached(include_str!("sql/insert_body.sql"))?;
    for (entry, leaf, body) in &draft.rows {
        let index = entry.idx as i64;
        insert_entry.execute(params![index, leaf])?;
        insert_body.execute(params![index, body.salt, body.bytes])?;
    }
    let mut insert_tile = tx.prepare_cached(include_str!("sql/insert_tile.sql"))?;
    for tile in &draft.full {
        insert_tile.execute(params![
            tile_key(tile.level, tile.index),
            tile.hashes.as_flattened()
        ])?;
    }
    let mut insert_kind = tx.prepare_cached(include_str!("sql/insert_kind.sql"))?;
    for (kind, index) in &draft.new_kinds {
        insert_kind.execute(params![kind, *index as i64])?;
    }
    Ok(())
}

fn last_time(store: &Store, index: u64) -> Result<Option<Timestamp>> {
    let leaf = store
        .leaf(index)?
        .ok_or_else(|| LedgerError::damaged(format!("entry {index} is missing")))?;
    Ok(Some(Entry::from_leaf(&leaf)?.at))
}
