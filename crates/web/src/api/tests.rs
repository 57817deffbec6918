//! Control tests: what each tests and how, its runs, every item with its
//! reason, and management's answer to what deviates.
//!
//! What must hold: every item is listed; "could not test" is never "no
//! deviations"; an answer is bound to the result it answers.

mod commands;

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use tickmark_access::Action;
use tickmark_catalog::{ControlTestId, Problem};
use tickmark_control_tests::events::{ResponseGiven, RunRecorded};
use tickmark_control_tests::{ControlTest, ItemResult, Occurred, Outcome as DomainOutcome};
use utoipa::{IntoParams, ToSchema};

use commands::{NewResponse, RunTests, respond, run};

use super::endpoint::{Endpoint, change, read};
use super::extract::{Answered, Query};
use super::jobs::Job;
use super::page::{Cut, Page};
use super::populations::Completeness;
use super::values::{Period, texts};
use super::words::{DatasetKind, IntervalStatus, ItemStatus, Measures, Nature};
use crate::fault::Fault;
use crate::picture::{Picture, Recorded};
use crate::route::{Access, On, PROGRAM};
use crate::visit::Visit;

/// The kind of ledger entry that records a run.
const RUN_RECORDED: &str = "control_tests.run_recorded/1";

/// What came out of a test as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least one item was tested and none deviates.
    NoDeviations,
    /// At least one item deviates.
    Deviations,
    /// Nothing happened in the period that would have called for the control.
    NoOccurrence,
    /// No statement is possible.
    NotTested,
}

impl From<&DomainOutcome> for Outcome {
    fn from(outcome: &DomainOutcome) -> Self {
        match outcome {
            DomainOutcome::NoDeviations => Self::NoDeviations,
            DomainOutcome::Deviations => Self::Deviations,
            DomainOutcome::NoOccurrence => Self::NoOccurrence,
            DomainOutcome::NotTested { .. } => Self::NotTested,
        }
    }
}

/// How many items have which status. `population` is the sum of `operated`,
/// `deviations`, `excluded` and `not_tested`; `tested` of the first two.
#[derive(Clone, Copy, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({ "population": 27, "tested": 27, "operated": 26, "deviations": 1, "excluded": 0, "not_tested": 0, "with_gaps": 0 }))]
pub struct Counts {
    /// All items.
    pub population: u64,
    /// Items for which the test said operated or deviation.
    pub tested: u64,
    /// Items for which the control operated.
    pub operated: u64,
    /// Items that deviate.
    pub deviations: u64,
    /// Items that are listed but not tested, for a reason the test states.
    pub excluded: u64,
    /// Items that could not be tested.
    pub not_tested: u64,
    /// Items that were not observed on at least one day.
    pub with_gaps: u64,
}

/// A recorded run.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct Run {
    /// The period tested.
    pub period: Period,
    /// What came out.
    pub outcome: Outcome,
    /// Why no statement is possible, where none is.
    pub reason: Option<String>,
    /// How many items have which status.
    pub counts: Counts,
    /// Digest of the result: every item, byte for byte.
    pub result_sha256: String,
    /// Digest of what it was computed from.
    pub key: String,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    #[schemars(with = "String")]
    pub recorded_at: Timestamp,
    /// Index of the ledger's entry, in a list of runs.
    pub entry: Option<u64>,
}

/// A control test and its latest run over the period.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct ControlTestSummary {
    /// Identifier.
    #[schema(examples("access-removed-on-leaving"))]
    pub id: String,
    /// What holds when no item deviates, as a sentence without a full stop.
    pub title: String,
    /// The controls it tests.
    pub controls: Vec<String>,
    /// What an item is.
    pub kind: DatasetKind,
    /// How it is performed.
    pub nature: Nature,
    /// Whether a miss is a deviation of a control.
    pub measures: Measures,
    /// The dataset that defines the items.
    pub population: String,
    /// The latest run over the program's period; none before the first.
    pub latest_run: Option<Run>,
}

/// A control test with its definition.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct ControlTestDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub test: ControlTestSummary,
    /// Raised when what the test means changed.
    pub version: u32,
    /// What was done, as Section IV says it; may hold `{placeholders}`.
    pub procedure: String,
    /// What a deviation is, as the rest of "For 1 of 27 leavers tested, …".
    pub deviation: String,
    /// Why it matters.
    pub why: String,
    /// What to do about a deviation.
    pub remedy: String,
    /// Every table the SQL reads.
    pub reads: Vec<String>,
    /// Days an observation counts, where items are observed over time.
    pub max_gap_days: Option<u32>,
    /// The values it runs with.
    pub parameters: Vec<Parameter>,
    /// The SQL as written.
    pub sql: String,
    /// Digest of the SQL.
    pub sql_sha256: String,
    /// Digest of its whole folder.
    pub folder_sha256: String,
    /// How complete the datasets are that the latest run read.
    pub completeness: Vec<DatasetCompleteness>,
    /// Management's answer to the latest run.
    pub response: Option<ManagementResponse>,
}

/// How complete a dataset was when a run read it.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct DatasetCompleteness {
    /// The dataset.
    pub dataset: String,
    /// What is known of it.
    pub completeness: Completeness,
    /// Why it is not complete.
    pub reasons: Vec<String>,
}

/// A parameter of a control test.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(as = ControlTestParameter)]
pub struct Parameter {
    /// Its name, in SQL with `$` before it.
    pub name: String,
    /// The value the test runs with, as text.
    pub value: String,
    /// What it stands for.
    pub meaning: String,
    /// The policy it comes from.
    pub policy: Option<String>,
}

/// One item with its status.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({
    "item": "P-0113", "status": "deviation", "reason": "access removed 6 days after leaving", "occurred_at": "2026-02-13",
    "detail": { "left_on": "2026-02-13", "removed_at": "2026-02-19T09:12:00Z" }, "intervals": [],
}))]
pub struct Item {
    /// The item's name, unique in the result.
    pub item: String,
    /// Its status.
    pub status: ItemStatus,
    /// Why it has that status; never empty for a deviation.
    pub reason: String,
    /// The day or instant it happened.
    pub occurred_at: Option<String>,
    /// Further columns of the SQL that are not null, as text.
    pub detail: BTreeMap<String, String>,
    /// The days on which the item existed, without overlap, in order; empty for
    /// events.
    pub intervals: Vec<Interval>,
}

/// A run of days with the same status.
#[derive(Clone, Copy, Debug, Serialize, ToSchema, JsonSchema)]
pub struct Interval {
    /// First day.
    #[schema(value_type = String, format = Date)]
    #[schemars(with = "String")]
    pub start: Date,
    /// Last day, included.
    #[schema(value_type = String, format = Date)]
    #[schemars(with = "String")]
    pub end: Date,
    /// What holds on these days.
    pub status: IntervalStatus,
}

/// Management's answer to the deviations of one result.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(as = Response)]
pub struct ManagementResponse {
    /// Digest of the result answered.
    pub result_sha256: String,
    /// Agrees or disagrees, in management's words.
    pub position: String,
    /// Cause, as management sees it.
    pub cause: String,
    /// What is done about it.
    pub action: String,
    /// Role that answers for it.
    pub owner_role: String,
    /// When it is or was done.
    #[schema(value_type = String, format = Date)]
    #[schemars(with = "String")]
    pub due_on: Date,
    /// Where the test is.
    pub href: String,
}

/// Which tests are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, JsonSchema)]
pub struct Wanted {
    /// Only tests whose latest run ended so.
    #[param(inline)]
    pub outcome: Option<Outcome>,
    /// Only tests of this control.
    #[param(example = "TM-048")]
    pub control: Option<String>,
}

/// Which items are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
struct WantedItems {
    /// Only items with this status.
    #[param(inline)]
    status: Option<ItemStatus>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    let id = || {
        (
            "access-removed-on-leaving".into(),
            "Identifier of the control test",
        )
    };
    let of_test = |endpoint: Endpoint| {
        let (example, description) = id();
        endpoint.part("id", description, example)
    };
    vec![
        read("/api/v1/tests", PROGRAM, list)
            .named("list_tests", "Tests", "List the control tests in force", "Each with its latest run over the program's period.")
            .query::<Wanted>()
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<ControlTestSummary>>(StatusCode::OK, "A page of control tests"),
        change("/api/v1/tests/run", Access::May(Action::RunTests, On::Company), run)
            .named("run_tests", "Tests", "Run control tests", "Starts a job; the results are recorded when it ends. A test whose inputs have not changed gives the same result and records nothing.")
            .takes::<RunTests>()
            .answers::<Job>(StatusCode::ACCEPTED, "The job"),
        of_test(read("/api/v1/tests/{id}", PROGRAM, show))
            .named("get_test", "Tests", "Read a control test", "With its definition, its SQL and management's answer to its latest run.")
            .at_a_moment()
            .answers::<ControlTestDetail>(StatusCode::OK, "The control test"),
        of_test(read("/api/v1/tests/{id}/items", PROGRAM, items))
            .named("list_items", "Tests", "List the items of the latest run", "Every item of the population, whatever its status. 409 where the items are no longer kept; running the test again gives the same.")
            .query::<WantedItems>()
            .query::<Cut>()
            .at_a_moment()
            .may_answer(StatusCode::CONFLICT)
            .answers::<Page<Item>>(StatusCode::OK, "A page of items"),
        of_test(read("/api/v1/tests/{id}/runs", PROGRAM, runs))
            .named("list_runs", "Tests", "List the recorded runs of a control test", "Oldest first, whatever the period.")
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Run>>(StatusCode::OK, "A page of runs"),
        of_test(change("/api/v1/tests/{id}/response", Access::May(Action::RespondToDeviation, On::Company), respond))
            .named("respond_to_deviations", "Tests", "Answer the deviations of the latest run", "The answer is bound to the result: 409 where the test was run again meanwhile, with another result.")
            .takes::<NewResponse>()
            .answers::<ManagementResponse>(StatusCode::CREATED, "The answer, as recorded"),
    ]
}

async fn list(
    visit: Visit,
    Query(wanted): Query<Wanted>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<ControlTestSummary>>> {
    let all = tests(visit.picture()?, visit.recorded()?, &wanted);
    Ok(Json(Page::of(&cut, all, |it| it.id.clone())?))
}

/// The tests that are wanted, in order of id.
pub fn tests(picture: &Picture, recorded: &Recorded, wanted: &Wanted) -> Vec<ControlTestSummary> {
    let all = recorded
        .tests
        .values()
        .map(|(_, test)| summary(picture, recorded, test));
    all.filter(|it| {
        wanted
            .control
            .as_ref()
            .is_none_or(|control| it.controls.contains(control))
    })
    .filter(|it| {
        wanted.outcome.is_none_or(|wanted| {
            it.latest_run
                .as_ref()
                .is_some_and(|run| run.outcome == wanted)
        })
    })
    .collect()
}

fn latest<'p>(
    picture: &'p Picture,
    recorded: &Recorded,
    id: &ControlTestId,
) -> Option<&'p (RunRecorded, Timestamp)> {
    picture
        .state
        .control_tests
        .runs
        .get(&(id.clone(), recorded.program.period))
}

fn summary(picture: &Picture, recorded: &Recorded, test: &ControlTest) -> ControlTestSummary {
    ControlTestSummary {
        id: test.id.to_string(),
        title: test.title.clone(),
        controls: texts(&test.controls),
        kind: test.kind.into(),
        nature: test.nature.into(),
        measures: test.measures.into(),
        population: test.population.clone(),
        latest_run: latest(picture, recorded, &test.id).map(|(run, at)| run_of(run, *at, None)),
    }
}

fn run_of(run: &RunRecorded, recorded_at: Timestamp, entry: Option<u64>) -> Run {
    let counts = run.counts;
    Run {
        period: run.period.into(),
        outcome: (&run.outcome).into(),
        reason: match &run.outcome {
            DomainOutcome::NotTested { reason } => Some(reason.clone()),
            _ => None,
        },
        counts: Counts {
            population: counts.population,
            tested: counts.tested,
            operated: counts.operated,
            deviations: counts.deviations,
            excluded: counts.excluded,
            not_tested: counts.not_tested,
            with_gaps: counts.with_gaps,
        },
        result_sha256: run.result_sha256.to_string(),
        key: run.key.to_string(),
        recorded_at,
        entry,
    }
}

async fn show(visit: Visit) -> Answered<Json<ControlTestDetail>> {
    let id = visit.parsed("id")?;
    let results = visit.company()?.results();
    let found = test(visit.picture()?, visit.recorded()?, results, &id);
    Ok(Json(found.ok_or(Fault::NotFound)?))
}

/// One test with its definition.
pub fn test(
    picture: &Picture,
    recorded: &Recorded,
    results: &crate::results::Results,
    id: &ControlTestId,
) -> Option<ControlTestDetail> {
    let test = recorded.test(id)?;
    let run = latest(picture, recorded, id).map(|(run, _)| run);
    let response = run.and_then(|run| picture.state.control_tests.response_to(&run.result_sha256));
    let result = run.and_then(|run| results.of(run));
    let completeness = result
        .iter()
        .flat_map(|result| &result.completeness)
        .map(|it| {
            let (completeness, reasons) = Completeness::of(Some(&it.status));
            DatasetCompleteness {
                dataset: it.dataset.clone(),
                completeness,
                reasons,
            }
        });
    let parameter = |(name, it): (&String, &tickmark_control_tests::Parameter)| Parameter {
        name: name.clone(),
        value: it.value.to_string(),
        meaning: it.meaning.clone(),
        policy: it.policy.clone(),
    };
    Some(ControlTestDetail {
        test: summary(picture, recorded, test),
        version: test.version,
        procedure: test.procedure.clone(),
        deviation: test.deviation.clone(),
        why: test.why.clone(),
        remedy: test.remedy.clone(),
        reads: test.reads.clone(),
        max_gap_days: test.max_gap_days,
        parameters: test.parameters.iter().map(parameter).collect(),
        sql: test.sql.clone(),
        sql_sha256: test.sql_sha256.to_string(),
        folder_sha256: test.folder_sha256.to_string(),
        completeness: completeness.collect(),
        response: response.map(answer),
    })
}

fn answer(given: &ResponseGiven) -> ManagementResponse {
    ManagementResponse {
        result_sha256: given.result_sha256.to_string(),
        position: given.position.clone(),
        cause: given.cause.clone(),
        action: given.action.clone(),
        owner_role: given.owner_role.clone(),
        due_on: given.due_on,
        href: format!("/api/v1/tests/{}", given.test),
    }
}

async fn items(
    visit: Visit,
    Query(wanted): Query<WantedItems>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<Item>>> {
    let (picture, recorded) = (visit.picture()?, visit.recorded()?);
    let id: ControlTestId = visit.parsed("id")?;
    recorded.test(&id).ok_or(Fault::NotFound)?;
    let Some((run, _)) = latest(picture, recorded, &id) else {
        return Ok(Json(Page {
            items: Vec::new(),
            next: None,
        }));
    };
    let result = visit
        .company()?
        .results()
        .of(run)
        .ok_or_else(|| Fault::Conflict(gone()))?;
    let all = result.items.iter().filter(|it| {
        wanted
            .status
            .is_none_or(|status| status == it.status.into())
    });
    Ok(Json(Page::of(&cut, all, |it| it.item.clone())?.map(item)))
}

/// What is said where the items of a run are no longer kept.
pub fn gone() -> Problem {
    Problem::new("the items of this run are no longer kept").hint(
        "the ledger has their digest: run the test again, the same inputs give the same items",
    )
}

/// One item, for programs.
pub fn item(result: &ItemResult) -> Item {
    let interval = |it: &tickmark_control_tests::Interval| Interval {
        start: it.start,
        end: it.end,
        status: it.status.into(),
    };
    Item {
        item: result.item.clone(),
        status: result.status.into(),
        reason: result.reason.clone(),
        occurred_at: result.occurred_at.map(|at| match at {
            Occurred::Instant(at) => at.to_string(),
            Occurred::Day(day) => day.to_string(),
        }),
        detail: result.detail.to_map(),
        intervals: result.intervals.iter().map(interval).collect(),
    }
}

async fn runs(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Run>>> {
    let id: ControlTestId = visit.parsed("id")?;
    visit.recorded()?.test(&id).ok_or(Fault::NotFound)?;
    let journal = &visit.picture()?.state.journal;
    let mut lines: Vec<_> = journal
        .about(&[id.to_string()])
        .filter(|it| it.kind == RUN_RECORDED)
        .map(|it| (it.index, it.at))
        .collect();
    lines.reverse();
    let page = Page::of(&cut, lines, |(index, _)| *index)?;
    let mut found = Vec::new();
    for (index, at) in page.items {
        let told = super::ledger::told(&visit, index)?;
        if let Some(tickmark_control_tests::ControlTestsEvent::RunRecorded(run)) = told.event()? {
            found.push(run_of(&run, at, Some(index)));
        }
    }
    Ok(Json(Page {
        items: found,
        next: page.next,
    }))
}
