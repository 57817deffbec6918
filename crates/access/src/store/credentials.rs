//! Password hashes, authenticator secrets, passkeys, recovery codes and links to
//! identity providers.
//!
//! Must hold: a code of an authenticator or a recovery code counts once, also
//! for two requests at the same instant.

use std::fmt;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tickmark_catalog::Problem;
use webauthn_rs::prelude::Passkey;

use super::{AccessStore, execute, instant, ms, optional_instant, parsed, unreadable};
use crate::id::{AccountId, PasskeyId};
use crate::secret::{Digest, Secret};

/// A passkey as the store keeps it.
#[derive(Clone)]
pub struct KeptPasskey {
    /// Our identifier.
    pub id: PasskeyId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub label: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    pub(crate) passkey: Passkey,
}

impl fmt::Debug for KeptPasskey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptPasskey")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl AccessStore {
    pub(crate) fn password_hash(&self, account: &AccountId) -> Result<Option<String>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_password.sql"))?
                .query_row([account.as_str()], |row| row.get(0))
                .optional()
        })
    }

    pub(crate) fn totp_secret(&self, account: &AccountId) -> Result<Option<Secret>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_totp.sql"))?
                .query_row([account.as_str()], |row| row.get(0).map(secret))
                .optional()
        })
    }

    /// Uses a step up; `false` when it, or a later one, was used before.
    pub(crate) fn use_totp_step(&self, account: &AccountId, step: u64) -> Result<bool, Problem> {
        let sql = include_str!("../sql/use_totp_step.sql");
        self.write(|conn| execute(conn, sql, params![account.as_str(), step as i64]))
            .map(|rows| rows > 0)
    }

    pub(crate) fn enrol_totp(
        &self,
        account: &AccountId,
        secret: &Secret,
        expires_at: Timestamp,
    ) -> Result<(), Problem> {
        let sql = include_str!("../sql/set_totp_enrolment.sql");
        let expires_ms = ms(expires_at);
        self.write(|conn| {
            execute(
                conn,
                sql,
                params![account.as_str(), secret.reveal(), expires_ms],
            )
        })
        .map(|_| ())
    }

    pub(crate) fn totp_enrolment(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Secret>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_totp_enrolment.sql"))?
                .query_row(params![account.as_str(), ms(now)], |row| {
                    row.get(0).map(secret)
                })
                .optional()
        })
    }

    /// The passkeys of an account, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn passkeys(&self, account: &AccountId) -> Result<Vec<KeptPasskey>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_passkeys.sql"))?
                .query_map([account.as_str()], kept_passkey)?
                .collect()
        })
    }

    /// The passkey an authenticator means by a credential id.
    pub(crate) fn passkey_by_credential(
        &self,
        credential_id: &[u8],
    ) -> Result<Option<KeptPasskey>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_passkey_by_credential.sql"))?
                .query_row([credential_id], kept_passkey)
                .optional()
        })
    }

    /// Keeps what changed in a passkey when it was used.
    pub(crate) fn use_passkey(&self, kept: &KeptPasskey, now: Timestamp) -> Result<(), Problem> {
        let sql = include_str!("../sql/use_passkey.sql");
        self.write(|conn| {
            let json = passkey_json(&kept.passkey)?;
            execute(conn, sql, params![kept.id.as_str(), json, ms(now)])
        })
        .map(|_| ())
    }

    /// How many recovery codes an account has left.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn recovery_codes_left(&self, account: &AccountId) -> Result<u32, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/count_recovery_codes.sql"))?
                .query_row([account.as_str()], |row| row.get(0))
        })
    }

    /// Uses a recovery code up; `false` when there is no such code.
    pub(crate) fn use_recovery_code(
        &self,
        account: &AccountId,
        digest: Digest,
    ) -> Result<bool, Problem> {
        let sql = include_str!("../sql/use_recovery_code.sql");
        self.write(|conn| execute(conn, sql, params![account.as_str(), digest]))
            .map(|rows| rows > 0)
    }

    /// Whom an identity provider means by a subject.
    pub(crate) fn sso_account(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<AccountId>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_sso_account.sql"))?
                .query_row([issuer, subject], |row| parsed(row, 0))
                .optional()
        })
    }

    /// The identity providers an account is linked to.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sso_issuers(&self, account: &AccountId) -> Result<Vec<String>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_sso_issuers.sql"))?
                .query_map([account.as_str()], |row| row.get(0))?
                .collect()
        })
    }
}

pub(super) fn insert_passkey(
    conn: &Connection,
    kept: &KeptPasskey,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    let credential_id: &[u8] = kept.passkey.cred_id().as_ref();
    execute(
        conn,
        include_str!("../sql/insert_passkey.sql"),
        params![
            kept.id.as_str(),
            kept.account.as_str(),
            credential_id,
            kept.label,
            passkey_json(&kept.passkey)?,
            ms(now)
        ],
    )
}

fn passkey_json(passkey: &Passkey) -> rusqlite::Result<String> {
    serde_json::to_string(passkey)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn kept_passkey(row: &Row<'_>) -> rusqlite::Result<KeptPasskey> {
    let json: String = row.get(4)?;
    let passkey = serde_json::from_str(&json);
    Ok(KeptPasskey {
        id: parsed(row, 0)?,
        account: parsed(row, 1)?,
        label: row.get(3)?,
        passkey: passkey.map_err(|error| unreadable(4, rusqlite::types::Type::Text, error))?,
        added_at: instant(row, 5)?,
        used_at: optional_instant(row, 6)?,
    })
}

fn secret(text: String) -> Secret {
    Secret::new(text)
}
