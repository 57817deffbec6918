//! `documents/index.toml`: documents kept as evidence.
//!
//! Must hold: a path stays inside `documents/`; the documents themselves are
//! bytes that the program never reads.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{ControlId, Fields, Located, Problem};

use crate::files::is_safe_path;
use crate::links::Links;
use crate::record::RecordKind;

/// A document kept as evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its file, relative to `documents/`.
    pub path: String,
    /// What it is.
    pub title: String,
    /// Controls it is evidence for.
    pub controls: Vec<ControlId>,
    /// The date it bears.
    pub dated: Date,
}

pub(crate) fn read_documents(fields: &mut Fields<'_>, links: &mut Links) -> Option<Vec<Document>> {
    Some(fields.tables("document", |fields| read_document(fields, links)))
}

fn read_document(fields: &mut Fields<'_>, links: &mut Links) -> Option<Document> {
    let path = fields
        .required("path")
        .and_then(|path| checked_path(fields, links, path));
    let title = fields.text("title");
    let controls = links.refer(fields, "controls", RecordKind::Control);
    let dated = fields.required("dated");
    Some(Document {
        path: path?,
        title: title?,
        controls,
        dated: dated?,
    })
}

fn checked_path(fields: &Fields<'_>, links: &mut Links, path: Located<String>) -> Option<String> {
    if is_safe_path(&path.value) {
        links.define_at(RecordKind::Document, &path.value, path.place);
        return Some(path.value);
    }
    let message = format!("`{}` is not a path inside `documents/`", path.value);
    fields.report(Problem::new(message).in_place(path.place));
    None
}
