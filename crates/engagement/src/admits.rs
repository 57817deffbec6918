//! Whether an event could have come of a command: the rules once more, for
//! whoever reads a ledger that somebody else wrote.
//!
//! What must hold: an event is admitted only when [`EngagementState::decide`]
//! gives that very event; figures and proposals in it are computed again, never
//! believed.

use serde_json::Value;
use tickmark_catalog::Problem;

use crate::basis::Basis;
use crate::decide::{Command, DeviationDraft};
use crate::event::{EngagementEvent, ProcedurePerformed, ReportIssued};
use crate::sampling::RiskProfile;
use crate::state::EngagementState;

impl EngagementEvent {
    /// Whether it stands on the company's evidence, which must have been
    /// received before.
    pub fn rests_on_evidence(&self) -> bool {
        !matches!(
            self,
            Self::Opened(_)
                | Self::MemberAdded(_)
                | Self::CheckpointRelied(_)
                | Self::LetterReceived(_)
        )
    }
}

impl EngagementState {
    /// Checks an event that is to follow this state: it must be what the rules
    /// make of the command behind it.
    ///
    /// # Errors
    /// The rule it breaks, or what in it is not as the evidence gives.
    pub fn admits(&self, event: &EngagementEvent, basis: &Basis) -> Result<(), Problem> {
        if let EngagementEvent::ReportIssued(issued) = event {
            return self.admits_report(issued);
        }
        let mut refusal = None;
        for command in commands(event) {
            match self.decide(command, basis) {
                Ok(decided) if decided.as_slice() == std::slice::from_ref(event) => return Ok(()),
                Ok(decided) => refusal = Some(differs(event, decided.first())),
                Err(problem) => refusal = refusal.or(Some(problem)),
            }
        }
        // Relying on a checkpoint is no command: the realm compares it.
        refusal.map_or(Ok(()), Err)
    }

    /// A report carries the opinion that was concluded, in the form agreed on,
    /// released by a member of the team, once.
    fn admits_report(&self, issued: &ReportIssued) -> Result<(), Problem> {
        self.member(&issued.released.by)?;
        let report = &issued.report;
        if self.issued.iter().any(|it| it.report == *report) {
            return Err(Problem::new(format!("report `{report}` was issued before")));
        }
        let concluded = self.opinion.as_ref().map(|it| it.conclusion);
        if concluded != Some(issued.opinion) {
            return Err(Problem::new(format!(
                "report `{report}` carries another opinion than the one concluded"
            )));
        }
        if self.terms.as_ref().map(|it| it.report_type) != Some(issued.report_type) {
            return Err(Problem::new(format!(
                "report `{report}` is of another type than agreed"
            )));
        }
        Ok(())
    }
}

/// The commands an event can have come of; what a command says and the event
/// does not keep is tried in every way.
fn commands(event: &EngagementEvent) -> Vec<Command> {
    match event {
        EngagementEvent::Opened(it) => vec![Command::Open(it.clone())],
        EngagementEvent::MemberAdded(it) => vec![Command::AddMember(it.clone())],
        EngagementEvent::CheckpointRelied(_) | EngagementEvent::ReportIssued(_) => Vec::new(),
        EngagementEvent::SampleDrawn(it) => {
            [RiskProfile::Low, RiskProfile::Moderate, RiskProfile::High]
                .map(|risk| Command::DrawSample {
                    id: it.id.clone(),
                    control: it.control.clone(),
                    test: it.test.clone(),
                    risk,
                    nonce: it.nonce.clone(),
                    drawn: it.drawn.clone(),
                })
                .into()
        }
        EngagementEvent::SampleEvaluated(it) => vec![Command::EvaluateSample {
            id: it.id.clone(),
            signed: it.signed.clone(),
        }],
        EngagementEvent::ProcedurePerformed(it) => vec![procedure(it)],
        EngagementEvent::DeviationEvaluated(it) => {
            let it = it.clone();
            vec![Command::EvaluateDeviation(Box::new(DeviationDraft {
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
            }))]
        }
        EngagementEvent::ResponseReceived(it) => vec![Command::ReceiveResponse(it.clone())],
        EngagementEvent::LetterReceived(it) => vec![Command::ReceiveLetter(it.clone())],
        EngagementEvent::SubserviceAssertionReceived(it) => {
            vec![Command::ReceiveSubserviceAssertion(it.clone())]
        }
        EngagementEvent::ControlConcluded(_)
        | EngagementEvent::CriterionConcluded(_)
        | EngagementEvent::CommitmentConcluded(_)
        | EngagementEvent::MatterConcluded(_)
        | EngagementEvent::OpinionConcluded(_) => conclusions(event),
    }
}

fn procedure(it: &ProcedurePerformed) -> Command {
    match &it.test {
        None => Command::PerformProcedure(it.clone()),
        Some(reperformed) => Command::ReperformTest {
            control: it.control.clone(),
            test: reperformed.test.clone(),
            text: it.text.clone(),
            nature: it.nature.clone(),
            signed: it.signed.clone(),
        },
    }
}

fn conclusions(event: &EngagementEvent) -> Vec<Command> {
    match event.clone() {
        EngagementEvent::ControlConcluded(it) => vec![Command::ConcludeControl {
            control: it.subject,
            conclusion: it.conclusion,
            reason: it.reason,
            signed: it.signed,
        }],
        EngagementEvent::CriterionConcluded(it) => [false, true]
            .map(|remaining_suffice| Command::ConcludeCriterion {
                criterion: it.subject,
                conclusion: it.conclusion,
                remaining_suffice,
                reason: it.reason.clone(),
                signed: it.signed.clone(),
            })
            .into(),
        EngagementEvent::CommitmentConcluded(it) => vec![Command::ConcludeCommitment {
            commitment: it.subject,
            conclusion: it.conclusion,
            reason: it.reason,
            signed: it.signed,
        }],
        EngagementEvent::MatterConcluded(it) => vec![Command::ConcludeMatter {
            matter: it.matter,
            conclusion: it.conclusion,
            reason: it.reason,
            signed: it.signed,
        }],
        EngagementEvent::OpinionConcluded(it) => vec![Command::ConcludeOpinion {
            conclusion: it.conclusion,
            grounds: it.grounds,
            emphasis: it.emphasis,
            reason: it.reason,
            signed: it.signed,
        }],
        _ => Vec::new(),
    }
}

/// Names what in an event is not as the rules give it.
fn differs(event: &EngagementEvent, decided: Option<&EngagementEvent>) -> Problem {
    let body = |event: &EngagementEvent| {
        let value = serde_json::to_value(event).unwrap_or_default();
        value.get("body").cloned().unwrap_or(Value::Null)
    };
    let (written, given) = (body(event), decided.map(body).unwrap_or_default());
    let fields = given.as_object().into_iter().flatten();
    let names: Vec<String> = fields
        .filter(|(name, value)| written.get(name.as_str()) != Some(value))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    Problem::new(format!("the evidence gives another {}", names.join(", ")))
}
