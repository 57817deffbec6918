//! `changes.toml`: significant changes to the system and its controls (DC 9).
//!
//! Must hold: a change says how things stood before and after it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, Fields};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A significant change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemChange {
    /// Identifier, for example `CHG-01`.
    pub id: RecordId,
    /// Day on which it took effect.
    pub on: Date,
    /// What changed.
    pub summary: String,
    /// How things stood before.
    pub before: String,
    /// How they stand after.
    pub after: String,
    /// Controls it touched.
    pub controls: Vec<ControlId>,
}

pub(crate) fn read_changes(
    fields: &mut Fields<'_>,
    links: &mut Links,
) -> Option<Vec<SystemChange>> {
    Some(fields.tables("change", |fields| read_change(fields, links)))
}

fn read_change(fields: &mut Fields<'_>, links: &mut Links) -> Option<SystemChange> {
    let id = links.define(fields, RecordKind::SystemChange);
    let on = fields.required("on");
    let summary = fields.text("summary");
    let before = fields.text("before");
    let after = fields.text("after");
    let controls = links.refer(fields, "controls", RecordKind::Control);
    Some(SystemChange {
        id: id?,
        on: on?,
        summary: summary?,
        before: before?,
        after: after?,
        controls,
    })
}
