//! OI: other information provided by management.

use super::words::{all, has_all};
use super::{Examined, Rule, Verdict, none_of, not_applicable, when};
use crate::value::Response;

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "OI01" => title,
        "OI02" => responses,
        "OI03" => complete,
        _ => return None,
    })
}

fn title(it: Examined<'_>) -> Verdict {
    match &it.report.other_information {
        Some(section) => has_all(
            &section.title,
            &["not covered by the independent service auditor’s report"],
        ),
        None => not_applicable("the report has no other information"),
    }
}

fn exceptions(it: Examined<'_>) -> Vec<String> {
    it.report
        .tests
        .iter()
        .flat_map(|section| &section.exceptions)
        .map(|exception| exception.id.clone())
        .collect()
}

/// One response for each exception, and none for anything else.
fn responses(it: Examined<'_>) -> Verdict {
    let exceptions = exceptions(it);
    let given: Vec<String> = it
        .report
        .other_information
        .iter()
        .flat_map(|s| &s.responses)
        .map(|r| r.deviation.clone())
        .collect();
    let unanswered: Vec<String> = exceptions
        .iter()
        .filter(|id| given.iter().filter(|g| g == id).count() != 1)
        .cloned()
        .collect();
    let stray: Vec<String> = given
        .iter()
        .filter(|id| !exceptions.contains(id))
        .cloned()
        .collect();
    all([
        none_of(&unanswered, "not answered once"),
        none_of(&stray, "answers to no exception"),
    ])
}

fn complete(it: Examined<'_>) -> Verdict {
    let Some(section) = &it.report.other_information else {
        return when(exceptions(it).is_empty(), "exceptions have no responses");
    };
    let is_wanting = |response: &&Response| {
        [&response.position, &response.action, &response.owner_role]
            .iter()
            .any(|text| text.trim().is_empty())
    };
    let wanting: Vec<String> = section
        .responses
        .iter()
        .filter(is_wanting)
        .map(|r| r.deviation.clone())
        .collect();
    none_of(&wanting, "position, action or owner is missing")
}
