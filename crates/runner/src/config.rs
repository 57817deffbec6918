//! Limits within which SQL runs.
//!
//! Must hold: every limit is finite; reaching one is an error with a sentence
//! that names the limit, never a partial result.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Limits and resources of a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunnerConfig {
    /// How many tests run at once, and how many threads there are.
    pub core_count: usize,
    /// Memory for sorting, joining and grouping, all tests together. The
    /// process needs some 200 MB besides.
    pub memory_limit_bytes: u64,
    /// Folder for data that does not fit into memory; it must exist.
    pub spill_dir: PathBuf,
    /// How much may be written there.
    pub spill_limit_bytes: u64,
    /// How long one test may run.
    pub time_limit_ms: u64,
    /// How many rows one test may return.
    pub row_limit: u64,
    /// How many pairs of rows a join without equality may compare.
    pub pair_limit: u64,
    /// Datasets of at most so many rows, all snapshots together, are read into
    /// memory once; larger ones are scanned from their files by each test.
    pub in_memory_row_limit: u64,
    /// Whether the digest of a snapshot's file is checked before it is read.
    pub verify_digests: bool,
}

impl RunnerConfig {
    /// The defaults for the shipped library: 1 GiB of memory, 60 s a test.
    pub fn new(spill_dir: impl Into<PathBuf>, core_count: usize) -> Self {
        Self {
            core_count: core_count.max(1),
            memory_limit_bytes: 1 << 30,
            spill_dir: spill_dir.into(),
            spill_limit_bytes: 4 << 30,
            time_limit_ms: 60_000,
            row_limit: 20_000_000,
            pair_limit: 200_000_000,
            in_memory_row_limit: 200_000,
            verify_digests: true,
        }
    }

    /// The limits for a control test that a user wrote and keeps: those of the
    /// library, but at most 5 million rows, which must pass between processes.
    #[must_use]
    pub fn for_saved_sql(self) -> Self {
        Self {
            row_limit: self.row_limit.min(5_000_000),
            ..self
        }
    }

    /// The limits for SQL that a user wrote: 512 MiB of memory, 20 s, 1 million
    /// rows.
    #[must_use]
    pub fn for_user_sql(self) -> Self {
        Self {
            memory_limit_bytes: self.memory_limit_bytes.min(512 << 20),
            spill_limit_bytes: self.spill_limit_bytes.min(1 << 30),
            time_limit_ms: self.time_limit_ms.min(20_000),
            row_limit: self.row_limit.min(1_000_000),
            ..self
        }
    }
}
