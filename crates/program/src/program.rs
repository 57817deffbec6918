//! The program as a value: everything the company says it does.
//!
//! Must hold: a program that exists has no problem in it: every key was known,
//! every id exists, no record is defined twice, every reference leads
//! somewhere. All problems of all files are told at once.

use std::collections::BTreeMap;

use serde::Serialize;
use tickmark_catalog::{
    ControlId, ControlTestId, CriterionId, Fields, Period, Place, Problem, Problems, read_markdown,
    read_toml,
};

use crate::calendar::{Calendar, read_calendars};
use crate::commitment::{Commitment, Requirement, read_commitments};
use crate::control::{Control, read_control};
use crate::description::{DescriptionPart, read_description_part};
use crate::document::{Document, read_documents};
use crate::files::{ProgramFile, classify};
use crate::incident::{Incident, read_incidents};
use crate::links::Links;
use crate::policy::{Policy, read_policy};
use crate::record::{RecordId, RecordKind};
use crate::risk::{Risk, read_risks};
use crate::settings::{Management, Organization, Scope, Settings, System, read_settings};
use crate::subservice::{
    ComplementaryControl, OthersControls, SubserviceOrganization, read_subservices,
};
use crate::system_change::{SystemChange, read_changes};
use crate::vendor::{Vendor, read_vendors};

/// What a company says it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Program {
    /// The service organization.
    pub organization: Organization,
    /// The system under examination.
    pub system: System,
    /// What is examined.
    pub scope: Scope,
    /// When.
    pub period: Period,
    /// Business calendar that applies where no other is named.
    pub calendar: RecordId,
    /// Who signs for management.
    pub management: Management,
    /// Sections of the description, in the order of their file names.
    pub description: Vec<DescriptionPart>,
    /// Controls, by id.
    pub controls: Vec<Control>,
    /// Policies, by id.
    pub policies: Vec<Policy>,
    /// Service commitments, as listed.
    pub commitments: Vec<Commitment>,
    /// System requirements, as listed.
    pub requirements: Vec<Requirement>,
    /// Subservice organizations, as listed.
    pub subservices: Vec<SubserviceOrganization>,
    /// Complementary user entity controls, as listed.
    pub cuecs: Vec<ComplementaryControl>,
    /// What user entities do that no criterion needs.
    pub user_responsibilities: Vec<String>,
    /// The risk register.
    pub risks: Vec<Risk>,
    /// The vendors.
    pub vendors: Vec<Vendor>,
    /// The register of system incidents.
    pub incidents: Vec<Incident>,
    /// Significant changes.
    pub changes: Vec<SystemChange>,
    /// Business calendars.
    pub calendars: Vec<Calendar>,
    /// Documents kept as evidence.
    pub documents: Vec<Document>,
    /// Text of each mapping file, by id; `evidence` reads it.
    pub sources: BTreeMap<RecordId, String>,
    /// Text of each reconciliation, by id; `evidence` reads it.
    pub reconciliations: BTreeMap<RecordId, String>,
    /// The company's own control tests: for each its files, by path below its
    /// folder; `control-tests` reads them.
    pub tests: BTreeMap<ControlTestId, BTreeMap<String, String>>,
}

impl Program {
    /// Reads a program from the texts of its files, by path relative to the
    /// program folder.
    ///
    /// # Errors
    /// Everything that is wrong in any file, each with its place.
    pub fn parse(files: &BTreeMap<String, String>) -> Result<Self, Problems> {
        let mut reading = Reading::default();
        for (path, text) in files {
            reading.read(path, text);
        }
        reading.finish()
    }

    /// The control `id`.
    pub fn control(&self, id: &ControlId) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == *id)
    }

    /// The policy `id`.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id.as_str() == id)
    }

    /// The calendar `id`.
    pub fn calendar(&self, id: &str) -> Option<&Calendar> {
        self.calendars
            .iter()
            .find(|calendar| calendar.id.as_str() == id)
    }

    /// The calendar that applies where no other is named.
    pub fn default_calendar(&self) -> Option<&Calendar> {
        self.calendar(self.calendar.as_str())
    }

    /// The criteria that apply, in the order of publication.
    pub fn applicable_criteria(&self) -> Vec<CriterionId> {
        self.scope.applicable_criteria()
    }

    /// The controls that support a criterion.
    pub fn controls_for(&self, criterion: CriterionId) -> impl Iterator<Item = &Control> {
        self.controls
            .iter()
            .filter(move |control| control.criteria.contains(&criterion))
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    problems: Vec<Problem>,
    links: Links,
    settings_seen: bool,
    settings: Option<Settings>,
    description: Vec<DescriptionPart>,
    controls: Vec<Control>,
    policies: Vec<Policy>,
    commitments: (Vec<Commitment>, Vec<Requirement>),
    others: OthersControls,
    risks: Vec<Risk>,
    vendors: Vec<Vendor>,
    incidents: Vec<Incident>,
    changes: Vec<SystemChange>,
    calendars: Vec<Calendar>,
    documents: Vec<Document>,
    sources: BTreeMap<RecordId, String>,
    reconciliations: BTreeMap<RecordId, String>,
    tests: BTreeMap<ControlTestId, BTreeMap<String, String>>,
}

impl Reading {
    fn read(&mut self, path: &str, text: &str) {
        match classify(path) {
            Ok(file) => self.read_as(file, path, text),
            Err(misplaced) => self.problems.extend(misplaced),
        }
    }

    fn read_as(&mut self, file: ProgramFile<'_>, path: &str, text: &str) {
        match file {
            ProgramFile::Settings => self.read_settings(path, text),
            ProgramFile::Commitments => self.commitments = self.toml(path, text, read_commitments),
            ProgramFile::Subservices => self.others = self.toml(path, text, read_subservices),
            ProgramFile::Risks => self.risks = self.toml(path, text, read_risks),
            ProgramFile::Vendors => self.vendors = self.toml(path, text, read_vendors),
            ProgramFile::Incidents => self.incidents = self.toml(path, text, read_incidents),
            ProgramFile::Changes => self.changes = self.toml(path, text, read_changes),
            ProgramFile::Calendars => self.calendars = self.toml(path, text, read_calendars),
            ProgramFile::Documents => self.documents = self.toml(path, text, read_documents),
            ProgramFile::Description(slug) => self.read_description(path, text, slug),
            ProgramFile::Control(stem) => self.read_control(path, text, stem),
            ProgramFile::Policy(stem) => self.read_policy(path, text, stem),
            ProgramFile::Source(stem) => {
                let id = self.id_from_name(path, stem);
                self.sources.extend(id.map(|id| (id, text.to_owned())));
            }
            ProgramFile::Reconciliation(stem) => {
                let id = self.id_from_name(path, stem);
                self.reconciliations
                    .extend(id.map(|id| (id, text.to_owned())));
            }
            ProgramFile::ControlTest(folder, file) => {
                if let Some(id) = self.id_from_name(path, folder) {
                    self.tests
                        .entry(id)
                        .or_default()
                        .insert(file.to_owned(), text.to_owned());
                }
            }
        }
    }

    fn toml<T: Default>(
        &mut self,
        path: &str,
        text: &str,
        read: fn(&mut Fields<'_>, &mut Links) -> Option<T>,
    ) -> T {
        let links = &mut self.links;
        read_toml(path, text, &mut self.problems, |fields| read(fields, links)).unwrap_or_default()
    }

    fn read_settings(&mut self, path: &str, text: &str) {
        self.settings_seen = true;
        let links = &mut self.links;
        self.settings = read_toml(path, text, &mut self.problems, |fields| {
            read_settings(fields, links)
        });
    }

    fn read_description(&mut self, path: &str, text: &str, slug: &str) {
        self.description.extend(read_markdown(
            path,
            text,
            &mut self.problems,
            |fields, parts| read_description_part(fields, parts, slug),
        ));
    }

    fn read_control(&mut self, path: &str, text: &str, stem: &str) {
        match read_markdown(path, text, &mut self.problems, read_control) {
            Some((control, place)) => {
                self.links
                    .define_at(RecordKind::Control, control.id.as_str(), place.clone());
                self.check_name(control.id.as_str(), stem, place);
                self.controls.push(control);
            }
            // Told already; what refers to it should not be told as well.
            None => self
                .links
                .define_at(RecordKind::Control, stem, Place::file(path)),
        }
    }

    fn read_policy(&mut self, path: &str, text: &str, stem: &str) {
        let links = &mut self.links;
        let policy = read_markdown(path, text, &mut self.problems, |fields, parts| {
            let place = fields.place_of("id");
            Some((read_policy(fields, parts, links)?, place))
        });
        if let Some((policy, place)) = policy {
            self.check_name(policy.id.as_str(), stem, place);
            self.policies.push(policy);
        }
    }

    /// A file is called after the record in it, so that a record is found
    /// without a search and no file can shadow another.
    fn check_name(&mut self, id: &str, stem: &str, place: Place) {
        if id != stem {
            let message = format!("the file of `{id}` is called `{stem}`");
            self.problems.push(
                Problem::new(message)
                    .in_place(place)
                    .hint("give the file the name of its id"),
            );
        }
    }

    fn id_from_name<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        path: &str,
        name: &str,
    ) -> Option<T> {
        let refuse = |error: T::Err| {
            self.problems
                .push(Problem::new(error.to_string()).in_file(path))
        };
        name.parse().map_err(refuse).ok()
    }

    fn finish(mut self) -> Result<Program, Problems> {
        if !self.settings_seen {
            let missing = Problem::new("the program has no `tickmark.toml`");
            self.problems
                .push(missing.hint("`tickmark init` writes one"));
        }
        self.problems.extend(self.links.problems());
        let settings =
            Problems::unless_empty(std::mem::take(&mut self.problems), self.settings.take())?;
        // Settings that could not be read have left a problem, so this is for
        // the type alone.
        let settings = settings.ok_or_else(|| Problem::new("`tickmark.toml` could not be read"))?;
        Ok(self.into_program(settings))
    }

    fn into_program(self, settings: Settings) -> Program {
        let (commitments, requirements) = self.commitments;
        Program {
            organization: settings.organization,
            system: settings.system,
            scope: settings.scope,
            period: settings.period,
            calendar: settings.calendar,
            management: settings.management,
            description: self.description,
            controls: self.controls,
            policies: self.policies,
            commitments,
            requirements,
            subservices: self.others.subservices,
            cuecs: self.others.cuecs,
            user_responsibilities: self.others.user_responsibilities,
            risks: self.risks,
            vendors: self.vendors,
            incidents: self.incidents,
            changes: self.changes,
            calendars: self.calendars,
            documents: self.documents,
            sources: self.sources,
            reconciliations: self.reconciliations,
            tests: self.tests,
        }
    }
}
