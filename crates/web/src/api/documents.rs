//! Documents kept as evidence, each under its digest.
//!
//! What must hold: bytes are handed out as they came, never as something a
//! browser would run.

use axum::Json;
use axum::extract::Multipart;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_access::Action;
use tickmark_catalog::{ControlId, GrowingList, Problem, Problems, Sha256Hex};
use tickmark_evidence::{Artifact, Recorded as At};
use tickmark_realm::DocumentUpload;
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Endpoint, read, upload};
use super::extract::{Answered, Malformed, Query};
use super::page::{Cut, Page};
use super::values::texts;
use super::words::DocumentKind;
use crate::fault::Fault;
use crate::route::{Access, On, PROGRAM};
use crate::visit::Visit;

/// A document.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sha256": "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a", "path": "documents/board-minutes-2026-q1.md", "title": "Minutes of the board, first quarter",
    "kind": "text", "size_bytes": 2140, "controls": ["TM-002"], "dated": "2026-03-19",
    "href": "/api/v1/documents/4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
}))]
pub struct Document {
    /// Digest of its bytes; its name.
    pub sha256: String,
    /// Path in the program's folder.
    pub path: String,
    /// What it shows, in words.
    pub title: String,
    /// What the bytes are.
    pub kind: DocumentKind,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Controls it is evidence of.
    pub controls: Vec<String>,
    /// The date it bears.
    #[schema(value_type = Option<String>, format = Date)]
    pub dated: Option<Date>,
    /// Where it can be read.
    pub href: String,
}

/// A document with its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentDetail {
    /// What the list says of it.
    #[serde(flatten)]
    pub document: Document,
    /// Every version at its path, oldest first.
    pub versions: Vec<Version>,
}

/// A version of a document.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DocumentVersion)]
pub struct Version {
    /// Digest of its bytes.
    pub sha256: String,
    /// When it was taken in.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

/// A document that is handed over.
#[derive(ToSchema)]
#[schema(as = NewDocument)]
#[expect(
    dead_code,
    reason = "says what the fields of the form are; they are read one by one"
)]
struct NewDocument {
    /// The file; its bytes must be what its name says.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What it shows, in words.
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// The date it bears.
    #[schema(value_type = String, format = Date)]
    dated: Date,
    /// Controls it is evidence of, at least one: the field once for each.
    #[schema(min_items = 1)]
    controls: Vec<String>,
}

/// Which documents are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
struct Wanted {
    /// Only documents that are evidence of this control.
    #[param(example = "TM-002")]
    control: Option<String>,
}

/// The operations.
pub fn endpoints() -> Vec<Endpoint> {
    let digest = "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";
    let of = |endpoint: Endpoint| {
        endpoint
            .part("sha256", "Digest of the document", digest.into())
            .at_a_moment()
    };
    vec![
        read("/api/v1/documents", PROGRAM, list)
            .named("list_documents", "Documents", "List the documents", "The latest version of each, in order of path.")
            .query::<Wanted>()
            .query::<Cut>()
            .at_a_moment()
            .answers::<Page<Document>>(StatusCode::OK, "A page of documents"),
        upload("/api/v1/documents", Access::May(Action::UploadEvidence, On::Company), add)
            .named("add_document", "Documents", "Take a document in", "A file of the same name as a known document becomes its next version. With an `Idempotency-Key` the very same bytes have to come again, the boundary of the form included.")
            .takes_form::<NewDocument>()
            .answers::<Document>(StatusCode::CREATED, "The document, as recorded"),
        of(read("/api/v1/documents/{sha256}", PROGRAM, show))
            .named("get_document", "Documents", "Read what is known of a document", "Of any version.")
            .answers::<DocumentDetail>(StatusCode::OK, "The document"),
        of(read("/api/v1/documents/{sha256}/file", PROGRAM, file))
            .named("get_document_file", "Documents", "Read the bytes of a document", "As they came.")
            .answers_bytes("application/octet-stream", "The bytes"),
    ]
}

async fn list(
    visit: Visit,
    Query(wanted): Query<Wanted>,
    Query(cut): Query<Cut>,
) -> Answered<Json<Page<Document>>> {
    let all = visit.picture()?.state.evidence.artifacts().map(document);
    let all = all.filter(|it| {
        wanted
            .control
            .as_ref()
            .is_none_or(|control| it.controls.contains(control))
    });
    Ok(Json(Page::of(&cut, all, |it| it.path.clone())?))
}

fn document(it: &Artifact) -> Document {
    Document {
        sha256: it.sha256.to_string(),
        path: it.path.clone(),
        title: it.title.clone(),
        kind: it.kind.into(),
        size_bytes: it.size_bytes,
        controls: texts(&it.controls),
        dated: it.dated,
        href: format!("/api/v1/documents/{}", it.sha256),
    }
}

/// A version of a document, and all versions at its path.
fn found(visit: &Visit) -> Answered<(&Artifact, &GrowingList<At<Artifact>>)> {
    let sha256: Sha256Hex = visit.parsed("sha256")?;
    let evidence = &visit.picture()?.state.evidence;
    let found = evidence.artifacts().find_map(|latest| {
        let versions = evidence.artifact_history(&latest.path);
        let version = versions.iter().rev().find(|it| it.value.sha256 == sha256)?;
        Some((&version.value, versions))
    });
    Ok(found.ok_or(Fault::NotFound)?)
}

async fn show(visit: Visit) -> Answered<Json<DocumentDetail>> {
    let (it, versions) = found(&visit)?;
    let version = |it: &At<Artifact>| Version {
        sha256: it.value.sha256.to_string(),
        recorded_at: it.at,
    };
    Ok(Json(DocumentDetail {
        document: document(it),
        versions: versions.iter().map(version).collect(),
    }))
}

async fn file(visit: Visit) -> Answered<Response> {
    let (it, _) = found(&visit)?;
    let bytes = visit
        .company()?
        .store()
        .get(&it.sha256)
        .map_err(tickmark_realm::Error::from)?;
    let name = it.path.rsplit('/').next().unwrap_or("document");
    Ok(kept_file(bytes, name))
}

/// A kept file as it came: bytes to keep under a name, never to be shown.
pub fn kept_file(bytes: Vec<u8>, name: &str) -> Response {
    let disposition = format!(
        "attachment; filename*=UTF-8''{}",
        crate::format::url_part(name)
    );
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    )
        .into_response()
}

/// A form as it was sent.
#[derive(Default)]
struct Sent {
    file: Option<(String, Vec<u8>)>,
    title: String,
    dated: String,
    controls: Vec<String>,
}

impl Sent {
    async fn read(mut form: Multipart, limit_bytes: u64) -> Answered<Self> {
        let broken = |error: MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge { limit_bytes }.into(),
            _ => super::extract::Refusal::from(Malformed::query(
                Problem::new("the form cannot be read").cause(error.body_text()),
            )),
        };
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let (key, name) = (
                field.name().unwrap_or_default().to_owned(),
                field.file_name().map(str::to_owned),
            );
            match key.as_str() {
                "file" => {
                    sent.file = Some((
                        name.unwrap_or_default(),
                        field.bytes().await.map_err(broken)?.to_vec(),
                    ))
                }
                "title" => sent.title = field.text().await.map_err(broken)?,
                "dated" => sent.dated = field.text().await.map_err(broken)?,
                "controls" => sent.controls.push(field.text().await.map_err(broken)?),
                _ => {
                    return Err(Fault::from(
                        Problem::new(format!("there is no field `{key}`"))
                            .hint("the fields are file, title, dated and controls"),
                    )
                    .into());
                }
            }
        }
        Ok(sent)
    }

    /// What was handed over, with every problem of it.
    fn upload(self) -> Result<(DocumentUpload, Vec<u8>), Problems> {
        let mut problems = Vec::new();
        let (name, bytes) = self
            .file
            .filter(|(name, _)| !name.is_empty())
            .unwrap_or_else(|| {
                problems.push(
                    Problem::new("there is no file with a name")
                        .hint("send it as the field `file`, with a file name"),
                );
                Default::default()
            });
        let title = self.title.trim().to_owned();
        if title.is_empty() || title.chars().count() > 300 {
            problems.push(
                Problem::new("the title is empty or too long")
                    .hint("say what the document shows, in at most 300 characters"),
            );
        }
        let dated = self.dated.parse().unwrap_or_else(|_| {
            problems.push(
                Problem::new(format!("`{}` is not a day", self.dated))
                    .hint("write it as `2026-03-19`"),
            );
            Date::default()
        });
        let mut controls: Vec<ControlId> = Vec::new();
        for text in &self.controls {
            match text.parse() {
                Ok(id) => controls.push(id),
                Err(_) => problems.push(
                    Problem::new(format!("`{text}` is not the id of a control"))
                        .hint("`/api/v1/controls` lists them"),
                ),
            }
        }
        if self.controls.is_empty() {
            problems
                .push(Problem::new("it shows no control").hint("name one in the field `controls`"));
        }
        Problems::unless_empty(
            problems,
            (
                DocumentUpload {
                    name,
                    title,
                    controls,
                    dated,
                },
                bytes,
            ),
        )
    }
}

async fn add(visit: Visit, form: Result<Multipart, MultipartRejection>) -> Answered<Response> {
    let form = form.map_err(|_| {
        Malformed::kind(
            "the body is not said to be a form with a file",
            "send it with `Content-Type: multipart/form-data`",
        )
    })?;
    let sent = Sent::read(form, visit.app().settings().max_upload_bytes).await?;
    let (new, bytes) = sent.upload()?;
    let actor = visit.actor()?;
    let artifact = visit
        .company()?
        .command(move |company| company.add_document(&actor, &new, &bytes))
        .await?;
    let made = document(&artifact);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, made.href.clone())],
        Json(made),
    )
        .into_response())
}
