//! Parameters of a control test: typed values with a default, which a program
//! may override, and which SQL reads as `$name`.
//!
//! Must hold: the text form of a value is canonical (the same value always has
//! the same text), since it is hashed into every result.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Names that every test has besides its own parameters.
pub const RESERVED: &[&str] = &["period_start", "period_end"];

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// A whole number.
    Int,
    /// A decimal number.
    Float,
    /// A text.
    Text,
    /// A civil date.
    Date,
    /// `true` or `false`.
    Bool,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum ParameterValue {
    /// A whole number.
    Int(i64),
    /// A decimal number, always finite.
    Float(f64),
    /// A text.
    Text(String),
    /// A civil date.
    Date(Date),
    /// `true` or `false`.
    Bool(bool),
}

/// One parameter of a control test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The value it has unless overridden, taken from the policy.
    pub default: ParameterValue,
    /// The value the test runs with.
    pub value: ParameterValue,
    /// What it stands for, as a phrase.
    pub meaning: String,
    /// Id of the policy it comes from.
    pub policy: Option<String>,
}

impl ParameterType {
    /// All types, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Int, Self::Float, Self::Text, Self::Date, Self::Bool];

    /// The type's name in `test.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
            Self::Date => "date",
            Self::Bool => "bool",
        }
    }

    /// Reads a value from its text form; `None` when it is not one of this type.
    pub fn read(self, text: &str) -> Option<ParameterValue> {
        match self {
            Self::Int => text.parse().ok().map(ParameterValue::Int),
            Self::Float => text
                .parse()
                .ok()
                .filter(|f: &f64| f.is_finite())
                .map(ParameterValue::Float),
            Self::Text => Some(ParameterValue::Text(text.to_owned())),
            Self::Date => text.parse().ok().map(ParameterValue::Date),
            Self::Bool => text.parse().ok().map(ParameterValue::Bool),
        }
    }
}

impl ParameterValue {
    /// The type of the value.
    pub fn kind(&self) -> ParameterType {
        match self {
            Self::Int(_) => ParameterType::Int,
            Self::Float(_) => ParameterType::Float,
            Self::Text(_) => ParameterType::Text,
            Self::Date(_) => ParameterType::Date,
            Self::Bool(_) => ParameterType::Bool,
        }
    }
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Date(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
        }
    }
}
