//! Coming in through an identity provider: the way there and the way back.
//!
//! What must hold: only a person with an account comes in, known by the link or
//! by an address the provider verified; what the admission changes is recorded
//! before anyone is in; whoever confirms that it is them is asked anew.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::{Admission, Entrance, Identity, Prompt, Side, SignInError, Sso, SsoCallback};
use tickmark_catalog::Problem;

use super::{Ceremony, admit, back, knocker, refused, sign_in_page};
use crate::app::App;
use crate::fault::{Answer, Fault};
use crate::format::url_part;
use crate::guard::see;
use crate::parts::button_link;
use crate::strings::t;
use crate::visit::Visit;

/// Where the provider sends browsers back to.
pub const CALLBACK: &str = "/sign-in/sso/callback";

/// What the provider is called: its host.
pub fn provider(app: &App) -> Option<String> {
    let issuer = &app
        .settings()
        .sso
        .as_ref()
        .filter(|_| app.sso().is_some())?
        .issuer;
    let host = url::Url::parse(issuer).ok()?.host_str()?.to_owned();
    Some(host)
}

/// The link to the provider, where there is one. A link and no form, since the
/// content policy lets no form lead to another host.
pub fn link(app: &App, to: &str) -> Markup {
    html! {
        @if let Some(provider) = provider(app) {
            div { (button_link(&format!("/sign-in/sso?to={}", url_part(to)), "building-2", &t!("Sign in with {provider}", provider = provider))) }
        }
    }
}

/// The link for who is signed in and has to show anew that it is them.
pub fn confirm_link(app: &App, to: &str) -> Markup {
    html! {
        @if let Some(provider) = provider(app) {
            div { (button_link(&format!("/sign-in/sso?anew=yes&to={}", url_part(to)), "building-2", &t!("Confirm with {provider}", provider = provider))) }
        }
    }
}

fn parts(app: &App) -> Answer<(&Sso, Side, Arc<Entrance>)> {
    let sso = app.sso().ok_or(Fault::NotFound)?;
    // One realm keeps the ceremonies of all: who comes back is known only then.
    let side = app.sides().next().ok_or(Fault::NotFound)?;
    Ok((
        sso,
        side,
        Arc::clone(app.entrance(side).ok_or(Fault::NotFound)?),
    ))
}

/// Sends the browser to the provider.
pub async fn start(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
) -> Answer<Response> {
    let app = visit.app();
    let (sso, side, entrance) = parts(app)?;
    let to = back(visit.asked("to").unwrap_or("/"));
    if let Err(error) = entrance.count_address(&knocker(app, &headers, from), visit.now()) {
        return refused(app, to, "", error);
    }
    let prompt = if visit.asked("anew").is_some() {
        Prompt::Always
    } else {
        Prompt::IfUnknown
    };
    match entrance
        .start_single_sign_on(sso, prompt, visit.now())
        .await
    {
        Ok((url, secret)) => {
            let mut response = see(url.as_str());
            Ceremony {
                side,
                secret,
                to: to.to_owned(),
            }
            .begin(app.settings(), &mut response);
            Ok(response)
        }
        Err(problem) => Ok(provider_failed(app, to, &problem)),
    }
}

/// The provider's failure: the cause is for the log, not for strangers.
fn provider_failed(app: &App, to: &str, problem: &Problem) -> Response {
    tracing::warn!(cause = %problem, "single sign-on failed");
    let told = Problem::new(t!("the identity provider could not be asked"))
        .hint(t!("try again later, or sign in in another way"));
    let mut response = sign_in_page(app, to, "", Some(&told));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

/// Takes the browser back from the provider.
pub async fn callback(
    visit: Visit,
    headers: HeaderMap,
    from: ConnectInfo<SocketAddr>,
    Query(brought): Query<SsoCallback>,
) -> Answer<Response> {
    let app = visit.app();
    let (sso, _, entrance) = parts(app)?;
    let mut response = match Ceremony::of(app.settings(), &headers) {
        None => refused(app, "/", "", SignInError::Expired)?,
        Some(ceremony) => {
            let knocker = knocker(app, &headers, from);
            let identity = entrance
                .finish_single_sign_on(sso, &ceremony.secret, &brought, visit.now())
                .await;
            match identity.and_then(|identity| whose(app, &identity)) {
                Ok((side, admission)) => {
                    admit(app, &headers, side, admission, &knocker, back(&ceremony.to)).await?
                }
                Err(SignInError::Failed(problem)) => {
                    provider_failed(app, back(&ceremony.to), &problem)
                }
                Err(error) => refused(app, &ceremony.to, "", error)?,
            }
        }
    };
    Ceremony::end(app.settings(), &mut response);
    Ok(response)
}

/// Whose identity it is, in whichever realm: rather the one that is linked than
/// one that would be.
fn whose(app: &App, identity: &Identity) -> Result<(Side, Admission), SignInError> {
    let found = app.sides().filter_map(|side| {
        let admission = app.with_access(side, |state, entrance| {
            entrance.single_sign_on(state, identity)
        })?;
        match admission {
            Ok(admission) => Some(Ok((side, admission))),
            Err(SignInError::Unknown) => None,
            Err(error) => Some(Err(error)),
        }
    });
    let mut found = found.collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|(_, admission)| admission.events().len());
    found.into_iter().next().ok_or(SignInError::Unknown)
}
