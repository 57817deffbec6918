//! `policies/<id>.md`: what the company has decided and published.
//!
//! Must hold: a policy says who approved it (a role) and when, and how often it
//! is reviewed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, Fields, FrontMatter, Problem};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Identifier, for example `access-control`; also the name of its file.
    pub id: RecordId,
    /// Its title.
    pub title: String,
    /// The company's own version mark, for example `3`.
    pub version: String,
    /// Day of the last approval.
    pub approved_on: Date,
    /// Role that approved it.
    pub approver_role: String,
    /// Months until it has to be reviewed again.
    pub review_months: u32,
    /// Role that keeps it.
    pub owner_role: String,
    /// Controls it governs.
    pub controls: Vec<ControlId>,
    /// Markdown.
    pub body: String,
}

pub(crate) fn read_policy(
    fields: &mut Fields<'_>,
    text: FrontMatter<'_>,
    links: &mut Links,
) -> Option<Policy> {
    let id = links.define(fields, RecordKind::Policy);
    let title = fields.text("title");
    let version = fields.text("version");
    let approved_on = fields.required("approved_on");
    let approver_role = fields.text("approver_role");
    let review_months = fields.required("review_months");
    let owner_role = fields.text("owner_role");
    let controls = links.refer(fields, "controls", RecordKind::Control);
    if review_months == Some(0) {
        fields.report(Problem::new("`review_months` must be at least 1"));
    }
    Some(Policy {
        id: id?,
        title: title?,
        version: version?,
        approved_on: approved_on?,
        approver_role: approver_role?,
        review_months: review_months?,
        owner_role: owner_role?,
        controls,
        body: text.body.to_owned(),
    })
}
