//! Values that several resources share.

use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use utoipa::ToSchema;

/// A span of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, JsonSchema)]
pub struct Period {
    /// First day.
    #[schema(value_type = String, format = Date, examples("2025-07-01"))]
    #[schemars(with = "String")]
    pub start: jiff::civil::Date,
    /// Last day.
    #[schema(value_type = String, format = Date, examples("2026-06-30"))]
    #[schemars(with = "String")]
    pub end: jiff::civil::Date,
}

impl From<tickmark_catalog::Period> for Period {
    fn from(period: tickmark_catalog::Period) -> Self {
        Self {
            start: period.start,
            end: period.end,
        }
    }
}

/// Identifiers as texts.
pub fn texts(ids: impl IntoIterator<Item = impl ToString>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
