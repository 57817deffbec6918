//! Finding anything by a word.

use axum::Json;
use axum::http::StatusCode;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use crate::format;
use crate::picture::Picture;
use crate::route::PROGRAM;
use crate::visit::Visit;

/// Most things that are found at once.
const LIMIT: usize = 50;

/// Something that was found.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({ "kind": "control", "id": "TM-048", "title": "Access removed when people leave", "page": "/controls/TM-048" }))]
pub struct Found {
    /// What it is, for example `control`.
    pub kind: String,
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The page that shows it.
    pub page: String,
}

/// What was found, best first.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct FoundList {
    /// At most 50.
    pub items: Vec<Found>,
}

/// What is looked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
struct Wanted {
    /// Words that all have to occur.
    #[param(example = "leaving")]
    q: String,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/search", PROGRAM, search)
            .named("search", "Search", "Find anything by a word", "Controls, criteria, tests, policies, risks, vendors, commitments, populations and documents.")
            .query::<Wanted>()
            .at_a_moment()
            .answers::<FoundList>(StatusCode::OK, "What was found"),
    ]
}

async fn search(visit: Visit, Query(wanted): Query<Wanted>) -> Answered<Json<FoundList>> {
    Ok(Json(find(visit.picture()?, &wanted.q)))
}

/// What a picture has for these words.
pub fn find(picture: &Picture, words: &str) -> FoundList {
    let found = picture
        .search
        .find(words, LIMIT)
        .into_iter()
        .map(|it| Found {
            kind: format::serde_name(&it.kind),
            id: it.id.clone(),
            title: it.title.clone(),
            page: it.href.clone(),
        });
    FoundList {
        items: found.collect(),
    }
}
