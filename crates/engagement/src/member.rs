//! The engagement team and the two signatures under every conclusion.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An opaque id of a team member; names live in the firm's own records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub String);

impl std::fmt::Display for MemberId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Tests and prepares.
    Staff,
    /// Prepares and reviews.
    Manager,
    /// Reviews, and concludes on the opinion.
    Partner,
    /// Reviews the engagement's quality before release; prepares nothing.
    QualityReviewer,
}

/// A member of the engagement team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Opaque id.
    pub id: MemberId,
    /// Role on this engagement.
    pub role: MemberRole,
    /// Day the member confirmed independence of the service organization.
    pub independence_confirmed_on: Date,
}

/// Who signed, and on which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// The member.
    pub by: MemberId,
    /// The day.
    pub on: Date,
}

/// The preparer's and the reviewer's signature; never the same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// Who did the work.
    pub prepared: SignOff,
    /// Who reviewed it.
    pub reviewed: SignOff,
}
