//! The SQLite file with everything about access that is secret or not audited:
//! hashes, sessions, invitations, ceremonies, and what a person prefers.
//!
//! Must hold: the file is readable by its owner alone; of a secret that comes
//! back only its hash is kept; what can be used once is taken in the transaction
//! that uses it; nothing here decides who exists, that is the ledger's.

mod ceremonies;
mod credentials;
mod deliveries;
mod expiry;
mod idempotency;
mod invitations;
mod keep;
mod personal;
mod sessions;
mod tokens;

use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Params, Row, Transaction, TransactionBehavior};
use tickmark_catalog::Problem;

pub(crate) use ceremonies::CEREMONY_MINUTES;
pub use credentials::KeptPasskey;
pub use deliveries::Delivery;
pub use idempotency::Idempotency;

pub use personal::SavedView;

/// Each makes the layout of the number it stands at, counted from 1.
const MIGRATIONS: &[&str] = &[include_str!("sql/schema_1.sql")];

/// The file of secrets of one realm.
pub struct AccessStore {
    conn: Mutex<Connection>,
    path: PathBuf,
}

impl fmt::Debug for AccessStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl AccessStore {
    /// Opens the file, or creates it for its owner alone (mode 0600).
    ///
    /// # Errors
    /// When it cannot be read or written, or a newer program wrote it.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        for_owner_only(path)?;
        let conn = Connection::open(path).map_err(|error| failed(path, &error))?;
        Self::prepare(conn, path)
    }

    /// A store that is gone when it is dropped, for tests.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn open_in_memory() -> Result<Self, Problem> {
        let path = Path::new(":memory:");
        let conn = Connection::open_in_memory().map_err(|error| failed(path, &error))?;
        Self::prepare(conn, path)
    }

    /// Copies the file as it is now to the new file `to`, for its owner alone,
    /// also while a server writes to it.
    ///
    /// # Errors
    /// When it cannot be read, or `to` holds anything.
    pub fn copy_file(from: &Path, to: &Path) -> Result<(), Problem> {
        for_owner_only(to)?;
        let copy = || {
            let conn = Connection::open(from)?;
            conn.execute_batch(include_str!("sql/pragmas.sql"))?;
            execute(
                &conn,
                include_str!("sql/copy_into.sql"),
                [to.to_string_lossy()],
            )
        };
        copy().map(|_| ()).map_err(|error| failed(from, &error))
    }

    /// Asks SQLite whether the file is sound.
    ///
    /// # Errors
    /// What it finds wrong.
    pub fn check_file(path: &Path) -> Result<(), Problem> {
        let store = Self::open(path)?;
        let found: String = store.read(|conn| {
            conn.query_row(include_str!("sql/integrity_check.sql"), [], |row| {
                row.get(0)
            })
        })?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(Problem::new(format!("`{}` is damaged", path.display())).cause(found)),
        }
    }

    /// Whether it can be read and written now; changes nothing.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self) -> Result<(), Problem> {
        self.write(|conn| conn.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)))
            .map(|_| ())
    }

    /// Ends every session and everything that was begun and not finished: for a
    /// copy that is put back, where what was ended since would live again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_everything_begun(&self) -> Result<(), Problem> {
        self.write(|conn| conn.execute_batch(include_str!("sql/end_everything_begun.sql")))
    }

    fn prepare(conn: Connection, path: &Path) -> Result<Self, Problem> {
        conn.set_prepared_statement_cache_capacity(128);
        let store = Self {
            conn: Mutex::new(conn),
            path: path.to_owned(),
        };
        store.read(|conn| conn.execute_batch(include_str!("sql/pragmas.sql")))?;
        store.migrate()?;
        Ok(store)
    }

    fn migrate(&self) -> Result<(), Problem> {
        let is_newer = self.write(|conn| {
            let version = |row: &Row<'_>| row.get::<_, u32>(0);
            let mut found = conn.pragma_query_value(None, "user_version", version)?;
            for migration in MIGRATIONS.iter().skip(found as usize) {
                conn.execute_batch(migration)?;
                found += 1;
                conn.pragma_update(None, "user_version", found)?;
            }
            Ok(found as usize > MIGRATIONS.len())
        })?;
        if !is_newer {
            return Ok(());
        }
        let newer = format!("`{}` was written by a newer program", self.path.display());
        Err(Problem::new(newer).hint("update this program"))
    }

    /// Runs statements that change nothing.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Problem> {
        work(&self.lock()).map_err(|error| failed(&self.path, &error))
    }

    /// Runs statements in one transaction.
    fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Problem> {
        self.transact(work)
            .map_err(|error| failed(&self.path, &error))
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let conn = self.lock();
        let transaction = Transaction::new_unchecked(&conn, TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// A panic elsewhere rolled its transaction back; the connection is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn for_owner_only(path: &Path) -> Result<(), Problem> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let private = options.mode(0o600).open(path).and_then(|file| {
        let mut permissions = file.metadata()?.permissions();
        permissions.set_mode(0o600);
        file.set_permissions(permissions)
    });
    private.map_err(|error| {
        Problem::new(format!("cannot open `{}`", path.display()))
            .cause(error.to_string())
            .hint("check that the folder exists and that you may write there")
    })
}

fn failed(path: &Path, error: &rusqlite::Error) -> Problem {
    if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
        return Problem::new("that is no longer there").hint("load the page anew");
    }
    Problem::new(format!("cannot use `{}`", path.display()))
        .cause(error.to_string())
        .hint("check the disk, and that no other program changes the file")
}

/// Runs a prepared statement; the number of rows it changed.
fn execute(conn: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
    conn.prepare_cached(sql)?.execute(params)
}

/// Runs a prepared statement that must change a row.
fn execute_one(conn: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<()> {
    match execute(conn, sql, params)? {
        0 => Err(rusqlite::Error::QueryReturnedNoRows),
        _ => Ok(()),
    }
}

/// An instant as the file keeps it.
fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The instant in a column.
fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let ms = row.get(column)?;
    Timestamp::from_millisecond(ms).map_err(|error| unreadable(column, Type::Integer, error))
}

/// The instant in a column that may be null.
fn optional_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    match row.get::<_, Option<i64>>(column)? {
        Some(_) => instant(row, column).map(Some),
        None => Ok(None),
    }
}

/// The value in a column of text, for example an id.
fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse()
        .map_err(|error| unreadable(column, Type::Text, error))
}

fn unreadable(
    column: usize,
    kind: Type,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
}

#[cfg(test)]
mod tests;
