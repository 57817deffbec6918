//! First halves of passkey and single sign-on ceremonies: each is finished once,
//! within [`CEREMONY_MINUTES`].

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tickmark_catalog::Problem;

use super::{AccessStore, execute, instant, ms};
use crate::secret::CeremonySecret;

/// How long a person may take, in minutes.
pub(crate) const CEREMONY_MINUTES: i64 = 10;

impl AccessStore {
    /// Keeps the first half of a ceremony.
    pub(crate) fn start_ceremony(
        &self,
        secret: &CeremonySecret,
        kind: &str,
        state: &impl Serialize,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let state = serde_json::to_string(state).map_err(|error| unkept(&error))?;
        let expires_at = now
            .checked_add(SignedDuration::from_mins(CEREMONY_MINUTES))
            .unwrap_or(Timestamp::MAX);
        let sql = include_str!("../sql/insert_ceremony.sql");
        let row = params![secret.digest(), kind, state, ms(expires_at)];
        self.write(|conn| execute(conn, sql, row)).map(|_| ())
    }

    /// Takes the first half of a ceremony; `None` when there is none of this
    /// kind, or it was taken or is expired.
    pub(crate) fn take_ceremony<T: DeserializeOwned>(
        &self,
        secret: &CeremonySecret,
        kind: &str,
        now: Timestamp,
    ) -> Result<Option<T>, Problem> {
        let taken = self.write(|conn| {
            conn.prepare_cached(include_str!("../sql/take_ceremony.sql"))?
                .query_row(params![secret.digest(), kind], |row| {
                    Ok((row.get::<_, String>(0)?, instant(row, 1)?))
                })
                .optional()
        })?;
        let state = taken.filter(|(_, expires_at)| now < *expires_at);
        state
            .map(|(state, _)| serde_json::from_str(&state).map_err(|error| unkept(&error)))
            .transpose()
    }
}

fn unkept(error: &serde_json::Error) -> Problem {
    Problem::new("the ceremony could not be kept")
        .cause(error.to_string())
        .hint("start again")
}
