//! `tickmark ledger rotate-key`: a new signing key, in the ledger and in the
//! folder of keys.
//!
//! What must hold: the new key is on disk before the ledger names it, and the
//! old one is replaced only after; so a run that was interrupted is finished by
//! running it again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tickmark_ledger::{Ledger, LedgerError, LedgerReader, LogKey};

use super::Session;

/// Rotates the key and says the new verifier key line.
pub(super) fn run(session: &mut Session<'_>) -> Result<u8, LedgerError> {
    let place = session.place;
    let current = &place.key_file;
    let next = current.with_extension("key.new");
    let (old, new) = (LogKey::read(current)?, next_key(&next, session.random)?);
    let reader = LedgerReader::open(&place.database)?;
    let origin = reader.origin()?;
    if reader.verifier_key()? != new.verifier_key(&origin) {
        let settings = place.settings(session.clock, session.random)?;
        Ledger::open(settings)?.rotate_key(&place.actor, new)?;
    }
    let retired = retire(current, &next, &old.verifier_key(&origin))?;
    let line = reader.verifier_key()?;
    let text = format!(
        "signing with a new key; give others its verifier key:\n{line}\nthe old key is kept in {}\n",
        retired.display()
    );
    session.print(&text, || json!({"vkey": line, "retired": retired}))
}

/// The key that is to come: made now, or by a run that was interrupted.
fn next_key(path: &Path, random: fn(&mut [u8])) -> Result<LogKey, LedgerError> {
    if !path.exists() {
        let mut seed = [0; 32];
        random(&mut seed);
        LogKey::from_seed(seed).write_new(path)?;
    }
    LogKey::read(path)
}

/// Keeps the old key under a name of its own and puts the new one in its place.
fn retire(current: &Path, next: &Path, old: &str) -> Result<PathBuf, LedgerError> {
    let id = old.split('+').nth(1).unwrap_or_default();
    let retired = current.with_extension(format!("retired-{id}.key"));
    let fail = |source| LedgerError::File {
        action: "replace",
        path: current.to_owned(),
        source,
    };
    if !retired.exists() {
        fs::hard_link(current, &retired).map_err(fail)?;
    }
    fs::rename(next, current).map_err(fail)?;
    Ok(retired)
}
