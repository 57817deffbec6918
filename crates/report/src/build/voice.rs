//! The phrases every section shares, so that names, dates and conditions read
//! the same everywhere.
//!
//! What must hold: user text is inserted as characters, never as markup; the
//! time phrase comes from one place.

use tickmark_catalog::{Category, CriterionId};

use crate::facts::ReportFacts;
use crate::value::{Block, FactId, Inline, ReportType, SubserviceMethod};

/// The title of the description criteria.
pub const DC_200: &str = "2018 Description Criteria for a Description of a Service Organization’s System in a SOC 2® Report (With Revised Implementation Guidance — 2022)";
/// The title of the trust services criteria.
pub const TSP_100: &str = "2017 Trust Services Criteria for Security, Availability, Processing Integrity, Confidentiality, and Privacy (With Revised Points of Focus — 2022)";
/// The title of the auditor's report.
pub const AUDITOR_REPORT_TITLE: &str = "Independent Service Auditor’s Report";

/// The facts, spoken in the report's phrases.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// The facts.
    pub facts: &'a ReportFacts,
}

impl<'a> Voice<'a> {
    /// The organization's legal name.
    pub fn org(self) -> &'a str {
        &self.facts.organization.name
    }

    /// The organization's short name.
    pub fn short(self) -> &'a str {
        &self.facts.organization.short_name
    }

    /// The system's name.
    pub fn system(self) -> &'a str {
        &self.facts.system.name
    }

    /// `throughout the period … to …` or `as of …`.
    pub fn time(self) -> String {
        self.facts.coverage.phrase()
    }

    /// `throughout that period` or `as of that date`.
    pub fn that_time(self) -> &'static str {
        if self.is_type1() {
            "as of that date"
        } else {
            "throughout that period"
        }
    }

    /// Whether this is a type 1 report.
    pub fn is_type1(self) -> bool {
        self.facts.report_type == ReportType::Type1
    }

    /// `security, availability, and confidentiality`.
    pub fn categories(self) -> String {
        and_list(self.facts.categories.iter().map(|c| c.title().to_owned()))
    }

    /// The exact title of management's assertion.
    pub fn assertion_title(self) -> String {
        format!("Assertion of {} Management", self.org())
    }

    /// `service commitments and system requirements` of the organization.
    pub fn promises(self) -> String {
        format!(
            "{}’s service commitments and system requirements",
            self.short()
        )
    }

    /// Whether a subservice organization is carved out.
    pub fn has_carve_out(self) -> bool {
        self.facts
            .subservice
            .iter()
            .any(|s| s.method == SubserviceMethod::CarveOut)
    }

    /// Whether a subservice organization is included.
    pub fn has_inclusive(self) -> bool {
        self.facts
            .subservice
            .iter()
            .any(|s| s.method == SubserviceMethod::Inclusive)
    }

    /// Whether controls are assumed at user entities.
    pub fn has_user_entity_controls(self) -> bool {
        !self.facts.user_entity_controls.is_empty()
    }

    /// Who must apply complementary controls; `None` when nobody must.
    pub fn complementary_parties(self) -> Option<&'static str> {
        match (self.has_carve_out(), self.has_user_entity_controls()) {
            (true, true) => Some("subservice organizations and user entities"),
            (true, false) => Some("subservice organizations"),
            (false, true) => Some("user entities"),
            (false, false) => None,
        }
    }

    /// The facts of scope: who, what, when, which categories.
    pub fn scope_facts(self) -> Vec<FactId> {
        ["organization", "system", "coverage", "categories"]
            .into_iter()
            .map(FactId::scope)
            .collect()
    }
}

/// A category as it reads in a title.
pub fn category_title(category: Category) -> &'static str {
    match category {
        Category::Security => "Security",
        Category::Availability => "Availability",
        Category::ProcessingIntegrity => "Processing Integrity",
        Category::Confidentiality => "Confidentiality",
        Category::Privacy => "Privacy",
    }
}

/// `a`, `a and b`, `a, b, and c`.
pub fn and_list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}

/// `CC6.2 and CC6.3`.
pub fn criteria_list(criteria: &[CriterionId]) -> String {
    and_list(criteria.iter().map(ToString::to_string))
}

/// A paragraph of plain words and publication titles.
pub fn paragraph(pieces: impl IntoIterator<Item = Inline>, facts: Vec<FactId>) -> Block {
    Block::Paragraph {
        text: pieces.into_iter().collect(),
        facts,
    }
}

/// Plain words.
pub fn words(text: impl Into<String>) -> Inline {
    Inline::text(text)
}

/// The title of a publication.
pub fn publication(title: &str) -> Inline {
    Inline::emphasis(title)
}

/// A paragraph of plain words that rests on `facts`.
pub fn says(text: impl Into<String>, facts: Vec<FactId>) -> Block {
    Block::paragraph(text, facts)
}
