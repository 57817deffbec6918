//! Integration tests of `tickmark-runner`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod child;
mod contract;
mod functions;
mod gate;
mod keys;
mod library_fixtures;
mod limits;
mod results;
mod sample_company;
mod tables;
mod world;
