//! The start: where the program stands, category by category and criterion by
//! criterion, what deviates, what is missing and what is due.
//!
//! What must hold: every number says of what it is and leads to its rows; no
//! single score; a population that is not complete is named here too.

use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use tickmark_catalog::{Category, ControlTestId, CriterionId, catalog};
use tickmark_control_tests::{Completeness, Outcome};
use tickmark_realm::Standing;

use super::{Group, Page, no_count};
use crate::fault::Answer;
use crate::format::{self, number};
use crate::frame::{Shown, head};
use crate::parts::{self, Tone, icon, tag};
use crate::picture::{Recorded, run_of};
use crate::route::{Access, PROGRAM, get};
use crate::strings::{t, tn};
use crate::visit::Visit;
use axum::response::{IntoResponse, Redirect, Response};

/// The page.
pub static PAGE: Page = Page {
    title: "Dashboard",
    icon: "layout-dashboard",
    group: Group::Start,
    href: "/",
    access: PROGRAM,
    count: no_count,
    routes: || vec![get("/", Access::SignedIn, show)],
};

/// The dashboard; who may not see it is led to what they may.
async fn show(visit: Visit) -> Answer<Response> {
    if !PAGE.is_open_to(&visit) {
        let first = super::PAGES.iter().find(|page| page.is_open_to(&visit));
        return Ok(Redirect::to(first.map_or("/account", |page| page.href)).into_response());
    }
    let Some(recorded) = &visit.picture()?.recorded else {
        let body = html! { (head(t!("Readiness"), html! {}, html! {})) (nothing_yet(&visit)) };
        return Ok(Shown::new(t!("Dashboard"), body).in_frame(&visit));
    };
    let body = html! {
        (head(t!("Readiness"), window(recorded), html! {
            (parts::button_link("/ledger", "landmark", t!("Ledger")))
            (parts::button_link("/tests", "flask-conical", t!("Tests")))
        }))
        (figures(&visit, recorded))
        (categories(&visit, recorded))
        div.grid.g-2-1 {
            div.stack { (criteria(&visit, recorded)) (attention(&visit, recorded)) }
            div.stack { (due(&visit, recorded)) (activity(&visit)?) }
        }
    };
    Ok(Shown::new(t!("Dashboard"), body).in_frame(&visit))
}

/// What stands in place of whatever tells of the program, before one is recorded.
pub fn nothing_yet(visit: &Visit) -> Markup {
    let may = visit.may(tickmark_access::Action::EditProgram) && visit.shows_past().is_none();
    let empty = parts::empty(
        "milestone",
        t!("No program was recorded yet"),
        t!(
            "A program says what the company promises and which controls keep it. Once it is recorded, every page shows what is evidenced, what deviates and what is missing."
        ),
        html! { @if may { a.btn.primary href="/welcome" { (icon("play")) (t!("Set up the program")) } } },
    );
    html! { section.card { (empty) } }
}

fn window(recorded: &Recorded) -> Markup {
    html! { (t!("Observation period {period}", period = format::period(recorded.program.period))) }
}

/// The four figures at the top.
fn figures(visit: &Visit, recorded: &Recorded) -> Markup {
    let criteria = recorded.program.applicable_criteria();
    let evidenced = criteria
        .iter()
        .filter(|id| recorded.is_evidenced(**id))
        .count();
    let deviating = deviating(visit, recorded);
    let items: u64 = deviating.iter().map(|it| it.deviations).sum();
    let with_gaps = recorded
        .controls
        .values()
        .filter(|it| it.with_gaps > 0)
        .count();
    let known = recorded.completeness.len();
    let complete = recorded
        .completeness
        .values()
        .filter(|it| **it == Completeness::Complete)
        .count();
    let incomplete = recorded.readiness.incomplete_populations.len();
    let not_shown = recorded.readiness.populations_not_reconciled.len();
    html! {
        div.grid.g-kpi {
            (parts::figure(
                t!("Criteria evidenced"), &number(evidenced as u64), Some(&number(criteria.len() as u64)),
                html! { (t!("every control, every interval so far")) },
                &visit.link("/criteria"),
            ))
            (parts::figure(
                t!("Items that deviate"), &number(items), None,
                html! { (tn!(deviating.len(), "in {n} control test", "in {n} control tests")) },
                &visit.with_base("/tests", &[("outcome", "deviations")]),
            ))
            (parts::figure(
                t!("Populations shown complete"), &number(complete as u64), Some(&number(known as u64)),
                html! {
                    @if incomplete > 0 { b.bad-c { (tn!(incomplete, "{n} not complete", "{n} not complete")) } ", " }
                    (tn!(not_shown, "{n} not reconciled", "{n} not reconciled"))
                },
                &visit.link("/populations"),
            ))
            (parts::figure(
                t!("Controls with gaps"), &number(with_gaps as u64), Some(&number(recorded.controls.len() as u64)),
                html! { (t!("an item not observed on some day")) },
                &visit.with_base("/controls", &[("gaps", "yes")]),
            ))
        }
    }
}

/// Every category with how many of its criteria are evidenced.
fn categories(visit: &Visit, recorded: &Recorded) -> Markup {
    let in_scope = &recorded.program.scope.categories;
    html! {
        section.card.split {
            header { h2 { (t!("Trust services categories")) } (parts::more(&visit.link("/criteria"), t!("All criteria"))) }
            div.cats {
                @for category in [Category::Security, Category::Availability, Category::Confidentiality, Category::ProcessingIntegrity, Category::Privacy] {
                    @let title = format::words(category.title());
                    @if in_scope.contains(&category) {
                        @let ids = of_category(recorded, category);
                        @let done = ids.iter().filter(|id| recorded.is_evidenced(**id)).count();
                        a.cat href=(visit.with_base("/criteria", &[("category", category.as_str())])) {
                            (parts::ring(done, ids.len(), if done == ids.len() { Tone::Ok } else { Tone::Warn },
                                &t!("{done} of {all} criteria evidenced", done = done, all = ids.len())))
                            div { b { (title) } small { (tn!(ids.len(), "{n} criterion", "{n} criteria")) }
                                @if done == ids.len() { small.ok-c { (t!("All evidenced so far")) } }
                                @else { small.warn-c { (tn!(ids.len() - done, "{n} to look at", "{n} to look at")) } } }
                        }
                    } @else {
                        div.cat { (parts::ring(0, 0, Tone::Idle, t!("not in scope")))
                            div.out { b { (title) } small { (t!("Not in scope")) } } }
                    }
                }
            }
        }
    }
}

fn of_category(recorded: &Recorded, category: Category) -> Vec<CriterionId> {
    let of = |id: &CriterionId| {
        catalog()
            .criterion(*id)
            .is_some_and(|it| it.category == category)
    };
    recorded
        .program
        .applicable_criteria()
        .into_iter()
        .filter(of)
        .collect()
}

/// How the controls of each series of criteria stand.
fn criteria(visit: &Visit, recorded: &Recorded) -> Markup {
    let ids = recorded.program.applicable_criteria();
    let series: Vec<&[CriterionId]> = ids.chunk_by(|a, b| a.series() == b.series()).collect();
    let legend = [
        (Tone::Ok, t!("No deviations")),
        (Tone::Bad, t!("Deviations")),
        (Tone::Warn, t!("Not tested or no evidence")),
        (Tone::Note, t!("Documents only")),
        (Tone::Idle, t!("No occurrence")),
    ];
    html! {
        section.card.split {
            header {
                div { h2 { (t!("Controls by criteria")) } p { (tn!(recorded.controls.len(), "{n} control", "{n} controls")) } }
                (parts::legend(&legend))
            }
            div.bars {
                @for ids in series {
                    @let series = ids.first().map_or("", |id| id.series());
                    @let counts = standings(recorded, ids);
                    @let total: usize = counts.iter().map(|(_, n)| n).sum();
                    a href=(visit.with_base("/controls", &[("series", series)])) {
                        (tag(series))
                        span.name { (series_title(series)) }
                        (parts::bar(&counts, &in_words(&counts)))
                        span.pct { (number(total as u64)) }
                    }
                }
            }
        }
    }
}

/// The controls of some criteria, each once, by how they stand.
fn standings(recorded: &Recorded, ids: &[CriterionId]) -> Vec<(Tone, usize)> {
    let mut counts = [
        (Tone::Ok, 0),
        (Tone::Bad, 0),
        (Tone::Warn, 0),
        (Tone::Note, 0),
        (Tone::Idle, 0),
    ];
    for control in &recorded.program.controls {
        if !control
            .definition
            .criteria
            .iter()
            .any(|it| ids.contains(it))
        {
            continue;
        }
        let Some(facts) = recorded.controls.get(&control.definition.id) else {
            continue;
        };
        let place = match facts.standing {
            Standing::Operated => 0,
            Standing::Deviates => 1,
            Standing::NotTested | Standing::Nothing => 2,
            Standing::Documented => 3,
            Standing::NoOccurrence => 4,
        };
        if let Some((_, count)) = counts.get_mut(place) {
            *count += 1;
        }
    }
    counts.to_vec()
}

fn in_words(counts: &[(Tone, usize)]) -> String {
    let words = [
        t!("no deviations"),
        t!("deviations"),
        t!("not tested or no evidence"),
        t!("documents only"),
        t!("no occurrence"),
    ];
    let parts = counts.iter().zip(words).filter(|((_, n), _)| *n > 0);
    parts
        .map(|((_, n), word)| format!("{n} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What a series of criteria is about, in our words.
pub fn series_title(series: &str) -> &'static str {
    match series {
        "CC1" => t!("Control environment"),
        "CC2" => t!("Information and communication"),
        "CC3" => t!("Risk assessment"),
        "CC4" => t!("Monitoring activities"),
        "CC5" => t!("Control activities"),
        "CC6" => t!("Logical and physical access"),
        "CC7" => t!("System operations"),
        "CC8" => t!("Change management"),
        "CC9" => t!("Risk mitigation"),
        "A1" => t!("Availability"),
        "C1" => t!("Confidentiality"),
        "PI1" => t!("Processing integrity"),
        _ => t!("Privacy"),
    }
}

/// A test of which items deviate.
struct Deviating {
    test: ControlTestId,
    title: String,
    deviations: u64,
    tested: u64,
    item: String,
    controls: Vec<String>,
    owner: String,
    is_answered: bool,
}

fn deviating(visit: &Visit, recorded: &Recorded) -> Vec<Deviating> {
    let Ok(picture) = visit.picture() else {
        return Vec::new();
    };
    let mut found: Vec<Deviating> = recorded
        .tests
        .iter()
        .filter_map(|(id, (_, test))| {
            let run = run_of(&picture.state, id, recorded.program.period)?;
            if run.outcome != Outcome::Deviations {
                return None;
            }
            let owner = test
                .controls
                .iter()
                .find_map(|control| recorded.program.control(control));
            Some(Deviating {
                test: id.clone(),
                title: test.title.clone(),
                deviations: run.counts.deviations,
                tested: run.counts.tested,
                item: test.item.for_count(run.counts.tested).to_owned(),
                controls: test.controls.iter().map(ToString::to_string).collect(),
                owner: owner.map_or_else(String::new, |it| it.definition.owner_role.clone()),
                is_answered: picture
                    .state
                    .control_tests
                    .response_to(&run.result_sha256)
                    .is_some(),
            })
        })
        .collect();
    found.sort_by_key(|it| (it.is_answered, std::cmp::Reverse(it.deviations)));
    found
}

/// What deviates, what is incomplete and what was never imported.
fn attention(visit: &Visit, recorded: &Recorded) -> Markup {
    let deviating = deviating(visit, recorded);
    let readiness = &recorded.readiness;
    let without: Vec<_> = recorded
        .controls
        .iter()
        .filter(|(_, it)| it.standing == Standing::Nothing)
        .collect();
    html! {
        section.card.split {
            header { div { h2 { (t!("Needs attention")) } p { (t!("deviations without a response first")) } } (parts::more(&visit.with_base("/tests", &[("outcome", "deviations")]), t!("All tests"))) }
            @if deviating.is_empty() && readiness.incomplete_populations.is_empty() && without.is_empty() {
                p.none { (t!("Nothing deviates and nothing is missing.")) }
            }
            ul.rows {
                @for it in &deviating { li {
                    a.row-link href=(visit.link(&format!("/tests/{}", it.test))) {
                        span.grow { b { (it.title) } small { @if !it.controls.is_empty() { (it.controls.join(", ")) " · " } (t!("{n} of {all} {items}", n = number(it.deviations), all = number(it.tested), items = it.item)) } }
                        @if !it.owner.is_empty() { span.hide-s { (parts::person(&it.owner)) } } @else { span.hide-s.mut { (t!("a commitment")) } }
                        @if it.is_answered { (parts::pill(Tone::Note, t!("Answered"))) } @else { (parts::pill(Tone::Bad, t!("Not answered"))) }
                    }
                } }
                @for (dataset, reasons) in &readiness.incomplete_populations { li {
                    a.row-link href=(visit.link(&format!("/populations/{dataset}"))) {
                        span.grow { b { (t!("Population {name} is not complete", name = dataset)) } small { (reasons.join("; ")) } }
                        (parts::pill(Tone::Bad, t!("Not complete")))
                    }
                } }
                @if !without.is_empty() { li {
                    a.row-link href=(visit.with_base("/controls", &[("standing", "nothing")])) {
                        span.grow { b { (tn!(without.len(), "{n} control has no evidence", "{n} controls have no evidence")) } small { (t!("neither a control test nor a document shows them")) } }
                        (parts::pill(Tone::Warn, t!("No evidence")))
                    }
                } }
            }
        }
    }
}

/// Something with a day by which it is due.
struct Due {
    on: Date,
    title: String,
    below: String,
    href: String,
}

fn due_list(visit: &Visit, recorded: &Recorded) -> Vec<Due> {
    let program = &recorded.program;
    let mut list = Vec::new();
    if recorded.day(visit.now()) <= program.period.end {
        list.push(Due {
            on: program.period.end,
            title: t!("The period ends").to_owned(),
            below: program.system.name.clone(),
            href: visit.link("/criteria"),
        });
    }
    for policy in &program.policies {
        if let Some(on) = super::policies::next_review(policy) {
            list.push(Due {
                on,
                title: t!("Review of {title}", title = policy.title),
                below: policy.owner_role.clone(),
                href: visit.link(&format!("/policies/{}", policy.id)),
            });
        }
    }
    for risk in &program.risks {
        if let Ok(on) = risk.reviewed_on.checked_add(12.months()) {
            list.push(Due {
                on,
                title: t!("Review of risk {id}", id = risk.id),
                below: risk.owner_role.clone(),
                href: visit.link(&format!("/risks/{}", risk.id)),
            });
        }
    }
    list.sort_by(|a, b| a.on.cmp(&b.on).then_with(|| a.title.cmp(&b.title)));
    list
}

/// The next things that are due, those overdue first.
fn due(visit: &Visit, recorded: &Recorded) -> Markup {
    let today = recorded.day(visit.now());
    let list = due_list(visit, recorded);
    let overdue = list.iter().filter(|it| it.on < today).count();
    html! {
        section.card {
            header { div { h2 { (t!("Due")) } p { @if overdue > 0 { (tn!(overdue, "{n} is past its day", "{n} are past their day")) } @else { (t!("nothing is past its day")) } } } }
            div.body { ul.miles {
                @for it in list.iter().take(6) { li {
                    span.cal aria-hidden="true" { i { (it.on.strftime("%b").to_string()) } b { (it.on.day()) } }
                    a href=(it.href) { b { (it.title) } small { (it.below) " · " time datetime=(it.on) { (format::day(it.on)) } } }
                    @if it.on < today { (parts::pill(Tone::Bad, t!("Overdue"))) } @else { (parts::label(&in_days(today, it.on))) }
                } }
            } }
        }
    }
}

fn in_days(today: Date, on: Date) -> String {
    match (on - today).get_days() {
        0 => t!("Today").to_owned(),
        days => tn!(u64::from(days.unsigned_abs()), "In {n} day", "In {n} days"),
    }
}

/// The last entries of the ledger.
fn activity(visit: &Visit) -> Answer<Markup> {
    let entries = super::ledger::last(visit, 6)?;
    Ok(html! {
        section.card {
            header { h2 { (t!("Activity")) } (parts::more(&visit.link("/ledger"), t!("Ledger"))) }
            div.body { ul.feed { @for it in &entries { li {
                (parts::avatar(&it.who))
                div { p { b { (it.who) } " " (it.what) } small { a href={ "/ledger/" (it.index) } { (t!("Entry {n}", n = it.index)) } " · " (it.when) } }
            } } } }
        }
    })
}
