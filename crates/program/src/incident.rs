//! `incidents.toml`: the register from which the description discloses system
//! incidents (DC 4).
//!
//! Must hold: every incident carries the judgment whether it must be
//! disclosed, and the reason; one that met neither limb is not significant.

use serde::{Deserialize, Serialize};
use tickmark_catalog::{Fields, Located, Problem, named_values};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A system incident and the judgment on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Identifier, for example `INC-0114`.
    pub id: RecordId,
    /// Which reason for disclosure it meets.
    pub limb: IncidentLimb,
    /// Must be disclosed in the description.
    pub significant: bool,
    /// What happened.
    pub nature: String,
    /// When it happened; may be empty for one that is not disclosed.
    pub timing: String,
    /// What it affected, and how far.
    pub effect: String,
    /// How it ended.
    pub disposition: String,
    /// Why it is or is not disclosed.
    pub rationale: String,
}

/// Reason for which an incident has to be disclosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentLimb {
    /// It came from controls that were badly designed or did not operate.
    A,
    /// It otherwise caused a significant failure to meet a commitment or
    /// requirement.
    B,
    /// Neither.
    None,
}

named_values!(IncidentLimb, "limb", [A => "a", B => "b", None => "none"]);

pub(crate) fn read_incidents(fields: &mut Fields<'_>, links: &mut Links) -> Option<Vec<Incident>> {
    Some(fields.tables("incident", |fields| read_incident(fields, links)))
}

fn read_incident(fields: &mut Fields<'_>, links: &mut Links) -> Option<Incident> {
    let id = links.define(fields, RecordKind::Incident);
    let limb = fields.required("limb");
    let place = fields.place_of("significant");
    let significant = fields.required("significant");
    let nature = fields.text("nature");
    let timing: Option<Located<String>> = fields.required("timing");
    let effect = fields.text("effect");
    let disposition = fields.text("disposition");
    let rationale = fields.text("rationale");
    if limb == Some(IncidentLimb::None) && significant == Some(true) {
        let message = "an incident that meets neither limb cannot be significant";
        let hint = "set `limb` to `a` or `b`, or `significant` to `false`";
        fields.report(Problem::new(message).hint(hint).in_place(place));
    }
    check_timing(fields, significant, timing.as_ref());
    Some(Incident {
        id: id?,
        limb: limb?,
        significant: significant?,
        nature: nature?,
        timing: timing?.value,
        effect: effect?,
        disposition: disposition?,
        rationale: rationale?,
    })
}

fn check_timing(fields: &Fields<'_>, significant: Option<bool>, timing: Option<&Located<String>>) {
    let blank = timing.filter(|timing| timing.value.trim().is_empty());
    if let Some(blank) = blank.filter(|_| significant == Some(true)) {
        let message = "`timing` is empty, but the description has to say when a significant incident happened";
        fields.report(Problem::new(message).in_place(blank.place.clone()));
    }
}
