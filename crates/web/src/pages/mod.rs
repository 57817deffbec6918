//! The pages. To add one: write a file here with a `PAGE`, and name it in
//! [`PAGES`]; navigation, authorization, search of routes and the tests of all
//! routes follow from that.

mod account;
mod api;
mod commitments;
mod controls;
mod criteria;
mod dashboard;
mod description;
mod edit;
mod engagement;
mod evidence;
mod jobs;
mod ledger;
mod own;
mod people;
mod policies;
mod populations;
mod records;
mod register;
mod report;
mod risks;
mod search;
mod settings;
mod sign_in;
mod tests;
mod upload;
mod vendors;
mod webhooks;
mod welcome;
mod workbench;

pub use sign_in::SSO_CALLBACK;
use tickmark_access::{Action, Resource};

pub use dashboard::nothing_yet;
pub use own::{preferred_zone, views};
pub use upload::Uploads;

use crate::route::{Access, On, Route};
use crate::strings::t;
use crate::visit::Visit;

/// A page of the navigation, with the routes that belong to it.
pub struct Page {
    /// Title, a string of the catalogue.
    pub title: &'static str,
    /// Icon of the sprite.
    pub icon: &'static str,
    /// Where in the navigation.
    pub group: Group,
    /// Its address.
    pub href: &'static str,
    /// Who may open it.
    pub access: Access,
    /// A number to show beside it.
    pub count: fn(&Visit) -> Option<usize>,
    /// Its own route and those below it.
    pub routes: fn() -> Vec<Route>,
}

/// A part of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Above everything.
    Start,
    /// What the program says and how it goes.
    Program,
    /// What shows it.
    Evidence,
    /// What could go wrong, and with whom.
    Risk,
    /// What the auditor does with it.
    Examination,
    /// The server itself.
    System,
}

impl Group {
    /// All, in order.
    pub const ALL: &[Self] = &[
        Self::Start,
        Self::Program,
        Self::Evidence,
        Self::Risk,
        Self::Examination,
        Self::System,
    ];

    /// Its heading.
    pub fn title(self) -> Option<&'static str> {
        match self {
            Self::Start => None,
            Self::Program => Some(t!("Program")),
            Self::Evidence => Some(t!("Evidence")),
            Self::Risk => Some(t!("Risk")),
            Self::Examination => Some(t!("Examination")),
            Self::System => Some(t!("System")),
        }
    }
}

/// Every page of the navigation, in its order.
pub static PAGES: &[&Page] = &[
    &dashboard::PAGE,
    &search::PAGE,
    &criteria::PAGE,
    &controls::PAGE,
    &tests::PAGE,
    &policies::PAGE,
    &commitments::PAGE,
    &description::PAGE,
    &evidence::PAGE,
    &populations::PAGE,
    &people::PAGE,
    &risks::PAGE,
    &vendors::PAGE,
    &engagement::PAGE,
    &report::PAGE,
    &ledger::PAGE,
    &settings::PAGE,
    &api::PAGE,
];

/// Every route of the pages, those outside the navigation included.
pub fn routes() -> Vec<Route> {
    let outside = [
        sign_in::routes,
        account::routes,
        edit::routes,
        records::routes,
        own::routes,
        upload::routes,
        jobs::routes,
        welcome::routes,
        workbench::routes,
        webhooks::routes,
    ];
    let pages = PAGES.iter().map(|page| page.routes);
    pages.chain(outside).flat_map(|routes| routes()).collect()
}

impl Page {
    /// Whether it is offered to a visitor: they may open it, this server has what
    /// it shows, and it is of use to them.
    pub fn is_open_to(&self, visit: &Visit) -> bool {
        match self.access {
            // What is open to everyone is about the program.
            Access::Anyone => visit.person().is_none() || visit.may(Action::ViewProgram),
            Access::SignedIn => visit.person().is_some(),
            Access::May(action, On::Company) => {
                visit.company().is_ok() && visit.may_on(action, Resource::Company)
            }
            Access::May(action, On::Firm) => {
                visit.firm().is_ok() && visit.may_on(action, Resource::Firm)
            }
            Access::May(action, On::OwnRealm) => visit
                .signed_in()
                .is_ok_and(|person| visit.may_on(action, crate::guard::realm_of(person))),
            Access::May(..) => false,
        }
    }

    /// Its address as of the moment shown, where it shows moments.
    pub fn link(&self, visit: &Visit) -> String {
        if self.access.shows_past() {
            visit.link(self.href)
        } else {
            self.href.to_owned()
        }
    }

    /// Whether an address belongs to it.
    pub fn is_current(&self, path: &str) -> bool {
        match self.href {
            "/" => path == "/",
            href => {
                path == href
                    || path
                        .strip_prefix(href)
                        .is_some_and(|rest| rest.starts_with('/'))
            }
        }
    }
}

/// For pages without a number beside them.
pub fn no_count(_: &Visit) -> Option<usize> {
    None
}
