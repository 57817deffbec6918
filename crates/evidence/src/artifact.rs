//! Artifacts: files kept as they came, such as minutes, screenshots, reports.
//!
//! Must hold: the kind of an artifact is what its bytes say, and a file whose
//! name says something else is refused; the bytes are stored unchanged and
//! never opened, run or rendered.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, Problem, Sha256Hex};

use crate::mapping::stays_inside;
use crate::{EvidenceError, Store};

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    /// PDF.
    Pdf,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
    /// Zip archive, also DOCX, XLSX and the like.
    Zip,
    /// Web page.
    Html,
    /// Text in UTF-8.
    Text,
    /// Anything else.
    Binary,
}

/// A stored artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Path in the program folder, with `/` between its parts.
    pub path: String,
    /// What it shows, in words.
    pub title: String,
    /// What the bytes are.
    pub kind: ArtifactKind,
    /// SHA-256 of the bytes; also the object's name.
    pub sha256: Sha256Hex,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Controls it is evidence of.
    pub controls: Vec<ControlId>,
    /// The date it bears.
    pub dated: Option<Date>,
}

impl Artifact {
    /// Stores a file of the program folder as an artifact.
    ///
    /// `path`: relative to `folder`. `title`, `controls` and `dated`: what its
    /// list says about it.
    ///
    /// # Errors
    /// [`EvidenceError::Refused`] when the path leads out of the folder, the
    /// file is absent or empty, or its bytes are not what its name says.
    pub fn store(
        folder: &Path,
        path: &str,
        title: &str,
        controls: &[ControlId],
        dated: Option<Date>,
        store: &Store,
    ) -> Result<Self, EvidenceError> {
        let file = locate(folder, path)?;
        let staged = store.stage_file(&file)?;
        let kind = sniff(&first_bytes(staged.path())?);
        check(path, kind, staged.object.size_bytes)?;
        let object = store.commit(staged)?;
        Ok(Self {
            path: path.to_owned(),
            title: title.to_owned(),
            kind,
            sha256: object.sha256,
            size_bytes: object.size_bytes,
            controls: controls.to_vec(),
            dated,
        })
    }
}

fn locate(folder: &Path, path: &str) -> Result<std::path::PathBuf, EvidenceError> {
    let refuse = |message: String| Problem::new(message).in_file(path);
    let outside = || refuse(format!("artifact `{path}` leads out of the program folder"));
    if !stays_inside(path) {
        return Err(outside().into());
    }
    let file = folder.join(path).canonicalize().map_err(|error| {
        refuse(format!("could not read artifact `{path}`")).cause(error.to_string())
    })?;
    let inside = folder
        .canonicalize()
        .is_ok_and(|folder| file.starts_with(folder));
    match (inside, file.is_file()) {
        (false, _) => Err(outside().into()),
        (true, false) => Err(refuse(format!("`{path}` is not a file")).into()),
        (true, true) => Ok(file),
    }
}

fn check(path: &str, kind: ArtifactKind, size_bytes: u64) -> Result<(), EvidenceError> {
    if size_bytes == 0 {
        let problem = Problem::new(format!("artifact `{path}` is empty"));
        return Err(problem.in_file(path).into());
    }
    let Some(wanted) = expected(path).filter(|wanted| *wanted != kind) else {
        return Ok(());
    };
    let (found, wanted) = (name(kind), name(wanted));
    let problem = Problem::new(format!(
        "artifact `{path}` is {found}, not {wanted} as its name says"
    ));
    let hint = "a page that asks to sign in is often saved under the name of the file wanted";
    Err(problem.hint(hint).in_file(path).into())
}

/// The kind a name promises; other names promise nothing.
fn expected(path: &str) -> Option<ArtifactKind> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "pdf" => Some(ArtifactKind::Pdf),
        "png" => Some(ArtifactKind::Png),
        "jpg" | "jpeg" => Some(ArtifactKind::Jpeg),
        "zip" | "docx" | "xlsx" | "pptx" | "odt" | "ods" => Some(ArtifactKind::Zip),
        "html" | "htm" => Some(ArtifactKind::Html),
        _ => None,
    }
}

fn name(kind: ArtifactKind) -> &'static str {
    match kind {
        ArtifactKind::Pdf => "a PDF",
        ArtifactKind::Png => "a PNG picture",
        ArtifactKind::Jpeg => "a JPEG picture",
        ArtifactKind::Zip => "a zip archive",
        ArtifactKind::Html => "a web page",
        ArtifactKind::Text => "a text",
        ArtifactKind::Binary => "a binary file",
    }
}

fn first_bytes(path: &Path) -> Result<Vec<u8>, EvidenceError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1024).read_to_end(&mut bytes))
        .map_err(|error| EvidenceError::reading(path, error))?;
    Ok(bytes)
}

/// What a file is by its first bytes (up to 1024 of them).
pub fn sniff(bytes: &[u8]) -> ArtifactKind {
    const MAGIC: [(&[u8], ArtifactKind); 4] = [
        (b"%PDF-", ArtifactKind::Pdf),
        (b"\x89PNG\r\n\x1a\n", ArtifactKind::Png),
        (b"\xff\xd8\xff", ArtifactKind::Jpeg),
        (b"PK\x03\x04", ArtifactKind::Zip),
    ];
    let known = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    match known {
        Some((_, kind)) => *kind,
        None if is_html(bytes) => ArtifactKind::Html,
        None if is_text(bytes) => ArtifactKind::Text,
        None => ArtifactKind::Binary,
    }
}

fn is_html(bytes: &[u8]) -> bool {
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let begins = |with: &[u8]| {
        text.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    [
        b"<!doctype html".as_slice(),
        b"<html",
        b"<head",
        b"<body",
        b"<script",
    ]
    .into_iter()
    .any(begins)
}

/// UTF-8 without control characters; a character cut off at the end is fine.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    valid
        && !bytes
            .iter()
            .any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}
