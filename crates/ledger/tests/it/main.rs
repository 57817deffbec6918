//! Tests of the ledger through its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod appending;
mod bodies;
mod copying;
mod crashing;
mod exporting;
mod fsck;
mod high_water_mark;
mod kinds;
mod opening;
mod properties;
mod proving;
mod rotating;
mod scratch;
mod witnessing;
