//! Collectors: they read a source and hand its records to evidence.
//!
//! A collector writes what it read as raw records and imports them through a
//! mapping like any other source, so that one writer makes all snapshots and
//! one verifier checks them.
//!
//! Must hold: a collector only reads; it never reaches the network; what it
//! could not or did not read is said in the manifest.

mod git;

pub use git::{GitCollection, GitSource};
