//! Passkeys: signing in with a key that a device holds and checks a finger, a
//! face or a PIN for.
//!
//! Must hold: user verification is required, so a passkey is two factors in one;
//! a ceremony is finished once, by the browser that started it; a key belongs to
//! one account; a key whose counter went back is refused.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_catalog::Problem;
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, Webauthn,
    WebauthnBuilder,
};

use crate::account::{CredentialKind, checked_text};
use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::event::AccessEvent;
use crate::id::{AccountId, PasskeyId};
use crate::secret::{CeremonySecret, Digest, PendingSecret};
use crate::session::{Method, Visitor};
use crate::sign_in::{SignIn, SignInError};
use crate::state::AccessState;
use crate::store::KeptPasskey;

const REGISTRATION: &str = "passkey registration";
const AUTHENTICATION: &str = "passkey authentication";

/// The relying party: the server under its public host name.
pub(crate) struct Passkeys {
    webauthn: Webauthn,
}

impl Passkeys {
    /// `None` when the address has no host name, or is not private to the two
    /// ends: browsers have no passkeys there.
    pub(crate) fn new(public_url: &Url, name: &str) -> Option<Self> {
        if !crate::commands::is_private(public_url) {
            return None;
        }
        let host = public_url.domain()?;
        let builder = WebauthnBuilder::new(host, public_url).ok()?;
        let webauthn = builder.rp_name(name).build().ok()?;
        Some(Self { webauthn })
    }
}

/// The first half of a ceremony: what the page hands to
/// `navigator.credentials`, and what ties the browser to it (a cookie).
#[derive(Clone, Debug)]
pub struct PasskeyOptions {
    /// Options, with binary values in base64url.
    pub options: Value,
    /// To be handed back with the browser's answer.
    pub ceremony: CeremonySecret,
}

#[derive(Serialize, Deserialize)]
struct Registration {
    account: AccountId,
    state: PasskeyRegistration,
}

#[derive(Serialize, Deserialize)]
enum Authentication {
    /// The device says who it is.
    Discovered(DiscoverableAuthentication),
    /// One of the keys of an account whose password was right.
    Known(AccountId, PasskeyAuthentication),
}

impl Entrance {
    /// Starts adding a passkey to an account: options for
    /// `navigator.credentials.create`.
    ///
    /// # Errors
    /// When the server's address has no passkeys, the account does not exist, or
    /// the store fails.
    pub fn start_passkey_registration(
        &self,
        state: &AccessState,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<PasskeyOptions, Problem> {
        let account = state.existing(account)?;
        let kept = self.store().passkeys(&account.id)?;
        let known = kept.iter().map(|it| it.passkey.cred_id().clone());
        let started = self.passkeys()?.webauthn.start_passkey_registration(
            handle(&account.id),
            &account.email,
            &account.name,
            Some(known.collect()),
        );
        let (options, state) = started.map_err(|error| broken(&error))?;
        let mut options = as_json(&options)?;
        // So that the device can offer the key before anyone typed an address.
        let selection = options.pointer_mut("/publicKey/authenticatorSelection");
        if let Some(selection) = selection.and_then(Value::as_object_mut) {
            selection.insert("residentKey".to_owned(), "preferred".into());
        }
        let account = account.id.clone();
        self.start_ceremony(REGISTRATION, options, &Registration { account, state }, now)
    }

    /// Finishes adding a passkey. `answer` is the JSON of the browser's
    /// credential; `label` is what its owner calls it.
    ///
    /// # Errors
    /// [`SignInError::Expired`]; [`SignInError::Refused`] for a label or an
    /// answer that cannot be accepted.
    pub fn finish_passkey_registration(
        &self,
        account: &AccountId,
        ceremony: &CeremonySecret,
        label: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<Change, SignInError> {
        let label = checked_text("label", label).map_err(SignInError::Refused)?;
        let answer: RegisterPublicKeyCredential = parsed_answer(answer)?;
        let started: Option<Registration> =
            self.store().take_ceremony(ceremony, REGISTRATION, now)?;
        let started = started
            .filter(|it| it.account == *account)
            .ok_or(SignInError::Expired)?;
        let webauthn = &self.passkeys()?.webauthn;
        let finished = webauthn.finish_passkey_registration(&answer, &started.state);
        let passkey = finished.map_err(|error| SignInError::Refused(broken(&error)))?;
        self.added(account, label, passkey, now)
    }

    fn added(
        &self,
        account: &AccountId,
        label: String,
        passkey: Passkey,
        now: Timestamp,
    ) -> Result<Change, SignInError> {
        let credential_id: &[u8] = passkey.cred_id().as_ref();
        if self.store().passkey_by_credential(credential_id)?.is_some() {
            let twice = Problem::new("that passkey was added before");
            return Err(SignInError::Refused(twice.hint("use another device")));
        }
        let id = PasskeyId::random(self.random());
        let kind = CredentialKind::Passkey(id.clone());
        let event = AccessEvent::set(account, kind, Some(&label));
        let kept = KeptPasskey {
            id,
            account: account.clone(),
            label,
            added_at: now,
            used_at: None,
            passkey,
        };
        Ok(Change::new([event], [Effect::AddPasskey(Box::new(kept))]))
    }

    /// Starts a sign-in in which the device says who it is: options for
    /// `navigator.credentials.get`. They ask for autofill (`mediation` is
    /// `conditional`); a page with a button leaves `mediation` out.
    ///
    /// # Errors
    /// When the server's address has no passkeys, or the store fails.
    pub fn start_passkey_sign_in(&self, now: Timestamp) -> Result<PasskeyOptions, Problem> {
        let started = self
            .passkeys()?
            .webauthn
            .start_discoverable_authentication();
        let (options, state) = started.map_err(|error| broken(&error))?;
        let state = Authentication::Discovered(state);
        self.start_ceremony(AUTHENTICATION, as_json(&options)?, &state, now)
    }

    /// Starts the second factor with a passkey, after the password.
    ///
    /// # Errors
    /// [`SignInError::Expired`].
    pub fn start_passkey_second_factor(
        &self,
        state: &AccessState,
        pending: &PendingSecret,
        now: Timestamp,
    ) -> Result<PasskeyOptions, SignInError> {
        let (account, _) = self.pending(state, pending, now)?;
        let kept = self.store().passkeys(&account)?.into_iter();
        let passkeys: Vec<Passkey> = kept.map(|kept| kept.passkey).collect();
        let webauthn = &self.passkeys()?.webauthn;
        let started = webauthn.start_passkey_authentication(&passkeys);
        let (options, state) = started.map_err(|error| broken(&error))?;
        let state = Authentication::Known(account, state);
        Ok(self.start_ceremony(AUTHENTICATION, as_json(&options)?, &state, now)?)
    }

    /// Finishes a sign-in with a passkey. `answer` is the JSON of the browser's
    /// credential.
    ///
    /// # Errors
    /// [`SignInError::Expired`]; [`SignInError::Unknown`] for a key that is not
    /// known, not right, or of an account that is not active.
    pub fn finish_passkey_sign_in(
        &self,
        state: &AccessState,
        ceremony: &CeremonySecret,
        answer: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SignIn, SignInError> {
        self.count_address(visitor, now)?;
        let answer: PublicKeyCredential = parsed_answer(answer)?;
        let started = self.store().take_ceremony(ceremony, AUTHENTICATION, now)?;
        let started: Authentication = started.ok_or(SignInError::Expired)?;
        let kept = self
            .store()
            .passkey_by_credential(answer.get_credential_id())?;
        let mut kept = kept.ok_or(SignInError::Unknown)?;
        let shown = self.shown(started, &kept, &answer)?;
        let account = state.account(&kept.account).filter(|it| it.is_active());
        let account = account.ok_or(SignInError::Unknown)?;
        kept.passkey.update_credential(&shown);
        self.store().use_passkey(&kept, now)?;
        self.proceed(account, vec![Method::Passkey], visitor, now)
    }

    /// Whether the key a browser answered with is one of this realm.
    ///
    /// # Errors
    /// [`SignInError::Refused`] for an answer that cannot be read.
    pub fn has_passkey(&self, answer: &str) -> Result<bool, SignInError> {
        let answer: PublicKeyCredential = parsed_answer(answer)?;
        let kept = self
            .store()
            .passkey_by_credential(answer.get_credential_id())?;
        Ok(kept.is_some())
    }

    /// Takes over a sign-in that the entrance of another realm of this server
    /// started: only the device's answer says in which realm its owner is known.
    ///
    /// # Errors
    /// [`SignInError::Expired`].
    pub fn take_over_passkey_sign_in(
        &self,
        from: &Self,
        ceremony: &CeremonySecret,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        let taken = from.store().take_ceremony(ceremony, AUTHENTICATION, now)?;
        let Some(started @ Authentication::Discovered(_)) = taken else {
            return Err(SignInError::Expired);
        };
        Ok(self
            .store()
            .start_ceremony(ceremony, AUTHENTICATION, &started, now)?)
    }

    /// What the device showed, when it is right for a key.
    fn shown(
        &self,
        started: Authentication,
        kept: &KeptPasskey,
        answer: &PublicKeyCredential,
    ) -> Result<AuthenticationResult, SignInError> {
        let webauthn = &self.passkeys()?.webauthn;
        let shown = match started {
            Authentication::Discovered(state) => {
                let named = webauthn.identify_discoverable_authentication(answer);
                if !named.is_ok_and(|(user, _)| user == handle(&kept.account)) {
                    return Err(SignInError::Unknown);
                }
                webauthn.finish_discoverable_authentication_v2(answer, state, &kept.passkey)
            }
            Authentication::Known(account, _) if account != kept.account => {
                return Err(SignInError::Unknown);
            }
            Authentication::Known(_, state) => {
                webauthn.finish_passkey_authentication(answer, &state)
            }
        };
        shown
            .ok()
            .filter(AuthenticationResult::user_verified)
            .ok_or(SignInError::Unknown)
    }

    fn start_ceremony(
        &self,
        kind: &str,
        options: Value,
        state: &impl Serialize,
        now: Timestamp,
    ) -> Result<PasskeyOptions, Problem> {
        let ceremony = CeremonySecret::random(self.random());
        self.store().start_ceremony(&ceremony, kind, state, now)?;
        Ok(PasskeyOptions { options, ceremony })
    }
}

/// What devices keep as the user: says nothing about the account but which.
fn handle(account: &AccountId) -> Uuid {
    Uuid::from_bytes(Digest::of(&format!("passkey of {account}")).half())
}

fn as_json(options: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(options).map_err(|error| broken(&error))
}

fn parsed_answer<T: DeserializeOwned>(answer: &str) -> Result<T, SignInError> {
    serde_json::from_str(answer).map_err(|error| SignInError::Refused(broken(&error)))
}

fn broken(error: &impl std::fmt::Display) -> Problem {
    Problem::new("the passkey cannot be used")
        .cause(error.to_string())
        .hint("try again, or use another device or browser")
}

#[cfg(test)]
mod tests;
