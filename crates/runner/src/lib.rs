//! Runs the SQL of control tests over snapshots of datasets.
//!
//! This crate fences in DataFusion: values go in ([`Datasets`],
//! `ControlTest`), values come out (`TestResult`), and no other crate knows the
//! engine. In the order in which a test passes through: [`datasets`] says what
//! there is, `tables` makes it readable, `gate` refuses SQL that may not run,
//! `execute` runs it within its limits, `item_rows` checks what it returned,
//! [`run`] makes a result of it. `apart` has [`child`] do the same in a process
//! of its own for SQL that a user wrote.
//!
//! Must hold: SQL reads the tables given and nothing else (no file, network,
//! clock, random number or setting); the same inputs give the same bytes; a
//! test that breaks its contract is an error, never a result; a missing dataset
//! is "not tested", never "no deviations".

mod apart;
mod arrow_cells;
mod calendar;
mod checked;
mod checked_sum;
pub mod child;
mod civil_days;
pub mod config;
pub mod datasets;
mod engine_problem;
mod execute;
pub mod fixtures;
mod functions;
mod gate;
mod item_rows;
mod keys;
mod order;
mod parquet_rows;
mod prepared;
mod program_records;
mod results;
pub mod run;
mod session;
mod tables;
mod zone;

pub use calendar::CalendarDefinition;
pub use child::{ChildAnswer, ChildRequest, child_main, run_in_child};
pub use config::RunnerConfig;
pub use datasets::{Datasets, ProgramTable, SnapshotFile};
pub use fixtures::{FixtureOutcome, check_fixtures, check_fixtures_in_child};
pub use keys::{Key, KeyQuery, key_rows_in_child};
pub use run::{CachedResult, Progress, RunOptions, Runner};

/// Engine and version as recorded in every result. The number after `contract`
/// is raised when the meaning of results changes without the SQL changing.
pub const ENGINE: &str = "datafusion 55.2.0, contract 1";
