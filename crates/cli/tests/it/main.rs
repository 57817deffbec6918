//! Stories of Tickmark, told through its command line.
//!
//! What must hold: every story runs the program as a user does, as a process
//! of its own; nothing is read but what it prints, what it exits with and the
//! files it leaves; no story depends on another.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, its helpers too"
)]

mod attacking;
mod backing_up;
mod backups_refused;
mod bad_input;
mod bad_workspace;
mod catalog;
mod collecting;
mod demo;
mod ending;
mod forge;
mod forging;
mod full_disk;
mod later_package;
mod ledger;
mod mcp;
mod monitoring;
mod new_user;
mod other_reports;
mod own_tests;
mod packaging;
mod program;
mod sampling;
mod server;
mod sql;
mod tampering;
mod tell;
mod testing;
mod tls;
mod tokens;
mod verifying;
mod world;
