//! Opening a new epoch: going on, on purpose, from a copy that lost entries.
//!
//! The entries that the copy still has are kept, with their indexes and their
//! place in the tree; what follows is signed under a new origin (`…/2`), so no
//! two heads of one origin ever contradict each other. The first entry of the
//! epoch quotes the last checkpoint known from before and says what was lost.
//! Checkpoints of the old origin up to the entries kept stay provable.

use rusqlite::params;

use crate::checkpoint::Checkpoint;
use crate::entry::NewEntry;
use crate::error::{LedgerError, Result};
use crate::event::{EpochOpened, LedgerEvent};
use crate::high_water::{self, HighWaterMark};
use crate::ledger::{Ledger, Settings, open_store};
use crate::reader::LedgerReader;
use crate::store::epoch_origin;

impl Ledger {
    /// Opens a ledger that [`Ledger::open`] refuses as rolled back, in a new
    /// epoch, and signs its first head. `reason` is kept for ever: no personal
    /// data.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the ledger needs no new epoch; else those
    /// of [`Ledger::open`].
    pub fn open_epoch(settings: Settings, actor: &str, reason: &str) -> Result<Self> {
        let (store, lock) = open_store(&settings)?;
        let reader = LedgerReader::open(&settings.database)?;
        match high_water::check(&reader, &settings.high_water_mark) {
            Err(LedgerError::RolledBack { .. }) => {}
            Err(other) => return Err(other),
            Ok(()) => {
                return Err(LedgerError::refused(
                    "this ledger extends the last head it signed; it needs no new epoch",
                ));
            }
        }
        let mark = HighWaterMark::read(&settings.high_water_mark)?;
        let number = next_epoch(&reader, mark.as_ref())?;
        let event = describe(&reader, mark, number, &settings, reason)?;
        let ledger = Self::start(settings, store, lock)?;
        let actor = actor.to_owned();
        ledger.run(move |writer| {
            let subject = event.origin.clone();
            let entry = NewEntry::from_event(actor, subject, &LedgerEvent::EpochOpened(event))?;
            let before = writer.meta.epoch;
            writer.append_with(vec![entry.prepare()?], |tx| {
                tx.execute(
                    include_str!("sql/set_epoch.sql"),
                    params![number as i64, before as i64],
                )
                .map(|_| ())
            })?;
            writer.meta.epoch = number;
            writer.checkpoint()
        })?;
        Ok(ledger)
    }
}

/// One more than any epoch that was ever signed.
fn next_epoch(reader: &LedgerReader, mark: Option<&HighWaterMark>) -> Result<u64> {
    let meta = reader.meta()?;
    let signed = mark
        .and_then(|mark| epoch_of(&meta.epoch_base, &mark.checkpoint.origin))
        .unwrap_or(1);
    Ok(meta.epoch.max(signed) + 1)
}

/// The number in an origin line that belongs to `base`.
fn epoch_of(base: &str, origin: &str) -> Option<u64> {
    let rest = origin.strip_prefix(base)?;
    if rest.is_empty() {
        return Some(1);
    }
    rest.strip_prefix('/')?.parse().ok()
}

fn describe(
    reader: &LedgerReader,
    mark: Option<HighWaterMark>,
    number: u64,
    settings: &Settings,
    reason: &str,
) -> Result<EpochOpened> {
    let meta = reader.meta()?;
    let last = match mark {
        Some(mark) => Some(mark.note),
        None => reader.last_checkpoint()?,
    };
    let checkpoint = last.as_deref().map(Checkpoint::parse_note).transpose()?;
    let kept = reader.head()?.size;
    let history_differs = match &checkpoint {
        Some(signed) if signed.size <= kept => reader.root_at(signed.size)? != signed.root,
        _ => false,
    };
    let origin = epoch_origin(&meta.epoch_base, number);
    Ok(EpochOpened {
        verifier_key: settings.key.verifier_key(&origin),
        origin,
        previous_origin: checkpoint
            .as_ref()
            .map_or_else(|| meta.origin(), |signed| signed.origin.clone()),
        last_checkpoint: last.map(|note| String::from_utf8_lossy(&note).into_owned()),
        entries_kept: kept,
        entries_lost: checkpoint.map_or(0, |signed| signed.size.saturating_sub(kept)),
        history_differs,
        reason: reason.to_owned(),
    })
}
