//! Integration tests of `tickmark-control-tests`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod definition;
mod events;
mod library;
mod sample;
mod sentences;
