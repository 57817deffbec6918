//! Risks: the register as a map of likelihood and impact and as a table, and
//! each risk with what is done about it, by which controls, and how they stand.
//!
//! What must hold: ratings are the register's own and never computed from
//! tests; the map and the table count the same risks; a risk that is to be
//! reduced, but by no control, is named.

use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use tickmark_program::{RecordId, Risk, Treatment};

use super::{Group, Page};
use super::{records, register};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, tag, tag_link};
use crate::picture::Recorded;
use crate::route::{PROGRAM, get};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// Months after which a risk is to be looked at again.
const REVIEW_MONTHS: i64 = 12;

/// Where the cells of the map begin.
const LEFT: i32 = 48;

/// Width and height of a cell with its gap.
const STEP: (i32, i32) = (100, 44);

/// The page.
pub static PAGE: Page = Page {
    title: "Risks",
    icon: "triangle-alert",
    group: Group::Risk,
    href: "/risks",
    access: PROGRAM,
    count: |visit| Some(visit.recorded().ok()?.program.risks.len()),
    routes: || {
        vec![
            get("/risks", PROGRAM, list),
            get("/risks/{id}", PROGRAM, show),
        ]
    },
};

/// Which rating the map and its cells go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// Before treatment.
    Inherent,
    /// After treatment.
    Residual,
}

impl View {
    fn of(visit: &Visit) -> Self {
        match visit.asked("view") {
            Some("residual") => Self::Residual,
            _ => Self::Inherent,
        }
    }

    /// As a value of the query; the first is what an address without one means.
    fn asked(self) -> &'static str {
        match self {
            Self::Inherent => "",
            Self::Residual => "residual",
        }
    }

    /// Likelihood and impact.
    fn place(self, risk: &Risk) -> (u8, u8) {
        match self {
            Self::Inherent => (risk.likelihood, risk.impact),
            Self::Residual => (risk.residual_likelihood, risk.residual_impact),
        }
    }
}

/// How high a rating is: the three bands that most registers draw.
fn level(rating: u8) -> (Tone, &'static str) {
    match rating {
        15.. => (Tone::Bad, t!("High")),
        8..15 => (Tone::Warn, t!("Medium")),
        _ => (Tone::Ok, t!("Low")),
    }
}

fn rating(rating: u8) -> Markup {
    let (tone, level) = level(rating);
    parts::pill(
        tone,
        &t!("{rating} {level}", rating = rating, level = level),
    )
}

fn next_review(risk: &Risk) -> Option<Date> {
    risk.reviewed_on.checked_add(REVIEW_MONTHS.months()).ok()
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let view = View::of(&visit);
    let table = table(&visit, recorded, view);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let risks = &recorded.program.risks;
    let body = html! {
        (head(t!("Risks"), html! { (t!("What could keep the company from what it promises, and what is done about it.")) }, html! {
            (super::edit::link(&visit, "risks.toml", t!("Edit the file")))
            (records::add_link(&visit, "risk", None, t!("Add a risk")))
        }))
        @if !risks.is_empty() {
            div.grid.g-2-1 {
                (map_card(&visit, risks, view))
                (findings(&visit, recorded))
            }
        }
        section.card #register { (table.render(&visit)) }
    };
    Ok(Shown::new(t!("Risks"), body).in_frame(&visit))
}

fn table<'v>(visit: &'v Visit, recorded: &'v Recorded, view: View) -> Table<'v, &'v Risk> {
    let today = recorded.day(visit.now());
    let href = move |risk: &Risk| visit.link(&format!("/risks/{}", risk.id));
    let columns = vec![
        Column::new("id", t!("Risk"), |row: &&Risk| row.id.to_string()).show(move |row| tag_link(&href(row), row.id.as_str())),
        Column::new("title", t!("What could happen"), |row: &&Risk| row.title.clone())
            .show(move |row| html! { a.t href=(href(row)) { (row.title) } @if row.fraud { small { (t!("fraud scenario")) } } }),
        Column::new("category", t!("Category"), |row: &&Risk| row.category.clone()).wide_only(),
        Column::new("inherent", t!("Before treatment"), |row: &&Risk| u64::from(row.inherent_rating())).show(|row| rating(row.inherent_rating())),
        Column::new("residual", t!("After treatment"), |row: &&Risk| u64::from(row.residual_rating())).show(|row| rating(row.residual_rating())),
        Column::new("treatment", t!("Treatment"), |row: &&Risk| format::named(&row.treatment)).wide_only(),
        Column::new("owner", t!("Owner"), |row: &&Risk| row.owner_role.clone()).show(|row| parts::person(&row.owner_role)).wide_only(),
        Column::new("reviewed", t!("Reviewed"), |row: &&Risk| row.reviewed_on)
            .show(move |row| html! { time datetime=(row.reviewed_on) { (format::day(row.reviewed_on)) } @if register::is_overdue(next_review(row), today) { " " (parts::pill(Tone::Bad, t!("Overdue"))) } })
            .wide_only(),
        Column::new("controls", t!("Controls"), |row: &&Risk| row.controls.len()),
    ];
    let table = Table::new("risks", recorded.program.risks.iter().collect(), columns);
    filtered(table, recorded, view, today).when_empty(parts::empty(
        "triangle-alert",
        t!("The register has no risk yet"),
        t!("Ask of every commitment what could keep you from it: by mistake, on purpose, by failure or by nature. Write each answer into risks.toml with how likely it is, what it would do, and the controls that reduce it."),
        html! {},
    ))
}

fn filtered<'v>(
    table: Table<'v, &'v Risk>,
    recorded: &'v Recorded,
    view: View,
    today: Date,
) -> Table<'v, &'v Risk> {
    let risks = &recorded.program.risks;
    let treatments = Treatment::ALL
        .iter()
        .map(|it| (it.as_str().to_owned(), format::named(it)))
        .collect();
    table
        .filter(
            "treatment",
            t!("Any treatment"),
            treatments,
            |row, choice| row.treatment.as_str() == choice,
        )
        .filter(
            "category",
            t!("Any category"),
            register::choices(risks.iter().map(|it| it.category.as_str())),
            |row, choice| row.category == choice,
        )
        .filter(
            "owner",
            t!("Any owner"),
            register::choices(risks.iter().map(|it| it.owner_role.as_str())),
            |row, choice| row.owner_role == choice,
        )
        .filter(
            "likelihood",
            t!("Any likelihood"),
            scale(|n| t!("Likelihood {n}", n = n)),
            move |row, choice| view.place(row).0.to_string() == choice,
        )
        .filter(
            "impact",
            t!("Any impact"),
            scale(|n| t!("Impact {n}", n = n)),
            move |row, choice| view.place(row).1.to_string() == choice,
        )
        .filter(
            "review",
            t!("Reviewed or not"),
            vec![
                ("overdue".into(), t!("Review overdue").into()),
                ("current".into(), t!("Review current").into()),
            ],
            move |row, choice| {
                register::is_overdue(next_review(row), today) == (choice == "overdue")
            },
        )
        // Leaves nothing out: it says by which rating the two before it go, and
        // keeps the choice when the others are applied.
        .filter(
            "view",
            t!("Rated before treatment"),
            vec![("residual".into(), t!("Rated after treatment").into())],
            |_, _| true,
        )
}

fn scale(words: impl Fn(u8) -> String) -> Vec<(String, String)> {
    (1..=5u8).map(|n| (n.to_string(), words(n))).collect()
}

fn map_card(visit: &Visit, risks: &[Risk], view: View) -> Markup {
    let to = |view: View| {
        visit.with(&[
            ("view", view.asked()),
            ("likelihood", ""),
            ("impact", ""),
            ("page", ""),
        ])
    };
    html! {
        section.card {
            header { div { h2 { (t!("Likelihood and impact")) } p { (tn!(risks.len(), "{n} risk; a cell leads to its risks", "{n} risks; a cell leads to its risks")) } } }
            div.body.stack {
                (parts::tabs(t!("Rating"), &[
                    (t!("Before treatment"), None, to(View::Inherent), view == View::Inherent),
                    (t!("After treatment"), None, to(View::Residual), view == View::Residual),
                ]))
                (map(visit, risks, view))
                (parts::legend(&[(Tone::Ok, t!("Low, 1 to 7")), (Tone::Warn, t!("Medium, 8 to 14")), (Tone::Bad, t!("High, 15 to 25"))]))
                p.mut { (t!("The small number in a cell is its rating, likelihood times impact; the large one counts its risks.")) }
            }
        }
    }
}

/// The map. Its cells are links, so it is a group and not one image: an image
/// would hide them from whoever hears the page.
fn map(visit: &Visit, risks: &[Risk], view: View) -> Markup {
    let cell = |likelihood: u8, impact: u8| {
        let count = risks
            .iter()
            .filter(|risk| view.place(risk) == (likelihood, impact))
            .count();
        filled_cell(visit, view, (likelihood, impact), count)
    };
    html! {
        svg.chart.heat viewBox="0 0 548 258" role="group" aria-label=(t!("Risks by likelihood and impact")) { (grid(cell)) }
    }
}

fn filled_cell(visit: &Visit, view: View, place: (u8, u8), count: usize) -> Markup {
    let (likelihood, impact) = place;
    if count == 0 {
        return tile(place, "0.1");
    }
    let (x, y) = corner(place);
    let level = level(likelihood * impact).1;
    let words = tn!(
        count,
        "{n} risk of likelihood {likelihood} and impact {impact}: {level}",
        "{n} risks of likelihood {likelihood} and impact {impact}: {level}",
        likelihood = likelihood,
        impact = impact,
        level = level
    );
    let href = visit.with_base(
        "/risks",
        &[
            ("view", view.asked()),
            ("likelihood", &likelihood.to_string()),
            ("impact", &impact.to_string()),
        ],
    );
    html! {
        a href={ (href) "#register" } aria-label=(words) {
            title { (words) }
            (tile(place, "0.3"))
            text.count x=(x + 48) y=(y + 27) text-anchor="middle" { (count) }
        }
    }
}

/// The upper left corner of a cell; impact grows upwards.
fn corner((likelihood, impact): (u8, u8)) -> (i32, i32) {
    (
        LEFT + (i32::from(likelihood) - 1) * STEP.0,
        (5 - i32::from(impact)) * STEP.1,
    )
}

/// A cell in the colour of its level, with its rating.
fn tile(place: (u8, u8), opacity: &str) -> Markup {
    let (x, y) = corner(place);
    let rating = place.0 * place.1;
    html! {
        rect class={ "cell f-" (level(rating).0.class()) } fill-opacity=(opacity) x=(x) y=(y) width=(STEP.0 - 4) height=(STEP.1 - 4) rx="6" {}
        text.rating x=(x + 8) y=(y + 15) { (rating) }
    }
}

/// The axes, and in every place what `cell` draws there.
fn grid(cell: impl Fn(u8, u8) -> Markup) -> Markup {
    html! {
        text x="12" y="110" text-anchor="middle" transform="rotate(-90 12 110)" { (t!("Impact")) }
        text x="296" y="254" text-anchor="middle" { (t!("Likelihood")) }
        @for n in 1..=5u8 {
            text x="36" y=(corner((1, n)).1 + 24) text-anchor="end" { (n) }
            text x=(corner((n, 1)).0 + 48) y="234" text-anchor="middle" { (n) }
        }
        @for impact in (1..=5u8).rev() { @for likelihood in 1..=5u8 { (cell(likelihood, impact)) } }
    }
}

/// What is to be looked at.
fn findings(visit: &Visit, recorded: &Recorded) -> Markup {
    let today = recorded.day(visit.now());
    let without = recorded.program.mitigated_risks_without_controls();
    let overdue = recorded
        .program
        .risks
        .iter()
        .filter(|risk| register::is_overdue(next_review(risk), today))
        .count();
    parts::card_flush(
        t!("To look at"),
        html! {},
        html! {
            @if without.is_empty() && overdue == 0 { p.none { (t!("Every risk that is to be reduced has a control, and no review is overdue.")) } }
            ul.rows {
                @for risk in &without { li { a.row-link href=(visit.link(&format!("/risks/{}", risk.id))) {
                    (tag(risk.id.as_str()))
                    span.grow { b { (risk.title) } small { (t!("to be reduced, but no control does")) } }
                    (parts::pill(Tone::Bad, t!("No control")))
                } } }
                @if overdue > 0 { li { a.row-link href={ (visit.with_base("/risks", &[("review", "overdue")])) "#register" } {
                    span.grow { b { (tn!(overdue, "{n} risk was not reviewed for a year", "{n} risks were not reviewed for a year")) } small { (t!("a register that nobody looks at shows nothing")) } }
                    (parts::pill(Tone::Bad, t!("Overdue")))
                } } }
            }
        },
    )
}

async fn show(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let id: RecordId = visit.parsed("id")?;
    let risk = recorded
        .program
        .risks
        .iter()
        .find(|it| it.id == id)
        .ok_or(Fault::NotFound)?;
    let body = html! {
        div.page-head { div {
            div.row.wrap {
                (tag(id.as_str())) (parts::label(&format::named(&risk.treatment))) (parts::label(&format::words(&risk.category)))
                @if risk.fraud { (parts::pill(Tone::Note, t!("Fraud scenario"))) }
            }
            h1.mt8 { (risk.title) }
        } div.row.wrap { (records::edit_link(&visit, "risk", None, id.as_str())) } }
        div.grid.g-detail {
            div.stack {
                (warnings(recorded, risk, recorded.day(visit.now())))
                (parts::card(t!("Before and after treatment"), html! {}, before_and_after(risk)))
                (controls(&visit, recorded, risk))
                (register::changes(&visit, "risks.toml", "/risks")?)
            }
            aside.stack { (side(recorded, risk, recorded.day(visit.now()))) }
        }
    };
    Ok(Shown::new(id.to_string(), body)
        .below("/risks", t!("Risks"))
        .in_frame(&visit))
}

fn warnings(recorded: &Recorded, risk: &Risk, today: Date) -> Markup {
    let deviating = risk
        .controls
        .iter()
        .filter_map(|id| recorded.controls.get(id))
        .filter(|facts| facts.deviations > 0)
        .count();
    html! {
        @if risk.treatment == Treatment::Mitigate && risk.controls.is_empty() {
            (parts::note(Tone::Bad, html! { b { (t!("It is to be reduced, but no control reduces it.")) } " " (t!("Name the controls under `controls` in risks.toml, or treat it otherwise.")) }))
        }
        @if deviating > 0 {
            (parts::note(Tone::Warn, html! { b { (tn!(deviating, "{n} of its controls deviates.", "{n} of its controls deviate.")) } " " (t!("The rating after treatment takes for granted that they work.")) }))
        }
        @if register::is_overdue(next_review(risk), today) {
            (parts::note(Tone::Warn, html! { b { (t!("It was not reviewed for a year.")) } " " (t!("Review it and set `reviewed_on`.")) }))
        }
    }
}

/// The map with the two places of one risk. One image, so in words as well.
fn before_and_after(risk: &Risk) -> Markup {
    let (before, after) = (View::Inherent.place(risk), View::Residual.place(risk));
    let words = t!(
        "Likelihood {l1} and impact {i1} before treatment, likelihood {l2} and impact {i2} after",
        l1 = before.0,
        i1 = before.1,
        l2 = after.0,
        i2 = after.1
    );
    html! {
        svg.chart.heat viewBox="0 0 548 258" role="img" aria-label=(words) {
            (grid(|likelihood, impact| tile((likelihood, impact), "0.15")))
            (marker(before, 34, "1"))
            (marker(after, 66, "2"))
        }
        p.mut.mt8 { (t!("1 before treatment, 2 after it.")) }
    }
}

/// A numbered mark in a cell, `right` of its left edge so that two fit in one.
fn marker(place: (u8, u8), right: i32, name: &str) -> Markup {
    let (x, y) = corner(place);
    html! {
        circle.pt cx=(x + right) cy=(y + 20) r="12" {}
        text.count x=(x + right) y=(y + 25) text-anchor="middle" { (name) }
    }
}

fn controls(visit: &Visit, recorded: &Recorded, risk: &Risk) -> Markup {
    let count = html! { span.mut { (tn!(risk.controls.len(), "{n} control", "{n} controls")) } };
    parts::card_flush(
        t!("Controls that reduce it"),
        count,
        html! {
            @if risk.controls.is_empty() { p.none { (t!("No control reduces it.")) } }
            (register::control_rows(visit, recorded, &risk.controls))
        },
    )
}

fn side(recorded: &Recorded, risk: &Risk, today: Date) -> Markup {
    let place = |view: View| {
        let (likelihood, impact) = view.place(risk);
        html! { span.row.wrap { (rating(likelihood * impact)) span.mut { (t!("{likelihood} × {impact}", likelihood = likelihood, impact = impact)) } } }
    };
    let high_left =
        risk.treatment != Treatment::Accept && level(risk.residual_rating()).0 == Tone::Bad;
    html! {
        (parts::properties(&[
            (t!("Owner"), parts::person(&risk.owner_role)),
            (t!("Treatment"), html! { (treatment_words(risk.treatment)) }),
            (t!("Category"), html! { (format::words(&risk.category)) }),
            (t!("Before"), place(View::Inherent)),
            (t!("After"), place(View::Residual)),
            (t!("Fraud"), html! { @if risk.fraud { (t!("a scenario of fraud or misuse")) } @else { (t!("no")) } }),
            (t!("Reviewed"), html! { time datetime=(risk.reviewed_on) { (format::day(risk.reviewed_on)) } }),
            (t!("Next review"), register::due(next_review(risk), today)),
        ]))
        @if high_left { section.side-sec { h2 { (t!("What remains")) } p.mut2 { (t!("It stays high after treatment: add a control, or have it accepted.")) } } }
        section.side-sec { h2 { (t!("The register")) } p.mut2 { (tn!(recorded.program.risks.len(), "{n} risk, kept in risks.toml", "{n} risks, kept in risks.toml")) } }
    }
}

fn treatment_words(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Mitigate => t!("Controls reduce it"),
        Treatment::Accept => t!("Borne as it is"),
        Treatment::Avoid => t!("The activity is given up"),
        Treatment::Share => t!("Others bear part of it"),
    }
}

#[cfg(test)]
mod tests {
    use super::{corner, level};
    use crate::parts::Tone;

    #[test]
    fn the_bands_meet_without_a_gap() {
        for (rating, tone) in [
            (1, Tone::Ok),
            (7, Tone::Ok),
            (8, Tone::Warn),
            (14, Tone::Warn),
            (15, Tone::Bad),
            (25, Tone::Bad),
        ] {
            assert_eq!(level(rating).0, tone);
        }
    }

    #[test]
    fn impact_grows_upwards_and_likelihood_to_the_right() {
        assert_eq!(corner((1, 5)), (48, 0));
        assert_eq!(corner((5, 1)), (448, 176));
    }
}
