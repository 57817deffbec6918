//! Coming in through an identity provider: the two halves of the ceremony, and
//! whose account an identity is.
//!
//! Must hold: an identity is matched by its link, or by an address the provider
//! verified, and by nothing else; an account has one identity of each provider.

use jiff::Timestamp;
use tickmark_catalog::Problem;
use url::Url;

use crate::account::{Account, AccountStatus, CredentialKind};
use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::event::AccessEvent;
use crate::invitation::Admission;
use crate::secret::CeremonySecret;
use crate::session::Method;
use crate::sign_in::SignInError;
use crate::sso::{Identity, Prompt, Sso, SsoCallback};
use crate::state::AccessState;

const CEREMONY: &str = "single sign-on";

impl Entrance {
    /// Starts a single sign-on: where to send the browser, and what ties it to
    /// the way back (a cookie).
    ///
    /// # Errors
    /// When the provider or the store fails.
    pub async fn start_single_sign_on(
        &self,
        sso: &Sso,
        prompt: Prompt,
        now: Timestamp,
    ) -> Result<(Url, CeremonySecret), Problem> {
        let (url, asked) = sso.ask(prompt, self.random()).await?;
        let ceremony = CeremonySecret::random(self.random());
        self.store()
            .start_ceremony(&ceremony, CEREMONY, &asked, now)?;
        Ok((url, ceremony))
    }

    /// Finishes a single sign-on: who came back.
    ///
    /// # Errors
    /// [`SignInError::Expired`]; [`SignInError::Refused`] for an answer that
    /// cannot be trusted; [`SignInError::Failed`] when the provider failed.
    pub async fn finish_single_sign_on(
        &self,
        sso: &Sso,
        ceremony: &CeremonySecret,
        callback: &SsoCallback,
        now: Timestamp,
    ) -> Result<Identity, SignInError> {
        let asked = self.store().take_ceremony(ceremony, CEREMONY, now)?;
        sso.answer(asked.ok_or(SignInError::Expired)?, callback, now)
            .await
    }

    /// Finds whose identity it is: the account that is linked to it, or the one
    /// with its verified address, which is then linked. Someone who was invited
    /// is active from then on.
    ///
    /// # Errors
    /// [`SignInError::Unknown`] when it is nobody's who may come in.
    pub fn single_sign_on(
        &self,
        state: &AccessState,
        identity: &Identity,
    ) -> Result<Admission, SignInError> {
        let linked = self
            .store()
            .sso_account(&identity.issuer, &identity.subject)?;
        let change = match &linked {
            Some(_) => Change::new([], []),
            None => self.link(state, identity)?,
        };
        let by_email = || {
            let email = identity.verified_email.as_deref()?;
            Some(state.by_email(email)?.id.clone())
        };
        let account = linked.or_else(by_email).ok_or(SignInError::Unknown)?;
        match state.account(&account).map(|account| account.status) {
            Some(AccountStatus::Active | AccountStatus::Invited) => {
                Ok(Admission::new(account, Method::SingleSignOn, change))
            }
            _ => Err(SignInError::Unknown),
        }
    }

    /// Links an identity to the account with its verified address. An account
    /// that is linked to someone else there is not theirs: the address moved on.
    fn link(&self, state: &AccessState, identity: &Identity) -> Result<Change, SignInError> {
        let email = identity.verified_email.as_deref();
        let account: Option<&Account> = email.and_then(|email| state.by_email(email));
        let account = account.ok_or(SignInError::Unknown)?;
        if self
            .store()
            .sso_issuers(&account.id)?
            .contains(&identity.issuer)
        {
            return Err(SignInError::Unknown);
        }
        let activated = match account.status {
            AccountStatus::Invited => Some(AccessEvent::activated(&account.id)),
            _ => None,
        };
        let kind = CredentialKind::SingleSignOn;
        let set = AccessEvent::set(&account.id, kind, Some(&identity.issuer));
        let link = Effect::LinkSso {
            account: account.id.clone(),
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
        };
        Ok(Change::new(activated.into_iter().chain([set]), [link]))
    }
}

#[cfg(test)]
mod tests;
