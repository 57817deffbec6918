//! `risks.toml`: the risk register.
//!
//! Must hold: likelihood and impact run from 1 to 5; what remains after
//! treatment is not more than what was there before.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, Fields, Problem, named_values};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Identifier, for example `R-01`.
    pub id: RecordId,
    /// What could happen.
    pub title: String,
    /// The company's own grouping, for example `security`.
    pub category: String,
    /// Before treatment, 1 (rare) to 5.
    pub likelihood: u8,
    /// Before treatment, 1 (minor) to 5.
    pub impact: u8,
    /// What is done about it.
    pub treatment: Treatment,
    /// Role that answers for it.
    pub owner_role: String,
    /// Controls that reduce it.
    pub controls: Vec<ControlId>,
    /// After treatment, 1 to 5.
    pub residual_likelihood: u8,
    /// After treatment, 1 to 5.
    pub residual_impact: u8,
    /// A scenario of fraud or misuse (CC3.3).
    pub fraud: bool,
    /// Day of the last review.
    pub reviewed_on: Date,
}

/// What is done about a risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Controls reduce it.
    Mitigate,
    /// It is borne as it is.
    Accept,
    /// The activity is given up.
    Avoid,
    /// Others bear part of it.
    Share,
}

named_values!(Treatment, "treatment", [
    Mitigate => "mitigate", Accept => "accept", Avoid => "avoid", Share => "share",
]);

impl Risk {
    /// Likelihood times impact before treatment, 1 to 25.
    pub fn inherent_rating(&self) -> u8 {
        self.likelihood.saturating_mul(self.impact)
    }

    /// Likelihood times impact after treatment, 1 to 25.
    pub fn residual_rating(&self) -> u8 {
        self.residual_likelihood
            .saturating_mul(self.residual_impact)
    }
}

pub(crate) fn read_risks(fields: &mut Fields<'_>, links: &mut Links) -> Option<Vec<Risk>> {
    Some(fields.tables("risk", |fields| read_risk(fields, links)))
}

fn read_risk(fields: &mut Fields<'_>, links: &mut Links) -> Option<Risk> {
    let id = links.define(fields, RecordKind::Risk);
    let title = fields.text("title");
    let category = fields.text("category");
    let likelihood = rating(fields, "likelihood");
    let impact = rating(fields, "impact");
    let treatment = fields.required("treatment");
    let owner_role = fields.text("owner_role");
    let controls = links.refer(fields, "controls", RecordKind::Control);
    let residual_likelihood = residual(fields, "residual_likelihood", "likelihood", likelihood);
    let residual_impact = residual(fields, "residual_impact", "impact", impact);
    let fraud = fields.required("fraud");
    let reviewed_on = fields.required("reviewed_on");
    Some(Risk {
        id: id?,
        title: title?,
        category: category?,
        likelihood: likelihood?,
        impact: impact?,
        treatment: treatment?,
        owner_role: owner_role?,
        controls,
        residual_likelihood: residual_likelihood?,
        residual_impact: residual_impact?,
        fraud: fraud?,
        reviewed_on: reviewed_on?,
    })
}

fn rating(fields: &mut Fields<'_>, key: &str) -> Option<u8> {
    let place = fields.place_of(key);
    let value: u8 = fields.required(key)?;
    if (1..=5).contains(&value) {
        return Some(value);
    }
    fields.report(Problem::new(format!("`{key}` must be 1 to 5, not `{value}`")).in_place(place));
    None
}

fn residual(
    fields: &mut Fields<'_>,
    key: &str,
    before_key: &str,
    before: Option<u8>,
) -> Option<u8> {
    let place = fields.place_of(key);
    let value = rating(fields, key)?;
    if before.is_some_and(|before| value > before) {
        let message =
            format!("`{key}` is higher than `{before_key}`: treatment cannot raise a risk");
        fields.report(Problem::new(message).in_place(place));
    }
    Some(value)
}
