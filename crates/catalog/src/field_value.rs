//! Turns one TOML value into a typed value, or says what is wrong with it.
//!
//! Must hold: reading gives `None` when and only when something was reported
//! for that value, except in lists, where bad elements are reported and left
//! out.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use crate::control_id::{ControlId, ControlTestId};
use crate::criterion_id::{CriterionId, DescriptionCriterionId, PointOfFocusId};
use crate::digest::Sha256Hex;
use crate::fields::TomlText;
use crate::period::Period;
use crate::problem::{Place, Problem};

/// A type that can be read from a TOML value.
pub trait FieldValue: Sized {
    /// The value, or `None` after reporting why not through `field`.
    fn read(field: &Field<'_>) -> Option<Self>;
}

/// A TOML value with its key and its place.
pub struct Field<'f> {
    text: &'f TomlText<'f>,
    key: &'f str,
    value: &'f Spanned<DeValue<'f>>,
}

impl<'f> Field<'f> {
    pub(crate) fn new(
        text: &'f TomlText<'f>,
        key: &'f str,
        value: &'f Spanned<DeValue<'f>>,
    ) -> Self {
        Self { text, key, value }
    }

    /// Where the value begins.
    pub fn place(&self) -> Place {
        self.text.place(self.value.span().start)
    }

    /// The key under which it stands.
    pub fn key(&self) -> &str {
        self.key
    }

    /// The text, when the value is one; nothing is reported.
    pub fn as_str(&self) -> Option<&str> {
        self.value.get_ref().as_str()
    }

    /// Reports that the value cannot be used; gives `None` so that it can end a
    /// reading function.
    pub fn refuse<T>(&self, problem: Problem) -> Option<T> {
        self.text.report(problem.in_place(self.place()));
        None
    }

    /// Reports that the value is of another type than `expected`, for example
    /// `a whole number`.
    pub fn refuse_type<T>(&self, expected: &str) -> Option<T> {
        let found = self.value.get_ref().type_str();
        self.refuse(Problem::new(format!(
            "`{}` must be {expected}, not {}",
            self.key,
            article(found)
        )))
    }

    /// The value of a type that has a text form; its error is the message.
    pub fn parsed<T: FromStr<Err: Display>>(&self) -> Option<T> {
        self.parse(|problem| problem)
    }

    /// As [`Self::parsed`], with a hint added to the error.
    pub fn parsed_or_hint<T: FromStr<Err: Display>>(&self, hint: &str) -> Option<T> {
        self.parse(|problem| problem.hint(hint))
    }

    fn parse<T: FromStr<Err: Display>>(
        &self,
        finish: impl FnOnce(Problem) -> Problem,
    ) -> Option<T> {
        let Some(text) = self.as_str() else {
            return self.refuse_type("a text");
        };
        text.parse().map_or_else(
            |error: T::Err| self.refuse(finish(Problem::new(error.to_string()))),
            Some,
        )
    }

    fn element(&self, value: &'f Spanned<DeValue<'f>>) -> Self {
        Self {
            text: self.text,
            key: self.key,
            value,
        }
    }
}

fn article(type_name: &str) -> String {
    match type_name {
        "string" => "a text".to_owned(),
        "datetime" => "a date or time".to_owned(),
        "array" => "a list".to_owned(),
        "integer" => "a whole number".to_owned(),
        other => format!("a {other}"),
    }
}

/// A value together with the place at which it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

impl<T: FieldValue> FieldValue for Located<T> {
    fn read(field: &Field<'_>) -> Option<Self> {
        Some(Self {
            value: T::read(field)?,
            place: field.place(),
        })
    }
}

impl FieldValue for String {
    fn read(field: &Field<'_>) -> Option<Self> {
        field
            .as_str()
            .map_or_else(|| field.refuse_type("a text"), |text| Some(text.to_owned()))
    }
}

impl FieldValue for bool {
    fn read(field: &Field<'_>) -> Option<Self> {
        field
            .value
            .get_ref()
            .as_bool()
            .map_or_else(|| field.refuse_type("`true` or `false`"), Some)
    }
}

impl FieldValue for i64 {
    fn read(field: &Field<'_>) -> Option<Self> {
        let DeValue::Integer(integer) = field.value.get_ref() else {
            return field.refuse_type("a whole number");
        };
        let parsed = Self::from_str_radix(integer.as_str(), integer.radix()).ok();
        parsed.map_or_else(
            || field.refuse(Problem::new(format!("`{}` is too large", field.key))),
            Some,
        )
    }
}

macro_rules! narrower_integer {
    ($($integer:ty),+) => {$(
        impl FieldValue for $integer {
            fn read(field: &Field<'_>) -> Option<Self> {
                let wide = i64::read(field)?;
                Self::try_from(wide).map_or_else(
                    |_| field.refuse(Problem::new(format!("`{}` cannot be `{wide}`", field.key))),
                    Some,
                )
            }
        }
    )+};
}

narrower_integer!(u8, u32, u64);

impl FieldValue for f64 {
    fn read(field: &Field<'_>) -> Option<Self> {
        let text = match field.value.get_ref() {
            DeValue::Float(float) => float.as_str(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            _ => return field.refuse_type("a number"),
        };
        let finite = text.parse().ok().filter(|number: &Self| number.is_finite());
        finite.map_or_else(
            || field.refuse(Problem::new(format!("`{}` must be finite", field.key))),
            Some,
        )
    }
}

impl FieldValue for Date {
    fn read(field: &Field<'_>) -> Option<Self> {
        let wanted = "a date without quotes, like 2026-06-30";
        let DeValue::Datetime(written) = field.value.get_ref() else {
            return field.refuse_type(wanted);
        };
        if written.time.is_some() {
            return field.refuse(Problem::new(format!(
                "`{}` must be {wanted}, without a time",
                field.key
            )));
        }
        existing(field, &written.to_string())
    }
}

impl FieldValue for Timestamp {
    fn read(field: &Field<'_>) -> Option<Self> {
        let text = match field.value.get_ref() {
            DeValue::Datetime(written) => written.to_string(),
            DeValue::String(written) => written.to_string(),
            _ => return field.refuse_type("a time with its offset, like 2026-07-02T15:00:00Z"),
        };
        existing(field, &text)
    }
}

fn existing<T: FromStr>(field: &Field<'_>, text: &str) -> Option<T> {
    let refuse = |_| {
        field.refuse(Problem::new(format!(
            "`{text}` is not a date or time with its offset"
        )))
    };
    text.parse().map_or_else(refuse, Some)
}

macro_rules! text_values {
    ($($value:ty),+) => {$(
        impl FieldValue for $value {
            fn read(field: &Field<'_>) -> Option<Self> {
                field.parsed()
            }
        }
    )+};
}

text_values!(
    ControlId,
    ControlTestId,
    CriterionId,
    DescriptionCriterionId,
    Period,
    PointOfFocusId,
    Sha256Hex
);

impl<T: FieldValue> FieldValue for Vec<T> {
    fn read(field: &Field<'_>) -> Option<Self> {
        let DeValue::Array(array) = field.value.get_ref() else {
            return field.refuse_type("a list");
        };
        Some(
            array
                .iter()
                .filter_map(|element| T::read(&field.element(element)))
                .collect(),
        )
    }
}

impl<T: FieldValue> FieldValue for BTreeMap<String, T> {
    fn read(field: &Field<'_>) -> Option<Self> {
        let DeValue::Table(table) = field.value.get_ref() else {
            return field.refuse_type("a table");
        };
        let entry = |(key, value): (&'_ Spanned<_>, &'_ Spanned<DeValue<'_>>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Some((
                key.to_string(),
                T::read(&Field {
                    text: field.text,
                    key,
                    value,
                })?,
            ))
        };
        Some(table.iter().filter_map(entry).collect())
    }
}
