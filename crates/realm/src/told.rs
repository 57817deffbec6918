//! One entry as a state is folded from it, whether it was read from a
//! workspace's own ledger or verified out of a package.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tickmark_access::{AccessEvent, AccessState};
use tickmark_catalog::Problem;
use tickmark_ledger::verifier::VerifiedRecord;
use tickmark_ledger::{Ledger, NewEntry, Receipt, Record};

use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::workspace::Workspace;

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

    /// Takes a change of who may come in into `state`. Of an erased one it is
    /// known whom it was about, and what kind of change it was.
    pub(crate) fn apply_access(&self, state: &mut AccessState) -> Result<()> {
        match self.event::<AccessEvent>()? {
            Some(event) => state
                .apply(&event, self.at)
                .map_err(|problem| self.wrong(&problem.to_string())),
            None => {
                state.apply_erased(&self.kind, &self.subject);
                Ok(())
            }
        }
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

impl Told {
    /// The error of a kind this program does not know: it is never skipped.
    pub(crate) fn unknown(&self) -> Error {
        Problem::new(format!(
            "entry {} is of kind `{}`, which this program does not know",
            self.index, self.kind
        ))
        .hint("use the version of Tickmark that wrote it, or a later one")
        .into()
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
            actor: entry.actor.to_string(),
            kind: entry.kind.to_string(),
            subject: entry.subject,
            body: record.body,
        }
    }
}

/// A realm's state: entries fold into it, one after the other.
pub trait Folded: Default {
    /// Folds one entry in. An entry whose body was erased leaves the state as
    /// it is: what it said is gone on purpose.
    ///
    /// # Errors
    /// An entry of a kind this program does not know, or one that contradicts
    /// those before it.
    fn apply(&mut self, told: &Told) -> Result<()>;

    /// Entries folded in.
    fn size(&self) -> u64;

    /// Folds entries in, in order of index.
    ///
    /// # Errors
    /// As [`Self::apply`].
    fn fold<'t>(told: impl IntoIterator<Item = &'t Told>) -> Result<Self> {
        let mut state = Self::default();
        told.into_iter().try_for_each(|told| state.apply(told))?;
        Ok(state)
    }

    /// The state of a workspace, for readers: as of a moment, or of now.
    ///
    /// # Errors
    /// When the ledger cannot be read, ends before the entry asked for, or as
    /// [`Self::apply`].
    fn read(workspace: &Workspace, moment: Option<Moment>) -> Result<Self> {
        let reader = workspace.reader()?;
        let size = reader.head()?.size;
        if let Some(Moment::Entry(index)) = moment.filter(|it| !it.is_within(size)) {
            return Err(Problem::new(format!("the ledger has no entry {index}"))
                .hint(format!("it has {size} entries, counted from 0"))
                .into());
        }
        let mut state = Self::default();
        for record in reader.entries(0..size) {
            let told = Told::try_from(record?)?;
            if moment.is_some_and(|moment| !moment.has(told.index, told.at)) {
                break;
            }
            state.apply(&told)?;
        }
        Ok(state)
    }

    /// Appends entries to the ledger and folds in what was written.
    ///
    /// # Errors
    /// When the ledger refuses; then the state is as it was.
    fn append(&mut self, ledger: &Ledger, entries: Vec<NewEntry>) -> Result<Vec<Receipt>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let receipts = ledger.append(entries)?;
        let start = receipts.first().map_or(self.size(), |it| it.index);
        for record in ledger.reader()?.entries(start..u64::MAX) {
            self.apply(&Told::try_from(record?)?)?;
        }
        Ok(receipts)
    }
}
