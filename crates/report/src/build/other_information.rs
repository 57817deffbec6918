//! Section V: management's responses, which the auditor did not examine.
//!
//! What must hold: the section exists exactly when the report has exceptions;
//! each exception has one response or a problem says that it is missing.

use tickmark_catalog::Problem;

use super::voice::{Voice, says};
use super::{results, tests_of_controls};
use crate::facts::{DeviationFacts, ReportFacts, TestFacts};
use crate::value::{OtherInformation, ReportType, Response};

/// The title of Section V.
pub fn title(facts: &ReportFacts) -> String {
    format!(
        "Other Information Provided by {} That Is Not Covered by the Independent Service Auditor’s Report",
        facts.organization.name,
    )
}

/// Writes Section V.
///
/// # Errors
/// One problem per deviation without a response.
pub fn write(facts: &ReportFacts) -> Result<Option<OtherInformation>, Vec<Problem>> {
    if facts.report_type != ReportType::Type2 || facts.deviations.is_empty() {
        return Ok(None);
    }
    let (mut responses, mut problems) = (Vec::new(), Vec::new());
    for (test, deviation) in tests_of_controls::in_order(facts) {
        match response(test, deviation) {
            Some(response) => responses.push(response),
            None => problems.push(missing(deviation)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Some(OtherInformation {
        title: title(facts),
        introduction: introduction(Voice { facts }),
        responses,
    }))
}

fn response(test: &TestFacts, deviation: &DeviationFacts) -> Option<Response> {
    let given = deviation.response.as_ref()?;
    Some(Response {
        deviation: deviation.id.clone(),
        controls: deviation.controls.clone(),
        exception: results::summary(test, deviation),
        position: given.position.clone(),
        cause: given.cause.clone(),
        action: given.action.clone(),
        owner_role: given.owner_role.clone(),
        due: given.due,
    })
}

fn missing(deviation: &DeviationFacts) -> Problem {
    Problem::new(format!(
        "deviation `{}` has no response from management",
        deviation.id
    ))
    .hint("record the response, or that management gives none, before the report is built")
}

fn introduction(voice: Voice<'_>) -> Vec<crate::value::Block> {
    vec![says(
        format!(
            "The information in this section is provided by the management of {} and is not part of the description of the {} system. It has not been subjected to the procedures of the service auditor’s examination, and the service auditor expresses no opinion on it.",
            voice.org(),
            voice.system(),
        ),
        Vec::new(),
    )]
}
