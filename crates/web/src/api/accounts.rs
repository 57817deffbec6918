//! Accounts: who may come in, for those who manage that.

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use tickmark_access::{Account as Known, Action};
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::words::{AccountStatus, Role};
use crate::fault::Fault;
use crate::route::{Access, On};
use crate::visit::Visit;

const MANAGE: Access = Access::May(Action::ManageAccess, On::OwnRealm);

/// An account of the realm that who asks belongs to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "platform-owner", "name": "Tamsin Okorafor-Lindqvist", "email": "platform-owner@company.example", "role": "control_owner", "status": "active",
    "functions": ["Head of Platform"], "added_at": "2026-07-02T16:00:00Z",
}))]
pub struct Account {
    /// Opaque id, as the ledger has it.
    pub id: String,
    /// Name of the person.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Whether the person can come in.
    pub status: AccountStatus,
    /// The owner roles whose controls this person answers for.
    pub functions: Vec<String>,
    /// When the account was added.
    #[schema(value_type = String, format = DateTime)]
    pub added_at: Timestamp,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/accounts", MANAGE, list)
            .named(
                "list_accounts",
                "Accounts",
                "List the accounts of the realm",
                "",
            )
            .query::<Cut>()
            .answers::<Page<Account>>(StatusCode::OK, "A page of accounts"),
        read("/api/v1/accounts/{id}", MANAGE, show)
            .named("get_account", "Accounts", "Read an account", "")
            .part("id", "Identifier of the account", "platform-owner".into())
            .answers::<Account>(StatusCode::OK, "The account"),
    ]
}

fn account(it: &Known) -> Account {
    Account {
        id: it.id.to_string(),
        name: it.name.clone(),
        email: it.email.clone(),
        role: it.role.into(),
        status: it.status.into(),
        functions: it.functions.iter().cloned().collect(),
        added_at: it.added_at,
    }
}

fn accounts(visit: &Visit) -> Answered<Vec<Account>> {
    let side = visit.signed_in()?.principal.side;
    let all = visit
        .app()
        .with_access(side, |state, _| state.accounts().map(account).collect());
    Ok(all.ok_or(Fault::NotFound)?)
}

async fn list(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Account>>> {
    Ok(Json(Page::of(&cut, accounts(&visit)?, |it| it.id.clone())?))
}

async fn show(visit: Visit) -> Answered<Json<Account>> {
    let found = accounts(&visit)?
        .into_iter()
        .find(|it| it.id == visit.param("id"));
    Ok(Json(found.ok_or(Fault::NotFound)?))
}
