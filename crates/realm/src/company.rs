//! What a company does in its workspace: record its program, take evidence in,
//! reconcile, test, sign.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tickmark_access::AccessEvent;
use tickmark_catalog::{ControlTestId, Period, Problem, catalog};
use tickmark_control_tests::events::ResponseGiven;
use tickmark_control_tests::{ControlTest, ControlTestsEvent};
use tickmark_evidence::manifest::Collector;
use tickmark_evidence::{
    Artifact, EvidenceEvent, Import, Mapping, ReconciliationResult, Rejects, Snapshot, Store,
};
use tickmark_ledger::{Ledger, NewEntry, Receipt};
use tickmark_program::{Difference, Document, diff};

use crate::company_state::{CompanyState, tests_for};
use crate::error::{Error, Result};
use crate::evaluate::{Evaluation, Progress};
use crate::folder::{program_files, write_file};
use crate::reconcile::reconciliations;
use crate::surroundings::Surroundings;
use crate::tested::{TestRun, Tested, result_path};
use crate::told::Folded;
use crate::workspace::{Realm, Workspace};

/// A company's workspace, open for writing.
pub struct Company {
    workspace: Workspace,
    surroundings: Surroundings,
    ledger: Ledger,
    store: Arc<Store>,
    state: Arc<CompanyState>,
}

/// What an import brought in.
pub struct Imported {
    /// The snapshot with its manifest.
    pub snapshot: Snapshot,
    /// Whether the very same snapshot was there already; then nothing was
    /// recorded.
    pub unchanged: bool,
}

impl Company {
    /// Makes a company's workspace in `folder`, its key in `keys`.
    ///
    /// # Errors
    /// When there is one already or a folder cannot be written.
    pub fn create(
        folder: &Path,
        keys: &Path,
        id: &str,
        surroundings: &Surroundings,
    ) -> Result<Self> {
        let (workspace, ledger) = Workspace::create(
            folder,
            keys,
            Realm::Company,
            id,
            surroundings,
            &CompanyState::kinds(),
        )?;
        Self::assemble(workspace, surroundings, ledger)
    }

    /// Opens a company's workspace for writing.
    ///
    /// # Errors
    /// When there is none, another process has it, or its ledger is not the
    /// one that was last signed.
    pub fn open(folder: &Path, keys: &Path, surroundings: &Surroundings) -> Result<Self> {
        let workspace = Workspace::open(folder, keys)?.expect(Realm::Company)?;
        let ledger = workspace.ledger(surroundings, &CompanyState::kinds())?;
        Self::assemble(workspace, surroundings, ledger)
    }

    fn assemble(workspace: Workspace, surroundings: &Surroundings, ledger: Ledger) -> Result<Self> {
        let store = Arc::new(workspace.evidence()?);
        // The ledger is locked, so whoever was writing here has ended.
        store.remove_abandoned()?;
        let state = Arc::new(CompanyState::read(&workspace, None)?);
        Ok(Self {
            workspace,
            surroundings: surroundings.clone(),
            ledger,
            store,
            state,
        })
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The state after everything recorded so far.
    pub fn state(&self) -> &CompanyState {
        &self.state
    }

    /// The state after everything recorded so far, to keep: later entries do
    /// not change it.
    pub fn state_now(&self) -> Arc<CompanyState> {
        Arc::clone(&self.state)
    }

    /// The content-addressed store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The content-addressed store, to keep.
    pub fn shared_store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// The open ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What recording the program in `folder` would change.
    ///
    /// # Errors
    /// Everything that is wrong with the folder, its mappings, reconciliations
    /// and tests.
    pub fn difference(&self, folder: &Path) -> Result<Difference> {
        let files = program_files(folder)?;
        diff(&self.state.program, &files).map_err(|mut problems| {
            problems.0.extend(broken_mappings(&files));
            problems.into()
        })
    }

    /// Records a difference and the definitions of the control tests in force.
    ///
    /// # Errors
    /// When a mapping, reconciliation or test of the new program is broken;
    /// then nothing is recorded.
    pub fn apply(&mut self, actor: &str, difference: &Difference) -> Result<Vec<Receipt>> {
        let entries = self.program_entries(actor, difference)?;
        self.append(entries)
    }

    /// The entries that record a difference, with the definitions of the control
    /// tests it puts in force.
    pub(crate) fn program_entries(
        &self,
        actor: &str,
        difference: &Difference,
    ) -> Result<Vec<NewEntry>> {
        let mut after = CompanyState::clone(&self.state);
        let now = self.surroundings.now();
        for event in &difference.events {
            after
                .program
                .apply(event, now)
                .map_err(|error| Problem::new(error.to_string()))?;
        }
        let program = after.program()?;
        mappings(&program)?;
        reconciliations(&program)?;
        let mut entries: Vec<NewEntry> = Vec::new();
        for event in &difference.events {
            entries.push(NewEntry::from_event(actor, event.subject(), event)?);
        }
        let tests = tests_for(&program)?;
        for id in self.state.control_tests.defined.keys() {
            if !tests.iter().any(|(_, test)| test.id == *id) {
                let event = ControlTestsEvent::removed(id.clone());
                entries.push(NewEntry::from_event(actor, event.subject(), &event)?);
            }
        }
        for (folder, test) in tests {
            if !self.state.control_tests.is_defined_as(&test) {
                self.store.put(folder.canonical_json().as_bytes())?;
                let event = ControlTestsEvent::defined(&test);
                entries.push(NewEntry::from_event(actor, event.subject(), &event)?);
            }
        }
        Ok(entries)
    }

    /// Takes in every document of the program's index whose bytes are new.
    ///
    /// # Errors
    /// Every document that is missing or is not what its name says.
    pub fn add_documents(&mut self, actor: &str, folder: &Path) -> Result<Vec<Artifact>> {
        let program = self.state.program()?;
        let mut added = Vec::new();
        let mut problems = Vec::new();
        for document in &program.documents {
            match self.artifact(folder, document) {
                Ok(artifact) => added.push(artifact),
                Err(Error::Problems(found)) => problems.extend(found.0),
                Err(other) => return Err(other),
            }
        }
        if !problems.is_empty() {
            return Err(tickmark_catalog::Problems(problems).into());
        }
        added.retain(|artifact| {
            !self
                .state
                .evidence
                .artifacts()
                .any(|known| known == artifact)
        });
        let mut entries = Vec::new();
        for artifact in &added {
            let event = EvidenceEvent::ArtifactRecorded {
                artifact: artifact.clone(),
            };
            entries.push(NewEntry::from_event(actor, event.subject(), &event)?);
        }
        self.append(entries)?;
        Ok(added)
    }

    fn artifact(&self, folder: &Path, document: &Document) -> Result<Artifact> {
        let path = &document.path;
        Artifact::store(
            folder,
            path,
            &document.title,
            &document.controls,
            Some(document.dated),
            &self.store,
        )
        .map_err(|error| error.problems().into())
    }

    /// Imports one source by its mapping.
    ///
    /// # Errors
    /// Every bad row, unless rejects are accepted with a reason; then they are
    /// kept and counted. Nothing is recorded when the import is refused.
    pub fn import(
        &mut self,
        actor: &str,
        folder: &Path,
        mapping: &Mapping,
        accept_rejects: Option<&str>,
    ) -> Result<Imported> {
        let rejects = match accept_rejects {
            Some(_) => Rejects::Accept,
            None => Rejects::Refuse,
        };
        let snapshot = self.take_in(folder, mapping, rejects)?;
        self.record_snapshot(actor, snapshot, accept_rejects)
    }

    /// Stores what one source holds, by its mapping, and records nothing yet.
    ///
    /// # Errors
    /// As [`Company::import`].
    pub fn take_in(&self, folder: &Path, mapping: &Mapping, rejects: Rejects) -> Result<Snapshot> {
        let dataset = catalog()
            .named_dataset(&mapping.dataset)
            .map_err(|error| Problem::new(error.to_string()))?;
        let import = Import {
            dataset,
            mapping,
            collector: Collector {
                name: "tickmark import".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            collected_at: self.surroundings.now(),
            rejects,
        };
        Ok(import.run(folder, &self.store)?)
    }

    /// Records a snapshot that a collector or an import stored.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn record_snapshot(
        &mut self,
        actor: &str,
        snapshot: Snapshot,
        accept_rejects: Option<&str>,
    ) -> Result<Imported> {
        let event = EvidenceEvent::snapshot(&snapshot);
        let unchanged = match &event {
            EvidenceEvent::SnapshotRecorded { snapshot } => self
                .state
                .evidence
                .current_of(&snapshot.dataset, &snapshot.source_id)
                .is_some_and(|known| {
                    known.derived == snapshot.derived
                        && known.observed_at == snapshot.observed_at
                        && known.reject_count == snapshot.reject_count
                }),
            _ => false,
        };
        if !unchanged {
            let mut entries = vec![NewEntry::from_event(actor, event.subject(), &event)?];
            if let Some(event) =
                accept_rejects.and_then(|reason| EvidenceEvent::rejects(&snapshot, reason))
            {
                entries.push(NewEntry::from_event(actor, event.subject(), &event)?);
            }
            self.append(entries)?;
        }
        Ok(Imported {
            snapshot,
            unchanged,
        })
    }

    fn evaluation(&self, period: Option<Period>, as_of: Option<Timestamp>) -> Result<Evaluation> {
        let executable = self.surroundings.executable();
        Evaluation::new(&self.state, &self.store, period, as_of, executable)
    }

    /// Runs every reconciliation of the program over what was imported and
    /// records the results.
    ///
    /// # Errors
    /// When a definition is broken or was stopped at a limit. A reconciliation
    /// of which one side was never imported is left out: it shows nothing.
    pub fn reconcile(&mut self, actor: &str) -> Result<Vec<ReconciliationResult>> {
        let evaluation = self.evaluation(None, None)?;
        let results = evaluation
            .reconcile()
            .map_err(|problems| evaluation.failure(&self.store, problems))?;
        let mut entries = Vec::new();
        for result in &results {
            let event = EvidenceEvent::ReconciliationRecorded {
                reconciliation: result.clone(),
            };
            let known = self
                .state
                .evidence
                .reconciliation_history(&result.id)
                .last()
                .is_some_and(|known| known.value == *result);
            if !known {
                entries.push(NewEntry::from_event(actor, event.subject(), &event)?);
            }
        }
        self.append(entries)?;
        Ok(results)
    }

    /// Runs control tests over the period and records the runs; results in
    /// order of id. A test whose inputs have not changed is not run again.
    ///
    /// `only`: the tests wanted; all where `None`. With `as_of`, observations
    /// after it do not count, and the look back is not recorded: a run on record
    /// says where the company stands.
    ///
    /// # Errors
    /// Evidence that is not what was recorded. A test that is broken or stopped
    /// at a limit is a problem of [`Tested`], and keeps no other from running.
    pub fn test(
        &mut self,
        actor: &str,
        period: Option<Period>,
        as_of: Option<Timestamp>,
        only: Option<&[ControlTestId]>,
        progress: Option<Progress<'_>>,
    ) -> Result<Tested> {
        let tested = self.prepare_tests(period, as_of, only)?.run(progress)?;
        if as_of.is_none() {
            self.record_tests(actor, &tested)?;
        }
        Ok(tested)
    }

    /// Everything a run of control tests needs, as of now: it can go on apart
    /// while others record, and [`Self::record_tests`] records what it found.
    ///
    /// # Errors
    /// When no program was recorded or a wanted test is not in force.
    pub fn prepare_tests(
        &self,
        period: Option<Period>,
        as_of: Option<Timestamp>,
        only: Option<&[ControlTestId]>,
    ) -> Result<TestRun> {
        Ok(TestRun {
            evaluation: self.evaluation(period, as_of)?,
            tests: self.tests(only)?,
            state: Arc::clone(&self.state),
            store: Arc::clone(&self.store),
            results: self.workspace.results_folder(),
        })
    }

    /// Records runs: each result that is not on record already, and the digest
    /// of what it was computed from.
    ///
    /// # Errors
    /// When a result cannot be kept or the ledger refuses.
    pub fn record_tests(&mut self, actor: &str, tested: &Tested) -> Result<Vec<Receipt>> {
        let mut entries = Vec::new();
        for result in &tested.results {
            let event = ControlTestsEvent::run_recorded(result)?;
            let ControlTestsEvent::RunRecorded(run) = &event else {
                continue;
            };
            if self.state.control_tests.result_of(&run.key).as_ref() != Some(&run.result_sha256) {
                let path = result_path(&self.workspace.results_folder(), &run.key);
                write_file(&path, &result.canonical()?)?;
                entries.push(NewEntry::from_event(actor, event.subject(), &event)?);
            }
        }
        self.append(entries)
    }

    /// The control tests in force, or those of them that are wanted.
    ///
    /// # Errors
    /// When a wanted test is not in force.
    pub fn tests(&self, only: Option<&[ControlTestId]>) -> Result<Vec<ControlTest>> {
        let all: Vec<ControlTest> = tests_for(&self.state.program()?)?
            .into_iter()
            .map(|(_, test)| test)
            .collect();
        let Some(only) = only else { return Ok(all) };
        for id in only {
            if !all.iter().any(|test| test.id == *id) {
                return Err(Problem::new(format!(
                    "there is no control test `{id}` in this program"
                ))
                .hint("`tickmark test --list` names them")
                .into());
            }
        }
        Ok(all
            .into_iter()
            .filter(|test| only.contains(&test.id))
            .collect())
    }

    /// Records management's answer to the deviations of a result.
    ///
    /// # Errors
    /// When the result was never recorded or shows no deviation.
    pub fn respond(&mut self, actor: &str, response: ResponseGiven) -> Result<Vec<Receipt>> {
        let runs = self.state.control_tests.runs.values();
        let answered = runs
            .map(|(run, _)| run)
            .find(|run| run.result_sha256 == response.result_sha256);
        if answered.is_none_or(|run| run.counts.deviations == 0) {
            return Err(Problem::new(format!(
                "the latest result of control test `{}` shows no deviation to answer",
                response.test
            ))
            .into());
        }
        let event = ControlTestsEvent::ResponseGiven(response);
        self.append(vec![NewEntry::from_event(actor, event.subject(), &event)?])
    }

    /// Records changes of who may come in.
    ///
    /// # Errors
    /// Those that contradict what is recorded; then none is.
    pub fn record_access(&mut self, actor: &str, events: &[AccessEvent]) -> Result<Vec<Receipt>> {
        self.state.access.check(events, self.surroundings.now())?;
        self.append(access_entries(actor, events)?)
    }

    /// Signs the ledger's head; returns the checkpoint as a signed note.
    ///
    /// # Errors
    /// When the head does not extend the last one signed.
    pub fn checkpoint(&self) -> Result<Vec<u8>> {
        Ok(self.ledger.checkpoint()?)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.surroundings.now()
    }

    pub(crate) fn append(&mut self, entries: Vec<NewEntry>) -> Result<Vec<Receipt>> {
        Arc::make_mut(&mut self.state).append(&self.ledger, entries)
    }
}

/// Changes of who may come in, as entries.
pub(crate) fn access_entries(actor: &str, events: &[AccessEvent]) -> Result<Vec<NewEntry>> {
    let entries = events
        .iter()
        .map(|event| NewEntry::from_event(actor, event.subject(), event));
    Ok(entries.collect::<Result<_, _>>()?)
}

/// The mappings of a program by id, parsed.
///
/// # Errors
/// Every problem of every mapping.
pub fn mappings(program: &tickmark_program::Program) -> Result<BTreeMap<String, Mapping>> {
    let mut read = BTreeMap::new();
    let mut problems = Vec::new();
    for (id, text) in &program.sources {
        match Mapping::parse(&format!("sources/{id}.toml"), text, &catalog().datasets) {
            Ok(mapping) => _ = read.insert(id.to_string(), mapping),
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(tickmark_catalog::Problems(problems).into())
    }
}

/// Every problem of the mappings among a program's files, for a program that
/// is itself too broken to name its mappings.
fn broken_mappings(files: &BTreeMap<String, String>) -> Vec<Problem> {
    let is_mapping = |path: &str| {
        path.strip_prefix("sources/")
            .is_some_and(|name| name.ends_with(".toml") && !name.contains('/'))
    };
    let mappings = files.iter().filter(|(path, _)| is_mapping(path));
    let parsed = mappings.map(|(path, text)| Mapping::parse(path, text, &catalog().datasets));
    parsed
        .filter_map(std::result::Result::err)
        .flat_map(|problems| problems.0)
        .collect()
}
