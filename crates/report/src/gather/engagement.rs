//! The auditor's judgments, from the engagement.

use std::collections::BTreeMap;

use tickmark_engagement::ladder::SubjectMatter;
use tickmark_engagement::{
    DeviationEvaluated, EngagementOpened, ProcedureResult, ResponseReceived,
};

use super::ReportInputs;
use crate::facts::{DeviationFacts, OpinionFacts, ResponseFacts};
use crate::value::{Firm, Opinion};

/// The firm.
pub fn firm(terms: &EngagementOpened) -> Firm {
    Firm {
        name: terms.firm.clone(),
        place: terms.firm_place.clone(),
    }
}

/// The opinion as concluded; `None` before it is.
pub fn opinion(inputs: &ReportInputs<'_>) -> Option<OpinionFacts> {
    let concluded = inputs.engagement.opinion.as_ref()?;
    let on = |matter: SubjectMatter| {
        let matter = inputs.engagement.matters.get(&matter);
        matter.map_or(Opinion::Unmodified, |matter| matter.conclusion)
    };
    Some(OpinionFacts {
        overall: concluded.conclusion,
        description: on(SubjectMatter::Description),
        design: on(SubjectMatter::Design),
        operation: on(SubjectMatter::Operation),
        grounds: concluded.grounds.clone(),
    })
}

/// The emphasis paragraphs the auditor wrote.
pub fn emphasis(inputs: &ReportInputs<'_>) -> Vec<String> {
    inputs
        .engagement
        .opinion
        .as_ref()
        .map(|opinion| opinion.emphasis.clone())
        .unwrap_or_default()
}

/// Every deviation, found by a control test or by a procedure; none for reports
/// that show no tests.
pub fn deviations(inputs: &ReportInputs<'_>) -> Vec<DeviationFacts> {
    if !super::shows_tests(inputs) {
        return Vec::new();
    }
    let procedures = manual_findings(inputs);
    let engagement = inputs.engagement;
    engagement
        .deviations
        .values()
        .map(|deviation| {
            let found_by = procedures.get(deviation.id.as_str());
            fact(deviation, found_by, engagement.responses.get(&deviation.id))
        })
        .collect()
}

/// The procedures without a control test that found a deviation, by deviation.
fn manual_findings<'a>(inputs: &ReportInputs<'a>) -> BTreeMap<&'a str, &'a str> {
    let manual = inputs
        .engagement
        .procedures
        .values()
        .filter(|procedure| procedure.test.is_none());
    manual
        .filter_map(|procedure| match &procedure.result {
            ProcedureResult::Exception { deviation } => {
                Some((deviation.as_str(), procedure.id.as_str()))
            }
            _ => None,
        })
        .collect()
}

fn fact(
    deviation: &DeviationEvaluated,
    found_by: Option<&&str>,
    response: Option<&ResponseReceived>,
) -> DeviationFacts {
    DeviationFacts {
        id: deviation.id.clone(),
        controls: deviation.controls.clone(),
        test: found_by.map_or_else(|| deviation.test.to_string(), |id| (*id).to_owned()),
        count: deviation.items.len() as u64,
        narrative: deviation.narrative.clone(),
        note: deviation.note.clone(),
        response: response.map(|response| ResponseFacts {
            position: response.position.clone(),
            cause: response.cause.clone(),
            action: response.action.clone(),
            owner_role: response.owner_role.clone(),
            due: response.due_on,
        }),
    }
}
