//! The programming interface over a company's recorded program, request by
//! request, without a network.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, its helpers too"
)]

mod asking;
mod changing;
mod described;
mod failing;
mod reading;
mod world;
