//! Populations: every dataset with its sources, how complete it is and why,
//! its rows, its manifests, and the reconciliations that show it complete.
//!
//! What must hold: "not complete" stands beside the name wherever it is shown;
//! rows that do not match are listed, in both directions; a manifest is shown
//! as it was recorded.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::Action;
use tickmark_catalog::{Sha256Hex, catalog};
use tickmark_control_tests::Completeness;
use tickmark_evidence::{Manifest, ReconciliationResult, SnapshotRecord};
use tickmark_program::Control;

use super::{Group, Page};
use crate::fault::{Answer, Fault};
use crate::format::{self, number, short};
use crate::frame::{Shown, head};
use crate::listing::{Column, Table, paged};
use crate::parts::{self, Tone, icon, tag};
use crate::picture::Recorded;
use crate::route::{Access, On, PROGRAM, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;
use crate::work;

/// Rows of a snapshot a page shows.
const SHOWN_ROWS: usize = 50;

/// The page.
pub static PAGE: Page = Page {
    title: "Populations",
    icon: "database",
    group: Group::Evidence,
    href: "/populations",
    access: PROGRAM,
    count: |visit| Some(visit.picture().ok()?.state.evidence.datasets().count()),
    routes: || {
        vec![
            get("/populations", PROGRAM, list),
            get("/populations/{dataset}", PROGRAM, show),
            get(
                "/populations/{dataset}/snapshots/{sha256}",
                PROGRAM,
                snapshot,
            ),
            get("/reconciliations/{id}", PROGRAM, reconciliation),
            post(
                "/reconciliations/run",
                Access::May(Action::Reconcile, On::Company),
                run,
            ),
        ]
    },
};

/// How complete a dataset is shown to be.
pub fn completeness(status: Option<&Completeness>) -> Markup {
    match status {
        Some(Completeness::Complete) => parts::pill(Tone::Ok, t!("Complete")),
        Some(Completeness::Incomplete { .. }) => parts::pill(Tone::Bad, t!("Not complete")),
        Some(Completeness::NotShown) | None => parts::pill(Tone::Warn, t!("Not shown")),
    }
}

fn completeness_word(status: Option<&Completeness>) -> &'static str {
    match status {
        Some(Completeness::Complete) => "complete",
        Some(Completeness::Incomplete { .. }) => "not_complete",
        _ => "not_shown",
    }
}

struct Row<'r> {
    dataset: String,
    sources: Vec<&'r SnapshotRecord>,
    status: Option<&'r Completeness>,
    is_missing: bool,
}

fn rows<'r>(visit: &'r Visit, recorded: &'r Recorded) -> Answer<Vec<Row<'r>>> {
    let evidence = &visit.picture()?.state.evidence;
    let missing = recorded.readiness.missing_populations.iter().cloned();
    let mut rows: Vec<Row<'r>> = evidence
        .datasets()
        .map(|dataset| Row {
            dataset: dataset.to_owned(),
            sources: evidence.current(dataset),
            status: recorded.completeness.get(dataset),
            is_missing: false,
        })
        .collect();
    rows.extend(missing.map(|dataset| Row {
        dataset,
        sources: Vec::new(),
        status: None,
        is_missing: true,
    }));
    Ok(rows)
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let zone = visit.zone();
    let table = Table::new("populations", rows(&visit, recorded)?, vec![
        Column::new("dataset", t!("Population"), |row: &Row| row.dataset.clone())
            .show(|row| html! { a.t href=(visit.link(&format!("/populations/{}", row.dataset))) { (row.dataset) } small { (meaning(&row.dataset)) } }),
        Column::new("status", t!("Completeness"), |row: &Row| completeness_word(row.status))
            .show(|row| if row.is_missing { parts::pill(Tone::Bad, t!("Never imported")) } else { completeness(row.status) }),
        Column::new("rows", t!("Rows"), |row: &Row| row.sources.iter().map(|it| it.row_count).sum::<u64>()),
        Column::new("sources", t!("Sources"), |row: &Row| row.sources.iter().map(|it| it.source_id.as_str()).collect::<Vec<_>>().join(", ")).wide_only(),
        Column::new("rejects", t!("Rejected"), |row: &Row| row.sources.iter().map(|it| it.reject_count).sum::<u64>()).wide_only(),
        Column::new("observed", t!("Observed"), |row: &Row| row.sources.iter().map(|it| it.observed_at).max().map(|at| at.to_string()))
            .show(move |row| html! { @match row.sources.iter().map(|it| it.observed_at).max() { Some(at) => span.nw { (format::day_of(at, &zone)) }, None => "–" } }).wide_only(),
    ])
    .filter("status", t!("Any completeness"), vec![
        ("complete".into(), t!("Complete").into()), ("not_complete".into(), t!("Not complete").into()), ("not_shown".into(), t!("Not shown").into()),
    ], |row, choice| completeness_word(row.status) == choice)
    .when_empty(parts::empty("database", t!("No population was imported yet"),
        t!("A population is every item of one kind in the period: every leaver, every merge, every incident. Upload an export and say which column is what."),
        html! { @if visit.may(Action::ImportPopulation) { a.btn.primary href="/evidence/upload" { (icon("upload")) (t!("Upload an export")) } } }));
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("Populations"), html! { (t!("Whole populations, and what shows that they are whole.")) }, html! {
            @if visit.may(Action::Reconcile) && visit.shows_past().is_none() { form method="post" action="/reconciliations/run" data-job { button.btn type="submit" { (icon("git-compare")) (t!("Reconcile again")) } } }
            @if visit.may(Action::ImportPopulation) && visit.shows_past().is_none() { (parts::button_link("/evidence/upload", "upload", t!("Upload an export"))) }
        }))
        section.card { (table.render(&visit)) }
        (reconciliations(&visit, recorded)?)
    };
    Ok(Shown::new(t!("Populations"), body).in_frame(&visit))
}

fn meaning(dataset: &str) -> &'static str {
    catalog()
        .dataset(dataset)
        .map_or("", |it| it.title.as_str())
}

/// Every reconciliation of the program with what it found last.
fn reconciliations(visit: &Visit, recorded: &Recorded) -> Answer<Markup> {
    let evidence = &visit.picture()?.state.evidence;
    let definitions = tickmark_realm::reconciliations(&recorded.program)?;
    Ok(parts::card_flush(
        t!("Reconciliations"),
        html! { span.mut { (t!("two independent sources, in both directions")) } },
        html! {
            @if definitions.is_empty() { p.none { (t!("The program has none yet: write one into reconciliations/.")) } }
            ul.rows { @for it in &definitions {
                @let last = evidence.reconciliation_history(&it.reconciliation.id).last();
                li { a.row-link href=(visit.link(&format!("/reconciliations/{}", it.reconciliation.id))) {
                    span.grow { b { (it.reconciliation.title) } small { (it.reconciliation.left.dataset) " ↔ " (it.reconciliation.right.dataset) @if let Some(last) = last { " · " (parts::coded(&last.value.summary())) } } }
                    @match last { Some(last) if last.value.complete => (parts::pill(Tone::Ok, t!("Matches"))), Some(_) => (parts::pill(Tone::Bad, t!("Does not match"))), None => (parts::pill(Tone::Warn, t!("Not compared"))) }
                } }
            } }
        },
    ))
}

async fn show(visit: Visit) -> Answer<Response> {
    let dataset = visit.param("dataset").to_owned();
    let recorded = visit.recorded()?;
    let schema = catalog().dataset(&dataset).ok_or(Fault::NotFound)?;
    let history = visit.picture()?.state.evidence.history(&dataset);
    let (shown, links) = paged(&visit, history.iter().rev());
    let zone = visit.zone();
    let status = recorded.completeness.get(&dataset);
    let tests: Vec<_> = recorded
        .tests
        .values()
        .filter(|(_, test)| {
            test.reads
                .iter()
                .any(|it| tickmark_control_tests::dataset_of(it) == dataset)
        })
        .collect();
    let body = html! {
        (head(&dataset, html! { (schema.title) }, completeness(status)))
        @if let Some(Completeness::Incomplete { reasons }) = status { (parts::note(Tone::Bad, html! { b { (t!("Not complete: ")) } (reasons.join("; ")) })) }
        @if matches!(status, Some(Completeness::NotShown)) { (parts::note(Tone::Warn, html! { (t!("No reconciliation covers it: nothing shows that it is complete, and every result that reads it says so.")) })) }
        div.grid.g-detail {
            div.stack {
                (parts::card_flush(t!("Snapshots"), html! { span.mut { (t!("the newest of each source counts")) } }, html! {
                    @if history.is_empty() { p.none { (t!("It was never imported.")) } }
                    ul.rows { @for it in shown { li {
                        a.row-link href=(visit.link(&format!("/populations/{dataset}/snapshots/{}", it.value.derived))) {
                            (icon("database"))
                            span.grow { b { (it.value.source_id) } small { (it.value.system) " · " (tn!(it.value.row_count, "{n} row", "{n} rows")) @if it.value.reject_count > 0 { " · " (tn!(it.value.reject_count, "{n} rejected", "{n} rejected")) } } }
                            span.mut { (t!("observed {at}", at = format::instant(it.value.observed_at, &zone))) }
                        }
                    } } }
                    (links)
                }))
                (parts::card_flush(t!("Columns"), html! {}, html! { div.scroll tabindex="0" role="region" aria-label=(t!("Columns")) { table.tbl {
                    thead { tr { th scope="col" { (t!("Column")) } th scope="col" { (t!("Type")) } th scope="col" { (t!("Meaning")) } } }
                    tbody { @for column in &schema.columns { tr { td { code { (column.name) } } td { (format::named(&column.kind)) @if column.required { " · " (t!("required")) } } td { (parts::coded(&column.meaning)) } } } }
                } } }))
            }
            aside.stack {
                section.side-sec { h2 { (t!("Read by")) } @for (_, test) in tests { a.linkrow href=(visit.link(&format!("/tests/{}", test.id))) { (icon("flask-conical")) span { (test.title) } } } }
            }
        }
    };
    Ok(Shown::new(dataset, body)
        .below("/populations", t!("Populations"))
        .in_frame(&visit))
}

async fn snapshot(visit: Visit) -> Answer<Response> {
    let sha256: Sha256Hex = visit.parsed("sha256")?;
    let dataset = visit.param("dataset").to_owned();
    let evidence = &visit.picture()?.state.evidence;
    let record = evidence
        .history(&dataset)
        .into_iter()
        .find(|it| it.value.derived == sha256)
        .ok_or(Fault::NotFound)?;
    let store = visit.company()?.store();
    let bytes = store
        .get(&record.value.manifest)
        .map_err(tickmark_realm::Error::from)?;
    let manifest = Manifest::from_bytes(&bytes).map_err(tickmark_realm::Error::from)?;
    let offset = visit
        .asked("from")
        .and_then(|it| it.parse().ok())
        .unwrap_or(0);
    let rows = crate::rows::some(&visit, &sha256, offset, SHOWN_ROWS).await?;
    let body = html! {
        (head(&t!("{dataset} from {source}", dataset = dataset, source = record.value.source_id), html! { (tn!(record.value.row_count, "{n} row", "{n} rows")) " · " code { (short(sha256.as_str())) } }, html! {}))
        (manifest_card(&visit, &manifest))
        section.card.split {
            header { h2 { (t!("Rows")) } span.mut { (t!("{from} to {to} of {all}", from = number(offset as u64 + 1), to = number((offset + rows.rows.len()) as u64), all = number(record.value.row_count))) } }
            (raw_rows(&rows))
            nav.pager aria-label=(t!("Pages")) {
                @if offset > 0 { a.btn href=(visit.with(&[("from", &offset.saturating_sub(SHOWN_ROWS).to_string())])) { (icon("chevron-left")) (t!("Previous")) } }
                @if ((offset + rows.rows.len()) as u64) < record.value.row_count { a.btn href=(visit.with(&[("from", &(offset + SHOWN_ROWS).to_string())])) { (t!("Next")) (icon("chevron-right")) } }
            }
        }
    };
    Ok(Shown::new(short(sha256.as_str()).to_owned(), body)
        .below("/populations", t!("Populations"))
        .below(format!("/populations/{dataset}"), dataset)
        .in_frame(&visit))
}

/// Rows of a snapshot as they are.
pub fn raw_rows(rows: &tickmark_evidence::Rows) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(t!("Rows")) { table.tbl.raw {
        thead { tr { @for name in &rows.columns { th scope="col" { (name) } } } }
        tbody { @for row in &rows.rows { tr { @for cell in row { td { @match cell { Some(text) => (text), None => span.mut { "∅" } } } } } } }
    } } }
}

/// The manifest as recorded: what an auditor asks of an extract.
pub fn manifest_card(visit: &Visit, manifest: &Manifest) -> Markup {
    let zone = visit.zone();
    let listed = |texts: &[String]| html! { @if texts.is_empty() { span.mut { (t!("nothing named")) } } ul.plain { @for it in texts { li { (it) } } } };
    parts::card(
        t!("Manifest"),
        html! { span.mut { (t!("what an auditor asks of an extract")) } },
        parts::properties(&[
            (
                t!("System"),
                html! { (manifest.system) " · " (manifest.tenant) },
            ),
            (t!("Request"), html! { (manifest.request) }),
            (
                t!("Collected by"),
                html! { (manifest.collector.name) " " (manifest.collector.version) " · " (format::instant(manifest.collected_at, &zone)) },
            ),
            (t!("Reliance"), html! { (format::named(&manifest.grade)) }),
            (
                t!("Covers"),
                html! { @match manifest.covers { Some(period) => (format::period(period)), None => (t!("not said")) } },
            ),
            (
                t!("Counts"),
                html! { (t!("{records} records, {rows} rows, {rejects} rejected", records = number(manifest.record_count), rows = number(manifest.row_count), rejects = number(manifest.reject_count)))
                @if let Some(count) = manifest.source_count { " · " (t!("the source counts {n}", n = number(count))) } },
            ),
            (
                t!("Keys"),
                html! { @match (&manifest.first_key, &manifest.last_key) { (Some(first), Some(last)) => (t!("{first} to {last}", first = first.join(" / "), last = last.join(" / "))), _ => "–" } },
            ),
            (
                t!("Raw files"),
                html! { ul.plain { @for it in &manifest.raw_files { li { (it.name) " · " code title=(it.object.sha256) { (short(it.object.sha256.as_str())) } } } } },
            ),
            (t!("Not collected"), listed(&manifest.not_collected)),
            (t!("Scopes"), listed(&manifest.scopes)),
            (t!("Notes"), listed(&manifest.notes)),
        ]),
    )
}

async fn reconciliation(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let id = visit.param("id").to_owned();
    let definitions = tickmark_realm::reconciliations(&recorded.program)?;
    let definition = definitions
        .iter()
        .find(|it| it.reconciliation.id == id)
        .ok_or(Fault::NotFound)?;
    let history = visit.picture()?.state.evidence.reconciliation_history(&id);
    let (shown, links) = paged(&visit, history.iter().rev());
    let it = &definition.reconciliation;
    let zone = visit.zone();
    let body = html! {
        (head(&it.title, html! { (it.why) }, html! {}))
        @match history.last() { None => (parts::note(Tone::Warn, html! { (t!("It was never compared.")) })), Some(last) => {
            (figures(&last.value))
            @if last.value.complete { (parts::note(Tone::Ok, html! { (t!("Every key was found on both sides.")) })) }
            div.grid.g-half {
                (only(t!("Only on the left"), &it.left.dataset, &last.value.only_left))
                (only(t!("Only on the right"), &it.right.dataset, &last.value.only_right))
            }
        } }
        (parts::card_flush(t!("History"), html! {}, html! { ul.rows { @for it in shown { li { div.row-link {
            span.grow { (parts::coded(&it.value.summary())) } span.mut { (format::instant(it.at, &zone)) }
            @if it.value.complete { (parts::pill(Tone::Ok, t!("Matches"))) } @else { (parts::pill(Tone::Bad, t!("Does not match"))) }
        } } } } (links) }))
        (parts::card_flush(&definition.file, html! {}, html! { pre.code tabindex="0" { (recorded.program.reconciliations.iter().find(|(key, _)| key.as_str() == id).map_or("", |(_, text)| text.as_str())) } }))
    };
    Ok(Shown::new(id, body)
        .below("/populations", t!("Populations"))
        .in_frame(&visit))
}

fn figures(result: &ReconciliationResult) -> Markup {
    html! {
        dl.figures {
            div { dt { (t!("Matched")) } dd { (number(result.matched_count)) } }
            div { dt { (t!("Only left")) } dd { (number(result.only_left.len() as u64)) } }
            div { dt { (t!("Only right")) } dd { (number(result.only_right.len() as u64)) } }
            div { dt { (t!("Repeated left")) } dd { (number(result.repeated_left_count)) } }
            div { dt { (t!("Repeated right")) } dd { (number(result.repeated_right_count)) } }
        }
    }
}

fn only(title: &str, dataset: &str, rows: &[Vec<Option<String>>]) -> Markup {
    parts::card_flush(
        title,
        html! { span.mut { (dataset) } },
        html! {
            @if rows.is_empty() { p.none { (t!("Nothing.")) } }
            ul.rows { @for row in rows { li { div.row-link { (row.iter().map(|it| it.as_deref().unwrap_or("∅")).collect::<Vec<_>>().join(" / ")) } } } }
        },
    )
}

async fn run(visit: Visit) -> Answer<Response> {
    let id = work::reconcile(&visit)?;
    Ok(super::jobs::started(&visit, id))
}

/// The current snapshots of every dataset the tests of a control read.
///
/// # Errors
/// Before a program was recorded.
pub fn snapshots_read_by(visit: &Visit, control: &Control) -> Answer<Markup> {
    let recorded = visit.recorded()?;
    let evidence = &visit.picture()?.state.evidence;
    let mut datasets: Vec<&str> = control
        .definition
        .tests
        .iter()
        .filter_map(|id| recorded.test(id))
        .flat_map(|test| &test.reads)
        .map(|table| tickmark_control_tests::dataset_of(table))
        .filter(|it| !it.starts_with("program_"))
        .collect();
    datasets.sort_unstable();
    datasets.dedup();
    Ok(html! {
        @if datasets.is_empty() { p.none { (t!("Its tests read no population.")) } }
        ul.rows { @for dataset in datasets { li { a.row-link href=(visit.link(&format!("/populations/{dataset}"))) {
            (tag(dataset))
            span.grow { @for it in evidence.current(dataset) { small { (it.source_id) " · " (tn!(it.row_count, "{n} row", "{n} rows")) } } }
            (completeness(recorded.completeness.get(dataset)))
        } } } }
    })
}
