//! A ledger in a temporary folder, with a clock and random bytes that repeat.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;
use tickmark_ledger::verifier::VerifierKey;
use tickmark_ledger::{Ledger, LedgerError, LedgerReader, LogKey, NewEntry, Settings};

/// Name of every scratch ledger.
pub const ORIGIN: &str = "fernhollow.example/ledger";
/// The kinds scratch ledgers know.
pub const KINDS: &[&str] = &["sample.noted/1", "sample.person_joined/1"];

/// A folder with room for a ledger, and a clock that a test sets.
pub struct Scratch {
    folder: TempDir,
    pub seconds: Arc<AtomicI64>,
}

impl Scratch {
    pub fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            seconds: Arc::new(AtomicI64::new(1_782_000_000)),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("ledger.db")
    }

    pub fn mark(&self) -> PathBuf {
        self.path("elsewhere/high-water-mark")
    }

    /// Settings whose clock advances a second per reading.
    pub fn settings(&self) -> Settings {
        let seconds = self.seconds.clone();
        let mut next = 0_u64;
        Settings::new(
            &self.database(),
            &self.mark(),
            key(7),
            KINDS,
            move || Timestamp::from_second(seconds.fetch_add(1, Ordering::SeqCst)).unwrap(),
            move |bytes| {
                for byte in bytes {
                    next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    *byte = (next >> 33) as u8;
                }
            },
        )
    }

    pub fn create(&self) -> Ledger {
        Ledger::create(self.settings(), ORIGIN).unwrap()
    }

    pub fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(self.settings())
    }

    pub fn reader(&self) -> LedgerReader {
        LedgerReader::open(&self.database()).unwrap()
    }

    /// A closed ledger of `count` entries.
    pub fn with_entries(count: u64) -> Self {
        let scratch = Self::new();
        let ledger = scratch.create();
        append(&ledger, count);
        scratch
    }
}

/// A signing key that depends on one byte.
pub fn key(seed: u8) -> LogKey {
    LogKey::from_seed([seed; 32])
}

/// The public half of the key of scratch ledgers, as a verifier reads it.
pub fn log_key() -> VerifierKey {
    VerifierKey::parse(&key(7).verifier_key(ORIGIN)).unwrap()
}

/// An entry with a body that depends on `number`.
pub fn note(number: u64) -> NewEntry {
    NewEntry::new(
        "user-1",
        "sample.noted/1",
        format!("note-{number}"),
        json!({"number": number, "text": "found in order"}),
    )
}

/// Appends `count` entries in one call.
pub fn append(ledger: &Ledger, count: u64) {
    if count > 0 {
        ledger.append((0..count).map(note).collect()).unwrap();
    }
}

/// Copies a closed database.
pub fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

/// The text of an error.
pub fn message<T>(outcome: Result<T, LedgerError>) -> String {
    match outcome {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}
