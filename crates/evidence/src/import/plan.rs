//! How records become rows: the rules of a mapping, made ready for one import.
//!
//! Must hold: a plan does not change while records are read; a row has a value
//! (or null) for every column of the dataset, in the dataset's order.

use jiff::tz::TimeZone;
use tickmark_catalog::{DatasetSchema, Problem};

use super::convert::{Kind, Rule, Value};
use super::keys::key_bytes;
use super::reject::Fault;
use crate::mapping::{ColumnRule, ObservedAt};
use crate::raw::Cell;
use crate::{EvidenceError, Mapping};

/// The values of one row.
pub(super) type Row<'r> = Vec<Option<Value<'r>>>;

/// How records become rows.
pub(super) struct Plan<'i> {
    /// The fields to read of each record.
    pub(super) fields: Vec<String>,
    targets: Vec<Target<'i>>,
    key: Vec<usize>,
    time: Option<usize>,
    observed_at: Observing<'i>,
}

/// A column of the dataset with its rule; none when it stays null.
struct Target<'i> {
    name: &'i str,
    is_required: bool,
    source: Option<Source<'i>>,
}

/// A rule, and where its fields stand among those read.
struct Source<'i> {
    rule: Rule<'i>,
    cells: Vec<usize>,
}

/// Where the time of observation comes from.
enum Observing<'i> {
    Constant(i64),
    Column(Source<'i>),
}

impl<'i> Plan<'i> {
    pub(super) fn new(
        dataset: &'i DatasetSchema,
        mapping: &'i Mapping,
    ) -> Result<Self, EvidenceError> {
        let mut fields = Vec::new();
        let zone = mapping.time_zone.as_ref();
        let mut targets = Vec::new();
        for column in &dataset.columns {
            let rule = mapping.columns.get(&column.name);
            let source = rule
                .map(|rule| source(rule, column.kind.into(), zone, &mut fields))
                .transpose()?;
            targets.push(Target {
                name: &column.name,
                is_required: column.required,
                source,
            });
        }
        let observed_at = match &mapping.observed_at {
            ObservedAt::Instant(instant) => Observing::Constant(instant.as_microsecond()),
            ObservedAt::Column(rule) => {
                Observing::Column(source(rule, Kind::Timestamp, zone, &mut fields)?)
            }
        };
        let index = |name: &String| {
            dataset
                .columns
                .iter()
                .position(|column| column.name == *name)
        };
        let key = dataset.key.iter().filter_map(index).collect();
        let time = dataset.time.as_ref().and_then(index);
        Ok(Self {
            fields,
            targets,
            key,
            time,
            observed_at,
        })
    }

    /// The row of a record, or all that is wrong with it.
    ///
    /// Three places are kept free for the envelope.
    pub(super) fn row<'r>(&'r self, cells: &'r [Cell<'r>]) -> Result<(Row<'r>, i64), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut row = Vec::with_capacity(self.targets.len() + 3);
        for target in &self.targets {
            match target.value(cells) {
                Ok(value) => row.push(value),
                Err(reason) => faults.push(Fault::of(target.name, target.field(), reason)),
            }
        }
        match self.observed_at.instant(cells) {
            Ok(observed_at) if faults.is_empty() => return Ok((row, observed_at)),
            Ok(_) => {}
            Err(reason) => faults.push(Fault::of("observed_at", None, reason)),
        }
        Err(faults)
    }

    /// The key of a row within its observation, as comparable bytes.
    pub(super) fn key(&self, row: &Row<'_>, observed_at: i64) -> Vec<u8> {
        let mut bytes = key_bytes(self.key_values(row));
        if let Observing::Column(_) = self.observed_at {
            bytes.extend_from_slice(&observed_at.to_le_bytes());
        }
        bytes
    }

    /// The values of the key columns.
    pub(super) fn key_values<'a, 'r>(
        &'a self,
        row: &'a Row<'r>,
    ) -> impl Iterator<Item = Option<&'a Value<'r>>> {
        self.key
            .iter()
            .map(|index| row.get(*index).and_then(Option::as_ref))
    }

    /// The value of the dataset's time column.
    pub(super) fn time<'a, 'r>(&self, row: &'a Row<'r>) -> Option<&'a Value<'r>> {
        row.get(self.time?)?.as_ref()
    }

    /// Each column with the value of a row.
    pub(super) fn named<'a, 'r>(
        &'a self,
        row: &'a Row<'r>,
    ) -> impl Iterator<Item = (&'a str, Option<&'a Value<'r>>)> {
        self.targets
            .iter()
            .map(|target| target.name)
            .zip(row.iter().map(Option::as_ref))
    }
}

/// A rule made ready; its fields join those to be read.
fn source<'i>(
    rule: &'i ColumnRule,
    kind: Kind,
    zone: Option<&'i TimeZone>,
    fields: &mut Vec<String>,
) -> Result<Source<'i>, EvidenceError> {
    let cells = rule
        .fields()
        .into_iter()
        .map(|field| place_of(fields, field))
        .collect();
    let rule = Rule::new(rule, kind, zone).map_err(Problem::new)?;
    Ok(Source { rule, cells })
}

fn place_of(fields: &mut Vec<String>, field: &str) -> usize {
    let found = fields.iter().position(|known| known == field);
    found.unwrap_or_else(|| {
        fields.push(field.to_owned());
        fields.len() - 1
    })
}

impl<'i> Source<'i> {
    fn value<'r>(&'r self, cells: &'r [Cell<'r>]) -> Result<Option<Value<'r>>, String> {
        match self.cells.as_slice() {
            [only] => self
                .rule
                .value(&[cells.get(*only).unwrap_or(&Cell::Absent)]),
            several => {
                let pick = |index: &usize| cells.get(*index).unwrap_or(&Cell::Absent);
                self.rule
                    .value(&several.iter().map(pick).collect::<Vec<_>>())
            }
        }
    }
}

impl Target<'_> {
    /// The only field of the source that the rule reads.
    fn field(&self) -> Option<&str> {
        self.source.as_ref()?.rule.field()
    }

    fn value<'r>(&'r self, cells: &'r [Cell<'r>]) -> Result<Option<Value<'r>>, String> {
        let Some(source) = &self.source else {
            return Ok(None);
        };
        let value = source.value(cells)?;
        if value.is_none() && self.is_required {
            return Err("is empty, and the dataset requires one".to_owned());
        }
        Ok(value)
    }
}

impl Observing<'_> {
    fn instant(&self, cells: &[Cell<'_>]) -> Result<i64, String> {
        match self {
            Observing::Constant(us) => Ok(*us),
            Observing::Column(source) => match source.value(cells)? {
                Some(Value::Timestamp(us)) => Ok(us),
                _ => Err("is empty".to_owned()),
            },
        }
    }
}
