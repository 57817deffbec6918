//! The five trust services categories.
//!
//! Must hold: the order is the one in which reports list them.

use serde::{Deserialize, Serialize};

use crate::named_values;

/// A trust services category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Information and systems are protected; met by the common criteria alone.
    Security,
    /// Information and systems are available for operation and use.
    Availability,
    /// Processing is complete, valid, accurate, timely and authorized.
    ProcessingIntegrity,
    /// Information called confidential is protected.
    Confidentiality,
    /// Personal information is handled as promised.
    Privacy,
}

impl Category {
    /// The name in running text, for example `processing integrity`.
    pub fn title(self) -> &'static str {
        match self {
            Self::ProcessingIntegrity => "processing integrity",
            other => other.as_str(),
        }
    }
}

named_values!(Category, "category", [
    Security => "security",
    Availability => "availability",
    ProcessingIntegrity => "processing_integrity",
    Confidentiality => "confidentiality",
    Privacy => "privacy",
]);
