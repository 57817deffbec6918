//! Reads and checks the rules of the columns.
//!
//! Must hold: every column of the dataset is mapped or listed as unmapped, and
//! not both; a rule that cannot suit its column is refused here, not at the
//! first row.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tickmark_catalog::{
    Column, ColumnType, DatasetSchema, Field, FieldValue, Fields, Place, Problem, nearest,
};

use super::{ColumnRule, Format, Origin, Template};
use crate::import::convert::{Kind, Rule};

/// What the rules are checked against; parts that were themselves bad are absent.
pub(super) struct ColumnContext<'c> {
    pub dataset: Option<&'c DatasetSchema>,
    pub unmapped_place: Place,
    pub format: Option<&'c Format>,
    pub zone: Option<&'c TimeZone>,
}

/// The rules under `[columns]`, by column.
pub(super) fn column_rules(
    fields: &mut Fields<'_>,
    context: &ColumnContext<'_>,
    unmapped: &[String],
) -> Option<BTreeMap<String, ColumnRule>> {
    fields.required_table("columns", |table| {
        let names = table.remaining_keys();
        let mut rules = BTreeMap::new();
        for name in &names {
            let place = table.place_of(name);
            let column = context.dataset.and_then(|dataset| dataset.column(name));
            let rule = table.table(name, |fields| rule(fields, column));
            if let Some(dataset) = context.dataset.filter(|_| column.is_none()) {
                table.report(no_such_column(dataset, name).in_place(place.clone()));
            }
            if let (Some(rule), Some(column)) = (rule, column) {
                report_unfit(table, &rule, column, context, &place);
                rules.insert(name.clone(), rule);
            }
        }
        if let Some(dataset) = context.dataset {
            report_cover(table, dataset, &names, (unmapped, &context.unmapped_place));
        }
        Some(rules)
    })
}

fn no_such_column(dataset: &DatasetSchema, name: &str) -> Problem {
    let near = nearest(
        name,
        dataset.columns.iter().map(|column| column.name.as_str()),
    );
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    Problem {
        hint,
        ..Problem::new(format!("dataset `{}` has no column `{name}`", dataset.name))
    }
}

fn report_cover(
    table: &Fields<'_>,
    dataset: &DatasetSchema,
    mapped: &[String],
    (unmapped, place): (&[String], &Place),
) {
    for name in unmapped
        .iter()
        .filter(|name| dataset.column(name).is_none())
    {
        table.report(no_such_column(dataset, name).in_place(place.clone()));
    }
    for column in &dataset.columns {
        let name = &column.name;
        let map_it = format!("map it under `[columns.{name}]`");
        let (message, hint) = match (mapped.contains(name), unmapped.contains(name)) {
            (true, true) => (
                format!("column `{name}` is mapped and listed as unmapped"),
                format!("take it out of `unmapped`, or remove `[columns.{name}]`"),
            ),
            (false, true) if column.required => (
                format!("column `{name}` is required and cannot be left unmapped"),
                map_it,
            ),
            (false, false) if column.required => (
                format!("column `{name}` is required and not mapped"),
                map_it,
            ),
            (false, false) => (
                format!("column `{name}` is not mapped"),
                format!("{map_it}, or list it in `unmapped`"),
            ),
            _ => continue,
        };
        let problem = Problem::new(message).hint(hint);
        table.report(match unmapped.contains(name) {
            true => problem.in_place(place.clone()),
            false => problem,
        });
    }
}

fn rule(fields: &mut Fields<'_>, column: Option<&Column>) -> Option<ColumnRule> {
    let origin = origin(fields, column);
    let plain = ColumnRule::plain(Origin::Constant(String::new()));
    let nulls = fields.optional("null").unwrap_or(plain.nulls);
    let map: Option<BTreeMap<String, String>> = fields.optional("map");
    let format = fields.optional("format");
    let true_texts = fields.optional("true").unwrap_or(plain.true_texts);
    let false_texts = fields.optional("false").unwrap_or(plain.false_texts);
    let split = fields.optional("split");
    let lower = fields.optional("lower").unwrap_or(false);
    Some(ColumnRule {
        origin: origin?,
        nulls,
        map,
        format,
        true_texts,
        false_texts,
        split,
        lower,
    })
}

fn origin(fields: &mut Fields<'_>, column: Option<&Column>) -> Option<Origin> {
    let there = ["from", "constant", "template"].map(|key| fields.has(key));
    match there.iter().filter(|there| **there).count() {
        0 => fields.report(Problem::new(
            "one of `from`, `constant` and `template` must be given",
        )),
        1 => {}
        _ => fields.report(Problem::new(
            "only one of `from`, `constant` and `template` can be given",
        )),
    }
    let field = fields.optional("from").map(Origin::Field);
    let constant = constant(fields, column).map(Origin::Constant);
    let template = fields.optional("template").map(Origin::Template);
    field.or(constant).or(template)
}

/// A constant, written as a text or as a value of the column's own type.
fn constant(fields: &mut Fields<'_>, column: Option<&Column>) -> Option<String> {
    match column?.kind {
        ColumnType::Text | ColumnType::TextList => fields.optional("constant"),
        ColumnType::Bool => written::<bool>(fields),
        ColumnType::Int => written::<i64>(fields),
        ColumnType::Float => written::<f64>(fields),
        ColumnType::Date => written::<Date>(fields),
        ColumnType::Timestamp => written::<Timestamp>(fields),
    }
}

fn written<T: FieldValue + ToString>(fields: &mut Fields<'_>) -> Option<String> {
    match fields.optional("constant")? {
        Written::Text(text) => Some(text),
        Written::Value(value) => Some(T::to_string(&value)),
    }
}

/// A value, or a text that stands for it.
enum Written<T> {
    Text(String),
    Value(T),
}

impl<T: FieldValue> FieldValue for Written<T> {
    fn read(field: &Field<'_>) -> Option<Self> {
        match field.as_str() {
            Some(text) => Some(Self::Text(text.to_owned())),
            None => T::read(field).map(Self::Value),
        }
    }
}

impl FieldValue for Template {
    fn read(field: &Field<'_>) -> Option<Self> {
        let text = String::read(field)?;
        Template::parse(&text).map_or_else(|message| field.refuse(Problem::new(message)), Some)
    }
}

fn report_unfit(
    table: &Fields<'_>,
    rule: &ColumnRule,
    column: &Column,
    context: &ColumnContext<'_>,
    place: &Place,
) {
    for reason in unfit(rule, column.kind, context) {
        let kind = Kind::from(column.kind);
        let message = format!("column `{}` is {kind}: {reason}", column.name);
        table.report(Problem::new(message).in_place(place.clone()));
    }
}

/// What makes a rule unsuitable for a column of a type.
fn unfit(rule: &ColumnRule, kind: ColumnType, context: &ColumnContext<'_>) -> Vec<String> {
    let is_list = kind == ColumnType::TextList;
    let is_time = matches!(kind, ColumnType::Date | ColumnType::Timestamp);
    let is_text = matches!(kind, ColumnType::Text | ColumnType::TextList);
    let is_flat = matches!(
        context.format,
        Some(Format::Csv { .. } | Format::Xlsx { .. })
    );
    let checks = [
        (rule.split.as_deref() == Some(""), "`split` is empty"),
        (rule.split.is_some() && !is_list, "`split` suits only lists"),
        (
            is_list && is_flat && rule.split.is_none(),
            "say with `split` what separates the elements",
        ),
        (
            is_list && rule.map.is_some(),
            "`map` suits only single values",
        ),
        (
            rule.format.is_some() && !is_time,
            "`format` suits only dates and timestamps",
        ),
        (rule.lower && !is_text, "`lower` suits only texts"),
    ];
    let mut reasons: Vec<String> = checks
        .iter()
        .filter(|(is_bad, _)| *is_bad)
        .map(|(_, reason)| (*reason).to_owned())
        .collect();
    let ready = Rule::new(rule, kind.into(), context.zone).and_then(|ready| ready.check());
    reasons.extend(ready.err());
    reasons
}
