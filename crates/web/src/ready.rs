//! Whether the server can do its work: not only alive, but able to read and to
//! record.
//!
//! What must hold: "ready" is said only when a command given now could be
//! recorded; a stranger learns which part is not ready, the log learns why.
//!
//! Checked are, of each realm: the ledger's file can be read; its writer lives,
//! holds the lock and can begin to write; the pages show what is recorded; the
//! store of secrets can be read and written; its disk has some room. And that
//! the server is not ending.

use std::path::Path;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tickmark_access::Side;

use crate::app::App;

/// Less room than this on a workspace's disk, in bytes, and nothing that
/// matters can be taken in.
const LEAST_FREE_BYTES: u64 = 64 << 20;

/// Answers 200 when ready, otherwise 503 and what is not, a line each.
pub async fn ready(State(app): State<App>) -> Response {
    if app.is_ending() {
        return not_ready(&["the server is ending"]);
    }
    let checked = tokio::task::spawn_blocking(move || missing(&app)).await;
    match checked.as_deref() {
        Ok([]) => (StatusCode::OK, "ready\n").into_response(),
        Ok(missing) => not_ready(missing),
        Err(_) => not_ready(&["the server cannot tell"]),
    }
}

fn not_ready(missing: &[&'static str]) -> Response {
    let text = format!("not ready\n{}\n", missing.join("\n"));
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// What is not as it has to be.
fn missing(app: &App) -> Vec<&'static str> {
    app.sides().flat_map(|side| missing_of(app, side)).collect()
}

fn missing_of(app: &App, side: Side) -> Vec<&'static str> {
    let says = |company, firm| match side {
        Side::Company => company,
        Side::Firm => firm,
    };
    let mut missing = Vec::new();
    let mut check = |holds: Result<(), String>, what: &'static str| {
        if let Err(cause) = holds {
            tracing::warn!(cause, "not ready: {what}");
            missing.push(what);
        }
    };
    let Some((workspace, entrance)) = app.workspace(side).zip(app.entrance(side)) else {
        return missing;
    };
    let readable = workspace.reader().and_then(|reader| Ok(reader.head()?));
    check(
        readable.map(|_| ()).map_err(|error| error.to_string()),
        says(
            "the company's ledger cannot be read",
            "the firm's ledger cannot be read",
        ),
    );
    check(
        app.check_writable(side).map_err(|error| error.to_string()),
        says(
            "the company's ledger cannot be written",
            "the firm's ledger cannot be written",
        ),
    );
    check(
        entrance.store().check().map_err(|error| error.to_string()),
        says(
            "the company's store of secrets cannot be used",
            "the firm's store of secrets cannot be used",
        ),
    );
    check(
        has_room(workspace.folder()),
        says(
            "the disk of the company's workspace is full",
            "the disk of the firm's workspace is full",
        ),
    );
    if side == Side::Company && app.company().is_some_and(|host| host.is_behind()) {
        check(
            Err("a picture could not be made after a command".to_owned()),
            "the pages do not show what was recorded last",
        );
    }
    missing
}

/// Whether the disk of a folder has room; what cannot be asked has.
fn has_room(folder: &Path) -> Result<(), String> {
    match rustix::fs::statvfs(folder) {
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST_FREE_BYTES => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            Err(format!(
                "{free} bytes are free, at least {LEAST_FREE_BYTES} are wanted"
            ))
        }
        _ => Ok(()),
    }
}
