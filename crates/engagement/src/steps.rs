//! The decisions of a file as commands, in the order of the ladder, and what
//! each rests on.
//!
//! What must hold: a procedure comes before the conclusion that counts on it; a
//! step that rests on a refused one is left out, so that one mistake is told
//! once and not again for everything above it.

use std::collections::BTreeSet;

use tickmark_catalog::{ControlId, ControlTestId, CriterionId, Place, Problem, Problems};

use crate::basis::Basis;
use crate::decide::Command;
use crate::event::EngagementEvent;
use crate::ladder::SubjectMatter;
use crate::member::MemberId;
use crate::state::EngagementState;

/// What one step puts on file and others rest on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Terms,
    Member(MemberId),
    Sample(String),
    Deviation(String),
    /// The deviations a control test found are evaluated.
    Evaluation(ControlTestId),
    /// The procedures on a control are on file.
    Procedures(ControlId),
    Control(ControlId),
    Criterion(CriterionId),
    Matter(SubjectMatter),
}

/// A command, or why the entry gives none, and where it stands.
pub(crate) struct Step {
    /// Where the entry stands.
    pub place: Place,
    /// The command.
    pub command: Result<Command, Problem>,
    /// The control of an entry that gives no command.
    pub control: Option<ControlId>,
}

impl Step {
    /// A command and its place.
    pub fn new(place: Place, command: Command) -> Self {
        Self {
            place,
            command: Ok(command),
            control: None,
        }
    }

    fn provides(&self) -> Vec<Key> {
        match &self.command {
            Ok(command) => provides(command),
            Err(_) => self
                .control
                .clone()
                .map(Key::Procedures)
                .into_iter()
                .collect(),
        }
    }
}

/// Puts the steps to the rules, one after the other; what is on file already
/// comes to no event.
///
/// # Errors
/// Each step that breaks a rule, with its place; none that only rests on one.
/// Where all keep the rules: each thing on file that no step says.
pub(crate) fn take(
    steps: Vec<Step>,
    state: &EngagementState,
    basis: &Basis,
) -> Result<Vec<EngagementEvent>, Problems> {
    let (on_file, mut state) = (state, state.clone());
    let (mut said, mut events, mut problems) = (EngagementState::default(), Vec::new(), Vec::new());
    let mut refused: BTreeSet<Key> = BTreeSet::new();
    for step in steps {
        let provided = step.provides();
        let rests_on_refused = step.command.as_ref().is_ok_and(|command| {
            needs(command, basis)
                .iter()
                .any(|key| refused.contains(key))
        });
        if rests_on_refused {
            refused.extend(provided);
            continue;
        }
        let strangers = step.command.as_ref().map_or(Vec::new(), |command| {
            let signers = signers(command).into_iter();
            let strangers = signers.filter(|id| !state.members.contains_key(*id));
            strangers.cloned().map(Key::Member).collect()
        });
        match step
            .command
            .and_then(|command| state.decide(command, basis))
        {
            Ok(decided) => {
                for event in decided {
                    said.apply(event.clone());
                    if !state.holds(&event) {
                        state.apply(event.clone());
                        events.push(event);
                    }
                }
            }
            Err(problem) => {
                refused.extend(provided);
                refused.extend(strangers);
                problems.push(Problem {
                    place: Some(step.place),
                    ..problem
                });
            }
        }
    }
    if problems.is_empty() {
        problems.extend(on_file.beyond(&said).into_iter().map(left_out));
    }
    Problems::unless_empty(problems, events)
}

/// What is on file can be said otherwise, but not unsaid.
fn left_out(what: String) -> Problem {
    Problem::new(format!(
        "{what} is on file, and is not in the files any more"
    ))
    .hint("put it back, changed where it was wrong; new procedures go to the end of their file")
}

fn provides(command: &Command) -> Vec<Key> {
    match command {
        Command::Open(_) => vec![Key::Terms],
        Command::AddMember(member) => vec![Key::Member(member.id.clone())],
        Command::DrawSample { id, .. } => vec![Key::Sample(id.clone())],
        Command::EvaluateDeviation(draft) => vec![
            Key::Deviation(draft.id.clone()),
            Key::Evaluation(draft.test.clone()),
        ],
        Command::ReperformTest { control, .. } => vec![Key::Procedures(control.clone())],
        Command::PerformProcedure(procedure) => vec![Key::Procedures(procedure.control.clone())],
        Command::ConcludeControl { control, .. } => vec![Key::Control(control.clone())],
        Command::ConcludeCriterion { criterion, .. } => vec![Key::Criterion(*criterion)],
        Command::ConcludeMatter { matter, .. } => vec![Key::Matter(*matter)],
        Command::EvaluateSample { .. }
        | Command::ReceiveResponse(_)
        | Command::ConcludeCommitment { .. }
        | Command::ConcludeOpinion { .. }
        | Command::ReceiveLetter(_)
        | Command::ReceiveSubserviceAssertion(_) => Vec::new(),
    }
}

/// What must be on file before the command can be judged for itself.
fn needs(command: &Command, basis: &Basis) -> Vec<Key> {
    let mut keys = below(command, basis);
    if !matches!(command, Command::Open(_)) {
        keys.push(Key::Terms);
    }
    for member in signers(command) {
        keys.push(Key::Member(member.clone()));
    }
    keys
}

fn below(command: &Command, basis: &Basis) -> Vec<Key> {
    match command {
        Command::EvaluateSample { id, .. } => vec![Key::Sample(id.clone())],
        Command::EvaluateDeviation(draft) => draft
            .compensating_controls
            .iter()
            .cloned()
            .map(Key::Procedures)
            .collect(),
        Command::ReperformTest { test, .. } => vec![Key::Evaluation(test.clone())],
        Command::ReceiveResponse(response) => vec![Key::Deviation(response.deviation.clone())],
        Command::ConcludeControl { control, .. } => vec![Key::Procedures(control.clone())],
        Command::ConcludeCriterion { criterion, .. } => basis
            .controls_of(*criterion)
            .cloned()
            .map(Key::Control)
            .collect(),
        Command::ConcludeMatter { .. } => {
            basis.criteria.iter().copied().map(Key::Criterion).collect()
        }
        Command::ConcludeOpinion { .. } => [
            SubjectMatter::Description,
            SubjectMatter::Design,
            SubjectMatter::Operation,
        ]
        .map(Key::Matter)
        .into(),
        _ => Vec::new(),
    }
}

fn signers(command: &Command) -> Vec<&MemberId> {
    let signed = match command {
        Command::DrawSample { drawn, .. } => return vec![&drawn.by],
        Command::EvaluateSample { signed, .. }
        | Command::ReperformTest { signed, .. }
        | Command::ConcludeControl { signed, .. }
        | Command::ConcludeCriterion { signed, .. }
        | Command::ConcludeCommitment { signed, .. }
        | Command::ConcludeMatter { signed, .. }
        | Command::ConcludeOpinion { signed, .. } => signed,
        Command::PerformProcedure(procedure) => &procedure.signed,
        Command::EvaluateDeviation(draft) => &draft.signed,
        _ => return Vec::new(),
    };
    vec![&signed.prepared.by, &signed.reviewed.by]
}
