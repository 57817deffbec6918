//! Identifiers of controls and of control tests: the shape is checked, that
//! they exist is for whoever holds the list.
//!
//! Must hold: a value has the shape its type promises, so it can stand in a
//! file name, a heading or a query without escaping.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An identifier written in the wrong shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{input}` is not written as {shape}")]
pub struct MalformedId {
    /// What kind of thing was meant, for example `control`.
    pub what: &'static str,
    /// What was written.
    pub input: String,
    /// The shape it should have, with an example.
    pub shape: &'static str,
}

/// Identifier of a control: capital letters, a dash, digits, for example
/// `TM-048`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ControlId(String);

/// Identifier of a control test: lower-case words joined by dashes, for example
/// `access-removed-on-leaving`; also the name of its folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ControlTestId(String);

fn is_control_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(letters, digits)| {
        is_made_of(letters, |c| c.is_ascii_uppercase())
            && is_made_of(digits, |c| c.is_ascii_digit())
    })
}

/// Whether `text` is lower-case words and digits joined by single dashes, the
/// shape of every slug in a program folder.
pub fn is_kebab_case(text: &str) -> bool {
    text.split('-')
        .all(|word| is_made_of(word, |c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

fn is_made_of(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}

macro_rules! shaped_id {
    ($id:ident, $what:literal, $shape:literal, $fits:path) => {
        impl $id {
            /// The identifier as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $id {
            type Err = MalformedId;

            fn from_str(input: &str) -> Result<Self, Self::Err> {
                if $fits(input) {
                    return Ok(Self(input.to_owned()));
                }
                Err(MalformedId {
                    what: $what,
                    input: input.to_owned(),
                    shape: $shape,
                })
            }
        }

        impl TryFrom<String> for $id {
            type Error = MalformedId;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.0
            }
        }

        impl Borrow<str> for $id {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $id {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

shaped_id!(
    ControlId,
    "control",
    "capital letters, a dash and digits, like `TM-048`",
    is_control_id
);
shaped_id!(
    ControlTestId,
    "control test",
    "lower-case words joined by dashes, like `access-removed-on-leaving`",
    is_kebab_case
);
