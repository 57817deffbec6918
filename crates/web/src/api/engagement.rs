//! The engagement: its terms, the deviations as the firm evaluated them, and
//! every conclusion beside what was proposed. For the firm's people alone.
//!
//! What must hold: a conclusion is never handed out without its reason and its
//! two signatures; nothing here concludes.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Serialize;
use tickmark_access::Action;
use tickmark_engagement::{Concluded, DeviationEvaluated, EngagementState, Signed};
use tickmark_realm::FirmState;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::{Answered, Query};
use super::page::{Cut, Page};
use super::values::{Period, texts};
use super::words::{Category, Cause, ReportType};
use crate::fault::Fault;
use crate::format::serde_name;
use crate::route::{Access, On};
use crate::visit::Visit;

const FIRM: Access = Access::May(Action::ViewEngagement, On::Firm);

/// The terms of the engagement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Engagement {
    /// Identifier.
    pub id: String,
    /// Name of the firm.
    pub firm: String,
    /// Name of the service organization.
    pub organization: String,
    /// To whom the report is addressed.
    pub addressee: String,
    /// Kind of report.
    pub report_type: ReportType,
    /// Period examined; for a type 1 the single day.
    pub period: Period,
    /// Categories examined.
    pub categories: Vec<Category>,
    /// Rate of deviation the firm tolerates in a test, as decimal text.
    pub tolerable_rate: String,
    /// Confidence of the firm's samples, as decimal text.
    pub confidence: String,
    /// The team: opaque ids with the role of each.
    pub team: Vec<Member>,
    /// The company's checkpoint that the firm relies on.
    pub relies_on: Option<ReliedOn>,
    /// How many deviations were evaluated.
    pub deviations: usize,
    /// Reports issued.
    pub reports: Vec<String>,
}

/// A member of the team.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EngagementMember)]
pub struct Member {
    /// Opaque id.
    pub id: String,
    /// Role on the engagement: `staff`, `manager`, `partner` or
    /// `quality_reviewer`.
    pub role: String,
    /// Day the member confirmed independence.
    #[schema(value_type = String, format = Date)]
    pub independence_confirmed_on: Date,
}

/// What the firm relies on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReliedOn {
    /// Origin line of the company's ledger.
    pub origin: String,
    /// Entries the checkpoint covers.
    pub size: u64,
    /// The signed note, as received.
    pub note: String,
}

/// A deviation, as the firm evaluated it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Deviation {
    /// Identifier.
    #[schema(examples("D-01"))]
    pub id: String,
    /// Controls it concerns.
    pub controls: Vec<String>,
    /// The control test that found it.
    pub test: String,
    /// Digest of the result evaluated.
    pub result_sha256: String,
    /// The deviating items.
    pub items: Vec<String>,
    /// Items tested.
    pub tested: u64,
    /// What failed and by how much, as the rest of a sentence.
    pub narrative: String,
    /// Nature and cause.
    pub nature: String,
    /// Isolated or systemic.
    pub cause: Cause,
    /// Intentional, a bypass, or a hint at fraud.
    pub is_intentional: bool,
    /// Harm done, if any.
    pub harm: String,
    /// When and by whom it was noticed.
    pub detected: String,
    /// Whether a compensating control was tested and found effective.
    pub is_compensated: bool,
    /// The controls that compensate.
    pub compensating_controls: Vec<String>,
    /// Commitments it touches.
    pub commitments: Vec<String>,
    /// Management's response; not examined.
    pub response: Option<DeviationResponse>,
    /// Who did the work, and who reviewed it.
    pub signed: Signatures,
}

/// Management's response, as the firm received it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviationResponse {
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
    pub due_on: Date,
    /// When the firm received it.
    #[schema(value_type = String, format = Date)]
    pub received_on: Date,
}

/// The two signatures; never of the same person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({ "prepared_by": "brw-senior", "prepared_on": "2026-08-03", "reviewed_by": "brw-manager", "reviewed_on": "2026-08-06" }))]
pub struct Signatures {
    /// Opaque id of who did the work.
    pub prepared_by: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub prepared_on: Date,
    /// Opaque id of who reviewed it.
    pub reviewed_by: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub reviewed_on: Date,
}

/// A conclusion beside what was proposed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "control/TM-048", "kind": "control", "subject": "TM-048", "proposal": "operated_effectively_deviation_noted", "conclusion": "operated_effectively_deviation_noted",
    "reason": "one leaver of 27, noticed and put right within a week", "signed": { "prepared_by": "brw-senior", "prepared_on": "2026-08-03", "reviewed_by": "brw-manager", "reviewed_on": "2026-08-06" },
}))]
pub struct Conclusion {
    /// Kind and subject.
    pub id: String,
    /// `control`, `criterion`, `commitment`, `matter` or `opinion`.
    pub kind: String,
    /// What it is on.
    pub subject: String,
    /// What the firm's tables propose.
    pub proposal: String,
    /// What the person concluded.
    pub conclusion: String,
    /// Why; always there where it differs from the proposal.
    pub reason: Option<String>,
    /// Who concluded, and who reviewed it.
    pub signed: Signatures,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/engagement", FIRM, show)
            .named("get_engagement", "Engagement", "Read the terms of the engagement", "")
            .answers::<Engagement>(StatusCode::OK, "The engagement"),
        read("/api/v1/engagement/deviations", FIRM, deviations)
            .named("list_deviations", "Engagement", "List the deviations as evaluated", "")
            .query::<Cut>()
            .answers::<Page<Deviation>>(StatusCode::OK, "A page of deviations"),
        read("/api/v1/engagement/deviations/{id}", FIRM, deviation)
            .named("get_deviation", "Engagement", "Read a deviation", "")
            .part("id", "Identifier of the deviation", "D-01".into())
            .answers::<Deviation>(StatusCode::OK, "The deviation"),
        read("/api/v1/engagement/conclusions", FIRM, conclusions)
            .named("list_conclusions", "Engagement", "List the conclusions", "On controls, criteria, commitments, subject matters and the whole, each with its reason and signatures.")
            .query::<Cut>()
            .answers::<Page<Conclusion>>(StatusCode::OK, "A page of conclusions"),
    ]
}

fn state(visit: &Visit) -> Answered<Arc<FirmState>> {
    Ok(visit.firm()?.state())
}

async fn show(visit: Visit) -> Answered<Json<Engagement>> {
    let state = &state(&visit)?.engagement;
    let terms = state.terms.as_ref().ok_or(Fault::NotFound)?;
    let member = |it: &tickmark_engagement::Member| Member {
        id: it.id.to_string(),
        role: serde_name(&it.role),
        independence_confirmed_on: it.independence_confirmed_on,
    };
    Ok(Json(Engagement {
        id: terms.id.clone(),
        firm: terms.firm.clone(),
        organization: terms.organization.clone(),
        addressee: terms.addressee.clone(),
        report_type: terms.report_type.into(),
        period: terms.period.into(),
        categories: terms.categories.iter().map(|it| (*it).into()).collect(),
        tolerable_rate: terms.tolerable_rate.clone(),
        confidence: terms.confidence.clone(),
        team: state.members.values().map(member).collect(),
        relies_on: state.checkpoint.as_ref().map(|it| ReliedOn {
            origin: it.origin.clone(),
            size: it.size,
            note: it.note.clone(),
        }),
        deviations: state.deviations.len(),
        reports: state.issued.iter().map(|it| it.report.clone()).collect(),
    }))
}

fn evaluated(state: &EngagementState, it: &DeviationEvaluated) -> Deviation {
    let response = state.responses.get(&it.id).map(|it| DeviationResponse {
        position: it.position.clone(),
        cause: it.cause.clone(),
        action: it.action.clone(),
        owner_role: it.owner_role.clone(),
        due_on: it.due_on,
        received_on: it.received_on,
    });
    Deviation {
        id: it.id.clone(),
        controls: texts(&it.controls),
        test: it.test.to_string(),
        result_sha256: it.result_sha256.to_string(),
        items: it.items.clone(),
        tested: it.tested,
        narrative: it.narrative.clone(),
        nature: it.nature.clone(),
        cause: it.cause.into(),
        is_intentional: it.intentional,
        harm: it.harm.clone(),
        detected: it.detected.clone(),
        is_compensated: it.compensation
            == tickmark_engagement::ladder::Compensation::TestedEffective,
        compensating_controls: texts(&it.compensating_controls),
        commitments: it.commitments.clone(),
        response,
        signed: signatures(&it.signed),
    }
}

fn signatures(signed: &Signed) -> Signatures {
    Signatures {
        prepared_by: signed.prepared.by.to_string(),
        prepared_on: signed.prepared.on,
        reviewed_by: signed.reviewed.by.to_string(),
        reviewed_on: signed.reviewed.on,
    }
}

async fn deviations(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Deviation>>> {
    let state = &state(&visit)?.engagement;
    let all = state.deviations.values().map(|it| evaluated(state, it));
    Ok(Json(Page::of(&cut, all, |it| it.id.clone())?))
}

async fn deviation(visit: Visit) -> Answered<Json<Deviation>> {
    let state = &state(&visit)?.engagement;
    let found = state
        .deviations
        .get(visit.param("id"))
        .ok_or(Fault::NotFound)?;
    Ok(Json(evaluated(state, found)))
}

fn concluded<S: ToString, C: Serialize>(kind: &str, it: &Concluded<S, C>) -> Conclusion {
    let subject = it.subject.to_string();
    Conclusion {
        id: format!("{kind}/{subject}"),
        kind: kind.to_owned(),
        subject,
        proposal: serde_name(&it.proposal),
        conclusion: serde_name(&it.conclusion),
        reason: it.reason.clone(),
        signed: signatures(&it.signed),
    }
}

async fn conclusions(visit: Visit, Query(cut): Query<Cut>) -> Answered<Json<Page<Conclusion>>> {
    let state = &state(&visit)?.engagement;
    let controls = state.controls.values().map(|it| concluded("control", it));
    let criteria = state.criteria.values().map(|it| concluded("criterion", it));
    let commitments = state
        .commitments
        .values()
        .map(|it| concluded("commitment", it));
    let matters = state.matters.values().map(|it| {
        let subject = serde_name(&it.matter);
        Conclusion {
            id: format!("matter/{subject}"),
            kind: "matter".to_owned(),
            subject,
            proposal: serde_name(&it.proposal),
            conclusion: serde_name(&it.conclusion),
            reason: it.reason.clone(),
            signed: signatures(&it.signed),
        }
    });
    let opinion = state.opinion.as_ref().map(|it| Conclusion {
        id: "opinion".to_owned(),
        kind: "opinion".to_owned(),
        subject: "the whole".to_owned(),
        proposal: serde_name(&it.proposal),
        conclusion: serde_name(&it.conclusion),
        reason: Some(it.reason.clone()),
        signed: signatures(&it.signed),
    });
    let mut all: Vec<Conclusion> = controls
        .chain(criteria)
        .chain(commitments)
        .chain(matters)
        .chain(opinion)
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Json(Page::of(&cut, all, |it| it.id.clone())?))
}
