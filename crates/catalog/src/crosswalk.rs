//! How each criterion relates to other frameworks.
//!
//! Must hold: identifiers only, never a sentence of another framework; a row
//! says that two things intersect, not that one satisfies the other.

use serde::{Deserialize, Serialize};

use crate::criterion_id::CriterionId;

/// What one criterion has in common with other frameworks. The judgment is
/// ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrosswalkRow {
    /// The criterion.
    pub criterion: CriterionId,
    /// Clauses and Annex A controls of ISO/IEC 27001:2022, for example `9.3` or
    /// `A.5.4`.
    pub iso27001_2022: Vec<String>,
    /// Subcategories of NIST CSF 2.0, for example `GV.RR-01`.
    pub nist_csf_2: Vec<String>,
    /// Base controls of NIST SP 800-53 revision 5, for example `PS-3`.
    pub nist_800_53_r5: Vec<String>,
    /// Sections of the HIPAA Security Rule, for example `164.308(a)(2)`.
    pub hipaa: Vec<String>,
    /// Requirements of PCI DSS 4, for example `12.6`.
    pub pci_dss_4: Vec<String>,
    /// Anything else, for example articles of the GDPR; may be empty.
    pub other: String,
    /// How the two sides relate.
    pub relation: Relation,
    /// Who judged so.
    pub basis: String,
}

/// Relation between a criterion and what stands on the other side, in the terms
/// of NIST IR 8477.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// All of the criterion is within the other side.
    Subset,
    /// Each has a part the other lacks.
    Intersects,
    /// The same.
    Equal,
    /// All of the other side is within the criterion.
    Superset,
    /// Nothing in common.
    None,
}
