//! What the server tells a monitor about itself, in the OpenMetrics text that
//! Prometheus reads.
//!
//! What must hold: a label is one of a few words known when the program is
//! written (the template of a route, never the address asked for), so that
//! nothing a user typed gets here and the number of series stays small; it is
//! told on a loopback address of its own.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tickmark_catalog::Problem;
use tickmark_realm::{Error, Result};

use crate::app::App;

/// Upper bounds of the histogram of durations, in seconds.
const BUCKETS: [f64; 15] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// What is counted as requests come.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    durations: Family<Labels<2>, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tickmark");
        let requests = Family::default();
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let durations = Family::new_with_constructor(histogram);
        let in_flight = Gauge::default();
        registry.register(
            "http_requests",
            "Requests answered, by route and class of status; `none` went away before",
            Family::clone(&requests),
        );
        registry.register(
            "http_request_duration_seconds",
            "Time until an answer began",
            durations.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests whose answer has not begun",
            in_flight.clone(),
        );
        Self {
            registry,
            requests,
            durations,
            in_flight,
        }
    }
}

impl Metrics {
    /// A request has come.
    pub fn came(&self) {
        self.in_flight.inc();
    }

    /// A request was answered, or its client went away. `route`: its template.
    pub fn went(&self, method: &Method, route: &str, status: Option<StatusCode>, took: Duration) {
        self.in_flight.dec();
        let method = ("method", Cow::Borrowed(method_name(method)));
        let route = ("route", Cow::Owned(route.to_owned()));
        let status = ("status", Cow::Borrowed(class(status)));
        self.requests
            .get_or_create(&[method.clone(), route.clone(), status])
            .inc();
        self.durations
            .get_or_create(&[method, route])
            .observe(took.as_secs_f64());
    }

    /// Everything that is told.
    fn text(&self, app: &App) -> String {
        let mut text = String::new();
        let told = encode_registry(&mut text, &self.registry)
            .and_then(|()| encode_registry(&mut text, &now(app)))
            .and_then(|()| encode_registry(&mut text, &process()))
            .and_then(|()| encode_eof(&mut text));
        if told.is_err() {
            // Writing to a text does not fail; a half one must not be believed.
            text.clear();
        }
        text
    }
}

/// A method anyone may invent counts as one.
pub fn method_name(method: &Method) -> &'static str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = known.iter().zip(names).find(|(known, _)| *known == method);
    found.map_or("other", |(_, name)| name)
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        None => "none",
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
    }
}

/// What came of the commands of a realm.
#[derive(Default)]
pub struct Tally {
    done: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    /// Counts a command.
    pub fn count<T>(&self, outcome: &Result<T>) {
        let counter = match outcome {
            Ok(_) => &self.done,
            Err(Error::Problems(_)) => &self.refused,
            Err(_) => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> [(&'static str, u64); 3] {
        [
            ("done", &self.done),
            ("refused", &self.refused),
            ("failed", &self.failed),
        ]
        .map(|(outcome, counter)| (outcome, counter.load(Ordering::Relaxed)))
    }
}

/// What is looked up when it is asked for.
fn now(app: &App) -> Registry {
    let mut registry = Registry::with_prefix("tickmark");
    let commands: Family<Labels<2>, Counter> = Family::default();
    let guesses: Family<Labels<2>, Counter> = Family::default();
    let entries: Family<Labels<1>, Gauge> = Family::default();
    let jobs: Gauge = Gauge::default();
    jobs.set(i64::try_from(app.jobs().running()).unwrap_or(i64::MAX));
    for side in app.sides() {
        let of = ("side", Cow::Borrowed(side.as_str()));
        for (outcome, count) in app.tally(side).map(Tally::read).into_iter().flatten() {
            let labels = [of.clone(), ("outcome", Cow::Borrowed(outcome))];
            commands.get_or_create(&labels).inc_by(count);
        }
        let counted = app.entrance(side).map(|it| it.guesses());
        for (outcome, count) in counted.into_iter().flatten() {
            let labels = [of.clone(), ("outcome", Cow::Borrowed(outcome))];
            guesses.get_or_create(&labels).inc_by(count);
        }
        // A ledger that cannot be read is told by `/ready`; here it is absent.
        let size = app
            .workspace(side)
            .and_then(|it| it.reader().ok()?.head().ok());
        if let Some(head) = size {
            let size = i64::try_from(head.size).unwrap_or(i64::MAX);
            entries.get_or_create(&[of]).set(size);
        }
    }
    registry.register("commands", "Commands, by what came of them", commands);
    registry.register(
        "sign_in_guesses",
        "Passwords and codes tried, those that were right, and attempts refused because there were too many",
        guesses,
    );
    registry.register("ledger_entries", "Entries of the ledger", entries);
    registry.register("jobs_running", "Long work that goes on", jobs);
    registry.register(
        "build",
        "The program",
        Info::new([("version", env!("CARGO_PKG_VERSION"))]),
    );
    registry
}

/// What monitors expect of any process, under the names they expect.
fn process() -> Registry {
    let mut registry = Registry::default();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(bytes) = resident_bytes(&status) {
        let resident: Gauge = Gauge::default();
        resident.set(bytes);
        registry.register(
            "process_resident_memory_bytes",
            "Memory that is in use",
            resident,
        );
    }
    registry
}

/// The line `VmRSS:   12345 kB` of Linux.
fn resident_bytes(status: &str) -> Option<i64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Takes the address metrics are told on, where one is set.
///
/// # Errors
/// When it is taken.
pub fn bind(address: Option<SocketAddr>) -> Result<Option<TcpListener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    let taken = |error: std::io::Error| {
        Problem::new(format!("metrics cannot be told on {address}"))
            .cause(error.to_string())
            .hint("stop what listens there, or set `metrics` to another address")
    };
    Ok(Some(listener.map_err(taken)?))
}

/// Tells metrics at `/metrics` for as long as the runtime lasts.
pub fn start(app: &App, listener: TcpListener) {
    let address = listener.local_addr();
    let router = Router::new()
        .route("/metrics", get(told))
        .with_state(app.clone());
    tokio::spawn(async move {
        if let Ok(address) = address {
            tracing::info!("metrics on http://{address}/metrics");
        }
        let served = match axum_server::from_tcp(listener) {
            Ok(server) => server.serve(router.into_make_service()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = served {
            tracing::error!(%error, "metrics are not told any more");
        }
    });
}

async fn told(State(app): State<App>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let read = tokio::task::spawn_blocking(move || app.metrics().text(&app)).await;
    match read {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(error) => {
            let mut why = String::new();
            let _ = writeln!(why, "{error}");
            (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resident_bytes;

    #[test]
    fn memory_is_read_as_linux_tells_it() {
        for (status, bytes) in [
            (
                "Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t1\n",
                Some(2_097_152),
            ),
            ("VmRSS:\t2048\n", None),
            ("", None),
        ] {
            assert_eq!(resident_bytes(status), bytes, "{status}");
        }
    }
}
