//! The entrance: everything a person goes through to come in, over the store of
//! one realm.
//!
//! Must hold: each way in counts its attempts before it checks them; time and
//! randomness are handed in.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use tickmark_catalog::Problem;
use url::Url;

use crate::lockout::{AddressLimit, AttemptPolicy};
use crate::passkey::Passkeys;
use crate::password::{PasswordCost, Passwords};
use crate::role::Side;
use crate::secret::{Digest, Random};
use crate::session::{SessionPolicy, Visitor};
use crate::sign_in::SignInError;
use crate::store::AccessStore;

/// How the entrance of one realm works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whose realm it is.
    pub side: Side,
    /// Name of the organization, as authenticator apps show it.
    pub organization: String,
    /// Where browsers reach the server, for example
    /// `https://soc2.fernhollow.example`; passkeys are bound to its host.
    pub public_url: Url,
    /// Work of one password hash.
    pub password_cost: PasswordCost,
    /// When an account is locked.
    pub attempts: AttemptPolicy,
    /// Attempts a minute from one network address.
    pub attempts_per_minute: NonZeroU32,
    /// How long sessions last.
    pub sessions: SessionPolicy,
}

impl Settings {
    /// The usual settings: five failures lock, thirty attempts a minute, twelve
    /// hours idle, seven days in all.
    pub fn new(side: Side, organization: impl Into<String>, public_url: Url) -> Self {
        const THIRTY: NonZeroU32 = match NonZeroU32::new(30) {
            Some(thirty) => thirty,
            None => NonZeroU32::MIN,
        };
        Self {
            side,
            organization: organization.into(),
            public_url,
            password_cost: PasswordCost::default(),
            attempts: AttemptPolicy::default(),
            attempts_per_minute: THIRTY,
            sessions: SessionPolicy::default(),
        }
    }
}

/// The way into one realm.
pub struct Entrance {
    store: Arc<AccessStore>,
    random: Random,
    settings: Settings,
    passwords: Passwords,
    passkeys: Option<Passkeys>,
    addresses: AddressLimit,
    guesses: Guesses,
}

/// How often something was guessed since the start, for a monitor.
#[derive(Debug, Default)]
struct Guesses {
    made: AtomicU64,
    right: AtomicU64,
    refused: AtomicU64,
}

impl fmt::Debug for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entrance")
            .field("store", &self.store)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Entrance {
    /// Opens the entrance over a store.
    ///
    /// # Errors
    /// A password cost that does not exist.
    pub fn new(
        store: Arc<AccessStore>,
        random: Random,
        settings: Settings,
    ) -> Result<Self, Problem> {
        Ok(Self {
            passwords: Passwords::new(settings.password_cost, &random)?,
            passkeys: Passkeys::new(&settings.public_url, &settings.organization),
            addresses: AddressLimit::new(settings.attempts_per_minute),
            guesses: Guesses::default(),
            store,
            random,
            settings,
        })
    }

    /// The store it works on.
    pub fn store(&self) -> &AccessStore {
        &self.store
    }

    /// How often passwords and codes were tried since the start, how often they
    /// were right, and how often an attempt was refused unheard: too many from
    /// one address, or the account locked.
    pub fn guesses(&self) -> [(&'static str, u64); 3] {
        let Guesses {
            made,
            right,
            refused,
        } = &self.guesses;
        [("made", made), ("right", right), ("refused", refused)]
            .map(|(what, count)| (what, count.load(Ordering::Relaxed)))
    }

    /// How it works.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the server's address allows passkeys: they need a host name.
    pub fn has_passkeys(&self) -> bool {
        self.passkeys.is_some()
    }

    /// Forgets what is expired; to be called now and then.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove_expired(&self, now: Timestamp) -> Result<(), Problem> {
        self.addresses.forget_idle(now);
        self.store.remove_expired(&self.settings.sessions, now)
    }

    pub(crate) fn random(&self) -> &Random {
        &self.random
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    pub(crate) fn passkeys(&self) -> Result<&Passkeys, Problem> {
        self.passkeys.as_ref().ok_or_else(|| {
            let host = self.settings.public_url.host_str().unwrap_or_default();
            Problem::new(format!("there are no passkeys at `{host}`")).hint(
                "reach the server by a host name over https, or as `http://localhost`, and set that as its public address",
            )
        })
    }

    /// Counts an attempt of a network address. Each way in does so by itself;
    /// it is for what only begins one, and costs something.
    ///
    /// # Errors
    /// [`SignInError::TooManyAttempts`].
    pub fn count_address(&self, visitor: &Visitor, now: Timestamp) -> Result<(), SignInError> {
        self.addresses.count(visitor.address, now).map_err(|wait| {
            self.guesses.refused.fetch_add(1, Ordering::Relaxed);
            SignInError::TooManyAttempts { wait }
        })
    }

    /// Counts an attempt to guess something; the subject is named in words.
    pub(crate) fn count_attempt(&self, subject: &str, now: Timestamp) -> Result<(), SignInError> {
        let policy = &self.settings.attempts;
        match self.store.count_attempt(Digest::of(subject), policy, now)? {
            Some(until) => {
                self.guesses.refused.fetch_add(1, Ordering::Relaxed);
                Err(SignInError::TooManyAttempts {
                    wait: until.duration_since(now).max(SignedDuration::ZERO),
                })
            }
            None => {
                self.guesses.made.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// Notes that the guess counted last was right.
    pub(crate) fn guessed_right(&self, subject: &str) -> Result<(), Problem> {
        self.guesses.right.fetch_add(1, Ordering::Relaxed);
        self.forget_attempts(subject)
    }

    pub(crate) fn forget_attempts(&self, subject: &str) -> Result<(), Problem> {
        self.store.forget_attempts(Digest::of(subject))
    }
}

#[cfg(test)]
pub(crate) mod testing;
