//! Vendors: whom the company depends on.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use crate::fault::Fault;
use crate::route::PROGRAM;
use crate::visit::Visit;

/// A vendor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "VND-001", "name": "Harborlight Cloud", "tier": "critical", "services": "Hosting of production", "owner_role": "Head of Platform",
    "is_subservice": true, "data": ["customer data"],
}))]
pub struct Vendor {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How much depends on it.
    pub tier: String,
    /// What it does for the company.
    pub services: String,
    /// Role that answers for it.
    pub owner_role: String,
    /// Whether it is a subservice organization.
    pub is_subservice: bool,
    /// Data it gets to see.
    pub data: Vec<String>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/vendors", PROGRAM, list)
            .named("list_vendors", "Vendors", "List the vendors", "")
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Vendor>>(StatusCode::OK, "A page of vendors"),
        read("/api/v1/vendors/{id}", PROGRAM, show)
            .named("get_vendor", "Vendors", "Read a vendor", "")
            .part("id", "Identifier of the vendor", "VND-001".into())
            .at_a_moment()
            .answers::<Vendor>(StatusCode::OK, "The vendor"),
    ]
}

fn vendors(visit: &Visit) -> Answered<Vec<Vendor>> {
    let one = |it: &tickmark_program::Vendor| Vendor {
        id: it.id.to_string(),
        name: it.name.clone(),
        tier: it.tier.clone(),
        services: it.services.clone(),
        owner_role: it.owner_role.clone(),
        is_subservice: it.subservice,
        data: it.data.clone(),
    };
    let mut all: Vec<Vendor> = visit.recorded()?.program.vendors.iter().map(one).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Vendor>>> {
    Ok(Json(Page::of(&cut, vendors(&visit)?, |it| it.id.clone())?))
}

async fn show(visit: Visit) -> Answered<Json<Vendor>> {
    let found = vendors(&visit)?
        .into_iter()
        .find(|it| it.id == visit.param("id"));
    Ok(Json(found.ok_or(Fault::NotFound)?))
}
