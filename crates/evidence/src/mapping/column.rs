//! The rule by which one column of a dataset is made from a raw record.
//!
//! Must hold: a rule is plain data; what it does to a value stands in
//! `import::convert`, and only there.

use std::collections::BTreeMap;

/// Where the value of a column comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A field of the raw record: a header, a dotted path or a JSON pointer.
    Field(String),
    /// The same text for every row.
    Constant(String),
    /// A text with the values of fields put in.
    Template(Template),
}

/// A text such as `{repo}#{number}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The parts in order.
    pub parts: Vec<TemplatePart>,
}

/// One part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Stands as it is.
    Text(String),
    /// The value of a field.
    Field(String),
}

/// The rule of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnRule {
    /// Where the value comes from.
    pub origin: Origin,
    /// Texts that mean null.
    pub nulls: Vec<String>,
    /// Raw text to dataset text; any other text is a bad row.
    pub map: Option<BTreeMap<String, String>>,
    /// A `strptime` format of jiff, or `epoch_ms`; ISO 8601 when `None`.
    pub format: Option<String>,
    /// Texts that mean true.
    pub true_texts: Vec<String>,
    /// Texts that mean false.
    pub false_texts: Vec<String>,
    /// Separator of the elements of a list.
    pub split: Option<String>,
    /// Whether letters become lower case.
    pub lower: bool,
}

impl ColumnRule {
    /// A rule that takes the value as it is.
    pub fn plain(origin: Origin) -> Self {
        Self {
            origin,
            nulls: vec![String::new()],
            map: None,
            format: None,
            true_texts: vec!["true".to_owned()],
            false_texts: vec!["false".to_owned()],
            split: None,
            lower: false,
        }
    }

    /// The fields of the raw record that the rule reads, in order.
    pub fn fields(&self) -> Vec<&str> {
        match &self.origin {
            Origin::Field(field) => vec![field],
            Origin::Constant(_) => Vec::new(),
            Origin::Template(template) => template.fields().collect(),
        }
    }
}

impl Template {
    /// Reads a template; `{{` and `}}` stand for single braces.
    ///
    /// # Errors
    /// A brace without its partner, or an empty field name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let malformed = || format!("`{text}` is not a template like `{{repo}}#{{number}}`");
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text.chars().peekable();
        while let Some(next) = rest.next() {
            match next {
                '{' | '}' if rest.next_if_eq(&next).is_some() => literal.push(next),
                '{' => {
                    push_text(&mut parts, &mut literal);
                    parts.push(TemplatePart::Field(field(&mut rest).ok_or_else(malformed)?));
                }
                '}' => return Err(malformed()),
                other => literal.push(other),
            }
        }
        push_text(&mut parts, &mut literal);
        Ok(Self { parts })
    }

    /// The fields it puts in, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Field(field) => Some(field.as_str()),
            TemplatePart::Text(_) => None,
        })
    }
}

fn push_text(parts: &mut Vec<TemplatePart>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(TemplatePart::Text(std::mem::take(literal)));
    }
}

fn field(rest: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut name = String::new();
    for next in rest {
        match next {
            '}' if name.is_empty() => return None,
            '}' => return Some(name),
            '{' => return None,
            other => name.push(other),
        }
    }
    None
}
