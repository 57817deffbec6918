//! `commitments.toml`: what the company promises, and what the system must
//! therefore do.
//!
//! Must hold: the opinion is about these records, so each says where it comes
//! from and which criteria and controls it rests on.

use serde::{Deserialize, Serialize};
use tickmark_catalog::{Category, ControlId, ControlTestId, CriterionId, Fields};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A promise to user entities about the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commitment {
    /// Identifier, for example `PSC-01`.
    pub id: RecordId,
    /// The promise.
    pub text: String,
    /// Category it belongs to.
    pub category: Category,
    /// Criteria it is judged by.
    pub criteria: Vec<CriterionId>,
    /// Controls that keep it.
    pub controls: Vec<ControlId>,
    /// Where it is written, for example `Terms of service 4.2`.
    pub source: String,
    /// Matters to the broad range of user entities.
    pub principal: bool,
    /// Control test that measures whether it was kept.
    pub measure: Option<ControlTestId>,
}

/// How the system must work to keep promises, laws and objectives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// Identifier, for example `SR-01`.
    pub id: RecordId,
    /// The requirement.
    pub text: String,
    /// Criteria it is judged by.
    pub criteria: Vec<CriterionId>,
    /// Controls that meet it.
    pub controls: Vec<ControlId>,
    /// Where it comes from.
    pub source: String,
}

pub(crate) fn read_commitments(
    fields: &mut Fields<'_>,
    links: &mut Links,
) -> Option<(Vec<Commitment>, Vec<Requirement>)> {
    let commitments = fields.tables("commitment", |fields| read_commitment(fields, links));
    let requirements = fields.tables("requirement", |fields| read_requirement(fields, links));
    Some((commitments, requirements))
}

fn read_commitment(fields: &mut Fields<'_>, links: &mut Links) -> Option<Commitment> {
    let id = links.define(fields, RecordKind::Commitment);
    let text = fields.text("text");
    let category = fields.required("category");
    let criteria = fields.list("criteria");
    let controls = links.refer(fields, "controls", RecordKind::Control);
    let source = fields.text("source");
    let principal = fields.required("principal");
    let measure = fields.optional("measure");
    Some(Commitment {
        id: id?,
        text: text?,
        category: category?,
        criteria,
        controls,
        source: source?,
        principal: principal?,
        measure,
    })
}

fn read_requirement(fields: &mut Fields<'_>, links: &mut Links) -> Option<Requirement> {
    let id = links.define(fields, RecordKind::Requirement);
    let text = fields.text("text");
    let criteria = fields.list("criteria");
    let controls = links.refer(fields, "controls", RecordKind::Control);
    let source = fields.text("source");
    Some(Requirement {
        id: id?,
        text: text?,
        criteria,
        controls,
        source: source?,
    })
}
