//! Everything a company's ledger says, as one value.

use tickmark_access::{AccessEvent, AccessState};
use tickmark_catalog::Problem;
use tickmark_control_tests::{
    ControlTest, ControlTestsEvent, ControlTestsState, Measures, TestFolder, library,
};
use tickmark_evidence::{EvidenceEvent, EvidenceState};
use tickmark_ledger::LedgerEvent;
use tickmark_program::{Program, ProgramEvent, ProgramState};

use crate::definitions::{own_folder, refuse_replacements};
use crate::error::Result;
use crate::journal::Journal;
use crate::told::{Folded, Told};

/// The fold of a company's entries, up to some entry.
#[derive(Debug, Clone, Default)]
pub struct CompanyState {
    /// The program as recorded.
    pub program: ProgramState,
    /// Snapshots, artifacts, reconciliations.
    pub evidence: EvidenceState,
    /// Definitions and runs of control tests.
    pub control_tests: ControlTestsState,
    /// Who may come in, and with which role.
    pub access: AccessState,
    /// Who did what when.
    pub journal: Journal,
    /// Entries folded in.
    pub size: u64,
}

impl CompanyState {
    /// Every kind of entry a company's ledger may hold, besides the ledger's own.
    pub fn kinds() -> Vec<&'static str> {
        [
            ProgramEvent::KINDS,
            EvidenceEvent::KINDS,
            ControlTestsEvent::KINDS,
            AccessEvent::KINDS,
        ]
        .concat()
    }

    /// The program, parsed.
    ///
    /// # Errors
    /// When none was recorded yet.
    pub fn program(&self) -> Result<Program> {
        if self.program.is_empty() {
            return Err(Problem::new("no program was recorded yet")
                .hint("record it with `tickmark apply`")
                .into());
        }
        Ok(self.program.program()?)
    }
}

impl Folded for CompanyState {
    fn apply(&mut self, told: &Told) -> Result<()> {
        let kind = told.kind.as_str();
        if ProgramEvent::KINDS.contains(&kind) {
            if let Some(event) = told.event::<ProgramEvent>()? {
                self.program
                    .apply(&event, told.at)
                    .map_err(|error| told.wrong(&error.to_string()))?;
            }
        } else if EvidenceEvent::KINDS.contains(&kind) {
            if let Some(event) = told.event::<EvidenceEvent>()? {
                self.evidence
                    .apply(&event, told.at)
                    .map_err(|problem| told.wrong(&problem.to_string()))?;
            }
        } else if ControlTestsEvent::KINDS.contains(&kind) {
            if let Some(event) = told.event::<ControlTestsEvent>()? {
                self.control_tests
                    .apply(&event, told.at)
                    .map_err(|problem| told.wrong(&problem.to_string()))?;
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

/// The control tests that apply to a program: those of the library that test
/// one of its controls or measure one of its commitments, and its own.
///
/// # Errors
/// Every problem of the company's own tests; one may not have the id of a test
/// of the library.
pub fn tests_for(program: &Program) -> Result<Vec<(TestFolder, ControlTest)>> {
    refuse_replacements(program)?;
    let measured: Vec<_> = program
        .commitments
        .iter()
        .filter_map(|commitment| commitment.measure.as_ref())
        .collect();
    let folders = tickmark_control_tests::library_folders();
    let applies = |test: &ControlTest| match test.measures {
        Measures::Control => test
            .controls
            .iter()
            .any(|control| program.control(control).is_some()),
        Measures::Commitment => measured.contains(&&test.id),
    };
    let shipped = folders
        .iter()
        .cloned()
        .zip(library()?)
        .filter(|(_, test)| applies(test));
    let mut tests: Vec<(TestFolder, ControlTest)> = shipped.collect();
    for (id, files) in &program.tests {
        let folder = own_folder(id, files);
        let test = ControlTest::from_folder(&folder)?;
        tests.push((folder, test));
    }
    tests.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    Ok(tests)
}
