//! What the company says it does: scope, system, controls, policies, promises,
//! risks, vendors. Written as a folder of TOML and Markdown files that people
//! review; recorded as events; read here into typed values.
//!
//! Must hold: everything is pure (texts in, values out; no file, clock or
//! network); a program with a problem is refused as a whole, with every problem
//! told; the recorded text is the text that was handed over, byte for byte.

mod record;

mod calendar;
mod commitment;
mod control;
mod description;
mod document;
mod incident;
mod policy;
mod risk;
mod settings;
mod subservice;
mod system_change;
mod vendor;

mod files;
mod links;
mod program;

mod difference;
mod edit;
mod event;
mod record_view;
mod state;

mod description_checks;
mod readiness;
mod starter;

pub use calendar::{Calendar, DayOfWeek};
pub use commitment::{Commitment, Requirement};
pub use control::Control;
pub use description::{DescriptionPart, SystemPart};
pub use description_checks::{DescriptionCheck, DescriptionFinding, description_findings};
pub use difference::{Change, ChangedRecord, Difference, FieldChange, diff};
pub use document::Document;
pub use edit::{
    Entered, RecordPlace, Values, record_values, remove_record, set_document, set_front_matter,
    set_record, set_sheet, set_tables, sheet_values, table_values,
};
pub use event::ProgramEvent;
pub use files::{is_program_file, program_texts};
pub use incident::{Incident, IncidentLimb};
pub use policy::Policy;
pub use program::Program;
pub use record::{RecordId, RecordKind};
pub use risk::{Risk, Treatment};
pub use settings::{
    Management, NotRelevant, Organization, PROGRAM_VERSION, Scope, Settings, System,
};
pub use starter::{Starter, UNWRITTEN};
pub use state::{Draft, ProgramEventError, ProgramState, RecordedFile};
pub use subservice::{ComplementaryControl, SubserviceMethod, SubserviceOrganization};
pub use system_change::SystemChange;
pub use vendor::Vendor;
