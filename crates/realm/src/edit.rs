//! Changing files of the program one by one, as a page does: the same events as
//! recording a folder.
//!
//! What must hold: the workspace's folder and the record do not drift apart in
//! silence; a text that someone changed in the folder and did not record is
//! neither overwritten nor passed over; who proposes a policy does not approve
//! it, and the day of the approval is the day it was given.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tickmark_catalog::{Problem, Problems, Sha256Hex};
use tickmark_ledger::{NewEntry, Receipt};
use tickmark_program::{Difference, Program, ProgramEvent, diff, set_front_matter};

use crate::company::Company;
use crate::error::{Error, Result};
use crate::folder::write_file;

/// New texts of files by path; `None` removes a file.
pub type Edits = BTreeMap<String, Option<String>>;

impl Company {
    /// What edits would change of the program as recorded.
    ///
    /// # Errors
    /// Everything that is wrong with the program as it would be.
    pub fn preview(&self, edits: &Edits) -> Result<Difference> {
        let mut files = self.state().program.texts();
        for (path, text) in edits {
            match text {
                Some(text) => _ = files.insert(path.clone(), text.clone()),
                None => _ = files.remove(path),
            }
        }
        Ok(diff(&self.state().program, &files)?)
    }

    /// Records edits, and writes them into the workspace's folder where it holds
    /// the program.
    ///
    /// # Errors
    /// Everything that is wrong with the program as it would be; a file that was
    /// changed in the folder and not recorded. Nothing is recorded then.
    pub fn edit(&mut self, actor: &str, edits: &Edits) -> Result<Vec<Receipt>> {
        self.edit_with(actor, edits, Vec::new())
    }

    /// As [`Self::edit`], after entries that stand or fall with it.
    pub(crate) fn edit_with(
        &mut self,
        actor: &str,
        edits: &Edits,
        mut entries: Vec<NewEntry>,
    ) -> Result<Vec<Receipt>> {
        let difference = self.preview(edits)?;
        self.refuse_unrecorded(edits)?;
        entries.extend(self.program_entries(actor, &difference)?);
        let holds_program = self.folder_holds_program();
        let receipts = self.append(entries)?;
        if holds_program {
            for (path, text) in edits {
                let place = self.workspace().folder().join(path);
                match text {
                    Some(text) => write_file(&place, text.as_bytes())?,
                    None => std::fs::remove_file(&place).or_else(|error| match error.kind() {
                        std::io::ErrorKind::NotFound => Ok(()),
                        _ => Err(Error::file("removed", &place, &error)),
                    })?,
                }
            }
        }
        Ok(receipts)
    }

    /// Whether the workspace's folder is one the program is kept in; a folder
    /// with nothing but the store is not.
    pub(crate) fn folder_holds_program(&self) -> bool {
        let folder = self.workspace().folder();
        folder.join("tickmark.toml").is_file() || self.state().program.is_empty()
    }

    /// Refuses to write over what was changed in the folder and not recorded.
    fn refuse_unrecorded(&self, edits: &Edits) -> Result<()> {
        if !self.folder_holds_program() {
            return Ok(());
        }
        let recorded = self.state().program.files();
        let unrecorded = edits.keys().filter(|path| {
            let there = std::fs::read(self.workspace().folder().join(path)).ok();
            let known = recorded.get(*path).map(|file| file.text.as_bytes());
            there.as_deref() != known
        });
        let problems: Vec<Problem> = unrecorded
            .map(|path| {
                Problem::new(format!(
                    "`{path}` was changed in the workspace's folder and is not recorded"
                ))
                .hint("record it with `tickmark apply`, or take the change back, then edit again")
            })
            .collect();
        Ok(Problems::unless_empty(problems, ())?)
    }

    /// Proposes a text for a policy.
    ///
    /// # Errors
    /// When the text is no policy, or nothing would change.
    pub fn draft_policy(&mut self, actor: &str, path: &str, text: &str) -> Result<Vec<Receipt>> {
        let difference = self.preview(&Edits::from([(path.to_owned(), Some(text.to_owned()))]))?;
        if difference.events.is_empty() {
            return Err(Problem::new("the text is the one in force").into());
        }
        self.record_program(actor, &ProgramEvent::draft_set(path, text, actor))
    }

    /// Puts the proposed text of a policy in force: what was typed as
    /// `approved_on` gives way to the day it is approved on.
    ///
    /// # Errors
    /// When there is no draft, the one approved is another by now, or the
    /// approver proposed it.
    pub fn approve_policy(
        &mut self,
        actor: &str,
        path: &str,
        sha256: &Sha256Hex,
    ) -> Result<Vec<Receipt>> {
        let draft = self.state().program.draft_of(path).cloned();
        let draft = draft
            .filter(|draft| draft.sha256 == *sha256)
            .ok_or_else(|| {
                Problem::new(format!("the draft of `{path}` is another by now"))
                    .hint("read the draft as it is, then approve it")
            })?;
        if draft.by == actor {
            return Err(Problem::new("who proposed a policy does not approve it")
                .hint("ask someone else with that right to approve it")
                .into());
        }
        let day = self.today(&self.state().program()?)?;
        let text = set_front_matter(path, &draft.text, "approved_on", &day.to_string())?;
        let approved = ProgramEvent::DraftApproved {
            path: path.to_owned(),
            sha256: draft.sha256,
        };
        let approved = NewEntry::from_event(actor, approved.subject(), &approved)?;
        self.edit_with(
            actor,
            &Edits::from([(path.to_owned(), Some(text))]),
            vec![approved],
        )
    }

    /// Discards the proposed text of a policy.
    ///
    /// # Errors
    /// When there is none.
    pub fn discard_draft(&mut self, actor: &str, path: &str) -> Result<Vec<Receipt>> {
        let path = path.to_owned();
        self.record_program(actor, &ProgramEvent::DraftDiscarded { path })
    }

    /// Records that a person acknowledges the text of a policy. Saying it again
    /// adds nothing.
    ///
    /// # Errors
    /// When the text is not the one in force.
    pub fn acknowledge_policy(
        &mut self,
        actor: &str,
        path: &str,
        sha256: &Sha256Hex,
    ) -> Result<Vec<Receipt>> {
        let program = &self.state().program;
        if program.acknowledged_by(sha256, actor).is_some() {
            return Ok(Vec::new());
        }
        let event = ProgramEvent::PolicyAcknowledged {
            path: path.to_owned(),
            sha256: sha256.clone(),
            by: actor.to_owned(),
        };
        self.record_program(actor, &event)
    }

    /// The day it is where the organization counts days.
    fn today(&self, program: &Program) -> Result<Date> {
        let zone = TimeZone::get(&program.organization.time_zone)
            .map_err(|error| Problem::new(error.to_string()))?;
        Ok(self.now().to_zoned(zone).date())
    }

    fn record_program(&mut self, actor: &str, event: &ProgramEvent) -> Result<Vec<Receipt>> {
        let mut after = self.state().program.clone();
        after
            .apply(event, self.now())
            .map_err(|error| Problem::new(error.to_string()).hint("load the page anew"))?;
        self.append(vec![NewEntry::from_event(actor, event.subject(), event)?])
    }
}
