//! D6: what one finding does to each of the three subject matters.

use serde::{Deserialize, Serialize};

/// What the opinion is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectMatter {
    /// The description of the system.
    Description,
    /// The suitability of design of controls.
    Design,
    /// The operating effectiveness of controls.
    Operation,
}

/// A finding that touches more than one subject matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// A control is described but was never put in place.
    NeverImplemented,
    /// A control works, but not as described.
    ImplementedDifferently,
    /// A necessary control is missing.
    NecessaryControlMissing,
    /// A well-designed control failed often.
    FailedOften,
    /// Complementary subservice controls are left out under the carve-out method.
    SubserviceControlsOmitted,
    /// A mere responsibility of users is listed as a complementary user entity control.
    ResponsibilityListedAsControl,
    /// A control that failed caused an incident.
    IncidentFromFailedControl,
    /// The description claims a framework that is not met.
    FrameworkClaimNotMet,
}

/// What a finding does to a subject matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing.
    None,
    /// Misstated, unless management corrects the text.
    Misstated,
    /// Misstated so that users would be misled.
    MateriallyMisstated,
    /// To be disclosed in the description.
    Disclose,
    /// Deficient.
    Deficient,
    /// Deficient if the control is necessary.
    DeficientIfNecessary,
    /// To be judged on the control as it really is.
    JudgeRealControl,
    /// To be evaluated.
    Evaluate,
    /// Does not apply.
    NotApplicable,
}

/// The effects of a finding on description, design and operation (D6).
pub fn effects(finding: Finding) -> [(SubjectMatter, Effect); 3] {
    use Effect as E;
    let row = match finding {
        Finding::NeverImplemented => [E::Misstated, E::DeficientIfNecessary, E::NotApplicable],
        Finding::ImplementedDifferently => [E::Misstated, E::JudgeRealControl, E::JudgeRealControl],
        Finding::NecessaryControlMissing => [E::Disclose, E::Deficient, E::Deficient],
        Finding::FailedOften => [E::Disclose, E::None, E::Deficient],
        Finding::SubserviceControlsOmitted => [E::MateriallyMisstated, E::None, E::None],
        Finding::ResponsibilityListedAsControl | Finding::FrameworkClaimNotMet => {
            [E::Misstated, E::None, E::None]
        }
        Finding::IncidentFromFailedControl => [E::Disclose, E::Evaluate, E::Evaluate],
    };
    let [description, design, operation] = row;
    [
        (SubjectMatter::Description, description),
        (SubjectMatter::Design, design),
        (SubjectMatter::Operation, operation),
    ]
}
