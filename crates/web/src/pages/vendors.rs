//! Vendors: the register with the reviews that the populations hold, the
//! subservice organizations with the controls assumed there, and what user
//! entities must do themselves.
//!
//! What must hold: a review comes from a population or is not shown at all; a
//! criterion for which nothing is assumed at an organization that is meant to
//! help meet it is named; a mere responsibility is never called a control.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use tickmark_access::Action;
use tickmark_catalog::{ControlId, CriterionId, catalog};
use tickmark_program::{
    ComplementaryControl, Control, RecordId, SubserviceMethod, SubserviceOrganization, Vendor,
};

use super::{Group, Page};
use super::{records, register};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, icon, tag, tag_link};
use crate::picture::{Recorded, run_of};
use crate::route::{PROGRAM, get};
use crate::rows::Row;
use crate::strings::{t, tn};
use crate::visit::Visit;

/// The dataset that says which vendor was reviewed when.
const REVIEWS: &str = "vendor_reviews";

/// Controls shown as marks before the rest is only counted.
const SHOWN_MARKS: usize = 4;

/// The page.
pub static PAGE: Page = Page {
    title: "Vendors",
    icon: "building-2",
    group: Group::Risk,
    href: "/vendors",
    access: PROGRAM,
    count: |visit| Some(visit.recorded().ok()?.program.vendors.len()),
    routes: || {
        vec![
            get("/vendors", PROGRAM, list),
            get("/vendors/{id}", PROGRAM, show),
            get("/vendors/subservice", PROGRAM, subservices),
            get("/vendors/subservice/{id}", PROGRAM, subservice),
            get("/vendors/user-entities", PROGRAM, user_entities),
        ]
    },
};

/// The rows of the vendor reviews; `None` when they were never imported.
async fn reviews(visit: &Visit) -> Answer<Option<Arc<Vec<Row>>>> {
    if visit.picture()?.state.evidence.current(REVIEWS).is_empty() {
        return Ok(None);
    }
    Ok(Some(crate::rows::of(visit, REVIEWS).await?))
}

fn cell<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column).map(String::as_str)
}

fn day(row: &Row, column: &str) -> Option<Date> {
    cell(row, column)?.parse().ok()
}

/// A vendor with its last review.
struct Line<'r> {
    vendor: &'r Vendor,
    last: Option<&'r Row>,
}

fn lines<'r>(recorded: &'r Recorded, reviews: &'r [Row]) -> Vec<Line<'r>> {
    let of = |vendor: &'r Vendor| {
        let of_vendor = reviews
            .iter()
            .filter(|row| cell(row, "vendor_id") == Some(vendor.id.as_str()));
        Line {
            vendor,
            last: of_vendor.max_by_key(|row| day(row, "reviewed_on")),
        }
    };
    recorded.program.vendors.iter().map(of).collect()
}

/// The head and tabs of the three lists.
fn framed(visit: &Visit, recorded: &Recorded, tab: &str, below: &str, body: Markup) -> Response {
    let program = &recorded.program;
    let body = html! {
        (head(t!("Vendors"), html! { (below) }, adding(visit, tab)))
        (parts::tabs(t!("Vendors"), &[
            (t!("Vendors"), Some(program.vendors.len()), visit.link("/vendors"), tab == "vendors"),
            (t!("Subservice organizations"), Some(program.subservices.len()), visit.link("/vendors/subservice"), tab == "subservice"),
            (t!("User entity controls"), Some(program.cuecs.len()), visit.link("/vendors/user-entities"), tab == "user-entities"),
        ]))
        (body)
    };
    Shown::new(t!("Vendors"), body).in_frame(visit)
}

/// What can be added to the list shown.
fn adding(visit: &Visit, tab: &str) -> Markup {
    let (file, register, text) = match tab {
        "subservice" => ("subservice.toml", "subservice", t!("Add an organization")),
        "user-entities" => ("subservice.toml", "cuec", t!("Add a control")),
        _ => ("vendors.toml", "vendor", t!("Add a vendor")),
    };
    html! {
        (super::edit::link(visit, file, t!("Edit the file")))
        (records::add_link(visit, register, None, text))
    }
}

async fn list(visit: Visit) -> Answer<Response> {
    let reviews = reviews(&visit).await?;
    let recorded = visit.recorded()?;
    let is_known = reviews.is_some();
    let rows = reviews.as_deref().map(Vec::as_slice).unwrap_or_default();
    let table = vendor_table(&visit, recorded, lines(recorded, rows), is_known);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        @if !is_known { (never_imported(&visit)) }
        section.card { (table.render(&visit)) }
        (tests_of_reviews(&visit, recorded)?)
    };
    Ok(framed(
        &visit,
        recorded,
        "vendors",
        t!("Who supplies what, what data they see, and when they were last reviewed."),
        body,
    ))
}

fn never_imported(visit: &Visit) -> Markup {
    let may = visit.may(Action::ImportPopulation);
    parts::note(
        Tone::Warn,
        html! {
            b { (t!("Reviews of vendors were never imported.")) } " "
            (t!("So this page cannot say who was reviewed.")) " "
            @if may { a.link href="/evidence/upload" { (t!("Upload an export as `vendor_reviews`")) } }
        },
    )
}

fn vendor_table<'v>(
    visit: &'v Visit,
    recorded: &'v Recorded,
    rows: Vec<Line<'v>>,
    is_known: bool,
) -> Table<'v, Line<'v>> {
    let vendors = &recorded.program.vendors;
    let columns = vec![
        Column::new("name", t!("Vendor"), |row: &Line| row.vendor.name.clone())
            .show(move |row| html! { a.t href=(visit.link(&format!("/vendors/{}", row.vendor.id))) { (row.vendor.name) } small { (row.vendor.id) } }),
        Column::new("tier", t!("Tier"), |row: &Line| row.vendor.tier.clone()).show(|row| parts::label(&format::words(&row.vendor.tier))),
        Column::new("services", t!("Supplies"), |row: &Line| row.vendor.services.clone()),
        Column::new("owner", t!("Owner"), |row: &Line| row.vendor.owner_role.clone()).show(|row| parts::person(&row.vendor.owner_role)).wide_only(),
        Column::new("subservice", t!("Subservice organization"), |row: &Line| yes_or_no(row.vendor.subservice)).wide_only(),
        Column::new("data", t!("Data it sees"), |row: &Line| row.vendor.data.join(", ")).wide_only(),
        Column::new("reviewed", t!("Last review"), |row: &Line| row.last.and_then(|it| day(it, "reviewed_on"))).show(move |row| last_review(row, is_known)),
        Column::new("outcome", t!("Outcome"), |row: &Line| row.last.and_then(|it| cell(it, "outcome")).map(str::to_owned))
            .show(|row| html! { @match row.last { Some(it) => (outcome(it)), None => "–" } }).wide_only(),
    ];
    Table::new("vendors", rows, columns)
        .filter("tier", t!("Any tier"), register::choices(vendors.iter().map(|it| it.tier.as_str())), |row, choice| row.vendor.tier == choice)
        .filter("owner", t!("Any owner"), register::choices(vendors.iter().map(|it| it.owner_role.as_str())), |row, choice| row.vendor.owner_role == choice)
        .filter("subservice", t!("Subservice or not"), vec![("yes".into(), t!("Subservice organizations").into()), ("no".into(), t!("Other vendors").into())],
            |row, choice| row.vendor.subservice == (choice == "yes"))
        .when_empty(parts::empty("building-2", t!("The register has no vendor yet"),
            t!("List every supplier in vendors.toml with its tier, what it supplies and the data it sees. Those whose controls yours depend on are subservice organizations as well."), html! {}))
}

fn yes_or_no(is: bool) -> &'static str {
    if is { t!("Yes") } else { t!("No") }
}

fn last_review(row: &Line<'_>, is_known: bool) -> Markup {
    match row.last.and_then(|it| day(it, "reviewed_on")) {
        Some(on) => html! { time datetime=(on) { (format::day(on)) } },
        None if is_known => parts::pill(Tone::Warn, t!("None on record")),
        None => parts::pill(Tone::Idle, t!("Not known")),
    }
}

fn outcome(review: &Row) -> Markup {
    match cell(review, "outcome") {
        Some("accepted") => parts::pill(Tone::Ok, t!("Accepted")),
        Some("accepted_with_actions") => parts::pill(Tone::Warn, t!("Accepted with actions")),
        Some("rejected") => parts::pill(Tone::Bad, t!("Rejected")),
        Some(other) => parts::label(&format::words(other)),
        None => parts::pill(Tone::Idle, t!("Not said")),
    }
}

fn report_words(review: &Row) -> String {
    match cell(review, "report_type") {
        Some("soc2_type2") => t!("SOC 2 Type 2").to_owned(),
        Some("iso27001") => t!("ISO/IEC 27001").to_owned(),
        Some("none") => t!("No report").to_owned(),
        Some(other) => format::words(other),
        None => String::new(),
    }
}

/// The control tests that read the reviews, with what came out.
fn tests_of_reviews(visit: &Visit, recorded: &Recorded) -> Answer<Markup> {
    let state = &visit.picture()?.state;
    let reads = |table: &String| tickmark_control_tests::dataset_of(table) == REVIEWS;
    let tests: Vec<_> = recorded
        .tests
        .values()
        .map(|(_, test)| test)
        .filter(|test| test.reads.iter().any(reads))
        .collect();
    Ok(html! { @if !tests.is_empty() {
        (parts::card_flush(t!("Tests of the reviews"), html! {}, html! {
            ul.rows { @for test in tests { @let run = run_of(state, &test.id, recorded.program.period);
                li { a.row-link href=(visit.link(&format!("/tests/{}", test.id))) {
                    (icon("flask-conical"))
                    span.grow { b { (test.title) } small { (register::joined(&test.controls)) } }
                    @match run { Some(run) => (parts::outcome(&run.outcome)), None => (parts::pill(Tone::Warn, t!("Not run"))) }
                } }
            } }
        }))
    } })
}

async fn show(visit: Visit) -> Answer<Response> {
    let reviews = reviews(&visit).await?;
    let recorded = visit.recorded()?;
    let id: RecordId = visit.parsed("id")?;
    let vendor = recorded
        .program
        .vendors
        .iter()
        .find(|it| it.id == id)
        .ok_or(Fault::NotFound)?;
    let is_known = reviews.is_some();
    let rows = reviews.as_deref().map(Vec::as_slice).unwrap_or_default();
    let table = review_table(
        &visit,
        rows.iter()
            .filter(|row| cell(row, "vendor_id") == Some(id.as_str()))
            .collect(),
    );
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        div.page-head { div {
            div.row.wrap { (tag(id.as_str())) (parts::label(&format::words(&vendor.tier))) @if vendor.subservice { (parts::pill(Tone::Note, t!("Subservice organization"))) } }
            h1.mt8 { (vendor.name) }
            p { (vendor.services) }
        } div.row.wrap { (records::edit_link(&visit, "vendor", None, id.as_str())) } }
        div.grid.g-detail {
            div.stack {
                @if is_known { section.card { header { h2 { (t!("Reviews")) } } (table.render(&visit)) } } @else { (never_imported(&visit)) }
                (tests_of_reviews(&visit, recorded)?)
                (register::changes(&visit, "vendors.toml", "/vendors")?)
            }
            aside.stack { (vendor_side(&visit, vendor)) }
        }
    };
    Ok(Shown::new(vendor.name.clone(), body)
        .below("/vendors", t!("Vendors"))
        .in_frame(&visit))
}

fn vendor_side(visit: &Visit, vendor: &Vendor) -> Markup {
    html! {
        (parts::properties(&[
            (t!("Owner"), parts::person(&vendor.owner_role)),
            (t!("Tier"), html! { (format::words(&vendor.tier)) }),
            (t!("Supplies"), html! { (vendor.services) }),
        ]))
        section.side-sec { h2 { (t!("Data it sees")) }
            @if vendor.data.is_empty() { p.mut { (t!("none")) } }
            div.row.wrap { @for it in &vendor.data { (parts::label(it)) } }
        }
        @if vendor.subservice { section.side-sec { h2 { (t!("Also a subservice organization")) }
            a.linkrow href=(visit.link("/vendors/subservice")) { (icon("building-2")) span { (t!("The controls assumed there")) } }
        } }
    }
}

fn review_table<'v>(visit: &'v Visit, rows: Vec<&'v Row>) -> Table<'v, &'v Row> {
    let text = |column: &'static str| move |row: &&Row| cell(row, column).map(str::to_owned);
    let mut columns = vec![
        Column::new("reviewed", t!("Reviewed"), |row: &&Row| {
            day(row, "reviewed_on")
        }),
        Column::new("kind", t!("Kind"), |row: &&Row| {
            cell(row, "kind").map(format::words)
        }),
        Column::new("report", t!("Report read"), |row: &&Row| report_words(row)),
        Column::new("until", t!("Report until"), |row: &&Row| {
            day(row, "report_period_end")
        }),
        Column::new("bridge", t!("Bridge letter"), |row: &&Row| {
            cell(row, "has_bridge_letter").map(|it| yes_or_no(it == "true"))
        })
        .wide_only(),
        Column::new("outcome", t!("Outcome"), text("outcome")).show(|row| outcome(row)),
    ];
    // Who reviewed is personal; the address stays with those who may see people.
    if visit.may(Action::ViewPeople) {
        columns.push(Column::new("reviewer", t!("Reviewer"), text("reviewer_email")).wide_only());
    }
    Table::new("vendor-reviews", rows, columns).when_empty(parts::empty("clipboard-check", t!("No review of this vendor is on record"),
        t!("The imported reviews have none of it. Review it, record that where reviews are kept, and import the reviews again."), html! {}))
}

fn method_words(method: SubserviceMethod) -> &'static str {
    match method {
        SubserviceMethod::CarveOut => t!("Carved out"),
        SubserviceMethod::Inclusive => t!("Inclusive"),
    }
}

async fn subservices(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let table = subservice_table(&visit, recorded);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let missing = recorded.program.subservice_criteria_without_controls();
    let body = html! {
        @if !missing.is_empty() {
            (parts::note(Tone::Warn, html! {
                b { (tn!(missing.len(), "For {n} criterion nothing is assumed at an organization that should help meet it.", "For {n} criteria nothing is assumed at an organization that should help meet them.")) } " "
                (missing.iter().map(|(name, id)| format!("{name}: {id}")).collect::<Vec<_>>().join(", "))
            }))
        }
        section.card { (table.render(&visit)) }
    };
    Ok(framed(
        &visit,
        recorded,
        "subservice",
        t!("Vendors whose controls are needed together with the company's own."),
        body,
    ))
}

fn subservice_table<'v>(
    visit: &'v Visit,
    recorded: &'v Recorded,
) -> Table<'v, &'v SubserviceOrganization> {
    let columns = vec![
        Column::new("name", t!("Organization"), |row: &&SubserviceOrganization| row.name.clone())
            .show(move |row| html! { a.t href=(visit.link(&format!("/vendors/subservice/{}", row.id))) { (row.name) } small { (row.id) } }),
        Column::new("service", t!("Does for the system"), |row: &&SubserviceOrganization| row.service.clone()).wide_only(),
        Column::new("method", t!("Method"), |row: &&SubserviceOrganization| method_words(row.method)).show(|row| parts::label(method_words(row.method))),
        Column::new("criteria", t!("Criteria"), |row: &&SubserviceOrganization| row.criteria.len()),
        Column::new("assumed", t!("Controls assumed there"), |row: &&SubserviceOrganization| row.controls.len()),
        Column::new("watched", t!("Watched by"), move |row: &&SubserviceOrganization| register::control_words(recorded, &row.monitoring_controls))
            .show(move |row| register::control_marks(visit, recorded, &row.monitoring_controls)),
    ];
    let methods = SubserviceMethod::ALL
        .iter()
        .map(|it| (it.as_str().to_owned(), method_words(*it).to_owned()))
        .collect();
    Table::new("subservice-organizations", recorded.program.subservices.iter().collect(), columns)
        .filter("method", t!("Any method"), methods, |row, choice| row.method.as_str() == choice)
        .when_empty(parts::empty("cloud", t!("No subservice organization is recorded"),
            t!("A vendor whose controls must work for yours to meet a criterion, such as a hosting provider, is one. List it in subservice.toml with the criteria, the controls assumed there and your controls that watch it."), html! {}))
}

/// A criterion that an organization helps to meet, with one control assumed
/// there, or with none.
struct Assumed<'r> {
    criterion: CriterionId,
    control: Option<&'r ComplementaryControl>,
}

fn assumed(organization: &SubserviceOrganization) -> Vec<Assumed<'_>> {
    let of_controls = organization
        .controls
        .iter()
        .flat_map(|it| it.criteria.iter());
    let criteria: BTreeSet<CriterionId> = organization
        .criteria
        .iter()
        .chain(of_controls)
        .copied()
        .collect();
    let mut rows = Vec::new();
    for criterion in criteria {
        let before = rows.len();
        let found = organization
            .controls
            .iter()
            .filter(|it| it.criteria.contains(&criterion));
        rows.extend(found.map(|control| Assumed {
            criterion,
            control: Some(control),
        }));
        if rows.len() == before {
            rows.push(Assumed {
                criterion,
                control: None,
            });
        }
    }
    rows
}

async fn subservice(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let id: RecordId = visit.parsed("id")?;
    let organization = recorded
        .program
        .subservices
        .iter()
        .find(|it| it.id == id)
        .ok_or(Fault::NotFound)?;
    let table = assumed_table(&visit, recorded, organization);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        div.page-head { div {
            div.row.wrap { (tag(id.as_str())) (parts::label(method_words(organization.method))) }
            h1.mt8 { (organization.name) }
            p { (organization.service) }
        } div.row.wrap {
            (records::add_link(&visit, "csoc", Some(id.as_str()), t!("Add a control")))
            (records::edit_link(&visit, "subservice", None, id.as_str()))
        } }
        (method_note(organization.method))
        (monitoring(&visit, recorded, organization))
        section.card { header { div { h2 { (t!("Controls assumed there, by criterion")) } p { (t!("each watched by the controls above")) } } } (table.render(&visit)) }
        (register::changes(&visit, "subservice.toml", "/vendors/subservice")?)
    };
    Ok(Shown::new(organization.name.clone(), body)
        .below("/vendors/subservice", t!("Subservice organizations"))
        .in_frame(&visit))
}

fn method_note(method: SubserviceMethod) -> Markup {
    parts::note(
        Tone::Note,
        html! { @match method {
            SubserviceMethod::CarveOut => { (t!("Its controls are left out of the description and are not tested here: the report says which are assumed, and the company shows that it watches the organization.")) }
            SubserviceMethod::Inclusive => { (t!("Its controls are described and tested together with the company's own; it gives an assertion of its own.")) }
        } },
    )
}

fn monitoring(visit: &Visit, recorded: &Recorded, organization: &SubserviceOrganization) -> Markup {
    let controls = &organization.monitoring_controls;
    parts::card_flush(
        t!("The company's controls that watch it"),
        html! { span.mut { (tn!(controls.len(), "{n} control", "{n} controls")) } },
        html! {
            @if controls.is_empty() { p.none { (t!("No control watches it: what is assumed there rests on nothing.")) } }
            (register::control_rows(visit, recorded, controls))
        },
    )
}

fn assumed_table<'v>(
    visit: &'v Visit,
    recorded: &'v Recorded,
    organization: &'v SubserviceOrganization,
) -> Table<'v, Assumed<'v>> {
    let watching = &organization.monitoring_controls;
    let columns = vec![
        Column::new("criterion", t!("Criterion"), |row: &Assumed| row.criterion.to_string())
            .show(move |row| tag_link(&visit.link(&format!("/criteria/{}", row.criterion)), row.criterion.as_str())),
        Column::new("asks", t!("What it asks"), |row: &Assumed| summary(row.criterion)).wide_only(),
        Column::new("id", t!("Control"), |row: &Assumed| row.control.map(|it| it.id.to_string()))
            .show(move |row| html! { @match row.control { Some(it) => (records::id_tag(visit, "csoc", Some(organization.id.as_str()), it.id.as_str())), None => (parts::pill(Tone::Warn, t!("None assumed"))) } }),
        Column::new("text", t!("What is assumed"), |row: &Assumed| row.control.map(|it| it.text.clone())),
        Column::new("watched", t!("Watched by"), move |_: &Assumed| register::control_words(recorded, watching))
            .show(move |_| register::control_marks(visit, recorded, watching)).wide_only(),
    ];
    let rows = assumed(organization);
    let criteria = rows
        .iter()
        .map(|it| it.criterion.to_string())
        .collect::<Vec<_>>();
    let choices = register::choices(criteria.iter().map(String::as_str));
    Table::new("assumed-controls", rows, columns)
        .filter("criterion", t!("Any criterion"), choices, |row, choice| row.criterion.as_str() == choice)
        .when_empty(parts::empty("cloud", t!("Nothing is assumed there"), t!("Say in subservice.toml which criteria it helps to meet and by which controls of its own."), html! {}))
}

fn summary(id: CriterionId) -> &'static str {
    catalog().criterion(id).map_or("", |it| it.summary.as_str())
}

/// A complementary user entity control with the company's controls of the same
/// criteria.
struct Complement<'r> {
    control: &'r ComplementaryControl,
    own: Vec<&'r ControlId>,
}

fn complements(recorded: &Recorded) -> Vec<Complement<'_>> {
    let own = |criteria: &[CriterionId]| {
        let shares = |it: &&Control| {
            it.definition
                .criteria
                .iter()
                .any(|id| criteria.contains(id))
        };
        recorded
            .program
            .controls
            .iter()
            .filter(shares)
            .map(|it| &it.definition.id)
            .collect::<Vec<_>>()
    };
    recorded
        .program
        .cuecs
        .iter()
        .map(|control| Complement {
            control,
            own: own(&control.criteria),
        })
        .collect()
}

async fn user_entities(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let table = complement_table(&visit, recorded);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let duties = &recorded.program.user_responsibilities;
    let body = html! {
        section.card { (table.render(&visit)) }
        (parts::card_flush(t!("Responsibilities of user entities"), html! { span.mut { (t!("no criterion needs them, so they are not controls")) } }, html! {
            @if duties.is_empty() { p.none { (t!("None is recorded.")) } }
            ul.rows { @for duty in duties { li { div.row-link { (icon("users")) span.grow { (duty) } } } } }
        }))
    };
    Ok(framed(
        &visit,
        recorded,
        "user-entities",
        t!("What customers must do so that the company's controls meet the criteria."),
        body,
    ))
}

fn complement_table<'v>(visit: &'v Visit, recorded: &'v Recorded) -> Table<'v, Complement<'v>> {
    let columns = vec![
        Column::new("id", t!("Control"), |row: &Complement| row.control.id.to_string()).show(move |row| records::id_tag(visit, "cuec", None, row.control.id.as_str())),
        Column::new("text", t!("What user entities do"), |row: &Complement| row.control.text.clone()),
        Column::new("criteria", t!("Criteria"), |row: &Complement| register::joined(&row.control.criteria)).show(move |row| register::criterion_tags(visit, &row.control.criteria)),
        Column::new("own", t!("The company's controls of these criteria"), move |row: &Complement| register::control_words(recorded, row.own.iter().copied()))
            .show(move |row| html! {
                (register::control_marks(visit, recorded, row.own.iter().copied().take(SHOWN_MARKS)))
                @if row.own.len() > SHOWN_MARKS { span.mut { (t!("and {n} more", n = row.own.len() - SHOWN_MARKS)) } }
            }).wide_only(),
    ];
    let criteria = recorded
        .program
        .cuecs
        .iter()
        .flat_map(|it| it.criteria.iter())
        .map(|id| id.as_str());
    Table::new("user-entity-controls", complements(recorded), columns)
        .filter("criterion", t!("Any criterion"), register::choices(criteria), |row, choice| row.control.criteria.iter().any(|id| id.as_str() == choice))
        .when_empty(parts::empty("users", t!("No user entity control is recorded"),
            t!("Where a criterion is met only if customers do their part, such as removing their own leavers, say so in subservice.toml."), html! {}))
}

#[cfg(test)]
mod tests {
    use tickmark_program::{ComplementaryControl, SubserviceMethod, SubserviceOrganization};

    use super::assumed;

    #[test]
    fn a_criterion_without_an_assumed_control_stays_in_the_list() {
        let control = ComplementaryControl {
            id: "CSOC-01".parse().unwrap(),
            text: "Doors are locked.".to_owned(),
            criteria: vec!["CC6.4".parse().unwrap()],
        };
        let organization = SubserviceOrganization {
            id: "host".parse().unwrap(),
            name: "Host".to_owned(),
            service: "Hosting".to_owned(),
            method: SubserviceMethod::CarveOut,
            criteria: vec!["CC6.4".parse().unwrap(), "A1.2".parse().unwrap()],
            monitoring_controls: Vec::new(),
            controls: vec![control],
        };
        let rows: Vec<(&str, bool)> = assumed(&organization)
            .iter()
            .map(|it| (it.criterion.as_str(), it.control.is_some()))
            .collect();
        assert_eq!(rows, [("CC6.4", true), ("A1.2", false)]);
    }
}
