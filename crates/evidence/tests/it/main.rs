//! Tests of the evidence crate through its public interface.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod artifact;
mod csv;
mod hostile;
mod json;
mod mapping;
mod parquet;
mod reconciliation;
mod round_trip;
mod setup;
mod state;
mod store;
mod values;
mod verify;
mod xlsx;
