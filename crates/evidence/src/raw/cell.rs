//! One value of a raw record, as the source gave it.
//!
//! Must hold: nothing is interpreted here; a value that cannot be read at all
//! (wrong bytes, a spreadsheet error) is `Broken` and says why.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use serde_json::Value;

/// A value of a raw record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'r> {
    /// The record has no such field.
    Absent,
    /// The field is there and holds no value.
    Null,
    Text(Cow<'r, str>),
    Bool(bool),
    Int(i64),
    Float(f64),
    Date(Date),
    /// A date and time without zone.
    Civil(DateTime),
    /// Microseconds since 1970 in UTC.
    Instant(i64),
    List(Vec<Cow<'r, str>>),
    /// Cannot be read; says why, as the end of the sentence "the value …".
    Broken(String),
}

impl<'r> Cell<'r> {
    /// A JSON value as a cell.
    pub(crate) fn json(value: &'r Value) -> Self {
        match value {
            Value::Null => Cell::Null,
            Value::Bool(truth) => Cell::Bool(*truth),
            Value::Number(number) => number_cell(number),
            Value::String(text) => Cell::Text(Cow::Borrowed(text)),
            Value::Array(items) => list_cell(items),
            Value::Object(_) => Cell::Broken("is an object, not a single value".to_owned()),
        }
    }

    /// A whole number without sign; one that no `i64` holds stands as its digits.
    pub(crate) fn unsigned(number: u64) -> Self {
        match i64::try_from(number) {
            Ok(number) => Cell::Int(number),
            Err(_) => Cell::Text(Cow::Owned(number.to_string())),
        }
    }

    /// The cell as text where that loses nothing: `None` for null.
    pub(crate) fn text(&self) -> Result<Option<Cow<'_, str>>, String> {
        Ok(Some(match self {
            Cell::Absent | Cell::Null => return Ok(None),
            Cell::Text(text) => Cow::Borrowed(text.as_ref()),
            Cell::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Cell::Int(number) => Cow::Owned(number.to_string()),
            Cell::Float(number) => Cow::Owned(whole(*number)?.to_string()),
            Cell::Date(date) => Cow::Owned(date.to_string()),
            Cell::Civil(time) => Cow::Owned(time.to_string()),
            Cell::Instant(_) => return Err("is an instant, not a text".to_owned()),
            Cell::List(_) => return Err("is a list, not a single value".to_owned()),
            Cell::Broken(why) => return Err(why.clone()),
        }))
    }
}

/// The whole number a float stands for.
pub(crate) fn whole(number: f64) -> Result<i64, String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and below 2^53"
        )]
        return Ok(number as i64);
    }
    if number.abs() > EXACT {
        return Err(
            "is a number too large to be kept exactly; the source must write it as text".to_owned(),
        );
    }
    Err(format!("`{number}` is not a whole number"))
}

/// A value as it is quoted in a problem: in backticks and not too long.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let short: String = text.chars().take(LONGEST).map(clean).collect();
    let more = if text.chars().nth(LONGEST).is_some() {
        "…"
    } else {
        ""
    };
    format!("`{short}{more}`")
}

fn number_cell(number: &serde_json::Number) -> Cell<'static> {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), ..) => Cell::Int(whole),
        (None, Some(large), _) => Cell::unsigned(large),
        (None, None, Some(float)) => Cell::Float(float),
        (None, None, None) => Cell::Broken(format!("`{number}` is too large a number")),
    }
}

fn list_cell(items: &[Value]) -> Cell<'_> {
    let element = |item| match Cell::json(item) {
        Cell::Text(text) => Some(text),
        Cell::Int(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    };
    match items.iter().map(element).collect() {
        Some(list) => Cell::List(list),
        None => Cell::Broken("is a list that holds more than texts".to_owned()),
    }
}
