//! Who has an account, which tokens and webhooks exist: a fold of the events.
//!
//! Must hold: the state is the fold and nothing else; an event that contradicts
//! those before it is refused; an e-mail address belongs to one account. Of what
//! was erased nothing comes back: later events about it are skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use tickmark_catalog::Problem;

use crate::account::{Account, AccountStatus, Credentials, email_key};
use crate::event::{
    AccessEvent, AccountProfile, TokenIssued, TokenRevoked, WebhookRef, WebhookSet,
};
use crate::id::{AccountId, TokenId, WebhookId};
use crate::role::Role;
use crate::token::ApiToken;

/// A place that is told what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Identifier.
    pub id: WebhookId,
    /// Where it posts to.
    pub url: String,
    /// Kinds of event it posts.
    pub events: BTreeSet<String>,
    /// When it was last set.
    pub set_at: Timestamp,
}

/// Accounts, API tokens and webhooks of one realm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessState {
    accounts: Arc<BTreeMap<AccountId, Account>>,
    /// Compared address to account, of every account.
    emails: Arc<BTreeMap<String, AccountId>>,
    tokens: BTreeMap<TokenId, ApiToken>,
    webhooks: BTreeMap<WebhookId, Webhook>,
    /// Subjects whose making was erased from the ledger.
    erased: BTreeSet<Subject>,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Account(String),
    Token(String),
    Webhook(String),
}

impl Subject {
    fn of(kind: &str, id: &str) -> Self {
        let id = id.to_owned();
        if kind.starts_with("access.token_") {
            Self::Token(id)
        } else if kind.starts_with("access.webhook_") {
            Self::Webhook(id)
        } else {
            Self::Account(id)
        }
    }
}

impl AccessState {
    /// Every account, by id.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// The account with this e-mail address, whatever its capitals.
    pub fn by_email(&self, email: &str) -> Option<&Account> {
        self.account(self.emails.get(&email_key(email))?)
    }

    /// Every API token, revoked and expired ones too, by id.
    pub fn tokens(&self) -> impl Iterator<Item = &ApiToken> {
        self.tokens.values()
    }

    /// The API token with this id.
    pub fn token(&self, id: &TokenId) -> Option<&ApiToken> {
        self.tokens.get(id)
    }

    /// Every webhook, by id.
    pub fn webhooks(&self) -> impl Iterator<Item = &Webhook> {
        self.webhooks.values()
    }

    /// The webhook with this id.
    pub fn webhook(&self, id: &WebhookId) -> Option<&Webhook> {
        self.webhooks.get(id)
    }

    /// Active accounts with a role.
    pub fn active_with(&self, role: Role) -> impl Iterator<Item = &Account> {
        self.accounts()
            .filter(move |account| account.is_active() && account.role == role)
    }

    /// Takes one event into the state.
    ///
    /// # Errors
    /// An event that contradicts those before it; the state is as it was.
    pub fn apply(&mut self, event: &AccessEvent, at: Timestamp) -> Result<(), Problem> {
        if self.is_erased(event) {
            return Ok(());
        }
        match event {
            AccessEvent::AccountAdded(body) => self.account_added(body, at),
            AccessEvent::AccountChanged(body) => self.account_changed(body),
            AccessEvent::AccountActivated(body) => {
                self.move_to(&body.account, AccountStatus::Invited, AccountStatus::Active)
            }
            AccessEvent::AccountClosed(body) => self.closed(&body.account, at),
            AccessEvent::AccountReopened(body) => {
                self.move_to(&body.account, AccountStatus::Closed, AccountStatus::Active)
            }
            AccessEvent::InvitationMade(body) => {
                self.known(&body.account)?.invited_until = Some(body.expires_at);
                Ok(())
            }
            AccessEvent::CredentialChanged(body) => {
                let label = body.label.as_deref().unwrap_or_default();
                let credentials = &mut self.known(&body.account)?.credentials;
                credentials.apply(&body.credential, body.change, label);
                Ok(())
            }
            AccessEvent::SessionsEnded(body) => self.known(&body.account).map(|_| ()),
            AccessEvent::TokenIssued(body) => self.token_issued(body, at),
            AccessEvent::TokenRevoked(body) => self.token_revoked(body, at),
            AccessEvent::WebhookSet(body) => {
                self.webhook_set(body, at);
                Ok(())
            }
            AccessEvent::WebhookRemoved(body) => self.webhook_removed(body),
        }
    }

    /// Whether `events`, recorded one after the other, contradict nothing; to
    /// be asked before the ledger keeps them for ever.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn check(&self, events: &[AccessEvent], at: Timestamp) -> Result<(), Problem> {
        let mut after = self.clone();
        events.iter().try_for_each(|event| after.apply(event, at))
    }

    /// Takes an entry into the state whose body the ledger erased. When it made
    /// or changed an account, token or webhook, that one is gone from here, and
    /// what comes later about it is skipped.
    pub fn apply_erased(&mut self, kind: &str, subject: &str) {
        match kind {
            "access.account_added/1" | "access.account_changed/1" => self.forget_account(subject),
            "access.token_issued/1" => self.tokens.retain(|id, _| id.as_str() != subject),
            "access.webhook_set/1" => self.webhooks.retain(|id, _| id.as_str() != subject),
            _ => return,
        }
        self.erased.insert(Subject::of(kind, subject));
    }

    fn forget_account(&mut self, subject: &str) {
        Arc::make_mut(&mut self.accounts).retain(|id, _| id.as_str() != subject);
        Arc::make_mut(&mut self.emails).retain(|_, id| id.as_str() != subject);
        self.tokens
            .retain(|_, token| token.account.as_str() != subject);
    }

    /// Whether the event is about something erased. A token of an erased
    /// account is erased with it.
    fn is_erased(&self, event: &AccessEvent) -> bool {
        let owner = match event {
            AccessEvent::TokenIssued(body) => Some(&body.account),
            AccessEvent::TokenRevoked(body) => Some(&body.account),
            _ => None,
        };
        let owner = owner.map(|account| Subject::Account(account.to_string()));
        let subject = Subject::of(event.kind(), event.subject());
        owner.is_some_and(|owner| self.erased.contains(&owner)) || self.erased.contains(&subject)
    }

    fn account_added(&mut self, body: &AccountProfile, at: Timestamp) -> Result<(), Problem> {
        if self.accounts.contains_key(&body.account) {
            let twice = format!("account `{}` is added twice", body.account);
            return Err(Problem::new(twice));
        }
        self.take_email(&body.account, &body.email)?;
        let account = Account {
            id: body.account.clone(),
            name: body.name.clone(),
            email: body.email.clone(),
            role: body.role,
            functions: body.functions.clone(),
            status: AccountStatus::Invited,
            added_at: at,
            invited_until: None,
            credentials: Credentials::default(),
        };
        Arc::make_mut(&mut self.accounts).insert(body.account.clone(), account);
        Ok(())
    }

    fn account_changed(&mut self, body: &AccountProfile) -> Result<(), Problem> {
        let before = email_key(&self.known(&body.account)?.email);
        self.take_email(&body.account, &body.email)?;
        if before != email_key(&body.email) {
            Arc::make_mut(&mut self.emails).remove(&before);
        }
        let account = self.known(&body.account)?;
        account.name.clone_from(&body.name);
        account.email.clone_from(&body.email);
        account.role = body.role;
        account.functions.clone_from(&body.functions);
        Ok(())
    }

    /// Gives an address to an account that has none or changes it.
    fn take_email(&mut self, account: &AccountId, email: &str) -> Result<(), Problem> {
        let key = email_key(email);
        let Some(holder) = self.emails.get(&key) else {
            Arc::make_mut(&mut self.emails).insert(key, account.clone());
            return Ok(());
        };
        if holder == account {
            return Ok(());
        }
        Err(Problem::new(format!(
            "accounts `{holder}` and `{account}` have the same e-mail address"
        )))
    }

    fn move_to(
        &mut self,
        id: &AccountId,
        from: AccountStatus,
        to: AccountStatus,
    ) -> Result<(), Problem> {
        let account = self.known(id)?;
        if account.status != from {
            return Err(Problem::new(format!(
                "account `{id}` is {} and becomes {to} as if it were {from}",
                account.status
            )));
        }
        account.status = to;
        account.invited_until = None;
        Ok(())
    }

    /// Closing an account revokes its tokens: reopened, it starts without.
    fn closed(&mut self, id: &AccountId, at: Timestamp) -> Result<(), Problem> {
        let account = self.known(id)?;
        if account.status == AccountStatus::Closed {
            return Err(Problem::new(format!("account `{id}` is closed twice")));
        }
        account.status = AccountStatus::Closed;
        account.invited_until = None;
        let tokens = self.tokens.values_mut();
        for token in tokens.filter(|token| token.account == *id) {
            token.revoked_at.get_or_insert(at);
        }
        Ok(())
    }

    fn known(&mut self, id: &AccountId) -> Result<&mut Account, Problem> {
        let unknown = || Problem::new(format!("there is no account `{id}`"));
        if !self.accounts.contains_key(id) {
            return Err(unknown());
        }
        Arc::make_mut(&mut self.accounts)
            .get_mut(id)
            .ok_or_else(unknown)
    }

    fn token_issued(&mut self, body: &TokenIssued, at: Timestamp) -> Result<(), Problem> {
        self.known(&body.account)?;
        if self.tokens.contains_key(&body.token) {
            let twice = format!("token `{}` is issued twice", body.token);
            return Err(Problem::new(twice));
        }
        let token = ApiToken {
            id: body.token.clone(),
            account: body.account.clone(),
            title: body.title.clone(),
            scopes: body.scopes.clone(),
            issued_at: at,
            expires_at: body.expires_at,
            revoked_at: None,
        };
        self.tokens.insert(body.token.clone(), token);
        Ok(())
    }

    fn token_revoked(&mut self, body: &TokenRevoked, at: Timestamp) -> Result<(), Problem> {
        let in_force =
            |token: &&mut ApiToken| token.revoked_at.is_none() && token.account == body.account;
        let token = self.tokens.get_mut(&body.token).filter(in_force);
        let Some(token) = token else {
            return Err(Problem::new(format!(
                "account `{}` has no token `{}` to revoke",
                body.account, body.token
            )));
        };
        token.revoked_at = Some(at);
        Ok(())
    }

    fn webhook_set(&mut self, body: &WebhookSet, at: Timestamp) {
        let webhook = Webhook {
            id: body.webhook.clone(),
            url: body.url.clone(),
            events: body.events.clone(),
            set_at: at,
        };
        self.webhooks.insert(body.webhook.clone(), webhook);
    }

    fn webhook_removed(&mut self, body: &WebhookRef) -> Result<(), Problem> {
        match self.webhooks.remove(&body.webhook) {
            Some(_) => Ok(()),
            None => Err(Problem::new(format!(
                "there is no webhook `{}`",
                body.webhook
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
