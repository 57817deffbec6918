//! Invitations: the link with which a person sets a password, and the set-up
//! link with which the first owner or partner does.
//!
//! Must hold: a link is used once, replaced by the next and worthless after
//! [`INVITATION_HOURS`]; it never goes around a second factor that is set up.

use jiff::{SignedDuration, Timestamp};
use tickmark_catalog::Problem;

use crate::account::{Account, AccountStatus, CredentialKind, Profile};
use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::event::AccessEvent;
use crate::id::AccountId;
use crate::password::check_password;
use crate::secret::InvitationSecret;
use crate::session::{Method, Visitor};
use crate::sign_in::{SignIn, SignInError, password_subject};
use crate::state::AccessState;

/// How long a link can be used, in hours.
pub const INVITATION_HOURS: i64 = 72;

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationFor {
    /// Setting the password of an account.
    Account(AccountId),
    /// Setting up the realm.
    SetUp,
}

/// Someone who may come in once what happened is recorded: record
/// [`Self::events`] in the ledger, then [`Entrance::admit`].
#[must_use = "nobody is in until the admission is recorded and made"]
#[derive(Clone, Debug)]
pub struct Admission {
    account: AccountId,
    methods: Vec<Method>,
    change: Change,
}

impl Admission {
    pub(crate) fn new(account: AccountId, method: Method, change: Change) -> Self {
        Self {
            account,
            methods: vec![method],
            change,
        }
    }

    /// Who may come in; also the actor of the events.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// What to record in the ledger, in order; may be empty.
    pub fn events(&self) -> &[AccessEvent] {
        self.change.events()
    }
}

impl Entrance {
    /// Makes a link with which a person sets their password: the first time, or
    /// when it is forgotten. The secret goes into the link, and is shown once.
    ///
    /// # Errors
    /// When the account does not exist or is closed.
    pub fn invite(
        &self,
        state: &AccessState,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(Change, InvitationSecret), Problem> {
        let expires_at = expiry(now);
        let event = state.invite(account, expires_at)?;
        let secret = InvitationSecret::random(self.random());
        let invite = Effect::Invite {
            digest: secret.digest(),
            account: Some(account.clone()),
            expires_at,
        };
        Ok((Change::new([event], [invite]), secret))
    }

    /// Makes the link with which the first owner, or partner in the firm's
    /// realm, sets the realm up.
    ///
    /// # Errors
    /// When there is one already.
    pub fn set_up_link(
        &self,
        state: &AccessState,
        now: Timestamp,
    ) -> Result<InvitationSecret, Problem> {
        self.refuse_second_set_up(state)?;
        let secret = InvitationSecret::random(self.random());
        let invite = Effect::Invite {
            digest: secret.digest(),
            account: None,
            expires_at: expiry(now),
        };
        self.store().keep(Change::new([], [invite]), now)?;
        Ok(secret)
    }

    /// What a link is for, to show the page that goes with it.
    ///
    /// # Errors
    /// [`SignInError::DeadLink`].
    pub fn invitation(
        &self,
        secret: &InvitationSecret,
        now: Timestamp,
    ) -> Result<InvitationFor, SignInError> {
        let found = self.store().invitation(secret.digest(), now)?;
        found.ok_or(SignInError::DeadLink)
    }

    /// Sets the password of whoever was invited. Of someone who was active
    /// before, it ends the sessions.
    ///
    /// # Errors
    /// [`SignInError::DeadLink`]; [`SignInError::Refused`] for a password that
    /// is too weak, after which another can be tried.
    pub fn accept_invitation(
        &self,
        state: &AccessState,
        secret: &InvitationSecret,
        password: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Admission, SignInError> {
        self.count_address(visitor, now)?;
        let InvitationFor::Account(id) = self.invitation(secret, now)? else {
            return Err(SignInError::DeadLink);
        };
        let account = state.account(&id).ok_or(SignInError::DeadLink)?;
        let activated = match account.status {
            AccountStatus::Invited => Some(AccessEvent::activated(&id)),
            AccountStatus::Active => None,
            AccountStatus::Closed => return Err(SignInError::DeadLink),
        };
        let set = AccessEvent::set(&id, CredentialKind::Password, None);
        let events = activated.into_iter().chain([set]);
        let effects = self.use_link(secret, &id, &account.name, &account.email, password)?;
        let end = Effect::EndSessions {
            account: id.clone(),
            except: None,
        };
        let change = Change::new(events, effects).with(end);
        Ok(Admission::new(id, Method::Invitation, change))
    }

    /// Makes the account of the first owner, or partner in the firm's realm.
    ///
    /// # Errors
    /// [`SignInError::DeadLink`]; [`SignInError::Refused`] for a name, address
    /// or password that cannot be accepted, after which others can be tried.
    pub fn set_up(
        &self,
        state: &AccessState,
        secret: &InvitationSecret,
        name: &str,
        email: &str,
        password: &str,
        now: Timestamp,
    ) -> Result<Admission, SignInError> {
        if self.invitation(secret, now)? != InvitationFor::SetUp {
            return Err(SignInError::DeadLink);
        }
        self.refuse_second_set_up(state)
            .map_err(SignInError::Refused)?;
        let side = self.settings().side;
        let id = AccountId::random(self.random());
        let profile = Profile {
            name: name.to_owned(),
            email: email.to_owned(),
            role: side.head(),
            functions: [].into(),
        };
        let added = state.add(side, &id, &profile);
        let events = [
            added.map_err(SignInError::Refused)?,
            AccessEvent::activated(&id),
            AccessEvent::set(&id, CredentialKind::Password, None),
        ];
        let effects = self.use_link(secret, &id, name, email, password)?;
        let change = Change::new(events, effects);
        Ok(Admission::new(id, Method::Invitation, change))
    }

    /// Lets someone in whose admission is recorded. `state` is the one that
    /// holds its events.
    ///
    /// # Errors
    /// [`SignInError::DeadLink`] when the link was used meanwhile;
    /// [`SignInError::Unknown`] when the account is not active.
    pub fn admit(
        &self,
        state: &AccessState,
        admission: Admission,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SignIn, SignInError> {
        let Admission {
            account,
            methods,
            change,
        } = admission;
        let account = state.account(&account).filter(|it| it.is_active());
        let account = account.ok_or(SignInError::Unknown)?;
        if !self.store().try_keep(change, now)? {
            return Err(SignInError::DeadLink);
        }
        self.forget_attempts(&password_subject(&account.email))?;
        self.proceed(account, methods, visitor, now)
    }

    /// What the store keeps when a link sets a password.
    fn use_link(
        &self,
        secret: &InvitationSecret,
        id: &AccountId,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<[Effect; 2], SignInError> {
        self.check_password_of(name, email, password)?;
        let digest = secret.digest();
        let hash = self.passwords().hash(password, self.random())?;
        let account = id.clone();
        Ok([
            Effect::UseInvitation { digest },
            Effect::SetPassword { account, hash },
        ])
    }

    pub(crate) fn check_password_of(
        &self,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<(), SignInError> {
        let about = [name, email, self.settings().organization.as_str()];
        check_password(password, &about).map_err(SignInError::Refused)
    }

    fn refuse_second_set_up(&self, state: &AccessState) -> Result<(), Problem> {
        let head = self.settings().side.head();
        let first: Option<&Account> = state.active_with(head).next();
        let Some(first) = first else {
            return Ok(());
        };
        let done = Problem::new(format!("the realm was set up by {}", first.name));
        Err(done.hint(format!("ask an active {head} for an invitation")))
    }
}

fn expiry(now: Timestamp) -> Timestamp {
    let lifetime = SignedDuration::from_hours(INVITATION_HOURS);
    now.checked_add(lifetime).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
