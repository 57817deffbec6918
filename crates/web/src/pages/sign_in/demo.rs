//! The demo's way in: one button for each role.
//!
//! What must hold: there is none in earnest.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Role;

use super::{entered, fault, knocker};
use crate::fault::{Answer, Fault};
use crate::parts;
use crate::strings::t;
use crate::visit::Visit;

/// A button for each role.
pub fn roles(to: &str) -> Markup {
    html! {
        p.mut2 { (t!("This is the demo: an invented company and an invented firm. Choose who you are; nothing here is secret.")) }
        (buttons(Role::ALL, to))
    }
}

/// The button of one role, to sign in anew.
pub fn role_button(role: Role, to: &str) -> Markup {
    buttons(&[role], to)
}

fn buttons(roles: &[Role], to: &str) -> Markup {
    html! {
        form.roles method="post" action="/sign-in/demo" {
            input type="hidden" name="to" value=(to);
            @for role in roles {
                button.btn type="submit" name="role" value=(role) {
                    (parts::avatar(role.title())) span { b { (role.title()) } small { (what_of(*role)) } }
                }
            }
        }
    }
}

fn what_of(role: Role) -> &'static str {
    match role {
        Role::Owner => t!("of the company: everything, and who may come in"),
        Role::ComplianceManager => t!("of the company: runs the program"),
        Role::ControlOwner => {
            t!("of the company: answers for the controls of platform engineering")
        }
        Role::Employee => t!("of the company: reads and acknowledges policies"),
        Role::ReadOnly => t!("of the company: reads everything"),
        Role::Partner => t!("of the firm: leads the engagement"),
        Role::Manager => t!("of the firm: runs the engagement"),
        Role::Staff => t!("of the firm: works on the engagement"),
    }
}

#[derive(Deserialize)]
pub struct DemoForm {
    role: Role,
    #[serde(default)]
    to: String,
}

/// Signs in as the first account of a role.
pub async fn demo(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<DemoForm>,
) -> Answer<Response> {
    let app = visit.app();
    if !app.settings().demo {
        return Err(Fault::NotFound);
    }
    let (knocker, now, side) = (knocker(app, &headers, from), visit.now(), form.role.side());
    let entered_as = app.with_access(side, |state, entrance| {
        let account = state.active_with(form.role).next()?;
        Some(entrance.enter_demo(account, &knocker, now))
    });
    let secret = entered_as
        .flatten()
        .ok_or(Fault::NotFound)?
        .map_err(fault)?;
    entered(app, &headers, side, &secret, &form.to)
}
