//! Names of the facts that sentences rest on, such as `control:TM-048`.
//!
//! What must hold: the part before the colon says what the fact is, the part
//! after it is the id under which the program, the engagement or the evidence
//! store knows it; `tickmark verify` walks from the page to the row with it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of one fact: a kind, a colon, an id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactId(String);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $kind:literal),+ $(,)?) => {
        impl FactId {
            $($(#[$doc])*
            pub fn $name(id: impl fmt::Display) -> Self {
                Self(format!(concat!($kind, ":{}"), id))
            })+
        }
    };
}

kinds! {
    /// A control of the program.
    control => "control",
    /// A criterion of TSP section 100.
    criterion => "criterion",
    /// A control test.
    test => "test",
    /// A deviation as the engagement numbers it.
    deviation => "deviation",
    /// A service commitment or system requirement.
    commitment => "commitment",
    /// A subservice organization.
    subservice => "subservice",
    /// A complementary control at a subservice organization or a user entity.
    complementary => "complementary",
    /// An incident of the register.
    incident => "incident",
    /// A significant change.
    change => "change",
    /// A population snapshot, by its SHA-256.
    snapshot => "snapshot",
    /// A sample, by the test that drew it.
    sample => "sample",
    /// A field of the program's scope, such as `scope:period`.
    scope => "scope",
    /// A record of the auditor's file, such as `engagement:opinion`.
    engagement => "engagement",
}

impl FactId {
    /// The kind and the id, joined by a colon.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
