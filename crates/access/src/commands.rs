//! The checked ways to change who may come in: each makes the event to record,
//! or says why not.
//!
//! Must hold: an event made here is never refused by the state it was made from;
//! the company always keeps an active owner, the firm an active partner; a role
//! of the company is never given in the firm's realm.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tickmark_catalog::Problem;
use url::Url;

use crate::account::{Account, AccountStatus, Profile, checked_text};
use crate::event::{
    AccessEvent, AccountProfile, AccountRef, InvitationMade, TokenIssued, TokenRevoked, WebhookRef,
    WebhookSet,
};
use crate::id::{AccountId, TokenId, WebhookId};
use crate::role::{Role, Side};
use crate::state::AccessState;
use crate::token::{ApiToken, MAX_TOKEN_DAYS, Scope};

impl AccessState {
    /// Adds an account to the realm of `side`.
    ///
    /// # Errors
    /// An id that is taken, an e-mail address that is malformed or taken, or a
    /// role that has no place in the realm.
    pub fn add(
        &self,
        side: Side,
        id: &AccountId,
        profile: &Profile,
    ) -> Result<AccessEvent, Problem> {
        if self.account(id).is_some() {
            let taken = Problem::new(format!("there already is an account `{id}`"));
            return Err(taken.hint("choose another id"));
        }
        let profile = self.fitting(side, id, profile)?;
        Ok(AccessEvent::AccountAdded(profile))
    }

    /// Changes name, e-mail, role and functions of an account.
    ///
    /// # Errors
    /// As [`Self::add`]; and when the account does not exist, or is the last
    /// active owner (partner, in the firm's realm) and would be no longer.
    pub fn change(
        &self,
        side: Side,
        id: &AccountId,
        profile: &Profile,
    ) -> Result<AccessEvent, Problem> {
        let account = self.existing(id)?;
        let profile = self.fitting(side, id, profile)?;
        if profile.role != account.role {
            self.refuse_last_head(side, account)?;
        }
        Ok(AccessEvent::AccountChanged(profile))
    }

    /// Lets an invited person in.
    ///
    /// # Errors
    /// When the account does not exist or is not invited.
    pub fn activate(&self, id: &AccountId) -> Result<AccessEvent, Problem> {
        self.in_status(id, &[AccountStatus::Invited])?;
        Ok(AccessEvent::activated(id))
    }

    /// Closes an account. What the store keeps of it is ended with
    /// [`AccessStore::shut_out`](crate::AccessStore::shut_out).
    ///
    /// # Errors
    /// When the account does not exist, is closed, or is the last active owner
    /// (partner, in the firm's realm).
    pub fn close(&self, side: Side, id: &AccountId) -> Result<AccessEvent, Problem> {
        let account = self.in_status(id, &[AccountStatus::Invited, AccountStatus::Active])?;
        self.refuse_last_head(side, account)?;
        Ok(AccessEvent::AccountClosed(reference(id)))
    }

    /// Opens a closed account again.
    ///
    /// # Errors
    /// When the account does not exist or is not closed.
    pub fn reopen(&self, id: &AccountId) -> Result<AccessEvent, Problem> {
        self.in_status(id, &[AccountStatus::Closed])?;
        Ok(AccessEvent::AccountReopened(reference(id)))
    }

    /// Says that a link was made for an account; the link itself is made by
    /// [`Entrance::invite`](crate::Entrance::invite).
    pub(crate) fn invite(
        &self,
        id: &AccountId,
        expires_at: Timestamp,
    ) -> Result<AccessEvent, Problem> {
        self.in_status(id, &[AccountStatus::Invited, AccountStatus::Active])?;
        Ok(AccessEvent::InvitationMade(InvitationMade {
            account: id.clone(),
            expires_at,
        }))
    }

    /// Says that the sessions of an account were ended.
    pub(crate) fn end_sessions(&self, id: &AccountId) -> Result<AccessEvent, Problem> {
        self.existing(id)?;
        Ok(AccessEvent::SessionsEnded(reference(id)))
    }

    /// Issues an API token; its secret is made by
    /// [`Entrance::issue_token`](crate::Entrance::issue_token).
    ///
    /// # Errors
    /// When the account is not active, the title is empty, no scope is given, or
    /// the expiry is past or more than [`MAX_TOKEN_DAYS`] away.
    pub fn issue_token(
        &self,
        token: &TokenId,
        account: &AccountId,
        title: &str,
        scopes: &BTreeSet<Scope>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<AccessEvent, Problem> {
        self.in_status(account, &[AccountStatus::Active])?;
        if self.token(token).is_some() {
            let taken = Problem::new(format!("there already is a token `{token}`"));
            return Err(taken.hint("choose another id"));
        }
        check_scopes(scopes)?;
        check_token_expiry(expires_at, now)?;
        Ok(AccessEvent::TokenIssued(TokenIssued {
            token: token.clone(),
            account: account.clone(),
            title: checked_text("title", title)?,
            scopes: scopes.clone(),
            expires_at,
        }))
    }

    /// Revokes an API token.
    ///
    /// # Errors
    /// When it does not exist or was revoked.
    pub fn revoke_token(&self, token: &TokenId) -> Result<AccessEvent, Problem> {
        let in_force = |token: &&ApiToken| token.revoked_at.is_none();
        let Some(found) = self.token(token).filter(in_force) else {
            let none = Problem::new(format!("there is no token `{token}` to revoke"));
            return Err(none.hint("it may have been revoked already; load the page anew"));
        };
        Ok(AccessEvent::TokenRevoked(TokenRevoked {
            token: token.clone(),
            account: found.account.clone(),
        }))
    }

    /// Adds or changes a webhook.
    ///
    /// # Errors
    /// When the URL is not one it can post to, or no kind of event is given.
    pub fn set_webhook(
        &self,
        webhook: &WebhookId,
        url: &str,
        events: &BTreeSet<String>,
    ) -> Result<AccessEvent, Problem> {
        let url = checked_webhook_url(url)?;
        if events.is_empty() {
            let none = Problem::new("the webhook would post nothing");
            return Err(none.hint("choose at least one kind of event"));
        }
        let events = events
            .iter()
            .map(|kind| checked_text("kind of event", kind));
        Ok(AccessEvent::WebhookSet(WebhookSet {
            webhook: webhook.clone(),
            url,
            events: events.collect::<Result<_, _>>()?,
        }))
    }

    /// Removes a webhook.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn remove_webhook(&self, webhook: &WebhookId) -> Result<AccessEvent, Problem> {
        if self.webhook(webhook).is_none() {
            let none = Problem::new(format!("there is no webhook `{webhook}`"));
            return Err(none.hint("it may have been removed already; load the page anew"));
        }
        Ok(AccessEvent::WebhookRemoved(WebhookRef {
            webhook: webhook.clone(),
        }))
    }

    /// The account with this id, for a person who asked for it.
    pub(crate) fn existing(&self, id: &AccountId) -> Result<&Account, Problem> {
        self.account(id).ok_or_else(|| {
            Problem::new(format!("there is no account `{id}`"))
                .hint("look for it in the list of accounts")
        })
    }

    fn in_status(&self, id: &AccountId, allowed: &[AccountStatus]) -> Result<&Account, Problem> {
        let account = self.existing(id)?;
        if allowed.contains(&account.status) {
            return Ok(account);
        }
        let status = account.status;
        Err(
            Problem::new(format!("the account of {} is {status}", account.name))
                .hint("load the page anew to see what can be done with it"),
        )
    }

    /// The profile when it fits the realm and nobody else has its address.
    fn fitting(
        &self,
        side: Side,
        id: &AccountId,
        profile: &Profile,
    ) -> Result<AccountProfile, Problem> {
        let profile = profile.checked()?;
        if !profile.role.may_enter(side) {
            return Err(refused_role(profile.role));
        }
        let holder = self.by_email(&profile.email);
        if let Some(other) = holder.filter(|holder| holder.id != *id) {
            return Err(taken_email(&profile.email, other));
        }
        Ok(AccountProfile {
            account: id.clone(),
            name: profile.name,
            email: profile.email,
            role: profile.role,
            functions: profile.functions,
        })
    }

    fn refuse_last_head(&self, side: Side, account: &Account) -> Result<(), Problem> {
        let head = side.head();
        let is_last = account.is_active()
            && account.role == head
            && self.active_with(head).all(|other| other.id == account.id);
        if !is_last {
            return Ok(());
        }
        let last = Problem::new(format!("{} is the last active {head}", account.name));
        Err(last.hint(format!(
            "make someone else {head} first; without one nobody could manage access"
        )))
    }
}

fn reference(id: &AccountId) -> AccountRef {
    AccountRef {
        account: id.clone(),
    }
}

fn refused_role(role: Role) -> Problem {
    let entering = Role::ALL.iter().filter(|role| role.may_enter(Side::Firm));
    let roles: Vec<String> = entering.map(|role| format!("`{role}`")).collect();
    Problem::new(format!(
        "role `{role}` is the company's, and this realm is the firm's"
    ))
    .hint(format!("choose one of {}", roles.join(", ")))
}

fn taken_email(email: &str, other: &Account) -> Problem {
    let hint = match other.status {
        AccountStatus::Closed => "reopen that account",
        _ => "change that account, or use another address",
    };
    Problem::new(format!(
        "`{email}` is the address of {}, account `{}`",
        other.name, other.id
    ))
    .hint(hint)
}

fn check_scopes(scopes: &BTreeSet<Scope>) -> Result<(), Problem> {
    if !scopes.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = Scope::ALL.iter().map(|it| format!("`{it}`")).collect();
    Err(Problem::new("a token without a scope can do nothing")
        .hint(format!("choose at least one of {}", names.join(", "))))
}

fn check_token_expiry(expires_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let length = expires_at.duration_since(now);
    if length <= SignedDuration::ZERO {
        return Err(Problem::new("the token would expire in the past").hint("choose a later day"));
    }
    if length > SignedDuration::from_hours(24 * MAX_TOKEN_DAYS) {
        return Err(Problem::new("the token would live too long").hint(format!(
            "choose a day within the next {MAX_TOKEN_DAYS} days"
        )));
    }
    Ok(())
}

/// A webhook posts over TLS, or to this machine.
fn checked_webhook_url(text: &str) -> Result<String, Problem> {
    let refuse = |why: &str| {
        Problem::new(format!("a webhook cannot post to that address: {why}"))
            .hint("write it like `https://hooks.example.com/tickmark`")
    };
    let url = Url::parse(text.trim()).map_err(|error| refuse(&error.to_string()))?;
    if !is_private(&url) {
        return Err(refuse("it does not start with `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it holds a password, and the address is recorded"));
    }
    Ok(url.into())
}

/// Whether nobody in between can read what is sent: TLS, or this machine.
pub(crate) fn is_private(url: &Url) -> bool {
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

#[cfg(test)]
mod tests;
