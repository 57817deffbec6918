//! A program to start from: settings, a calendar, and the controls of the
//! library that serve the criteria in scope.
//!
//! Must hold: what comes out is a program that can be recorded as it stands;
//! what only the company can know reads "to be written" until someone writes it.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::{Category, ControlDefinition, ControlId, Period, Problem, catalog};

/// What is told for a field nobody has filled in yet.
pub const UNWRITTEN: &str = "to be written";

/// What a program starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starter {
    /// Id of the organization.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its headquarters.
    pub headquarters: String,
    /// IANA time zone.
    pub time_zone: String,
    /// How many people it employs.
    pub employees: u32,
    /// Name of the system.
    pub system: String,
    /// Services it provides.
    pub services: Vec<String>,
    /// Categories in scope; security is always among them.
    pub categories: BTreeSet<Category>,
    /// Period examined.
    pub period: Period,
    /// Title of who signs the assertion.
    pub signatory_title: String,
    /// Controls of the library to begin with; all that serve where `None`.
    pub controls: Option<BTreeSet<ControlId>>,
}

impl Starter {
    /// A starter of which only the necessary is known.
    pub fn new(id: &str, name: &str, time_zone: &str, period: Period) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            headquarters: UNWRITTEN.to_owned(),
            time_zone: time_zone.to_owned(),
            employees: 1,
            system: format!("{name} system"),
            services: vec![UNWRITTEN.to_owned()],
            categories: [Category::Security].into(),
            period,
            signatory_title: "Chief Executive Officer".to_owned(),
            controls: None,
        }
    }

    /// The controls of the library that serve a criterion in scope.
    pub fn serving(&self) -> impl Iterator<Item = &'static ControlDefinition> {
        let applicable = catalog().applicable_criteria(&self.categories);
        let criteria: Vec<_> = applicable.into_iter().map(|it| it.id).collect();
        let all = catalog().controls.iter();
        all.filter(move |control| control.criteria.iter().any(|it| criteria.contains(it)))
    }

    /// The files of the program, by path.
    ///
    /// # Errors
    /// None in practice; a control that TOML cannot hold would be one.
    pub fn files(&self) -> Result<BTreeMap<String, String>, Problem> {
        let mut files = BTreeMap::from([
            ("tickmark.toml".to_owned(), self.settings()),
            ("calendars.toml".to_owned(), CALENDARS.to_owned()),
        ]);
        let is_wanted = |control: &&ControlDefinition| {
            let wanted = self.controls.as_ref();
            wanted.is_none_or(|wanted| wanted.contains(&control.id))
        };
        for control in self.serving().filter(is_wanted) {
            files.insert(
                format!("controls/{}.md", control.id),
                control_file(control)?,
            );
        }
        Ok(files)
    }

    fn settings(&self) -> String {
        let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
        let list = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(", ");
        let categories = list(&mut self.categories.iter().map(|it| text(it.as_str())));
        let services = list(&mut self.services.iter().map(|it| text(it)));
        format!(
            "version = 1\n\n[organization]\nid = {}\nname = {}\nshort_name = {}\nheadquarters = {}\ntime_zone = {}\nemployees = {}\n\n\
             [system]\nname = {}\ntitle = {}\nservices = [{services}]\nout_of_scope_services = []\n\n[scope]\ncategories = [{categories}]\n\n[period]\nstart = {}\nend = {}\ncalendar = \"company\"\n\n\
             [management]\nsignatory_title = {}\nassertion_place = {}\n",
            text(&self.id),
            text(&self.name),
            text(&self.name),
            text(&self.headquarters),
            text(&self.time_zone),
            self.employees,
            text(&self.system),
            text(&format!("Description of the {}", self.system)),
            self.period.start,
            self.period.end,
            text(&self.signatory_title),
            text(&self.headquarters),
        )
    }
}

const CALENDARS: &str = "\
# Business days are the days that are neither weekend nor holiday.
[[calendar]]
id = \"company\"
weekend = [\"saturday\", \"sunday\"]
holidays = []
";

/// A library control as a file of the program.
fn control_file(control: &ControlDefinition) -> Result<String, Problem> {
    let mut front =
        toml::Table::try_from(control).map_err(|error| Problem::new(error.to_string()))?;
    front.remove("description");
    front.insert("library".to_owned(), control.id.to_string().into());
    Ok(format!(
        "+++\n{front}+++\n\n{}\n",
        control.description.trim()
    ))
}

#[cfg(test)]
mod tests {
    use tickmark_catalog::Category;

    use super::Starter;
    use crate::program::Program;

    #[test]
    fn a_starting_program_can_be_recorded_as_it_stands() {
        let period = "2026-01-01..2026-12-31".parse().unwrap();
        let mut starter = Starter::new("acme", "Acme \"Cloud\", Inc.", "UTC", period);
        starter.categories.insert(Category::Availability);
        let files = starter.files().unwrap();
        let program = Program::parse(&files).unwrap();
        assert_eq!(program.controls.len(), starter.serving().count());
        starter.controls = Some(["TM-001".parse().unwrap()].into());
        assert_eq!(
            Program::parse(&starter.files().unwrap())
                .unwrap()
                .controls
                .len(),
            1
        );
    }
}
