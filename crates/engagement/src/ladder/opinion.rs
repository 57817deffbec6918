//! D5: from matters to the opinion.

use serde::{Deserialize, Serialize};
use tickmark_catalog::CriterionId;

/// The four opinions, from the mildest to the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// Nothing material.
    Unmodified,
    /// Except for the matter named.
    Qualified,
    /// The subject matter is materially and pervasively deficient.
    Adverse,
    /// No opinion can be expressed.
    Disclaimer,
}

/// Whether something is wrong, or evidence for it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// Evidence was obtained and shows a misstatement or deficiency.
    Deficient,
    /// Sufficient appropriate evidence could not be obtained.
    NoEvidence,
    /// Management refused its assertion or representations.
    Refused,
}

/// How far a shortfall reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Would not influence intended users.
    NotMaterial,
    /// Material, but confined.
    Material,
    /// Material and pervasive.
    Pervasive,
}

/// The opinion the grid gives for one subject matter (D5).
pub fn opinion_for(shortfall: Shortfall, extent: Extent) -> Opinion {
    match (shortfall, extent) {
        // A refusal leads to withdrawal, or to a disclaimer where the law
        // forbids withdrawing.
        (Shortfall::Refused, _) | (Shortfall::NoEvidence, Extent::Pervasive) => Opinion::Disclaimer,
        (_, Extent::NotMaterial) => Opinion::Unmodified,
        (_, Extent::Material) => Opinion::Qualified,
        (Shortfall::Deficient, Extent::Pervasive) => Opinion::Adverse,
    }
}

/// The opinion on the whole from those on description, design and operation:
/// the gravest. Disclaimer outranks adverse only where nothing can be
/// concluded at all, so an adverse matter beside a disclaimed one is left to a
/// person: the proposal is then the disclaimer, with both grounds listed.
pub fn combine(opinions: impl IntoIterator<Item = Opinion>) -> Opinion {
    opinions.into_iter().max().unwrap_or(Opinion::Unmodified)
}

/// A criterion not met or not concludable, as a ground for modifying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpinionGround {
    /// The criterion.
    pub criterion: CriterionId,
    /// What is the matter with it.
    pub shortfall: Shortfall,
}

/// What a person concludes about one subject matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterConclusion {
    /// Opinion on the subject matter.
    pub opinion: Opinion,
    /// Criteria named in the basis for a modified opinion.
    pub criteria: Vec<CriterionId>,
}

/// Criteria that the others rest on.
const BASE_SERIES: [&str; 3] = ["CC1", "CC3", "CC5"];

/// Proposes how far criteria not met reach (the working rules of D5): confined
/// to one or two series is material; several series, or one the rest stands
/// on, is a candidate for pervasive. A person decides.
pub fn propose_extent(grounds: &[OpinionGround]) -> Extent {
    let mut series: Vec<String> = grounds
        .iter()
        .map(|ground| series_of(ground.criterion))
        .collect();
    series.sort();
    series.dedup();
    let undermines = series
        .iter()
        .any(|name| BASE_SERIES.contains(&name.as_str()));
    match series.len() {
        0 => Extent::NotMaterial,
        n if n >= 3 || undermines => Extent::Pervasive,
        _ => Extent::Material,
    }
}

fn series_of(criterion: CriterionId) -> String {
    let text = criterion.to_string();
    text.split('.').next().unwrap_or_default().to_owned()
}
