//! Makes the value of a dataset's column out of the cells of a raw record.
//!
//! Must hold: a value is either exact or refused with a reason; nothing is
//! guessed: no two-digit years, no local zone, no repaired dates. Reasons are
//! the end of a sentence that begins with the column.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;
use tickmark_catalog::ColumnType;

use super::instant::{date, date_of_civil, instant, instant_of_civil, reachable_days, timestamp};
use crate::mapping::{ColumnRule, Origin, TemplatePart};
use crate::raw::{Cell, shown};

/// The type of a dataset's column, with a name for problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Bool,
    Int,
    Float,
    Date,
    Timestamp,
    TextList,
}

impl From<ColumnType> for Kind {
    fn from(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Text => Kind::Text,
            ColumnType::Bool => Kind::Bool,
            ColumnType::Int => Kind::Int,
            ColumnType::Float => Kind::Float,
            ColumnType::Date => Kind::Date,
            ColumnType::Timestamp => Kind::Timestamp,
            ColumnType::TextList => Kind::TextList,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "a text",
            Kind::Bool => "true or false",
            Kind::Int => "a whole number",
            Kind::Float => "a number",
            Kind::Date => "a date",
            Kind::Timestamp => "a timestamp",
            Kind::TextList => "a list of texts",
        })
    }
}

/// A value of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'r> {
    Text(Cow<'r, str>),
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970 in UTC.
    Timestamp(i64),
    List(Vec<Cow<'r, str>>),
}

/// A column rule made ready for many rows.
pub(crate) struct Rule<'m> {
    rule: &'m ColumnRule,
    kind: Kind,
    zone: Option<&'m TimeZone>,
}

impl<'m> Rule<'m> {
    /// # Errors
    /// When the rule's format cannot be that of its type.
    pub(crate) fn new(
        rule: &'m ColumnRule,
        kind: Kind,
        zone: Option<&'m TimeZone>,
    ) -> Result<Self, String> {
        if let Some(format) = &rule.format {
            super::formats::check_format(format, kind)?;
        }
        Ok(Self { rule, kind, zone })
    }

    /// Whether the texts in the rule itself (constant, results of the map) are
    /// values of the column's type.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Origin::Constant(text) = &self.rule.origin {
            self.parse(Cow::Borrowed(text))?;
        }
        for to in self.rule.map.iter().flat_map(|map| map.values()) {
            self.parse(Cow::Borrowed(to))?;
        }
        Ok(())
    }

    /// The field the rule takes the value of, where it takes one as it is.
    pub(crate) fn field(&self) -> Option<&'m str> {
        match &self.rule.origin {
            Origin::Field(field) => Some(field),
            Origin::Constant(_) | Origin::Template(_) => None,
        }
    }

    /// The value of the column; `None` is null.
    ///
    /// `cells`: the values of [`ColumnRule::fields`], in that order.
    pub(crate) fn value<'r>(&'r self, cells: &[&'r Cell<'r>]) -> Result<Option<Value<'r>>, String> {
        match &self.rule.origin {
            Origin::Constant(text) => self.parse(Cow::Borrowed(text)).map(Some),
            Origin::Field(_) => self.of_cell(cells.first().copied().unwrap_or(&Cell::Absent)),
            Origin::Template(template) => match self.fill(&template.parts, cells)? {
                Some(text) => self.parse(text).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Puts values into the template; null as soon as one of them is.
    fn fill<'r>(
        &self,
        parts: &[TemplatePart],
        cells: &[&'r Cell<'r>],
    ) -> Result<Option<Cow<'r, str>>, String> {
        let mut cells = cells.iter();
        let mut filled = String::new();
        for part in parts {
            match part {
                TemplatePart::Text(text) => filled.push_str(text),
                TemplatePart::Field(_) => {
                    match cells.next().map_or(Ok(None), |cell| cell.text())? {
                        Some(text) if !self.is_null(&text) => filled.push_str(&text),
                        _ => return Ok(None),
                    }
                }
            }
        }
        Ok(Some(Cow::Owned(filled)))
    }

    fn of_cell<'r>(&'r self, cell: &'r Cell<'r>) -> Result<Option<Value<'r>>, String> {
        match cell {
            Cell::Absent | Cell::Null => return Ok(None),
            Cell::Broken(why) => return Err(why.clone()),
            Cell::Text(text) if self.is_null(text) => return Ok(None),
            _ => {}
        }
        match &self.rule.map {
            None => self.typed(cell).map(Some),
            Some(map) => {
                let text = cell.text()?.unwrap_or_default();
                if self.is_null(&text) {
                    Ok(None)
                } else {
                    self.mapped(map, &text).map(Some)
                }
            }
        }
    }

    fn typed<'r>(&'r self, cell: &'r Cell<'r>) -> Result<Value<'r>, String> {
        match (self.kind, cell) {
            (_, Cell::Text(text)) => self.parse(Cow::Borrowed(text.as_ref())),
            (Kind::Bool, Cell::Bool(truth)) => Ok(Value::Bool(*truth)),
            (Kind::Int, Cell::Int(number)) => Ok(Value::Int(*number)),
            (Kind::Float, Cell::Float(number)) => finite(*number),
            (Kind::Float, Cell::Int(number)) => int_as_float(*number),
            (Kind::Date, Cell::Date(date)) => reachable_days(*date).map(Value::Date),
            (Kind::Date, Cell::Civil(time)) => date_of_civil(*time).map(Value::Date),
            (Kind::Timestamp, Cell::Instant(us)) => instant(*us).map(Value::Timestamp),
            (Kind::Timestamp, Cell::Civil(time)) => {
                instant_of_civil(*time, self.zone).map(Value::Timestamp)
            }
            (Kind::TextList, Cell::List(items)) => Ok(Value::List(self.elements(items))),
            (Kind::Text, Cell::Civil(_)) => Err("is a date in the workbook, not a text".to_owned()),
            (Kind::Timestamp, Cell::Float(seconds)) if self.is_epoch_s() => {
                self.parse(Cow::Owned(seconds.to_string()))
            }
            (Kind::Timestamp, Cell::Date(date)) => Err(format!("has no time of day: `{date}`")),
            _ => self.parse(cell.text()?.unwrap_or_default()),
        }
    }

    fn is_epoch_s(&self) -> bool {
        self.rule.format.as_deref() == Some(super::formats::EPOCH_S)
    }

    fn mapped<'r>(
        &self,
        map: &'r BTreeMap<String, String>,
        text: &str,
    ) -> Result<Value<'r>, String> {
        match map.get(text) {
            Some(to) => self.parse(Cow::Borrowed(to)),
            None => {
                let known: Vec<_> = map.keys().map(|from| format!("`{from}`")).collect();
                Err(format!(
                    "{} is not in its `map`, which has {}",
                    shown(text),
                    known.join(", ")
                ))
            }
        }
    }

    fn parse<'r>(&self, text: Cow<'r, str>) -> Result<Value<'r>, String> {
        let format = self.rule.format.as_deref();
        match self.kind {
            Kind::Text if text.contains('\0') => Err("holds a NUL character".to_owned()),
            Kind::Text => Ok(Value::Text(self.cased(text))),
            Kind::Bool => self.truth(&text),
            Kind::Int => int(&text),
            Kind::Float => float(&text),
            Kind::Date => date(&text, format).map(Value::Date),
            Kind::Timestamp => timestamp(&text, format, self.zone).map(Value::Timestamp),
            Kind::TextList => self.split(&text),
        }
    }

    fn truth<'r>(&self, text: &str) -> Result<Value<'r>, String> {
        let is_in = |texts: &[String]| texts.iter().any(|known| known == text);
        match (is_in(&self.rule.true_texts), is_in(&self.rule.false_texts)) {
            (true, _) => Ok(Value::Bool(true)),
            (_, true) => Ok(Value::Bool(false)),
            _ => Err(format!(
                "{} is neither true ({}) nor false ({})",
                shown(text),
                self.rule.true_texts.join(", "),
                self.rule.false_texts.join(", ")
            )),
        }
    }

    fn split<'r>(&self, text: &str) -> Result<Value<'r>, String> {
        let Some(separator) = &self.rule.split else {
            return Err(format!(
                "{} is one text; say with `split` what separates the elements",
                shown(text)
            ));
        };
        let elements = text
            .split(separator.as_str())
            .map(str::trim)
            .filter(|part| !part.is_empty());
        Ok(Value::List(
            elements
                .map(|part| self.cased(Cow::Owned(part.to_owned())))
                .collect(),
        ))
    }

    fn elements<'r>(&self, items: &'r [Cow<'r, str>]) -> Vec<Cow<'r, str>> {
        items
            .iter()
            .map(|item| self.cased(Cow::Borrowed(item.as_ref())))
            .collect()
    }

    fn cased<'r>(&self, text: Cow<'r, str>) -> Cow<'r, str> {
        if self.rule.lower && text.chars().any(|c| !c.is_lowercase()) {
            return Cow::Owned(text.to_lowercase());
        }
        text
    }

    fn is_null(&self, text: &str) -> bool {
        self.rule.nulls.iter().any(|null| null == text)
    }
}

fn int<'r>(text: &str) -> Result<Value<'r>, String> {
    let number = text
        .parse()
        .map_err(|_| format!("{} is not a whole number", shown(text)))?;
    Ok(Value::Int(number))
}

fn float<'r>(text: &str) -> Result<Value<'r>, String> {
    let number = text
        .parse()
        .map_err(|_| format!("{} is not a number", shown(text)))?;
    finite(number)
}

fn finite<'r>(number: f64) -> Result<Value<'r>, String> {
    if number.is_finite() {
        return Ok(Value::Float(number));
    }
    Err(format!("`{number}` is not a finite number"))
}

fn int_as_float<'r>(number: i64) -> Result<Value<'r>, String> {
    const EXACT: u64 = 1 << 53;
    if number.unsigned_abs() > EXACT {
        return Err(format!("`{number}` is too large to be kept exactly"));
    }
    #[expect(clippy::cast_precision_loss, reason = "checked to be within 2^53")]
    Ok(Value::Float(number as f64))
}
