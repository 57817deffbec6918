//! One entry as a state is folded from it, whether it was read from a
//! workspace's own ledger or verified out of a package.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tickmark_catalog::Problem;
use tickmark_ledger::Record;
use tickmark_ledger::verifier::VerifiedRecord;

use crate::error::{Error, Result};

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Index of the entry.
    pub index: u64,
    /// When the ledger recorded it.
    pub at: Timestamp,
    /// Who did it, as an opaque id.
    pub actor: String,
    /// Kind and version.
    pub kind: String,
    /// What it is about, as an opaque id.
    pub subject: String,
    /// What happened; `None` once erased.
    pub body: Option<Value>,
}

impl Told {
    /// Decodes the event; `None` once erased.
    ///
    /// # Errors
    /// When the body does not fit the kind.
    pub fn event<E: DeserializeOwned>(&self) -> Result<Option<E>> {
        let Some(body) = &self.body else {
            return Ok(None);
        };
        let tagged = json!({ "kind": self.kind, "body": body });
        serde_json::from_value(tagged)
            .map(Some)
            .map_err(|error| self.wrong(&error.to_string()))
    }

    /// The error of an entry that cannot stand where it stands.
    pub(crate) fn wrong(&self, why: &str) -> Error {
        Error::Damaged(
            Problem::new(format!(
                "entry {} of kind `{}` cannot be taken in",
                self.index, self.kind
            ))
            .cause(why.to_owned()),
        )
    }
}

impl TryFrom<Record> for Told {
    type Error = Error;

    fn try_from(record: Record) -> Result<Self> {
        let body = record.value()?;
        let entry = record.entry;
        Ok(Self {
            index: entry.idx,
            at: entry.at,
            actor: entry.actor,
            kind: entry.kind,
            subject: entry.subject,
            body,
        })
    }
}

impl From<VerifiedRecord> for Told {
    fn from(record: VerifiedRecord) -> Self {
        let entry = record.entry;
        Self {
            index: entry.index,
            at: entry.at,
            actor: entry.actor,
            kind: entry.kind,
            subject: entry.subject,
            body: record.body,
        }
    }
}
