//! The auditor's realm: who examines what, what was tested, what was found,
//! what was concluded and by whom.
//!
//! What must hold:
//! - the software proposes, a named person concludes, another one reviews;
//! - no conclusion before its evidence, no conclusion on deviations without a
//!   reason, no deviation that is not evaluated;
//! - everything here is a plain value: [`EngagementState`] is a fold of
//!   [`EngagementEvent`]s, and [`EngagementState::decide`] turns a command into
//!   events or says why not. Time, files and the ledger belong to the caller.

pub mod ladder;
pub mod sampling;

mod admits;
mod basis;
mod decide;
mod decisions;
mod event;
mod member;
mod propose;
mod read;
mod state;
mod steps;

pub use basis::Basis;
pub use decide::{Command, DeviationDraft};
pub use decisions::{Decisions, Procedures, ReportEntry};
pub use event::{
    CheckpointRelied, CommitmentConclusion, Concluded, DeviationEvaluated, EngagementEvent,
    EngagementOpened, Ground, Issuer, LetterKind, LetterReceived, MatterConcluded,
    OpinionConcluded, ProcedurePerformed, ProcedureResult, ReportIssued, ResponseReceived,
    SampleDrawn, SampleEvaluated, Subject, SubserviceAssertionReceived,
};
pub use member::{Member, MemberId, MemberRole, SignOff, Signed};
pub use propose::Proposal;
pub use state::EngagementState;
pub use tickmark_catalog::ReportType;
