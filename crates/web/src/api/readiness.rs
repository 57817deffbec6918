//! Where the program stands.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::{Endpoint, read};
use super::extract::Answered;
use super::values::{Period, texts};
use crate::picture::Recorded;
use crate::route::PROGRAM;
use crate::visit::Visit;

/// Where the program stands over its period.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
pub struct Readiness {
    /// Name of the service organization.
    #[schema(examples("Fernhollow Systems, Inc."))]
    pub organization: String,
    /// The period examined.
    pub period: Period,
    /// Each applicable criterion, in order.
    pub criteria: Vec<CriterionReadiness>,
    /// Criteria that no control supports.
    pub criteria_without_controls: Vec<String>,
    /// Populations known not to be complete, with the reasons.
    pub incomplete_populations: BTreeMap<String, Vec<String>>,
    /// Populations that no reconciliation covers.
    pub populations_not_reconciled: Vec<String>,
    /// Populations that a test reads and that were never imported.
    pub missing_populations: Vec<String>,
}

/// Where one criterion stands: its controls by how they stand.
#[derive(Clone, Debug, Serialize, ToSchema, JsonSchema)]
#[schema(example = json!({
    "criterion": "CC6.2", "controls": 3, "without_deviations": ["TM-047"], "with_deviations": ["TM-048"], "no_occurrence": [],
    "not_tested": [], "by_document_only": ["TM-044"], "without_evidence": [],
}))]
pub struct CriterionReadiness {
    /// The criterion.
    pub criterion: String,
    /// How many controls support it.
    pub controls: usize,
    /// Controls whose tests found no deviation.
    pub without_deviations: Vec<String>,
    /// Controls of which an item deviates.
    pub with_deviations: Vec<String>,
    /// Controls that nothing called for in the period.
    pub no_occurrence: Vec<String>,
    /// Controls of which a test could not tell, or was not run.
    pub not_tested: Vec<String>,
    /// Controls shown by documents alone.
    pub by_document_only: Vec<String>,
    /// Controls of which there is no evidence at all.
    pub without_evidence: Vec<String>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read("/api/v1/readiness", PROGRAM, show)
            .named("get_readiness", "Readiness", "Read where the program stands", "Counts over the whole period: what was not tested is never counted among what operated.")
            .at_a_moment()
            .answers::<Readiness>(StatusCode::OK, "Where the program stands"),
    ]
}

async fn show(visit: Visit) -> Answered<Json<Readiness>> {
    Ok(Json(readiness(visit.recorded()?)))
}

/// Where a recorded program stands.
pub fn readiness(recorded: &Recorded) -> Readiness {
    let found = &recorded.readiness;
    let criteria = found.criteria.iter().map(|it| CriterionReadiness {
        criterion: it.criterion.to_string(),
        controls: it.controls,
        without_deviations: texts(&it.without_deviations),
        with_deviations: texts(&it.with_deviations),
        no_occurrence: texts(&it.no_occurrence),
        not_tested: texts(&it.not_tested),
        by_document_only: texts(&it.by_document_only),
        without_evidence: texts(&it.without_evidence),
    });
    Readiness {
        organization: recorded.program.organization.name.clone(),
        period: recorded.program.period.into(),
        criteria: criteria.collect(),
        criteria_without_controls: texts(&found.criteria_without_controls),
        incomplete_populations: found.incomplete_populations.clone(),
        populations_not_reconciled: found.populations_not_reconciled.clone(),
        missing_populations: found.missing_populations.clone(),
    }
}
