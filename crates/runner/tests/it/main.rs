//! Integration tests of `tickmark-runner`.

mod child;
mod contract;
mod functions;
mod gate;
mod keys;
mod library_fixtures;
mod limits;
mod results;
mod sample_company;
mod tables;
mod world;
