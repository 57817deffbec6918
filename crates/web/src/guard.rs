//! What stands before every route: who asks, whether they may, and what a fault
//! looks like.
//!
//! What must hold: no handler runs before its route's word on access was kept;
//! a stranger is told the same whether a thing exists or not; every answer
//! carries the headers that keep a browser from doing more than it should.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use tickmark_access::{Principal, Resource, SessionSecret, Side, SignInError, TokenId, Visitor};
use tickmark_catalog::{Problem, Problems};

use crate::app::App;
use crate::fault::{Answer, Fault};
use crate::frame::{self, Shown};
use crate::parts::{self, Tone};
use crate::picture::Picture;
use crate::route::{Access, On};
use crate::strings::t;
use crate::visit::{Inner, Person, Visit};

/// The policy under which pages are shown: everything from here, nothing inline.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Lets a request through to its handler, or not.
pub async fn guard(
    State((app, access)): State<(App, Access)>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let params = params
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let asked = Asked::of(&request);
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let from = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|it| it.0.ip());
    let visit = match visit(&app, &asked, access, &uri, &headers, from, params).await {
        Ok(visit) => visit,
        Err(fault) => return answer(&asked, None, &fault),
    };
    if let Some(person) = visit.person() {
        crate::log::on_behalf_of(&person.principal.account);
    }
    if let Err(fault) = allow(&visit, access, &asked) {
        return answer(&asked, Some(&visit), &fault);
    }
    request.extensions_mut().insert(visit.clone());
    let response = next.run(request).await;
    match response.extensions().get::<Arc<Fault>>() {
        Some(fault) => answer(&asked, Some(&visit), &Arc::clone(fault)),
        None => response,
    }
}

/// What a fault has to know of a request.
struct Asked {
    path: String,
    /// With the query, to lead back to after signing in.
    address: String,
    method: Method,
    wants_page: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let uri = request.uri();
        let path = uri.path().to_owned();
        let address = uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
            .to_owned();
        let accept = request
            .headers()
            .get(header::ACCEPT)
            .and_then(|it| it.to_str().ok());
        Self {
            wants_page: !path.starts_with("/api/")
                && accept.is_none_or(|it| it.contains("text/html") || it.contains("*/*")),
            method: request.method().clone(),
            address,
            path,
        }
    }
}

async fn visit(
    app: &App,
    asked: &Asked,
    access: Access,
    uri: &Uri,
    headers: &HeaderMap,
    from: Option<IpAddr>,
    params: Vec<(String, String)>,
) -> Answer<Visit> {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    // A token is for programs, so it opens nothing but their interface.
    let person = match bearer(headers).filter(|_| asked.path.starts_with("/api/")) {
        Some(text) => Some(token_bearer(app, text, &visitor(app, headers, from))?),
        None => person(app, headers)?,
    };
    let at = query
        .iter()
        .find(|(key, value)| key == "at" && !value.is_empty());
    let may_be_past = asked.method == Method::GET && access.shows_past() && person.is_some();
    let picture = match at.filter(|_| may_be_past) {
        Some((_, at)) => past(app, at.clone()).await?,
        None => app.company().map(|host| host.picture()),
    };
    Ok(Visit(Arc::new(Inner {
        app: app.clone(),
        person,
        path: asked.path.clone(),
        params,
        query,
        picture,
    })))
}

/// The company at a past moment; read apart, since it may take a while.
async fn past(app: &App, at: String) -> Answer<Option<Arc<Picture>>> {
    let Some(host) = app.company().cloned() else {
        return Ok(None);
    };
    let read = tokio::task::spawn_blocking(move || host.picture_at(&at));
    let picture = read
        .await
        .map_err(|error| Fault::Failed(error.to_string()))?;
    Ok(Some(picture?))
}

/// Who a cookie belongs to.
fn person(app: &App, headers: &HeaderMap) -> Answer<Option<Person>> {
    let Some((side, secret)) = crate::cookie::session(app.settings(), headers) else {
        return Ok(None);
    };
    let now = app.surroundings().now();
    let found = app.with_access(side, |state, entrance| {
        let Some(session) = entrance.session(state, &SessionSecret::new(secret), now)? else {
            return Ok(None);
        };
        let Some(account) = state.account(&session.account) else {
            return Ok(None);
        };
        Ok::<_, Problem>(Some(Person {
            principal: Principal::person(side, account),
            name: account.name.clone(),
            email: account.email.clone(),
            session: Some(session.id.to_string()),
            zone: crate::pages::preferred_zone(entrance.store(), &session.account)?,
        }))
    });
    Ok(found
        .transpose()
        .map_err(|problem| Fault::Failed(problem.to_string()))?
        .flatten())
}

/// The token a request shows.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, text) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text.trim())
}

/// Who a token acts for. A wrong one is refused, whatever else the request shows.
fn token_bearer(app: &App, text: &str, visitor: &Visitor) -> Answer<Person> {
    let now = app.surroundings().now();
    let id = text
        .strip_prefix("tmk_")
        .and_then(|rest| rest.split_once('_'))
        .and_then(|(id, _)| id.parse::<TokenId>().ok());
    let knows = |side: &Side| {
        app.with_access(*side, |state, _| {
            id.as_ref().is_some_and(|id| state.token(id).is_some())
        }) == Some(true)
    };
    let side = app
        .sides()
        .find(knows)
        .or_else(|| app.sides().next())
        .ok_or(Fault::SignIn)?;
    let shown = app
        .with_access(side, |state, entrance| {
            entrance.token(state, text, visitor, now)
        })
        .ok_or(Fault::SignIn)?;
    match shown {
        Ok(bearer) => Ok(Person {
            principal: Principal::token(side, &bearer),
            name: bearer.account.name,
            email: bearer.account.email,
            session: None,
            zone: None,
        }),
        Err(SignInError::TooManyAttempts { wait }) => Err(Fault::TooMany {
            after_seconds: wait.as_secs().max(1).unsigned_abs(),
        }),
        Err(SignInError::Failed(problem)) => Err(Fault::Failed(problem.to_string())),
        Err(_) => Err(Fault::SignIn),
    }
}

/// Who knocks, for the limits on attempts. `from`: the address that connected;
/// a proxy that is trusted tells the one behind it.
pub fn visitor(app: &App, headers: &HeaderMap, from: Option<IpAddr>) -> Visitor {
    let from = from.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let user_agent = headers
        .get(header::USER_AGENT)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let forwarded = headers
        .get("x-forwarded-for")
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.rsplit(',').next()?.trim().parse().ok());
    let is_trusted = app.settings().trusted_proxies.contains(&from);
    Visitor {
        address: forwarded.filter(|_| is_trusted).unwrap_or(from),
        user_agent: user_agent.to_owned(),
    }
}

/// Whether a visit may go on.
fn allow(visit: &Visit, access: Access, asked: &Asked) -> Answer<()> {
    if visit.shows_past().is_some() && asked.method != Method::GET {
        return Err(Fault::Forbidden);
    }
    let (action, on) = match access {
        Access::Anyone => return Ok(()),
        Access::SignedIn => return visit.signed_in().map(|_| ()),
        Access::May(action, on) => (action, on),
    };
    let person = visit.signed_in()?;
    let allowed = match on {
        On::Company => visit.may_on(action, Resource::Company),
        On::Firm => visit.may_on(action, Resource::Firm),
        On::OwnRealm => visit.may_on(action, realm_of(person)),
        On::OwnAccount => visit.may_on(
            action,
            Resource::Account {
                id: &person.principal.account,
            },
        ),
        On::Control => {
            let id = visit.param("id").parse().map_err(|_| Fault::NotFound)?;
            let recorded = visit.recorded()?;
            let owner_role = recorded
                .control(&id)
                .map_or("", |(control, _)| control.definition.owner_role.as_str());
            visit.may_on(action, Resource::Control { owner_role })
        }
    };
    if allowed {
        Ok(())
    } else {
        Err(Fault::Forbidden)
    }
}

/// The realm a person's account belongs to.
pub fn realm_of(person: &Person) -> Resource<'static> {
    match person.principal.side {
        Side::Company => Resource::Company,
        Side::Firm => Resource::Firm,
    }
}

/// Leads to another page after something was done.
pub fn see(href: &str) -> Response {
    Redirect::to(href).into_response()
}

/// A fault as a page, or as a problem document for a program.
fn answer(asked: &Asked, visit: Option<&Visit>, fault: &Fault) -> Response {
    if let Fault::Failed(cause) = fault {
        tracing::error!(cause, "a request failed");
    }
    if matches!(fault, Fault::SignIn) && asked.wants_page {
        let back = if asked.method == Method::GET {
            asked.address.as_str()
        } else {
            "/"
        };
        return see(&format!("/sign-in?to={}", crate::format::url_part(back)));
    }
    let mut response = if asked.wants_page {
        page(visit, fault)
    } else {
        crate::api::problem::answer(fault.status(), &told(visit, fault))
    };
    *response.status_mut() = fault.status();
    if let Fault::TooMany { after_seconds } = fault
        && let Ok(value) = HeaderValue::from_str(&after_seconds.to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// What to tell a program. A token may be short of a scope, not of a role.
fn told(visit: Option<&Visit>, fault: &Fault) -> Problems {
    let is_token = visit
        .and_then(Visit::person)
        .is_some_and(|it| it.principal.scopes.is_some());
    match fault {
        Fault::Forbidden if is_token => Problem::new("the token does not allow this")
            .hint("it needs the scope for it, and an account whose role may; some things a person must do in person")
            .into(),
        other => other.problems(),
    }
}

fn page(visit: Option<&Visit>, fault: &Fault) -> Response {
    let title = match fault.status() {
        StatusCode::NOT_FOUND if matches!(fault, Fault::NoProgram) => t!("No program yet"),
        StatusCode::NOT_FOUND => t!("Nothing here"),
        StatusCode::FORBIDDEN => t!("Not allowed"),
        StatusCode::CONFLICT => t!("Changed meanwhile"),
        StatusCode::INTERNAL_SERVER_ERROR => t!("That did not work"),
        _ => t!("That cannot be accepted"),
    };
    let body = html! {
        div.stack {
            h1 { (title) }
            @match (fault, visit) {
                (Fault::NoProgram, Some(visit)) => (crate::pages::nothing_yet(visit)),
                _ => (problems(&fault.problems())),
            }
            p { a.link href="/" data-back { (t!("Back")) } }
        }
    };
    match visit.filter(|visit| visit.person().is_some()) {
        Some(visit) => Shown::new(title, body).in_frame(visit),
        None => frame::bare(title, body),
    }
}

/// A form again with what is wrong above it, so that nothing typed is lost; what
/// no form can mend stays a fault.
///
/// # Errors
/// Any fault but a refusal and a conflict, and those of `form`.
pub fn again(
    fault: Fault,
    form: impl FnOnce(maud::Markup) -> Answer<Response>,
) -> Answer<Response> {
    if !matches!(fault, Fault::Refused(_) | Fault::Conflict(_)) {
        return Err(fault);
    }
    let mut response = form(problems(&fault.problems()))?;
    *response.status_mut() = fault.status();
    Ok(response)
}

/// Problems as notes: what happened, where, what to do.
pub fn problems(problems: &Problems) -> maud::Markup {
    html! {
        @for problem in &problems.0 {
            (parts::note(Tone::Bad, html! {
                @if let Some(place) = &problem.place { code { (place.file) @if let Some(line) = place.line { ":" (line) } } " " }
                b { (parts::sentence(&problem.message)) }
                @for cause in &problem.causes { p { (parts::sentence(cause)) } }
                @if let Some(hint) = &problem.hint { p { (parts::sentence(hint)) } }
            }))
        }
    }
}

/// Sets the headers every answer carries, where the handler set none.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let set: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=()",
        ),
    ];
    let headers = response.headers_mut();
    for (name, value) in set {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if !is_asset {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    if app.settings().is_secure() {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    response
}
