//! Taking in what a person hands over through a page: a document, or an export
//! with the mapping that reads it.
//!
//! What must hold: the entries are those of `tickmark apply` and `tickmark
//! import`; a document and the line that says what it shows are recorded
//! together; the workspace's folder gets the file where it holds the program.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use tickmark_catalog::{ControlId, Problem, catalog};
use tickmark_evidence::{Artifact, EvidenceEvent, Mapping, Rejects};
use tickmark_ledger::NewEntry;
use tickmark_program::set_document;

use crate::company::{Company, Imported};
use crate::edit::Edits;
use crate::error::{Error, Result};
use crate::folder::write_file;

/// The index of documents in a program's folder.
const INDEX: &str = "documents/index.toml";

/// A document as a person hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentUpload {
    /// Name of the file, as the person's machine calls it.
    pub name: String,
    /// What it shows, in words.
    pub title: String,
    /// Controls it is evidence of.
    pub controls: Vec<ControlId>,
    /// The date it bears.
    pub dated: Date,
}

impl DocumentUpload {
    /// Where it lies in the program's folder: its name without signs that mean
    /// something to a file system.
    pub fn path(&self) -> String {
        let kept = |c: char| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                c
            } else {
                '-'
            }
        };
        let name: String = self
            .name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .chars()
            .map(kept)
            .collect();
        format!("documents/{}", name.trim_matches(['.', '-']).to_lowercase())
    }
}

impl Company {
    /// Takes a document in, or a new version of one of the same name.
    ///
    /// # Errors
    /// When its bytes are not what its name says, a control does not exist, the
    /// folder holds another file of that name that is not recorded, or a control
    /// would lose the document it has under that name.
    pub fn add_document(
        &mut self,
        actor: &str,
        upload: &DocumentUpload,
        bytes: &[u8],
    ) -> Result<Artifact> {
        let path = upload.path();
        if path == INDEX || path == "documents/" {
            let problem = Problem::new(format!(
                "`{}` cannot be the name of a document",
                upload.name
            ));
            return Err(problem.hint("rename the file and send it again").into());
        }
        self.refuse_unknown_file(&path)?;
        self.refuse_loss(&path, &upload.controls)?;
        let staged = tempfile::tempdir()
            .map_err(|error| Error::file("made", Path::new("a folder"), &error))?;
        write_file(&staged.path().join(&path), bytes)?;
        let artifact = Artifact::store(
            staged.path(),
            &path,
            &upload.title,
            &upload.controls,
            Some(upload.dated),
            self.store(),
        )
        .map_err(|error| error.problems())?;
        let index = self
            .state()
            .program
            .files()
            .get(INDEX)
            .map_or("", |file| file.text.as_str());
        let index = set_document(index, &path, &upload.title, &upload.controls, upload.dated)?;
        let event = EvidenceEvent::ArtifactRecorded {
            artifact: artifact.clone(),
        };
        let entry = NewEntry::from_event(actor, event.subject(), &event)?;
        let holds_program = self.folder_holds_program();
        self.edit_with(
            actor,
            &Edits::from([(INDEX.to_owned(), Some(index))]),
            vec![entry],
        )?;
        if holds_program {
            write_file(&self.workspace().folder().join(&path), bytes)?;
        }
        Ok(artifact)
    }

    /// A file of that name that is no recorded document is somebody's.
    fn refuse_unknown_file(&self, path: &str) -> Result<()> {
        let Ok(there) = fs::read(self.workspace().folder().join(path)) else {
            return Ok(());
        };
        let sha256 = tickmark_catalog::Sha256Hex::of(&there);
        let mut versions = self.state().evidence.artifact_history(path).iter();
        if versions.any(|version| version.value.sha256 == sha256) {
            return Ok(());
        }
        Err(Problem::new(format!(
            "`{path}` in the workspace's folder is another file, which was never taken in"
        ))
        .hint("rename what you send, or take that file in first with `tickmark import`")
        .into())
    }

    /// A new version is evidence of what the one before was: who answers for one
    /// control does not take a document away from another.
    fn refuse_loss(&self, path: &str, controls: &[ControlId]) -> Result<()> {
        let program = self.state().program()?;
        let mut known = self.state().evidence.artifacts();
        let Some(known) = known.find(|it| it.path == path) else {
            return Ok(());
        };
        let lost: Vec<String> = known
            .controls
            .iter()
            .filter(|id| !controls.contains(id) && program.control(id).is_some())
            .map(ToString::to_string)
            .collect();
        if lost.is_empty() {
            return Ok(());
        }
        Err(Problem::new(format!(
            "`{path}` is a document already, and evidence of {}",
            lost.join(", ")
        ))
        .hint("rename what you send, or name these controls too")
        .into())
    }

    /// Sets the mapping of a source and imports what lies in `folder` by it.
    /// The export is copied into the workspace's folder where it holds the
    /// program.
    ///
    /// # Errors
    /// Everything wrong with the mapping; every bad row, unless rejects are
    /// accepted with a reason. Nothing is recorded then.
    pub fn import_upload(
        &mut self,
        actor: &str,
        folder: &Path,
        mapping: &str,
        accept_rejects: Option<&str>,
    ) -> Result<Imported> {
        let parsed = Mapping::parse("the mapping", mapping, &catalog().datasets)?;
        let path = format!("sources/{}.toml", parsed.id);
        let edits = Edits::from([(path, Some(mapping.to_owned()))]);
        self.preview(&edits)?;
        let rejects = match accept_rejects {
            Some(_) => Rejects::Accept,
            None => Rejects::Refuse,
        };
        let snapshot = self.take_in(folder, &parsed, rejects)?;
        let holds_program = self.folder_holds_program();
        self.edit(actor, &edits)?;
        if holds_program {
            for name in &parsed.files {
                let bytes = fs::read(folder.join(name))
                    .map_err(|error| Error::file("read", &folder.join(name), &error))?;
                write_file(&self.workspace().folder().join(name), &bytes)?;
            }
        }
        self.record_snapshot(actor, snapshot, accept_rejects)
    }
}

#[cfg(test)]
mod tests {
    use super::DocumentUpload;

    #[test]
    fn a_name_of_a_file_means_nothing_to_a_file_system() {
        for (name, path) in [
            ("Board minutes (Q3).pdf", "documents/board-minutes--q3-.pdf"),
            ("../../etc/passwd", "documents/passwd"),
            ("C:\\Users\\a\\b.PNG", "documents/b.png"),
            (".hidden", "documents/hidden"),
        ] {
            let upload = DocumentUpload {
                name: name.to_owned(),
                title: String::new(),
                controls: Vec::new(),
                dated: jiff::civil::date(2026, 1, 1),
            };
            assert_eq!(upload.path(), path);
        }
    }
}
