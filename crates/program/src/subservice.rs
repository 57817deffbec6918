//! `subservice.toml`: controls that others must operate, at subservice
//! organizations and at user entities.
//!
//! Must hold: a carved-out organization says which criteria it is meant to help
//! meet; a mere responsibility of user entities is never listed as a control
//! (that would misstate the description).

use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, CriterionId, Fields, Problem, named_values};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A vendor whose controls are necessary together with the company's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubserviceOrganization {
    /// Identifier, for example `aws`.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// What it does for the system.
    pub service: String,
    /// Whether its controls are left out or included.
    pub method: SubserviceMethod,
    /// Criteria its controls help to meet.
    pub criteria: Vec<CriterionId>,
    /// The company's controls that watch it.
    pub monitoring_controls: Vec<ControlId>,
    /// Controls assumed there.
    #[serde(rename = "csoc")]
    pub controls: Vec<ComplementaryControl>,
}

/// How a subservice organization is treated in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubserviceMethod {
    /// Its controls are left out.
    CarveOut,
    /// Its controls are described and tested.
    Inclusive,
}

named_values!(SubserviceMethod, "method", [CarveOut => "carve_out", Inclusive => "inclusive"]);

/// A control that somebody else must operate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComplementaryControl {
    /// Identifier, for example `CSOC-01` or `CUEC-01`.
    pub id: RecordId,
    /// The control.
    pub text: String,
    /// Criteria it supports, at least one.
    pub criteria: Vec<CriterionId>,
}

/// Everything that `subservice.toml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OthersControls {
    pub(crate) subservices: Vec<SubserviceOrganization>,
    pub(crate) cuecs: Vec<ComplementaryControl>,
    pub(crate) user_responsibilities: Vec<String>,
}

pub(crate) fn read_subservices(
    fields: &mut Fields<'_>,
    links: &mut Links,
) -> Option<OthersControls> {
    Some(OthersControls {
        subservices: fields.tables("subservice", |fields| read_subservice(fields, links)),
        cuecs: fields.tables("cuec", |fields| {
            read_complementary(fields, links, RecordKind::UserEntityControl)
        }),
        user_responsibilities: fields.tables("user_responsibility", |fields| fields.text("text")),
    })
}

fn read_subservice(fields: &mut Fields<'_>, links: &mut Links) -> Option<SubserviceOrganization> {
    let id = links.define(fields, RecordKind::Subservice);
    let name = fields.text("name");
    let service = fields.text("service");
    let method = fields.required("method");
    let criteria: Vec<CriterionId> = fields.list("criteria");
    let monitoring_controls = links.refer(fields, "monitoring_controls", RecordKind::Control);
    let read_csoc =
        |fields: &mut Fields<'_>| read_complementary(fields, links, RecordKind::SubserviceControl);
    let controls = fields.tables("csoc", read_csoc);
    if method == Some(SubserviceMethod::CarveOut) && criteria.is_empty() {
        let message = "a carved-out organization must name the criteria its controls help to meet";
        fields.report(Problem::new(message).hint("list them under `criteria`"));
    }
    Some(SubserviceOrganization {
        id: id?,
        name: name?,
        service: service?,
        method: method?,
        criteria,
        monitoring_controls,
        controls,
    })
}

fn read_complementary(
    fields: &mut Fields<'_>,
    links: &mut Links,
    kind: RecordKind,
) -> Option<ComplementaryControl> {
    let id = links.define(fields, kind);
    let text = fields.text("text");
    let criteria: Vec<CriterionId> = fields.list("criteria");
    if criteria.is_empty() {
        fields.report(Problem::new(format!(
            "a {kind} must support at least one criterion"
        )));
    }
    Some(ComplementaryControl {
        id: id?,
        text: text?,
        criteria,
    })
}
