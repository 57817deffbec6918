//! The manifest of a backup: what it is of, and every file in it.
//!
//! What must hold: a name in it cannot lead out of the folder it is unpacked
//! into; a manifest of a version this program does not know is refused before
//! anything in it is believed.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;
use tickmark_evidence::ObjectRef;

use super::damaged;
use crate::error::{Error, Result};
use crate::workspace::Realm;

/// Name of the manifest in the archive.
pub(super) const MANIFEST: &str = "tickmark-backup.json";
/// Where the ledger lies in the archive.
pub(super) const LEDGER: &str = ".tickmark/ledger.db";
/// Where the secrets of who may come in lie.
pub(super) const ACCESS: &str = ".tickmark/access.db";
/// Where it says whose workspace it is.
pub(super) const WORKSPACE: &str = ".tickmark/workspace.toml";
/// Version of the layout that this program writes and reads.
const VERSION: u64 = 1;
/// The largest manifest that is read, in bytes: over a million files.
pub(super) const LARGEST: u64 = 256 << 20;

/// What a backup is of, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Version of the layout.
    pub version: u64,
    /// Version of the program that wrote it.
    pub program: String,
    /// When it was begun.
    pub made_at: Timestamp,
    /// Whose workspace it is.
    pub realm: Realm,
    /// Id of the workspace.
    pub id: String,
    /// Origin line of the ledger.
    pub origin: String,
    /// Entries of the ledger.
    pub entries: u64,
    /// RFC 6962 root over them, in hexadecimal.
    pub root: String,
    /// Digest and size of every file, by path with `/` between names.
    pub files: BTreeMap<String, ObjectRef>,
}

impl Backup {
    /// The version this program writes.
    pub(super) const fn version() -> u64 {
        VERSION
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// A version this program does not know, and anything that is no manifest.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let wrong = |error: serde_json::Error| damaged(format!("`{MANIFEST}`: {error}"));
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(wrong)?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(VERSION) => {}
            Some(other) => {
                return Err(Problem::new(format!(
                    "the backup has version {other}, this program reads version {VERSION}"
                ))
                .hint("use the version of Tickmark that wrote it, or a later one")
                .into());
            }
            None => return Err(damaged(format!("`{MANIFEST}` names no version"))),
        }
        let backup: Self = serde_json::from_value(value).map_err(wrong)?;
        match backup.files.keys().find(|path| !is_inside(path)) {
            Some(path) => Err(damaged(format!("`{path}` is no path inside a workspace"))),
            None => Ok(backup),
        }
    }

    /// The manifest as a file.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::from(Problem::new(error.to_string())))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Whether a path stays below the folder it is put into, on any system.
fn is_inside(path: &str) -> bool {
    let plain = !path.is_empty()
        && path != MANIFEST
        && !path.contains(['\\', ':'])
        && !path.chars().any(char::is_control);
    let named = |part: Component<'_>| matches!(part, Component::Normal(_));
    // A path written otherwise than by its parts hides a `.` or an empty name.
    let parts = path.split('/').count();
    plain
        && Path::new(path).components().all(named)
        && Path::new(path).components().count() == parts
}

#[cfg(test)]
mod tests {
    use super::{Backup, is_inside};

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for (path, inside) in [
            ("controls/TM-001.md", true),
            (".tickmark/ledger.db", true),
            ("exports/a..b.csv", true),
            ("", false),
            ("/etc/passwd", false),
            ("../up", false),
            ("a/../../up", false),
            ("a/./b", false),
            ("a//b", false),
            ("a/", false),
            ("a\\..\\b", false),
            ("C:/x", false),
            ("a\nb", false),
            ("tickmark-backup.json", false),
        ] {
            assert_eq!(is_inside(path), inside, "`{path}`");
        }
    }

    #[test]
    fn a_later_version_is_told_before_what_it_says_is_read() {
        let error = Backup::parse(br#"{"version": 2, "unheard": "of"}"#).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(error.to_string().contains("version 2"), "{error}");
        for wrong in ["", "[]", "{}", r#"{"version": 1}"#] {
            let error = Backup::parse(wrong.as_bytes()).unwrap_err();
            assert_eq!(error.exit_code(), 3, "{wrong}: {error}");
        }
    }
}
