//! Service commitments and system requirements: what the company promises,
//! what the system must therefore do, and the controls that both rest on.
//!
//! What must hold: the opinion is about these records, so each shows where it
//! comes from and how its controls stand; a commitment that is measured shows
//! what the measurement found; one that no control keeps is named.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_catalog::{Category, ControlId, ControlTestId, CriterionId};
use tickmark_control_tests::Outcome;
use tickmark_control_tests::events::RunRecorded;
use tickmark_program::{Commitment, RecordId, Requirement};

use super::{Group, Page};
use super::{records, register};
use crate::fault::Answer;
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, tag};
use crate::picture::{Recorded, run_of};
use crate::route::{PROGRAM, get};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The page.
pub static PAGE: Page = Page {
    title: "Commitments",
    icon: "handshake",
    group: Group::Program,
    href: "/commitments",
    access: PROGRAM,
    count: |visit| {
        let program = &visit.recorded().ok()?.program;
        Some(program.commitments.len() + program.requirements.len())
    },
    routes: || vec![get("/commitments", PROGRAM, list)],
};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Principal,
    Commitment,
    Requirement,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Principal, Self::Commitment, Self::Requirement];

    fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Commitment => "commitment",
            Self::Requirement => "requirement",
        }
    }

    /// The register whose form changes it.
    fn register(self) -> &'static str {
        match self {
            Self::Principal | Self::Commitment => "commitment",
            Self::Requirement => "requirement",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Principal => t!("Principal commitment"),
            Self::Commitment => t!("Commitment"),
            Self::Requirement => t!("System requirement"),
        }
    }
}

/// A commitment or a requirement.
struct Row<'r> {
    kind: Kind,
    id: &'r RecordId,
    text: &'r str,
    category: Option<Category>,
    criteria: &'r [CriterionId],
    controls: &'r [ControlId],
    source: &'r str,
    measure: Option<&'r ControlTestId>,
    run: Option<&'r RunRecorded>,
}

fn of_commitment(it: &Commitment) -> Row<'_> {
    Row {
        kind: if it.principal {
            Kind::Principal
        } else {
            Kind::Commitment
        },
        id: &it.id,
        text: &it.text,
        category: Some(it.category),
        criteria: &it.criteria,
        controls: &it.controls,
        source: &it.source,
        measure: it.measure.as_ref(),
        run: None,
    }
}

fn of_requirement(it: &Requirement) -> Row<'_> {
    Row {
        kind: Kind::Requirement,
        id: &it.id,
        text: &it.text,
        category: None,
        criteria: &it.criteria,
        controls: &it.controls,
        source: &it.source,
        measure: None,
        run: None,
    }
}

fn rows<'r>(visit: &'r Visit, recorded: &'r Recorded) -> Answer<Vec<Row<'r>>> {
    let state = &visit.picture()?.state;
    let program = &recorded.program;
    let measured = |mut row: Row<'r>| {
        row.run = row.measure.and_then(|id| run_of(state, id, program.period));
        row
    };
    let commitments = program.commitments.iter().map(of_commitment).map(measured);
    Ok(commitments
        .chain(program.requirements.iter().map(of_requirement))
        .collect())
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let table = table(&visit, recorded, rows(&visit, recorded)?);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("Commitments and requirements"), html! { (t!("What the company promises its customers, and what the system must do to keep it. The report says whether the controls give reasonable assurance of these.")) }, html! {
            (records::add_link(&visit, "commitment", None, t!("Add a commitment")))
            (records::add_link(&visit, "requirement", None, t!("Add a requirement")))
            (parts::button_link(&visit.link("/description"), "book-open", t!("Description")))
        }))
        (findings(recorded))
        section.card { (table.render(&visit)) }
        (register::changes(&visit, "commitments.toml", "/commitments")?)
    };
    Ok(Shown::new(t!("Commitments"), body).in_frame(&visit))
}

/// What no control keeps or meets.
fn findings(recorded: &Recorded) -> Markup {
    let program = &recorded.program;
    let commitments = program
        .commitments_without_controls()
        .into_iter()
        .map(of_commitment);
    let requirements = program
        .requirements_without_controls()
        .into_iter()
        .map(of_requirement);
    let without: Vec<Row<'_>> = commitments.chain(requirements).collect();
    html! { @if !without.is_empty() {
        (parts::card_flush(t!("Without a control"), html! { span.mut { (tn!(without.len(), "{n} record", "{n} records")) } }, html! {
            ul.rows { @for row in &without { li { a.row-link href={ "#" (row.id) } {
                (tag(row.id.as_str()))
                span.grow { b { (row.text) } small { (row.kind.words()) " · " (row.source) } }
                (parts::pill(Tone::Bad, t!("No control")))
            } } } }
        }))
    } }
}

fn table<'v>(visit: &'v Visit, recorded: &'v Recorded, rows: Vec<Row<'v>>) -> Table<'v, Row<'v>> {
    let columns = vec![
        Column::new("id", t!("Id"), |row: &Row| row.id.to_string())
            .show(move |row| records::id_tag(visit, row.kind.register(), None, row.id.as_str())),
        Column::new("text", t!("What is promised or required"), |row: &Row| {
            row.text.to_owned()
        }),
        Column::new("kind", t!("Kind"), |row: &Row| row.kind.words())
            .show(|row| parts::label(row.kind.words()))
            .wide_only(),
        Column::new("category", t!("Category"), |row: &Row| {
            row.category.map(|it| format::words(it.title()))
        })
        .wide_only(),
        Column::new("criteria", t!("Criteria"), |row: &Row| {
            register::joined(row.criteria)
        })
        .show(move |row| register::criterion_tags(visit, row.criteria))
        .wide_only(),
        Column::new("controls", t!("Controls"), move |row: &Row| {
            register::control_words(recorded, row.controls)
        })
        .show(move |row| controls(visit, recorded, row)),
        Column::new("measured", t!("Measured"), |row: &Row| measured_words(row))
            .show(move |row| measured(visit, row)),
        Column::new("source", t!("Where it is written"), |row: &Row| {
            row.source.to_owned()
        })
        .wide_only(),
    ];
    let kinds = Kind::ALL
        .iter()
        .map(|it| (it.as_str().to_owned(), it.words().to_owned()))
        .collect();
    let categories = recorded
        .program
        .scope
        .categories
        .iter()
        .map(|it| (it.as_str().to_owned(), format::words(it.title())))
        .collect();
    let criteria = rows
        .iter()
        .flat_map(|row| row.criteria.iter())
        .map(|id| id.as_str());
    let criteria = register::choices(criteria);
    Table::new("commitments", rows, columns)
        .filter("kind", t!("Any kind"), kinds, |row, choice| row.kind.as_str() == choice)
        .filter("category", t!("Any category"), categories, |row, choice| row.category.is_some_and(|it| it.as_str() == choice))
        .filter("criterion", t!("Any criterion"), criteria, |row, choice| row.criteria.iter().any(|id| id.as_str() == choice))
        .when_empty(parts::empty("handshake", t!("No commitment is recorded yet"),
            t!("Go through the contracts, the terms of service and the published pages for what is promised about the system, and write each into commitments.toml with where it stands and which controls keep it."), html! {}))
}

fn controls(visit: &Visit, recorded: &Recorded, row: &Row<'_>) -> Markup {
    if row.controls.is_empty() {
        return parts::pill(Tone::Bad, t!("No control"));
    }
    register::control_marks(visit, recorded, row.controls)
}

fn measured_words(row: &Row<'_>) -> Option<&'static str> {
    row.measure?;
    Some(match row.run.map(|run| &run.outcome) {
        None => t!("Not run"),
        Some(Outcome::NoDeviations) => t!("No deviations"),
        Some(Outcome::Deviations) => t!("Deviations"),
        Some(Outcome::NoOccurrence) => t!("No occurrence"),
        Some(Outcome::NotTested { .. }) => t!("Not tested"),
    })
}

/// What the test found that measures a commitment.
fn measured(visit: &Visit, row: &Row<'_>) -> Markup {
    html! { @match (row.measure, row.run) {
        (None, _) => { span.mut { "–" } }
        (Some(id), run) => { a.link href=(visit.link(&format!("/tests/{id}"))) {
            @match run { Some(run) => (parts::outcome(&run.outcome)), None => (parts::pill(Tone::Warn, t!("Not run"))) }
        } }
    } }
}
