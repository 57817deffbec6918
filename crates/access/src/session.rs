//! Sessions: a browser that is signed in.
//!
//! Must hold: a session ends after a time without use and after a longer time in
//! any case; the account that is closed has none; when it was last seen is
//! written at most once a minute, so reading pages hardly ever writes.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::id::AccountId;
use crate::secret::{Digest, SessionSecret};
use crate::state::AccessState;

/// How someone proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password.
    Password,
    /// A code of an authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A passkey, which checks a finger, a face or a PIN itself.
    Passkey,
    /// An identity provider.
    SingleSignOn,
    /// An invitation or set-up link.
    Invitation,
}
tickmark_catalog::named_values!(Method, "method", [
    Password => "password",
    Totp => "totp",
    RecoveryCode => "recovery_code",
    Passkey => "passkey",
    SingleSignOn => "single_sign_on",
    Invitation => "invitation",
]);

pub(crate) fn methods_text(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    names.join(" ")
}

pub(crate) fn methods_from(text: &str) -> Vec<Method> {
    text.split(' ')
        .filter_map(|name| name.parse().ok())
        .collect()
}

/// Who knocks: where the request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Network address.
    pub address: IpAddr,
    /// What the browser says it is; shown to the account's owner.
    pub user_agent: String,
}

impl Visitor {
    /// The start of what the browser says, so that nobody fills the store.
    pub(crate) fn short_user_agent(&self) -> String {
        self.user_agent.chars().take(300).collect()
    }
}

/// Identifier of a session: not secret, it is the hash of what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(Digest);

impl SessionId {
    pub(crate) fn of(digest: Digest) -> Self {
        Self(digest)
    }

    pub(crate) fn digest(self) -> Digest {
        self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        Digest::from_hex(text).map(Self).ok_or_else(|| {
            Problem::new("that is not the id of a session").hint("load the page anew")
        })
    }
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Identifier.
    pub id: SessionId,
    /// Who is signed in.
    pub account: AccountId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When a request last came, to the minute.
    pub seen_at: Timestamp,
    /// What the browser said it was.
    pub user_agent: String,
    /// Network address at sign-in.
    pub address: String,
    /// How they proved who they are.
    pub methods: Vec<Method>,
}

impl Session {
    /// Whether more than a password was asked for.
    pub fn is_multi_factor(&self) -> bool {
        is_multi_factor(&self.methods)
    }
}

/// Whether these ways, together, are more than one factor. What an identity
/// provider asked for is its own affair, and trusted.
pub(crate) fn is_multi_factor(methods: &[Method]) -> bool {
    let strong = [
        Method::Totp,
        Method::RecoveryCode,
        Method::Passkey,
        Method::SingleSignOn,
    ];
    methods.iter().any(|method| strong.contains(method))
}

/// How long a session lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// How long without a request.
    pub idle: SignedDuration,
    /// How long in any case.
    pub absolute: SignedDuration,
    /// How long until it is written again that a request came.
    pub touch: SignedDuration,
}

impl Default for SessionPolicy {
    /// Twelve hours idle, seven days in all, written once a minute.
    fn default() -> Self {
        Self {
            idle: SignedDuration::from_hours(12),
            absolute: SignedDuration::from_hours(7 * 24),
            touch: SignedDuration::from_mins(1),
        }
    }
}

impl SessionPolicy {
    fn is_over(&self, session: &Session, now: Timestamp) -> bool {
        let (created_after, seen_after) = self.oldest(now);
        session.created_at <= created_after || session.seen_at <= seen_after
    }
}

impl Entrance {
    /// The session a cookie shows; `None` when there is none, it is over, or
    /// the account is not active.
    ///
    /// # Errors
    /// When the store fails.
    pub fn session(
        &self,
        state: &AccessState,
        secret: &SessionSecret,
        now: Timestamp,
    ) -> Result<Option<Session>, Problem> {
        let id = SessionId(secret.digest());
        let Some(mut session) = self.store().session(&id)? else {
            return Ok(None);
        };
        let policy = &self.settings().sessions;
        let account = state.account(&session.account);
        if policy.is_over(&session, now) || !account.is_some_and(|account| account.is_active()) {
            self.store().end_session(&id)?;
            return Ok(None);
        }
        if now.duration_since(session.seen_at) >= policy.touch {
            self.store().touch_session(&id, now)?;
            session.seen_at = now;
        }
        Ok(Some(session))
    }

    /// Ends the session a cookie shows.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sign_out(&self, secret: &SessionSecret) -> Result<(), Problem> {
        self.store().end_session(&SessionId(secret.digest()))
    }

    /// The sessions of an account, last seen first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sessions(&self, account: &AccountId, now: Timestamp) -> Result<Vec<Session>, Problem> {
        self.store()
            .sessions(account, &self.settings().sessions, now)
    }

    /// Ends one session of an account.
    ///
    /// # Errors
    /// When the account has no such session.
    pub fn end_session(&self, account: &AccountId, id: &SessionId) -> Result<(), Problem> {
        self.store().end_session_of(account, id)
    }

    /// Ends all sessions of an account but `keep`.
    ///
    /// # Errors
    /// When the account does not exist.
    pub fn end_sessions(
        &self,
        state: &AccessState,
        account: &AccountId,
        keep: Option<&SessionId>,
    ) -> Result<Change, Problem> {
        let event = state.end_sessions(account)?;
        let end = Effect::EndSessions {
            account: account.clone(),
            except: keep.copied(),
        };
        Ok(Change::new([event], [end]))
    }
}

#[cfg(test)]
mod tests;
