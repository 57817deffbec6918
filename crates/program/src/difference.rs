//! The difference between the program as recorded and a folder, told record by
//! record, and the events that record it.
//!
//! Must hold: there are events exactly when a file differs; a folder with a
//! problem gives no events at all; a file whose records are unchanged is named
//! too, so nothing is recorded unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;
use tickmark_catalog::Problems;

use crate::event::ProgramEvent;
use crate::program::Program;
use crate::record::RecordKind;
use crate::record_view::{RecordView, records};
use crate::state::ProgramState;

/// What is new in a folder, and how to record it.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What changed, for a person: by kind of record and id.
    pub changes: Vec<Change>,
    /// What to append to the ledger, by path.
    pub events: Vec<ProgramEvent>,
}

/// One change of the program.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A record is new.
    Added {
        /// The record.
        #[serde(flatten)]
        record: ChangedRecord,
    },
    /// A record is there no more.
    Removed {
        /// The record.
        #[serde(flatten)]
        record: ChangedRecord,
    },
    /// A record says something else.
    Changed {
        /// The record.
        #[serde(flatten)]
        record: ChangedRecord,
        /// What it says otherwise, at least one.
        fields: Vec<FieldChange>,
    },
    /// A file has another text, but no record in it changed.
    Rewritten {
        /// The file.
        file: String,
    },
}

/// The record that a change is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangedRecord {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id; empty for a kind of which there is only one.
    pub id: String,
    /// Its title, when it has one.
    pub title: Option<String>,
    /// The file it stands in.
    pub file: String,
}

/// A field that says something else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// What it said; null when it was absent.
    pub before: Value,
    /// What it says; null when it is absent.
    pub after: Value,
}

/// The difference between the recorded state and the texts of a folder.
///
/// # Errors
/// Everything that is wrong with the folder; then nothing is to be recorded.
pub fn diff(
    state: &ProgramState,
    files: &BTreeMap<String, String>,
) -> Result<Difference, Problems> {
    let program = Program::parse(files)?;
    let events = events_between(state, files);
    // A recorded program that today's rules refuse is compared as if it held
    // no records: everything shows as added, and the folder can be recorded.
    let recorded = state.program().ok();
    let before = recorded.as_ref().map(records).unwrap_or_default();
    let mut changes = changes_between(&before, &records(&program));
    changes.extend(rewritten_files(&changes, &events));
    Ok(Difference { changes, events })
}

fn events_between(state: &ProgramState, files: &BTreeMap<String, String>) -> Vec<ProgramEvent> {
    let recorded = state.files();
    let is_new = |(path, text): &(&String, &String)| {
        recorded.get(*path).is_none_or(|file| file.text != **text)
    };
    let set = files
        .iter()
        .filter(is_new)
        .map(|(path, text)| ProgramEvent::file_set(path, text));
    let gone = recorded.keys().filter(|path| !files.contains_key(*path));
    let mut events: Vec<ProgramEvent> = set
        .chain(gone.map(|path| ProgramEvent::file_removed(path)))
        .collect();
    events.sort_by(|a, b| a.path().cmp(b.path()));
    events
}

type Records = BTreeMap<(RecordKind, String), RecordView>;

fn changes_between(before: &Records, after: &Records) -> Vec<Change> {
    let keys: BTreeSet<&(RecordKind, String)> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter_map(|key| change_of(key, before.get(key), after.get(key)))
        .collect()
}

fn change_of(
    key: &(RecordKind, String),
    before: Option<&RecordView>,
    after: Option<&RecordView>,
) -> Option<Change> {
    let record = |view: &RecordView| ChangedRecord {
        kind: key.0,
        id: key.1.clone(),
        title: view.title.clone(),
        file: view.file.clone(),
    };
    match (before, after) {
        (None, Some(after)) => Some(Change::Added {
            record: record(after),
        }),
        (Some(before), None) => Some(Change::Removed {
            record: record(before),
        }),
        (Some(before), Some(after)) if before.fields != after.fields => Some(Change::Changed {
            record: record(after),
            fields: field_changes(before, after),
        }),
        _ => None,
    }
}

fn field_changes(before: &RecordView, after: &RecordView) -> Vec<FieldChange> {
    let mut names: Vec<&String> = after.fields.keys().collect();
    names.extend(
        before
            .fields
            .keys()
            .filter(|name| !after.fields.contains_key(*name)),
    );
    let value =
        |view: &RecordView, name: &str| view.fields.get(name).cloned().unwrap_or(Value::Null);
    let change = |name: &String| FieldChange {
        field: name.clone(),
        before: value(before, name),
        after: value(after, name),
    };
    names
        .into_iter()
        .map(change)
        .filter(|change| change.before != change.after)
        .collect()
}

fn rewritten_files(changes: &[Change], events: &[ProgramEvent]) -> Vec<Change> {
    let named: BTreeSet<&str> = changes.iter().map(Change::file).collect();
    let unnamed = events
        .iter()
        .map(ProgramEvent::path)
        .filter(|path| !named.contains(path));
    unnamed
        .map(|path| Change::Rewritten {
            file: path.to_owned(),
        })
        .collect()
}

impl Change {
    /// The file in which it shows.
    pub fn file(&self) -> &str {
        match self {
            Self::Added { record } | Self::Removed { record } | Self::Changed { record, .. } => {
                &record.file
            }
            Self::Rewritten { file } => file,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { record } => write!(f, "added {record}"),
            Self::Removed { record } => write!(f, "removed {record}"),
            Self::Changed { record, fields } => {
                write!(f, "changed {record}")?;
                fields.iter().try_for_each(|field| write!(f, "\n  {field}"))
            }
            Self::Rewritten { file } => write!(f, "rewrote `{file}` without changing a record"),
        }
    }
}

impl fmt::Display for ChangedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if !self.id.is_empty() {
            write!(f, " `{}`", self.id)?;
        }
        self.title
            .as_ref()
            .map_or(Ok(()), |title| write!(f, ": {title}"))
    }
}

/// Longest value that is shown in full.
const SHOWN_CHARS: usize = 60;

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ", self.field)?;
        if let (Value::Array(before), Value::Array(after)) = (&self.before, &self.after) {
            return write_list_change(f, before, after);
        }
        match (short(&self.before), short(&self.after)) {
            (Some(before), Some(after)) => write!(f, "from {before} to {after}"),
            _ => f.write_str("is reworded"),
        }
    }
}

fn write_list_change(f: &mut fmt::Formatter<'_>, before: &[Value], after: &[Value]) -> fmt::Result {
    let only_in = |list: &[Value], other: &[Value]| -> Option<Vec<String>> {
        list.iter()
            .filter(|value| !other.contains(value))
            .map(short)
            .collect()
    };
    match (only_in(after, before), only_in(before, after)) {
        (Some(added), Some(dropped)) if added.is_empty() && dropped.is_empty() => {
            f.write_str("is reordered")
        }
        (Some(added), Some(dropped)) => {
            let part = |verb: &str, values: Vec<String>| {
                (!values.is_empty()).then(|| format!("{verb} {}", values.join(", ")))
            };
            let parts: Vec<String> = [part("adds", added), part("drops", dropped)]
                .into_iter()
                .flatten()
                .collect();
            f.write_str(&parts.join("; "))
        }
        _ => f.write_str("is reworded"),
    }
}

/// A value in backticks, when it is short enough to stand in a line.
fn short(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return Some("nothing".to_owned()),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    (text.chars().count() <= SHOWN_CHARS && !text.contains('\n')).then(|| format!("`{text}`"))
}
