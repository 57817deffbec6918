//! The state of a program: the fold of its events.
//!
//! Must hold: the state is a function of the events and their times alone;
//! folding a prefix gives the state as of then; every text has the digest that
//! was recorded with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tickmark_catalog::{Problems, Sha256Hex};

use crate::event::ProgramEvent;
use crate::files::is_safe_path;
use crate::program::Program;

/// The files of a program as recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProgramState {
    files: Arc<BTreeMap<String, RecordedFile>>,
    changed_at: Option<Timestamp>,
    drafts: BTreeMap<String, Draft>,
    /// By the digest of the text: who acknowledged it, and when.
    acknowledged: BTreeMap<Sha256Hex, Arc<BTreeMap<String, Timestamp>>>,
}

/// A text that was proposed for a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The whole text.
    pub text: String,
    /// Digest of the text.
    pub sha256: Sha256Hex,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A file as it was last set.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedFile {
    /// The whole text.
    pub text: String,
    /// Digest of the text.
    pub sha256: Sha256Hex,
    /// When it was set.
    pub set_at: Timestamp,
}

/// An event that cannot follow the events before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramEventError {
    /// The text is not the one whose digest was recorded.
    #[error("the text of `{path}` does not have the digest recorded with it")]
    Digest {
        /// The file.
        path: String,
    },
    /// The path leads out of the program folder.
    #[error("`{path}` is not a path inside the program folder")]
    Path {
        /// The path.
        path: String,
    },
    /// There is no such file to remove.
    #[error("`{path}` is removed but was not there")]
    Absent {
        /// The file.
        path: String,
    },
    /// There is no draft to discard.
    #[error("a draft of `{path}` is discarded but there was none")]
    NoDraft {
        /// The file.
        path: String,
    },
    /// The draft approved is not the one there is.
    #[error("a draft of `{path}` is approved that is not the one there is")]
    OtherDraft {
        /// The file.
        path: String,
    },
    /// The text acknowledged is not the one in force.
    #[error("a text of `{path}` is acknowledged that is not in force")]
    NotInForce {
        /// The file.
        path: String,
    },
}

impl ProgramState {
    /// Takes one event into the state.
    ///
    /// # Errors
    /// The event cannot follow those before it; the state stays as it was.
    pub fn apply(&mut self, event: &ProgramEvent, at: Timestamp) -> Result<(), ProgramEventError> {
        match event {
            ProgramEvent::FileSet { path, text, sha256 } => self.set(path, text, sha256, at)?,
            ProgramEvent::FileRemoved { path } => {
                let absent = || ProgramEventError::Absent { path: path.clone() };
                Arc::make_mut(&mut self.files)
                    .remove(path)
                    .ok_or_else(absent)?;
            }
            ProgramEvent::DraftSet {
                path,
                text,
                sha256,
                by,
            } => return self.draft(path, text, sha256, by, at),
            ProgramEvent::DraftDiscarded { path } => {
                let gone = self.drafts.remove(path);
                let none = || ProgramEventError::NoDraft { path: path.clone() };
                return gone.map(|_| ()).ok_or_else(none);
            }
            ProgramEvent::DraftApproved { path, sha256 } => return self.approve(path, sha256),
            ProgramEvent::PolicyAcknowledged { path, sha256, by } => {
                return self.acknowledge(path, sha256, by, at);
            }
        }
        self.changed_at = Some(at);
        Ok(())
    }

    fn draft(
        &mut self,
        path: &str,
        text: &str,
        sha256: &Sha256Hex,
        by: &str,
        at: Timestamp,
    ) -> Result<(), ProgramEventError> {
        check_text(path, text, sha256)?;
        let draft = Draft {
            text: text.to_owned(),
            sha256: sha256.clone(),
            by: by.to_owned(),
            at,
        };
        self.drafts.insert(path.to_owned(), draft);
        Ok(())
    }

    fn approve(&mut self, path: &str, sha256: &Sha256Hex) -> Result<(), ProgramEventError> {
        let there = self.drafts.get(path).map(|draft| &draft.sha256);
        if there != Some(sha256) {
            return Err(ProgramEventError::OtherDraft {
                path: path.to_owned(),
            });
        }
        self.drafts.remove(path);
        Ok(())
    }

    fn acknowledge(
        &mut self,
        path: &str,
        sha256: &Sha256Hex,
        by: &str,
        at: Timestamp,
    ) -> Result<(), ProgramEventError> {
        let in_force = self.files.get(path).map(|file| &file.sha256);
        if in_force != Some(sha256) {
            return Err(ProgramEventError::NotInForce {
                path: path.to_owned(),
            });
        }
        let people = self.acknowledged.entry(sha256.clone()).or_default();
        if !people.contains_key(by) {
            Arc::make_mut(people).insert(by.to_owned(), at);
        }
        Ok(())
    }

    /// The text proposed for a file, where there is one.
    pub fn draft_of(&self, path: &str) -> Option<&Draft> {
        self.drafts.get(path)
    }

    /// Who acknowledged the text of this digest, and when first.
    pub fn acknowledged(
        &self,
        sha256: &Sha256Hex,
    ) -> impl DoubleEndedIterator<Item = (&str, Timestamp)> + Clone {
        let people = self.acknowledged.get(sha256).into_iter();
        let people = people.flat_map(|people| people.iter());
        people.map(|(by, at)| (by.as_str(), *at))
    }

    /// When a person first acknowledged the text of this digest.
    pub fn acknowledged_by(&self, sha256: &Sha256Hex, by: &str) -> Option<Timestamp> {
        self.acknowledged.get(sha256)?.get(by).copied()
    }

    /// Whether another state holds the very same files. Of states that only
    /// happen to be equal it may say no.
    pub fn shares_files(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.files, &other.files)
    }

    fn set(
        &mut self,
        path: &str,
        text: &str,
        sha256: &Sha256Hex,
        at: Timestamp,
    ) -> Result<(), ProgramEventError> {
        check_text(path, text, sha256)?;
        if self
            .drafts
            .get(path)
            .is_some_and(|draft| draft.sha256 == *sha256)
        {
            self.drafts.remove(path);
        }
        let file = RecordedFile {
            text: text.to_owned(),
            sha256: sha256.clone(),
            set_at: at,
        };
        Arc::make_mut(&mut self.files).insert(path.to_owned(), file);
        Ok(())
    }

    /// Whether nothing has been recorded, or everything removed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// When the last event was recorded.
    pub fn changed_at(&self) -> Option<Timestamp> {
        self.changed_at
    }

    /// The files with their digests and times, by path.
    pub fn files(&self) -> &BTreeMap<String, RecordedFile> {
        &self.files
    }

    /// The texts by path, as `export` writes them.
    pub fn texts(&self) -> BTreeMap<String, String> {
        self.files
            .iter()
            .map(|(path, file)| (path.clone(), file.text.clone()))
            .collect()
    }

    /// The program that the files make up.
    ///
    /// # Errors
    /// Nothing has been recorded yet, or the files break a rule that did not
    /// exist when they were recorded.
    pub fn program(&self) -> Result<Program, Problems> {
        Program::parse(&self.texts())
    }
}

/// A file's path stays inside its folder, and its text has its digest.
fn check_text(path: &str, text: &str, sha256: &Sha256Hex) -> Result<(), ProgramEventError> {
    let path = || path.to_owned();
    if !is_safe_path(&path()) {
        return Err(ProgramEventError::Path { path: path() });
    }
    if Sha256Hex::of(text.as_bytes()) != *sha256 {
        return Err(ProgramEventError::Digest { path: path() });
    }
    Ok(())
}
