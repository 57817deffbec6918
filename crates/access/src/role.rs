//! The roles a person can have, and the side each belongs to.
//!
//! Must hold: a role belongs to exactly one side; a role of the firm in the
//! company's realm is a guest, the auditor; a role of the company has no place
//! in the firm's realm.

use serde::{Deserialize, Serialize};

/// The two parties: the company (the service organization) and the firm (the
/// service auditor). Each has a realm of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The service organization.
    Company,
    /// The service auditor.
    Firm,
}
tickmark_catalog::named_values!(Side, "side", [Company => "company", Firm => "firm"]);

impl Side {
    /// The role that manages access: always at least one active account has it.
    pub fn head(self) -> Role {
        match self {
            Self::Company => Role::Owner,
            Self::Firm => Role::Partner,
        }
    }
}

/// What someone is in the organization, as far as access goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers for everything, and manages access and settings.
    Owner,
    /// Runs the program.
    ComplianceManager,
    /// Answers for the controls of their functions.
    ControlOwner,
    /// Reads policies and acknowledges them.
    Employee,
    /// Reads everything, changes nothing.
    ReadOnly,
    /// Leads the firm's engagement, and manages the firm's access.
    Partner,
    /// Runs the engagement.
    Manager,
    /// Works on the engagement.
    Staff,
}
tickmark_catalog::named_values!(Role, "role", [
    Owner => "owner",
    ComplianceManager => "compliance_manager",
    ControlOwner => "control_owner",
    Employee => "employee",
    ReadOnly => "read_only",
    Partner => "partner",
    Manager => "manager",
    Staff => "staff",
]);

impl Role {
    /// The side the role belongs to.
    pub fn side(self) -> Side {
        match self {
            Self::Partner | Self::Manager | Self::Staff => Side::Firm,
            _ => Side::Company,
        }
    }

    /// The role as a page shows it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::ComplianceManager => "Compliance manager",
            Self::ControlOwner => "Control owner",
            Self::Employee => "Employee",
            Self::ReadOnly => "Read-only",
            Self::Partner => "Partner",
            Self::Manager => "Manager",
            Self::Staff => "Staff",
        }
    }

    /// Whether someone with this role can have an account in the realm of `side`.
    pub fn may_enter(self, side: Side) -> bool {
        side == Side::Company || self.side() == Side::Firm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_text_and_in_json() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
            let json = serde_json::to_string(role).unwrap();
            assert_eq!(json, format!("\"{role}\""));
        }
        let refused = "compliance_managers".parse::<Role>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "role `compliance_managers` does not exist; the nearest is `compliance_manager`"
        );
    }

    #[test]
    fn firm_roles_are_guests_of_the_company_but_not_the_other_way() {
        for role in Role::ALL {
            let is_firm = role.side() == Side::Firm;
            assert!(role.may_enter(Side::Company), "{role}");
            assert_eq!(role.may_enter(Side::Firm), is_firm, "{role}");
        }
        for side in Side::ALL {
            assert_eq!(side.head().side(), *side);
        }
    }
}
