//! The files of a control test's folder, held in memory.
//!
//! Must hold: paths are relative to the folder with `/` between their parts;
//! the canonical form, and so the digest, depends on the files' paths and bytes
//! only, not on the order in which they were read or where they lie.

use std::collections::BTreeMap;

use tickmark_catalog::Sha256Hex;

/// A control test's folder as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFolder {
    /// Where the folder lies, as the user knows it; the prefix of every place.
    pub path: String,
    /// Text of each file by its path inside the folder.
    pub files: BTreeMap<String, String>,
}

impl TestFolder {
    /// The folder's own name, which is the test's id.
    pub fn name(&self) -> &str {
        self.path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
    }

    /// The text of a file of the folder.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The place of a file, as shown in problems.
    pub fn place_of(&self, path: &str) -> String {
        format!("{}/{path}", self.path.trim_end_matches('/'))
    }

    /// Names of the fixtures, sorted.
    pub fn fixture_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .files
            .keys()
            .filter_map(|path| fixture_of(path))
            .collect();
        names.dedup();
        names
    }

    /// The whole folder as one JSON object from path to text, keys sorted:
    /// what the evidence store keeps of a definition.
    pub fn canonical_json(&self) -> String {
        let object: serde_json::Map<String, serde_json::Value> = self
            .files
            .iter()
            .map(|(path, text)| (path.clone(), text.clone().into()))
            .collect();
        serde_json::Value::Object(object).to_string()
    }

    /// Digest of [`Self::canonical_json`].
    pub fn sha256(&self) -> Sha256Hex {
        Sha256Hex::of(self.canonical_json().as_bytes())
    }
}

fn fixture_of(path: &str) -> Option<&str> {
    path.strip_prefix("fixtures/")?
        .split_once('/')
        .map(|(name, _)| name)
}
