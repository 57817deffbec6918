//! A firm's judgements as a file, for engagements carried on outside the web
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
    ProcedurePerformed, ProcedureResult, ResponseReceived,
};
use crate::ladder::{
    Cause, Compensation, ControlConclusion, CriterionConclusion, Opinion, SubjectMatter,
};
use crate::member::{Member, SignOff, Signed};
use crate::sampling::RiskProfile;
use crate::state::EngagementState;

/// The procedures a firm performs on documents and people, for controls that
/// no control test covers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedures {
    #[serde(default, rename = "procedure")]
    procedures: Vec<ProcedureEntry>,
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
    version: u32,
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
    deviations: Vec<Spanned<DeviationEntry>>,
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviationEntry {
    id: String,
    test: ControlTestId,
    narrative: String,
    note: Option<String>,
    nature: String,
    cause: Cause,
    #[serde(default)]
    intentional: bool,
    harm: String,
    detected: String,
    compensation: Compensation,
    #[serde(default)]
    compensating_controls: Vec<ControlId>,
    #[serde(default)]
    commitments: Vec<String>,
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
        read(file, text)
    }
}

impl Decisions {
    /// Reads a decisions file; `file` names it in problems.
    ///
    /// # Errors
    /// Every problem found, with file and line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let mut decisions: Self = read(file, text)?;
        if decisions.version != 1 {
            let newer = Problem::new(format!(
                "`{file}` has version {}, this program reads version 1",
                decisions.version
            ));
            return Err(Problems(vec![newer.at(file, 1).hint(
                "use the version of Tickmark that wrote it, or a later one",
            )]));
        }
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
        let (mut state, mut events, mut problems) = (state.clone(), Vec::new(), Vec::new());
        let (commands, unread) = self.commands(procedures, basis);
        problems.extend(unread);
        for (place, command) in commands {
            match state.decide(command, basis) {
                Ok(decided) => {
                    decided.iter().cloned().for_each(|event| state.apply(event));
                    events.extend(decided);
                }
                Err(problem) => problems.push(Problem {
                    place: Some(place),
                    ..problem
                }),
            }
        }
        if problems.is_empty() {
            Ok(events)
        } else {
            Err(Problems(problems))
        }
    }

    fn commands(
        &self,
        procedures: &Procedures,
        basis: &Basis,
    ) -> (Vec<(Place, Command)>, Vec<Problem>) {
        let mut commands = Vec::new();
        self.opening(&mut commands);
        for entry in &self.samples {
            commands.push((self.place(entry.span()), draw(entry.get_ref())));
        }
        for entry in &self.deviations {
            commands.push((self.place(entry.span()), deviation(entry.get_ref())));
        }
        self.reperformed(basis, &mut commands);
        let problems = self.performed(procedures, basis, &mut commands);
        for entry in &self.samples {
            let it = entry.get_ref();
            commands.push((
                self.place(entry.span()),
                Command::EvaluateSample {
                    id: it.id.clone(),
                    signed: it.signed.clone(),
                },
            ));
        }
        for entry in &self.responses {
            commands.push((
                self.place(entry.span()),
                Command::ReceiveResponse(entry.get_ref().clone()),
            ));
        }
        self.conclusions(&mut commands);
        self.closing(&mut commands);
        (commands, problems)
    }

    fn opening(&self, commands: &mut Vec<(Place, Command)>) {
        commands.push((
            self.place(self.engagement.span()),
            Command::Open(self.engagement.get_ref().clone()),
        ));
        for entry in &self.members {
            commands.push((
                self.place(entry.span()),
                Command::AddMember(entry.get_ref().clone()),
            ));
        }
        self.letters(commands, true);
    }

    fn letters(&self, commands: &mut Vec<(Place, Command)>, at_opening: bool) {
        for entry in &self.letters {
            if (entry.get_ref().letter == LetterKind::EngagementLetter) == at_opening {
                commands.push((
                    self.place(entry.span()),
                    Command::ReceiveLetter(entry.get_ref().clone()),
                ));
            }
        }
    }

    /// Every control test of a control in scope is run again by the firm.
    fn reperformed(&self, basis: &Basis, commands: &mut Vec<(Place, Command)>) {
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
                commands.push((self.place(self.reperformance.span()), command));
            }
        }
    }

    fn performed(
        &self,
        procedures: &Procedures,
        basis: &Basis,
        commands: &mut Vec<(Place, Command)>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, entry) in procedures.procedures.iter().enumerate() {
            let place = self.place(self.procedures.span());
            match self.performance(index, entry, basis) {
                Ok(procedure) => commands.push((place, Command::PerformProcedure(procedure))),
                Err(problem) => problems.push(Problem {
                    place: Some(place),
                    ..problem
                }),
            }
        }
        problems
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
            text: if entry.expected.is_empty() {
                entry.text.clone()
            } else {
                format!("{} {}", entry.text, entry.expected)
            },
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

    fn conclusions(&self, commands: &mut Vec<(Place, Command)>) {
        for entry in &self.controls {
            let it = entry.get_ref();
            commands.extend(
                it.ids
                    .iter()
                    .map(|id| (self.place(entry.span()), conclude_control(id, it))),
            );
        }
        for entry in &self.criteria {
            let it = entry.get_ref();
            commands.extend(
                it.ids
                    .iter()
                    .map(|id| (self.place(entry.span()), conclude_criterion(*id, it))),
            );
        }
        for entry in &self.commitments {
            let it = entry.get_ref();
            commands.extend(
                it.ids
                    .iter()
                    .map(|id| (self.place(entry.span()), conclude_commitment(id, it))),
            );
        }
    }

    fn closing(&self, commands: &mut Vec<(Place, Command)>) {
        for entry in &self.matters {
            let it = entry.get_ref().clone();
            let command = Command::ConcludeMatter {
                matter: it.matter,
                conclusion: it.conclusion,
                reason: it.reason,
                signed: it.signed,
            };
            commands.push((self.place(entry.span()), command));
        }
        let it = self.opinion.get_ref().clone();
        let command = Command::ConcludeOpinion {
            conclusion: it.conclusion,
            grounds: it.grounds,
            emphasis: it.emphasis,
            reason: it.reason,
            signed: it.signed,
        };
        commands.push((self.place(self.opinion.span()), command));
        self.letters(commands, false);
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place {
            file: self.file.clone(),
            line: Some(line_of(&self.source, span.start)),
            column: None,
        }
    }
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

fn deviation(it: &DeviationEntry) -> Command {
    let it = it.clone();
    Command::EvaluateDeviation(Box::new(DeviationDraft {
        id: it.id,
        test: it.test,
        narrative: it.narrative,
        note: it.note,
        nature: it.nature,
        cause: it.cause,
        intentional: it.intentional,
        harm: it.harm,
        detected: it.detected,
        compensation: it.compensation,
        compensating_controls: it.compensating_controls,
        commitments: it.commitments,
        signed: it.signed,
    }))
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

fn read<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, Problems> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Problems(vec![
            Problem::new(format!("`{file}` cannot be read"))
                .cause(error.message().to_owned())
                .at(file, line),
        ])
    })
}

fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.get(..offset).unwrap_or(text);
    before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1
}
