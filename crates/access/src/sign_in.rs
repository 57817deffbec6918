//! Signing in: from an address and a password, a passkey or an identity provider
//! to a session.
//!
//! ```text
//! password ──► no second factor set up ──────────────► session
//!          └─► pending ──► code, recovery code ───────► session
//! passkey, single sign-on ────────────────────────────► session
//! ```
//!
//! Must hold: an unknown address and a wrong password take the same work and
//! give the same answer; a pending sign-in is used once and ends after ten
//! minutes; a password alone is never enough once a second factor is set up.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use tickmark_catalog::Problem;

use crate::account::{Account, email_key};
use crate::entrance::Entrance;
use crate::id::AccountId;
use crate::recovery;
use crate::secret::{PendingSecret, SessionSecret};
use crate::session::{Method, Visitor, is_multi_factor};
use crate::state::AccessState;
use crate::totp::step_of;

/// How long the second factor may take, in minutes.
const PENDING_MINUTES: i64 = 10;

/// How far a sign-in got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in: the value of the session cookie.
    Complete(SessionSecret),
    /// The second factor is due: one of these.
    SecondFactor(PendingSecret, Vec<FactorKind>),
}

/// A kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactorKind {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

/// A second factor as typed. A passkey is used with
/// [`Entrance::start_passkey_second_factor`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Factor<'a> {
    /// A code of an authenticator app.
    Totp(&'a str),
    /// A recovery code.
    RecoveryCode(&'a str),
}

impl fmt::Debug for Factor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Totp(_) => "Totp",
            Self::RecoveryCode(_) => "RecoveryCode",
        })
    }
}

/// Why someone did not come in. What it says helps the person and tells a
/// guesser nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Address or password is wrong; which one is not said.
    #[error("the e-mail address or the password is wrong")]
    WrongPassword,
    /// The code is wrong, was used, or its time is over.
    #[error("the code is wrong or was used already")]
    WrongCode,
    /// The API token is unknown, expired, revoked, or its account closed.
    #[error("the API token is not valid")]
    WrongToken,
    /// The passkey or identity is nobody's who may come in.
    #[error("nobody here can sign in with that")]
    Unknown,
    /// The sign-in or ceremony was used, or took too long.
    #[error("the sign-in took too long")]
    Expired,
    /// The invitation or set-up link was used, replaced, or is expired.
    #[error("the link is no longer valid")]
    DeadLink,
    /// Too many attempts for one account or from one network address.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long until the next can be made.
        wait: SignedDuration,
    },
    /// What the person typed cannot be accepted, for example a weak password.
    #[error(transparent)]
    Refused(Problem),
    /// The store or the identity provider failed: nobody's fault who signs in.
    #[error(transparent)]
    Failed(Problem),
}

impl From<Problem> for SignInError {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl SignInError {
    /// What to show the person: what happened, and what to do.
    pub fn problem(&self) -> Problem {
        let hint = match self {
            Self::Refused(problem) | Self::Failed(problem) => return problem.clone(),
            Self::WrongPassword => {
                "try again; an owner can send a new link to whoever forgot the password"
            }
            Self::WrongCode => "wait for the next code of the app, or use a recovery code",
            Self::WrongToken => "issue a new one under your account",
            Self::Unknown => "sign in in another way, or ask an owner for an invitation",
            Self::Expired => "start again",
            Self::DeadLink => "ask whoever sent it for a new one",
            Self::TooManyAttempts { wait } => {
                let minutes = wait.as_secs().max(1).unsigned_abs().div_ceil(60);
                let hint = format!("wait {minutes} min, then try again");
                return Problem::new(self.to_string()).hint(hint);
            }
        };
        Problem::new(self.to_string()).hint(hint)
    }
}

/// What a password's attempts are counted under; an address that is nobody's is
/// counted as well.
pub(crate) fn password_subject(email: &str) -> String {
    format!("password {}", email_key(email))
}

impl Entrance {
    /// Signs in with address and password.
    ///
    /// # Errors
    /// [`SignInError::WrongPassword`], whichever of the two is wrong or the
    /// account is not active; [`SignInError::TooManyAttempts`].
    pub fn password(
        &self,
        state: &AccessState,
        email: &str,
        password: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SignIn, SignInError> {
        self.count_address(visitor, now)?;
        let subject = password_subject(email);
        self.count_attempt(&subject, now)?;
        let account = state.by_email(email).filter(|it| it.is_active());
        let hash = match account {
            Some(account) => self.store().password_hash(&account.id)?,
            None => None,
        };
        let fits = self.passwords().verify(hash.as_deref(), password);
        let account = account.filter(|_| fits);
        let account = account.ok_or(SignInError::WrongPassword)?;
        self.guessed_right(&subject)?;
        self.proceed(account, vec![Method::Password], visitor, now)
    }

    /// Lets someone in without proof, for a demo whose keys everyone knows. The
    /// caller sees to it that it is one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter_demo(
        &self,
        account: &Account,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SessionSecret, SignInError> {
        self.start_session(&account.id, &[], visitor, now)
    }

    /// Adds the second factor to a sign-in whose password was right.
    ///
    /// # Errors
    /// [`SignInError::WrongCode`], after which another can be tried;
    /// [`SignInError::Expired`] and [`SignInError::TooManyAttempts`].
    pub fn second_factor(
        &self,
        state: &AccessState,
        pending: &PendingSecret,
        factor: Factor<'_>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SessionSecret, SignInError> {
        self.count_address(visitor, now)?;
        let (account, mut methods) = self.pending(state, pending, now)?;
        let subject = format!("code {account}");
        self.count_attempt(&subject, now)?;
        if !self.check_factor(&account, factor, now)? {
            return Err(SignInError::WrongCode);
        }
        self.guessed_right(&subject)?;
        if !self.store().use_pending(pending.digest())? {
            return Err(SignInError::Expired);
        }
        methods.push(match factor {
            Factor::Totp(_) => Method::Totp,
            Factor::RecoveryCode(_) => Method::RecoveryCode,
        });
        self.start_session(&account, &methods, visitor, now)
    }

    /// Whose sign-in waits for its second factor, when they are still active.
    pub(crate) fn pending(
        &self,
        state: &AccessState,
        pending: &PendingSecret,
        now: Timestamp,
    ) -> Result<(AccountId, Vec<Method>), SignInError> {
        let found = self.store().pending(pending.digest(), now)?;
        found
            .filter(|(id, _)| state.account(id).is_some_and(Account::is_active))
            .ok_or(SignInError::Expired)
    }

    /// The second factors of which a sign-in waits for one.
    ///
    /// # Errors
    /// [`SignInError::Expired`].
    pub fn awaited_factors(
        &self,
        state: &AccessState,
        pending: &PendingSecret,
        now: Timestamp,
    ) -> Result<Vec<FactorKind>, SignInError> {
        let (account, _) = self.pending(state, pending, now)?;
        Ok(self.second_factors(&account)?)
    }

    /// Whether a second factor is right; when it is, it is used up.
    fn check_factor(
        &self,
        account: &AccountId,
        factor: Factor<'_>,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        match factor {
            Factor::RecoveryCode(code) => self
                .store()
                .use_recovery_code(account, recovery::digest(code)),
            Factor::Totp(code) => {
                let Some(secret) = self.store().totp_secret(account)? else {
                    return Ok(false);
                };
                match step_of(&secret, code, now)? {
                    Some(step) => self.store().use_totp_step(account, step),
                    None => Ok(false),
                }
            }
        }
    }

    /// Completes a sign-in, or asks for the second factor that is set up.
    pub(crate) fn proceed(
        &self,
        account: &Account,
        methods: Vec<Method>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SignIn, SignInError> {
        let factors = self.second_factors(&account.id)?;
        if factors.is_empty() || is_multi_factor(&methods) {
            let secret = self.start_session(&account.id, &methods, visitor, now)?;
            return Ok(SignIn::Complete(secret));
        }
        let pending = PendingSecret::random(self.random());
        let expires_at = now
            .checked_add(SignedDuration::from_mins(PENDING_MINUTES))
            .unwrap_or(Timestamp::MAX);
        self.store()
            .start_pending(pending.digest(), &account.id, &methods, expires_at)?;
        Ok(SignIn::SecondFactor(pending, factors))
    }

    pub(crate) fn start_session(
        &self,
        account: &AccountId,
        methods: &[Method],
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SessionSecret, SignInError> {
        let secret = SessionSecret::random(self.random());
        self.store()
            .start_session(secret.digest(), account, methods, visitor, now)?;
        Ok(secret)
    }

    /// The second factors an account can use. Recovery codes stand in for
    /// another; alone they are none.
    ///
    /// # Errors
    /// When the store fails.
    pub fn second_factors(&self, account: &AccountId) -> Result<Vec<FactorKind>, Problem> {
        let mut factors = Vec::new();
        if self.store().totp_secret(account)?.is_some() {
            factors.push(FactorKind::Totp);
        }
        if !self.store().passkeys(account)?.is_empty() {
            factors.push(FactorKind::Passkey);
        }
        if !factors.is_empty() && self.store().recovery_codes_left(account)? > 0 {
            factors.push(FactorKind::RecoveryCode);
        }
        Ok(factors)
    }
}

#[cfg(test)]
mod tests;
