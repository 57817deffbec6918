//! Integration tests of `tickmark-control-tests`.

mod definition;
mod events;
mod library;
mod sample;
mod sentences;
