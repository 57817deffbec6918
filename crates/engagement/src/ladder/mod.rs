//! The ladder of judgment: item, test, control, criterion, subject matter,
//! opinion.
//!
//! What must hold: each rung only *proposes*, from the rung below, with plain
//! tables (D1 to D6); a named person concludes. No rung counts exceptions
//! against a threshold: no standard sets one.

mod control;
mod criterion;
mod effects;
mod item;
mod opinion;
mod test;

pub use control::{Cause, Compensation, ControlConclusion, ControlFacts, propose_control};
pub use criterion::{ControlStanding, CriterionConclusion, CriterionFacts, propose_criterion};
pub use effects::{Effect, Finding, SubjectMatter, effects};
pub use item::{ItemConclusion, ItemFacts, propose_item};
pub use opinion::{
    Extent, MatterConclusion, Opinion, OpinionGround, Shortfall, combine, opinion_for,
    propose_extent,
};
pub use test::{TestConclusion, TestFacts, propose_test};

#[cfg(test)]
mod tests;
