//! Editing any file of the program, with what would change before it is
//! recorded.
//!
//! What must hold: a file that someone else changed meanwhile is not written
//! over; what was typed is never lost to an error; the entry is the one
//! `tickmark apply` writes.

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Action;
use tickmark_catalog::Problem;
use tickmark_program::{Change, is_program_file};
use tickmark_realm::Edits;

use super::policies::difference;
use crate::fault::Answer;
use crate::frame::{Shown, head};
use crate::guard::{again, see};
use crate::parts::{self, Tone, icon};
use crate::route::{Access, On, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

const EDITORS: Access = Access::May(Action::EditProgram, On::Company);

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/program", EDITORS, files),
        get("/program/edit", EDITORS, show),
        post("/program/edit", EDITORS, save),
    ]
}

/// A link to the editor of a file, for who may use it.
pub fn link(visit: &Visit, path: &str, text: &str) -> Markup {
    let may = visit.may(Action::EditProgram) && visit.shows_past().is_none();
    html! { @if may { (parts::button_link(&format!("/program/edit?file={}", crate::format::url_part(path)), "square-pen", text)) } }
}

/// Every file of the program.
async fn files(visit: Visit) -> Answer<Response> {
    let files = visit.picture()?.state.program.files();
    let body = html! {
        (head(t!("Files of the program"), html! { (t!("What the program is recorded as. Each can be edited here, or in the workspace's folder with tickmark apply.")) }, html! {}))
        section.card { ul.rows { @for (path, file) in files { li { a.row-link href={ "/program/edit?file=" (crate::format::url_part(path)) } {
            (icon("file-text")) span.grow { (path) } span.mut { (crate::format::instant(file.set_at, &visit.zone())) }
        } } } } }
        form.form method="get" action="/program/edit" {
            (parts::field("file", t!("A new file"), t!("For example controls/TM-200.md or policies/remote-work.md."), html! { input #file name="file" required aria-describedby="file-hint"; }))
            button.btn type="submit" { (icon("plus")) (t!("Start it")) }
        }
    };
    Ok(Shown::new(t!("Files of the program"), body).in_frame(&visit))
}

fn path_of(visit: &Visit) -> Answer<String> {
    let path = visit.asked("file").unwrap_or_default();
    if is_program_file(path) {
        return Ok(path.to_owned());
    }
    Err(Problem::new(format!("`{path}` has no place in a program"))
        .hint("files are such as `controls/TM-200.md`, `policies/remote-work.md`, `risks.toml`")
        .into())
}

async fn show(visit: Visit) -> Answer<Response> {
    let path = path_of(&visit)?;
    let file = visit.picture()?.state.program.files().get(&path);
    let (text, base) = file.map_or((String::new(), String::new()), |file| {
        (file.text.clone(), file.sha256.to_string())
    });
    Ok(page(&visit, &path, &text, &base, html! {}))
}

fn page(visit: &Visit, path: &str, text: &str, base: &str, above: Markup) -> Response {
    let body = html! {
        (head(path, html! { @if base.is_empty() { (t!("A new file.")) } @else { (t!("What you record here is the entry that tickmark apply writes.")) } }, html! {}))
        (above)
        form.form.wide method="post" action={ "/program/edit?file=" (crate::format::url_part(path)) } {
            input type="hidden" name="base" value=(base);
            (parts::field("text", t!("Text"), "", html! { textarea #text.editor name="text" rows="28" spellcheck="false" { (text) } }))
            div.row.wrap {
                button.btn type="submit" name="then" value="preview" { (icon("eye")) (t!("What would change")) }
                button.btn.primary type="submit" name="then" value="record" { (icon("check")) (t!("Record")) }
                @if !base.is_empty() { button.btn.danger type="submit" name="then" value="remove" { (icon("trash-2")) (t!("Remove the file")) } }
            }
        }
    };
    Shown::new(path.to_owned(), body)
        .below("/program", t!("Files of the program"))
        .in_frame(visit)
}

#[derive(Deserialize)]
struct Edited {
    base: String,
    text: String,
    #[serde(default)]
    then: String,
}

async fn save(visit: Visit, Form(form): Form<Edited>) -> Answer<Response> {
    let path = path_of(&visit)?;
    let text = form.text.replace("\r\n", "\n");
    let edits = Edits::from([(path.clone(), (form.then != "remove").then(|| text.clone()))]);
    let done = if form.then == "preview" {
        let files = visit.picture()?.state.program.files();
        let before = files.get(&path).map_or("", |it| it.text.as_str());
        preview(&visit, &edits, before, &text).await.map(Some)
    } else {
        record(&visit, edits, &path, &form.base)
            .await
            .map(|()| None)
    };
    match done {
        Ok(None) => Ok(see(&shown_at(&path))),
        Ok(Some(above)) => Ok(page(&visit, &path, &text, &form.base, above)),
        Err(fault) => again(fault, |above| {
            Ok(page(&visit, &path, &text, &form.base, above))
        }),
    }
}

/// What recording would change, record by record and line by line of the file
/// that says `before` and would say `after`.
///
/// # Errors
/// Everything that is wrong with the program as it would be.
pub async fn preview(visit: &Visit, edits: &Edits, before: &str, after: &str) -> Answer<Markup> {
    let edits = edits.clone();
    let found = visit
        .company()?
        .command(move |company| company.preview(&edits))
        .await?;
    Ok(html! {
        (parts::card(t!("What would change"), html! {}, html! {
            @if found.changes.is_empty() { (parts::note(Tone::Idle, html! { (t!("Nothing.")) })) }
            ul.plain { @for change in &found.changes { li { (line(change)) } } }
            (difference(before, after))
        }))
    })
}

fn line(change: &Change) -> String {
    match change {
        Change::Added { record } => t!(
            "new: {kind} {id}",
            kind = record.kind.title(),
            id = record.id
        ),
        Change::Removed { record } => t!(
            "gone: {kind} {id}",
            kind = record.kind.title(),
            id = record.id
        ),
        Change::Changed { record, fields } => {
            let fields: Vec<&str> = fields.iter().map(|it| it.field.as_str()).collect();
            t!(
                "changed: {kind} {id} ({fields})",
                kind = record.kind.title(),
                id = record.id,
                fields = fields.join(", ")
            )
        }
        other => t!("rewritten: {file}", file = other.file()),
    }
}

async fn record(visit: &Visit, edits: Edits, path: &str, base: &str) -> Answer<()> {
    let (actor, path, base) = (visit.actor()?, path.to_owned(), base.to_owned());
    visit
        .company()?
        .command(move |company| {
            let known = company.state().program.files().get(&path).map_or(String::new(), |file| file.sha256.to_string());
            if known != base {
                return Err(Problem::new(format!("`{path}` was changed by someone else meanwhile")).hint("copy your text, load the page anew, and put your change into the text as it is now").into());
            }
            company.edit(&actor, &edits)
        })
        .await?;
    Ok(())
}

/// The page that shows what a file says.
fn shown_at(path: &str) -> String {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match path.split_once('/').map_or(path, |(folder, _)| folder) {
        "controls" => format!("/controls/{stem}"),
        "policies" => format!("/policies/{stem}"),
        "description" => format!("/description/{stem}"),
        "tests" => "/tests".to_owned(),
        "risks.toml" => "/risks".to_owned(),
        "vendors.toml" => "/vendors".to_owned(),
        "subservice.toml" => "/vendors/subservice".to_owned(),
        "commitments.toml" => "/commitments".to_owned(),
        "reconciliations" | "sources" => "/populations".to_owned(),
        _ => "/program".to_owned(),
    }
}
