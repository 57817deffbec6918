//! Tests of the catalog: counts, scopes, identifiers, the library, the readers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod controls;
mod criteria;
mod crosswalk;
mod data_files;
mod fields;
mod front_matter;
mod identifiers;
mod problems;
mod values;
