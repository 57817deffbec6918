//! The web application: everything the workspaces know, as pages and as an
//! interface for programs. A library: `tickmark serve` starts it.
//!
//! In reading order: [`server`] puts the parts together; `route` says what a
//! route is and `guard` stands before each; a `visit` is one request that was
//! let in, answered from a `picture`; `pages` holds the pages, made of `parts`
//! in a `frame`.
//!
//! What must hold: every change is a command of `tickmark-realm`, so an entry
//! of the ledger with its actor; a page reads pictures, never the ledger while
//! it is written; nothing here concludes anything.

pub mod api;
mod app;
mod assets;
mod calendar;
mod company;
mod cookie;
mod fault;
mod firm;
mod form;
mod format;
mod frame;
mod guard;
mod jobs;
mod listing;
mod log;
mod markdown;
mod metrics;
mod operation;
mod pages;
mod parts;
mod picture;
mod ready;
mod results;
mod route;
mod rows;
mod search;
pub mod server;
pub mod settings;
mod strings;
mod tls;
mod visit;
pub mod webhooks;
mod work;

pub use app::App;
pub use route::{Access, On, Route};

/// Every route of the server but its assets and its signs of life.
pub fn routes() -> Vec<Route> {
    [pages::routes(), api::routes()]
        .into_iter()
        .flatten()
        .collect()
}
