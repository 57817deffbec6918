//! Idempotency keys: a request that comes again is answered as it was.
//!
//! Must hold: of two requests with one key at the same instant one runs; a key
//! is of one account and one request, and forgotten after
//! [`KEY_HOURS`].

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Row, params};
use tickmark_catalog::Problem;

use super::{AccessStore, execute, ms};
use crate::id::AccountId;
use crate::secret::Digest;

/// How long an answer is kept, in hours.
const KEY_HOURS: i64 = 24;

/// What is known of a request that carries a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It is the first: run it, then say how it ended.
    First,
    /// The first one still runs.
    Running,
    /// It was answered like this.
    Answered {
        /// HTTP status.
        status: u16,
        /// Body of the answer.
        body: Vec<u8>,
    },
    /// The key was used for another request.
    Mismatch,
}

impl AccessStore {
    /// Begins a request with a key. `request` is the digest of method, path and
    /// body.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin_idempotent(
        &self,
        account: &AccountId,
        key: &str,
        request: Digest,
        now: Timestamp,
    ) -> Result<Idempotency, Problem> {
        let lifetime = SignedDuration::from_hours(KEY_HOURS);
        let expires_at = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let account = account.as_str();
        self.write(|conn| {
            let expire = include_str!("../sql/delete_idempotency_if_expired.sql");
            execute(conn, expire, params![account, key, ms(now)])?;
            let insert = include_str!("../sql/insert_idempotency.sql");
            let row = params![account, key, request, ms(expires_at)];
            if execute(conn, insert, row)? > 0 {
                return Ok(Idempotency::First);
            }
            conn.prepare_cached(include_str!("../sql/select_idempotency.sql"))?
                .query_row([account, key], |row| known(row, request))
        })
    }

    /// Keeps the answer to the first request.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish_idempotent(
        &self,
        account: &AccountId,
        key: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), Problem> {
        let sql = include_str!("../sql/finish_idempotency.sql");
        self.write(|conn| execute(conn, sql, params![account.as_str(), key, status, body]))
            .map(|_| ())
    }

    /// Forgets a first request that failed and may be tried again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn abandon_idempotent(&self, account: &AccountId, key: &str) -> Result<(), Problem> {
        let sql = include_str!("../sql/abandon_idempotency.sql");
        self.write(|conn| execute(conn, sql, [account.as_str(), key]))
            .map(|_| ())
    }
}

fn known(row: &Row<'_>, request: Digest) -> rusqlite::Result<Idempotency> {
    if row.get::<_, Digest>(0)? != request {
        return Ok(Idempotency::Mismatch);
    }
    Ok(match row.get(1)? {
        Some(status) => Idempotency::Answered {
            status,
            body: row.get::<_, Option<Vec<u8>>>(2)?.unwrap_or_default(),
        },
        None => Idempotency::Running,
    })
}
