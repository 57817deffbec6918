//! `tickmark token`: API tokens, without the web application.
//!
//! What must hold: the issue is recorded in the ledger before the token can be
//! used; the token is printed once and kept as a hash; while a server has the
//! ledger the command refuses, as every command that writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tickmark_access::{
    AccessState, AccessStore, AccountId, Change, Entrance, Scope, Secret, Settings, Side,
};
use tickmark_catalog::Problem;
use tickmark_realm::{Realm, Result, Workspace};

use super::Session;
use crate::args::TokenCommand;
use crate::output::{FAINT, styled};

/// What was issued.
#[derive(Serialize)]
struct Issued {
    token: String,
    account: String,
    scopes: BTreeSet<Scope>,
    expires_at: Timestamp,
}

/// Issues a token.
///
/// # Errors
/// When there is no such account, it is not active, or another process has the
/// workspace.
pub fn run(session: &Session, command: &TokenCommand) -> Result<u8> {
    let TokenCommand::Issue {
        account,
        scopes,
        days,
        title,
    } = command;
    let now = session.surroundings.now();
    let hours = SignedDuration::from_hours(24 * days);
    let expires_at = now
        .checked_add(hours)
        .map_err(|error| Problem::new(error.to_string()))?;
    let wanted = Wanted {
        account,
        title,
        scopes: scopes.iter().copied().collect(),
        expires_at,
        now,
    };
    let issued = match session.open()?.file().realm {
        Realm::Company => {
            let mut company = session.company()?;
            let entrance = entrance(session, company.workspace(), Side::Company)?;
            let (change, issued) = wanted.issue(&entrance, &company.state().access)?;
            company.record_access(&session.actor, change.events())?;
            entrance.store().keep(change, now)?;
            issued
        }
        Realm::Firm => {
            let mut firm = session.firm()?;
            let entrance = entrance(session, firm.workspace(), Side::Firm)?;
            let (change, issued) = wanted.issue(&entrance, &firm.state().access)?;
            firm.record_access(&session.actor, change.events())?;
            entrance.store().keep(change, now)?;
            issued
        }
    };
    session.output.print(&issued, || {
        let until = issued.expires_at.strftime("%Y-%m-%d %H:%M UTC");
        let note = format!(
            "acts for {} until {until}; it is shown once",
            issued.account
        );
        format!("{}\n{}\n", issued.token, styled(FAINT, note))
    })?;
    Ok(0)
}

/// A token that is asked for.
struct Wanted<'a> {
    account: &'a str,
    title: &'a str,
    scopes: BTreeSet<Scope>,
    expires_at: Timestamp,
    now: Timestamp,
}

impl Wanted<'_> {
    fn issue(&self, entrance: &Entrance, state: &AccessState) -> Result<(Change, Issued)> {
        let account = self.found(state)?;
        let (change, secret): (Change, Secret) = entrance.issue_token(
            state,
            &account,
            self.title,
            &self.scopes,
            self.expires_at,
            self.now,
        )?;
        let issued = Issued {
            token: secret.reveal().to_owned(),
            account: account.to_string(),
            scopes: self.scopes.clone(),
            expires_at: self.expires_at,
        };
        Ok((change, issued))
    }

    /// The account by its id or address.
    fn found(&self, state: &AccessState) -> Result<AccountId> {
        let by_id = self
            .account
            .parse::<AccountId>()
            .ok()
            .and_then(|id| state.account(&id));
        let found = by_id.or_else(|| state.by_email(self.account));
        match found {
            Some(account) => Ok(account.id.clone()),
            None => {
                let known: Vec<&str> = state.accounts().map(|it| it.id.as_str()).collect();
                let none = Problem::new(format!("there is no account `{}`", self.account));
                Err(match known.as_slice() {
                    [] => none.hint("nobody has an account yet: serve the workspace and set it up with the link it prints"),
                    known => none.hint(format!("the accounts are {}", known.join(", "))),
                }
                .into())
            }
        }
    }
}

/// What keeps the secrets of a workspace, as the server has it.
fn entrance(session: &Session, workspace: &Workspace, side: Side) -> Result<Entrance> {
    let store = Arc::new(AccessStore::open(&workspace.access_store())?);
    let random = session.surroundings.clone();
    let here = "http://localhost"
        .parse()
        .map_err(|_| Problem::new("this machine has no address"))?;
    let settings = Settings::new(side, workspace.file().id.clone(), here);
    Ok(Entrance::new(
        store,
        Arc::new(move |bytes: &mut [u8]| random.fill(bytes)),
        settings,
    )?)
}
