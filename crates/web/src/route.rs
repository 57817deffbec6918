//! What a route is: an address, who may use it, and what answers.
//!
//! What must hold: there is no route without a word on who may use it; the
//! tests go through all of them with every role.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use tickmark_access::Action;

use crate::app::App;

/// An address and what answers there.
pub struct Route {
    /// How it is asked.
    pub method: Method,
    /// The address; parts in braces are filled in.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What answers.
    pub handler: MethodRouter<App>,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone, signed in or not.
    Anyone,
    /// Everyone who is signed in.
    SignedIn,
    /// Who may do this.
    May(Action, On),
}

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The company's workspace.
    Company,
    /// The firm's workspace.
    Firm,
    /// The control that the address names as `{id}`.
    Control,
    /// The visitor's own account.
    OwnAccount,
    /// Whichever realm the visitor's account belongs to.
    OwnRealm,
}

impl Access {
    /// Whether what it opens can be shown as of another moment: pages that only
    /// show. What changes something is always of the present.
    pub fn shows_past(self) -> bool {
        match self {
            Self::Anyone => false,
            Self::SignedIn => true,
            Self::May(action, _) => matches!(
                action,
                Action::ViewProgram
                    | Action::ViewPeople
                    | Action::ViewPolicies
                    | Action::ViewEngagement
                    | Action::ViewReport
            ),
        }
    }
}

/// A page that shows something of the company's.
pub const PROGRAM: Access = Access::May(Action::ViewProgram, On::Company);

/// A route that reads.
pub fn get<H, T>(path: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route {
        method: Method::GET,
        path,
        access,
        handler: on(MethodFilter::GET, handler),
    }
}

/// A route that changes something.
pub fn post<H, T>(path: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route {
        method: Method::POST,
        path,
        access,
        handler: on(MethodFilter::POST, handler),
    }
}
