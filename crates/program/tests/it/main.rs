//! Tests of the program: what a folder says, what is refused, how it is
//! recorded and compared. All of them use the small company in `tests/data`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells its failure by panicking, also in its helpers"
)]

mod calendar;
mod description;
mod difference;
mod events;
mod hostile;
mod layout;
mod parse;
mod readiness;
mod refusals;
mod sample;
