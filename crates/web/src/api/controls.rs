//! Controls: what the company does, and how each stands.

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::Date;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, CriterionId};
use tickmark_program::Control as ProgramControl;
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::texts;
use super::words::{Automation, ControlNature, Frequency, Standing, TestMode};
use crate::fault::Fault;
use crate::picture::{ControlFacts, Picture, Recorded};
use crate::route::PROGRAM;
use crate::visit::Visit;

/// A control and how it stands over the period.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({
    "id": "TM-048", "title": "Access removed when people leave", "criteria": ["CC6.2", "CC6.3"], "standing": "deviates",
    "deviations": 1, "with_gaps": 0, "is_evidenced": false, "owner_role": "Head of Platform", "frequency": "each_event",
}))]
pub struct Control {
    /// Identifier.
    pub id: String,
    /// A short name.
    pub title: String,
    /// Criteria it supports; the first is the primary one.
    pub criteria: Vec<String>,
    /// How it stands.
    pub standing: Standing,
    /// Items that deviate.
    pub deviations: u64,
    /// Items that were not observed on at least one day.
    pub with_gaps: u64,
    /// Whether it is evidenced for every interval so far: nothing deviates,
    /// nothing went unobserved, and no population lacks items.
    pub is_evidenced: bool,
    /// Role that answers for it.
    pub owner_role: String,
    /// How often it operates.
    pub frequency: Frequency,
}

/// A control with its description and what shows it.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct ControlDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub control: Control,
    /// The control as it stands in Section IV: who does what, when, and what
    /// shows it.
    pub description: String,
    /// When it takes effect.
    pub nature: ControlNature,
    /// How it is performed.
    pub automation: Automation,
    /// A second rhythm.
    pub also_frequency: Option<Frequency>,
    /// How it can be tested.
    pub test_mode: TestMode,
    /// Points of focus it bears on.
    pub points_of_focus: Vec<String>,
    /// What shows that it operated, in words.
    pub shown_by: Vec<String>,
    /// Control tests that test it.
    pub tests: Vec<String>,
    /// Digests of the documents kept as evidence of it.
    pub documents: Vec<String>,
    /// Populations its tests read that are known not to be complete.
    pub incomplete_populations: Vec<String>,
    /// The day it began, where that is inside the period.
    #[schema(value_type = Option<String>, format = Date)]
    #[schemars(with = "Option<String>")]
    pub since: Option<Date>,
}

/// Which controls are listed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, IntoParams)]
pub struct Wanted {
    /// Only controls that stand so.
    #[param(inline)]
    pub standing: Option<Standing>,
    /// Only controls that support this criterion, for example `CC6.2`.
    #[param(example = "CC6.2")]
    pub criterion: Option<String>,
    /// Only controls that this role answers for.
    #[param(example = "Head of Platform")]
    pub owner_role: Option<String>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/controls", PROGRAM, list)
            .named("list_controls", "Controls", "List the controls", "")
            .query::<Wanted>()
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Control>>(StatusCode::OK, "A page of controls"),
        read("/api/v1/controls/{id}", PROGRAM, show)
            .named("get_control", "Controls", "Read a control", "")
            .part("id", "Identifier of the control", "TM-048".into())
            .at_a_moment()
            .answers::<ControlDetail>(StatusCode::OK, "The control"),
    ]
}

async fn list(
    visit: Visit,
    Query(wanted): Query<Wanted>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<Control>>> {
    Ok(Json(Page::of(
        &cut,
        controls(visit.recorded()?, &wanted),
        |it| it.id.clone(),
    )?))
}

async fn show(visit: Visit) -> Answered<Json<ControlDetail>> {
    let id = visit.parsed("id")?;
    let found = control(visit.picture()?, visit.recorded()?, &id);
    Ok(Json(found.ok_or(Fault::NotFound)?))
}

/// The controls that are wanted, in order of id.
pub fn controls(recorded: &Recorded, wanted: &Wanted) -> Vec<Control> {
    // A criterion that does not exist has no control.
    let criterion = wanted
        .criterion
        .as_ref()
        .map(|text| text.parse::<CriterionId>().ok());
    let mut all: Vec<Control> = recorded
        .program
        .controls
        .iter()
        .filter(|it| {
            criterion.is_none_or(|wanted| {
                wanted.is_some_and(|wanted| it.definition.criteria.contains(&wanted))
            })
        })
        .filter(|it| {
            wanted
                .owner_role
                .as_ref()
                .is_none_or(|role| it.definition.owner_role == *role)
        })
        .filter_map(|it| Some(summary(it, recorded.controls.get(&it.definition.id)?)))
        .filter(|it| wanted.standing.is_none_or(|wanted| it.standing == wanted))
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// One control with everything known of it.
pub fn control(picture: &Picture, recorded: &Recorded, id: &ControlId) -> Option<ControlDetail> {
    let (control, facts) = recorded.control(id)?;
    let definition = &control.definition;
    let documents = picture
        .state
        .evidence
        .artifacts()
        .filter(|it| it.controls.contains(id));
    Some(ControlDetail {
        control: summary(control, facts),
        description: definition.description.clone(),
        nature: definition.nature.into(),
        automation: definition.automation.into(),
        also_frequency: definition.also_frequency.map(Into::into),
        test_mode: definition.mode.into(),
        points_of_focus: texts(&definition.points_of_focus),
        shown_by: definition.evidence.clone(),
        tests: texts(&definition.tests),
        documents: texts(documents.map(|it| &it.sha256)),
        incomplete_populations: facts.incomplete.clone(),
        since: control.since,
    })
}

fn summary(control: &ProgramControl, facts: &ControlFacts) -> Control {
    let definition = &control.definition;
    Control {
        id: definition.id.to_string(),
        title: definition.title.clone(),
        criteria: texts(&definition.criteria),
        standing: facts.standing.into(),
        deviations: facts.deviations,
        with_gaps: facts.with_gaps,
        is_evidenced: facts.is_evidenced(),
        owner_role: definition.owner_role.clone(),
        frequency: definition.frequency.into(),
    }
}
