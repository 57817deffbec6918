//! What the ledger records about access.
//!
//! Must hold: no secret, hash or code is ever in an event; what names a person
//! is in the body, which the ledger can erase, never in the subject. A kind
//! keeps its meaning for ever; a change makes a new version beside it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{CredentialChange, CredentialKind};
use crate::id::{AccountId, TokenId, WebhookId};
use crate::role::Role;
use crate::token::Scope;

/// Something that happened to who may come in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum AccessEvent {
    /// An account was added.
    #[serde(rename = "access.account_added/1")]
    AccountAdded(AccountProfile),
    /// Name, e-mail, role or functions of an account changed.
    #[serde(rename = "access.account_changed/1")]
    AccountChanged(AccountProfile),
    /// The person came in for the first time.
    #[serde(rename = "access.account_activated/1")]
    AccountActivated(AccountRef),
    /// The person can no longer come in.
    #[serde(rename = "access.account_closed/1")]
    AccountClosed(AccountRef),
    /// The person can come in again.
    #[serde(rename = "access.account_reopened/1")]
    AccountReopened(AccountRef),
    /// A link was made with which the person sets a password.
    #[serde(rename = "access.invitation_made/1")]
    InvitationMade(InvitationMade),
    /// A credential was set up, replaced or removed.
    #[serde(rename = "access.credential_changed/1")]
    CredentialChanged(CredentialChanged),
    /// Sessions of the account were ended on purpose.
    #[serde(rename = "access.sessions_ended/1")]
    SessionsEnded(AccountRef),
    /// An API token was issued.
    #[serde(rename = "access.token_issued/1")]
    TokenIssued(TokenIssued),
    /// An API token was revoked.
    #[serde(rename = "access.token_revoked/1")]
    TokenRevoked(TokenRevoked),
    /// A webhook was added or changed.
    #[serde(rename = "access.webhook_set/1")]
    WebhookSet(WebhookSet),
    /// A webhook was removed.
    #[serde(rename = "access.webhook_removed/1")]
    WebhookRemoved(WebhookRef),
}

/// Body of `access.account_added/1` and `access.account_changed/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountProfile {
    /// The account.
    pub account: AccountId,
    /// Name of the person.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Role.
    pub role: Role,
    /// The owner roles whose controls this person answers for.
    pub functions: BTreeSet<String>,
}

/// Body of the events that say no more than which account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRef {
    /// The account.
    pub account: AccountId,
}

/// Body of `access.invitation_made/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationMade {
    /// The account.
    pub account: AccountId,
    /// Until when the link can be used.
    pub expires_at: Timestamp,
}

/// Body of `access.credential_changed/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialChanged {
    /// The account.
    pub account: AccountId,
    /// Which credential.
    pub credential: CredentialKind,
    /// What happened to it.
    pub change: CredentialChange,
    /// Label of a passkey, issuer of a single sign-on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Body of `access.token_issued/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenIssued {
    /// The token.
    pub token: TokenId,
    /// The account it acts for.
    pub account: AccountId,
    /// What its owner calls it.
    pub title: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Body of `access.token_revoked/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRevoked {
    /// The token.
    pub token: TokenId,
    /// The account it acted for.
    pub account: AccountId,
}

/// Body of `access.webhook_set/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSet {
    /// The webhook.
    pub webhook: WebhookId,
    /// Where it posts to.
    pub url: String,
    /// Kinds of event it posts.
    pub events: BTreeSet<String>,
}

/// Body of `access.webhook_removed/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookRef {
    /// The webhook.
    pub webhook: WebhookId,
}

impl AccessEvent {
    /// Every kind this crate writes.
    pub const KINDS: &[&str] = &[
        "access.account_added/1",
        "access.account_changed/1",
        "access.account_activated/1",
        "access.account_closed/1",
        "access.account_reopened/1",
        "access.invitation_made/1",
        "access.credential_changed/1",
        "access.sessions_ended/1",
        "access.token_issued/1",
        "access.token_revoked/1",
        "access.webhook_set/1",
        "access.webhook_removed/1",
    ];

    /// The kind under which the ledger keeps it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AccountAdded(_) => "access.account_added/1",
            Self::AccountChanged(_) => "access.account_changed/1",
            Self::AccountActivated(_) => "access.account_activated/1",
            Self::AccountClosed(_) => "access.account_closed/1",
            Self::AccountReopened(_) => "access.account_reopened/1",
            Self::InvitationMade(_) => "access.invitation_made/1",
            Self::CredentialChanged(_) => "access.credential_changed/1",
            Self::SessionsEnded(_) => "access.sessions_ended/1",
            Self::TokenIssued(_) => "access.token_issued/1",
            Self::TokenRevoked(_) => "access.token_revoked/1",
            Self::WebhookSet(_) => "access.webhook_set/1",
            Self::WebhookRemoved(_) => "access.webhook_removed/1",
        }
    }

    /// What it is about: the id of an account, a token or a webhook.
    pub fn subject(&self) -> &str {
        match self {
            Self::AccountAdded(body) | Self::AccountChanged(body) => body.account.as_str(),
            Self::AccountActivated(body)
            | Self::AccountClosed(body)
            | Self::AccountReopened(body)
            | Self::SessionsEnded(body) => body.account.as_str(),
            Self::InvitationMade(body) => body.account.as_str(),
            Self::CredentialChanged(body) => body.account.as_str(),
            Self::TokenIssued(body) => body.token.as_str(),
            Self::TokenRevoked(body) => body.token.as_str(),
            Self::WebhookSet(body) => body.webhook.as_str(),
            Self::WebhookRemoved(body) => body.webhook.as_str(),
        }
    }

    /// The event of coming in for the first time.
    pub fn activated(account: &AccountId) -> Self {
        Self::AccountActivated(AccountRef {
            account: account.clone(),
        })
    }

    /// The event of setting a credential up.
    pub(crate) fn set(
        account: &AccountId,
        credential: CredentialKind,
        label: Option<&str>,
    ) -> Self {
        Self::CredentialChanged(CredentialChanged {
            account: account.clone(),
            credential,
            change: CredentialChange::Set,
            label: label.map(str::to_owned),
        })
    }

    /// The event of removing a credential.
    pub(crate) fn removed(account: &AccountId, credential: CredentialKind) -> Self {
        Self::CredentialChanged(CredentialChanged {
            account: account.clone(),
            credential,
            change: CredentialChange::Removed,
            label: None,
        })
    }
}

#[cfg(test)]
mod tests;
