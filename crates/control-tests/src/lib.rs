//! Tests of controls: what a control test is, and what running one yields.
//!
//! A control test is a folder: `test.toml` says what is tested and what a
//! deviation is, `test.sql` yields one row per item, `fixtures/` prove that the
//! SQL finds what it should. Reading order of this crate follows a test's life:
//! [`folder`] → [`definition`] → (the `runner` crate runs the SQL) → [`rows`] →
//! [`intervals`] → [`result`] → [`sentences`], and [`events`] for the ledger.
//!
//! Must hold: nothing here does I/O, reads a clock or knows an engine. An item
//! is never dropped: whatever the SQL returned is listed with its status, and
//! "could not test" is never counted as "operated".

pub mod definition;
pub mod detail;
pub mod events;
pub mod fixture;
pub mod folder;
pub mod intervals;
mod library;
pub mod parameters;
mod parse;
mod program_tables;
pub mod result;
pub mod rows;
pub mod sentences;

pub use definition::{ControlTest, ItemNoun, Measures, Nature};
pub use detail::{Detail, DetailColumns, RowAt};
pub use events::{ControlTestsEvent, ControlTestsState};
pub use fixture::{ExpectedItem, Fixture, FixtureTable};
pub use folder::TestFolder;
pub use library::{is_in_library, is_shipped, library, library_folders};
pub use parameters::{Parameter, ParameterType, ParameterValue};
pub use parse::dataset_of;
pub use program_tables::{ProgramTableSchema, program_table, program_tables};
pub use result::{
    Completeness, Counts, DatasetCompleteness, Inputs, Interval, IntervalStatus, ItemResult,
    ItemStatus, Occurred, Outcome, SnapshotRef, TestResult,
};
pub use rows::ResultRows;
