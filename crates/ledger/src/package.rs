//! A ledger for an evidence package: the exported tree and, beside it, the
//! bodies that still exist, so that a receiver can recompute every commitment.

use std::path::Path;

use serde::Serialize;

use crate::checkpoint::Checkpoint;
use crate::error::{LedgerError, Result};
use crate::export::{Exported, export};
use crate::files;
use crate::reader::LedgerReader;

/// Name of the folder with the exported tree within a package.
pub const PACKAGE_LEDGER: &str = "ledger";
/// Name of the file with the bodies within a package.
pub const PACKAGE_BODIES: &str = "bodies.ndjson";

/// One line of the bodies file. `body` is the canonical JSON as text, so that
/// its exact bytes survive; an erased body has neither salt nor text.
#[derive(Serialize)]
struct BodyLine<'a> {
    index: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    erased: bool,
}

/// Writes `ledger/` (tlog-tiles) and `bodies.ndjson` for the signed checkpoint
/// `note` into `folder`.
///
/// # Errors
/// Those of [`export`].
pub fn export_package(reader: &LedgerReader, note: &[u8], folder: &Path) -> Result<Exported> {
    let size = Checkpoint::parse_note(note)?.size;
    let exported = export(reader, note, &folder.join(PACKAGE_LEDGER))?;
    let mut text = Vec::new();
    for record in reader.entries(0..size) {
        let record = record?;
        let body = record
            .body
            .as_ref()
            .map(|body| std::str::from_utf8(&body.bytes))
            .transpose()
            .map_err(|_| {
                LedgerError::damaged(format!(
                    "the body of entry {} is not text",
                    record.entry.idx
                ))
            })?;
        let line = BodyLine {
            index: record.entry.idx,
            salt: record.body.as_ref().map(|body| hex::encode(body.salt)),
            body,
            erased: record.body.is_none(),
        };
        serde_json::to_writer(&mut text, &line)
            .map_err(|error| LedgerError::refused(format!("bodies: {error}")))?;
        text.push(b'\n');
    }
    files::write_durably(&folder.join(PACKAGE_BODIES), &text)?;
    Ok(exported)
}
