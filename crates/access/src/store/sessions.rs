//! Sessions, sign-ins that wait for their second factor, and failed attempts.
//!
//! Must hold: an attempt is counted before it is made, so that guesses at the
//! same instant count as well.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use tickmark_catalog::Problem;

use super::{AccessStore, execute, execute_one, instant, ms, parsed};
use crate::id::AccountId;
use crate::lockout::{AttemptPolicy, Attempts};
use crate::secret::Digest;
use crate::session::{Session, SessionId, Visitor, methods_from, methods_text};
use crate::{Method, SessionPolicy};

impl AccessStore {
    pub(crate) fn start_session(
        &self,
        digest: Digest,
        account: &AccountId,
        methods: &[Method],
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let sql = include_str!("../sql/insert_session.sql");
        let address = visitor.address.to_string();
        let row = params![
            digest,
            account.as_str(),
            ms(now),
            visitor.short_user_agent(),
            address,
            methods_text(methods)
        ];
        self.write(|conn| execute(conn, sql, row)).map(|_| ())
    }

    /// A session, whether or not it is still one.
    pub(crate) fn session(&self, id: &SessionId) -> Result<Option<Session>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_session.sql"))?
                .query_row([id.digest()], session)
                .optional()
        })
    }

    /// The sessions of an account that still are, last seen first.
    pub(crate) fn sessions(
        &self,
        account: &AccountId,
        policy: &SessionPolicy,
        now: Timestamp,
    ) -> Result<Vec<Session>, Problem> {
        let (created_after, seen_after) = policy.oldest(now);
        let params = params![account.as_str(), ms(created_after), ms(seen_after)];
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_sessions.sql"))?
                .query_map(params, session)?
                .collect()
        })
    }

    pub(crate) fn touch_session(&self, id: &SessionId, now: Timestamp) -> Result<(), Problem> {
        let sql = include_str!("../sql/touch_session.sql");
        self.write(|conn| execute(conn, sql, params![id.digest(), ms(now)]))
            .map(|_| ())
    }

    pub(crate) fn end_session(&self, id: &SessionId) -> Result<(), Problem> {
        let sql = include_str!("../sql/delete_session.sql");
        self.write(|conn| execute(conn, sql, [id.digest()]))
            .map(|_| ())
    }

    pub(crate) fn end_session_of(
        &self,
        account: &AccountId,
        id: &SessionId,
    ) -> Result<(), Problem> {
        let sql = include_str!("../sql/delete_session_of_account.sql");
        self.write(|conn| execute_one(conn, sql, params![account.as_str(), id.digest()]))
    }

    /// Ends the sessions, waiting sign-ins and invitations of an account; for an
    /// account that was closed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn shut_out(&self, account: &AccountId) -> Result<(), Problem> {
        self.write(|conn| {
            let sessions = include_str!("../sql/delete_sessions_except.sql");
            execute(conn, sessions, params![account.as_str(), None::<Digest>])?;
            let pending = include_str!("../sql/delete_pending_of_account.sql");
            execute(conn, pending, [account.as_str()])?;
            let invitations = include_str!("../sql/delete_invitations_of_account.sql");
            execute(conn, invitations, [account.as_str()])
        })
        .map(|_| ())
    }

    pub(crate) fn start_pending(
        &self,
        digest: Digest,
        account: &AccountId,
        methods: &[Method],
        expires_at: Timestamp,
    ) -> Result<(), Problem> {
        let sql = include_str!("../sql/insert_pending.sql");
        let methods = methods_text(methods);
        let row = params![digest, account.as_str(), methods, ms(expires_at)];
        self.write(|conn| execute(conn, sql, row)).map(|_| ())
    }

    /// Whose sign-in waits, and how they came so far.
    pub(crate) fn pending(
        &self,
        digest: Digest,
        now: Timestamp,
    ) -> Result<Option<(AccountId, Vec<Method>)>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_pending.sql"))?
                .query_row(params![digest, ms(now)], |row| {
                    let methods: String = row.get(1)?;
                    Ok((parsed(row, 0)?, methods_from(&methods)))
                })
                .optional()
        })
    }

    /// Uses a waiting sign-in up; `false` when another request did.
    pub(crate) fn use_pending(&self, digest: Digest) -> Result<bool, Problem> {
        let sql = include_str!("../sql/delete_pending.sql");
        self.write(|conn| execute(conn, sql, [digest]))
            .map(|rows| rows > 0)
    }

    /// Counts an attempt before it is made; `Some` is until when there can be
    /// none.
    pub(crate) fn count_attempt(
        &self,
        subject: Digest,
        policy: &AttemptPolicy,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Problem> {
        self.write(|conn| {
            let before = conn
                .prepare_cached(include_str!("../sql/select_attempts.sql"))?
                .query_row([subject], attempts)
                .optional()?;
            let locked_until = before.and_then(|before| policy.locked_until(&before));
            if let Some(until) = locked_until.filter(|until| now < *until) {
                return Ok(Some(until));
            }
            let failures = before.map_or(0, |before| before.failures).saturating_add(1);
            let sql = include_str!("../sql/set_attempts.sql");
            execute(conn, sql, params![subject, failures, ms(now)])?;
            Ok(None)
        })
    }

    pub(crate) fn forget_attempts(&self, subject: Digest) -> Result<(), Problem> {
        let sql = include_str!("../sql/delete_attempts.sql");
        self.write(|conn| execute(conn, sql, [subject])).map(|_| ())
    }
}

impl SessionPolicy {
    /// A session created or seen at or before these instants is none any more.
    pub(crate) fn oldest(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let before = |length: SignedDuration| now.checked_sub(length).unwrap_or(Timestamp::MIN);
        (before(self.absolute), before(self.idle))
    }
}

fn attempts(row: &Row<'_>) -> rusqlite::Result<Attempts> {
    Ok(Attempts {
        failures: row.get(0)?,
        last_at: instant(row, 1)?,
    })
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let methods: String = row.get(6)?;
    Ok(Session {
        id: SessionId::of(row.get(0)?),
        account: parsed(row, 1)?,
        created_at: instant(row, 2)?,
        seen_at: instant(row, 3)?,
        user_agent: row.get(4)?,
        address: row.get(5)?,
        methods: methods_from(&methods),
    })
}
