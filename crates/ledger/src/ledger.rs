//! A ledger that is open for writing, and handles to it.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread::JoinHandle;

use jiff::Timestamp;

use crate::entry::NewEntry;
use crate::error::{LedgerError, Result};
use crate::event::LedgerEvent;
use crate::high_water;
use crate::key::{LogKey, verifier_key_of};
use crate::lock::WriterLock;
use crate::reader::LedgerReader;
use crate::store::Store;
use crate::writer::{Clock, Random, Receipt, Request, Writer, WriterParts};

/// Everything a ledger needs from outside.
pub struct Settings {
    /// The database file.
    pub database: PathBuf,
    /// The high-water mark: a file outside the database and its backups.
    pub high_water_mark: PathBuf,
    /// The key that signs checkpoints.
    pub key: LogKey,
    /// Every kind of entry the caller can read, besides the ledger's own.
    pub known_kinds: Vec<String>,
    /// Where the time is read.
    pub clock: Clock,
    /// Where random bytes come from.
    pub random: Random,
    synchronous: &'static str,
}

impl Settings {
    /// Settings for the ledger in `database`.
    pub fn new(
        database: &Path,
        high_water_mark: &Path,
        key: LogKey,
        known_kinds: &[&str],
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        random: impl FnMut(&mut [u8]) + Send + 'static,
    ) -> Self {
        let own = LedgerEvent::KINDS.iter();
        Self {
            database: database.to_owned(),
            high_water_mark: high_water_mark.to_owned(),
            key,
            known_kinds: own
                .chain(known_kinds)
                .map(|&kind| kind.to_owned())
                .collect(),
            clock: std::sync::Arc::new(clock),
            random: Box::new(random),
            synchronous: "FULL",
        }
    }

    /// Weakens durability so that a crash test can show that it would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn weakened_for_negative_control(mut self, synchronous: &'static str) -> Self {
        self.synchronous = synchronous;
        self
    }
}

/// A ledger open for writing. Dropping it waits for the writer to finish.
pub struct Ledger {
    handle: LedgerHandle,
    writer: Option<JoinHandle<()>>,
}

/// A way to write to an open ledger; cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct LedgerHandle {
    requests: Sender<Request>,
    known_kinds: std::sync::Arc<[String]>,
    database: PathBuf,
}

impl Ledger {
    /// Creates an empty ledger whose checkpoints are named `origin`, such as
    /// `fernhollow.example/ledger`.
    ///
    /// # Errors
    /// [`LedgerError::Exists`] when there is one, [`LedgerError::Refused`] when
    /// a high-water mark shows that there was one or the origin cannot be used.
    pub fn create(settings: Settings, origin: &str) -> Result<Self> {
        settings.key.note_signer(origin)?;
        crate::files::create_folder(crate::files::folder_of(&settings.database))?;
        if settings.high_water_mark.exists() {
            return Err(LedgerError::refused(format!(
                "the high-water mark `{}` exists already: a ledger was signed here; put its database back",
                settings.high_water_mark.display()
            )));
        }
        let lock = WriterLock::take(&settings.database)?;
        let store = Store::open_writer(&settings.database, settings.synchronous)?;
        if store.has_tables()? {
            return Err(LedgerError::Exists {
                path: settings.database,
            });
        }
        store.create_tables(origin, &settings.key.public_key())?;
        crate::files::sync_folder(crate::files::folder_of(&settings.database))?;
        Self::start(settings, store, lock)
    }

    /// Opens a ledger for writing.
    ///
    /// # Errors
    /// [`LedgerError::InUse`], [`LedgerError::Missing`],
    /// [`LedgerError::NewerFormat`], [`LedgerError::UnknownKind`],
    /// [`LedgerError::WrongKey`], [`LedgerError::RolledBack`] when it does not
    /// extend the last head it signed, [`LedgerError::Damaged`] when the stored
    /// head is not that of the entries.
    pub fn open(settings: Settings) -> Result<Self> {
        let (store, lock) = open_store(&settings)?;
        let reader = LedgerReader::open(&settings.database)?;
        high_water::check(&reader, &settings.high_water_mark)?;
        Self::start(settings, store, lock)
    }

    /// A handle for other threads.
    #[must_use]
    pub fn handle(&self) -> LedgerHandle {
        self.handle.clone()
    }

    pub(crate) fn start(settings: Settings, store: Store, lock: WriterLock) -> Result<Self> {
        let known_kinds = settings.known_kinds.into();
        let database = settings.database;
        let mut writer = Writer::start(WriterParts {
            meta: store.meta()?,
            store,
            key: settings.key,
            high_water_mark: settings.high_water_mark,
            clock: settings.clock,
            random: settings.random,
            lock,
        })?;
        if writer.meta.vacuum_due {
            writer.rewrite_erased_pages()?;
        }
        let (requests, received) = channel();
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || writer.serve(&received))
            .map_err(|error| LedgerError::file("start the writer of", &database, error))?;
        Ok(Self {
            handle: LedgerHandle {
                requests,
                known_kinds,
                database,
            },
            writer: Some(thread),
        })
    }
}

/// Opens the database for writing once lock, kinds and key are right.
pub(crate) fn open_store(settings: &Settings) -> Result<(Store, WriterLock)> {
    if !settings.database.is_file() {
        return Err(LedgerError::Missing {
            path: settings.database.clone(),
        });
    }
    let lock = WriterLock::take(&settings.database)?;
    let store = Store::open_writer(&settings.database, settings.synchronous)?;
    let meta = store.meta()?;
    store.check_kinds(&settings.known_kinds)?;
    if meta.public_key != settings.key.public_key() {
        return Err(LedgerError::WrongKey {
            expected: verifier_key_of(&meta.origin(), &meta.public_key)?,
            given: settings.key.verifier_key(&meta.origin()),
        });
    }
    Ok((store, lock))
}

impl Deref for Ledger {
    type Target = LedgerHandle;

    fn deref(&self) -> &LedgerHandle {
        &self.handle
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Both fail only when the writer has ended already.
        let _ = self.handle.requests.send(Request::Stop);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl LedgerHandle {
    /// Appends entries, all or none, and waits until they are durable.
    /// Several callers share one commit.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when an entry cannot be accepted (nothing is
    /// written), [`LedgerError::Stopped`] when the write failed.
    pub fn append(&self, entries: Vec<NewEntry>) -> Result<Vec<Receipt>> {
        let prepared = entries
            .iter()
            .map(|entry| {
                self.check_known(&entry.kind)?;
                refuse_own(&entry.kind)?;
                entry.prepare()
            })
            .collect::<Result<Vec<_>>>()?;
        let (reply, answer) = sync_channel(1);
        self.send(Request::Append(prepared, reply))?;
        answer.recv().map_err(|_| LedgerError::Closed)?
    }

    /// Signs the current head, or returns the checkpoint already signed for it
    /// with its cosignatures. The high-water mark is durable before this returns.
    ///
    /// # Errors
    /// [`LedgerError::RolledBack`] when the head does not extend the last one
    /// signed; nothing is signed then.
    pub fn checkpoint(&self) -> Result<Vec<u8>> {
        self.run(Writer::checkpoint)
    }

    /// Keeps signature lines that witnesses returned for `checkpoint`.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when this ledger never signed that checkpoint
    /// or a line is not a signature line.
    pub fn add_cosignatures(&self, checkpoint: &[u8], lines: &[String]) -> Result<()> {
        let (checkpoint, lines) = (checkpoint.to_vec(), lines.to_vec());
        self.run(move |writer| writer.add_cosignatures(&checkpoint, &lines))
    }

    /// Erases the body of entry `index` and records that, in one transaction;
    /// then rewrites the file so that no page keeps a trace.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when there is no such entry, its body is gone
    /// already, or it belongs to the ledger itself.
    pub fn erase(&self, actor: &str, index: u64, legal_basis: &str) -> Result<Receipt> {
        let event = LedgerEvent::BodyErased {
            index,
            legal_basis: legal_basis.to_owned(),
        };
        if legal_basis.trim().is_empty() {
            return Err(LedgerError::refused(
                "an erasure needs a legal basis, such as the provision it rests on",
            ));
        }
        let entry = NewEntry::from_event(actor, format!("entry-{index}"), &event)?.prepare()?;
        self.run(move |writer| writer.erase(index, entry))
    }

    /// Signs with another key from here on. The rotation is an entry, and the
    /// checkpoint that follows it is signed with both keys.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the key is the one in use.
    pub fn rotate_key(&self, actor: &str, key: LogKey) -> Result<Vec<u8>> {
        let actor = actor.to_owned();
        self.run(move |writer| writer.rotate_key(&actor, key))
    }

    /// Whether an entry could be written now: the writer lives and holds its
    /// lock, no write has failed, and the file lets a transaction begin. Nothing
    /// is written.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`], [`LedgerError::Closed`], or what the file says.
    pub fn check_writable(&self) -> Result<()> {
        self.run(Writer::check_writable)
    }

    /// A reader of the same ledger.
    ///
    /// # Errors
    /// Those of [`LedgerReader::open`].
    pub fn reader(&self) -> Result<LedgerReader> {
        LedgerReader::open(&self.database)
    }

    /// Runs something on the writer's thread and waits for its answer.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = sync_channel(1);
        let job = Box::new(move |writer: &mut Writer| {
            let outcome = writer.refuse_if_stopped().and_then(|()| work(writer));
            let _ = reply.send(outcome);
        });
        self.send(Request::Run(job))?;
        answer.recv().map_err(|_| LedgerError::Closed)?
    }

    fn send(&self, request: Request) -> Result<()> {
        self.requests.send(request).map_err(|_| LedgerError::Closed)
    }

    fn check_known(&self, kind: &str) -> Result<()> {
        if self.known_kinds.iter().any(|known| known == kind) {
            return Ok(());
        }
        Err(LedgerError::refused(format!(
            "`{kind}` is not a kind this ledger was opened with"
        )))
    }
}

/// Entries that go with a change of the ledger itself are written by whoever
/// makes that change: an entry alone would say what did not happen.
fn refuse_own(kind: &str) -> Result<()> {
    if LedgerEvent::KINDS.contains(&kind) && kind != LedgerEvent::OPENED {
        return Err(LedgerError::refused(format!(
            "an entry of kind `{kind}` is only written by the ledger itself"
        )));
    }
    Ok(())
}
