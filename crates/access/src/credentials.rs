//! A person's own credentials: changing the password, setting up and removing
//! second factors.
//!
//! Must hold: a credential counts once its event is recorded and its change
//! kept; a new password ends every other session.

use jiff::{SignedDuration, Timestamp};
use tickmark_catalog::Problem;

use crate::account::{Account, CredentialKind};
use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::event::AccessEvent;
use crate::id::{AccountId, PasskeyId};
use crate::recovery;
use crate::secret::Secret;
use crate::session::{SessionId, Visitor};
use crate::sign_in::{SignInError, password_subject};
use crate::state::AccessState;
use crate::totp::{TotpEnrolment, step_of};

/// How long a person may take to type the first code, in minutes.
const ENROLMENT_MINUTES: i64 = 30;

/// A new password, with the old one to prove that it is theirs to change.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// The password so far; ignored when there is none.
    pub current: &'a str,
    /// The one to be.
    pub new: &'a str,
    /// The session that asks, which stays.
    pub session: &'a SessionId,
}

impl Entrance {
    /// Changes a person's own password.
    ///
    /// # Errors
    /// [`SignInError::WrongPassword`] when the current one is wrong;
    /// [`SignInError::Refused`] for a new one that is too weak.
    pub fn change_password(
        &self,
        state: &AccessState,
        account: &AccountId,
        password: NewPassword<'_>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Change, SignInError> {
        self.count_address(visitor, now)?;
        let account = state.existing(account)?;
        self.check_current(account, password.current, now)?;
        self.check_password_of(&account.name, &account.email, password.new)?;
        let hash = self.passwords().hash(password.new, self.random())?;
        let event = AccessEvent::set(&account.id, CredentialKind::Password, None);
        let set = Effect::SetPassword {
            account: account.id.clone(),
            hash,
        };
        let end = Effect::EndSessions {
            account: account.id.clone(),
            except: Some(*password.session),
        };
        Ok(Change::new([event], [set, end]))
    }

    fn check_current(
        &self,
        account: &Account,
        current: &str,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        let Some(hash) = self.store().password_hash(&account.id)? else {
            return Ok(());
        };
        let subject = password_subject(&account.email);
        self.count_attempt(&subject, now)?;
        if !self.passwords().verify(Some(&hash), current) {
            return Err(SignInError::WrongPassword);
        }
        Ok(self.guessed_right(&subject)?)
    }

    /// Shows a person what to put into an authenticator app. It counts once
    /// [`Self::confirm_totp`] is kept; until then an app set up before does.
    ///
    /// # Errors
    /// When the account does not exist or the store fails.
    pub fn start_totp(
        &self,
        state: &AccessState,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<TotpEnrolment, Problem> {
        let account = state.existing(account)?;
        let issuer = &self.settings().organization;
        let enrolment = TotpEnrolment::new(self.random(), issuer, &account.email)?;
        let expires_at = now
            .checked_add(SignedDuration::from_mins(ENROLMENT_MINUTES))
            .unwrap_or(Timestamp::MAX);
        self.store()
            .enrol_totp(&account.id, &enrolment.secret, expires_at)?;
        Ok(enrolment)
    }

    /// What [`Self::start_totp`] showed, for a person who looks again; `None`
    /// when it was not started, took too long or was confirmed.
    ///
    /// # Errors
    /// When the account does not exist or the store fails.
    pub fn totp_enrolment(
        &self,
        state: &AccessState,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<TotpEnrolment>, Problem> {
        let account = state.existing(account)?;
        let issuer = &self.settings().organization;
        let kept = self.store().totp_enrolment(&account.id, now)?;
        let shown = kept.map(|secret| TotpEnrolment::of(secret, issuer, &account.email));
        shown.transpose()
    }

    /// Sets the authenticator app up with the first code it shows.
    ///
    /// # Errors
    /// [`SignInError::Expired`] when it was not started or took too long;
    /// [`SignInError::WrongCode`], after which another can be tried.
    pub fn confirm_totp(
        &self,
        account: &AccountId,
        code: &str,
        now: Timestamp,
    ) -> Result<Change, SignInError> {
        let enrolment = self.store().totp_enrolment(account, now)?;
        let secret = enrolment.ok_or(SignInError::Expired)?;
        let step = step_of(&secret, code, now)?.ok_or(SignInError::WrongCode)?;
        let event = AccessEvent::set(account, CredentialKind::Totp, None);
        let account = account.clone();
        let set = Effect::SetTotp {
            account,
            secret,
            step,
        };
        Ok(Change::new([event], [set]))
    }

    /// Removes the authenticator app.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove_totp(&self, account: &AccountId) -> Result<Change, Problem> {
        if self.store().totp_secret(account)?.is_none() {
            return Err(absent("authenticator app"));
        }
        let event = AccessEvent::removed(account, CredentialKind::Totp);
        let account = account.clone();
        Ok(Change::new([event], [Effect::RemoveTotp { account }]))
    }

    /// Makes ten recovery codes in place of those before; shown once.
    pub fn make_recovery_codes(&self, account: &AccountId) -> (Change, Vec<Secret>) {
        let codes = recovery::new_codes(self.random());
        let digests = codes.iter().map(|code| recovery::digest(code.reveal()));
        let event = AccessEvent::set(account, CredentialKind::RecoveryCodes, None);
        let set = Effect::SetRecoveryCodes {
            account: account.clone(),
            digests: digests.collect(),
        };
        (Change::new([event], [set]), codes)
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// When the account has no such passkey.
    pub fn remove_passkey(&self, account: &AccountId, id: &PasskeyId) -> Result<Change, Problem> {
        let kept = self.store().passkeys(account)?;
        if !kept.iter().any(|kept| kept.id == *id) {
            return Err(absent("passkey"));
        }
        let event = AccessEvent::removed(account, CredentialKind::Passkey(id.clone()));
        let remove = Effect::RemovePasskeys {
            account: account.clone(),
            id: Some(id.clone()),
        };
        Ok(Change::new([event], [remove]))
    }

    /// Ends the link to the identity provider.
    ///
    /// # Errors
    /// When there is none.
    pub fn unlink_single_sign_on(&self, account: &AccountId) -> Result<Change, Problem> {
        if self.store().sso_issuers(account)?.is_empty() {
            return Err(absent("link to an identity provider"));
        }
        let event = AccessEvent::removed(account, CredentialKind::SingleSignOn);
        let account = account.clone();
        Ok(Change::new([event], [Effect::UnlinkSso { account }]))
    }

    /// Removes every second factor of a person who lost theirs, and ends their
    /// sessions. For whoever manages access.
    ///
    /// # Errors
    /// When the account does not exist or has none.
    pub fn reset_second_factors(
        &self,
        state: &AccessState,
        account: &AccountId,
    ) -> Result<Change, Problem> {
        state.existing(account)?;
        let events = self.removals_of_factors(account)?;
        if events.is_empty() {
            return Err(absent("second factor"));
        }
        let id = || account.clone();
        let effects = [
            Effect::RemoveTotp { account: id() },
            Effect::RemovePasskeys {
                account: id(),
                id: None,
            },
            Effect::SetRecoveryCodes {
                account: id(),
                digests: Vec::new(),
            },
            Effect::EndSessions {
                account: id(),
                except: None,
            },
        ];
        Ok(Change::new(events, effects))
    }

    fn removals_of_factors(&self, account: &AccountId) -> Result<Vec<AccessEvent>, Problem> {
        let mut kinds = Vec::new();
        if self.store().totp_secret(account)?.is_some() {
            kinds.push(CredentialKind::Totp);
        }
        let passkeys = self.store().passkeys(account)?.into_iter();
        kinds.extend(passkeys.map(|kept| CredentialKind::Passkey(kept.id)));
        if self.store().recovery_codes_left(account)? > 0 {
            kinds.push(CredentialKind::RecoveryCodes);
        }
        let removed = |kind| AccessEvent::removed(account, kind);
        Ok(kinds.into_iter().map(removed).collect())
    }
}

fn absent(what: &str) -> Problem {
    Problem::new(format!("there is no {what} to remove")).hint("load the page anew")
}

#[cfg(test)]
mod tests;
