//! Identifiers of accounts and of what belongs to them.
//!
//! Must hold: an identifier is opaque and stays in the ledger for ever, so it
//! never says who someone is; it fits a URL, a header and a file name as it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use crate::secret::Random;

/// Longest identifier, in characters.
const MAX_CHARS: usize = 40;

fn is_opaque(text: &str) -> bool {
    (1..=MAX_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn malformed(what: &str, text: &str) -> Problem {
    let shown: String = text.chars().take(60).collect();
    Problem::new(format!("`{shown}` is not the id of {what}")).hint(format!(
        "an id is 1 to {MAX_CHARS} lower-case letters, digits and dashes"
    ))
}

macro_rules! opaque_id {
    ($id:ident, $what:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $id(String);

        impl $id {
            /// A new identifier that nobody can guess from another.
            pub fn random(random: &Random) -> Self {
                let mut bytes = [0; 8];
                random(&mut bytes);
                Self(hex::encode(bytes))
            }

            /// The identifier as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $id {
            type Err = Problem;

            fn from_str(text: &str) -> Result<Self, Problem> {
                is_opaque(text)
                    .then(|| Self(text.to_owned()))
                    .ok_or_else(|| malformed($what, text))
            }
        }

        impl TryFrom<String> for $id {
            type Error = Problem;

            fn try_from(text: String) -> Result<Self, Problem> {
                text.parse()
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.0
            }
        }
    };
}

opaque_id!(
    AccountId,
    "an account",
    "Identifier of an account: opaque, 1 to 40 lower-case letters, digits and dashes."
);
opaque_id!(
    TokenId,
    "an API token",
    "Identifier of an API token: shaped as an [`AccountId`]."
);
opaque_id!(
    PasskeyId,
    "a passkey",
    "Our identifier of a passkey: shaped as an [`AccountId`]."
);
opaque_id!(
    WebhookId,
    "a webhook",
    "Identifier of a webhook: shaped as an [`AccountId`]."
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entrance::testing::random;

    #[test]
    fn an_id_is_checked_at_the_edge() {
        for good in ["a", "0", "anna-1", "a-b-c", &"x".repeat(40)] {
            assert_eq!(good.parse::<AccountId>().unwrap().as_str(), good);
        }
        for bad in ["", "Anna", "anna@b.co", "a b", "a_b", "ä", &"x".repeat(41)] {
            let refused = bad.parse::<AccountId>().unwrap_err();
            assert!(refused.hint.is_some(), "{bad}");
            let json = serde_json::to_string(bad).unwrap();
            assert!(serde_json::from_str::<TokenId>(&json).is_err(), "{bad}");
        }
    }

    #[test]
    fn random_ids_differ_and_parse() {
        let random = random();
        let (a, b) = (AccountId::random(&random), AccountId::random(&random));
        assert_ne!(a, b);
        assert_eq!(a.as_str().parse::<AccountId>().unwrap(), a);
    }
}
