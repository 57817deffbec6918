//! One's own account: where one is signed in, how one signs in, tokens for
//! programs.
//!
//! What must hold: everything here is about who asks, never about someone else;
//! how one signs in is changed only soon after signing in, so that a screen left
//! alone for a while gives nobody a way to come back; a secret is shown once.

mod authenticator;
mod confirm;
mod device;
mod overview;
mod passkeys;
mod password;
mod recovery;
mod security;
mod single_sign_on;
pub mod tokens;

use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use tickmark_access::{Account, Action, Change, Resource, Session, Side};

use crate::fault::{Answer, Fault};
use crate::frame::{Shown, head};
use crate::parts;
use crate::route::{Access, On, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

const OWN: Access = Access::May(Action::ViewOwnAccount, On::OwnAccount);
const CREDENTIALS: Access = Access::May(Action::ManageOwnCredentials, On::OwnAccount);
const TOKENS: Access = Access::May(Action::ManageOwnTokens, On::OwnAccount);

/// How long after signing in one may change how one signs in, in minutes.
const FRESH_MINUTES: i64 = 15;

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/account", OWN, overview::show),
        post(
            "/account/sessions/{id}/end",
            CREDENTIALS,
            overview::end_session,
        ),
        post(
            "/account/sessions/end-others",
            CREDENTIALS,
            overview::end_others,
        ),
        get("/account/confirm", CREDENTIALS, confirm::show),
        post("/account/confirm", CREDENTIALS, confirm::confirm),
        get("/account/security", CREDENTIALS, security::show),
        post("/account/security/password", CREDENTIALS, password::change),
        post("/account/security/codes", CREDENTIALS, recovery::make),
        post(
            "/account/security/unlink",
            CREDENTIALS,
            single_sign_on::unlink,
        ),
        get("/account/security/app", CREDENTIALS, authenticator::show),
        post("/account/security/app", CREDENTIALS, authenticator::start),
        post(
            "/account/security/app/confirm",
            CREDENTIALS,
            authenticator::confirm,
        ),
        post(
            "/account/security/app/remove",
            CREDENTIALS,
            authenticator::remove,
        ),
        post(
            "/account/security/passkeys/start",
            CREDENTIALS,
            passkeys::start,
        ),
        post("/account/security/passkeys", CREDENTIALS, passkeys::finish),
        post(
            "/account/security/passkeys/{id}/remove",
            CREDENTIALS,
            passkeys::remove,
        ),
        get("/account/tokens", TOKENS, tokens::show),
        post("/account/tokens", TOKENS, tokens::issue),
        post("/account/tokens/{id}/revoke", TOKENS, tokens::revoke),
    ]
}

/// The account of who asks, and the session they ask in.
struct Own {
    side: Side,
    account: Account,
    /// Every session of the account, last seen first.
    sessions: Vec<Session>,
    /// The one that asks; a program has none.
    session: Option<Session>,
    now: Timestamp,
}

impl Own {
    fn of(visit: &Visit) -> Answer<Self> {
        let person = visit.signed_in()?;
        let (side, id, now) = (
            person.principal.side,
            &person.principal.account,
            visit.now(),
        );
        let found = visit.app().with_access(side, |state, entrance| {
            Some((state.account(id)?.clone(), entrance.sessions(id, now)))
        });
        let (account, sessions) = found.flatten().ok_or(Fault::NotFound)?;
        let sessions = sessions.map_err(|problem| Fault::Failed(problem.to_string()))?;
        let session = sessions
            .iter()
            .find(|it| Some(it.id.to_string()) == person.session)
            .cloned();
        Ok(Self {
            side,
            account,
            sessions,
            session,
            now,
        })
    }

    /// Whether they signed in a short while ago.
    fn is_fresh(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|it| is_fresh(it.created_at, self.now))
    }

    /// How many ways of signing in there are by themselves.
    fn ways_in(&self) -> usize {
        let has = &self.account.credentials;
        usize::from(has.password) + has.passkeys.len() + usize::from(has.single_sign_on)
    }

    /// Records a change of theirs, then keeps what is secret of it.
    async fn record(&self, visit: &Visit, change: Change) -> Answer<()> {
        visit
            .app()
            .record(self.side, self.account.id.to_string(), change)
            .await
    }
}

fn is_fresh(signed_in_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(signed_in_at) < SignedDuration::from_mins(FRESH_MINUTES)
}

/// A tab of the account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Overview,
    Security,
    Tokens,
    Preferences,
}

/// The account's page with what one prefers.
///
/// # Errors
/// When nobody is signed in.
pub fn preferences(visit: &Visit, body: Markup) -> Answer<Response> {
    Ok(tabbed(visit, &Own::of(visit)?, Tab::Preferences, body))
}

/// The account's page with one of its tabs.
fn tabbed(visit: &Visit, own: &Own, current: Tab, body: Markup) -> Response {
    let mut tabs = vec![
        (Tab::Overview, t!("Overview"), "/account"),
        (Tab::Security, t!("Security"), "/account/security"),
    ];
    // Employees have none.
    if visit.may_on(
        Action::ManageOwnTokens,
        Resource::Account {
            id: &own.account.id,
        },
    ) {
        tabs.push((Tab::Tokens, t!("Tokens"), "/account/tokens"));
    }
    tabs.push((Tab::Preferences, t!("Preferences"), "/account/preferences"));
    let entries: Vec<_> = tabs
        .into_iter()
        .map(|(tab, title, href)| (title, None, href.to_owned(), tab == current))
        .collect();
    let page = html! {
        (head(&own.account.name, html! { (own.account.email) }, html! {}))
        (parts::tabs(t!("Account"), &entries))
        (body)
    };
    Shown::new(t!("Account"), page).in_frame(visit)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn a_sign_in_is_fresh_for_fifteen_minutes() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        for (seconds, expected) in [(0, true), (899, true), (900, false), (86_400, false)] {
            let now = start + SignedDuration::from_secs(seconds);
            assert_eq!(super::is_fresh(start, now), expected, "{seconds}");
        }
    }
}
