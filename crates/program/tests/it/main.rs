//! Tests of the program: what a folder says, what is refused, how it is
//! recorded and compared. All of them use the small company in `tests/data`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod description;
mod difference;
mod events;
mod hostile;
mod layout;
mod parse;
mod readiness;
mod refusals;
mod sample;
