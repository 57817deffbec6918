//! What pages of a company read: the state of its ledger at one moment, with
//! everything that many pages ask for worked out once.
//!
//! What must hold: a picture never changes; after every command the next one
//! takes its place whole, so a page never shows half of a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tickmark_catalog::{ControlId, ControlTestId, CriterionId, Period, ReportType};
use tickmark_control_tests::events::RunRecorded;
use tickmark_control_tests::{Completeness, ControlTest, TestFolder};
use tickmark_program::{Control, DescriptionFinding, Program, description_findings};
use tickmark_realm::{
    CompanyState, Readiness, Result, Standing, completeness, documented, readiness_of, recorded,
    standing, tests_for,
};

use crate::operation::Operation;
use crate::results::Results;
use crate::search::Index;

/// A company at one moment.
pub struct Picture {
    /// Everything the ledger says.
    pub state: Arc<CompanyState>,
    /// What the program says, once one was recorded.
    pub recorded: Option<Recorded>,
    /// The moment it shows, where that is not now.
    pub as_of: Option<String>,
    /// Everything that can be found by a word.
    pub search: Arc<Index>,
}

/// What can be said once a program was recorded.
pub struct Recorded {
    /// The program.
    pub program: Arc<Program>,
    /// The organization's time zone.
    pub zone: TimeZone,
    /// Where the program stands.
    pub readiness: Readiness,
    /// What the design checks find in the system description.
    pub findings: Arc<Vec<DescriptionFinding>>,
    /// The control tests in force, by id.
    pub tests: Arc<Tests>,
    /// What is known of each control, by id.
    pub controls: BTreeMap<ControlId, ControlFacts>,
    /// The completeness of each dataset.
    pub completeness: BTreeMap<String, Completeness>,
    /// How each test went over the period, day by day.
    operations: BTreeMap<ControlTestId, Arc<Operation>>,
}

/// Control tests by id, each with its folder.
pub type Tests = BTreeMap<ControlTestId, (TestFolder, ControlTest)>;

/// What is known of one control over the period.
#[derive(Clone, Debug)]
pub struct ControlFacts {
    /// The worst of its tests, or its documents.
    pub standing: Standing,
    /// Items that deviate.
    pub deviations: u64,
    /// Items that were not observed on at least one day.
    pub with_gaps: u64,
    /// Datasets its tests read that are known not to be complete.
    pub incomplete: Vec<String>,
}

impl ControlFacts {
    /// Whether it is evidenced for every interval so far: nothing deviates,
    /// nothing went unobserved, and no population lacks items.
    pub fn is_evidenced(&self) -> bool {
        let stands = matches!(
            self.standing,
            Standing::Operated | Standing::NoOccurrence | Standing::Documented
        );
        stands && self.with_gaps == 0 && self.incomplete.is_empty()
    }
}

impl Picture {
    /// The picture of a state. `results` finds what tests found, by key.
    ///
    /// A past moment may fall between the entries of one change, where the
    /// program was not whole: then nothing is said of it, and
    /// [`Self::is_between`] tells.
    ///
    /// # Errors
    /// When what is recorded cannot be read by this program.
    pub fn new(state: Arc<CompanyState>, results: &Results, as_of: Option<String>) -> Result<Self> {
        let read = Read::of(&state, as_of.is_some())?;
        Ok(Self::with(read, state, results, as_of)?.indexed(None))
    }

    /// The picture of a state that follows this one: what did not change since
    /// is not worked out again.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn after(&self, state: Arc<CompanyState>, results: &Results) -> Result<Self> {
        let shares_files = state.program.shares_files(&self.state.program);
        let read = match &self.recorded {
            Some(recorded) if shares_files => Some(Read {
                program: Arc::clone(&recorded.program),
                findings: Arc::clone(&recorded.findings),
                tests: Arc::clone(&recorded.tests),
            }),
            _ => Read::of(&state, false)?,
        };
        let shares_found = shares_files
            && state.evidence.shares_artifacts(&self.state.evidence)
            && state.evidence.datasets().eq(self.state.evidence.datasets());
        let search = shares_found.then(|| Arc::clone(&self.search));
        Ok(Self::with(read, state, results, None)?.indexed(search))
    }

    fn with(
        read: Option<Read>,
        state: Arc<CompanyState>,
        results: &Results,
        as_of: Option<String>,
    ) -> Result<Self> {
        let recorded = read
            .map(|read| Recorded::new(read, &state, results))
            .transpose()?;
        Ok(Self {
            state,
            recorded,
            as_of,
            search: Arc::default(),
        })
    }

    /// Whether this is a moment between the entries of one change of the
    /// program, of which nothing can be said.
    pub fn is_between(&self) -> bool {
        self.recorded.is_none() && !self.state.program.is_empty()
    }

    /// With what can be found: as given, or looked through anew.
    fn indexed(mut self, known: Option<Arc<Index>>) -> Self {
        let anew = || Arc::new(Index::new(&self.state, self.recorded.as_ref()));
        self.search = known.unwrap_or_else(anew);
        self
    }
}

/// A program and its tests as read from what is recorded of files.
struct Read {
    program: Arc<Program>,
    findings: Arc<Vec<DescriptionFinding>>,
    tests: Arc<Tests>,
}

impl Read {
    /// `None` before a program was recorded, and at a past moment at which it
    /// was not whole.
    fn of(state: &CompanyState, is_past: bool) -> Result<Option<Self>> {
        if state.program.is_empty() {
            return Ok(None);
        }
        let program = match state.program() {
            Err(_) if is_past => return Ok(None),
            program => program?,
        };
        let tests = tests_for(&program)?;
        let by_id = tests
            .into_iter()
            .map(|(folder, test)| (test.id.clone(), (folder, test)));
        Ok(Some(Self {
            tests: Arc::new(by_id.collect()),
            findings: Arc::new(description_findings(&program, ReportType::Type2)),
            program: Arc::new(program),
        }))
    }
}

impl Recorded {
    fn new(read: Read, state: &CompanyState, results: &Results) -> Result<Self> {
        let Read {
            program,
            findings,
            tests,
        } = read;
        let zone = TimeZone::get(&program.organization.time_zone).unwrap_or(TimeZone::UTC);
        let completeness = completeness(state, &recorded(state, &program)?, Timestamp::MAX);
        let documented = documented(state);
        let controls = program
            .controls
            .iter()
            .map(|control| {
                let standing = standing(state, &documented, program.period, &control.definition);
                let facts = facts(state, &program, &tests, &completeness, control, standing);
                (control.definition.id.clone(), facts)
            })
            .collect();
        let operations = tests
            .keys()
            .filter_map(|id| {
                let run = run_of(state, id, program.period)?;
                let operation = results.operation(run, program.period, &zone)?;
                Some((id.clone(), operation))
            })
            .collect();
        let reads = tests.values().flat_map(|(_, test)| &test.reads);
        Ok(Self {
            readiness: readiness_of(state, &program, reads, &completeness),
            zone,
            findings,
            tests,
            controls,
            completeness,
            operations,
            program,
        })
    }

    /// What is known of a control; of one the program does not have, nothing.
    pub fn control(&self, id: &ControlId) -> Option<(&Control, &ControlFacts)> {
        Some((self.program.control(id)?, self.controls.get(id)?))
    }

    /// A test in force.
    pub fn test(&self, id: &ControlTestId) -> Option<&ControlTest> {
        self.tests.get(id).map(|(_, test)| test)
    }

    /// How a test went over the period, where its result is at hand.
    pub fn operation(&self, id: &ControlTestId) -> Option<&Operation> {
        self.operations.get(id).map(Arc::as_ref)
    }

    /// How a control went over the period: the worst of its tests on each day.
    pub fn operation_of(&self, control: &Control) -> Option<Operation> {
        let of_tests = control
            .definition
            .tests
            .iter()
            .filter_map(|id| self.operation(id));
        Operation::together(of_tests)
    }

    /// Whether every control of a criterion is evidenced for every interval so
    /// far. A criterion without controls is not.
    pub fn is_evidenced(&self, criterion: CriterionId) -> bool {
        let mut controls = self.program.controls_for(criterion).peekable();
        controls.peek().is_some()
            && controls.all(|control| {
                self.controls
                    .get(&control.definition.id)
                    .is_some_and(ControlFacts::is_evidenced)
            })
    }

    /// The day of an instant at the organization.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }
}

/// The latest run of a test over a period.
pub fn run_of<'s>(
    state: &'s CompanyState,
    id: &ControlTestId,
    period: Period,
) -> Option<&'s RunRecorded> {
    state
        .control_tests
        .runs
        .get(&(id.clone(), period))
        .map(|(run, _)| run)
}

fn facts(
    state: &CompanyState,
    program: &Program,
    tests: &Tests,
    completeness: &BTreeMap<String, Completeness>,
    control: &Control,
    standing: Standing,
) -> ControlFacts {
    let definition = &control.definition;
    let runs: Vec<&RunRecorded> = definition
        .tests
        .iter()
        .filter_map(|id| run_of(state, id, program.period))
        .collect();
    let mut incomplete: Vec<String> = definition
        .tests
        .iter()
        .filter_map(|id| tests.get(id))
        .flat_map(|(_, test)| &test.reads)
        .map(|table| tickmark_control_tests::dataset_of(table).to_owned())
        .filter(|dataset| {
            matches!(
                completeness.get(dataset),
                Some(Completeness::Incomplete { .. })
            )
        })
        .collect();
    incomplete.sort();
    incomplete.dedup();
    ControlFacts {
        standing,
        deviations: runs.iter().map(|run| run.counts.deviations).sum(),
        with_gaps: runs.iter().map(|run| run.counts.with_gaps).sum(),
        incomplete,
    }
}
