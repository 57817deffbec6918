//! What the report says in management's name, from the program.

use std::collections::BTreeMap;

use tickmark_catalog::{CriterionId, Frequency, catalog};
use tickmark_program::{ComplementaryControl, IncidentLimb, Program, SubserviceOrganization};

use crate::build::series;
use crate::facts::{ControlFacts, CriterionFacts, PartFacts, SystemFacts};
use crate::value::{
    Change, Commitment, Incident, NotRelevant, Organization, Subservice, SubserviceControl,
    SubserviceMethod, UserEntityControl,
};

/// The service organization.
pub fn organization(program: &Program) -> Organization {
    let organization = &program.organization;
    Organization {
        name: organization.name.clone(),
        short_name: organization.short_name.clone(),
        headquarters: organization.headquarters.clone(),
    }
}

/// The system under examination.
pub fn system(program: &Program) -> SystemFacts {
    let system = &program.system;
    SystemFacts {
        name: system.name.clone(),
        description_title: system.title.clone(),
        services: system.services.clone(),
        out_of_scope_services: system.out_of_scope_services.clone(),
    }
}

/// The applicable criteria, in the firm's licensed wording where it has one.
pub fn criteria(program: &Program, wording: &BTreeMap<CriterionId, String>) -> Vec<CriterionFacts> {
    let known = program
        .applicable_criteria()
        .into_iter()
        .filter_map(|id| catalog().criterion(id));
    known
        .map(|criterion| CriterionFacts {
            id: criterion.id,
            category: (!criterion.id.is_common()).then_some(criterion.category),
            series: series::title(criterion.id.series()).to_owned(),
            text: wording
                .get(&criterion.id)
                .unwrap_or(&criterion.summary)
                .clone(),
        })
        .collect()
}

/// Criteria that do not apply, with the reasons (DC 8).
pub fn not_relevant(program: &Program) -> Vec<NotRelevant> {
    let rows = program.scope.not_relevant.iter();
    rows.map(|row| NotRelevant {
        criterion: row.criterion,
        reason: row.reason.clone(),
    })
    .collect()
}

/// Management's description in the order of its files.
pub fn description(program: &Program) -> Vec<PartFacts> {
    let part = |part: &tickmark_program::DescriptionPart| PartFacts {
        criterion: part.criterion,
        part: part.part.map(|name| name.to_string()),
        title: part.title.clone(),
        markdown: part.body.clone(),
        file: part.file(),
    };
    program.description.iter().map(part).collect()
}

/// The principal commitments: the ones that matter to the common range of users.
pub fn commitments(program: &Program) -> Vec<Commitment> {
    let principal = program
        .commitments
        .iter()
        .filter(|commitment| commitment.principal);
    principal
        .map(|commitment| Commitment {
            id: commitment.id.to_string(),
            text: commitment.text.clone(),
            category: Some(commitment.category),
            criteria: commitment.criteria.clone(),
            controls: commitment.controls.clone(),
            source: commitment.source.clone(),
        })
        .collect()
}

/// System requirements (DC 2).
pub fn requirements(program: &Program) -> Vec<Commitment> {
    let requirement = |requirement: &tickmark_program::Requirement| Commitment {
        id: requirement.id.to_string(),
        text: requirement.text.clone(),
        category: None,
        criteria: requirement.criteria.clone(),
        controls: requirement.controls.clone(),
        source: requirement.source.clone(),
    };
    program.requirements.iter().map(requirement).collect()
}

/// The incidents DC 4 asks for: those of limb (a), and the significant ones of
/// limb (b).
pub fn incidents(program: &Program) -> Vec<Incident> {
    let disclosed = program
        .incidents
        .iter()
        .filter(|incident| match incident.limb {
            IncidentLimb::A => true,
            IncidentLimb::B => incident.significant,
            IncidentLimb::None => false,
        });
    disclosed
        .map(|incident| Incident {
            id: incident.id.to_string(),
            nature: incident.nature.clone(),
            timing: incident.timing.clone(),
            effect: incident.effect.clone(),
            disposition: incident.disposition.clone(),
        })
        .collect()
}

/// Complementary user entity controls (DC 6).
pub fn user_entity_controls(program: &Program) -> Vec<UserEntityControl> {
    let control = |control: &ComplementaryControl| UserEntityControl {
        id: control.id.to_string(),
        text: control.text.clone(),
        criteria: control.criteria.clone(),
    };
    program.cuecs.iter().map(control).collect()
}

/// Subservice organizations (DC 7).
pub fn subservice(program: &Program) -> Vec<Subservice> {
    program.subservices.iter().map(organization_of).collect()
}

fn organization_of(organization: &SubserviceOrganization) -> Subservice {
    let assumed = |control: &ComplementaryControl| SubserviceControl {
        id: control.id.to_string(),
        text: control.text.clone(),
        criteria: control.criteria.clone(),
    };
    Subservice {
        id: organization.id.to_string(),
        name: organization.name.clone(),
        service: organization.service.clone(),
        method: match organization.method {
            tickmark_program::SubserviceMethod::CarveOut => SubserviceMethod::CarveOut,
            tickmark_program::SubserviceMethod::Inclusive => SubserviceMethod::Inclusive,
        },
        criteria: organization.criteria.clone(),
        assumed_controls: organization.controls.iter().map(assumed).collect(),
        monitoring_controls: organization.monitoring_controls.clone(),
    }
}

/// Significant changes (DC 9).
pub fn changes(program: &Program) -> Vec<Change> {
    let change = |change: &tickmark_program::SystemChange| Change {
        id: change.id.to_string(),
        on: change.on,
        summary: change.summary.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
        controls: change.controls.clone(),
    };
    program.changes.iter().map(change).collect()
}

/// The controls in order of id.
pub fn controls(program: &Program) -> Vec<ControlFacts> {
    let control = |control: &tickmark_program::Control| ControlFacts {
        id: control.id.clone(),
        title: control.title.clone(),
        markdown: control.description.clone(),
        criteria: control.criteria.clone(),
        frequency: frequency(control.frequency, control.also_frequency),
        since: control.since,
        earlier: Vec::new(),
    };
    program.controls.iter().map(control).collect()
}

fn frequency(first: Frequency, second: Option<Frequency>) -> String {
    match second {
        Some(second) => format!("{} and {}", frequency_words(first), frequency_words(second)),
        None => frequency_words(first).to_owned(),
    }
}

fn frequency_words(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Continuous => "continuously",
        Frequency::Daily => "daily",
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::HalfYearly => "every half year",
        Frequency::Yearly => "yearly",
        Frequency::EachEvent => "at each event",
    }
}
