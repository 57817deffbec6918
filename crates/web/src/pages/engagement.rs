//! The engagement: its terms and team, what it relies on, samples, procedures,
//! deviations, and every conclusion beside what was proposed, with reasons and
//! signatures. Shown to the firm's people alone.
//!
//! What must hold: a conclusion is never shown without its reason and its two
//! signatures; what was proposed stands beside what a person concluded.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::Action;
use tickmark_engagement::ladder::{ControlConclusion, CriterionConclusion};
use tickmark_engagement::{
    Concluded, DeviationEvaluated, EngagementState, ProcedurePerformed, SignOff, Signed,
};

use super::{Group, Page, no_count};
use crate::fault::{Answer, Fault};
use crate::format::{self, number, short};
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, tag, tag_link};
use crate::route::{Access, On, get};
use crate::strings::{t, tn};
use crate::visit::Visit;

const FIRM: Access = Access::May(Action::ViewEngagement, On::Firm);

/// The page.
pub static PAGE: Page = Page {
    title: "Engagement",
    icon: "scale",
    group: Group::Examination,
    href: "/engagement",
    access: FIRM,
    count: no_count,
    routes: || {
        vec![
            get("/engagement", FIRM, overview),
            get("/engagement/deviations", FIRM, deviations),
            get("/engagement/deviations/{id}", FIRM, deviation),
            get("/engagement/controls", FIRM, controls),
            get("/engagement/criteria", FIRM, criteria),
            get("/engagement/procedures", FIRM, procedures),
        ]
    },
};

fn framed(visit: &Visit, state: &EngagementState, tab: &str, body: Markup) -> Response {
    let title = state.terms.as_ref().map_or_else(
        || t!("Engagement").to_owned(),
        |terms| terms.organization.clone(),
    );
    let below = state.terms.as_ref().map(|terms| {
        t!(
            "{kind} examination, {period}",
            kind = format::named(&terms.report_type),
            period = format::period(terms.period)
        )
    });
    let body = html! {
        div.stack {
            (head(&title, html! { (below.unwrap_or_default()) }, html! {}))
            (parts::tabs(t!("Engagement"), &[
                (t!("Overview"), None, "/engagement".into(), tab == "overview"),
                (t!("Deviations"), Some(state.deviations.len()), "/engagement/deviations".into(), tab == "deviations"),
                (t!("Controls"), Some(state.controls.len()), "/engagement/controls".into(), tab == "controls"),
                (t!("Criteria"), Some(state.criteria.len()), "/engagement/criteria".into(), tab == "criteria"),
                (t!("Procedures"), Some(state.procedures.len()), "/engagement/procedures".into(), tab == "procedures"),
            ]))
        }
        (body)
    };
    Shown::new(t!("Engagement"), body).in_frame(visit)
}

async fn overview(visit: Visit) -> Answer<Response> {
    let firm = visit.firm()?.state();
    let state = &firm.engagement;
    let Some(terms) = &state.terms else {
        let body = parts::empty(
            "scale",
            t!("No engagement was opened yet"),
            t!(
                "Receive the company's package, fill in decisions.toml and apply it: the terms, the team and every conclusion come from there."
            ),
            html! {},
        );
        return Ok(framed(&visit, state, "overview", body));
    };
    let body = html! {
        div.grid.g-detail {
            div.stack { (opinion(&visit, state)) (matters(&visit, state)) (relied(state)) (samples(state)) }
            aside.stack {
                (parts::properties(&[
                    (t!("Firm"), html! { (terms.firm) }), (t!("Place"), html! { (terms.firm_place) }), (t!("Addressee"), html! { (terms.addressee) }),
                    (t!("Categories"), html! { (terms.categories.iter().map(|it| it.title()).collect::<Vec<_>>().join(", ")) }),
                    (t!("Tolerable rate"), html! { (terms.tolerable_rate) }), (t!("Confidence"), html! { (terms.confidence) }),
                ]))
                section.side-sec { h2 { (t!("Team")) } @for member in state.members.values() { div.member { (parts::person(&visit.name_of(&member.id.0))) small { (format::named(&member.role)) " · " (t!("independent as of {day}", day = format::day(member.independence_confirmed_on))) } } } }
                section.side-sec { h2 { (t!("Letters on file")) } @for it in state.letters.values() { div.member { b { (format::named(&it.letter)) } " " span.mut { (format::day(it.dated)) } small { (it.note) } } } }
            }
        }
    };
    Ok(framed(&visit, state, "overview", body))
}

fn opinion(visit: &Visit, state: &EngagementState) -> Markup {
    html! { @if let Some(it) = &state.opinion {
        (parts::card(t!("Opinion"), parts::label(&format::named(&it.conclusion)), html! {
            p.prose { (it.reason) }
            @for ground in &it.grounds { p.prose { b { (ground.criteria.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) } " " (ground.matter) " " (ground.effect) } }
            p.mut.mt8 { (t!("proposed: {word}", word = format::named(&it.proposal))) }
            (signatures(visit, &it.signed))
        }))
    } }
}

fn matters(visit: &Visit, state: &EngagementState) -> Markup {
    parts::card_flush(
        t!("Subject matters"),
        html! {},
        html! { ul.rows { @for it in state.matters.values() { li { div.row-link {
            span.grow { b { (format::named(&it.matter)) } small { (it.reason.as_deref().unwrap_or_default()) } (signatures(visit, &it.signed)) }
            (parts::label(&format::named(&it.conclusion)))
        } } } } },
    )
}

fn relied(state: &EngagementState) -> Markup {
    html! { @if let Some(it) = &state.checkpoint {
        (parts::card(t!("What it relies on"), html! {}, html! {
            p.prose { (t!("The company's ledger {origin} of {n} entries, with {tests} results computed again.", origin = it.origin, n = number(it.size), tests = it.results.len())) }
            details { summary { (t!("Checkpoint")) } pre.code tabindex="0" { (it.note) } }
        }))
    } }
}

fn samples(state: &EngagementState) -> Markup {
    html! { @if !state.samples.is_empty() { (parts::card_flush(t!("Samples"), html! { span.mut { (t!("replayable from population, control and nonce")) } }, html! {
        ul.rows { @for it in state.samples.values() { li { div.row-link {
            (tag(&it.id))
            span.grow { b { (it.test) } small { (t!("{n} of {all} items, {basis}", n = it.items.len(), all = number(it.population), basis = it.basis)) } small.mut { (t!("population {digest}", digest = short(it.population_sha256.as_str()))) } }
            @if let Some(result) = state.sample_results.get(&it.id) { span { (tn!(result.deviating.len(), "{n} deviates", "{n} deviate")) small { (t!("upper limit {n} ‰", n = result.upper_limit_permille)) } } }
        } } } }
    })) } }
}

/// Who signed, as a file has it.
fn signed(signed: &Signed) -> String {
    t!(
        "prepared by {a} on {on}, reviewed by {b} on {then}",
        a = signed.prepared.by,
        on = format::day(signed.prepared.on),
        b = signed.reviewed.by,
        then = format::day(signed.reviewed.on)
    )
}

/// Who signed, by name, a signature a line.
fn signatures(visit: &Visit, signed: &Signed) -> Markup {
    let line = |what: &str, it: &SignOff| {
        html! { small.sig { (what) " " b { (visit.name_of(&it.by.0)) } ", " (format::day(it.on)) } }
    };
    html! { (line(t!("Prepared"), &signed.prepared)) (line(t!("Reviewed"), &signed.reviewed)) }
}

async fn deviations(visit: Visit) -> Answer<Response> {
    let firm = visit.firm()?.state();
    let state = &firm.engagement;
    let rows: Vec<&DeviationEvaluated> = state.deviations.values().collect();
    let table = Table::new("deviations", rows, vec![
        Column::new("id", t!("Deviation"), |row: &&DeviationEvaluated| row.id.clone()).show(|row| tag_link(&format!("/engagement/deviations/{}", row.id), &row.id)),
        Column::new("what", t!("What"), |row: &&DeviationEvaluated| row.narrative.clone()).show(|row| html! { a.t href={ "/engagement/deviations/" (row.id) } { (parts::sentence(&row.narrative)) } small { (row.test) } }),
        Column::new("items", t!("Items"), |row: &&DeviationEvaluated| row.items.len()),
        Column::new("tested", t!("Tested"), |row: &&DeviationEvaluated| row.tested),
        Column::new("cause", t!("Cause"), |row: &&DeviationEvaluated| format::named(&row.cause)).wide_only(),
        Column::new("controls", t!("Controls"), |row: &&DeviationEvaluated| row.controls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")).show(|row| html! { span.row.wrap { @for id in &row.controls { (tag_link(&format!("/controls/{id}"), id.as_str())) } } }).wide_only(),
        Column::new("response", t!("Response"), |row: &&DeviationEvaluated| if state.responses.contains_key(&row.id) { t!("on file") } else { t!("none") }).wide_only(),
    ]);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    Ok(framed(
        &visit,
        state,
        "deviations",
        html! { section.card { (table.render(&visit)) } },
    ))
}

async fn deviation(visit: Visit) -> Answer<Response> {
    let firm = visit.firm()?.state();
    let state = &firm.engagement;
    let it = state
        .deviations
        .get(visit.param("id"))
        .ok_or(Fault::NotFound)?;
    let body = html! {
        (parts::note(Tone::Bad, html! { b { (it.id) } " " (t!("{n} of {all} items", n = it.items.len(), all = number(it.tested))) ": " (it.narrative) }))
        div.grid.g-detail {
            div.stack {
                (parts::card(t!("Evaluation"), html! {}, parts::properties(&[
                    (t!("Nature and cause"), html! { (it.nature) }), (t!("Extent"), html! { (format::named(&it.cause)) }),
                    (t!("Intentional"), html! { @if it.intentional { (t!("yes, or a bypass, or a hint at fraud")) } @else { (t!("no")) } }),
                    (t!("Harm"), html! { (it.harm) }), (t!("Noticed"), html! { (it.detected) }), (t!("Compensation"), html! { (format::named(&it.compensation)) }),
                    (t!("Signatures"), signatures(&visit, &it.signed)),
                ])))
                @if let Some(response) = state.responses.get(&it.id) { (parts::card(t!("Management's response"), html! { span.mut { (t!("not examined")) } }, parts::properties(&[
                    (t!("Position"), html! { (response.position) }), (t!("Cause"), html! { (response.cause) }), (t!("Action"), html! { (response.action) }),
                    (t!("Owner"), parts::person(&response.owner_role)), (t!("Due"), html! { (format::day(response.due_on)) }), (t!("Received"), html! { (format::day(response.received_on)) }),
                ]))) }
            }
            aside.stack {
                section.side-sec { h2 { (t!("Items")) } ul.plain { @for item in &it.items { li { code { (item) } } } } }
                section.side-sec { h2 { (t!("Controls")) } div.row.wrap { @for id in &it.controls { (tag_link(&format!("/controls/{id}"), id.as_str())) } } }
                section.side-sec { h2 { (t!("Test")) } a.link href={ "/tests/" (it.test) } { (it.test) } }
            }
        }
    };
    Ok(framed(&visit, state, "deviations", body))
}

async fn controls(visit: Visit) -> Answer<Response> {
    let firm = visit.firm()?.state();
    let state = &firm.engagement;
    let rows: Vec<&Concluded<_, ControlConclusion>> = state.controls.values().collect();
    let table = Table::new(
        "conclusions-on-controls",
        rows,
        vec![
            Column::new(
                "control",
                t!("Control"),
                |row: &&Concluded<tickmark_catalog::ControlId, ControlConclusion>| {
                    row.subject.to_string()
                },
            )
            .show(|row| tag_link(&format!("/controls/{}", row.subject), row.subject.as_str())),
            Column::new(
                "conclusion",
                t!("Conclusion"),
                |row: &&Concluded<tickmark_catalog::ControlId, ControlConclusion>| {
                    format::named(&row.conclusion)
                },
            ),
            Column::new(
                "proposal",
                t!("Proposed"),
                |row: &&Concluded<tickmark_catalog::ControlId, ControlConclusion>| {
                    format::named(&row.proposal)
                },
            )
            .wide_only(),
            Column::new(
                "reason",
                t!("Reason"),
                |row: &&Concluded<tickmark_catalog::ControlId, ControlConclusion>| {
                    row.reason.clone()
                },
            ),
            Column::new(
                "signed",
                t!("Signed"),
                |row: &&Concluded<tickmark_catalog::ControlId, ControlConclusion>| {
                    signed(&row.signed)
                },
            )
            .show(|row| signatures(&visit, &row.signed))
            .wide_only(),
        ],
    );
    if let Some(file) = table.file(&visit) {
        return file;
    }
    Ok(framed(
        &visit,
        state,
        "controls",
        html! { section.card { (table.render(&visit)) } },
    ))
}

async fn criteria(visit: Visit) -> Answer<Response> {
    let firm = visit.firm()?.state();
    let state = &firm.engagement;
    let rows: Vec<&Concluded<tickmark_catalog::CriterionId, CriterionConclusion>> =
        state.criteria.values().collect();
    let table = Table::new(
        "conclusions-on-criteria",
        rows,
        vec![
            Column::new(
                "criterion",
                t!("Criterion"),
                |row: &&Concluded<tickmark_catalog::CriterionId, CriterionConclusion>| {
                    row.subject.to_string()
                },
            )
            .show(|row| {
                tag_link(
                    &format!("/criteria/{}", row.subject),
                    &row.subject.to_string(),
                )
            }),
            Column::new(
                "conclusion",
                t!("Conclusion"),
                |row: &&Concluded<tickmark_catalog::CriterionId, CriterionConclusion>| {
                    format::named(&row.conclusion)
                },
            ),
            Column::new(
                "proposal",
                t!("Proposed"),
                |row: &&Concluded<tickmark_catalog::CriterionId, CriterionConclusion>| {
                    format::named(&row.proposal)
                },
            )
            .wide_only(),
            Column::new(
                "reason",
                t!("Reason"),
                |row: &&Concluded<tickmark_catalog::CriterionId, CriterionConclusion>| {
                    row.reason.clone()
                },
            ),
            Column::new(
                "signed",
                t!("Signed"),
                |row: &&Concluded<tickmark_catalog::CriterionId, CriterionConclusion>| {
                    signed(&row.signed)
                },
            )
            .show(|row| signatures(&visit, &row.signed))
            .wide_only(),
        ],
    );
    if let Some(file) = table.file(&visit) {
        return file;
    }
    Ok(framed(
        &visit,
        state,
        "criteria",
        html! { section.card { (table.render(&visit)) } },
    ))
}

async fn procedures(visit: Visit) -> Answer<Response> {
    let firm = visit.firm()?.state();
    let state = &firm.engagement;
    let rows: Vec<&ProcedurePerformed> = state.procedures.values().collect();
    let table = Table::new(
        "procedures",
        rows,
        vec![
            Column::new("id", t!("Workpaper"), |row: &&ProcedurePerformed| {
                row.id.clone()
            })
            .show(|row| tag(&row.id)),
            Column::new("control", t!("Control"), |row: &&ProcedurePerformed| {
                row.control.to_string()
            })
            .show(|row| tag_link(&format!("/controls/{}", row.control), row.control.as_str())),
            Column::new("nature", t!("Nature"), |row: &&ProcedurePerformed| {
                format::words(&row.nature)
            })
            .wide_only(),
            Column::new("text", t!("Procedure"), |row: &&ProcedurePerformed| {
                row.text.clone()
            })
            .wide(),
            Column::new("documents", t!("Documents"), |row: &&ProcedurePerformed| {
                row.documents.len()
            })
            .wide_only(),
            Column::new("signed", t!("Signed"), |row: &&ProcedurePerformed| {
                signed(&row.signed)
            })
            .show(|row| signatures(&visit, &row.signed))
            .wide_only(),
        ],
    );
    if let Some(file) = table.file(&visit) {
        return file;
    }
    Ok(framed(
        &visit,
        state,
        "procedures",
        html! { section.card { (table.render(&visit)) } },
    ))
}
