//! Commitments: what the company promises its customers.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::texts;
use super::words::Category;
use crate::fault::Fault;
use crate::route::PROGRAM;
use crate::visit::Visit;

/// A service commitment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "PSC-01", "text": "Customer data is encrypted in transit and at rest", "category": "security", "criteria": ["CC6.1", "CC6.7"],
    "controls": ["TM-055"], "source": "Master services agreement, section 7", "is_principal": true, "measured_by": null,
}))]
pub struct Commitment {
    /// Identifier.
    pub id: String,
    /// What is promised.
    pub text: String,
    /// The category it belongs to.
    pub category: Category,
    /// Criteria it bears on.
    pub criteria: Vec<String>,
    /// Controls that keep it.
    pub controls: Vec<String>,
    /// Where it was made.
    pub source: String,
    /// Whether the description names it.
    pub is_principal: bool,
    /// The control test that measures it.
    pub measured_by: Option<String>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/commitments", PROGRAM, list)
            .named(
                "list_commitments",
                "Commitments",
                "List the commitments",
                "",
            )
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Commitment>>(StatusCode::OK, "A page of commitments"),
        read("/api/v1/commitments/{id}", PROGRAM, show)
            .named("get_commitment", "Commitments", "Read a commitment", "")
            .part("id", "Identifier of the commitment", "PSC-01".into())
            .at_a_moment()
            .answers::<Commitment>(StatusCode::OK, "The commitment"),
    ]
}

fn commitments(visit: &Visit) -> Answered<Vec<Commitment>> {
    let one = |it: &tickmark_program::Commitment| Commitment {
        id: it.id.to_string(),
        text: it.text.clone(),
        category: it.category.into(),
        criteria: texts(&it.criteria),
        controls: texts(&it.controls),
        source: it.source.clone(),
        is_principal: it.principal,
        measured_by: it.measure.as_ref().map(ToString::to_string),
    };
    let mut all: Vec<Commitment> = visit
        .recorded()?
        .program
        .commitments
        .iter()
        .map(one)
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Commitment>>> {
    Ok(Json(Page::of(&cut, commitments(&visit)?, |it| {
        it.id.clone()
    })?))
}

async fn show(visit: Visit) -> Answered<Json<Commitment>> {
    let found = commitments(&visit)?
        .into_iter()
        .find(|it| it.id == visit.param("id"));
    Ok(Json(found.ok_or(Fault::NotFound)?))
}
