//! The control tests in force, and where each comes from.
//!
//! What must hold: what runs is what was recorded, whatever this program ships
//! today; nobody passes a test of their own off as one of the library's.

use std::collections::BTreeMap;

use serde::Serialize;
use tickmark_catalog::{ControlTestId, Problem, Sha256Hex};
use tickmark_control_tests::{ControlTest, TestFolder, is_in_library, is_shipped};
use tickmark_evidence::Store;
use tickmark_program::Program;

use crate::company_state::{CompanyState, tests_for};
use crate::error::{Error, Result};

/// How the control tests in force differ from those this program ships.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The program's own tests.
    pub own: Vec<ControlTestId>,
    /// Tests with an id of the library, or of no test known here, whose folder
    /// is not the one this program ships: of another version, or changed.
    pub other: Vec<ControlTestId>,
    /// Tests that this program ships, that apply, and that are not in force.
    pub left_out: Vec<ControlTestId>,
}

impl Provenance {
    /// Where each of `tests`, those in force, comes from.
    ///
    /// # Errors
    /// When a test of the program is broken or has an id of the library.
    pub fn of(program: &Program, tests: &[ControlTest]) -> Result<Self> {
        let ids = |wanted: &dyn Fn(&ControlTest) -> bool| {
            let tests = tests.iter().filter(|test| wanted(test));
            tests.map(|test| test.id.clone()).collect()
        };
        let is_own = |test: &ControlTest| program.tests.contains_key(&test.id);
        let in_force = |id: &ControlTestId| tests.iter().any(|test| test.id == *id);
        let applying = tests_for(program)?.into_iter().map(|(_, test)| test.id);
        Ok(Self {
            own: ids(&is_own),
            other: ids(&|test| !is_own(test) && !is_shipped(test)),
            left_out: applying.filter(|id| !in_force(id)).collect(),
        })
    }
}

/// Refuses a program whose own tests have ids of the library: who reads a
/// result must know by its name which test it is.
///
/// # Errors
/// Every such test.
pub(crate) fn refuse_replacements(program: &Program) -> Result<(), tickmark_catalog::Problems> {
    let replacing = program.tests.keys().filter(|id| is_in_library(id));
    let problems = replacing.map(|id| {
        Problem::new(format!(
            "control test `{id}` has the id of a test of the library"
        ))
        .cause("a result must tell by its name which test it is of")
        .hint("give it another id; to leave the library's test out, take it from the controls")
        .in_file(format!("tests/{id}/test.toml"))
    });
    tickmark_catalog::Problems::unless_empty(problems.collect(), ())
}

/// Insists that the program's own tests are in force as its files say.
///
/// # Errors
/// The first that is not, or that has an id of the library.
pub(crate) fn check_own(program: &Program, tests: &[ControlTest]) -> Result<()> {
    refuse_replacements(program).map_err(|problems| {
        let unnamed = || Problem::new("a control test replaces one of the library");
        Error::Damaged(problems.0.into_iter().next().unwrap_or_else(unnamed))
    })?;
    for (id, files) in &program.tests {
        let written = own_folder(id, files).sha256();
        let in_force = tests.iter().find(|test| test.id == *id);
        if in_force.map(|test| &test.folder_sha256) != Some(&written) {
            return Err(Error::Damaged(
                Problem::new(format!(
                    "control test `{id}` in force is not the one in the program's folder"
                ))
                .cause("its definition was recorded with other files, or not at all"),
            ));
        }
    }
    Ok(())
}

/// The folder of one of the program's own tests.
pub(crate) fn own_folder(id: &ControlTestId, files: &BTreeMap<String, String>) -> TestFolder {
    TestFolder {
        path: format!("tests/{id}"),
        files: files.clone(),
    }
}

/// The control tests in force, read back from the store that holds their
/// folders: what was really run, whatever this program ships today.
///
/// # Errors
/// When a folder is missing, changed or no test.
pub fn tests_in_force(state: &CompanyState, store: &Store) -> Result<Vec<ControlTest>> {
    let defined = state.control_tests.defined.values();
    defined
        .map(|(defined, _)| read_test(store, &defined.id, &defined.folder_sha256))
        .collect()
}

fn read_test(store: &Store, id: &ControlTestId, folder_sha256: &Sha256Hex) -> Result<ControlTest> {
    let bytes = store.get(folder_sha256)?;
    let wrong = |why: String| {
        Error::Damaged(
            Problem::new(format!(
                "the recorded folder of control test `{id}` cannot be read"
            ))
            .cause(why),
        )
    };
    let files: BTreeMap<String, String> =
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    let test = ControlTest::from_folder(&TestFolder {
        path: format!("tests/{id}"),
        files,
    })?;
    if test.folder_sha256 != *folder_sha256 {
        return Err(wrong("it is not written in canonical form".to_owned()));
    }
    Ok(test)
}
