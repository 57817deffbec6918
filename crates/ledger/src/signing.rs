//! What the writer does besides appending: sign heads, keep cosignatures,
//! erase bodies, change keys.

use rusqlite::params;

use crate::checkpoint::{Checkpoint, parse_signature_line, with_signature_lines};
use crate::entry::{Entry, NewEntry, PreparedEntry};
use crate::error::{LedgerError, Result};
use crate::event::{HANDOVER, LedgerEvent};
use crate::high_water::{HighWaterMark, MarkLock};
use crate::key::LogKey;
use crate::proof::{Subtrees, check_consistency};
use crate::writer::{Receipt, Writer};

impl Writer {
    /// Signs the head; see [`crate::LedgerHandle::checkpoint`].
    pub(crate) fn checkpoint(&mut self) -> Result<Vec<u8>> {
        let key = self.key.clone();
        self.sign_head(&[&key])
    }

    fn sign_head(&mut self, keys: &[&LogKey]) -> Result<Vec<u8>> {
        let head = Checkpoint {
            origin: self.meta.origin(),
            size: self.edge.size(),
            root: self.edge.root(),
        };
        if let Some(signed) = self.signed_already(&head)? {
            return Ok(signed);
        }
        let _held = MarkLock::take(&self.high_water_mark)?;
        self.check_extends_mark(&head)?;
        let note = head.sign(keys)?;
        HighWaterMark::write(&self.high_water_mark, &note)?;
        let kept = self.store.run(|conn| {
            conn.prepare_cached(include_str!("sql/insert_checkpoint.sql"))?
                .execute(params![head.origin, head.size as i64, note])
        });
        match kept {
            Ok(_) => Ok(note),
            Err(error) => Err(self.stop(&error)),
        }
    }

    fn signed_already(&self, head: &Checkpoint) -> Result<Option<Vec<u8>>> {
        let Some(note) = self.store.checkpoint(&head.origin, head.size)? else {
            return Ok(None);
        };
        if Checkpoint::parse_note(&note)? != *head {
            return Err(LedgerError::damaged(format!(
                "the checkpoint kept for size {} names another root",
                head.size
            )));
        }
        let lines = self.store.cosignatures(&head.origin, head.size)?;
        with_signature_lines(&note, &lines).map(Some)
    }

    /// Never sign a head that does not extend the last one signed.
    fn check_extends_mark(&mut self, head: &Checkpoint) -> Result<()> {
        let Some(mark) = HighWaterMark::read(&self.high_water_mark)? else {
            return Ok(());
        };
        let marked = &mark.checkpoint;
        if marked.origin != head.origin {
            // The first head of a new epoch; the epoch itself was checked at open.
            return Ok(());
        }
        let proof = (marked.size <= head.size)
            .then(|| self.consistency(marked.size, head.size))
            .transpose()?;
        let sound = proof.is_some_and(|path| {
            check_consistency((marked.size, &marked.root), (head.size, &head.root), &path).is_ok()
        });
        sound.then_some(()).ok_or_else(|| LedgerError::RolledBack {
            path: self.store.path.clone(),
            why: format!(
                "its head of {} entries does not extend the last signed head of {}",
                head.size, marked.size
            ),
        })
    }

    fn consistency(&self, old: u64, new: u64) -> Result<Vec<crate::hash::Hash>> {
        let mut load = |level, index| match self.store.full_tile(level, index)? {
            Some(full) => Ok(full),
            None => Ok(self.edge.row(level).to_vec()),
        };
        Subtrees::new(&mut load).consistency(old, new)
    }

    /// Keeps cosignatures; see [`crate::LedgerHandle::add_cosignatures`].
    pub(crate) fn add_cosignatures(&mut self, note: &[u8], lines: &[String]) -> Result<()> {
        let checkpoint = Checkpoint::parse_note(note)?;
        let ours = self.store.checkpoint(&checkpoint.origin, checkpoint.size)?;
        let same = ours
            .is_some_and(|ours| Checkpoint::parse_note(&ours).is_ok_and(|ours| ours == checkpoint));
        if !same {
            return Err(LedgerError::refused(format!(
                "this ledger never signed a checkpoint of `{}` at size {} with that root",
                checkpoint.origin, checkpoint.size
            )));
        }
        for line in lines {
            parse_signature_line(line)?;
        }
        let kept = self.store.run(|conn| {
            let tx = conn.unchecked_transaction()?;
            for line in lines {
                tx.execute(
                    include_str!("sql/insert_cosignature.sql"),
                    params![checkpoint.origin, checkpoint.size as i64, line],
                )?;
            }
            tx.commit()
        });
        kept.map_err(|error| self.stop(&error))
    }

    /// Erases a body; see [`crate::LedgerHandle::erase`].
    pub(crate) fn erase(&mut self, index: u64, entry: PreparedEntry) -> Result<Receipt> {
        self.check_erasable(index)?;
        let receipts = self.append_with(vec![entry], |tx| {
            let gone = tx.execute(include_str!("sql/erase_body.sql"), [index as i64])?;
            tx.execute(include_str!("sql/set_vacuum_due.sql"), [1])?;
            if gone == 1 {
                Ok(())
            } else {
                Err(rusqlite::Error::StatementChangedRows(gone))
            }
        })?;
        self.rewrite_erased_pages()?;
        receipts
            .first()
            .copied()
            .ok_or_else(|| LedgerError::damaged("an erasure left no receipt"))
    }

    /// Rewrites the file after an erasure, so that neither its free pages nor
    /// the write-ahead log keep what was erased.
    pub(crate) fn rewrite_erased_pages(&mut self) -> Result<()> {
        let done = self.store.run(|conn| {
            truncate_log(conn)?;
            conn.execute_batch("VACUUM")?;
            let clean = truncate_log(conn)?;
            // A reader in another process can hold the log open; then the next
            // open finishes the work.
            conn.execute(include_str!("sql/set_vacuum_due.sql"), [i64::from(!clean)])?;
            Ok(clean)
        });
        match done {
            Ok(clean) => {
                self.meta.vacuum_due = !clean;
                Ok(())
            }
            Err(error) => Err(self.stop(&error)),
        }
    }

    fn check_erasable(&self, index: u64) -> Result<()> {
        let Some(leaf) = self.store.leaf(index)? else {
            return Err(LedgerError::refused(format!(
                "there is no entry {index} in this ledger"
            )));
        };
        let entry = Entry::from_leaf(&leaf)?;
        if entry.kind.starts_with("ledger.") {
            return Err(LedgerError::refused(format!(
                "entry {index} of kind `{}` holds no personal data and is needed to verify the ledger",
                entry.kind
            )));
        }
        let present = self.store.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_has_body.sql"))?
                .exists([index as i64])
        })?;
        present.then_some(()).ok_or_else(|| {
            LedgerError::refused(format!("the body of entry {index} has been erased already"))
        })
    }

    /// Changes the signing key; see [`crate::LedgerHandle::rotate_key`].
    pub(crate) fn rotate_key(&mut self, actor: &str, new: LogKey) -> Result<Vec<u8>> {
        let origin = self.meta.origin();
        let (old_public, new_public) = (self.key.public_key(), new.public_key());
        if old_public == new_public {
            return Err(LedgerError::refused(
                "the new signing key is the one in use",
            ));
        }
        // Signed the usual way first, so that the mark knows of it.
        let head = Checkpoint::parse_note(&self.checkpoint()?)?;
        let new_verifier_key = new.verifier_key(&origin);
        let extension = format!("{HANDOVER}{new_verifier_key}\n");
        let handover = head.sign_with(&extension, &[&self.key])?;
        let event = LedgerEvent::KeyRotated {
            old_verifier_key: self.key.verifier_key(&origin),
            new_verifier_key,
            handover: Some(String::from_utf8_lossy(&handover).into_owned()),
        };
        let entry = NewEntry::from_event(actor, origin, &event)?.prepare()?;
        self.append_with(vec![entry], |tx| {
            tx.execute(
                include_str!("sql/set_public_key.sql"),
                params![new_public, old_public],
            )
            .map(|_| ())
        })?;
        let old = std::mem::replace(&mut self.key, new.clone());
        self.meta.public_key = new_public;
        self.sign_head(&[&new, &old])
    }
}

/// Moves the write-ahead log into the file and empties it; false when a reader
/// kept it in use.
fn truncate_log(conn: &rusqlite::Connection) -> rusqlite::Result<bool> {
    conn.query_row(include_str!("sql/truncate_wal.sql"), [], |row| {
        row.get::<_, i64>(0)
    })
    .map(|busy| busy == 0)
}
