//! Hashes of API tokens, and when each was last used.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use tickmark_catalog::Problem;

use super::{AccessStore, execute, ms, optional_instant};
use crate::id::TokenId;
use crate::secret::Digest;

impl AccessStore {
    pub(crate) fn token_digest(&self, id: &TokenId) -> Result<Option<Digest>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_token.sql"))?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()
        })
    }

    /// When a token was last used, to the minute.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn token_used_at(&self, id: &TokenId) -> Result<Option<Timestamp>, Problem> {
        let used = self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_token_used.sql"))?
                .query_row([id.as_str()], |row| optional_instant(row, 0))
                .optional()
        })?;
        Ok(used.flatten())
    }

    /// Says that a token was used; written at most once a minute.
    pub(crate) fn touch_token(&self, id: &TokenId, now: Timestamp) -> Result<(), Problem> {
        let minute = SignedDuration::from_mins(1);
        let recently = now.checked_sub(minute).unwrap_or(Timestamp::MIN);
        if self.token_used_at(id)?.is_some_and(|used| used > recently) {
            return Ok(());
        }
        let sql = include_str!("../sql/touch_token.sql");
        self.write(|conn| execute(conn, sql, params![id.as_str(), ms(now)]))
            .map(|_| ())
    }
}
