//! Risks: what could go wrong, and what is done about it.

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::texts;
use super::words::Treatment;
use crate::fault::Fault;
use crate::route::PROGRAM;
use crate::visit::Visit;

/// A risk.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "R-07", "title": "Access outlives employment", "category": "security", "likelihood": 3, "impact": 4, "treatment": "mitigate",
    "owner_role": "Head of Platform", "controls": ["TM-048"], "residual_likelihood": 1, "residual_impact": 4, "is_fraud": false, "reviewed_on": "2026-01-20",
}))]
pub struct Risk {
    /// Identifier.
    pub id: String,
    /// What could go wrong.
    pub title: String,
    /// Where it comes from.
    pub category: String,
    /// How likely it is before controls, 1 to 5.
    pub likelihood: u8,
    /// How bad it would be before controls, 1 to 5.
    pub impact: u8,
    /// What is done about it.
    pub treatment: Treatment,
    /// Role that answers for it.
    pub owner_role: String,
    /// Controls that reduce it.
    pub controls: Vec<String>,
    /// How likely it stays, 1 to 5.
    pub residual_likelihood: u8,
    /// How bad it would stay, 1 to 5.
    pub residual_impact: u8,
    /// Whether it is a risk of fraud.
    pub is_fraud: bool,
    /// When it was last weighed.
    #[schema(value_type = String, format = Date)]
    pub reviewed_on: Date,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/risks", PROGRAM, list)
            .named("list_risks", "Risks", "List the risks", "")
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Risk>>(StatusCode::OK, "A page of risks"),
        read("/api/v1/risks/{id}", PROGRAM, show)
            .named("get_risk", "Risks", "Read a risk", "")
            .part("id", "Identifier of the risk", "R-07".into())
            .at_a_moment()
            .answers::<Risk>(StatusCode::OK, "The risk"),
    ]
}

fn risks(visit: &Visit) -> Answered<Vec<Risk>> {
    let one = |it: &tickmark_program::Risk| Risk {
        id: it.id.to_string(),
        title: it.title.clone(),
        category: it.category.clone(),
        likelihood: it.likelihood,
        impact: it.impact,
        treatment: it.treatment.into(),
        owner_role: it.owner_role.clone(),
        controls: texts(&it.controls),
        residual_likelihood: it.residual_likelihood,
        residual_impact: it.residual_impact,
        is_fraud: it.fraud,
        reviewed_on: it.reviewed_on,
    };
    let mut all: Vec<Risk> = visit.recorded()?.program.risks.iter().map(one).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Risk>>> {
    Ok(Json(Page::of(&cut, risks(&visit)?, |it| it.id.clone())?))
}

async fn show(visit: Visit) -> Answered<Json<Risk>> {
    let found = risks(&visit)?
        .into_iter()
        .find(|it| it.id == visit.param("id"));
    Ok(Json(found.ok_or(Fault::NotFound)?))
}
