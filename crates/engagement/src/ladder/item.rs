//! D1: what the evidence says of one item.

use serde::{Deserialize, Serialize};

/// What is known of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemFacts {
    /// Evidence was obtained; the attribute was met or not.
    Obtained {
        /// Whether the attribute was met.
        attribute_met: bool,
    },
    /// Evidence exists but was withheld or lost.
    WithheldOrLost,
    /// The item does not apply, for a documented reason.
    NotApplicable,
}

/// What is proposed for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemConclusion {
    /// The control worked for this item.
    Pass,
    /// It did not, or nobody can show that it did.
    Deviation,
    /// The next item in drawn order takes its place; the reason is kept.
    Replaced,
}

/// Proposes the result of one item (D1).
pub fn propose_item(facts: ItemFacts) -> ItemConclusion {
    match facts {
        ItemFacts::Obtained {
            attribute_met: true,
        } => ItemConclusion::Pass,
        ItemFacts::Obtained {
            attribute_met: false,
        }
        | ItemFacts::WithheldOrLost => ItemConclusion::Deviation,
        ItemFacts::NotApplicable => ItemConclusion::Replaced,
    }
}
