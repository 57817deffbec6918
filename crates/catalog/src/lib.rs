//! What SOC 2 asks, and what our library answers: criteria, points of focus,
//! description criteria, crosswalks, controls, dataset schemas, the checklist
//! of a report. Also the values every later stage speaks in: identifiers,
//! periods, digests, problems, and the readers of TOML and Markdown.
//!
//! Must hold: an identifier of a criterion or a point of focus names something
//! that exists; all wording is ours, never a sentence of a standard; nothing
//! here reads a file, a clock or the network.

mod named_values;
mod nearest;
mod problem;
mod shared;

mod category;
mod control_id;
mod criterion_id;
mod digest;
mod period;

mod catalog;
mod checklist;
mod control;
mod criteria;
mod crosswalk;
mod dataset;
mod description_criteria;
mod frameworks;

mod field_value;
mod fields;
mod front_matter;

pub use catalog::{Catalog, catalog};
pub use category::Category;
pub use checklist::{CheckMode, ChecklistItem, ReportType};
pub use control::{
    ControlAutomation, ControlDefinition, ControlNature, Frequency, LibraryControl, TestMode,
};
pub use control_id::{ControlId, ControlTestId, MalformedId, is_kebab_case};
pub use criteria::{Criterion, Origin, PointOfFocus, PrivacyRole};
pub use criterion_id::{CriterionId, DescriptionCriterionId, PointOfFocusId, UnknownId};
pub use crosswalk::{CrosswalkRow, Relation};
pub use dataset::{Column, ColumnType, DatasetKind, DatasetSchema};
pub use description_criteria::DescriptionCriterion;
pub use digest::{MalformedDigest, Sha256Hex};
pub use field_value::{Field, FieldValue, Located};
pub use fields::{Fields, read_toml};
pub use frameworks::{
    check_crosswalk_row, is_hipaa_security_rule, is_iso27001_2022, is_nist_800_53_r5,
    is_nist_csf_2, is_pci_dss_4, iso27001_annex_a,
};
pub use front_matter::{FrontMatter, read_markdown, split_front_matter};
pub use nearest::nearest;
pub use period::{MalformedPeriod, Period};
pub use problem::{Place, Problem, Problems};
pub use shared::{DigestMap, GrowingList};
