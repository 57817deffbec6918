//! The ledger: every entry in order, with its proof.
//!
//! What must hold: nothing is left out, and nothing is made nicer than the
//! entry says; whoever wants to check needs nothing of this server but what is
//! handed out here.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_ledger::{LedgerError, LedgerReader};
use tickmark_realm::{Journal, Line, Told, Workspace};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Endpoint, change, read};
use super::extract::{Answered, Query};
use super::jobs::{self, Job};
use super::page::{Cut, Page};
use crate::fault::Fault;
use crate::route::PROGRAM;
use crate::visit::Visit;
use crate::work;

/// The head of the ledger: what someone outside pins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerHead {
    /// Origin line.
    pub origin: String,
    /// Verifier key line.
    pub verifier_key: String,
    /// How many entries there are.
    pub size: u64,
    /// Root over all of them (RFC 6962), in hexadecimal.
    pub root: String,
    /// Entries the last signed checkpoint covers.
    pub last_checkpoint: Option<u64>,
}

/// An entry, without what it says.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({ "index": 412, "at": "2026-07-03T17:30:00Z", "actor": "compliance-lead", "kind": "control_tests.run_recorded/1", "subject": "access-removed-on-leaving" }))]
pub struct Entry {
    /// Index, from 0.
    pub index: u64,
    /// When the ledger recorded it.
    #[schema(value_type = String, format = DateTime)]
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Who did it, an opaque id.
    pub actor: String,
    /// Kind and version.
    pub kind: String,
    /// What it is about, an opaque id.
    pub subject: String,
}

/// An entry with what it says.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct EntryDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub entry: Entry,
    /// What it says; its shape follows from its kind. Null once erased.
    pub body: Value,
    /// Whether its body was erased. The entry and every proof stay.
    pub is_erased: bool,
}

/// Shows that an entry is in the ledger: hashing its leaf with the path gives
/// the root (RFC 6962).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Proof {
    /// Index of the entry.
    pub index: u64,
    /// Size of the tree.
    pub size: u64,
    /// Root of the tree, in hexadecimal.
    pub root: String,
    /// The audit path, sibling of the leaf first, in hexadecimal.
    pub path: Vec<String>,
    /// The bytes that are hashed, as text.
    pub leaf: String,
}

/// Which entries are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, JsonSchema)]
pub struct Wanted {
    /// Only entries of this kind.
    #[param(example = "control_tests.run_recorded/1")]
    pub kind: Option<String>,
    /// Only entries about this.
    #[param(example = "access-removed-on-leaving")]
    pub subject: Option<String>,
    /// Only entries of this actor.
    #[param(example = "compliance-lead")]
    pub actor: Option<String>,
}

impl Wanted {
    /// Whether an entry is wanted.
    pub fn has(&self, line: &Line<'_>) -> bool {
        let fits =
            |wanted: &Option<String>, text: &str| wanted.as_ref().is_none_or(|it| it == text);
        fits(&self.kind, line.kind)
            && fits(&self.subject, line.subject)
            && fits(&self.actor, line.actor)
    }
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    let of = |endpoint: Endpoint| {
        endpoint
            .part("index", "Index of the entry, from 0", 412.into())
            .at_a_moment()
    };
    vec![
        read("/api/v1/ledger", PROGRAM, head)
            .named("get_ledger", "Ledger", "Read the head of the company's ledger", "What someone outside pins: origin, key, size and root.")
            .answers::<LedgerHead>(StatusCode::OK, "The head"),
        read("/api/v1/ledger/entries", PROGRAM, list)
            .named("list_entries", "Ledger", "List the entries", "Oldest first: with `after` from the last page, what came since.")
            .query::<Wanted>()
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Entry>>(StatusCode::OK, "A page of entries"),
        of(read("/api/v1/ledger/entries/{index}", PROGRAM, show))
            .named("get_entry", "Ledger", "Read an entry with what it says", "")
            .answers::<EntryDetail>(StatusCode::OK, "The entry"),
        of(read("/api/v1/ledger/entries/{index}/proof", PROGRAM, proof))
            .named("get_proof", "Ledger", "Read the proof that an entry is in the ledger", "For the tree as it stands, or stood at `at`.")
            .answers::<Proof>(StatusCode::OK, "The proof"),
        change("/api/v1/ledger/verify", PROGRAM, verify)
            .named("verify_ledger", "Ledger", "Verify the whole ledger", "Starts a job that checks every leaf, body, hash and signature, and that the entries replay. It records nothing.")
            .answers::<Job>(StatusCode::ACCEPTED, "The job"),
    ]
}

fn failed(error: LedgerError) -> Fault {
    Fault::Failed(error.to_string())
}

fn reader(visit: &Visit) -> Answered<LedgerReader> {
    Ok(visit.company()?.workspace().reader()?)
}

async fn head(visit: Visit) -> Answered<Json<LedgerHead>> {
    let reader = reader(&visit)?;
    let size = visit.picture()?.state.size;
    let checkpoints = reader.checkpoints().map_err(failed)?;
    Ok(Json(LedgerHead {
        origin: reader.origin().map_err(failed)?,
        verifier_key: reader.verifier_key().map_err(failed)?,
        size,
        root: hex::encode(reader.root_at(size).map_err(failed)?),
        last_checkpoint: checkpoints.last().map(|(_, size, _)| *size),
    }))
}

async fn list(
    visit: Visit,
    Query(wanted): Query<Wanted>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<Entry>>> {
    let lines = visit
        .picture()?
        .state
        .journal
        .lines()
        .filter(|line| wanted.has(line));
    Ok(Json(
        Page::of(&cut, lines, |line| line.index)?.map(|line| entry(&line)),
    ))
}

/// A line of the journal, for programs.
pub fn entry(line: &Line<'_>) -> Entry {
    Entry {
        index: line.index,
        at: line.at,
        actor: line.actor.to_owned(),
        kind: line.kind.to_owned(),
        subject: line.subject.to_owned(),
    }
}

/// An entry of the company's ledger, where it is among those shown.
pub fn told(visit: &Visit, index: u64) -> Answered<Told> {
    let journal = &visit.picture()?.state.journal;
    Ok(read_entry(visit.company()?.workspace(), journal, index)?)
}

/// An entry with what it says.
///
/// # Errors
/// [`Fault::NotFound`] where the journal has no such line.
pub fn read_entry(workspace: &Workspace, journal: &Journal, index: u64) -> Result<Told, Fault> {
    journal.line(index).ok_or(Fault::NotFound)?;
    let record = workspace
        .reader()?
        .entries(index..index.saturating_add(1))
        .next()
        .ok_or(Fault::NotFound)?;
    Ok(Told::try_from(record.map_err(failed)?)?)
}

/// An entry with what it says, for programs.
pub fn detail(told: Told) -> EntryDetail {
    EntryDetail {
        is_erased: told.body.is_none(),
        body: told.body.unwrap_or(Value::Null),
        entry: Entry {
            index: told.index,
            at: told.at,
            actor: told.actor,
            kind: told.kind,
            subject: told.subject,
        },
    }
}

async fn show(visit: Visit) -> Answered<Json<EntryDetail>> {
    Ok(Json(detail(told(&visit, visit.parsed("index")?)?)))
}

async fn proof(visit: Visit) -> Answered<Json<Proof>> {
    let index: u64 = visit.parsed("index")?;
    let size = visit.picture()?.state.size;
    if index >= size {
        return Err(Fault::NotFound.into());
    }
    let proof = reader(&visit)?
        .prove_inclusion(index, size)
        .map_err(failed)?;
    Ok(Json(Proof {
        index: proof.index,
        size: proof.size,
        root: hex::encode(proof.root),
        path: proof.path.iter().map(hex::encode).collect(),
        leaf: String::from_utf8_lossy(&proof.leaf).into_owned(),
    }))
}

async fn verify(visit: Visit) -> Answered<Response> {
    let id = work::verify(&visit)?;
    jobs::started(&visit, id)
}
