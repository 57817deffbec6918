//! The trust services criteria, their points of focus, and which of them apply
//! to a scope.
//!
//! Must hold: a point of focus is never a requirement, so nothing here says
//! that one is met or missed. All wording is ours.
//! Source of ids, counts and scope marks: TSP section 100 (2017, revised points
//! of focus 2022).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::criterion_id::{CriterionId, PointOfFocusId};

/// One of the 61 trust services criteria.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Identifier, for example `CC6.1`.
    pub id: CriterionId,
    /// The part before the dot, for example `CC6`.
    pub series: String,
    /// The category it comes with; the common criteria come with security and
    /// are needed whatever is chosen.
    #[serde(deserialize_with = "common_is_security")]
    pub category: Category,
    /// COSO principle it restates, 1 to 17; only CC1 to CC5 have one.
    pub coso_principle: Option<u8>,
    /// What it asks, in our words.
    pub summary: String,
    /// Things worth considering under it, in the order of publication.
    pub points_of_focus: Vec<PointOfFocus>,
}

/// A characteristic that helps to judge a criterion; not a requirement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointOfFocus {
    /// Identifier, for example `CC6.1-03`.
    pub id: PointOfFocusId,
    /// What it is about, in our words.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Applies to examinations of a system, which a SOC 2 always is.
    pub system_level: bool,
    /// Applies only when this category is in scope.
    pub only_category: Option<Category>,
    /// Applies only to systems that make or distribute goods.
    pub goods_only: bool,
    /// Whom a privacy point concerns; empty outside privacy.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub privacy_roles: Vec<PrivacyRole>,
}

/// Where a point of focus comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The COSO framework of 2013.
    Coso,
    /// A supplement of the trust services criteria.
    Tsc,
}

/// Part a company plays when it handles personal information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyRole {
    /// Decides purposes and means.
    Controller,
    /// Acts on instructions.
    Processor,
}

impl Criterion {
    /// Whether the criterion applies when `categories` are examined: the common
    /// criteria always, the others with their category.
    pub fn applies_to(&self, categories: &BTreeSet<Category>) -> bool {
        self.id.is_common() || categories.contains(&self.category)
    }
}

impl PointOfFocus {
    /// Whether the point is in play when `categories` are examined and the
    /// system does or does not make or distribute goods. Assumes its criterion
    /// applies.
    pub fn is_in_play(&self, categories: &BTreeSet<Category>, handles_goods: bool) -> bool {
        self.only_category
            .is_none_or(|category| categories.contains(&category))
            && (handles_goods || !self.goods_only)
    }
}

fn common_is_security<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Category, D::Error> {
    let name = String::deserialize(deserializer)?;
    match name.as_str() {
        "common" => Ok(Category::Security),
        other => other.parse().map_err(serde::de::Error::custom),
    }
}

fn null_is_empty<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<PrivacyRole>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
