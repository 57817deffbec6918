//! The web application from outside: requests in, answers out, over workspaces
//! of its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, its helpers too"
)]

mod account;
mod changes;
mod lists;
mod own;
mod records;
mod routes;
mod signs;
mod strings;
mod world;
