//! Section III: management's description, chapter by chapter.
//!
//! What must hold: management's text is printed as it stands; the sentences we
//! add only introduce the registers or state that a register is empty, because
//! a reader cannot tell an empty chapter from a forgotten one.

use tickmark_catalog::{DescriptionCriterionId, Problem};

use super::voice::{Voice, says};
use crate::facts::{PartFacts, ReportFacts};
use crate::value::rich_text::from_markdown;
use crate::value::{
    Block, Chapter, Description, DescriptionPart, FactId, ReportType, SubserviceMethod,
};

/// Writes Section III.
///
/// # Errors
/// One problem per part whose text nests too deep, with its file.
pub fn write(facts: &ReportFacts) -> Result<Description, Vec<Problem>> {
    Ok(Description {
        title: facts.system.description_title.clone(),
        chapters: chapters(facts)?,
        services: facts.system.services.clone(),
        out_of_scope_services: facts.system.out_of_scope_services.clone(),
        commitments: facts.commitments.clone(),
        requirements: facts.requirements.clone(),
        incidents: facts.incidents.clone(),
        user_entity_controls: facts.user_entity_controls.clone(),
        user_responsibilities: facts.user_responsibilities.clone(),
        subservice: facts.subservice.clone(),
        not_relevant: facts.not_relevant.clone(),
        changes: if facts.report_type == ReportType::Type2 {
            facts.changes.clone()
        } else {
            Vec::new()
        },
    })
}

fn chapters(facts: &ReportFacts) -> Result<Vec<Chapter>, Vec<Problem>> {
    let (mut chapters, mut problems) = (Vec::new(), Vec::new());
    for criterion in criteria_of(facts.report_type) {
        match chapter(facts, criterion) {
            Ok(chapter) => chapters.push(chapter),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(chapters)
    } else {
        Err(problems)
    }
}

/// DC 9 asks about changes in a period, so type 1 has no such chapter; SOC 3
/// shows boundaries, components, subservice organizations and commitments only.
fn criteria_of(report_type: ReportType) -> Vec<DescriptionCriterionId> {
    let numbers: &[u8] = match report_type {
        ReportType::Type1 => &[1, 2, 3, 4, 5, 6, 7, 8],
        ReportType::Type2 => &[1, 2, 3, 4, 5, 6, 7, 8, 9],
        ReportType::Soc3 => &[1, 2, 3, 6, 7],
    };
    numbers
        .iter()
        .filter_map(|n| format!("DC {n}").parse().ok())
        .collect()
}

fn chapter(
    facts: &ReportFacts,
    criterion: DescriptionCriterionId,
) -> Result<Chapter, Vec<Problem>> {
    let (mut parts, mut problems) = (Vec::new(), Vec::new());
    for part in facts
        .description
        .iter()
        .filter(|part| part.criterion == criterion && belongs(facts, part))
    {
        match read(part) {
            Ok(part) => parts.push(part),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let number = criterion.to_string();
    Ok(Chapter {
        title: title(&number).to_owned(),
        lead: lead(Voice { facts }, &number),
        parts,
        criterion,
    })
}

/// Whether the part belongs in this type of report: a SOC 3 report presents
/// boundaries and components, never procedures.
fn belongs(facts: &ReportFacts, part: &PartFacts) -> bool {
    const COMPONENTS: [&str; 5] = ["infrastructure", "software", "people", "data", "boundaries"];
    facts.report_type != ReportType::Soc3
        || part
            .part
            .as_deref()
            .is_none_or(|name| COMPONENTS.contains(&name))
}

fn read(part: &PartFacts) -> Result<DescriptionPart, Problem> {
    let blocks = from_markdown(&part.markdown).map_err(|error| {
        Problem::new(format!(
            "description part `{}` cannot be printed",
            part.title
        ))
        .cause(error.to_string())
        .at(&part.file, 1)
        .hint("flatten the lists and quotations")
    })?;
    Ok(DescriptionPart {
        part: part.part.clone(),
        title: part.title.clone(),
        blocks,
    })
}

fn title(number: &str) -> &'static str {
    match number {
        "DC 1" => "Services Provided",
        "DC 2" => "Principal Service Commitments and System Requirements",
        "DC 3" => "Components of the System",
        "DC 4" => "System Incidents",
        "DC 5" => "Applicable Trust Services Criteria and Related Controls",
        "DC 6" => "Complementary User Entity Controls",
        "DC 7" => "Subservice Organizations",
        "DC 8" => "Criteria That Are Not Relevant",
        _ => "Significant Changes During the Period",
    }
}

fn lead(voice: Voice<'_>, number: &str) -> Vec<Block> {
    match number {
        "DC 2" => commitments(voice),
        "DC 4" => incidents(voice),
        "DC 5" => controls(voice),
        "DC 6" => user_entities(voice),
        "DC 7" => subservice(voice),
        "DC 8" => not_relevant(voice),
        "DC 9" => changes(voice),
        _ => Vec::new(),
    }
}

fn commitments(voice: Voice<'_>) -> Vec<Block> {
    let text = format!(
        "The first table lists the service commitments that matter to the common range of {}’s user entities; the second lists the system requirements that follow from them and from laws, regulations and {}’s other objectives.",
        voice.short(),
        voice.short(),
    );
    let all = voice
        .facts
        .commitments
        .iter()
        .chain(&voice.facts.requirements);
    vec![says(text, all.map(|c| FactId::commitment(&c.id)).collect())]
}

fn incidents(voice: Voice<'_>) -> Vec<Block> {
    let time = voice.facts.coverage.during();
    let facts: Vec<FactId> = voice
        .facts
        .incidents
        .iter()
        .map(|i| FactId::incident(&i.id))
        .collect();
    let text = if facts.is_empty() {
        format!(
            "{} identified no system incident {time} that resulted from controls that were not suitably designed or did not operate effectively, or that otherwise caused a significant failure to achieve a service commitment or system requirement.",
            voice.short()
        )
    } else {
        format!(
            "The following system incidents {time} resulted from controls that were not suitably designed or did not operate effectively, or otherwise caused a significant failure to achieve a service commitment or system requirement."
        )
    };
    vec![says(text, facts)]
}

fn controls(voice: Voice<'_>) -> Vec<Block> {
    let text = format!(
        "The table below lists the applicable trust services criteria and, for each, the controls {} designed to give reasonable assurance that its service commitments and system requirements are achieved. The controls are stated in full in Section IV and are, although printed there, an integral part of this description.",
        voice.short(),
    );
    vec![says(
        text,
        voice
            .facts
            .controls
            .iter()
            .map(|c| FactId::control(&c.id))
            .collect(),
    )]
}

fn user_entities(voice: Voice<'_>) -> Vec<Block> {
    let facts: Vec<FactId> = voice
        .facts
        .user_entity_controls
        .iter()
        .map(|c| FactId::complementary(&c.id))
        .collect();
    let text = if facts.is_empty() {
        format!(
            "No complementary user entity controls are necessary, in combination with {}’s controls, to give reasonable assurance that its service commitments and system requirements are achieved.",
            voice.short()
        )
    } else {
        format!(
            "{} designed its controls on the assumption that user entities apply the following controls. They are necessary, in combination with {}’s controls, to meet the criteria named beside them.",
            voice.short(),
            voice.short()
        )
    };
    vec![says(text, facts)]
}

fn subservice(voice: Voice<'_>) -> Vec<Block> {
    let organizations = &voice.facts.subservice;
    if organizations.is_empty() {
        return vec![says(
            format!("{} uses no subservice organizations.", voice.short()),
            Vec::new(),
        )];
    }
    let mut text = format!(
        "{} uses the following subservice organizations.",
        voice.short()
    );
    if organizations
        .iter()
        .any(|o| o.method == SubserviceMethod::CarveOut)
    {
        text.push_str(" For those presented by the carve-out method, the tables name the types of controls assumed to be in place there and the criteria these support.");
    }
    vec![says(
        text,
        organizations
            .iter()
            .map(|o| FactId::subservice(&o.id))
            .collect(),
    )]
}

fn not_relevant(voice: Voice<'_>) -> Vec<Block> {
    let text = if voice.facts.not_relevant.is_empty() {
        format!(
            "All trust services criteria of the categories {} are relevant to the {} system.",
            voice.categories(),
            voice.system()
        )
    } else {
        "The following criteria of the categories in scope are not relevant to the system, for the reasons given.".to_owned()
    };
    vec![says(text, vec![FactId::scope("not-relevant")])]
}

fn changes(voice: Voice<'_>) -> Vec<Block> {
    let facts: Vec<FactId> = voice
        .facts
        .changes
        .iter()
        .map(|c| FactId::change(&c.id))
        .collect();
    let text = if facts.is_empty() {
        format!(
            "There were no changes to the system and its controls {} that are likely to affect report users’ understanding of how they are used to provide the service.",
            voice.facts.coverage.during()
        )
    } else {
        format!(
            "The following changes to the system and its controls {} are relevant to the service commitments and system requirements.",
            voice.facts.coverage.during()
        )
    };
    vec![says(text, facts)]
}
