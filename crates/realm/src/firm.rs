//! What a firm does in its workspace: take the company's package in, do the
//! tests again, put its judgements on file, issue the report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tickmark_access::{AccessEvent, AccessState};
use tickmark_catalog::{DatasetKind, Problem};
use tickmark_control_tests::{ControlTest, TestResult, sentences};
use tickmark_engagement::{
    Basis, CheckpointRelied, Decisions, EngagementEvent, EngagementState, Procedures, ReportIssued,
};
use tickmark_evidence::{ReconciliationResult, Store};
use tickmark_ledger::verifier::VerifierKey;
use tickmark_ledger::{Ledger, LedgerEvent, NewEntry, Receipt};
use tickmark_program::{Program, SubserviceMethod};

use crate::company::access_entries;
use crate::company_state::CompanyState;
use crate::definitions::{Provenance, check_own, tests_in_force};
use crate::error::Result;
use crate::evaluate::{Evaluation, Progress};
use crate::journal::Journal;
use crate::receive::{Received, receive, verify_evidence};
use crate::received;
use crate::reconcile::compare_recorded;
use crate::reliance;
use crate::surroundings::Surroundings;
use crate::told::{Folded, Told};
use crate::workspace::{Realm, Workspace};

/// The fold of a firm's entries.
#[derive(Debug, Clone, Default)]
pub struct FirmState {
    /// The engagement.
    pub engagement: EngagementState,
    /// Index and time of the entry that issued each report, in order.
    pub issued_at: Vec<(u64, Timestamp)>,
    /// Who may come in, and with which role.
    pub access: AccessState,
    /// Who did what when.
    pub journal: Journal,
    /// Entries folded in.
    pub size: u64,
}

impl FirmState {
    /// Every kind of entry a firm's ledger may hold, besides the ledger's own.
    pub fn kinds() -> Vec<&'static str> {
        [EngagementEvent::KINDS, AccessEvent::KINDS].concat()
    }

    /// Every report issued with the index of its entry, in order.
    pub fn issuances(&self) -> impl DoubleEndedIterator<Item = (u64, &ReportIssued)> {
        let entries = self.issued_at.iter().map(|(index, _)| *index);
        entries.zip(&self.engagement.issued)
    }
}

impl Folded for FirmState {
    fn apply(&mut self, told: &Told) -> Result<()> {
        let kind = told.kind.as_str();
        if EngagementEvent::KINDS.contains(&kind) {
            if let Some(event) = told.event::<EngagementEvent>()? {
                if matches!(event, EngagementEvent::ReportIssued(_)) {
                    self.issued_at.push((told.index, told.at));
                }
                self.engagement.apply(event);
            }
        } else if AccessEvent::KINDS.contains(&kind) {
            told.apply_access(&mut self.access)?;
        } else if !LedgerEvent::KINDS.contains(&kind) {
            return Err(told.unknown());
        }
        self.journal.add(told);
        self.size = told.index + 1;
        Ok(())
    }

    fn size(&self) -> u64 {
        self.size
    }
}

/// The company's facts as a firm or a reader has verified and recomputed them.
pub struct Examined {
    /// The company's program.
    pub program: Program,
    /// The company's state at the checkpoint.
    pub state: CompanyState,
    /// The control tests in force.
    pub tests: Vec<ControlTest>,
    /// Where they come from.
    pub provenance: Provenance,
    /// The reconciliations, compared again.
    pub reconciliations: Vec<ReconciliationResult>,
    /// How many of them were recorded of the same snapshots.
    pub reconciliations_recorded: usize,
    /// The results of the tests, computed again.
    pub results: Vec<TestResult>,
    /// Origin, size and root of the company's ledger.
    pub received: Received,
}

/// Verifies a package, makes every reconciliation in it again and runs every
/// control test.
///
/// `executable`: this program, which runs the company's SQL in processes of
/// their own.
///
/// # Errors
/// The first thing that does not verify, or a reconciliation or test that
/// cannot be run.
pub fn examine(
    folder: &Path,
    key: Option<&VerifierKey>,
    witnesses: &[VerifierKey],
    executable: &Path,
    progress: Option<Progress<'_>>,
) -> Result<Examined> {
    let received = receive(folder, key, witnesses)?;
    let state = received.company_state()?;
    let store = verify_evidence(folder, &state)?;
    examined(received, state, &store, executable, progress)
}

fn examined(
    received: Received,
    state: CompanyState,
    store: &Store,
    executable: &Path,
    progress: Option<Progress<'_>>,
) -> Result<Examined> {
    let tests = tests_in_force(&state, store)?;
    let mut evaluation = Evaluation::new(&state, store, None, None, executable)?;
    check_own(evaluation.program(), &tests)?;
    let provenance = Provenance::of(evaluation.program(), &tests)?;
    let reconciliations = evaluation.reconcile()?;
    let reconciliations_recorded = compare_recorded(&state, &reconciliations)?;
    evaluation.rely_on(&state, &reconciliations);
    let results = evaluation.run(&tests, &|_| None, progress)?;
    let program = evaluation.program().clone();
    Ok(Examined {
        program,
        state,
        tests,
        provenance,
        reconciliations,
        reconciliations_recorded,
        results,
        received,
    })
}

impl Examined {
    /// What the auditor judges on.
    ///
    /// # Errors
    /// When a result cannot be encoded or a sentence not be filled.
    pub fn basis(&self) -> Result<Basis> {
        let program = &self.program;
        let mut procedures = BTreeMap::new();
        for (test, result) in self.tests.iter().zip(&self.results) {
            let nature = serde_json::to_value(test.nature)
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default();
            procedures.insert(
                test.id.clone(),
                (nature, sentences::procedure(test, result)?),
            );
        }
        let commitments = program
            .commitments
            .iter()
            .map(|it| it.id.to_string())
            .chain(program.requirements.iter().map(|it| it.id.to_string()));
        let basis = Basis {
            controls: program
                .controls
                .iter()
                .map(|it| (it.definition.id.clone(), it.definition.criteria.clone()))
                .collect(),
            criteria: program.applicable_criteria(),
            not_relevant: program
                .scope
                .not_relevant
                .iter()
                .map(|it| it.criterion)
                .collect(),
            commitments: commitments.collect(),
            inclusive: program
                .subservices
                .iter()
                .filter(|it| it.method == SubserviceMethod::Inclusive)
                .map(|it| it.id.to_string())
                .collect(),
            state_tests: self
                .tests
                .iter()
                .filter(|test| test.kind == DatasetKind::State)
                .map(|test| test.id.clone())
                .collect(),
            procedures,
            documents: self
                .state
                .evidence
                .artifacts()
                .map(|it| (it.path.clone(), it.sha256.clone()))
                .collect(),
            ..Basis::default()
        };
        Ok(basis.with_results(self.results.clone())?)
    }
}

/// A firm's workspace, open for writing.
pub struct Firm {
    workspace: Workspace,
    surroundings: Surroundings,
    ledger: Ledger,
    state: FirmState,
}

impl Firm {
    /// Makes a firm's workspace in `folder`, its key in `keys`.
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
            Realm::Firm,
            id,
            surroundings,
            &FirmState::kinds(),
        )?;
        let state = FirmState::read(&workspace, None)?;
        Ok(Self {
            workspace,
            surroundings: surroundings.clone(),
            ledger,
            state,
        })
    }

    /// Opens a firm's workspace for writing.
    ///
    /// # Errors
    /// As [`crate::Company::open`].
    pub fn open(folder: &Path, keys: &Path, surroundings: &Surroundings) -> Result<Self> {
        let workspace = Workspace::open(folder, keys)?.expect(Realm::Firm)?;
        let ledger = workspace.ledger(surroundings, &FirmState::kinds())?;
        let state = FirmState::read(&workspace, None)?;
        Ok(Self {
            workspace,
            surroundings: surroundings.clone(),
            ledger,
            state,
        })
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The state after everything recorded so far.
    pub fn state(&self) -> &FirmState {
        &self.state
    }

    /// The open ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The package received last.
    ///
    /// # Errors
    /// When none was received.
    pub fn package(&self) -> Result<PathBuf> {
        let none = || {
            Problem::new("no package of the company was received yet")
                .hint("take it in with `tickmark receive PACKAGE`")
        };
        let relied = self.state.engagement.checkpoint.as_ref().ok_or_else(none)?;
        Ok(received::folder(&self.workspace, &relied.note))
    }

    /// The program that runs SQL in a process of its own.
    pub(crate) fn executable(&self) -> &Path {
        self.surroundings.executable()
    }

    /// Verifies the package received last once more, and that it is the one the
    /// firm's ledger says it relies on.
    ///
    /// # Errors
    /// When none was received, or the first thing that does not verify.
    pub fn examine_package(&self) -> Result<Examined> {
        let examined = examine(&self.package()?, None, &[], self.executable(), None)?;
        if let Some(relied) = &self.state.engagement.checkpoint {
            reliance::check_extends(relied, &examined.received)?;
            reliance::check_results(relied, &examined)?;
        }
        Ok(examined)
    }

    /// Takes a package in: verifies it, keeps a copy, runs every test again
    /// and records on which checkpoint, and which results, the firm relies.
    ///
    /// # Errors
    /// The first thing that does not verify; a package that does not extend the
    /// one received before. Nothing is recorded then.
    pub fn receive(
        &mut self,
        actor: &str,
        package: &Path,
        key: Option<&VerifierKey>,
        witnesses: &[VerifierKey],
        progress: Option<Progress<'_>>,
    ) -> Result<Examined> {
        let examined = examine(package, key, witnesses, self.executable(), progress)?;
        if let Some(relied) = &self.state.engagement.checkpoint {
            reliance::check_extends(relied, &examined.received)?;
        }
        let received = &examined.received;
        received::keep(&self.workspace, package, received)?;
        let event = EngagementEvent::CheckpointRelied(CheckpointRelied {
            origin: received.checkpoint().origin.clone(),
            size: received.checkpoint().size,
            note: received.note.clone(),
            results: reliance::digests(&examined)?,
        });
        self.append(actor, &[event])?;
        Ok(examined)
    }

    /// Puts a file of decisions on file; every decision passes the checks of
    /// the engagement, or none is recorded.
    ///
    /// # Errors
    /// Every decision that breaks a rule, with its line.
    pub fn decide(
        &mut self,
        actor: &str,
        decisions: &Decisions,
        procedures: &Procedures,
        basis: &Basis,
    ) -> Result<Vec<Receipt>> {
        let events = decisions.decide(&self.state.engagement, procedures, basis)?;
        self.append(actor, &events)
    }

    /// Records changes of who may come in.
    ///
    /// # Errors
    /// Those that contradict what is recorded; then none is.
    pub fn record_access(&mut self, actor: &str, events: &[AccessEvent]) -> Result<Vec<Receipt>> {
        self.state.access.check(events, self.surroundings.now())?;
        let entries = access_entries(actor, events)?;
        self.state.append(&self.ledger, entries)
    }

    /// Appends events; each under the member that signed it, where it names
    /// one.
    pub(crate) fn append(
        &mut self,
        actor: &str,
        events: &[EngagementEvent],
    ) -> Result<Vec<Receipt>> {
        let mut entries = Vec::new();
        for event in events {
            let actor = event.actor().map_or(actor, |member| member.0.as_str());
            entries.push(NewEntry::from_event(actor, event.subject(), event)?);
        }
        self.state.append(&self.ledger, entries)
    }
}
