//! One request: who asks, for what, and the pictures it is answered from.
//!
//! What must hold: a handler sees a visit only after the guard has let it pass,
//! so whoever holds one may see what the route shows.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tickmark_access::{Action, Principal, Resource, Side};

use crate::app::App;
use crate::company::CompanyHost;
use crate::fault::{Answer, Fault};
use crate::firm::FirmHost;
use crate::listing::query_with;
use crate::picture::{Picture, Recorded};

/// A request that was let in.
#[derive(Clone)]
pub struct Visit(pub(crate) Arc<Inner>);

/// What a visit holds.
pub(crate) struct Inner {
    pub app: App,
    pub person: Option<Person>,
    pub path: String,
    pub params: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub picture: Option<Arc<Picture>>,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Account, role and realm.
    pub principal: Principal,
    /// Name to show.
    pub name: String,
    /// Address of mail.
    pub email: String,
    /// The session's id, where a browser asks; a program has none.
    pub session: Option<String>,
    /// The time zone they read instants in, where it is one of their own.
    pub zone: Option<TimeZone>,
}

impl Visit {
    /// The server.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// Who asks, where signed in.
    pub fn person(&self) -> Option<&Person> {
        self.0.person.as_ref()
    }

    /// Who asks.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn signed_in(&self) -> Answer<&Person> {
        self.person().ok_or(Fault::SignIn)
    }

    /// The id that stands in the ledger for who asks.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn actor(&self) -> Answer<String> {
        Ok(self.signed_in()?.principal.account.to_string())
    }

    /// The address without the query.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// A part of the address, by its name in the route.
    pub fn param(&self, name: &str) -> &str {
        let found = self.0.params.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// A part of the address as a value.
    ///
    /// # Errors
    /// Text that is none of its kind names nothing.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Answer<T> {
        self.param(name).parse().map_err(|_| Fault::NotFound)
    }

    /// The first value of the query under this key.
    pub fn asked<'v>(&'v self, key: &str) -> Option<&'v str> {
        let found = self.0.query.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Every value of the query under this key.
    pub fn all_asked<'v>(&'v self, key: &'v str) -> impl Iterator<Item = &'v str> {
        let of = self.0.query.iter().filter(move |(name, _)| name == key);
        of.map(|(_, value)| value.as_str())
    }

    /// This address with some parameters of the query set; an empty value takes
    /// one out.
    pub fn with(&self, set: &[(&str, &str)]) -> String {
        match query_with(&self.0.query, set).as_str() {
            "" => self.path().to_owned(),
            query => format!("{}?{query}", self.path()),
        }
    }

    /// The address of another page as of the same moment.
    pub fn link(&self, href: &str) -> String {
        match self.asked("at") {
            Some(at) => format!("{href}?at={}", crate::format::url_part(at)),
            None => href.to_owned(),
        }
    }

    /// The company's host.
    ///
    /// # Errors
    /// When this server holds no company.
    pub fn company(&self) -> Answer<&Arc<CompanyHost>> {
        self.0.app.company().ok_or(Fault::NotFound)
    }

    /// The firm's host.
    ///
    /// # Errors
    /// When this server holds no firm.
    pub fn firm(&self) -> Answer<&Arc<FirmHost>> {
        self.0.app.firm().ok_or(Fault::NotFound)
    }

    /// The company at the moment asked for.
    ///
    /// # Errors
    /// When this server holds no company.
    pub fn picture(&self) -> Answer<&Picture> {
        self.0.picture.as_deref().ok_or(Fault::NotFound)
    }

    /// What can be said once a program was recorded.
    ///
    /// # Errors
    /// Before that, there is nothing to say.
    pub fn recorded(&self) -> Answer<&Recorded> {
        self.picture()?.recorded.as_ref().ok_or(Fault::NoProgram)
    }

    /// Whether who asks may do something to the company.
    pub fn may(&self, action: Action) -> bool {
        self.may_on(action, Resource::Company)
    }

    /// Whether who asks may do something to a resource.
    pub fn may_on(&self, action: Action, resource: Resource<'_>) -> bool {
        self.person().is_some_and(|person| {
            self.0
                .app
                .authorizer()
                .decide(&person.principal, action, resource)
                .allowed
        })
    }

    /// Whether who asks belongs to the firm.
    pub fn is_of_firm(&self) -> bool {
        self.person()
            .is_some_and(|person| person.principal.role.side() == Side::Firm)
    }

    /// The time zone instants are shown in: the visitor's own, else the
    /// organization's. Days are counted in the latter: [`Recorded::day`].
    pub fn zone(&self) -> TimeZone {
        if let Some(zone) = self.person().and_then(|it| it.zone.clone()) {
            return zone;
        }
        let recorded = self
            .0
            .picture
            .as_ref()
            .and_then(|picture| picture.recorded.as_ref());
        recorded.map_or(TimeZone::UTC, |recorded| recorded.zone.clone())
    }

    /// What to call an actor: the account's name where the ledger knows one.
    pub fn name_of(&self, actor: &str) -> String {
        let id: Option<tickmark_access::AccountId> = actor.parse().ok();
        let found = id.and_then(|id| {
            self.0.app.sides().find_map(|side| {
                self.0
                    .app
                    .with_access(side, |state, _| {
                        state.account(&id).map(|it| it.name.clone())
                    })
                    .flatten()
            })
        });
        found.unwrap_or_else(|| actor.to_owned())
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.0.app.surroundings().now()
    }

    /// The past moment the page shows, as it was asked for; `None` shows now.
    pub fn shows_past(&self) -> Option<&str> {
        self.0
            .picture
            .as_ref()
            .and_then(|picture| picture.as_of.as_deref())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Self>() {
            Some(visit) => Ok(visit.clone()),
            // Every route is behind the guard, which puts a visit in place.
            None => unreachable!("a route without a guard"),
        }
    }
}

impl Visit {
    /// The address of another page with a query, as of the same moment.
    pub fn with_base(&self, href: &str, set: &[(&str, &str)]) -> String {
        let at: Vec<(String, String)> = self
            .asked("at")
            .map(|at| ("at".to_owned(), at.to_owned()))
            .into_iter()
            .collect();
        format!("{href}?{}", query_with(&at, set))
    }
}
