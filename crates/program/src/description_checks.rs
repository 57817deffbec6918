//! Design checks of the description: what is missing from it, and wording that
//! does not belong in it.
//!
//! Must hold: a finding is a hint for management before the examination, never
//! a conclusion; every finding names its place.
//! Source of the rules: DC section 200, and what a good or bad description
//! shows (neutral, complete, no claim that cannot be measured).

use std::collections::BTreeSet;

use serde::Serialize;
use tickmark_catalog::{DescriptionCriterionId, Place, ReportType, catalog};

use crate::description::{DescriptionPart, SystemPart};
use crate::program::Program;

/// Something the description should say otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DescriptionFinding {
    /// Which check found it.
    pub check: DescriptionCheck,
    /// What is wrong.
    pub message: String,
    /// Where; the folder when something is missing.
    pub place: Place,
}

/// A design check of the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DescriptionCheck {
    /// A description criterion that applies has no section.
    MissingCriterion,
    /// A component of the system has no section (DC 3).
    MissingComponent,
    /// A claim that cannot be measured.
    Superlative,
    /// Wording of a point in time in a report over a period, or the reverse.
    WrongTense,
    /// A control that the program does not have.
    UnknownControl,
}

/// Claims that cannot be measured, in lower case.
const SUPERLATIVES: [&str; 24] = [
    "absolutely secure",
    "award-winning",
    "bank-grade",
    "best of breed",
    "best-in-class",
    "bleeding-edge",
    "bulletproof",
    "completely secure",
    "cutting-edge",
    "fully secure",
    "hacker-proof",
    "impenetrable",
    "industry-leading",
    "market-leading",
    "military-grade",
    "most secure",
    "next-generation",
    "state-of-the-art",
    "unbreakable",
    "unhackable",
    "unparalleled",
    "unrivaled",
    "world-class",
    "world's best",
];

/// What DC 3 asks to be described.
const COMPONENTS: [SystemPart; 6] = [
    SystemPart::Infrastructure,
    SystemPart::Software,
    SystemPart::People,
    SystemPart::Procedures,
    SystemPart::Data,
    SystemPart::Boundaries,
];

/// Everything the checks find in a program's description, for a report of the
/// given type: first what is missing, then wording in the order of the text.
pub fn description_findings(program: &Program, report: ReportType) -> Vec<DescriptionFinding> {
    let mut findings = missing_criteria(program, report);
    findings.extend(missing_components(program));
    let phrases = unwanted_phrases(report);
    for part in &program.description {
        findings.extend(wording(part, &phrases));
        findings.extend(unknown_controls(program, part));
    }
    findings
}

fn missing_criteria(program: &Program, report: ReportType) -> Vec<DescriptionFinding> {
    let described: BTreeSet<DescriptionCriterionId> = program
        .description
        .iter()
        .map(|part| part.criterion)
        .collect();
    let missing = catalog().description_criteria.iter().filter(|criterion| {
        is_asked_for(criterion.id, program, report) && !described.contains(&criterion.id)
    });
    missing
        .map(|criterion| {
            let message = format!("no section answers {} ({})", criterion.id, criterion.title);
            missing_from_folder(DescriptionCheck::MissingCriterion, message)
        })
        .collect()
}

/// Whether the description has to answer a criterion: DC 6 to DC 8 only when
/// there is something to say, DC 9 only over a period.
fn is_asked_for(id: DescriptionCriterionId, program: &Program, report: ReportType) -> bool {
    match id.number() {
        6 => !program.cuecs.is_empty(),
        7 => !program.subservices.is_empty(),
        8 => !program.scope.not_relevant.is_empty(),
        9 => report == ReportType::Type2,
        _ => true,
    }
}

fn missing_components(program: &Program) -> Vec<DescriptionFinding> {
    let described: BTreeSet<SystemPart> = program
        .description
        .iter()
        .filter_map(|part| part.part)
        .map(SystemPart::component)
        .collect();
    let missing = COMPONENTS
        .iter()
        .filter(|component| !described.contains(component));
    missing
        .map(|component| {
            let message = format!("no section describes the system's {component} (DC 3)");
            missing_from_folder(DescriptionCheck::MissingComponent, message)
        })
        .collect()
}

fn missing_from_folder(check: DescriptionCheck, message: String) -> DescriptionFinding {
    DescriptionFinding {
        check,
        message,
        place: Place::file("description"),
    }
}

/// A phrase to look for, in lower case, and what to say about it.
struct Phrase {
    text: &'static str,
    check: DescriptionCheck,
    objection: &'static str,
}

fn unwanted_phrases(report: ReportType) -> Vec<Phrase> {
    let superlative = |text| Phrase {
        text,
        check: DescriptionCheck::Superlative,
        objection: "is a claim that cannot be measured",
    };
    let tense = |text, objection| Phrase {
        text,
        check: DescriptionCheck::WrongTense,
        objection,
    };
    let mut phrases: Vec<Phrase> = SUPERLATIVES.into_iter().map(superlative).collect();
    match report {
        ReportType::Type2 | ReportType::Soc3 => {
            phrases.push(tense(
                "as of",
                "speaks of a point in time, but the report covers a period",
            ));
        }
        ReportType::Type1 => {
            phrases.push(tense(
                "throughout the period",
                "speaks of a period, but the report is as of a date",
            ));
        }
    }
    phrases
}

fn wording(part: &DescriptionPart, phrases: &[Phrase]) -> Vec<DescriptionFinding> {
    let mut findings = Vec::new();
    for (line_number, line) in (part.body_line..).zip(part.body.lines()) {
        for phrase in phrases {
            let columns = columns_of(line, phrase.text);
            findings.extend(columns.into_iter().map(|column| DescriptionFinding {
                check: phrase.check,
                message: format!("`{}` {}", phrase.text, phrase.objection),
                place: place_in(part, line_number, column),
            }));
        }
    }
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    findings
}

/// The columns (characters, from 1) at which `phrase` stands in `line` as whole
/// words, in any letter case.
fn columns_of(line: &str, phrase: &str) -> Vec<u64> {
    let line = line.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric();
    line.match_indices(phrase)
        .filter(|(start, found)| {
            let before = line.get(..*start).unwrap_or_default().chars().next_back();
            let after = line
                .get(start + found.len()..)
                .unwrap_or_default()
                .chars()
                .next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
        .map(|(start, _)| line.get(..start).unwrap_or_default().chars().count() as u64 + 1)
        .collect()
}

/// Ids in the text that look like the program's control ids but name none.
fn unknown_controls(program: &Program, part: &DescriptionPart) -> Vec<DescriptionFinding> {
    let known: BTreeSet<&str> = program
        .controls
        .iter()
        .map(|control| control.id.as_str())
        .collect();
    let prefixes: BTreeSet<&str> = known.iter().filter_map(|id| id.split('-').next()).collect();
    let mut findings = Vec::new();
    for (line_number, line) in (part.body_line..).zip(part.body.lines()) {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let is_id = |word: &&str| {
            word.split_once('-').is_some_and(|(prefix, digits)| {
                prefixes.contains(prefix)
                    && !digits.is_empty()
                    && digits.chars().all(|c| c.is_ascii_digit())
            })
        };
        for id in words.filter(is_id).filter(|id| !known.contains(id)) {
            let column = columns_of(line, &id.to_lowercase())
                .first()
                .copied()
                .unwrap_or(1);
            findings.push(DescriptionFinding {
                check: DescriptionCheck::UnknownControl,
                message: format!("control `{id}` is described but is not in the program"),
                place: place_in(part, line_number, column),
            });
        }
    }
    findings
}

fn place_in(part: &DescriptionPart, line: u64, column: u64) -> Place {
    Place {
        file: part.file(),
        line: Some(line),
        column: Some(column),
    }
}
