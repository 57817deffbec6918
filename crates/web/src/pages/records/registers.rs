//! Which registers there are: where their records stand, what a form asks for,
//! and the page that shows a record.
//!
//! What must hold: every field a file may have is asked for, under the name it
//! has there; what can be chosen is what the program knows.

use serde::Serialize;
use tickmark_catalog::{Category, ControlAutomation, ControlNature, Frequency, TestMode, catalog};
use tickmark_program::{IncidentLimb, SubserviceMethod, SystemPart, Treatment};

use crate::form::{Field, Kind};
use crate::format;
use crate::picture::Recorded;
use crate::strings::t;

/// Where a record stands.
#[derive(Clone, Copy)]
pub enum Stands {
    /// In a list of a file.
    Listed {
        /// The file.
        file: &'static str,
        /// The list.
        list: &'static str,
        /// The list of the records it is part of.
        within: Option<&'static str>,
    },
    /// In a Markdown file of its own.
    Sheet {
        /// The folder of the file.
        folder: &'static str,
    },
    /// In tables of a file, as the only one of its kind.
    Tables {
        /// The file.
        file: &'static str,
    },
}

/// A kind of record that has a form.
pub struct Register {
    /// Its name in addresses.
    pub name: &'static str,
    /// Where its records stand.
    pub stands: Stands,
    /// Whether the front matter of a file of its own repeats the id.
    pub names_itself: bool,
    /// The title of the form of a new one.
    pub title: fn() -> &'static str,
    /// The page of all of them, by the record they are part of, and its title.
    pub list: fn(&str) -> String,
    /// The title of that page.
    pub listed: fn() -> &'static str,
    /// The page of one, by its id and that of the record it is part of.
    pub href: fn(&str, &str) -> String,
    /// What the form asks for, besides the id.
    pub fields: fn(&Recorded) -> Vec<Field>,
    /// An id for a new one.
    pub next: fn(&Recorded) -> String,
}

/// The controls; their forms have an address of their own as well, for who
/// answers for one of them.
pub static CONTROL: Register = Register {
    name: "control",
    stands: Stands::Sheet { folder: "controls" },
    names_itself: true,
    title: || t!("A new control"),
    list: |_| "/controls".to_owned(),
    listed: || t!("Controls"),
    href: |id, _| format!("/controls/{id}"),
    fields: control,
    next: |it| {
        next(
            it.program
                .controls
                .iter()
                .map(|it| it.definition.id.as_str()),
            "C-01",
        )
    },
};

/// All of them.
pub static ALL: &[&Register] = &[
    &CONTROL,
    &Register {
        name: "settings",
        stands: Stands::Tables {
            file: "tickmark.toml",
        },
        names_itself: false,
        title: || t!("Organization and scope"),
        list: |_| "/description".to_owned(),
        listed: || t!("Description"),
        href: |_, _| "/description".to_owned(),
        fields: settings,
        next: |_| String::new(),
    },
    &Register {
        name: "section",
        stands: Stands::Sheet {
            folder: "description",
        },
        names_itself: false,
        title: || t!("A new section"),
        list: |_| "/description".to_owned(),
        listed: || t!("Description"),
        href: |id, _| format!("/description/{id}"),
        fields: |_| section(),
        next: |_| String::new(),
    },
    &Register {
        name: "risk",
        stands: listed("risks.toml", "risk"),
        names_itself: false,
        title: || t!("A new risk"),
        list: |_| "/risks".to_owned(),
        listed: || t!("Risks"),
        href: |id, _| format!("/risks/{id}"),
        fields: risk,
        next: |it| next(it.program.risks.iter().map(|it| it.id.as_str()), "R-01"),
    },
    &Register {
        name: "vendor",
        stands: listed("vendors.toml", "vendor"),
        names_itself: false,
        title: || t!("A new vendor"),
        list: |_| "/vendors".to_owned(),
        listed: || t!("Vendors"),
        href: |id, _| format!("/vendors/{id}"),
        fields: |_| vendor(),
        next: |it| {
            next(
                it.program.vendors.iter().map(|it| it.id.as_str()),
                "VND-001",
            )
        },
    },
    &Register {
        name: "commitment",
        stands: listed("commitments.toml", "commitment"),
        names_itself: false,
        title: || t!("A new commitment"),
        list: |_| "/commitments".to_owned(),
        listed: || t!("Commitments"),
        href: |id, _| format!("/commitments#{id}"),
        fields: commitment,
        next: |it| {
            next(
                it.program.commitments.iter().map(|it| it.id.as_str()),
                "PSC-01",
            )
        },
    },
    &Register {
        name: "requirement",
        stands: listed("commitments.toml", "requirement"),
        names_itself: false,
        title: || t!("A new system requirement"),
        list: |_| "/commitments".to_owned(),
        listed: || t!("Commitments"),
        href: |id, _| format!("/commitments#{id}"),
        fields: requirement,
        next: |it| {
            next(
                it.program.requirements.iter().map(|it| it.id.as_str()),
                "SR-01",
            )
        },
    },
    &Register {
        name: "subservice",
        stands: listed("subservice.toml", "subservice"),
        names_itself: false,
        title: || t!("A new subservice organization"),
        list: |_| "/vendors/subservice".to_owned(),
        listed: || t!("Subservice organizations"),
        href: |id, _| format!("/vendors/subservice/{id}"),
        fields: subservice,
        next: |_| String::new(),
    },
    &Register {
        name: "csoc",
        stands: Stands::Listed {
            file: "subservice.toml",
            list: "csoc",
            within: Some("subservice"),
        },
        names_itself: false,
        title: || t!("A new control assumed there"),
        list: |within| format!("/vendors/subservice/{within}"),
        listed: || t!("Subservice organization"),
        href: |_, within| format!("/vendors/subservice/{within}"),
        fields: complementary,
        next: |it| {
            let all = it.program.subservices.iter().flat_map(|it| &it.controls);
            next(all.map(|it| it.id.as_str()), "CSOC-01")
        },
    },
    &Register {
        name: "cuec",
        stands: listed("subservice.toml", "cuec"),
        names_itself: false,
        title: || t!("A new user entity control"),
        list: |_| "/vendors/user-entities".to_owned(),
        listed: || t!("User entity controls"),
        href: |_, _| "/vendors/user-entities".to_owned(),
        fields: complementary,
        next: |it| next(it.program.cuecs.iter().map(|it| it.id.as_str()), "CUEC-01"),
    },
    &Register {
        name: "incident",
        stands: listed("incidents.toml", "incident"),
        names_itself: false,
        title: || t!("A new incident"),
        list: |_| "/description".to_owned(),
        listed: || t!("Description"),
        href: |_, _| "/description#incidents".to_owned(),
        fields: |_| incident(),
        next: |it| {
            next(
                it.program.incidents.iter().map(|it| it.id.as_str()),
                "INC-01",
            )
        },
    },
    &Register {
        name: "change",
        stands: listed("changes.toml", "change"),
        names_itself: false,
        title: || t!("A new system change"),
        list: |_| "/description".to_owned(),
        listed: || t!("Description"),
        href: |_, _| "/description#changes".to_owned(),
        fields: change,
        next: |it| next(it.program.changes.iter().map(|it| it.id.as_str()), "CHG-01"),
    },
];

const fn listed(file: &'static str, list: &'static str) -> Stands {
    Stands::Listed {
        file,
        list,
        within: None,
    }
}

/// The id of a new record.
pub fn id_field(register: &Register) -> Field {
    let field = Field::new("id", t!("Id"), Kind::Line);
    match register.name {
        "section" => field.hint(t!("The name of its file; sections stand in the order of these, for example 03-infrastructure.")),
        _ => field.hint(t!("Letters, digits and dashes; it stays as long as the record does.")),
    }
}

/// The id that follows the highest one: `R-07` follows `R-06`.
fn next<'i>(ids: impl Iterator<Item = &'i str>, first: &str) -> String {
    let numbered = ids.filter_map(|id| {
        let digits = id.len() - id.trim_end_matches(|it: char| it.is_ascii_digit()).len();
        let (before, number) = id.split_at(id.len() - digits);
        Some((number.parse::<u32>().ok()?, before, digits))
    });
    numbered.max().map_or_else(
        || first.to_owned(),
        |(number, before, digits)| format!("{before}{:0digits$}", number.saturating_add(1)),
    )
}

/// The values of an enum with their words.
fn named<'a, T: Serialize + 'a>(all: impl IntoIterator<Item = &'a T>) -> Vec<(String, String)> {
    all.into_iter()
        .map(|it| (format::serde_name(it), format::named(it)))
        .collect()
}

fn controls(recorded: &Recorded) -> Kind {
    let of = |it: &tickmark_program::Control| {
        let definition = &it.definition;
        (
            definition.id.to_string(),
            format!("{} {}", definition.id, definition.title),
        )
    };
    Kind::Several(recorded.program.controls.iter().map(of).collect())
}

fn criteria(recorded: &Recorded) -> Kind {
    let of = |id: &tickmark_catalog::CriterionId| {
        let title = catalog()
            .criterion(*id)
            .map_or("", |it| it.summary.as_str());
        (id.to_string(), format!("{id} {title}"))
    };
    Kind::Several(
        recorded
            .program
            .applicable_criteria()
            .iter()
            .map(of)
            .collect(),
    )
}

fn tests(recorded: &Recorded) -> Vec<(String, String)> {
    let of = |(_, test): &(_, tickmark_control_tests::ControlTest)| {
        (test.id.to_string(), format!("{} ({})", test.title, test.id))
    };
    recorded.tests.values().map(of).collect()
}

fn risk(recorded: &Recorded) -> Vec<Field> {
    vec![
        Field::new("title", t!("What could happen"), Kind::Lines),
        Field::new("category", t!("Category"), Kind::Line)
            .hint(t!("Your own grouping, for example security.")),
        Field::new(
            "likelihood",
            t!("Likelihood before treatment"),
            Kind::Scale(5),
        )
        .hint(t!("1 is rare, 5 almost certain.")),
        Field::new("impact", t!("Impact before treatment"), Kind::Scale(5))
            .hint(t!("1 is minor, 5 threatens the company.")),
        Field::new(
            "treatment",
            t!("Treatment"),
            Kind::Choice(named(Treatment::ALL)),
        ),
        Field::new(
            "controls",
            t!("Controls that reduce it"),
            controls(recorded),
        ),
        Field::new(
            "residual_likelihood",
            t!("Likelihood after treatment"),
            Kind::Scale(5),
        ),
        Field::new(
            "residual_impact",
            t!("Impact after treatment"),
            Kind::Scale(5),
        ),
        Field::new("owner_role", t!("Owner"), Kind::Line).hint(t!("The role that answers for it.")),
        Field::new("fraud", t!("A scenario of fraud or misuse"), Kind::Flag),
        Field::new("reviewed_on", t!("Reviewed on"), Kind::Day),
    ]
}

fn vendor() -> Vec<Field> {
    vec![
        Field::new("name", t!("Name"), Kind::Line),
        Field::new("tier", t!("Tier"), Kind::Line)
            .hint(t!("Your own tiers, for example critical.")),
        Field::new("services", t!("Supplies"), Kind::Line),
        Field::new("owner_role", t!("Owner"), Kind::Line).hint(t!("The role that answers for it.")),
        Field::new(
            "subservice",
            t!("Is also a subservice organization"),
            Kind::Flag,
        )
        .hint(t!("Its controls are needed together with yours.")),
        Field::new("data", t!("Data it sees"), Kind::Texts)
            .hint(t!("One kind a line; none if it sees none.")),
    ]
}

fn commitment(recorded: &Recorded) -> Vec<Field> {
    let categories = named(&recorded.program.scope.categories);
    vec![
        Field::new("text", t!("What is promised"), Kind::Lines),
        Field::new("category", t!("Category"), Kind::Choice(categories)),
        Field::new(
            "principal",
            t!("Matters to most customers: the report states it"),
            Kind::Flag,
        ),
        Field::new("source", t!("Where it is written"), Kind::Line)
            .hint(t!("For example Terms of service 4.2.")),
        Field::new("criteria", t!("Criteria"), criteria(recorded)),
        Field::new("controls", t!("Controls that keep it"), controls(recorded)),
        Field::new("measure", t!("Measured by"), Kind::Choice(tests(recorded)))
            .hint(t!("The control test that finds whether it was kept."))
            .optional(),
    ]
}

fn requirement(recorded: &Recorded) -> Vec<Field> {
    vec![
        Field::new("text", t!("What the system must do"), Kind::Lines),
        Field::new("source", t!("Where it is written"), Kind::Line),
        Field::new("criteria", t!("Criteria"), criteria(recorded)),
        Field::new("controls", t!("Controls that meet it"), controls(recorded)),
    ]
}

fn subservice(recorded: &Recorded) -> Vec<Field> {
    vec![
        Field::new("name", t!("Name"), Kind::Line),
        Field::new("service", t!("Does for the system"), Kind::Lines),
        Field::new("method", t!("Method"), Kind::Choice(named(SubserviceMethod::ALL))).hint(t!("Carved out: its controls are left out of the description. Inclusive: they are described and tested.")),
        Field::new("criteria", t!("Criteria its controls help to meet"), criteria(recorded)),
        Field::new("monitoring_controls", t!("Your controls that watch it"), controls(recorded)),
    ]
}

fn complementary(recorded: &Recorded) -> Vec<Field> {
    vec![
        Field::new("text", t!("The control"), Kind::Lines),
        Field::new("criteria", t!("Criteria"), criteria(recorded)).hint(t!("At least one.")),
    ]
}

fn incident() -> Vec<Field> {
    let limb = |it: &IncidentLimb| {
        let words = match it {
            IncidentLimb::A => t!("A control was badly designed or did not operate"),
            IncidentLimb::B => t!("A commitment or requirement was missed otherwise"),
            IncidentLimb::None => t!("Neither"),
        };
        (format::serde_name(it), words.to_owned())
    };
    vec![
        Field::new("nature", t!("What happened"), Kind::Lines),
        Field::new("timing", t!("When it happened"), Kind::Line)
            .hint(t!("May stay empty where it is not disclosed.")),
        Field::new("effect", t!("What it affected, and how far"), Kind::Lines),
        Field::new("disposition", t!("How it ended"), Kind::Lines),
        Field::new(
            "limb",
            t!("Reason for disclosure"),
            Kind::Choice(IncidentLimb::ALL.iter().map(limb).collect()),
        ),
        Field::new(
            "significant",
            t!("Is disclosed in the description"),
            Kind::Flag,
        ),
        Field::new(
            "rationale",
            t!("Why it is or is not disclosed"),
            Kind::Lines,
        ),
    ]
}

fn change(recorded: &Recorded) -> Vec<Field> {
    vec![
        Field::new("on", t!("Took effect on"), Kind::Day),
        Field::new("summary", t!("What changed"), Kind::Lines),
        Field::new("before", t!("How things stood before"), Kind::Lines),
        Field::new("after", t!("How they stand after"), Kind::Lines),
        Field::new("controls", t!("Controls it touched"), controls(recorded)),
    ]
}

fn control(recorded: &Recorded) -> Vec<Field> {
    vec![
        Field::new("title", t!("Title"), Kind::Line),
        Field::new("body", t!("What is done"), Kind::Body).hint(t!(
            "In Markdown: who does what, when, and what shows it. The report prints it."
        )),
        Field::new("owner_role", t!("Owner"), Kind::Line).hint(t!("The role that answers for it.")),
        Field::new(
            "frequency",
            t!("Frequency"),
            Kind::Choice(named(Frequency::ALL)),
        ),
        Field::new(
            "also_frequency",
            t!("Also"),
            Kind::Choice(named(Frequency::ALL)),
        )
        .hint(t!("Where it operates in a second rhythm."))
        .optional(),
        Field::new(
            "nature",
            t!("Nature"),
            Kind::Choice(named(ControlNature::ALL)),
        ),
        Field::new(
            "automation",
            t!("Automation"),
            Kind::Choice(named(ControlAutomation::ALL)),
        ),
        Field::new("mode", t!("Tested by"), Kind::Choice(named(TestMode::ALL))),
        Field::new("since", t!("Since"), Kind::Day)
            .hint(t!("Where it began after the period did."))
            .optional(),
        Field::new("criteria", t!("Criteria"), criteria(recorded)),
        Field::new("points_of_focus", t!("Points of focus"), Kind::Texts)
            .hint(t!("Ids, one a line, for example CC6.2-03.")),
        Field::new("tests", t!("Control tests"), Kind::Several(tests(recorded))),
        Field::new("evidence", t!("What shows it"), Kind::Texts).hint(t!("One a line.")),
    ]
}

fn settings(recorded: &Recorded) -> Vec<Field> {
    let calendars = recorded.program.calendars.iter();
    let calendars = calendars.map(|it| (it.id.to_string(), it.id.to_string()));
    let categories = Category::ALL.iter();
    let categories = categories.map(|it| (it.to_string(), format::words(it.title())));
    vec![
        Field::new("organization.name", t!("Legal name"), Kind::Line),
        Field::new("organization.short_name", t!("Short name"), Kind::Line)
            .hint(t!("As the report calls it after the first time.")),
        Field::new(
            "organization.headquarters",
            t!("City and country"),
            Kind::Line,
        ),
        Field::new("organization.time_zone", t!("Time zone"), Kind::Line)
            .hint(t!("Days are counted in it.")),
        Field::new("organization.employees", t!("People"), Kind::Count),
        Field::new("system.name", t!("Name of the system"), Kind::Line),
        Field::new("system.title", t!("Title of the description"), Kind::Line),
        Field::new("system.services", t!("Services it provides"), Kind::Texts)
            .hint(t!("One a line.")),
        Field::new(
            "system.out_of_scope_services",
            t!("Services left out"),
            Kind::Texts,
        )
        .hint(t!("One a line, with what a reader has to know of it.")),
        Field::new(
            "scope.categories",
            t!("Categories in scope"),
            Kind::Several(categories.collect()),
        ),
        Field::new("period.start", t!("The period begins"), Kind::Day),
        Field::new("period.end", t!("The period ends"), Kind::Day),
        Field::new(
            "period.calendar",
            t!("Business calendar"),
            Kind::Choice(calendars.collect()),
        )
        .hint(t!("It says which days are business days.")),
        Field::new(
            "management.signatory_title",
            t!("Who signs management's assertion"),
            Kind::Line,
        )
        .hint(t!("A title, not a name.")),
        Field::new(
            "management.assertion_place",
            t!("Place of the assertion"),
            Kind::Line,
        ),
    ]
}

fn section() -> Vec<Field> {
    let criteria = catalog().description_criteria.iter();
    let criteria = criteria
        .map(|it| (it.id.to_string(), format!("{} {}", it.id, it.title)))
        .collect();
    vec![
        Field::new("criterion", t!("Description criterion"), Kind::Choice(criteria)),
        Field::new("part", t!("Part of the system"), Kind::Choice(named(SystemPart::ALL))).hint(t!("For DC 3 only.")).optional(),
        Field::new("title", t!("Heading"), Kind::Line),
        Field::new("body", t!("Text"), Kind::Body).hint(t!("In Markdown. A number written as [3,184](count:pull_requests) is tied to what is counted.")),
    ]
}

#[cfg(test)]
mod tests_of_ids {
    use super::next;

    #[test]
    fn a_new_id_follows_the_highest() {
        for (ids, expected) in [
            (&[][..], "R-01"),
            (&["R-01", "R-09", "R-03"][..], "R-10"),
            (&["VND-099"][..], "VND-100"),
            (&["aws", "X"][..], "R-01"),
        ] {
            assert_eq!(next(ids.iter().copied(), "R-01"), expected);
        }
    }
}
