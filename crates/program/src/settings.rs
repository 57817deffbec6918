//! `tickmark.toml`: the organization, the system, what is examined and when.
//!
//! Must hold: the scope names at least one category and no person is named; a
//! criterion declared not relevant would otherwise apply; the time zone exists.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Category, CriterionId, Fields, Located, Period, Problem, catalog, nearest};

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// The version of the program folder this executable writes and reads.
pub const PROGRAM_VERSION: u32 = 1;

/// The service organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Short identifier, for example `fernhollow`.
    pub id: RecordId,
    /// Full legal name.
    pub name: String,
    /// Name used in running text.
    pub short_name: String,
    /// Place of its headquarters.
    pub headquarters: String,
    /// IANA time zone in which its civil dates are meant.
    pub time_zone: String,
    /// Number of employees.
    pub employees: u32,
}

/// The system under examination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct System {
    /// Name of the system.
    pub name: String,
    /// Title of its description.
    pub title: String,
    /// Services it provides.
    pub services: Vec<String>,
    /// Services of the organization that the description leaves out.
    pub out_of_scope_services: Vec<String>,
}

/// What is examined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Trust services categories, at least one.
    pub categories: BTreeSet<Category>,
    /// Criteria of these categories that do not bear on the system (DC 8).
    pub not_relevant: Vec<NotRelevant>,
}

/// A criterion that does not bear on the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotRelevant {
    /// The criterion.
    pub criterion: CriterionId,
    /// Why, as the report will say it.
    pub reason: String,
}

/// Who signs for management; a title, never a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Management {
    /// Title of the signatory of the assertion.
    pub signatory_title: String,
    /// Place of the assertion.
    pub assertion_place: String,
}

/// Everything that `tickmark.toml` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
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
    /// Who signs.
    pub management: Management,
}

impl Scope {
    /// The criteria that apply: those of the categories, less those declared
    /// not relevant, in the order of publication.
    pub fn applicable_criteria(&self) -> Vec<CriterionId> {
        let excluded = |id| self.not_relevant.iter().any(|row| row.criterion == id);
        let applicable = catalog().applicable_criteria(&self.categories);
        applicable
            .into_iter()
            .map(|criterion| criterion.id)
            .filter(|id| !excluded(*id))
            .collect()
    }
}

pub(crate) fn read_settings(fields: &mut Fields<'_>, links: &mut Links) -> Option<Settings> {
    check_version(fields);
    let organization = fields.required_table("organization", read_organization);
    let system = fields.required_table("system", read_system);
    let scope = fields.required_table("scope", read_scope);
    let period = fields.required_table("period", |fields| read_period(fields, links));
    let management = fields.required_table("management", read_management);
    let (period, calendar) = period?;
    Some(Settings {
        organization: organization?,
        system: system?,
        scope: scope?,
        period,
        calendar,
        management: management?,
    })
}

fn check_version(fields: &mut Fields<'_>) {
    let place = fields.place_of("version");
    let version: Option<u32> = fields.required("version");
    if let Some(other) = version.filter(|version| *version != PROGRAM_VERSION) {
        let message = format!(
            "program version `{other}` is not `{PROGRAM_VERSION}`, the one understood here"
        );
        let hint = "use the release that wrote it, or a newer one";
        fields.report(Problem::new(message).hint(hint).in_place(place));
    }
}

fn read_organization(fields: &mut Fields<'_>) -> Option<Organization> {
    let id = fields.required("id");
    let name = fields.text("name");
    let short_name = fields.text("short_name");
    let headquarters = fields.text("headquarters");
    let time_zone = fields.required("time_zone");
    let employees = fields.required("employees");
    Some(Organization {
        id: id?,
        name: name?,
        short_name: short_name?,
        headquarters: headquarters?,
        time_zone: existing_time_zone(fields, time_zone?)?,
        employees: employees?,
    })
}

fn existing_time_zone(fields: &Fields<'_>, zone: Located<String>) -> Option<String> {
    if jiff::tz::TimeZone::get(&zone.value).is_ok() {
        return Some(zone.value);
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    let near = nearest(&zone.value, known.iter().map(String::as_str));
    let suggestion = near.map_or_else(String::new, |name| format!("; the nearest is `{name}`"));
    let message = format!("time zone `{}` does not exist{suggestion}", zone.value);
    fields.report(Problem::new(message).in_place(zone.place));
    None
}

fn read_system(fields: &mut Fields<'_>) -> Option<System> {
    let name = fields.text("name");
    let title = fields.text("title");
    let services = fields.required("services");
    let out_of_scope_services = fields.list("out_of_scope_services");
    Some(System {
        name: name?,
        title: title?,
        services: services?,
        out_of_scope_services,
    })
}

fn read_scope(fields: &mut Fields<'_>) -> Option<Scope> {
    let place = fields.place_of("categories");
    let categories: Option<Vec<Category>> = fields.required("categories");
    if categories.as_ref().is_some_and(Vec::is_empty) {
        fields.report(Problem::new("the scope names no category").in_place(place));
    }
    let categories: BTreeSet<Category> = categories?.into_iter().collect();
    let not_relevant = fields.tables("not_relevant", |fields| {
        read_not_relevant(fields, &categories)
    });
    Some(Scope {
        categories,
        not_relevant,
    })
}

fn read_not_relevant(
    fields: &mut Fields<'_>,
    categories: &BTreeSet<Category>,
) -> Option<NotRelevant> {
    let criterion: Option<Located<CriterionId>> = fields.required("criterion");
    let reason = fields.text("reason");
    let criterion = criterion?;
    let applies = catalog()
        .criterion(criterion.value)
        .is_some_and(|known| known.applies_to(categories));
    if !applies {
        let message = format!("criterion `{}` is of no category in scope", criterion.value);
        let hint = "leave it out: only criteria of the chosen categories need a reason";
        fields.report(Problem::new(message).hint(hint).in_place(criterion.place));
    }
    Some(NotRelevant {
        criterion: criterion.value,
        reason: reason?,
    })
}

fn read_period(fields: &mut Fields<'_>, links: &mut Links) -> Option<(Period, RecordId)> {
    let start: Option<Date> = fields.required("start");
    let place = fields.place_of("end");
    let end: Option<Date> = fields.required("end");
    let calendar = links.refer_to_one(fields, "calendar", RecordKind::Calendar);
    let period = Period::new(start?, end?)
        .map_err(|error| fields.report(Problem::new(error.to_string()).in_place(place)))
        .ok();
    Some((period?, calendar?))
}

fn read_management(fields: &mut Fields<'_>) -> Option<Management> {
    let signatory_title = fields.text("signatory_title");
    let assertion_place = fields.text("assertion_place");
    Some(Management {
        signatory_title: signatory_title?,
        assertion_place: assertion_place?,
    })
}
