//! Removing what is expired, and everything of a person who is erased.

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;
use tickmark_catalog::Problem;

use super::{AccessStore, execute, ms};
use crate::SessionPolicy;
use crate::id::AccountId;

/// How long a failed attempt counts, in hours.
const ATTEMPT_HOURS: i64 = 24;
/// How long a finished delivery is shown, in hours.
const DELIVERY_HOURS: i64 = 24 * 30;

impl AccessStore {
    /// Removes what is expired. Nothing that is expired counts before either.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remove_expired(&self, policy: &SessionPolicy, now: Timestamp) -> Result<(), Problem> {
        let hours_ago = |hours| {
            let length = SignedDuration::from_hours(hours);
            ms(now.checked_sub(length).unwrap_or(Timestamp::MIN))
        };
        let (created, seen) = policy.oldest(now);
        self.write(|conn| {
            for sql in EXPIRING {
                execute(conn, sql, [ms(now)])?;
            }
            let sessions = include_str!("../sql/delete_expired_sessions.sql");
            execute(conn, sessions, params![ms(created), ms(seen)])?;
            let attempts = include_str!("../sql/delete_old_attempts.sql");
            execute(conn, attempts, [hours_ago(ATTEMPT_HOURS)])?;
            let deliveries = include_str!("../sql/delete_old_deliveries.sql");
            execute(conn, deliveries, [hours_ago(DELIVERY_HOURS)])
        })
        .map(|_| ())
    }

    /// Removes everything kept of an account, for a person whose data the ledger
    /// erases.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn erase(&self, account: &AccountId) -> Result<(), Problem> {
        self.shut_out(account)?;
        self.write(|conn| {
            for sql in OF_ACCOUNT {
                execute(conn, sql, [account.as_str()])?;
            }
            Ok(())
        })
    }
}

const EXPIRING: [&str; 5] = [
    include_str!("../sql/delete_expired_totp_enrolments.sql"),
    include_str!("../sql/delete_expired_pending.sql"),
    include_str!("../sql/delete_expired_invitations.sql"),
    include_str!("../sql/delete_expired_ceremonies.sql"),
    include_str!("../sql/delete_expired_idempotency_keys.sql"),
];

const OF_ACCOUNT: [&str; 9] = [
    include_str!("../sql/delete_password.sql"),
    include_str!("../sql/delete_totp.sql"),
    include_str!("../sql/delete_totp_enrolment.sql"),
    include_str!("../sql/delete_passkeys.sql"),
    include_str!("../sql/delete_recovery_codes.sql"),
    include_str!("../sql/delete_sso_links.sql"),
    include_str!("../sql/delete_saved_views.sql"),
    include_str!("../sql/delete_preferences.sql"),
    include_str!("../sql/delete_idempotency_keys.sql"),
];
