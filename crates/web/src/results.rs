//! The results of control tests as the workspace keeps them, and what was
//! worked out from them.
//!
//! What must hold: a kept result counts only while its bytes have the digest
//! the ledger recorded; a result that is gone is said to be gone, never
//! replaced by an empty one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use tickmark_catalog::{Period, Sha256Hex};
use tickmark_control_tests::TestResult;
use tickmark_control_tests::events::RunRecorded;
use tickmark_realm::kept_result;

use crate::operation::Operation;

/// Items that may be held in memory together.
const HELD_ITEMS: usize = 200_000;

/// Results by digest, read when they are asked for.
pub struct Results {
    folder: PathBuf,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    results: HashMap<Sha256Hex, Arc<TestResult>>,
    items: usize,
    operations: HashMap<(Sha256Hex, Period), Arc<Operation>>,
}

impl Results {
    /// The results kept in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            held: Mutex::default(),
        }
    }

    /// The result that a run recorded; `None` where it is no longer kept.
    pub fn of(&self, run: &RunRecorded) -> Option<Arc<TestResult>> {
        if let Some(known) = self.lock().results.get(&run.result_sha256) {
            return Some(known.clone());
        }
        let read = Arc::new(kept_result(&self.folder, &run.key, &run.result_sha256)?);
        let mut held = self.lock();
        if held.items > HELD_ITEMS {
            held.results.clear();
            held.items = 0;
        }
        held.items += read.items.len();
        held.results.insert(run.result_sha256.clone(), read.clone());
        Some(read)
    }

    /// How a run went day by day; `None` where its result is no longer kept.
    pub fn operation(
        &self,
        run: &RunRecorded,
        period: Period,
        zone: &TimeZone,
    ) -> Option<Arc<Operation>> {
        let key = (run.result_sha256.clone(), period);
        if let Some(known) = self.lock().operations.get(&key) {
            return Some(known.clone());
        }
        let operation = Arc::new(Operation::of(&*self.of(run)?, period, zone));
        self.lock().operations.insert(key, operation.clone());
        Some(operation)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
