//! The links with which people come in for the first time, set the workspace
//! up, or choose a new password.
//!
//! What must hold: a link works once; what was typed stays when a password is
//! refused, the password itself does not.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::{InvitationFor, InvitationSecret, MIN_PASSWORD_CHARS, Side, SignInError};
use tickmark_catalog::Problems;

use super::{admit, fault, knocker, mark, mark_refused, waiting};
use crate::fault::{Answer, Fault};
use crate::frame;
use crate::guard::problems;
use crate::parts::{self, icon};
use crate::strings::t;
use crate::visit::Visit;

#[derive(Clone, Default, Deserialize)]
pub struct AcceptForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// The realm a link belongs to, and what it is for.
fn linked(visit: &Visit, secret: &InvitationSecret) -> Answer<(Side, InvitationFor)> {
    let app = visit.app();
    let found = app.sides().find_map(|side| {
        let found =
            app.with_access(side, |_, entrance| entrance.invitation(secret, visit.now()))?;
        found.ok().map(|it| (side, it))
    });
    found.ok_or_else(|| fault(SignInError::DeadLink))
}

/// The page of a link.
pub async fn show(visit: Visit) -> Answer<Response> {
    let secret = InvitationSecret::new(visit.param("secret"));
    let (side, what) = linked(&visit, &secret)?;
    Ok(page(&visit, side, &what, &AcceptForm::default(), None))
}

fn page(
    visit: &Visit,
    side: Side,
    what: &InvitationFor,
    typed: &AcceptForm,
    wrong: Option<&SignInError>,
) -> Response {
    let title = match what {
        InvitationFor::SetUp => t!("Set up Tickmark"),
        InvitationFor::Account(_) => t!("Welcome"),
    };
    let body = html! {
        (mark())
        h1 { (title) }
        @if let Some(wrong) = wrong { (problems(&Problems::from(wrong.problem()))) }
        p.mut2 { (greeting(visit, side, what)) }
        form.form method="post" {
            @if *what == InvitationFor::SetUp {
                (parts::field("name", t!("Name"), "", html! { input #name name="name" required autocomplete="name" value=(typed.name) autofocus; }))
                (parts::field("email", t!("E-mail address"), "", html! { input #email name="email" type="email" required autocomplete="username" value=(typed.email); }))
            }
            (new_password("password", t!("Password")))
            button.btn.primary type="submit" { (icon("check")) (t!("Go on")) }
        }
    };
    frame::bare(title, body)
}

fn greeting(visit: &Visit, side: Side, what: &InvitationFor) -> String {
    let owner = match side {
        Side::Company => {
            t!("You become the owner of this workspace: you can invite everyone else.")
        }
        Side::Firm => t!("You become the partner of this workspace: you can invite everyone else."),
    };
    let InvitationFor::Account(id) = what else {
        return owner.to_owned();
    };
    let name = visit
        .app()
        .with_access(side, |state, _| state.account(id).map(|it| it.name.clone()));
    t!(
        "{name}, choose a password. The link works once.",
        name = name.flatten().unwrap_or_default()
    )
}

/// The field for a new password, with what is asked of one.
pub fn new_password(id: &str, name: &str) -> Markup {
    let hint = t!(
        "At least {n} characters; a few unrelated words are good, your name or your company's are not.",
        n = MIN_PASSWORD_CHARS
    );
    parts::field(
        id,
        name,
        &hint,
        html! {
            input id=(id) name=(id) type="password" required minlength=(MIN_PASSWORD_CHARS) autocomplete="new-password" aria-describedby={ (id) "-hint" };
        },
    )
}

/// Uses a link.
pub async fn accept(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Form(form): Form<AcceptForm>,
) -> Answer<Response> {
    let app = visit.app().clone();
    let secret = InvitationSecret::new(visit.param("secret"));
    let (side, what) = linked(&visit, &secret)?;
    let (knocker, now) = (knocker(&app, &headers, from), visit.now());
    let work = {
        let (app, what, knocker, form) = (app.clone(), what.clone(), knocker.clone(), form.clone());
        move || {
            app.with_access(side, |state, entrance| match &what {
                InvitationFor::SetUp => {
                    entrance.set_up(state, &secret, &form.name, &form.email, &form.password, now)
                }
                InvitationFor::Account(_) => {
                    entrance.accept_invitation(state, &secret, &form.password, &knocker, now)
                }
            })
        }
    };
    match waiting(work).await?.ok_or(Fault::NotFound)? {
        Ok(admission) => admit(&app, &headers, side, admission, &knocker, "/").await,
        Err(error @ (SignInError::Refused(_) | SignInError::TooManyAttempts { .. })) => {
            let mut response = page(&visit, side, &what, &form, Some(&error));
            mark_refused(&mut response, &error);
            Ok(response)
        }
        Err(error) => Err(fault(error)),
    }
}
