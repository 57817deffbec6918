//! The two realms: a company's workspace and a firm's workspace, each with its
//! ledger, its evidence and its key, and what people do in them.
//!
//! The stages of the pipeline are pure; here they meet files and the ledger.
//! The command line and the web application are thin on top of this crate, so
//! that a command is the same whoever gives it.
//!
//! What must hold:
//! - every change is ledger entries, appended together or not at all;
//! - a state is only ever a fold of entries, so that it can be had as of any
//!   date and again by anyone who has the package;
//! - the firm never writes the company's workspace and the company never sees
//!   the firm's;
//! - time and randomness come from [`Surroundings`].

pub mod backup;
mod company;
mod company_state;
mod definitions;
mod edit;
mod error;
mod evaluate;
mod firm;
mod folder;
mod issue;
mod journal;
mod moment;
mod package;
mod readiness;
mod receive;
mod received;
mod reconcile;
mod reliance;
mod replay;
mod report_facts;
mod surroundings;
mod tested;
mod told;
mod upload;
pub mod verify;
mod workspace;

pub use company::{Company, Imported, mappings};
pub use company_state::{CompanyState, tests_for};
pub use definitions::{Provenance, tests_in_force};
pub use edit::Edits;
pub use error::{Error, Result};
pub use evaluate::{Evaluation, Progress, run_fixtures};
pub use firm::{Examined, Firm, FirmState, examine};
pub use folder::{Unfinished, program_files, write_folder};
pub use issue::Issued;
pub use journal::{Journal, Line};
pub use moment::Moment;
pub use package::{PackageSummary, write_package};
pub use readiness::{
    CriterionReadiness, Readiness, Standing, documented, readiness, readiness_of, standing,
};
pub use reconcile::{Definition, completeness, reconciliations, recorded};
pub use surroundings::Surroundings;
pub use tested::{TestRun, Tested, kept_result};
pub use told::{Folded, Told};
pub use upload::DocumentUpload;
pub use workspace::{Realm, Workspace, WorkspaceFile};
