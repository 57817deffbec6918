//! Reconciliations: two independent sources compared, in both directions.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use tickmark_access::Action;
use tickmark_catalog::GrowingList;
use tickmark_evidence::{ReconciliationResult, Recorded as At};
use tickmark_realm::Definition;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, change, read};
use super::extract::{Answered, Query};
use super::jobs::{self, Job};
use super::page::{Cut, Page};
use super::values::texts;
use crate::fault::Fault;
use crate::route::{Access, On, PROGRAM};
use crate::visit::Visit;
use crate::work;

/// A reconciliation and what it found last.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reconciliation {
    /// Identifier.
    #[schema(examples("leavers-against-identity-provider"))]
    pub id: String,
    /// What is compared with what.
    pub title: String,
    /// Why the two sides must agree.
    pub why: String,
    /// One side.
    pub left: Side,
    /// The other side.
    pub right: Side,
    /// Datasets that are not complete while it fails.
    pub marks: Vec<String>,
    /// What it found last; none before the first.
    pub latest: Option<Comparison>,
}

/// One side of a reconciliation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationSide)]
pub struct Side {
    /// The dataset it reads.
    pub dataset: String,
    /// Only rows of this source.
    pub source: Option<String>,
    /// Only rows for which this SQL condition holds.
    pub condition: Option<String>,
    /// Columns, or SQL expressions over them, that make up the key.
    pub key: Vec<String>,
}

/// What a reconciliation found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Comparison {
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Whether every key was found on both sides.
    pub complete: bool,
    /// Keys found on both sides.
    pub matched: u64,
    /// Keys found only on the left.
    pub only_left: usize,
    /// Keys found only on the right.
    pub only_right: usize,
    /// Rows on the left beyond the first of their key.
    pub repeated_left: u64,
    /// Rows on the right beyond the first of their key.
    pub repeated_right: u64,
    /// Digests of the snapshots that were read.
    pub read: Vec<String>,
}

/// A reconciliation with the rows that do not match.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciliationDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub reconciliation: Reconciliation,
    /// Keys found only on the left in the latest comparison: a text for each
    /// key column, null where it is null.
    pub only_left: Vec<Vec<Option<String>>>,
    /// Keys found only on the right.
    pub only_right: Vec<Vec<Option<String>>>,
    /// Every comparison, oldest first.
    pub history: Vec<Comparison>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/reconciliations", PROGRAM, list)
            .named("list_reconciliations", "Reconciliations", "List the reconciliations of the program", "")
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Reconciliation>>(StatusCode::OK, "A page of reconciliations"),
        change("/api/v1/reconciliations/run", Access::May(Action::Reconcile, On::Company), run)
            .named("run_reconciliations", "Reconciliations", "Compare again", "Starts a job that compares every reconciliation of the program and records what differs from before.")
            .answers::<Job>(StatusCode::ACCEPTED, "The job"),
        read("/api/v1/reconciliations/{id}", PROGRAM, show)
            .named("get_reconciliation", "Reconciliations", "Read a reconciliation with what does not match", "")
            .part("id", "Identifier of the reconciliation", "leavers-against-identity-provider".into())
            .at_a_moment()
            .answers::<ReconciliationDetail>(StatusCode::OK, "The reconciliation"),
    ]
}

fn definitions(visit: &Visit) -> Answered<Vec<Definition>> {
    Ok(tickmark_realm::reconciliations(&visit.recorded()?.program)?)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Reconciliation>>> {
    let mut all = Vec::new();
    for definition in definitions(&visit)? {
        all.push(summary(&definition, history(&visit, &definition)?.last()));
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Json(Page::of(&cut, all, |it| it.id.clone())?))
}

fn history<'v>(
    visit: &'v Visit,
    definition: &Definition,
) -> Answered<&'v GrowingList<At<ReconciliationResult>>> {
    Ok(visit
        .picture()?
        .state
        .evidence
        .reconciliation_history(&definition.reconciliation.id))
}

fn summary(definition: &Definition, latest: Option<&At<ReconciliationResult>>) -> Reconciliation {
    let it = &definition.reconciliation;
    let side = |side: &tickmark_evidence::Side| Side {
        dataset: side.dataset.clone(),
        source: side.source.clone(),
        condition: side.condition.clone(),
        key: side.key.clone(),
    };
    Reconciliation {
        id: it.id.clone(),
        title: it.title.clone(),
        why: it.why.clone(),
        left: side(&it.left),
        right: side(&it.right),
        marks: it.marks.clone(),
        latest: latest.map(comparison),
    }
}

fn comparison(recorded: &At<ReconciliationResult>) -> Comparison {
    let it = &recorded.value;
    Comparison {
        recorded_at: recorded.at,
        complete: it.complete,
        matched: it.matched_count,
        only_left: it.only_left.len(),
        only_right: it.only_right.len(),
        repeated_left: it.repeated_left_count,
        repeated_right: it.repeated_right_count,
        read: texts(&it.read),
    }
}

async fn show(visit: Visit) -> Answered<Json<ReconciliationDetail>> {
    let definitions = definitions(&visit)?;
    let definition = definitions
        .iter()
        .find(|it| it.reconciliation.id == visit.param("id"))
        .ok_or(Fault::NotFound)?;
    let history = history(&visit, definition)?;
    let latest = history.last();
    Ok(Json(ReconciliationDetail {
        reconciliation: summary(definition, latest),
        only_left: latest.map_or_else(Vec::new, |it| it.value.only_left.clone()),
        only_right: latest.map_or_else(Vec::new, |it| it.value.only_right.clone()),
        history: history.iter().map(comparison).collect(),
    }))
}

async fn run(visit: Visit) -> Answered<Response> {
    visit.recorded()?;
    let id = work::reconcile(&visit)?;
    jobs::started(&visit, id)
}
