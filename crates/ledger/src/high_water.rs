//! The high-water mark: the last checkpoint that was signed, kept in a file
//! outside the database.
//!
//! What must hold: it is durable before a signature leaves the process. So a
//! database that does not extend it is an old copy or another history, and
//! nothing may be signed for it: two signed heads that do not extend each
//! other are proof of a forged ledger.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, open_checkpoint};
use crate::error::{LedgerError, Result};
use crate::event::{EpochOpened, LedgerEvent};
use crate::files;
use crate::reader::LedgerReader;
use crate::store::{epoch_origin, with_suffix};

/// The mark as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HighWaterMark {
    pub note: Vec<u8>,
    pub checkpoint: Checkpoint,
}

impl HighWaterMark {
    /// Reads the mark; `None` when nothing has been signed yet.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let Some(note) = files::read_if_present(path)? else {
            return Ok(None);
        };
        let checkpoint = Checkpoint::parse_note(&note).map_err(|error| {
            LedgerError::damaged(format!("high-water mark `{}`: {error}", path.display()))
        })?;
        Ok(Some(Self { note, checkpoint }))
    }

    /// Makes the mark durable.
    pub fn write(path: &Path, note: &[u8]) -> Result<()> {
        files::create_folder(files::folder_of(path))?;
        files::write_durably(path, note)
    }
}

/// Holds the mark while a head is checked against it and signed. The lock of
/// the database does not do: a copy of the database has one of its own, and two
/// copies signed at the same time would be two histories.
pub(crate) struct MarkLock {
    _file: File,
}

impl MarkLock {
    /// Waits until no other process holds the mark.
    pub fn take(mark: &Path) -> Result<Self> {
        files::create_folder(files::folder_of(mark))?;
        let path = with_suffix(mark, ".lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        let file = file.map_err(|error| LedgerError::file("lock", &path, error))?;
        Ok(Self { _file: file })
    }
}

/// Refuses a database that does not extend its high-water mark.
pub(crate) fn check(reader: &LedgerReader, path: &Path) -> Result<()> {
    let refuse = |why: String| LedgerError::RolledBack {
        path: PathBuf::from(reader.path()),
        why,
    };
    let origin = reader.origin()?;
    let Some(mark) = HighWaterMark::read(path)? else {
        return if reader.checkpoints()?.is_empty() {
            Ok(())
        } else {
            Err(refuse(format!(
                "it has signed checkpoints, but the high-water mark `{}` is missing",
                path.display()
            )))
        };
    };
    check_signature(reader, &mark)?;
    let (marked, head) = (&mark.checkpoint, reader.head()?);
    if marked.origin != origin {
        return if epoch_follows(reader, &mark)? {
            Ok(())
        } else {
            Err(refuse(format!(
                "the last signed head belongs to `{}`, this ledger is `{origin}`",
                marked.origin
            )))
        };
    }
    if head.size < marked.size {
        return Err(refuse(format!(
            "it holds {} entries, the last signed head covered {}",
            head.size, marked.size
        )));
    }
    if reader.root_at(marked.size)? != marked.root {
        return Err(refuse(format!(
            "its first {} entries are not the ones that were signed",
            marked.size
        )));
    }
    Ok(())
}

/// The mark counts only if this ledger's own key signed it.
fn check_signature(reader: &LedgerReader, mark: &HighWaterMark) -> Result<()> {
    let lines = reader.all_verifier_keys(&mark.checkpoint.origin)?;
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    open_checkpoint(&mark.note, &lines)
        .map(|_| ())
        .map_err(|error| LedgerError::damaged(format!("high-water mark: {error}")))
}

/// A crash between recording a new epoch and signing its first head leaves the
/// mark of the epoch before; then the epoch's own entry quotes that very mark.
fn epoch_follows(reader: &LedgerReader, mark: &HighWaterMark) -> Result<bool> {
    let meta = reader.meta()?;
    let previous =
        meta.epoch > 1 && mark.checkpoint.origin == epoch_origin(&meta.epoch_base, meta.epoch - 1);
    if !previous {
        return Ok(false);
    }
    let quoted = last_epoch_entry(reader)?.and_then(|epoch| epoch.last_checkpoint);
    Ok(quoted.is_some_and(|note| note.as_bytes() == mark.note))
}

fn last_epoch_entry(reader: &LedgerReader) -> Result<Option<EpochOpened>> {
    let mut last = None;
    for record in reader.entries(0..reader.head()?.size) {
        let record = record?;
        if record.entry.kind == "ledger.epoch_opened/1"
            && let Some(LedgerEvent::EpochOpened(epoch)) = record.event()?
        {
            last = Some(epoch);
        }
    }
    Ok(last)
}
