//! Tests of the catalog: counts, scopes, identifiers, the library, the readers.

mod controls;
mod criteria;
mod crosswalk;
mod data_files;
mod fields;
mod front_matter;
mod identifiers;
mod problems;
mod values;
