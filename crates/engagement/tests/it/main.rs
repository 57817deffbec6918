//! Decisions files put to the rules: those of the sample firm, and a small one
//! broken in one way at a time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod again;
mod broken;
mod sample;
mod synthesized;
