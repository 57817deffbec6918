//! The writer: facts in, report out.
//!
//! What must hold: writing is a pure function; the same facts give the same
//! report. Missing facts are problems, all told at once, never blanks.

mod appendix;
mod assertion;
mod auditor_report;
mod completeness;
mod description;
mod introduction;
pub mod numbers;
pub mod opinion;
mod other_information;
pub mod results;
pub mod series;
mod tests_of_controls;
pub mod typography;
pub mod voice;

use tickmark_catalog::{Problem, Problems};

use crate::facts::{ControlFacts, ReportFacts};
use crate::value::rich_text::from_markdown;
use crate::value::{
    ControlEntry, ControlVersion, CriterionEntry, FORMAT, Meta, Report, ReportType, SectionHead,
};
use voice::Voice;

/// Writes the report.
///
/// # Errors
/// Every missing or contradictory fact, all at once: a criterion without a
/// control, a test of an unknown control, an exception without a deviation or
/// without a response, a modified opinion without grounds, text that nests too
/// deep.
pub fn compose(facts: &ReportFacts) -> Result<Report, Problems> {
    let facts = &typography::set(facts);
    let mut problems = completeness::problems(facts);
    let description = collect(description::write(facts), &mut problems);
    let other_information = collect(other_information::write(facts), &mut problems).flatten();
    let controls = collect(controls(facts), &mut problems);
    let (Some(description), Some(controls), true) = (description, controls, problems.is_empty())
    else {
        return Err(Problems(problems));
    };
    let meta = meta(facts);
    let title = other_information
        .as_ref()
        .map(|section| section.title.as_str());
    let mut report = Report {
        contents: Vec::new(),
        auditor_report: auditor_report::write(facts, title),
        assertion: assertion::write(facts),
        description,
        criteria: criteria(facts),
        controls,
        tests: tests_of_controls::write(facts),
        other_information,
        appendix: appendix::write(facts),
        meta,
    };
    report.contents = contents(&report);
    Ok(report)
}

fn collect<T>(result: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|more| problems.extend(more)).ok()
}

fn meta(facts: &ReportFacts) -> Meta {
    let voice = Voice { facts };
    Meta {
        format: FORMAT,
        report_id: facts.report_id.clone(),
        report_type: facts.report_type,
        title: format!("Report on the {} System of {}", voice.system(), voice.org()),
        subtitle: subtitle(voice),
        organization: facts.organization.clone(),
        system: facts.system.name.clone(),
        description_title: facts.system.description_title.clone(),
        categories: facts.categories.clone(),
        coverage: facts.coverage,
        report_date: facts.report_date,
        firm: facts.firm.clone(),
        opinion: facts.opinion.overall,
        legend: legend(voice),
    }
}

fn subtitle(voice: Voice<'_>) -> String {
    let matters = match voice.facts.report_type {
        ReportType::Type1 => {
            "On the description of the system and the suitability of the design of its controls"
        }
        ReportType::Type2 => {
            "On the description of the system and the suitability of the design and operating effectiveness of its controls"
        }
        ReportType::Soc3 => "On the effectiveness of the controls within the system",
    };
    format!("{matters} relevant to {}", voice.categories())
}

fn legend(voice: Voice<'_>) -> Option<String> {
    (voice.facts.report_type != ReportType::Soc3).then(|| {
        format!(
            "Confidential. The use of this report is restricted to {} and the specified parties named in Section I.",
            voice.org(),
        )
    })
}

fn criteria(facts: &ReportFacts) -> Vec<CriterionEntry> {
    if facts.report_type == ReportType::Soc3 {
        return Vec::new();
    }
    let entry = |criterion: &crate::facts::CriterionFacts| CriterionEntry {
        id: criterion.id,
        category: criterion.category,
        series: criterion.series.clone(),
        text: criterion.text.clone(),
        controls: facts
            .controls
            .iter()
            .filter(|c| c.criteria.contains(&criterion.id))
            .map(|c| c.id.clone())
            .collect(),
    };
    facts.criteria.iter().map(entry).collect()
}

fn controls(facts: &ReportFacts) -> Result<Vec<ControlEntry>, Vec<Problem>> {
    if facts.report_type == ReportType::Soc3 {
        return Ok(Vec::new());
    }
    let (mut controls, mut problems) = (Vec::new(), Vec::new());
    for control in &facts.controls {
        match control_entry(facts, control) {
            Ok(entry) => controls.push(entry),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(controls)
    } else {
        Err(problems)
    }
}

fn control_entry(facts: &ReportFacts, control: &ControlFacts) -> Result<ControlEntry, Problem> {
    let read = |markdown: &str| {
        from_markdown(markdown).map_err(|error| {
            Problem::new(format!("control `{}` cannot be printed", control.id))
                .cause(error.to_string())
        })
    };
    let applicable =
        |id: &&tickmark_catalog::CriterionId| facts.criteria.iter().any(|c| c.id == **id);
    let earlier = control.earlier.iter().map(|(until, markdown)| {
        Ok(ControlVersion {
            until: *until,
            text: read(markdown)?,
        })
    });
    Ok(ControlEntry {
        id: control.id.clone(),
        title: control.title.clone(),
        text: read(&control.markdown)?,
        criteria: control
            .criteria
            .iter()
            .filter(applicable)
            .copied()
            .collect(),
        frequency: control.frequency.clone(),
        since: control.since,
        earlier: earlier.collect::<Result<_, Problem>>()?,
    })
}

/// A section's name in the running header.
fn running(anchor: &str) -> &'static str {
    match anchor {
        "auditor-report" => "Service Auditor’s Report",
        "assertion" => "Management’s Assertion",
        "description" => "Description of the System",
        "boundaries" => "Boundaries of the System",
        "commitments" => "Commitments and Requirements",
        "tests" => "Criteria, Controls and Tests",
        "other-information" => "Other Information, Not Examined",
        _ => "Verifying This Report",
    }
}

/// The sections the report has, in reading order.
fn contents(report: &Report) -> Vec<SectionHead> {
    let soc3 = report.meta.report_type == ReportType::Soc3;
    let head = |anchor: &str, number: &str, title: &str| SectionHead {
        anchor: anchor.to_owned(),
        number: number.to_owned(),
        title: title.to_owned(),
        running: format!("{number}: {}", running(anchor)),
    };
    let mut list = vec![
        head("auditor-report", "Section I", &report.auditor_report.title),
        head("assertion", "Section II", &report.assertion.title),
    ];
    if soc3 {
        list.push(head(
            "boundaries",
            "Attachment A",
            "Boundaries of the System",
        ));
        list.push(head(
            "commitments",
            "Attachment B",
            "Principal Service Commitments and System Requirements",
        ));
    } else {
        list.push(head(
            "description",
            "Section III",
            &report.description.title,
        ));
        let title = report
            .tests
            .as_ref()
            .map_or("Applicable Criteria and Related Controls", |tests| {
                &tests.title
            });
        list.push(head("tests", "Section IV", title));
    }
    if let Some(section) = &report.other_information {
        list.push(head("other-information", "Section V", &section.title));
    }
    list.push(head("verification", "Appendix", &report.appendix.title));
    list
}
