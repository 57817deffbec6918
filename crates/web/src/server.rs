//! The server: router, middleware, listening, ending.
//!
//! What must hold: a command that was begun is finished before the server ends;
//! a request that fails takes nothing else with it; every answer has the id
//! under which the log speaks of it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum_server::tls_rustls::RustlsConfig;
use tickmark_access::{AccessStore, Authorizer, Entrance, Side, Sso, SsoConfig};
use tickmark_catalog::Problem;
use tickmark_realm::{Company, Firm, Result, Surroundings, Workspace};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;

use crate::app::{App, Inner};
use crate::company::CompanyHost;
use crate::firm::FirmHost;
use crate::guard;
use crate::jobs::Jobs;
use crate::route::Access;
use crate::rows::RowCache;
use crate::settings::Settings;
use crate::tls;
use crate::webhooks::{self, Outbox};

/// What a server serves: a company's realm, a firm's, or both.
pub struct Realms {
    /// The company's workspace.
    pub company: Option<Company>,
    /// The firm's workspace.
    pub firm: Option<Firm>,
}

/// Prepares a server.
///
/// # Errors
/// When a workspace cannot be read, the policies are broken, or the store of
/// secrets cannot be opened.
pub fn app(realms: Realms, settings: Settings, surroundings: Surroundings) -> Result<App> {
    let company = realms.company.map(|company| {
        let entrance = entrance(company.workspace(), Side::Company, &settings, &surroundings)?;
        let (host, entrance) = (CompanyHost::new(company)?, Arc::new(entrance));
        host.tell_through(Outbox::new(Arc::clone(&entrance), surroundings.clone()));
        Ok::<_, tickmark_realm::Error>((Arc::new(host), entrance))
    });
    let firm = realms.firm.map(|firm| {
        let entrance = entrance(firm.workspace(), Side::Firm, &settings, &surroundings)?;
        let (host, entrance) = (FirmHost::new(firm), Arc::new(entrance));
        host.tell_through(Outbox::new(Arc::clone(&entrance), surroundings.clone()));
        Ok::<_, tickmark_realm::Error>((Arc::new(host), entrance))
    });
    Ok(App::new(Inner {
        authorizer: Authorizer::new()?,
        company: company.transpose()?,
        firm: firm.transpose()?,
        sso: sso(&settings)?,
        jobs: Jobs::default(),
        rows: RowCache::default(),
        uploads: crate::pages::Uploads::default(),
        metrics: crate::metrics::Metrics::default(),
        ending: AtomicBool::new(false),
        surroundings,
        settings,
    }))
}

/// The way into a realm: what is secret of it lies beside the ledger.
fn entrance(
    workspace: &Workspace,
    side: Side,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Result<Entrance> {
    let store = Arc::new(AccessStore::open(&workspace.access_store())?);
    let random = surroundings.clone();
    let url = public_url(settings, "")?;
    let mut told = tickmark_access::Settings::new(side, workspace.file().id.clone(), url);
    settings.sign_in.apply(&mut told);
    Ok(Entrance::new(
        store,
        Arc::new(move |bytes: &mut [u8]| random.fill(bytes)),
        told,
    )?)
}

/// The identity provider, where people may sign in with one.
fn sso(settings: &Settings) -> Result<Option<Sso>> {
    let Some(told) = settings.sso.as_ref().filter(|_| !settings.demo) else {
        return Ok(None);
    };
    let config = SsoConfig {
        issuer: told.issuer.clone(),
        client_id: told.client_id.clone(),
        client_secret: told.client_secret.clone(),
        redirect: public_url(settings, crate::pages::SSO_CALLBACK)?,
    };
    Ok(Some(Sso::new(config)?))
}

/// An address of this server as people reach it.
fn public_url(settings: &Settings, path: &str) -> Result<Url> {
    let address = settings.base(settings.listen) + path;
    let told = |error: url::ParseError| {
        Problem::new(format!("`{address}` is no address")).cause(error.to_string())
    };
    Ok(Url::parse(&address).map_err(told)?)
}

/// The router of a server: every route behind its guard.
pub fn router(app: &App) -> Router {
    let mut router: Router<App> = Router::new();
    for route in crate::routes() {
        let guarded = route.handler.layer(from_fn_with_state(
            (app.clone(), route.access),
            guard::guard,
        ));
        router = router.route(route.path, guarded);
    }
    let limit = usize::try_from(app.settings().max_upload_bytes).unwrap_or(usize::MAX);
    let seconds = app.settings().timeout_seconds;
    router
        .route("/assets/{name}", get(crate::assets::serve))
        .route("/health", get(async || "ok"))
        .route("/ready", get(crate::ready::ready))
        .route(
            "/{*nothing}",
            any(nothing).layer(from_fn_with_state(
                (app.clone(), Access::Anyone),
                guard::guard,
            )),
        )
        .with_state(app.clone())
        .layer(DefaultBodyLimit::max(limit))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(seconds),
        ))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn_with_state(app.clone(), guard::headers))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(crate::api::problem::documents))
        .layer(from_fn_with_state(app.clone(), crate::log::request))
}

async fn nothing() -> crate::fault::Fault {
    crate::fault::Fault::NotFound
}

/// What is told when a handler broke down; the cause goes to the log.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| cause.downcast_ref::<&str>().map(|it| (*it).to_owned()));
    tracing::error!(cause = text.unwrap_or_default(), "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Serves until `end` is done, then finishes what was begun.
///
/// `bound` is told the address once it listens.
///
/// # Errors
/// When the address is taken or a certificate cannot be read.
pub fn serve(
    app: &App,
    bound: impl FnOnce(SocketAddr),
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let settings = app.settings();
    let encrypted = match &settings.tls {
        Some(files) => Some((RustlsConfig::from_config(tls::load(files)?), files.clone())),
        None => None,
    };
    let listener = TcpListener::bind(settings.listen).map_err(|error| {
        Problem::new(format!("the server cannot listen on {}", settings.listen))
            .cause(error.to_string())
            .hint("stop what listens there, or give another address with `--listen`")
    })?;
    let metrics = crate::metrics::bind(settings.metrics)?;
    let failed =
        |error: std::io::Error| Problem::new("the server cannot run").cause(error.to_string());
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let handle = axum_server::Handle::new();
    runtime.block_on(async {
        tokio::spawn(finish(app.clone(), handle.clone(), end));
        tls::reload_on_signal(encrypted.clone());
        webhooks::start(app);
        if let Some(metrics) = metrics {
            crate::metrics::start(app, metrics);
        }
        bound(address);
        let served = match encrypted {
            None => {
                let server = axum_server::from_tcp(listener).map_err(failed)?;
                server.handle(handle).serve(service).await
            }
            Some((config, _)) => {
                let server = axum_server::from_tcp_rustls(listener, config).map_err(failed)?;
                server.handle(handle).serve(service).await
            }
        };
        served.map_err(failed)
    })?;
    // What runs beside finishes recording before the process ends.
    runtime.shutdown_timeout(GRACE);
    tracing::info!("ended");
    Ok(())
}

/// How long what was begun may take to end.
const GRACE: Duration = Duration::from_secs(30);

/// Waits for `end`, then lets nobody in any more and finishes what was begun.
async fn finish(
    app: App,
    handle: axum_server::Handle<SocketAddr>,
    end: impl Future<Output = ()> + Send,
) {
    end.await;
    tracing::info!("ending: no new connections, finishing what was begun");
    app.begin_ending();
    handle.graceful_shutdown(Some(GRACE));
}
