//! API tokens: how a program acts for a person, within scopes the person chose.
//!
//! Must hold: a token is `tmk_<id>_<secret>`, shown once; the store keeps only
//! the hash of its secret; it never does what its account may not do, and
//! nothing once it is expired or revoked or its account closed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use crate::account::Account;
use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::id::{AccountId, TokenId};
use crate::secret::Secret;
use crate::session::Visitor;
use crate::sign_in::SignInError;
use crate::state::AccessState;

/// Longest life of a token, in days.
pub const MAX_TOKEN_DAYS: i64 = 366;

const PREFIX: &str = "tmk_";

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read what its account may read.
    Read,
    /// Change controls, policies, risks and the rest of the program.
    WriteProgram,
    /// Hand in evidence and populations.
    WriteEvidence,
    /// Run control tests.
    RunTests,
}
tickmark_catalog::named_values!(Scope, "scope", [
    Read => "read",
    WriteProgram => "write_program",
    WriteEvidence => "write_evidence",
    RunTests => "run_tests",
]);

impl Scope {
    /// Reads names of scopes.
    ///
    /// # Errors
    /// The first name that is no scope.
    pub fn read_all<'t>(
        names: impl IntoIterator<Item = &'t str>,
    ) -> Result<BTreeSet<Self>, Problem> {
        let parse = |name: &str| name.parse().map_err(|error| unknown_scope(&error));
        names.into_iter().map(parse).collect()
    }
}

fn unknown_scope(error: &tickmark_catalog::UnknownId) -> Problem {
    let names: Vec<String> = Scope::ALL.iter().map(|it| format!("`{it}`")).collect();
    Problem::new(error.to_string()).hint(format!("choose from {}", names.join(", ")))
}

/// An API token, as the ledger tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Identifier.
    pub id: TokenId,
    /// The account it acts for.
    pub account: AccountId,
    /// What its owner calls it.
    pub title: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it can be used at an instant, as far as the token goes.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Who showed a token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenBearer {
    /// The token.
    pub token: ApiToken,
    /// The account it acts for.
    pub account: Account,
}

impl Entrance {
    /// Issues a token. The secret text is shown to its owner once.
    ///
    /// # Errors
    /// As [`AccessState::issue_token`].
    pub fn issue_token(
        &self,
        state: &AccessState,
        account: &AccountId,
        title: &str,
        scopes: &BTreeSet<Scope>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(Change, Secret), Problem> {
        let id = TokenId::random(self.random());
        let event = state.issue_token(&id, account, title, scopes, expires_at, now)?;
        let secret = Secret::random(self.random());
        let text = Secret::new(format!("{PREFIX}{id}_{}", secret.reveal()));
        let digest = secret.digest();
        Ok((
            Change::new([event], [Effect::KeepToken { id, digest }]),
            text,
        ))
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// As [`AccessState::revoke_token`].
    pub fn revoke_token(&self, state: &AccessState, id: &TokenId) -> Result<Change, Problem> {
        let event = state.revoke_token(id)?;
        Ok(Change::new(
            [event],
            [Effect::RemoveToken { id: id.clone() }],
        ))
    }

    /// Who shows `text`, the value of a bearer header.
    ///
    /// # Errors
    /// [`SignInError::WrongToken`] whatever is wrong with it, and
    /// [`SignInError::TooManyAttempts`] for an address that guesses.
    pub fn token(
        &self,
        state: &AccessState,
        text: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<TokenBearer, SignInError> {
        if let Some(bearer) = self.bearer(state, text, now)? {
            return Ok(bearer);
        }
        self.count_address(visitor, now)?;
        Err(SignInError::WrongToken)
    }

    fn bearer(
        &self,
        state: &AccessState,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<TokenBearer>, Problem> {
        let Some((id, secret)) = parts(text) else {
            return Ok(None);
        };
        if self.store().token_digest(&id)? != Some(secret.digest()) {
            return Ok(None);
        }
        let token = state.token(&id).filter(|token| token.is_in_force(now));
        let bearer = token.and_then(|token| {
            let account = state.account(&token.account)?;
            account.is_active().then(|| TokenBearer {
                token: token.clone(),
                account: account.clone(),
            })
        });
        if bearer.is_some() {
            self.store().touch_token(&id, now)?;
        }
        Ok(bearer)
    }
}

/// Id and secret of a token as written.
fn parts(text: &str) -> Option<(TokenId, Secret)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    Some((id.parse().ok()?, Secret::new(secret)))
}

#[cfg(test)]
mod tests;
