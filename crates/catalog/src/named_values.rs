//! Gives a closed list of values its names in files.
//!
//! Must hold: every value has one name, in `snake_case`, the same in TOML and
//! in serialized form; a name that does not exist is refused with the nearest
//! one that does.

/// Names the values of an enum as they stand in files.
///
/// Makes `ALL`, `as_str`, `Display`, `FromStr` and
/// [`FieldValue`](crate::FieldValue). The enum itself derives `Serialize` and
/// `Deserialize` with `rename_all = "snake_case"`.
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// /// How a supplier is treated.
/// #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
/// #[serde(rename_all = "snake_case")]
/// pub enum Tier { Critical, Ordinary }
/// tickmark_catalog::named_values!(Tier, "tier", [Critical => "critical", Ordinary => "ordinary"]);
///
/// assert_eq!("critical".parse(), Ok(Tier::Critical));
/// let refused = "critcal".parse::<Tier>().unwrap_err();
/// assert_eq!(refused.to_string(), "tier `critcal` does not exist; the nearest is `critical`");
/// ```
#[macro_export]
macro_rules! named_values {
    ($name:ident, $what:literal, [$($value:ident => $text:literal),+ $(,)?]) => {
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The name in files.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownId;

            fn from_str(input: &str) -> Result<Self, Self::Err> {
                let names = Self::ALL.iter().map(|value| value.as_str());
                Self::ALL.iter().copied().find(|value| value.as_str() == input).ok_or_else(|| {
                    $crate::UnknownId {
                        what: $what,
                        input: input.to_owned(),
                        nearest: $crate::nearest(input, names).map(str::to_owned),
                    }
                })
            }
        }

        impl $crate::FieldValue for $name {
            fn read(value: &$crate::Field<'_>) -> Option<Self> {
                let names: Vec<String> = Self::ALL.iter().map(|value| format!("`{value}`")).collect();
                value.parsed_or_hint(&format!("one of {}", names.join(", ")))
            }
        }
    };
}
