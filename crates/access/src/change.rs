//! A change of credentials: what the ledger records of it, and what the store
//! keeps once it is recorded.
//!
//! Must hold: the ledger is told first. A change that was recorded but not kept
//! can be made again; one that was kept but not recorded would be unaudited.

use std::fmt;

use jiff::Timestamp;

use crate::event::AccessEvent;
use crate::id::{AccountId, TokenId, WebhookId};
use crate::secret::{Digest, Secret};
use crate::session::SessionId;
use crate::store::KeptPasskey;

/// Something prepared: record [`Self::events`] in the ledger, then hand it to
/// [`AccessStore::keep`](crate::AccessStore::keep). Nothing has happened before.
#[must_use = "a change does nothing until it is recorded and kept"]
#[derive(Clone)]
pub struct Change {
    events: Vec<AccessEvent>,
    effects: Vec<Effect>,
}

/// What the store does with it.
#[derive(Clone)]
pub(crate) enum Effect {
    SetPassword {
        account: AccountId,
        hash: String,
    },
    SetTotp {
        account: AccountId,
        secret: Secret,
        step: u64,
    },
    RemoveTotp {
        account: AccountId,
    },
    SetRecoveryCodes {
        account: AccountId,
        digests: Vec<Digest>,
    },
    AddPasskey(Box<KeptPasskey>),
    RemovePasskeys {
        account: AccountId,
        id: Option<crate::PasskeyId>,
    },
    LinkSso {
        account: AccountId,
        issuer: String,
        subject: String,
    },
    UnlinkSso {
        account: AccountId,
    },
    Invite {
        digest: Digest,
        account: Option<AccountId>,
        expires_at: Timestamp,
    },
    UseInvitation {
        digest: Digest,
    },
    EndSessions {
        account: AccountId,
        except: Option<SessionId>,
    },
    KeepToken {
        id: TokenId,
        digest: Digest,
    },
    RemoveToken {
        id: TokenId,
    },
    SetWebhookSecret {
        id: WebhookId,
        secret: Secret,
    },
    RemoveWebhook {
        id: WebhookId,
    },
}

impl Change {
    pub(crate) fn new(
        events: impl IntoIterator<Item = AccessEvent>,
        effects: impl IntoIterator<Item = Effect>,
    ) -> Self {
        Self {
            events: events.into_iter().collect(),
            effects: effects.into_iter().collect(),
        }
    }

    /// What to record in the ledger, in order. Empty when only the store changes.
    pub fn events(&self) -> &[AccessEvent] {
        &self.events
    }

    pub(crate) fn into_effects(self) -> Vec<Effect> {
        self.effects
    }

    pub(crate) fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
