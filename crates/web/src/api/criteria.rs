//! The criteria in scope, in our own words, and how each is supported.

use axum::Json;
use axum::http::StatusCode;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Criterion as CatalogCriterion, CriterionId, catalog};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::texts;
use super::words::Category;
use crate::fault::Fault;
use crate::picture::Recorded;
use crate::route::PROGRAM;
use crate::visit::Visit;

/// A criterion in scope.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({
    "id": "CC6.2", "category": "security", "series": "CC6", "summary": "Users are registered and authorized before they get access, and lose it when they no longer need it",
    "controls": ["TM-047", "TM-048"], "evidenced_controls": 1, "deviating_controls": 1, "is_evidenced": false, "not_relevant": null,
}))]
pub struct Criterion {
    /// Identifier.
    pub id: String,
    /// The category it belongs to.
    pub category: Category,
    /// The part of the criteria it is in, for example `CC6`.
    pub series: String,
    /// What it asks, in our own words.
    pub summary: String,
    /// Controls that support it.
    pub controls: Vec<String>,
    /// How many of them are evidenced for every interval so far.
    pub evidenced_controls: usize,
    /// Of how many of them an item deviates.
    pub deviating_controls: usize,
    /// Whether every control is evidenced, and there is one.
    pub is_evidenced: bool,
    /// Why it is not relevant, where that was said.
    pub not_relevant: Option<String>,
}

/// A criterion with what is worth considering for it.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct CriterionDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub criterion: Criterion,
    /// The COSO principle it follows, 1 to 17.
    pub coso_principle: Option<u8>,
    /// Things to consider; none of them is required.
    pub points_of_focus: Vec<PointOfFocus>,
}

/// Something worth considering for a criterion.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct PointOfFocus {
    /// Identifier.
    #[schema(examples("CC6.2-01"))]
    pub id: String,
    /// What it is about, in our own words.
    pub title: String,
    /// Controls that bear on it.
    pub controls: Vec<String>,
}

/// Which criteria are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
struct Wanted {
    /// Only those that are evidenced so far, or only those that are not.
    evidenced: Option<bool>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/criteria", PROGRAM, list)
            .named(
                "list_criteria",
                "Criteria",
                "List the criteria in scope",
                "In the order of the catalog.",
            )
            .query::<Wanted>()
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Criterion>>(StatusCode::OK, "A page of criteria"),
        read("/api/v1/criteria/{id}", PROGRAM, show)
            .named("get_criterion", "Criteria", "Read a criterion", "")
            .part("id", "Identifier of the criterion", "CC6.2".into())
            .at_a_moment()
            .answers::<CriterionDetail>(StatusCode::OK, "The criterion"),
    ]
}

async fn list(
    visit: Visit,
    Query(wanted): Query<Wanted>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<Criterion>>> {
    let all = criteria(visit.recorded()?).filter(|it| {
        wanted
            .evidenced
            .is_none_or(|wanted| it.is_evidenced == wanted)
    });
    Ok(Json(Page::of(&cut, all, |it| Key(it.id.parse().ok()))?))
}

async fn show(visit: Visit) -> Answered<Json<CriterionDetail>> {
    let id = visit.parsed("id")?;
    Ok(Json(
        criterion(visit.recorded()?, id).ok_or(Fault::NotFound)?,
    ))
}

/// A criterion by its place in the catalog.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(Option<CriterionId>);

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |id| id.fmt(f))
    }
}

impl std::str::FromStr for Key {
    type Err = tickmark_catalog::UnknownId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|id| Self(Some(id)))
    }
}

/// Every criterion in scope.
pub fn criteria(recorded: &Recorded) -> impl Iterator<Item = Criterion> {
    let all = catalog().applicable_criteria(&recorded.program.scope.categories);
    all.into_iter().map(|it| summary(recorded, it))
}

/// One of them with its points of focus.
pub fn criterion(recorded: &Recorded, id: CriterionId) -> Option<CriterionDetail> {
    let all = catalog().applicable_criteria(&recorded.program.scope.categories);
    let found = all.into_iter().find(|it| it.id == id)?;
    let bearing = |point: &tickmark_catalog::PointOfFocus| {
        let controls = recorded
            .program
            .controls
            .iter()
            .filter(|it| it.definition.points_of_focus.contains(&point.id));
        texts(controls.map(|it| &it.definition.id))
    };
    let points = found.points_of_focus.iter().map(|point| PointOfFocus {
        id: point.id.to_string(),
        title: point.title.clone(),
        controls: bearing(point),
    });
    Some(CriterionDetail {
        criterion: summary(recorded, found),
        coso_principle: found.coso_principle,
        points_of_focus: points.collect(),
    })
}

fn summary(recorded: &Recorded, criterion: &CatalogCriterion) -> Criterion {
    let controls: Vec<_> = recorded
        .program
        .controls_for(criterion.id)
        .map(|it| &it.definition.id)
        .collect();
    let facts: Vec<_> = controls
        .iter()
        .filter_map(|id| recorded.controls.get(*id))
        .collect();
    let exempt = recorded
        .program
        .scope
        .not_relevant
        .iter()
        .find(|it| it.criterion == criterion.id);
    Criterion {
        id: criterion.id.to_string(),
        category: criterion.category.into(),
        series: criterion.series.clone(),
        summary: criterion.summary.clone(),
        evidenced_controls: facts.iter().filter(|it| it.is_evidenced()).count(),
        deviating_controls: facts.iter().filter(|it| it.deviations > 0).count(),
        controls: texts(controls),
        is_evidenced: recorded.is_evidenced(criterion.id),
        not_relevant: exempt.map(|it| it.reason.clone()),
    }
}
