//! One entry as a state is folded from it, whether it was read from a
//! workspace's own ledger or verified out of a package.

use std::sync::mpsc::{SyncSender, sync_channel};

use jiff::Timestamp;
use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde_json::Value;
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
        let kind = BorrowedStrDeserializer::new(self.kind.as_str());
        let tagged = [("kind", Part::Kind(kind)), ("body", Part::Body(body))];
        E::deserialize(MapDeserializer::new(tagged.into_iter()))
            .map(Some)
            .map_err(|error: serde_json::Error| self.wrong(&error.to_string()))
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

/// Kind or body of an entry, as an event is read from them: in place, since a
/// ledger has a million of them.
enum Part<'t> {
    Kind(BorrowedStrDeserializer<'t, serde_json::Error>),
    Body(&'t Value),
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for Part<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Part<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Kind(kind) => kind.deserialize_any(visitor),
            Self::Body(body) => body.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self {
            Self::Kind(kind) => kind.deserialize_struct(name, fields, visitor),
            Self::Body(body) => body.deserialize_struct(name, fields, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self {
            Self::Kind(kind) => kind.deserialize_enum(name, variants, visitor),
            Self::Body(body) => body.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Kind(kind) => kind.deserialize_option(visitor),
            Self::Body(body) => body.deserialize_option(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self {
            Self::Kind(kind) => kind.deserialize_newtype_struct(name, visitor),
            Self::Body(body) => body.deserialize_newtype_struct(name, visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier
        ignored_any
    }
}

/// Entries read at once while those before are folded.
const AHEAD: usize = 2048;

/// Reads and decodes the first `size` entries, in order, a little ahead of
/// whoever folds them. Ends when nobody wants more; what comes before an entry
/// that cannot be read is sent all the same.
fn read_ahead(workspace: &Workspace, size: u64, send: &SyncSender<Vec<Told>>) -> Result<()> {
    let reader = workspace.reader()?;
    let mut told = Vec::new();
    for record in reader.entries(0..size) {
        match record.map_err(Error::from).and_then(Told::try_from) {
            Ok(it) => told.push(it),
            Err(error) => {
                let _ = send.send(told);
                return Err(error);
            }
        }
        if told.len() == AHEAD && send.send(std::mem::take(&mut told)).is_err() {
            return Ok(());
        }
    }
    let _ = send.send(told);
    Ok(())
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
        std::thread::scope(|scope| {
            let (send, received) = sync_channel(4);
            let reading = scope.spawn(move || read_ahead(workspace, size, &send));
            let mut state = Self::default();
            for told in received.into_iter().flatten() {
                if moment.is_some_and(|moment| !moment.has(told.index, told.at)) {
                    return Ok(state);
                }
                state.apply(&told)?;
            }
            match reading.join() {
                Ok(read) => read.map(|()| state),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
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
