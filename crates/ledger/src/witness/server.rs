//! The witness as an HTTP service: `POST /add-checkpoint`.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;

use super::{Refusal, Witness};
use crate::writer::Clock;

/// Largest request: a proof of 63 hashes and a note of many signatures fit.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

#[derive(Clone)]
struct Service {
    witness: Arc<Witness>,
    clock: Clock,
}

/// Serves requests on `listener` until `stop` completes.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    witness: Arc<Witness>,
    clock: Clock,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(Service { witness, clock });
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

async fn add_checkpoint(State(service): State<Service>, body: Bytes) -> Response {
    let work = move || service.witness.add_checkpoint(&body, (service.clock)());
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(lines)) => lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
            .into_response(),
        Ok(Err(refusal)) => refused(&refusal),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match refusal {
        Refusal::Conflict(size) => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            (status, kind, format!("{size}\n")).into_response()
        }
        // What failed inside is for the operator, not for whoever asked.
        Refusal::Failed(_) => status.into_response(),
        other => (status, format!("{other}\n")).into_response(),
    }
}
