//! What a control is: the definition that a control of our library and a
//! company's own control have in common.
//!
//! Must hold: a control supports at least one criterion, the first named being
//! the one it is shown under; its points of focus belong to its criteria.

use serde::{Deserialize, Serialize};

use crate::control_id::{ControlId, ControlTestId};
use crate::criterion_id::{CriterionId, PointOfFocusId};
use crate::field_value::Located;
use crate::fields::Fields;
use crate::front_matter::read_markdown;
use crate::named_values;
use crate::problem::Problem;

/// What a control is, who performs it, how often, and what shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlDefinition {
    /// Identifier, for example `TM-048`.
    pub id: ControlId,
    /// A short name.
    pub title: String,
    /// Criteria it supports, at least one; the first is the primary one.
    pub criteria: Vec<CriterionId>,
    /// Points of focus it bears on, all of its criteria.
    pub points_of_focus: Vec<PointOfFocusId>,
    /// How often it operates.
    pub frequency: Frequency,
    /// A second rhythm, for example each joiner and yearly.
    pub also_frequency: Option<Frequency>,
    /// When it takes effect.
    pub nature: ControlNature,
    /// How it is performed.
    pub automation: ControlAutomation,
    /// Role that answers for it; never a person's name.
    pub owner_role: String,
    /// What shows that it operated.
    pub evidence: Vec<String>,
    /// Control tests that test it; may be empty.
    pub tests: Vec<ControlTestId>,
    /// How it can be tested.
    pub mode: TestMode,
    /// The control as it stands in Section IV: who does what, when, and what
    /// shows it.
    pub description: String,
}

/// A control of our library.
pub type LibraryControl = ControlDefinition;

/// How often a control operates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// All the time.
    Continuous,
    /// Once a day.
    Daily,
    /// Once a week.
    Weekly,
    /// Once a month.
    Monthly,
    /// Once a quarter.
    Quarterly,
    /// Twice a year.
    HalfYearly,
    /// Once a year.
    Yearly,
    /// Whenever something happens.
    EachEvent,
}

named_values!(Frequency, "frequency", [
    Continuous => "continuous", Daily => "daily", Weekly => "weekly", Monthly => "monthly",
    Quarterly => "quarterly", HalfYearly => "half_yearly", Yearly => "yearly", EachEvent => "each_event",
]);

/// When a control takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlNature {
    /// Before something can go wrong.
    Preventive,
    /// When something has gone wrong.
    Detective,
    /// To put right what went wrong.
    Corrective,
}

named_values!(ControlNature, "nature", [
    Preventive => "preventive", Detective => "detective", Corrective => "corrective",
]);

/// How a control is performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlAutomation {
    /// By people.
    Manual,
    /// By systems.
    Automated,
    /// By people who rely on what systems produce.
    ItDependent,
}

named_values!(ControlAutomation, "automation", [
    Manual => "manual", Automated => "automated", ItDependent => "it_dependent",
]);

/// How a control can be tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestMode {
    /// By machine, over the whole population.
    Full,
    /// By judgment on documents, normally a sample of them.
    Sample,
    /// By inspecting one document a period.
    Inspect,
}

named_values!(TestMode, "mode", [Full => "full", Sample => "sample", Inspect => "inspect"]);

impl ControlDefinition {
    /// Reads the keys that every control file has; `description` is its body.
    pub fn read(fields: &mut Fields<'_>, description: &str) -> Option<Self> {
        let id = fields.required("id");
        let title = fields.text("title");
        let criteria = read_criteria(fields);
        let points_of_focus = read_points_of_focus(fields, &criteria);
        let frequency = fields.required("frequency");
        let also_frequency = fields.optional("also_frequency");
        let nature = fields.required("nature");
        let automation = fields.required("automation");
        let owner_role = fields.text("owner_role");
        let evidence = fields.list("evidence");
        let tests = fields.list("tests");
        let mode = fields.required("mode");
        if description.is_empty() {
            fields.report(Problem::new(
                "the control has no description below its front matter",
            ));
        }
        Some(Self {
            id: id?,
            title: title?,
            criteria,
            points_of_focus,
            frequency: frequency?,
            also_frequency,
            nature: nature?,
            automation: automation?,
            owner_role: owner_role?,
            evidence,
            tests,
            mode: mode?,
            description: description.to_owned(),
        })
    }

    /// The criterion under which the control is shown first.
    pub fn primary_criterion(&self) -> Option<CriterionId> {
        self.criteria.first().copied()
    }
}

fn read_criteria(fields: &mut Fields<'_>) -> Vec<CriterionId> {
    let place = fields.place_of("criteria");
    let named: Option<Vec<CriterionId>> = fields.required("criteria");
    if named.as_ref().is_some_and(Vec::is_empty) {
        fields
            .report(Problem::new("a control must support at least one criterion").in_place(place));
    }
    named.unwrap_or_default()
}

fn read_points_of_focus(fields: &mut Fields<'_>, criteria: &[CriterionId]) -> Vec<PointOfFocusId> {
    let points: Vec<Located<PointOfFocusId>> = fields.list("points_of_focus");
    for stray in points
        .iter()
        .filter(|point| !criteria.contains(&point.value.criterion()))
    {
        let message = format!(
            "point of focus `{}` belongs to no criterion of the control",
            stray.value
        );
        let hint = format!(
            "name `{}` under `criteria`, or leave the point out",
            stray.value.criterion()
        );
        fields.report(
            Problem::new(message)
                .hint(hint)
                .in_place(stray.place.clone()),
        );
    }
    points.into_iter().map(|point| point.value).collect()
}

/// Reads one file of the library.
pub(crate) fn read_library_control(
    file: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Option<LibraryControl> {
    read_markdown(file, text, problems, |fields, parts| {
        LibraryControl::read(fields, parts.body)
    })
}
