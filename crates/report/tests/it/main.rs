//! Tests of the report: its words, its checks, its pages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod archival;
mod checks;
mod fixture;
mod html;
mod pdf;
mod results;
mod rich_text;
mod sample;
mod spoiled;
mod words;
