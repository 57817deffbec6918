//! Policies: what the company has decided and published.

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Serialize;
use tickmark_access::Action;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::texts;
use crate::fault::Fault;
use crate::route::{Access, On};
use crate::visit::Visit;

/// Who may read policies.
const ACCESS: Access = Access::May(Action::ViewPolicies, On::Company);

/// A policy.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "access-control", "title": "Access control policy", "version": "3.1", "approved_on": "2025-06-12", "approver_role": "Chief Executive Officer",
    "review_months": 12, "owner_role": "Head of Platform", "controls": ["TM-047", "TM-048"],
}))]
pub struct Policy {
    /// Identifier.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Version in force.
    pub version: String,
    /// When that version was approved.
    #[schema(value_type = String, format = Date)]
    pub approved_on: Date,
    /// Role that approved it.
    pub approver_role: String,
    /// Months after which it is to be reviewed again.
    pub review_months: u32,
    /// Role that answers for it.
    pub owner_role: String,
    /// Controls that follow from it.
    pub controls: Vec<String>,
}

/// A policy with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub policy: Policy,
    /// Its text, in Markdown, as recorded.
    pub text: String,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/policies", ACCESS, list)
            .named("list_policies", "Policies", "List the policies", "")
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Policy>>(StatusCode::OK, "A page of policies"),
        read("/api/v1/policies/{id}", ACCESS, show)
            .named("get_policy", "Policies", "Read a policy with its text", "")
            .part("id", "Identifier of the policy", "access-control".into())
            .at_a_moment()
            .answers::<PolicyDetail>(StatusCode::OK, "The policy"),
    ]
}

fn summary(it: &tickmark_program::Policy) -> Policy {
    Policy {
        id: it.id.to_string(),
        title: it.title.clone(),
        version: it.version.clone(),
        approved_on: it.approved_on,
        approver_role: it.approver_role.clone(),
        review_months: it.review_months,
        owner_role: it.owner_role.clone(),
        controls: texts(&it.controls),
    }
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Policy>>> {
    let mut all: Vec<Policy> = visit
        .recorded()?
        .program
        .policies
        .iter()
        .map(summary)
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Json(Page::of(&cut, all, |it| it.id.clone())?))
}

async fn show(visit: Visit) -> Answered<Json<PolicyDetail>> {
    let found = visit
        .recorded()?
        .program
        .policy(visit.param("id"))
        .ok_or(Fault::NotFound)?;
    Ok(Json(PolicyDetail {
        policy: summary(found),
        text: found.body.clone(),
    }))
}
