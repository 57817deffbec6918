//! Management's description of the system: narrative and registers.
//!
//! What must hold: chapters stand in the order of the description criteria; the
//! registers (commitments, incidents, complementary controls, changes) are
//! typed, so that checks and other programs can read them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Category, ControlId, CriterionId, DescriptionCriterionId};

use super::rich_text::Block;

/// Section III, or the attachments of a SOC 3 report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The exact title the auditor's report cites.
    pub title: String,
    /// The chapters in order of their description criterion.
    pub chapters: Vec<Chapter>,
    /// Services provided, as the scope lists them (DC 1).
    pub services: Vec<String>,
    /// Services the report leaves out (DC 1).
    pub out_of_scope_services: Vec<String>,
    /// Principal service commitments (DC 2).
    pub commitments: Vec<Commitment>,
    /// System requirements (DC 2).
    pub requirements: Vec<Commitment>,
    /// Incidents that DC 4 asks to disclose.
    pub incidents: Vec<Incident>,
    /// Complementary user entity controls (DC 6).
    pub user_entity_controls: Vec<UserEntityControl>,
    /// What customers do to get value, not needed for the criteria (DC 6).
    pub user_responsibilities: Vec<String>,
    /// Subservice organizations (DC 7).
    pub subservice: Vec<Subservice>,
    /// Criteria of the chosen categories that do not apply, and why (DC 8).
    pub not_relevant: Vec<NotRelevant>,
    /// Significant changes in the period (DC 9; type 2 only).
    pub changes: Vec<Change>,
}

/// One chapter, answering one description criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// The description criterion it answers.
    pub criterion: DescriptionCriterionId,
    /// The title.
    pub title: String,
    /// Sentences generated from the registers, printed before the parts.
    pub lead: Vec<Block>,
    /// Management's own text.
    pub parts: Vec<DescriptionPart>,
}

/// One part of a chapter, as management wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DescriptionPart {
    /// Which component or process it covers: `infrastructure`, `access`, …
    pub part: Option<String>,
    /// The title.
    pub title: String,
    /// The words.
    pub blocks: Vec<Block>,
}

/// A service commitment or a system requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// `PSC-01`, `SR-01`.
    pub id: String,
    /// The promise or requirement.
    pub text: String,
    /// The category it belongs to; requirements may serve several.
    pub category: Option<Category>,
    /// The criteria that bear on it.
    pub criteria: Vec<CriterionId>,
    /// The controls that serve it.
    pub controls: Vec<ControlId>,
    /// Where it was made.
    pub source: String,
}

/// A system incident disclosed under DC 4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The register's id.
    pub id: String,
    /// What happened.
    pub nature: String,
    /// When.
    pub timing: String,
    /// What it did to the commitments.
    pub effect: String,
    /// How it was settled.
    pub disposition: String,
}

/// A control that must run at the user entity (CUEC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEntityControl {
    /// `CUEC-01`.
    pub id: String,
    /// What the user entity does.
    pub text: String,
    /// The criteria it supports.
    pub criteria: Vec<CriterionId>,
}

/// How a subservice organization is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubserviceMethod {
    /// Its controls are left out; types of controls are assumed.
    CarveOut,
    /// Its controls are described and tested here.
    Inclusive,
}

/// A subservice organization (DC 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subservice {
    /// The program's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does for the service organization.
    pub service: String,
    /// How it is presented.
    pub method: SubserviceMethod,
    /// The criteria its controls bear on.
    pub criteria: Vec<CriterionId>,
    /// The types of controls assumed there (CSOCs), for a carve-out.
    pub assumed_controls: Vec<SubserviceControl>,
    /// The service organization's controls that monitor it.
    pub monitoring_controls: Vec<ControlId>,
}

/// A type of control assumed at a subservice organization (CSOC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubserviceControl {
    /// `CSOC-01`.
    pub id: String,
    /// What the subservice organization does.
    pub text: String,
    /// The criteria it supports.
    pub criteria: Vec<CriterionId>,
}

/// A criterion that does not apply (DC 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRelevant {
    /// The criterion.
    pub criterion: CriterionId,
    /// Why it does not apply.
    pub reason: String,
}

/// A significant change in the period (DC 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The register's id.
    pub id: String,
    /// When it took effect.
    pub on: Date,
    /// What changed.
    pub summary: String,
    /// How it was before.
    pub before: String,
    /// How it is after.
    pub after: String,
    /// The controls it touches.
    pub controls: Vec<ControlId>,
}
