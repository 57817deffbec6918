//! The ledger: every entry with who did what, its proof, the checkpoints, and
//! verifying all of it from the page.
//!
//! What must hold: nothing is left out and nothing is made nicer than the entry
//! says; whoever wants to check needs nothing of this server but its files.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::Value as Json;
use tickmark_access::Action;
use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_program::ProgramEvent;
use tickmark_realm::{Edits, Journal, Line, Told};

use super::{Group, Page, no_count};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{self, Column, Table};
use crate::parts::{self, icon, tag};
use crate::route::{Access, On, PROGRAM, get, post};
use crate::strings::t;
use crate::visit::Visit;
use crate::work;

/// The page.
pub static PAGE: Page = Page {
    title: "Ledger",
    icon: "landmark",
    group: Group::Examination,
    href: "/ledger",
    access: PROGRAM,
    count: no_count,
    routes: || {
        vec![
            get("/ledger", PROGRAM, list),
            get("/ledger/{index}", PROGRAM, entry),
            get("/ledger/{index}/leaf", PROGRAM, leaf),
            get("/ledger/{index}/proof", PROGRAM, proof),
            get("/ledger/checkpoint", PROGRAM, checkpoint),
            post(
                "/ledger/{index}/undo",
                Access::May(Action::EditProgram, On::Company),
                undo,
            ),
            post(
                "/ledger/checkpoint",
                Access::May(Action::SignCheckpoint, On::Company),
                sign,
            ),
            post("/ledger/verify", PROGRAM, verify),
        ]
    },
};

/// An entry as a feed shows it.
pub struct Said {
    /// Index.
    pub index: u64,
    /// Their name, where known.
    pub who: String,
    /// What they did.
    pub what: String,
    /// When, in the organization's time zone.
    pub when: String,
}

fn journal(visit: &Visit) -> Answer<&Journal> {
    Ok(&visit.picture()?.state.journal)
}

fn line(visit: &Visit, line: Line<'_>) -> Said {
    Said {
        index: line.index,
        who: visit.name_of(line.actor),
        what: what(line.kind, line.subject),
        when: format::instant(line.at, &visit.zone()),
    }
}

/// The newest entries.
///
/// # Errors
/// When this server holds no company.
pub fn last(visit: &Visit, count: usize) -> Answer<Vec<Said>> {
    Ok(journal(visit)?
        .lines()
        .rev()
        .take(count)
        .map(|it| line(visit, it))
        .collect())
}

/// The entries about files of the program or about other subjects, newest
/// first, two hundred at most.
///
/// # Errors
/// When this server holds no company.
pub fn about(visit: &Visit, files: &[String], subjects: &[String]) -> Answer<Vec<Said>> {
    about_of(visit, files, subjects, |_| true)
}

/// As [`about`], only entries of kinds that are wanted.
///
/// # Errors
/// When this server holds no company.
pub fn about_of(
    visit: &Visit,
    files: &[String],
    subjects: &[String],
    wants: impl Fn(&str) -> bool,
) -> Answer<Vec<Said>> {
    let files = files
        .iter()
        .map(|path| tickmark_program::ProgramEvent::file_removed(path).subject());
    let subjects: Vec<String> = files.chain(subjects.iter().cloned()).collect();
    Ok(journal(visit)?
        .about(&subjects)
        .filter(|it| wants(it.kind))
        .take(200)
        .map(|it| line(visit, it))
        .collect())
}

/// What an entry did, in words.
fn what(kind: &str, subject: &str) -> String {
    let subject = subject.split_once(':').map_or(subject, |(_, rest)| rest);
    match kind {
        "program.file_set/1" => t!("set a file of the program").to_owned(),
        "program.file_removed/1" => t!("removed a file of the program").to_owned(),
        "program.draft_set/1" => t!("proposed a text").to_owned(),
        "program.draft_discarded/1" => t!("discarded a proposed text").to_owned(),
        "program.draft_approved/1" => t!("approved a proposed text").to_owned(),
        "program.policy_acknowledged/1" => t!("acknowledged a policy").to_owned(),
        "access.account_added/1" => t!("added account {what}", what = subject),
        "access.account_changed/1" => t!("changed account {what}", what = subject),
        "access.account_activated/1" => t!("came in for the first time as {what}", what = subject),
        "access.account_closed/1" => t!("closed account {what}", what = subject),
        "access.account_reopened/1" => t!("reopened account {what}", what = subject),
        "access.invitation_made/1" => t!("made a link for {what}", what = subject),
        "access.credential_changed/1" => t!("changed how {what} signs in", what = subject),
        "access.sessions_ended/1" => t!("ended the sessions of {what}", what = subject),
        "access.token_issued/1" => t!("issued API token {what}", what = subject),
        "access.token_revoked/1" => t!("revoked API token {what}", what = subject),
        "evidence.snapshot_recorded/1" => t!("imported {what}", what = subject),
        "evidence.artifact_recorded/1" => t!("took a document in").to_owned(),
        "evidence.reconciliation_recorded/1" => t!("reconciled {what}", what = subject),
        "evidence.rejects_accepted/1" => t!("accepted rejected rows of {what}", what = subject),
        "control_tests.defined/1" => t!("put control test {what} in force", what = subject),
        "control_tests.removed/1" => t!("took control test {what} out of force", what = subject),
        "control_tests.run_recorded/1" => t!("ran control test {what}", what = subject),
        "control_tests.response_given/1" => t!("answered the deviations of {what}", what = subject),
        other => t!(
            "{kind} on {what}",
            kind = format::words(
                other
                    .split_once('/')
                    .map_or(other, |(name, _)| name)
                    .rsplit('.')
                    .next()
                    .unwrap_or(other)
            ),
            what = subject
        ),
    }
}

/// Words are looked for in every entry, files hold every entry, and an order
/// other than the ledger's own needs all of them: such a page is made apart.
async fn list(visit: Visit) -> Answer<Response> {
    let looks_at_all = ["q", "format"]
        .iter()
        .any(|key| visit.asked(key).is_some_and(|it| !it.is_empty()));
    let is_in_order = matches!(listing::sort_of(&visit).0, None | Some("index" | "at"));
    if is_in_order && !looks_at_all {
        return page_in_order(&visit);
    }
    let made = tokio::task::spawn_blocking(move || page_of_all(&visit)).await;
    made.map_err(|error| Fault::Failed(error.to_string()))?
}

/// A page of the entries as they stand, the newest first unless asked otherwise:
/// only those shown are looked at.
fn page_in_order(visit: &Visit) -> Answer<Response> {
    let journal = journal(visit)?;
    let asked: Vec<&str> = visit
        .all_asked("kind")
        .filter(|it| !it.is_empty())
        .collect();
    let is_asked = |kind: &str| asked.is_empty() || asked.contains(&kind);
    let of_kind = journal.kinds().filter(|(kind, _)| is_asked(kind));
    let count = usize::try_from(of_kind.map(|(_, count)| count).sum::<u64>()).unwrap_or(usize::MAX);
    let (first, _) = listing::page_of(visit, count);
    let oldest_first = matches!(listing::sort_of(visit), (Some(_), false));
    let rows: Vec<Line<'_>> = match (asked.is_empty(), oldest_first) {
        (true, true) => indexes(first, count)
            .filter_map(|it| journal.line(it))
            .collect(),
        (true, false) => indexes(first, count)
            .filter_map(|it| journal.line(count as u64 - 1 - it))
            .collect(),
        (false, true) => shown(journal.lines_of(&asked), first),
        (false, false) => shown(journal.lines_of(&asked).rev(), first),
    };
    framed(visit, table(visit, journal, rows).of_page(count))
}

fn indexes(first: usize, count: usize) -> impl Iterator<Item = u64> {
    (first as u64..count as u64).take(listing::PAGE_ROWS)
}

fn shown<'j>(lines: impl Iterator<Item = Line<'j>>, first: usize) -> Vec<Line<'j>> {
    lines.skip(first).take(listing::PAGE_ROWS).collect()
}

fn page_of_all(visit: &Visit) -> Answer<Response> {
    let journal = journal(visit)?;
    let table = table(visit, journal, journal.lines().rev().collect());
    match table.file(visit) {
        Some(file) => file,
        None => framed(visit, table),
    }
}

fn table<'v>(visit: &'v Visit, journal: &'v Journal, rows: Vec<Line<'v>>) -> Table<'v, Line<'v>> {
    let zone = visit.zone();
    let mut kinds: Vec<&str> = journal.kinds().map(|(kind, _)| kind).collect();
    kinds.sort_unstable();
    let kinds = kinds.into_iter().map(|it| (it.to_owned(), it.to_owned()));
    Table::new("ledger", rows, vec![
        Column::new("index", t!("Entry"), |row: &Line| row.index)
            .show(|row| html! { a.tag href={ "/ledger/" (row.index) } { (format::number(row.index)) } }),
        Column::new("what", t!("What"), |row: &Line| what(row.kind, row.subject))
            .show(|row| html! { a.t href={ "/ledger/" (row.index) } { (what(row.kind, row.subject)) } small.mono { (row.kind) } }),
        Column::new("actor", t!("Actor"), |row: &Line| visit.name_of(row.actor))
            .show(|row| parts::person(&visit.name_of(row.actor))).wide_only(),
        Column::new("at", t!("When"), |row: &Line| row.at.to_string())
            .show(move |row| html! { time.nw datetime=(row.at) { (format::instant(row.at, &zone)) } }),
    ])
    .filter("kind", t!("Any kind"), kinds.collect(), |row, choice| row.kind == choice)
}

fn framed(visit: &Visit, table: Table<'_, Line<'_>>) -> Answer<Response> {
    let body = html! {
        (head(t!("Ledger"), html! { (t!("Everything that happened, in order. An entry is never changed; the tree over all of them shows if one were.")) }, html! {
            form method="post" action="/ledger/verify" data-job { button.btn type="submit" { (icon("shield-check")) (t!("Verify now")) } }
            @if visit.may(Action::SignCheckpoint) && visit.shows_past().is_none() { form method="post" action="/ledger/checkpoint" { button.btn type="submit" { (icon("stamp")) (t!("Sign a checkpoint")) } } }
        }))
        (head_card(visit)?)
        section.card { (table.render(visit)) }
    };
    Ok(Shown::new(t!("Ledger"), body).in_frame(visit))
}

/// What someone outside pins: origin, key, size, root, last checkpoint.
fn head_card(visit: &Visit) -> Answer<Markup> {
    let host = visit.company()?;
    let reader = host.reader();
    let failed = |error: tickmark_ledger::LedgerError| Fault::Failed(error.to_string());
    let head = reader.head().map_err(failed)?;
    let key = reader.verifier_key().map_err(failed)?;
    let checkpoints = reader.checkpoints().map_err(failed)?;
    Ok(parts::card(
        t!("What an outsider pins"),
        html! { @if !checkpoints.is_empty() { a.more href="/ledger/checkpoint" download { (t!("Last checkpoint")) (parts::icon_small("download")) } } },
        html! {
            (parts::properties(&[
                (t!("Origin"), html! { code { (reader.origin().map_err(failed)?) } }),
                (t!("Verifier key"), html! { code.breaks { (key) } }),
                (t!("Entries"), html! { (format::number(head.size)) }),
                (t!("Root"), html! { code.breaks { (hex::encode(head.root)) } }),
                (t!("Checkpoints"), html! { @match checkpoints.last() { Some((_, size, _)) => (t!("{n} signed, the last over {size} entries", n = checkpoints.len(), size = format::number(*size))), None => (t!("none signed yet")) } }),
            ]))
        },
    ))
}

fn told(visit: &Visit, index: u64) -> Answer<Told> {
    let reader = visit.company()?.reader();
    let record = reader
        .entries(index..index + 1)
        .next()
        .ok_or(Fault::NotFound)?;
    let record = record.map_err(|error| Fault::Failed(error.to_string()))?;
    Ok(Told::try_from(record)?)
}

async fn entry(visit: Visit) -> Answer<Response> {
    let index: u64 = visit.parsed("index")?;
    let told = told(&visit, index)?;
    let (size, proof) = {
        let reader = visit.company()?.reader();
        let failed = |error: tickmark_ledger::LedgerError| Fault::Failed(error.to_string());
        let size = reader.head().map_err(failed)?.size;
        let proof = reader.prove_inclusion(index, size).map_err(failed)?;
        (size, proof)
    };
    let body = html! {
        div.page-head {
            div { div.row.wrap { (tag(&told.kind)) } h1.mt8 { (t!("Entry {n}", n = format::number(index))) } p { (visit.name_of(&told.actor)) " " (what(&told.kind, &told.subject)) } }
            div.row.wrap {
                @if index > 0 { (parts::button_link(&format!("/ledger/{}", index - 1), "chevron-left", t!("Previous"))) }
                @if index + 1 < size { (parts::button_link(&format!("/ledger/{}", index + 1), "chevron-right", t!("Next"))) }
                (parts::button_link(&format!("/?at={index}"), "history", t!("Everything as of here")))
                @if told.kind.starts_with("program.file_") && visit.may(Action::EditProgram) && visit.shows_past().is_none() {
                    form method="post" action={ "/ledger/" (index) "/undo" } { button.btn type="submit" { (icon("undo-2")) (t!("Put back what was before")) } }
                }
            }
        }
        div.grid.g-detail {
            div.stack {
                (parts::card(t!("What it says"), html! {}, html! { @match &told.body { Some(body) => (value(body)), None => p.none { (t!("Its body was erased. The entry and every proof stay.")) } } }))
                (parts::card(t!("Proof"), html! { a.more href={ "/ledger/" (index) "/proof" } download { (t!("Download")) (parts::icon_small("download")) } }, html! {
                    p.prose { (t!("The entry is leaf {n} of a tree of {size}. Hashing it with these {count} hashes gives the root.", n = format::number(index), size = format::number(size), count = proof.path.len())) }
                    ol.hashes { @for hash in &proof.path { li { code { (hex::encode(hash)) } } } }
                }))
            }
            aside.stack {
                (parts::properties(&[
                    (t!("Actor"), html! { code { (told.actor) } }),
                    (t!("Subject"), html! { code.breaks { (told.subject) } }),
                    (t!("Recorded"), html! { (format::instant(told.at, &visit.zone())) }),
                    (t!("In UTC"), html! { code { (told.at) } }),
                    (t!("Leaf"), html! { a.link href={ "/ledger/" (index) "/leaf" } { (t!("the bytes that are hashed")) } }),
                ]))
            }
        }
    };
    Ok(Shown::new(t!("Entry {n}", n = index), body)
        .below("/ledger", t!("Ledger"))
        .in_frame(&visit))
}

/// A JSON value as names and values, long text in a box of its own.
fn value(json: &Json) -> Markup {
    match json {
        Json::Object(fields) => {
            html! { dl.json { @for (name, field) in fields { div { dt { (name) } dd { (value(field)) } } } } }
        }
        Json::Array(items) if items.iter().all(|it| !it.is_object() && !it.is_array()) => {
            html! { div.row.wrap { @for item in items { (value(item)) } } }
        }
        Json::Array(items) => html! { ol { @for item in items { li { (value(item)) } } } },
        Json::String(text) if text.contains('\n') => html! { pre tabindex="0" { (text) } },
        Json::String(text) if text.parse::<Sha256Hex>().is_ok() => html! { code.breaks { (text) } },
        Json::String(text) => html! { span { (text) } },
        Json::Null => html! { span.mut { (t!("nothing")) } },
        other => html! { code { (other) } },
    }
}

/// Puts a file back to what it was before an entry: a new entry, since none is
/// ever changed.
async fn undo(visit: Visit) -> Answer<Response> {
    let index: u64 = visit.parsed("index")?;
    let told = told(&visit, index)?;
    let event: Option<ProgramEvent> = told.event()?;
    let event = event
        .filter(|it| {
            matches!(
                it,
                ProgramEvent::FileSet { .. } | ProgramEvent::FileRemoved { .. }
            )
        })
        .ok_or(Fault::NotFound)?;
    let path = event.path().to_owned();
    let before = text_before(&visit, &event, index)?;
    let actor = visit.actor()?;
    visit
        .company()?
        .command(move |company| company.edit(&actor, &Edits::from([(path, before)])))
        .await?;
    Ok(crate::guard::see("/ledger"))
}

/// The text a file had before an entry; `None` where there was no such file.
fn text_before(visit: &Visit, event: &ProgramEvent, index: u64) -> Answer<Option<String>> {
    let journal = journal(visit)?;
    let subjects = [event.subject()];
    let mut earlier = journal
        .about(&subjects)
        .filter(|line| line.index < index && line.kind.starts_with("program.file_"));
    let Some(line) = earlier.next() else {
        return Ok(None);
    };
    match told(visit, line.index)?.event()? {
        Some(ProgramEvent::FileSet { text, .. }) => Ok(Some(text)),
        Some(_) => Ok(None),
        None => Err(Problem::new("what was before was erased")
            .hint("set the file anew instead")
            .into()),
    }
}

async fn leaf(visit: Visit) -> Answer<Response> {
    let index: u64 = visit.parsed("index")?;
    let leaf = visit
        .company()?
        .workspace()
        .reader()?
        .leaf(index)
        .map_err(|_| Fault::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], leaf).into_response())
}

async fn proof(visit: Visit) -> Answer<Response> {
    let index: u64 = visit.parsed("index")?;
    let reader = visit.company()?.reader();
    let failed = |error: tickmark_ledger::LedgerError| Fault::Failed(error.to_string());
    let size = reader.head().map_err(failed)?.size;
    let proof = reader
        .prove_inclusion(index, size)
        .map_err(|_| Fault::NotFound)?;
    let path: Vec<String> = proof.path.iter().map(hex::encode).collect();
    let document = serde_json::json!({
        "index": proof.index, "size": proof.size, "root": hex::encode(proof.root), "path": path,
        "leaf": String::from_utf8_lossy(&proof.leaf),
    });
    Ok(axum::Json(document).into_response())
}

async fn checkpoint(visit: Visit) -> Answer<Response> {
    let reader = visit.company()?.workspace().reader()?;
    let note = reader
        .last_checkpoint()
        .map_err(|error| Fault::Failed(error.to_string()))?
        .ok_or(Fault::NotFound)?;
    Ok(crate::listing::download(
        note,
        "text/plain; charset=utf-8",
        "checkpoint",
        "txt",
    ))
}

async fn sign(visit: Visit) -> Answer<Response> {
    visit
        .company()?
        .command(|company| company.checkpoint())
        .await?;
    Ok(crate::guard::see("/ledger"))
}

async fn verify(visit: Visit) -> Answer<Response> {
    let id = work::verify(&visit)?;
    Ok(super::jobs::started(&visit, id))
}
