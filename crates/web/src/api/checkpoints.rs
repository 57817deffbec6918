//! Checkpoints: what the ledger signed of itself.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tickmark_access::Action;
use tickmark_ledger::{Checkpoint as Signed, LedgerError};
use utoipa::ToSchema;

use super::endpoint::{Endpoint, change, read_live};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use crate::fault::Fault;
use crate::route::{Access, On, PROGRAM};
use crate::visit::Visit;

/// A signed checkpoint of the company's ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Checkpoint {
    /// Entries it covers.
    pub size: u64,
    /// Origin line.
    pub origin: String,
    /// Root over the entries, in hexadecimal.
    pub root: String,
    /// The signed note (C2SP tlog-checkpoint): hand it to whoever should be able
    /// to tell later that nothing was changed.
    pub note: String,
    /// Where it can be read.
    pub href: String,
}

/// The operations. Cosignatures come without an entry, so no entity tag holds.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read_live("/api/v1/checkpoints", PROGRAM, list)
            .named(
                "list_checkpoints",
                "Ledger",
                "List the signed checkpoints",
                "Smallest first.",
            )
            .query::<Cut>()
            .answers::<Page<Checkpoint>>(StatusCode::OK, "A page of checkpoints"),
        change(
            "/api/v1/checkpoints",
            Access::May(Action::SignCheckpoint, On::Company),
            sign,
        )
        .named(
            "sign_checkpoint",
            "Ledger",
            "Sign a checkpoint",
            "Signs the ledger as it stands. A ledger that did not grow is signed as before.",
        )
        .answers::<Checkpoint>(StatusCode::CREATED, "The checkpoint"),
        read_live("/api/v1/checkpoints/{size}", PROGRAM, show)
            .named(
                "get_checkpoint",
                "Ledger",
                "Read a checkpoint",
                "With the cosignatures of witnesses, where it is the last one.",
            )
            .part("size", "Entries it covers", 431.into())
            .answers::<Checkpoint>(StatusCode::OK, "The checkpoint"),
    ]
}

fn failed(error: LedgerError) -> Fault {
    Fault::Failed(error.to_string())
}

fn checkpoint(note: &[u8]) -> Result<Checkpoint, Fault> {
    let signed = Signed::parse_note(note).map_err(failed)?;
    Ok(Checkpoint {
        size: signed.size,
        origin: signed.origin,
        root: hex::encode(signed.root),
        note: String::from_utf8_lossy(note).into_owned(),
        href: format!("/api/v1/checkpoints/{}", signed.size),
    })
}

/// Every checkpoint in order of size; of the last one with its cosignatures.
fn checkpoints(visit: &Visit) -> Answered<Vec<Checkpoint>> {
    let reader = visit.company()?.workspace().reader()?;
    let notes = reader
        .checkpoints()
        .map_err(failed)?
        .into_iter()
        .map(|(_, _, note)| note);
    let last = reader.last_checkpoint().map_err(failed)?;
    let mut all: Vec<Checkpoint> = notes
        .chain(last)
        .map(|note| checkpoint(&note))
        .collect::<Result<_, Fault>>()?;
    // The cosigned note of the last one comes after the bare one, and stays.
    all.sort_by_key(|it| it.size);
    all.reverse();
    all.dedup_by_key(|it| it.size);
    all.reverse();
    Ok(all)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Checkpoint>>> {
    Ok(Json(Page::of(&cut, checkpoints(&visit)?, |it| it.size)?))
}

async fn show(visit: Visit) -> Answered<Json<Checkpoint>> {
    let size: u64 = visit.parsed("size")?;
    let found = checkpoints(&visit)?.into_iter().find(|it| it.size == size);
    Ok(Json(found.ok_or(Fault::NotFound)?))
}

async fn sign(visit: Visit) -> Answered<Response> {
    let note = visit
        .company()?
        .command(|company| company.checkpoint())
        .await?;
    let signed = checkpoint(&note)?;
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, signed.href.clone())],
        Json(signed),
    )
        .into_response())
}
