//! A firm's judgments as a file, for engagements carried on outside the web
//! application and for the sample firm.
//!
//! The file says what people decided and why; it never holds a figure that the
//! engine can compute. Each entry becomes one command and must pass the same
//! checks as one typed in.

use std::ops::Range;

use jiff::civil::Date;
use serde::Deserialize;
use tickmark_catalog::{ControlId, ControlTestId, CriterionId, Place, Problem, Problems};
use toml::Spanned;

use crate::basis::Basis;
use crate::decide::{Command, DeviationDraft};
use crate::event::{
    CommitmentConclusion, EngagementEvent, EngagementOpened, Ground, LetterKind, LetterReceived,
    ProcedurePerformed, ProcedureResult, ResponseReceived, SubserviceAssertionReceived,
};
use crate::ladder::{ControlConclusion, CriterionConclusion, Opinion, SubjectMatter};
use crate::member::{Member, SignOff, Signed};
use crate::read::{line_of, read};
use crate::sampling::RiskProfile;
use crate::state::EngagementState;
use crate::steps::{self, Step};

/// The version of the decisions file that this program reads.
const VERSION: i64 = 1;

/// The procedures a firm performs on documents and people, for controls that
/// no control test covers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedures {
    #[serde(skip)]
    file: String,
    #[serde(skip)]
    source: String,
    #[serde(default, rename = "procedure")]
    procedures: Vec<Spanned<ProcedureEntry>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureEntry {
    control: ControlId,
    nature: String,
    text: String,
    #[serde(default)]
    expected: String,
    #[serde(default)]
    documents: Vec<String>,
}

/// A file of decisions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    #[serde(rename = "version")]
    _version: i64,
    #[serde(skip)]
    file: String,
    #[serde(skip)]
    source: String,
    engagement: Spanned<EngagementOpened>,
    #[serde(rename = "member")]
    members: Vec<Spanned<Member>>,
    #[serde(default, rename = "letter")]
    letters: Vec<Spanned<LetterReceived>>,
    #[serde(default, rename = "sample")]
    samples: Vec<Spanned<SampleEntry>>,
    #[serde(default, rename = "deviation")]
    deviations: Vec<Spanned<DeviationDraft>>,
    #[serde(default, rename = "response")]
    responses: Vec<Spanned<ResponseReceived>>,
    reperformance: Spanned<SignedEntry>,
    procedures: Spanned<ProcedureDefaults>,
    #[serde(default, rename = "control")]
    controls: Vec<Spanned<ControlEntry>>,
    #[serde(default, rename = "criterion")]
    criteria: Vec<Spanned<CriterionEntry>>,
    #[serde(default, rename = "commitment")]
    commitments: Vec<Spanned<CommitmentEntry>>,
    #[serde(default, rename = "matter")]
    matters: Vec<Spanned<MatterEntry>>,
    #[serde(default, rename = "subservice_assertion")]
    subservice_assertions: Vec<Spanned<SubserviceAssertionReceived>>,
    opinion: Spanned<OpinionEntry>,
    report: ReportEntry,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedEntry {
    signed: Signed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleEntry {
    id: String,
    control: ControlId,
    test: ControlTestId,
    risk: RiskProfile,
    nonce: String,
    drawn: SignOff,
    signed: Signed,
}

/// How the procedures of the procedures file came out: without exceptions,
/// but for the ones listed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureDefaults {
    signed: Signed,
    #[serde(default)]
    other: Vec<OtherResult>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherResult {
    control: ControlId,
    result: ProcedureResult,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlEntry {
    ids: Vec<ControlId>,
    conclusion: ControlConclusion,
    reason: Option<String>,
    signed: Signed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CriterionEntry {
    ids: Vec<CriterionId>,
    conclusion: CriterionConclusion,
    #[serde(default)]
    remaining_suffice: bool,
    reason: Option<String>,
    signed: Signed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitmentEntry {
    ids: Vec<String>,
    conclusion: CommitmentConclusion,
    reason: Option<String>,
    signed: Signed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MatterEntry {
    matter: SubjectMatter,
    conclusion: Opinion,
    reason: Option<String>,
    signed: Signed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpinionEntry {
    conclusion: Opinion,
    #[serde(default, rename = "ground")]
    grounds: Vec<Ground>,
    #[serde(default)]
    emphasis: Vec<String>,
    reason: String,
    signed: Signed,
}

/// The report that is to be issued.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportEntry {
    /// Id of the report.
    pub id: String,
    /// Date of the report.
    pub dated: Date,
    /// Who releases it.
    pub released: SignOff,
}

impl Procedures {
    /// Reads a procedures file; `file` names it in problems.
    ///
    /// # Errors
    /// Every problem found, with file and line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let mut procedures: Self = read(file, text)?;
        file.clone_into(&mut procedures.file);
        text.clone_into(&mut procedures.source);
        Ok(procedures)
    }
}

impl Decisions {
    /// Reads a decisions file; `file` names it in problems.
    ///
    /// # Errors
    /// Every problem found, with file and line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        refuse_other_versions(file, text)?;
        let mut decisions: Self = read(file, text)?;
        file.clone_into(&mut decisions.file);
        text.clone_into(&mut decisions.source);
        Ok(decisions)
    }

    /// The report these decisions lead to.
    pub fn report(&self) -> &ReportEntry {
        &self.report
    }

    /// The terms of the engagement.
    pub fn terms(&self) -> &EngagementOpened {
        self.engagement.get_ref()
    }

    /// Puts every decision to the checks of [`EngagementState::decide`], in the
    /// order of the ladder, and returns the events.
    ///
    /// # Errors
    /// Every decision that breaks a rule, with the line it stands on; then no
    /// event at all.
    pub fn decide(
        &self,
        state: &EngagementState,
        procedures: &Procedures,
        basis: &Basis,
    ) -> Result<Vec<EngagementEvent>, Problems> {
        steps::take(self.steps(procedures, basis), state, basis)
    }

    /// Every entry as a step. What a person inspected comes before the
    /// deviations, because a compensating control counts only when tested; what
    /// the firm ran again comes after them, because its findings are told there.
    fn steps(&self, procedures: &Procedures, basis: &Basis) -> Vec<Step> {
        let mut steps = Vec::new();
        self.opening(&mut steps);
        for entry in &self.samples {
            steps.push(self.step(entry, draw));
        }
        self.performed(procedures, basis, &mut steps);
        for entry in &self.deviations {
            steps.push(self.step(entry, deviation));
        }
        self.reperformed(basis, &mut steps);
        for entry in &self.samples {
            steps.push(self.step(entry, |it| Command::EvaluateSample {
                id: it.id.clone(),
                signed: it.signed.clone(),
            }));
        }
        for entry in &self.responses {
            steps.push(self.step(entry, |it| Command::ReceiveResponse(it.clone())));
        }
        self.conclusions(&mut steps);
        self.closing(&mut steps);
        steps
    }

    fn step<T>(&self, entry: &Spanned<T>, command: impl Fn(&T) -> Command) -> Step {
        Step::new(self.place(entry.span()), command(entry.get_ref()))
    }

    fn opening(&self, steps: &mut Vec<Step>) {
        steps.push(self.step(&self.engagement, |it| Command::Open(it.clone())));
        for entry in &self.members {
            steps.push(self.step(entry, |it| Command::AddMember(it.clone())));
        }
        self.letters(steps, true);
    }

    fn letters(&self, steps: &mut Vec<Step>, at_opening: bool) {
        for entry in &self.letters {
            if (entry.get_ref().letter == LetterKind::EngagementLetter) == at_opening {
                steps.push(self.step(entry, |it| Command::ReceiveLetter(it.clone())));
            }
        }
    }

    /// Every control test of a control in scope is run again by the firm.
    fn reperformed(&self, basis: &Basis, steps: &mut Vec<Step>) {
        for result in basis.results.values() {
            let Some((nature, text)) = basis.procedures.get(&result.test) else {
                continue;
            };
            for control in result
                .controls
                .iter()
                .filter(|control| basis.controls.contains_key(*control))
            {
                let command = Command::ReperformTest {
                    control: control.clone(),
                    test: result.test.clone(),
                    text: text.clone(),
                    nature: nature.clone(),
                    signed: self.reperformance.get_ref().signed.clone(),
                };
                steps.push(Step::new(self.place(self.reperformance.span()), command));
            }
        }
    }

    fn performed(&self, procedures: &Procedures, basis: &Basis, steps: &mut Vec<Step>) {
        for (index, entry) in procedures.procedures.iter().enumerate() {
            let it = entry.get_ref();
            let procedure = self.performance(index, it, basis);
            steps.push(Step {
                place: place(&procedures.file, &procedures.source, entry.span()),
                command: procedure.map(Command::PerformProcedure),
                control: Some(it.control.clone()),
            });
        }
    }

    fn performance(
        &self,
        index: usize,
        entry: &ProcedureEntry,
        basis: &Basis,
    ) -> Result<ProcedurePerformed, Problem> {
        let digest = |path: &String| {
            let missing = || {
                Problem::new(format!("document `{path}` was not handed over")).cause(format!(
                    "procedure on control `{}` inspects it",
                    entry.control
                ))
            };
            basis
                .documents
                .get(path)
                .map(|digest| (path.clone(), digest.clone()))
                .ok_or_else(missing)
        };
        let defaults = self.procedures.get_ref();
        let other = defaults
            .other
            .iter()
            .find(|other| other.control == entry.control);
        Ok(ProcedurePerformed {
            id: format!("WP-{}-{:03}", entry.control, index + 1),
            control: entry.control.clone(),
            nature: entry.nature.clone(),
            text: entry.text.clone(),
            expected: Some(entry.expected.clone()).filter(|text| !text.is_empty()),
            documents: entry
                .documents
                .iter()
                .map(digest)
                .collect::<Result<_, _>>()?,
            test: None,
            result: other.map_or(ProcedureResult::NoExceptions, |other| other.result.clone()),
            signed: defaults.signed.clone(),
        })
    }

    fn conclusions(&self, steps: &mut Vec<Step>) {
        for entry in &self.controls {
            for id in &entry.get_ref().ids {
                steps.push(self.step(entry, |it| conclude_control(id, it)));
            }
        }
        for entry in &self.criteria {
            for id in &entry.get_ref().ids {
                steps.push(self.step(entry, |it| conclude_criterion(*id, it)));
            }
        }
        for entry in &self.commitments {
            for id in &entry.get_ref().ids {
                steps.push(self.step(entry, |it| conclude_commitment(id, it)));
            }
        }
    }

    fn closing(&self, steps: &mut Vec<Step>) {
        for entry in &self.matters {
            steps.push(self.step(entry, conclude_matter));
        }
        steps.push(self.step(&self.opinion, conclude_opinion));
        self.letters(steps, false);
        for entry in &self.subservice_assertions {
            steps.push(self.step(entry, |it| Command::ReceiveSubserviceAssertion(it.clone())));
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        place(&self.file, &self.source, span)
    }
}

fn conclude_matter(it: &MatterEntry) -> Command {
    Command::ConcludeMatter {
        matter: it.matter,
        conclusion: it.conclusion,
        reason: it.reason.clone(),
        signed: it.signed.clone(),
    }
}

fn conclude_opinion(it: &OpinionEntry) -> Command {
    Command::ConcludeOpinion {
        conclusion: it.conclusion,
        grounds: it.grounds.clone(),
        emphasis: it.emphasis.clone(),
        reason: it.reason.clone(),
        signed: it.signed.clone(),
    }
}

/// The version alone, before anything that another version may write
/// differently.
#[derive(Deserialize)]
struct VersionOnly {
    version: Option<Spanned<i64>>,
}

fn refuse_other_versions(file: &str, text: &str) -> Result<(), Problems> {
    let Ok(found) = toml::from_str::<VersionOnly>(text) else {
        // Reading the whole file tells it, with everything else.
        return Ok(());
    };
    let problem = match found.version {
        Some(version) if *version.get_ref() == VERSION => return Ok(()),
        Some(version) => Problem::new(format!(
            "`{file}` has version {}, this program reads version {VERSION}",
            version.get_ref()
        ))
        .at(file, line_of(text, version.span().start))
        .hint("use the version of Tickmark that wrote it, or a later one"),
        None => Problem::new(format!("`{file}` does not say its version"))
            .at(file, 1)
            .hint(format!("begin it with `version = {VERSION}`")),
    };
    Err(Problems(vec![problem]))
}

fn draw(it: &SampleEntry) -> Command {
    Command::DrawSample {
        id: it.id.clone(),
        control: it.control.clone(),
        test: it.test.clone(),
        risk: it.risk,
        nonce: it.nonce.clone(),
        drawn: it.drawn.clone(),
    }
}

fn deviation(it: &DeviationDraft) -> Command {
    Command::EvaluateDeviation(Box::new(it.clone()))
}

fn conclude_control(id: &ControlId, it: &ControlEntry) -> Command {
    Command::ConcludeControl {
        control: id.clone(),
        conclusion: it.conclusion,
        reason: it.reason.clone(),
        signed: it.signed.clone(),
    }
}

fn conclude_criterion(id: CriterionId, it: &CriterionEntry) -> Command {
    Command::ConcludeCriterion {
        criterion: id,
        conclusion: it.conclusion,
        remaining_suffice: it.remaining_suffice,
        reason: it.reason.clone(),
        signed: it.signed.clone(),
    }
}

fn conclude_commitment(id: &str, it: &CommitmentEntry) -> Command {
    Command::ConcludeCommitment {
        commitment: id.to_owned(),
        conclusion: it.conclusion,
        reason: it.reason.clone(),
        signed: it.signed.clone(),
    }
}

fn place(file: &str, source: &str, span: Range<usize>) -> Place {
    Place {
        file: file.to_owned(),
        line: Some(line_of(source, span.start)),
        column: None,
    }
}
