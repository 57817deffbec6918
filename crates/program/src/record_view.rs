//! The records of a program as names and fields, so that two programs can be
//! compared without a comparison for each kind.
//!
//! Must hold: every record of a program is seen once; fields are those of its
//! serialized form.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::program::Program;
use crate::record::RecordKind;

/// A record as its fields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordView {
    pub(crate) title: Option<String>,
    pub(crate) file: String,
    pub(crate) fields: Map<String, Value>,
}

/// Every record of a program, by kind and id.
pub(crate) fn records(program: &Program) -> BTreeMap<(RecordKind, String), RecordView> {
    let mut views = Views::default();
    views.add_settings(program);
    views.add_files(program);
    views.add_lists(program);
    views.add_texts(program);
    views.0
}

#[derive(Default)]
struct Views(BTreeMap<(RecordKind, String), RecordView>);

impl Views {
    fn add(
        &mut self,
        kind: RecordKind,
        id: &str,
        title: Option<&str>,
        file: &str,
        record: &impl Serialize,
    ) {
        let mut fields = match serde_json::to_value(record) {
            Ok(Value::Object(mut fields)) => {
                // Controls assumed at others are records of their own.
                fields.remove("csoc");
                fields
            }
            Ok(other) => Map::from_iter([("text".to_owned(), other)]),
            Err(_) => Map::new(),
        };
        fields.retain(|_, value| !value.is_null());
        let view = RecordView {
            title: title.map(str::to_owned),
            file: file.to_owned(),
            fields,
        };
        self.0.insert((kind, id.to_owned()), view);
    }

    fn add_settings(&mut self, program: &Program) {
        let file = "tickmark.toml";
        self.add(
            RecordKind::Organization,
            "",
            None,
            file,
            &program.organization,
        );
        self.add(RecordKind::System, "", None, file, &program.system);
        self.add(RecordKind::Scope, "", None, file, &program.scope);
        self.add(RecordKind::Management, "", None, file, &program.management);
        let period = BTreeMap::from([
            ("period", program.period.to_string()),
            ("calendar", program.calendar.to_string()),
        ]);
        self.add(RecordKind::Period, "", None, file, &period);
    }

    fn add_files(&mut self, program: &Program) {
        for part in &program.description {
            self.add(
                RecordKind::DescriptionPart,
                &part.slug,
                Some(&part.title),
                &part.file(),
                part,
            );
        }
        for control in &program.controls {
            let file = format!("controls/{}.md", control.id);
            self.add(
                RecordKind::Control,
                control.id.as_str(),
                Some(&control.title),
                &file,
                control,
            );
        }
        for policy in &program.policies {
            let file = format!("policies/{}.md", policy.id);
            self.add(
                RecordKind::Policy,
                policy.id.as_str(),
                Some(&policy.title),
                &file,
                policy,
            );
        }
    }

    fn add_lists(&mut self, program: &Program) {
        for row in &program.commitments {
            self.add(
                RecordKind::Commitment,
                row.id.as_str(),
                None,
                "commitments.toml",
                row,
            );
        }
        for row in &program.requirements {
            self.add(
                RecordKind::Requirement,
                row.id.as_str(),
                None,
                "commitments.toml",
                row,
            );
        }
        for row in &program.risks {
            self.add(
                RecordKind::Risk,
                row.id.as_str(),
                Some(&row.title),
                "risks.toml",
                row,
            );
        }
        for row in &program.vendors {
            self.add(
                RecordKind::Vendor,
                row.id.as_str(),
                Some(&row.name),
                "vendors.toml",
                row,
            );
        }
        for row in &program.incidents {
            self.add(
                RecordKind::Incident,
                row.id.as_str(),
                None,
                "incidents.toml",
                row,
            );
        }
        for row in &program.changes {
            self.add(
                RecordKind::SystemChange,
                row.id.as_str(),
                None,
                "changes.toml",
                row,
            );
        }
        for row in &program.calendars {
            self.add(
                RecordKind::Calendar,
                row.id.as_str(),
                None,
                "calendars.toml",
                row,
            );
        }
        for row in &program.documents {
            self.add(
                RecordKind::Document,
                &row.path,
                Some(&row.title),
                "documents/index.toml",
                row,
            );
        }
        self.add_others_controls(program);
    }

    fn add_others_controls(&mut self, program: &Program) {
        let file = "subservice.toml";
        for row in &program.subservices {
            self.add(
                RecordKind::Subservice,
                row.id.as_str(),
                Some(&row.name),
                file,
                row,
            );
            for control in &row.controls {
                self.add(
                    RecordKind::SubserviceControl,
                    control.id.as_str(),
                    None,
                    file,
                    control,
                );
            }
        }
        for row in &program.cuecs {
            self.add(
                RecordKind::UserEntityControl,
                row.id.as_str(),
                None,
                file,
                row,
            );
        }
        for (number, text) in (1..).zip(&program.user_responsibilities) {
            self.add(
                RecordKind::UserResponsibility,
                &format!("{number}"),
                None,
                file,
                text,
            );
        }
    }

    fn add_texts(&mut self, program: &Program) {
        for (id, text) in &program.sources {
            let file = format!("sources/{id}.toml");
            self.add(RecordKind::Source, id.as_str(), None, &file, text);
        }
        for (id, text) in &program.reconciliations {
            let file = format!("reconciliations/{id}.toml");
            self.add(RecordKind::Reconciliation, id.as_str(), None, &file, text);
        }
        for (id, files) in &program.tests {
            let file = format!("tests/{id}/test.toml");
            self.add(RecordKind::ControlTest, id.as_str(), None, &file, files);
        }
    }
}
