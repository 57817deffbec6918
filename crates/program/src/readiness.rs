//! What a program still lacks, asked before an examination.
//!
//! Must hold: an answer is a list of records, never a score; nothing is called
//! ready here.

use tickmark_catalog::CriterionId;

use crate::commitment::{Commitment, Requirement};
use crate::control::Control;
use crate::program::Program;
use crate::risk::{Risk, Treatment};

impl Program {
    /// Applicable criteria that no control supports: without a control a
    /// criterion is not met.
    pub fn criteria_without_controls(&self) -> Vec<CriterionId> {
        let without = |id: &CriterionId| self.controls_for(*id).next().is_none();
        self.applicable_criteria()
            .into_iter()
            .filter(without)
            .collect()
    }

    /// Controls that no control test tests.
    pub fn controls_without_tests(&self) -> Vec<&Control> {
        self.controls
            .iter()
            .filter(|control| control.tests.is_empty())
            .collect()
    }

    /// Service commitments that no control keeps.
    pub fn commitments_without_controls(&self) -> Vec<&Commitment> {
        self.commitments
            .iter()
            .filter(|commitment| commitment.controls.is_empty())
            .collect()
    }

    /// System requirements that no control meets.
    pub fn requirements_without_controls(&self) -> Vec<&Requirement> {
        self.requirements
            .iter()
            .filter(|requirement| requirement.controls.is_empty())
            .collect()
    }

    /// Risks that are to be reduced, but by no control.
    pub fn mitigated_risks_without_controls(&self) -> Vec<&Risk> {
        let lacks =
            |risk: &&Risk| risk.treatment == Treatment::Mitigate && risk.controls.is_empty();
        self.risks.iter().filter(lacks).collect()
    }

    /// Applicable criteria that a carved-out or included subservice
    /// organization is meant to help meet, but for which no control is assumed
    /// there: one line per organization and criterion.
    pub fn subservice_criteria_without_controls(&self) -> Vec<(&str, CriterionId)> {
        let applicable = self.applicable_criteria();
        let mut missing = Vec::new();
        for organization in &self.subservices {
            let assumed = |id: &CriterionId| {
                organization
                    .controls
                    .iter()
                    .any(|c| c.criteria.contains(id))
            };
            let lacking = organization
                .criteria
                .iter()
                .filter(|id| applicable.contains(id) && !assumed(id));
            missing.extend(lacking.map(|id| (organization.name.as_str(), *id)));
        }
        missing
    }
}
