//! Handing evidence over: a document with what it shows, or an export of a
//! population with the mapping that reads it.
//!
//! What must hold: a file is looked at before anything is recorded, and every
//! bad row is told; what a mapping would make of an export is shown first; what
//! was typed stays where a file or a mapping is refused; what was uploaded and
//! not used is gone with the server.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Multipart;
use axum::response::Response;
use axum_extra::extract::Form;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tempfile::TempDir;
use tickmark_access::Action;
use tickmark_catalog::{ControlId, DatasetSchema, Problem, Problems, catalog};
use tickmark_evidence::{
    Draft, Import, Mapping, Peek, Rejects, Rows, Store, proposed_columns, read_rows,
};
use tickmark_realm::DocumentUpload;

use crate::fault::{Answer, Fault};
use crate::frame::{Shown, head};
use crate::guard::{again, see};
use crate::jobs::End;
use crate::parts::{self, Tone, icon};
use crate::route::{Access, On, Route, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;

const IMPORTERS: Access = Access::May(Action::ImportPopulation, On::Company);
const UPLOADERS: Access = Access::May(Action::UploadEvidence, On::Control);

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/evidence/upload", IMPORTERS, choose),
        post(
            "/evidence/documents",
            Access::May(Action::EditProgram, On::Company),
            add_document,
        ),
        get("/controls/{id}/upload", UPLOADERS, control_form),
        post("/controls/{id}/upload", UPLOADERS, add_to_control),
        post("/evidence/exports", IMPORTERS, add_export),
        get("/evidence/exports/{upload}", IMPORTERS, wizard),
        post("/evidence/exports/{upload}", IMPORTERS, wizard_step),
    ]
}

/// Exports that were uploaded and not imported yet.
#[derive(Default)]
pub struct Uploads(Mutex<VecDeque<(String, Arc<Upload>)>>);

/// One of them.
pub struct Upload {
    folder: TempDir,
    name: String,
    dataset: String,
    by: String,
}

/// How many may wait at once; the oldest leaves first.
const WAITING: usize = 50;

impl Uploads {
    fn keep(&self, id: String, upload: Upload) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while all.len() >= WAITING {
            all.pop_front();
        }
        all.push_back((id, Arc::new(upload)));
    }

    fn get(&self, id: &str) -> Option<Arc<Upload>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(known, _)| known == id);
        found.map(|(_, upload)| Arc::clone(upload))
    }

    fn drop(&self, id: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(known, _)| known != id);
    }
}

async fn choose(visit: Visit) -> Answer<Response> {
    let asked = [("dataset", "dataset"), ("controls", "control")];
    let chosen = asked.iter().filter_map(|(field, key)| {
        let value = visit.asked(key)?;
        Some(((*field).to_owned(), value.to_owned()))
    });
    let sent = Sent {
        fields: chosen.collect(),
        ..Sent::default()
    };
    choose_page(&visit, &sent, html! {})
}

/// Both forms, with what was typed in them before.
fn choose_page(visit: &Visit, sent: &Sent, above: Markup) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let body = html! {
        (head(t!("Upload"), html! { (t!("An export becomes a population by a mapping you see before anything is recorded; a document is kept as it is.")) }, html! {}))
        (above)
        div.grid.g-half {
            (parts::card(t!("A population"), html! {}, html! {
                form.form method="post" action="/evidence/exports" enctype="multipart/form-data" {
                    (file_field("export", t!("Export"), t!("CSV, XLSX, JSON or NDJSON, as the system gave it."), ".csv,.tsv,.txt,.xlsx,.json,.ndjson,.jsonl"))
                    (parts::field("dataset", t!("What its rows are"), "", html! { select #dataset name="dataset" required {
                        option value="" { (t!("Choose …")) }
                        @for schema in &catalog().datasets { option value=(schema.name) selected[sent.one("dataset") == schema.name] { (schema.name) " – " (schema.title) } }
                    } }))
                    (parts::button_primary("arrow-right", t!("Look at it")))
                }
            }))
            (parts::card(t!("A document"), html! {}, html! {
                (document_form("/evidence/documents", sent, html! {
                    (parts::field("controls", t!("Controls it shows"), t!("Hold Ctrl to choose several."), html! { select #controls name="controls" multiple size="8" required aria-describedby="controls-hint" {
                        @for it in &recorded.program.controls { option value=(it.definition.id) selected[sent.all("controls").any(|id| id == it.definition.id.as_str())] { (it.definition.id) " " (it.definition.title) } }
                    } }))
                }))
            }))
        }
    };
    Ok(Shown::new(t!("Upload"), body)
        .below("/evidence", t!("Documents"))
        .in_frame(visit))
}

fn file_field(id: &str, name: &str, hint: &str, accept: &str) -> Markup {
    html! { div.drop data-drop {
        (icon("upload"))
        label for=(id) { (name) }
        input id=(id) type="file" name=(id) required accept=(accept) aria-describedby={ (id) "-hint" };
        small id={ (id) "-hint" } { (hint) }
    } }
}

fn document_form(action: &str, sent: &Sent, more: Markup) -> Markup {
    html! { form.form method="post" action=(action) enctype="multipart/form-data" {
        (file_field("file", t!("File"), t!("PDF, picture, office file or text; its bytes must be what its name says."), ""))
        (parts::field("title", t!("What it shows"), "", html! { input #title name="title" required maxlength="300" value=(sent.one("title")); }))
        (parts::field("dated", t!("The date it bears"), "", html! { input #dated name="dated" type="date" required value=(sent.one("dated")); }))
        (more)
        (parts::button_primary("check", t!("Take it in")))
    } }
}

async fn control_form(visit: Visit) -> Answer<Response> {
    let id: ControlId = visit.parsed("id")?;
    control_page(&visit, &id, &Sent::default(), html! {})
}

fn control_page(visit: &Visit, id: &ControlId, sent: &Sent, above: Markup) -> Answer<Response> {
    let (control, _) = visit.recorded()?.control(id).ok_or(Fault::NotFound)?;
    let body = html! {
        (head(&t!("Evidence of {id}", id = id), html! { (control.definition.title) }, html! {}))
        (above)
        @if !control.definition.evidence.is_empty() { (parts::note(Tone::Note, html! { (t!("What shows it:")) " " (control.definition.evidence.join("; ")) })) }
        section.card { div.body { (document_form(&format!("/controls/{id}/upload"), sent, html! {})) } }
    };
    Ok(Shown::new(t!("Add evidence"), body)
        .below("/controls", t!("Controls"))
        .below(format!("/controls/{id}"), id.to_string())
        .in_frame(visit))
}

/// A form with a file, as it was sent.
#[derive(Default)]
struct Sent {
    name: String,
    bytes: Vec<u8>,
    fields: Vec<(String, String)>,
}

impl Sent {
    async fn read(visit: &Visit, mut form: Multipart) -> Answer<Self> {
        let limit_bytes = visit.app().settings().max_upload_bytes;
        let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
            axum::http::StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge { limit_bytes },
            _ => Problem::new("the upload broke off")
                .hint("send it again")
                .into(),
        };
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let key = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                Some(name) => {
                    sent.name = name;
                    sent.bytes = field.bytes().await.map_err(broken)?.to_vec();
                }
                None => sent.fields.push((key, field.text().await.map_err(broken)?)),
            }
        }
        Ok(sent)
    }

    fn no_file(&self) -> Option<Problem> {
        self.name
            .is_empty()
            .then(|| Problem::new("no file was chosen").hint("choose one and send it again"))
    }

    fn all<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s str> {
        self.fields
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    fn one(&self, key: &str) -> &str {
        let found = self.fields.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value.trim())
    }

    fn document(&self, controls: Vec<ControlId>) -> Answer<DocumentUpload> {
        let mut problems: Vec<Problem> = self.no_file().into_iter().collect();
        let dated: Option<Date> = self.one("dated").parse().ok();
        if dated.is_none() {
            problems.push(
                Problem::new("the date it bears is missing").hint("write it as `2026-03-31`"),
            );
        }
        if self.one("title").is_empty() {
            problems.push(
                Problem::new("it is not said what the document shows")
                    .hint("say it in a few words"),
            );
        }
        if controls.is_empty() {
            problems.push(
                Problem::new("no control was chosen").hint("choose the controls it is evidence of"),
            );
        }
        let dated = dated.unwrap_or_default();
        let upload = DocumentUpload {
            name: self.name.clone(),
            title: self.one("title").to_owned(),
            controls,
            dated,
        };
        Ok(Problems::unless_empty(problems, upload)?)
    }
}

async fn add_document(visit: Visit, form: Multipart) -> Answer<Response> {
    let mut sent = Sent::read(&visit, form).await?;
    let controls: Result<Vec<ControlId>, _> = sent.all("controls").map(str::parse).collect();
    let controls = controls.map_err(|_| Fault::NotFound)?;
    match take_in(&visit, &mut sent, controls).await {
        Ok(sha256) => Ok(see(&format!("/evidence/documents/{sha256}"))),
        Err(fault) => again(fault, |above| choose_page(&visit, &sent, above)),
    }
}

async fn add_to_control(visit: Visit, form: Multipart) -> Answer<Response> {
    let id: ControlId = visit.parsed("id")?;
    let mut sent = Sent::read(&visit, form).await?;
    match take_in(&visit, &mut sent, vec![id.clone()]).await {
        Ok(_) => Ok(see(&format!("/controls/{id}/evidence"))),
        Err(fault) => again(fault, |above| control_page(&visit, &id, &sent, above)),
    }
}

/// Takes a document in; only its bytes are gone from what was sent.
async fn take_in(visit: &Visit, sent: &mut Sent, controls: Vec<ControlId>) -> Answer<String> {
    let upload = sent.document(controls)?;
    let (actor, bytes) = (visit.actor()?, std::mem::take(&mut sent.bytes));
    let artifact = visit
        .company()?
        .command(move |company| company.add_document(&actor, &upload, &bytes))
        .await?;
    Ok(artifact.sha256.to_string())
}

async fn add_export(visit: Visit, form: Multipart) -> Answer<Response> {
    let sent = Sent::read(&visit, form).await?;
    match keep_export(&visit, &sent) {
        Ok(id) => Ok(see(&format!("/evidence/exports/{id}"))),
        Err(fault) => again(fault, |above| choose_page(&visit, &sent, above)),
    }
}

/// Keeps an export for the wizard; returns the id it waits under.
fn keep_export(visit: &Visit, sent: &Sent) -> Answer<String> {
    let dataset = sent.one("dataset").to_owned();
    let mut problems: Vec<Problem> = sent.no_file().into_iter().collect();
    if catalog().dataset(&dataset).is_none() {
        problems.push(Problem::new("it is not said what the rows are").hint("choose a dataset"));
    }
    Problems::unless_empty(problems, ())?;
    let failed = |error: std::io::Error| Fault::Failed(error.to_string());
    let folder = tempfile::tempdir().map_err(failed)?;
    let name = file_name(&sent.name).to_owned();
    std::fs::write(folder.path().join(&name), &sent.bytes).map_err(failed)?;
    Peek::of(&folder.path().join(&name)).map_err(tickmark_realm::Error::from)?;
    let mut random = [0; 12];
    visit.app().surroundings().fill(&mut random);
    let id = hex::encode(random);
    let by = visit.actor()?;
    visit.app().uploads().keep(
        id.clone(),
        Upload {
            folder,
            name,
            dataset,
            by,
        },
    );
    Ok(id)
}

/// The name of a file without the folders a browser may put before it; a name
/// that no file can have is replaced.
fn file_name(sent: &str) -> &str {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let names_nothing = matches!(name, "" | "." | "..") || name.contains('\0');
    if names_nothing { "export" } else { name }
}

fn found(visit: &Visit) -> Answer<(Arc<Upload>, &'static DatasetSchema, Peek)> {
    let upload = visit
        .app()
        .uploads()
        .get(visit.param("upload"))
        .ok_or(Fault::NotFound)?;
    if upload.by != visit.actor()? {
        return Err(Fault::NotFound);
    }
    let schema = catalog().dataset(&upload.dataset).ok_or(Fault::NotFound)?;
    let peek =
        Peek::of(&upload.folder.path().join(&upload.name)).map_err(tickmark_realm::Error::from)?;
    Ok((upload, schema, peek))
}

/// What the wizard's form holds.
#[derive(Default, Deserialize)]
struct WizardForm {
    #[serde(default)]
    id: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    observed_at: String,
    #[serde(default)]
    mapping: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    then: String,
    /// The column of the export that fills each column of the dataset, in its
    /// order; empty where none does.
    #[serde(default)]
    from: Vec<String>,
}

async fn wizard(visit: Visit) -> Answer<Response> {
    let (upload, schema, peek) = found(&visit)?;
    let proposed = proposed_columns(schema, &peek);
    let from = schema
        .columns
        .iter()
        .map(|column| {
            proposed
                .iter()
                .find(|(name, _)| *name == column.name)
                .map_or(String::new(), |(_, from)| from.clone())
        })
        .collect();
    let now = visit.now().to_zoned(visit.zone());
    let form = WizardForm {
        id: upload.dataset.replace('_', "-"),
        observed_at: now.strftime("%Y-%m-%dT%H:%M").to_string(),
        from,
        ..WizardForm::default()
    };
    Ok(page(&visit, &upload, schema, &peek, &form, html! {}))
}

fn page(
    visit: &Visit,
    upload: &Upload,
    schema: &DatasetSchema,
    peek: &Peek,
    form: &WizardForm,
    above: Markup,
) -> Response {
    let body = html! {
        (head(&t!("{file} as {dataset}", file = upload.name, dataset = schema.name), html! { (schema.title) }, html! {}))
        (above)
        form.form.wide method="post" {
            (parts::card(t!("Where it comes from"), html! {}, html! { div.form-row {
                (parts::field("id", t!("Id of the source"), t!("Lower-case words with dashes; an id that exists gets a new export."), html! { input #id name="id" required value=(form.id) aria-describedby="id-hint"; }))
                (parts::field("system", t!("System of record"), "", html! { input #system name="system" required value=(form.system); }))
                (parts::field("observed_at", t!("The source was in this state on"), "", html! { input #observed_at name="observed_at" type="datetime-local" required value=(form.observed_at); }))
            } (parts::field("request", t!("What the source was asked, word for word"), t!("The report's name and filters, or the query."), html! { input #request name="request" required value=(form.request) aria-describedby="request-hint"; })) }))
            (columns_card(schema, peek, form))
            (first_rows(peek))
            div.row.wrap { button.btn.primary type="submit" name="then" value="preview" { (icon("eye")) (t!("Show what would be imported")) } }
        }
    };
    Shown::new(t!("Map an export"), body)
        .below("/populations", t!("Populations"))
        .below("/evidence/upload", t!("Upload"))
        .in_frame(visit)
}

fn columns_card(schema: &DatasetSchema, peek: &Peek, form: &WizardForm) -> Markup {
    parts::card_flush(
        t!("Which column is what"),
        html! { span.mut { (t!("those called alike are proposed")) } },
        html! {
            div.scroll tabindex="0" role="region" aria-label=(t!("Columns")) { table.tbl {
                thead { tr { th scope="col" { (t!("Column")) } th scope="col" { (t!("Filled from")) } th scope="col" { (t!("Meaning")) } } }
                tbody { @for (place, column) in schema.columns.iter().enumerate() { @let chosen = form.from.get(place).map_or("", String::as_str); tr {
                    td { code { (column.name) } @if column.required { " " span.mut { (t!("required")) } } }
                    td { label.vh for={ "from-" (place) } { (t!("{column} is filled from", column = column.name)) }
                        select id={ "from-" (place) } name="from" { option value="" { (t!("nothing")) } @for name in &peek.columns { option value=(name) selected[name == chosen] { (name) } } } }
                    td { (parts::coded(&column.meaning)) }
                } } }
            } }
        },
    )
}

fn first_rows(peek: &Peek) -> Markup {
    parts::card_flush(
        t!("The first rows as they are"),
        html! {},
        html! { div.scroll tabindex="0" role="region" aria-label=(t!("Rows")) { table.tbl.raw {
            thead { tr { @for name in &peek.columns { th scope="col" { (name) } } } }
            tbody { @for row in peek.records.iter().take(5) { tr { @for cell in row { td { (cell) } } } } }
        } } },
    )
}

async fn wizard_step(visit: Visit, Form(form): Form<WizardForm>) -> Answer<Response> {
    let (upload, schema, peek) = found(&visit)?;
    if form.then == "columns" {
        return Ok(page(&visit, &upload, schema, &peek, &form, html! {}));
    }
    let mapping = if form.mapping.is_empty() {
        match drafted(&visit, &upload, schema, &peek, &form) {
            Ok(mapping) => mapping,
            Err(fault) => {
                let again_with = |above| Ok(page(&visit, &upload, schema, &peek, &form, above));
                return again(fault, again_with);
            }
        }
    } else {
        form.mapping.replace("\r\n", "\n")
    };
    let reason = form.reason.trim();
    let tried = if form.then == "import" && !reason.is_empty() {
        // Bad rows are known by now; a mapping that is none is not.
        match import(&visit, &upload, &mapping, Some(reason)) {
            Ok(response) => return Ok(response),
            Err(fault) => Err(fault),
        }
    } else {
        let (kept, text, now) = (Arc::clone(&upload), mapping.clone(), visit.now());
        tokio::task::spawn_blocking(move || try_out(&kept, schema, &text, now))
            .await
            .map_err(|error| Fault::Failed(error.to_string()))?
    };
    let preview = |found| preview_page(&visit, &upload, &peek, &form, &mapping, found);
    match tried {
        Ok(_) if form.then == "import" => import(&visit, &upload, &mapping, None),
        Ok((count, rows)) => Ok(preview(Found::Rows(count, rows))),
        Err(fault) => again(fault, |above| Ok(preview(Found::Problems(above)))),
    }
}

/// What came of trying a mapping out.
enum Found {
    /// How many rows, and the first of them.
    Rows(u64, Rows),
    /// Everything that is wrong.
    Problems(Markup),
}

fn drafted(
    visit: &Visit,
    upload: &Upload,
    schema: &DatasetSchema,
    peek: &Peek,
    form: &WizardForm,
) -> Answer<String> {
    let recorded = visit.recorded()?;
    let local: jiff::civil::DateTime = form.observed_at.parse().map_err(|_| {
        Problem::new("it is not said when the source was in this state")
            .hint("choose a day and a time")
    })?;
    let observed = local
        .to_zoned(visit.zone())
        .map_err(|error| Problem::new(error.to_string()))?
        .timestamp();
    let names = schema.columns.iter().map(|column| column.name.clone());
    let draft = Draft {
        id: form.id.trim().to_owned(),
        system: form.system.trim().to_owned(),
        tenant: recorded.program.organization.id.to_string(),
        file: format!("exports/{}/{}", form.id.trim(), upload.name),
        observed_at: observed.to_string(),
        request: form.request.trim().to_owned(),
        covers: recorded.program.period,
        columns: names.zip(form.from.iter().cloned()).collect(),
    };
    Ok(draft.to_toml(schema, peek))
}

/// The export laid out as the mapping names it.
fn laid_out(upload: &Upload, mapping: &Mapping) -> Result<TempDir, Fault> {
    let failed = |error: std::io::Error| Fault::Failed(error.to_string());
    let folder = tempfile::tempdir().map_err(failed)?;
    for name in &mapping.files {
        let place = folder.path().join(name);
        std::fs::create_dir_all(place.parent().unwrap_or(folder.path())).map_err(failed)?;
        std::fs::copy(upload.folder.path().join(&upload.name), &place).map_err(failed)?;
    }
    Ok(folder)
}

/// What a mapping makes of the export: rows, or everything that is wrong.
fn try_out(
    upload: &Upload,
    schema: &'static DatasetSchema,
    text: &str,
    now: jiff::Timestamp,
) -> Result<(u64, Rows), Fault> {
    let mapping = Mapping::parse("the mapping", text, &catalog().datasets)?;
    let folder = laid_out(upload, &mapping)?;
    let apart: PathBuf = folder.path().join("store");
    let store = Store::open(&apart).map_err(tickmark_realm::Error::from)?;
    let import = Import {
        dataset: schema,
        mapping: &mapping,
        collector: tickmark_evidence::Collector {
            name: "tickmark import".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        collected_at: now,
        rejects: Rejects::Refuse,
    };
    let snapshot = import
        .run(folder.path(), &store)
        .map_err(tickmark_realm::Error::from)?;
    let rows = read_rows(&store, &snapshot.manifest.derived.sha256, 0, 20)
        .map_err(tickmark_realm::Error::from)?;
    Ok((snapshot.manifest.row_count, rows))
}

fn preview_page(
    visit: &Visit,
    upload: &Upload,
    peek: &Peek,
    form: &WizardForm,
    mapping: &str,
    found: Found,
) -> Response {
    let id = visit.param("upload");
    let (found, is_fine) = match found {
        Found::Rows(count, rows) => (
            html! {
                (parts::note(Tone::Ok, html! { b { (tn!(count, "{n} row, none of them bad.", "{n} rows, none of them bad.")) } }))
                (parts::card_flush(t!("The first rows as they would be imported"), html! {}, super::populations::raw_rows(&rows)))
            },
            true,
        ),
        Found::Problems(problems) => (problems, false),
    };
    let kept = [
        ("id", &form.id),
        ("system", &form.system),
        ("request", &form.request),
        ("observed_at", &form.observed_at),
    ];
    let from = form.from.iter().map(|it| ("from", it));
    let body = html! {
        (head(&t!("{file} as {dataset}", file = upload.name, dataset = upload.dataset), html! { (t!("Nothing is recorded yet.")) }, html! {}))
        (found)
        form.form.wide method="post" action={ "/evidence/exports/" (id) } {
            @for (name, value) in kept.into_iter().chain(from) { input type="hidden" name=(name) value=(value); }
            (parts::field("mapping", t!("The mapping"), t!("It is kept with the program and read again by everyone who verifies the population. Words that stand for values of the dataset go into map = { … }."), html! { textarea #mapping.editor name="mapping" rows="22" spellcheck="false" aria-describedby="mapping-hint" { (mapping) } }))
            @if !is_fine { (parts::field("reason", t!("Leave bad rows out, with this reason"), t!("They are kept, counted and shown; the population is then not complete."), html! { input #reason name="reason" value=(form.reason) aria-describedby="reason-hint"; })) }
            div.row.wrap {
                button.btn type="submit" name="then" value="columns" { (icon("chevron-left")) (t!("Back to the columns")) }
                button.btn type="submit" name="then" value="preview" { (icon("eye")) (t!("Try again")) }
                button.btn.primary type="submit" name="then" value="import" { (icon("check")) (t!("Import")) }
            }
        }
        (first_rows(peek))
    };
    Shown::new(t!("Map an export"), body)
        .below("/populations", t!("Populations"))
        .below("/evidence/upload", t!("Upload"))
        .in_frame(visit)
}

/// Imports beside, then reconciles: a new export changes what is complete.
fn import(visit: &Visit, upload: &Upload, mapping: &str, reason: Option<&str>) -> Answer<Response> {
    let parsed = Mapping::parse("the mapping", mapping, &catalog().datasets)?;
    let folder = laid_out(upload, &parsed)?;
    let (host, actor, text) = (visit.company()?.clone(), visit.actor()?, mapping.to_owned());
    let reason = reason.map(str::to_owned);
    let (app, id) = (visit.app().clone(), visit.param("upload").to_owned());
    let job = visit.app().jobs().start(
        &t!("Importing {name}", name = upload.name),
        &actor.clone(),
        move |_| {
            let done = host.command_now(|company| {
                let imported =
                    company.import_upload(&actor, folder.path(), &text, reason.as_deref())?;
                company.reconcile(&actor)?;
                Ok(imported)
            });
            let end = crate::jobs::end_of(done.map(|it| {
                let manifest = &it.snapshot.manifest;
                (
                    format!("/populations/{}", manifest.dataset),
                    tn!(manifest.row_count, "{n} row imported", "{n} rows imported"),
                )
            }));
            if matches!(end, End::Done { .. }) {
                app.uploads().drop(&id);
            }
            end
        },
    );
    Ok(super::jobs::started(visit, job))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_file_keeps_its_own_name_only() {
        for (sent, expected) in [
            ("leavers.csv", "leavers.csv"),
            ("C:\\Users\\a\\leavers.csv", "leavers.csv"),
            ("../../etc/passwd", "passwd"),
            ("..", "export"),
            ("folder/", "export"),
            ("a\0b.csv", "export"),
        ] {
            assert_eq!(super::file_name(sent), expected, "{sent}");
        }
    }
}
