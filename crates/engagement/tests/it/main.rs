//! Decisions files put to the rules: those of the sample firm, and a small one
//! broken in one way at a time.

mod broken;
mod sample;
mod synthesized;
