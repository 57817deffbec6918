//! Keeping a change that was recorded: all of it or nothing.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use tickmark_catalog::Problem;

use super::credentials::insert_passkey;
use super::{AccessStore, execute, execute_one, failed, ms};
use crate::change::{Change, Effect};
use crate::id::AccountId;
use crate::secret::Digest;

impl AccessStore {
    /// Keeps a change whose events the ledger has.
    ///
    /// # Errors
    /// When the file cannot be written, or what the change uses up was used
    /// meanwhile; then nothing of it is kept.
    pub fn keep(&self, change: Change, now: Timestamp) -> Result<(), Problem> {
        match self.try_keep(change, now)? {
            true => Ok(()),
            false => Err(failed(&self.path, &rusqlite::Error::QueryReturnedNoRows)),
        }
    }

    /// Keeps a change; `false` when what it uses up was used meanwhile.
    pub(crate) fn try_keep(&self, change: Change, now: Timestamp) -> Result<bool, Problem> {
        let effects = change.into_effects();
        let kept = self.transact(|conn| {
            let mut effects = effects.iter();
            effects.try_for_each(|effect| keep(conn, effect, now))
        });
        match kept {
            Ok(()) => Ok(true),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(false),
            Err(error) => Err(failed(&self.path, &error)),
        }
    }
}

/// Passwords, authenticator apps and recovery codes; the rest below.
fn keep(conn: &Connection, effect: &Effect, now: Timestamp) -> rusqlite::Result<()> {
    match effect {
        Effect::SetPassword { account, hash } => run(
            conn,
            include_str!("../sql/set_password.sql"),
            params![account.as_str(), hash, ms(now)],
        ),
        Effect::SetTotp {
            account,
            secret,
            step,
        } => {
            let enrolment = include_str!("../sql/delete_totp_enrolment.sql");
            of_account(conn, enrolment, account)?;
            let row = params![account.as_str(), secret.reveal(), *step as i64, ms(now)];
            run(conn, include_str!("../sql/set_totp.sql"), row)
        }
        Effect::RemoveTotp { account } => {
            of_account(conn, include_str!("../sql/delete_totp.sql"), account)
        }
        Effect::SetRecoveryCodes { account, digests } => set_codes(conn, account, digests),
        _ => keep_identity(conn, effect, now),
    }
}

/// Passkeys and links to identity providers.
fn keep_identity(conn: &Connection, effect: &Effect, now: Timestamp) -> rusqlite::Result<()> {
    match effect {
        Effect::AddPasskey(kept) => insert_passkey(conn, kept, now).map(|_| ()),
        Effect::RemovePasskeys {
            account,
            id: Some(id),
        } => run(
            conn,
            include_str!("../sql/delete_passkey.sql"),
            params![account.as_str(), id.as_str()],
        ),
        Effect::RemovePasskeys { account, id: None } => {
            of_account(conn, include_str!("../sql/delete_passkeys.sql"), account)
        }
        Effect::LinkSso {
            account,
            issuer,
            subject,
        } => run(
            conn,
            include_str!("../sql/insert_sso_link.sql"),
            params![issuer, subject, account.as_str(), ms(now)],
        ),
        Effect::UnlinkSso { account } => {
            of_account(conn, include_str!("../sql/delete_sso_links.sql"), account)
        }
        _ => keep_entry(conn, effect, now),
    }
}

/// Invitations, sessions, tokens and webhooks.
fn keep_entry(conn: &Connection, effect: &Effect, now: Timestamp) -> rusqlite::Result<()> {
    match effect {
        Effect::Invite {
            digest,
            account,
            expires_at,
        } => invite(conn, *digest, account.as_ref(), *expires_at),
        Effect::UseInvitation { digest } => execute_one(
            conn,
            include_str!("../sql/delete_invitation.sql"),
            params![digest, ms(now)],
        ),
        Effect::EndSessions { account, except } => run(
            conn,
            include_str!("../sql/delete_sessions_except.sql"),
            params![account.as_str(), except.map(|id| id.digest())],
        ),
        Effect::KeepToken { id, digest } => run(
            conn,
            include_str!("../sql/set_token.sql"),
            params![id.as_str(), digest],
        ),
        Effect::RemoveToken { id } => run(
            conn,
            include_str!("../sql/delete_token.sql"),
            params![id.as_str()],
        ),
        Effect::SetWebhookSecret { id, secret } => run(
            conn,
            include_str!("../sql/set_webhook_secret.sql"),
            params![id.as_str(), secret.reveal()],
        ),
        Effect::RemoveWebhook { id } => {
            let id = params![id.as_str()];
            run(conn, include_str!("../sql/delete_webhook_secret.sql"), id)?;
            run(conn, include_str!("../sql/delete_deliveries.sql"), id)
        }
        _ => Ok(()),
    }
}

fn run(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<()> {
    execute(conn, sql, params).map(|_| ())
}

fn of_account(conn: &Connection, sql: &str, account: &AccountId) -> rusqlite::Result<()> {
    run(conn, sql, [account.as_str()])
}

fn set_codes(conn: &Connection, account: &AccountId, digests: &[Digest]) -> rusqlite::Result<()> {
    of_account(
        conn,
        include_str!("../sql/delete_recovery_codes.sql"),
        account,
    )?;
    let sql = include_str!("../sql/insert_recovery_code.sql");
    digests
        .iter()
        .try_for_each(|digest| run(conn, sql, params![account.as_str(), digest]))
}

/// A new link makes the ones before it worthless.
fn invite(
    conn: &Connection,
    digest: Digest,
    account: Option<&AccountId>,
    expires_at: Timestamp,
) -> rusqlite::Result<()> {
    let account = account.map(AccountId::as_str);
    let forget = include_str!("../sql/delete_invitations_of_account.sql");
    run(conn, forget, params![account])?;
    let insert = include_str!("../sql/insert_invitation.sql");
    run(conn, insert, params![digest, account, ms(expires_at)])
}
