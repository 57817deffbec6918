//! A sound folder becomes a program that says what its files say.

use jiff::civil::date;
use tickmark_catalog::{Category, Frequency};
use tickmark_program::{IncidentLimb, SubserviceMethod, SystemPart, Treatment};

use crate::sample::{edited, program, texts};

#[test]
fn settings() {
    let program = program(&texts());
    assert_eq!(program.organization.id.as_str(), "quayside");
    assert_eq!(program.organization.employees, 30);
    assert_eq!(program.system.services, ["Tracking of parcels"]);
    assert!(
        program
            .scope
            .categories
            .iter()
            .eq(&[Category::Security, Category::Privacy])
    );
    assert_eq!(program.period.to_string(), "2025-07-01..2026-06-30");
    assert_eq!(program.default_calendar().unwrap().holidays.len(), 3);
    assert_eq!(
        program.management.signatory_title,
        "Chief Executive Officer"
    );
}

#[test]
fn controls() {
    let program = program(&texts());
    let [leavers, suppliers] = program.controls.as_slice() else {
        panic!("{:?}", program.controls)
    };
    assert_eq!(leavers.title, "Access ends when people leave");
    assert_eq!(leavers.library.as_ref().unwrap().as_str(), "TM-048");
    assert_eq!(
        leavers.description,
        "IT disables the accounts of a leaver within one business day."
    );
    assert_eq!(suppliers.also_frequency, Some(Frequency::EachEvent));
    assert_eq!(suppliers.since, Some(date(2025, 10, 1)));
}

#[test]
fn every_list() {
    let program = program(&texts());
    let found = [
        program.description.len(),
        program.policies.len(),
        program.commitments.len(),
        program.requirements.len(),
        program.subservices.len(),
        program.cuecs.len(),
        program.user_responsibilities.len(),
        program.risks.len(),
        program.vendors.len(),
        program.incidents.len(),
        program.changes.len(),
        program.documents.len(),
        program.sources.len(),
        program.reconciliations.len(),
        program.tests.len(),
    ];
    assert_eq!(found, [14, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1]);
    assert_eq!(program.subservices[0].method, SubserviceMethod::CarveOut);
    assert_eq!(program.subservices[0].controls[0].id.as_str(), "CSOC-01");
    assert_eq!(program.risks[0].treatment, Treatment::Mitigate);
    assert_eq!(
        (
            program.risks[0].inherent_rating(),
            program.risks[0].residual_rating()
        ),
        (16, 6)
    );
    assert_eq!(program.incidents[0].limb, IncidentLimb::B);
    assert_eq!(program.policies[0].approved_on, date(2025, 9, 1));
    assert_eq!(
        program.commitments[0].measure.as_ref().unwrap().as_str(),
        "access-commitment"
    );
}

#[test]
fn files_of_later_stages_are_kept_as_they_are() {
    let texts = texts();
    let program = program(&texts);
    let (id, source) = program.sources.first_key_value().unwrap();
    assert_eq!(source, &texts[&format!("sources/{id}.toml")]);
    let (id, files) = program.tests.first_key_value().unwrap();
    assert_eq!(id.as_str(), "two-keys");
    assert!(files.keys().eq(["test.sql", "test.toml"]));
}

#[test]
fn description_sections_follow_their_file_names_and_know_their_lines() {
    let program = program(&texts());
    assert_eq!(program.description[0].slug, "01-services");
    let access = &program.description[5];
    assert_eq!(
        (access.part, access.body_line),
        (Some(SystemPart::Access), 7)
    );
    assert_eq!(access.part.unwrap().component(), SystemPart::Procedures);
}

#[test]
fn criteria_that_apply_are_those_of_the_scope_less_the_irrelevant() {
    let criteria = program(&texts()).applicable_criteria();
    assert_eq!(criteria.len(), 33 + 18 - 1);
    assert!(criteria.iter().all(|id| id.as_str() != "P3.1"));
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    let mut converted = texts();
    for (path, text) in &mut converted {
        *text = text.replace('\n', "\r\n");
        if path.ends_with(".md") {
            text.insert(0, '\u{feff}');
        }
    }
    let (mut plain, converted) = (program(&texts()), program(&converted));
    plain.sources.clone_from(&converted.sources);
    plain.reconciliations.clone_from(&converted.reconciliations);
    plain.tests.clone_from(&converted.tests);
    assert_eq!(plain, converted);
}

#[test]
fn an_incident_that_is_not_disclosed_needs_no_timing() {
    let quiet = edited(
        "incidents.toml",
        "limb = \"b\"\nsignificant = true",
        "limb = \"none\"\nsignificant = false",
    );
    let quiet = crate::sample::edit(quiet, "incidents.toml", "March 3, 2026, 10:00 to 14:00", "");
    assert_eq!(program(&quiet).incidents[0].timing, "");
}
