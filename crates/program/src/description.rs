//! `description/*.md`: management's description of its system, in sections.
//!
//! Must hold: a section answers one description criterion; a section about the
//! components of the system (DC 3) says which part of it; sections are in the
//! order of their file names.

use serde::{Deserialize, Serialize};
use tickmark_catalog::{DescriptionCriterionId, Fields, FrontMatter, Problem, named_values};

/// One section of the description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DescriptionPart {
    /// Name of its file without folder and extension, for example
    /// `03-infrastructure`; sections sort by it.
    pub slug: String,
    /// The description criterion it answers.
    pub criterion: DescriptionCriterionId,
    /// Which part of the system it is about; DC 3 only.
    pub part: Option<SystemPart>,
    /// Its heading.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Line of the file on which the body begins, from 1; says where the text
    /// stands, not what it says, and so is no part of the record.
    #[serde(skip)]
    pub body_line: u64,
}

/// What a section about the components of the system is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemPart {
    /// Physical and virtual resources.
    Infrastructure,
    /// Programs and the services that run them.
    Software,
    /// Those who govern, run, secure and use the system.
    People,
    /// What is done by hand and by machine, in general.
    Procedures,
    /// What the system takes in, keeps and gives out.
    Data,
    /// What belongs to the system and what does not.
    Boundaries,
    /// Procedures: how the organization is led.
    ControlEnvironment,
    /// Procedures: how risks are found and treated.
    RiskAssessment,
    /// Procedures: who is told what.
    InformationCommunication,
    /// Procedures: how controls are watched.
    Monitoring,
    /// Procedures: who may do what.
    Access,
    /// Procedures: how the system is changed.
    Change,
    /// Procedures: how the system is run.
    Operations,
    /// Procedures: what happens when something goes wrong.
    Incident,
    /// Procedures: how suppliers are chosen and watched.
    Vendor,
    /// Procedures: how service continues.
    Continuity,
}

named_values!(SystemPart, "part", [
    Infrastructure => "infrastructure", Software => "software", People => "people",
    Procedures => "procedures", Data => "data", Boundaries => "boundaries",
    ControlEnvironment => "control_environment", RiskAssessment => "risk_assessment",
    InformationCommunication => "information_communication", Monitoring => "monitoring",
    Access => "access", Change => "change", Operations => "operations", Incident => "incident",
    Vendor => "vendor", Continuity => "continuity",
]);

impl SystemPart {
    /// The component of the system it belongs to; the special procedures all
    /// belong to procedures.
    pub fn component(self) -> Self {
        match self {
            Self::Infrastructure
            | Self::Software
            | Self::People
            | Self::Data
            | Self::Boundaries => self,
            _ => Self::Procedures,
        }
    }
}

impl DescriptionPart {
    /// The file it stands in, relative to the program folder.
    pub fn file(&self) -> String {
        format!("description/{}.md", self.slug)
    }
}

pub(crate) fn read_description_part(
    fields: &mut Fields<'_>,
    text: FrontMatter<'_>,
    slug: &str,
) -> Option<DescriptionPart> {
    let criterion: Option<DescriptionCriterionId> = fields.required("criterion");
    let place = fields.place_of("part");
    let part: Option<SystemPart> = fields.optional("part");
    let title = fields.text("title");
    let criterion = criterion?;
    if part.is_some() && criterion.number() != 3 {
        let message = format!("`part` belongs to DC 3 only, not to {criterion}");
        fields.report(Problem::new(message).in_place(place));
    }
    if text.body.is_empty() {
        fields.report(Problem::new(
            "the section has no text below its front matter",
        ));
    }
    Some(DescriptionPart {
        slug: slug.to_owned(),
        criterion,
        part,
        title: title?,
        body: text.body.to_owned(),
        body_line: text.body_line,
    })
}
