//! Commands of the engagement team, checked before they become events.
//!
//! Every rule that keeps judgment honest is here: independence first,
//! preparer and reviewer two people, evidence before conclusions, a reason for
//! every deviation, every deviation evaluated, the rungs in order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;
use tickmark_catalog::{ControlId, ControlTestId, CriterionId, Problem, ReportType, Sha256Hex};
use tickmark_control_tests::sentences::{fill, placeholders};
use tickmark_control_tests::{ItemStatus, TestResult};

use crate::basis::Basis;
use crate::event::{
    CommitmentConclusion, Concluded, DeviationEvaluated, EngagementEvent, EngagementOpened, Ground,
    LetterKind, LetterReceived, MatterConcluded, OpinionConcluded, ProcedurePerformed,
    ProcedureResult, ResponseReceived, SampleDrawn, SampleEvaluated, SubserviceAssertionReceived,
    TestReperformed,
};
use crate::ladder::{
    Cause, Compensation, ControlConclusion, CriterionConclusion, Opinion, SubjectMatter, combine,
};
use crate::member::{Member, MemberId, MemberRole, SignOff, Signed};
use crate::sampling::{
    DRAW_ALGORITHM, Draw, Methodology, Rate, RiskProfile, population_digest, seed, upper_limit,
};
use crate::state::EngagementState;

/// Something a member of the firm wants to put on file.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Opens the engagement.
    Open(EngagementOpened),
    /// Adds a member who confirmed independence.
    AddMember(Member),
    /// Draws a sample from the items of a control test.
    DrawSample {
        /// Id of the sample.
        id: String,
        /// The control.
        control: ControlId,
        /// The control test whose items are the population.
        test: ControlTestId,
        /// How much assurance it must give.
        risk: RiskProfile,
        /// The nonce, entered after the population was frozen.
        nonce: String,
        /// Who draws, and when.
        drawn: SignOff,
    },
    /// Records the results of a sample's items, as re-performed.
    EvaluateSample {
        /// Id of the sample.
        id: String,
        /// Signatures.
        signed: Signed,
    },
    /// Records a control test run again by the firm.
    ReperformTest {
        /// The control.
        control: ControlId,
        /// The control test.
        test: ControlTestId,
        /// What was done, as Section IV prints it.
        text: String,
        /// Nature of the procedure.
        nature: String,
        /// Signatures.
        signed: Signed,
    },
    /// Records a procedure on documents or people.
    PerformProcedure(ProcedurePerformed),
    /// Evaluates the deviations a control test found.
    EvaluateDeviation(Box<DeviationDraft>),
    /// Puts management's response on file.
    ReceiveResponse(ResponseReceived),
    /// Concludes on a control.
    ConcludeControl {
        /// The control.
        control: ControlId,
        /// The conclusion.
        conclusion: ControlConclusion,
        /// Why.
        reason: Option<String>,
        /// Signatures.
        signed: Signed,
    },
    /// Concludes on a criterion.
    ConcludeCriterion {
        /// The criterion.
        criterion: CriterionId,
        /// The conclusion.
        conclusion: CriterionConclusion,
        /// The auditor states that the remaining controls suffice.
        remaining_suffice: bool,
        /// Why.
        reason: Option<String>,
        /// Signatures.
        signed: Signed,
    },
    /// Concludes on a commitment or requirement.
    ConcludeCommitment {
        /// Its id.
        commitment: String,
        /// The conclusion.
        conclusion: CommitmentConclusion,
        /// Why.
        reason: Option<String>,
        /// Signatures.
        signed: Signed,
    },
    /// Concludes on description, design or operation.
    ConcludeMatter {
        /// Which.
        matter: SubjectMatter,
        /// The conclusion.
        conclusion: Opinion,
        /// Why.
        reason: Option<String>,
        /// Signatures.
        signed: Signed,
    },
    /// Reaches the opinion.
    ConcludeOpinion {
        /// The opinion.
        conclusion: Opinion,
        /// Basis of a modified opinion.
        grounds: Vec<Ground>,
        /// Paragraphs that draw attention.
        emphasis: Vec<String>,
        /// Why.
        reason: String,
        /// Signatures.
        signed: Signed,
    },
    /// Puts a letter on file.
    ReceiveLetter(LetterReceived),
    /// Puts the assertion of a subservice organization on file.
    ReceiveSubserviceAssertion(SubserviceAssertionReceived),
}

/// What a member writes about deviations; counts and items come from the
/// result, not from the writer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviationDraft {
    /// Id, for example `D-01`.
    pub id: String,
    /// The control test that found them.
    pub test: ControlTestId,
    /// Section IV text after the counts; see [`DeviationEvaluated::narrative`].
    pub narrative: String,
    /// Further sentences; see [`DeviationEvaluated::note`].
    pub note: Option<String>,
    /// Nature and cause.
    pub nature: String,
    /// Isolated or systemic.
    pub cause: Cause,
    /// Intentional, or a bypass.
    #[serde(default)]
    pub intentional: bool,
    /// Harm done.
    pub harm: String,
    /// When and by whom noticed.
    pub detected: String,
    /// Compensating control.
    pub compensation: Compensation,
    /// The controls that compensate.
    #[serde(default)]
    pub compensating_controls: Vec<ControlId>,
    /// Commitments touched.
    #[serde(default)]
    pub commitments: Vec<String>,
    /// Signatures.
    pub signed: Signed,
}

type Decided = Result<Vec<EngagementEvent>, Problem>;

impl EngagementState {
    /// Checks a command against the state and the facts.
    ///
    /// # Errors
    /// A [`Problem`] that says which rule the command breaks; nothing changes.
    pub fn decide(&self, command: Command, basis: &Basis) -> Decided {
        match command {
            Command::Open(terms) => self.open(terms),
            Command::AddMember(member) => self.add_member(member),
            Command::DrawSample {
                id,
                control,
                test,
                risk,
                nonce,
                drawn,
            } => self.draw_sample(basis, (id, control, test), risk, nonce, drawn),
            Command::EvaluateSample { id, signed } => self.evaluate_sample(basis, &id, signed),
            Command::ReperformTest {
                control,
                test,
                text,
                nature,
                signed,
            } => self.reperform(basis, control, &test, text, nature, signed),
            Command::PerformProcedure(procedure) => self.perform(basis, procedure),
            Command::EvaluateDeviation(draft) => self.evaluate_deviation(basis, *draft),
            Command::ReceiveResponse(response) => self.receive_response(response),
            Command::ConcludeControl {
                control,
                conclusion,
                reason,
                signed,
            } => self.conclude_control(basis, control, conclusion, reason, signed),
            Command::ConcludeCriterion {
                criterion,
                conclusion,
                remaining_suffice,
                reason,
                signed,
            } => self.conclude_criterion(
                basis,
                criterion,
                conclusion,
                remaining_suffice,
                reason,
                signed,
            ),
            Command::ConcludeCommitment {
                commitment,
                conclusion,
                reason,
                signed,
            } => self.conclude_commitment(basis, commitment, conclusion, reason, signed),
            Command::ConcludeMatter {
                matter,
                conclusion,
                reason,
                signed,
            } => self.conclude_matter(basis, matter, conclusion, reason, signed),
            Command::ConcludeOpinion {
                conclusion,
                grounds,
                emphasis,
                reason,
                signed,
            } => self.conclude_opinion(conclusion, grounds, emphasis, reason, signed),
            Command::ReceiveLetter(letter) => self.receive_letter(letter),
            Command::ReceiveSubserviceAssertion(assertion) => {
                self.receive_subservice_assertion(basis, assertion)
            }
        }
    }

    fn terms(&self) -> Result<&EngagementOpened, Problem> {
        self.terms.as_ref().ok_or_else(|| {
            Problem::new("no engagement is open").hint("open it with the agreed terms first")
        })
    }

    fn open(&self, terms: EngagementOpened) -> Decided {
        if let Some(open) = self.terms.as_ref().filter(|open| **open != terms) {
            return Err(Problem::new(format!(
                "engagement `{}` is open already, on other terms",
                open.id
            ))
            .hint("put the terms back as they were agreed; another engagement has a workspace of its own"));
        }
        if terms.report_type == ReportType::Type1 && terms.period.start != terms.period.end {
            return Err(
                Problem::new("a type 1 engagement is as of one day, not over a period")
                    .cause(format!("its period is {}", terms.period))
                    .hint("write the same day twice"),
            );
        }
        for rate in [&terms.tolerable_rate, &terms.confidence] {
            rate.parse::<Rate>().map_err(|error| {
                Problem::new("the engagement's rates cannot be read").cause(error.to_string())
            })?;
        }
        Ok(vec![EngagementEvent::Opened(terms)])
    }

    fn add_member(&self, member: Member) -> Decided {
        self.terms()?;
        Ok(vec![EngagementEvent::MemberAdded(member)])
    }

    fn draw_sample(
        &self,
        basis: &Basis,
        (id, control, test): (String, ControlId, ControlTestId),
        risk: RiskProfile,
        nonce: String,
        drawn: SignOff,
    ) -> Decided {
        self.member(&drawn.by)?;
        let result = result(basis, &test)?;
        refuse_incomplete(result, "drawn from")?;
        let items = population(result);
        let digest = population_digest(&items);
        let no_draw = |error: crate::sampling::DrawError| {
            Problem::new(format!("sample `{id}` could not be drawn")).cause(error.to_string())
        };
        let draw = Draw::new(&items, seed(&digest, &control, &nonce)).map_err(no_draw)?;
        let methodology = Methodology::default();
        let size = methodology.size(items.len() as u64, risk);
        let drawn_items = draw.sample(size as usize).map_err(no_draw)?.to_vec();
        let sample = SampleDrawn {
            id: id.clone(),
            control,
            test,
            population_sha256: digest,
            population: items.len() as u64,
            basis: format!("{}, {} risk", methodology.name, risk_name(risk)),
            nonce,
            algorithm: DRAW_ALGORITHM.to_owned(),
            items: drawn_items,
            drawn,
        };
        if self
            .samples
            .get(&id)
            .is_some_and(|before| *before != sample)
        {
            return Err(
                Problem::new(format!("sample `{id}` was drawn already, otherwise"))
                    .hint("a sample is extended, never drawn again"),
            );
        }
        self.refuse_another_nonce(&sample)?;
        Ok(vec![EngagementEvent::SampleDrawn(sample)])
    }

    /// A sample that lapsed is not drawn again until a better one comes out.
    fn refuse_another_nonce(&self, sample: &SampleDrawn) -> Result<(), Problem> {
        let same = |before: &&SampleDrawn| {
            (&before.control, &before.population_sha256)
                == (&sample.control, &sample.population_sha256)
        };
        let mut before = self.lapsed_samples.iter().filter(same);
        let Some(before) = before.find(|before| before.nonce != sample.nonce) else {
            return Ok(());
        };
        Err(Problem::new(format!(
            "sample `{}` would draw again from the population of sample `{}`",
            sample.id, before.id
        ))
        .cause("it lapsed, but its population is still the same")
        .hint(format!(
            "draw with its nonce, `{}`: a sample is extended, never drawn again",
            before.nonce
        )))
    }

    fn evaluate_sample(&self, basis: &Basis, id: &str, signed: Signed) -> Decided {
        self.signed(&signed)?;
        let Some(sample) = self.samples.get(id) else {
            return Err(Problem::new(format!("sample `{id}` was never drawn")));
        };
        let result = result(basis, &sample.test)?;
        let deviating: BTreeSet<&str> = deviating(result).collect();
        let found: Vec<String> = sample
            .items
            .iter()
            .filter(|item| deviating.contains(item.as_str()))
            .cloned()
            .collect();
        let confidence: Rate = self
            .terms()?
            .confidence
            .parse()
            .map_err(|error: crate::sampling::RateError| Problem::new(error.to_string()))?;
        let limit = upper_limit(sample.items.len() as u64, found.len() as u64, &confidence);
        Ok(vec![EngagementEvent::SampleEvaluated(SampleEvaluated {
            id: id.to_owned(),
            deviating: found,
            upper_limit_permille: limit.permille,
            signed,
        })])
    }

    fn reperform(
        &self,
        basis: &Basis,
        control: ControlId,
        test: &ControlTestId,
        text: String,
        nature: String,
        signed: Signed,
    ) -> Decided {
        self.signed(&signed)?;
        known_control(basis, &control)?;
        let result = result(basis, test)?;
        if !result.controls.contains(&control) {
            return Err(Problem::new(format!(
                "control test `{test}` does not test control `{control}`"
            )));
        }
        self.refuse_other_period(result)?;
        let found = match &result.outcome {
            tickmark_control_tests::Outcome::NoDeviations => ProcedureResult::NoExceptions,
            tickmark_control_tests::Outcome::NoOccurrence => ProcedureResult::NoOccurrence,
            tickmark_control_tests::Outcome::Deviations => self.exception_of(test)?,
            tickmark_control_tests::Outcome::NotTested { reason } => {
                ProcedureResult::ScopeLimitation {
                    why: reason.clone(),
                }
            }
        };
        Ok(vec![EngagementEvent::ProcedurePerformed(
            ProcedurePerformed {
                id: format!("WP-{control}-{test}"),
                control,
                nature,
                text,
                expected: None,
                documents: BTreeMap::new(),
                test: Some(TestReperformed {
                    test: test.clone(),
                    result_sha256: basis.digest(test)?,
                    outcome: result.outcome.clone(),
                }),
                result: found,
                signed,
            },
        )])
    }

    /// What was tested is what the report covers; a type 1 report covers a day
    /// of it.
    fn refuse_other_period(&self, result: &TestResult) -> Result<(), Problem> {
        let (terms, tested) = (self.terms()?, result.period);
        let fits = match terms.report_type {
            ReportType::Type1 => tested.contains(terms.period.end),
            ReportType::Type2 | ReportType::Soc3 => tested == terms.period,
        };
        if fits {
            return Ok(());
        }
        Err(Problem::new(format!(
            "control test `{}` was run over another period than the engagement covers",
            result.test
        ))
        .cause(format!(
            "it was run over {tested}, the engagement covers {}",
            terms.period
        ))
        .hint("agree the period with the company, or run the tests over this one"))
    }

    fn exception_of(&self, test: &ControlTestId) -> Result<ProcedureResult, Problem> {
        let deviation = self
            .deviations
            .values()
            .find(|deviation| &deviation.test == test);
        let missing = || {
            Problem::new(format!(
                "control test `{test}` found deviations that nobody evaluated"
            ))
            .hint("evaluate them first: nature, cause, harm, compensating controls")
        };
        deviation
            .map(|it| ProcedureResult::Exception {
                deviation: it.id.clone(),
            })
            .ok_or_else(missing)
    }

    fn perform(&self, basis: &Basis, procedure: ProcedurePerformed) -> Decided {
        self.signed(&procedure.signed)?;
        known_control(basis, &procedure.control)?;
        refuse_placeholders(&format!("procedure `{}`", procedure.id), [&procedure.text])?;
        if procedure.test.is_none()
            && procedure.documents.is_empty()
            && procedure.nature == "inspection"
        {
            return Err(
                Problem::new(format!("procedure `{}` inspects nothing", procedure.id))
                    .hint("name the documents inspected"),
            );
        }
        for (path, digest) in &procedure.documents {
            if basis.documents.get(path) != Some(digest) {
                return Err(Problem::new(format!(
                    "procedure `{}` inspects a document that was not handed over",
                    procedure.id
                ))
                .cause(format!("`{path}` with SHA-256 {digest}")));
            }
        }
        Ok(vec![EngagementEvent::ProcedurePerformed(procedure)])
    }

    fn evaluate_deviation(&self, basis: &Basis, draft: DeviationDraft) -> Decided {
        self.signed(&draft.signed)?;
        let result = result(basis, &draft.test)?;
        let items: Vec<String> = deviating(result).map(str::to_owned).collect();
        if items.is_empty() {
            return Err(
                Problem::new(format!("deviation `{}` cannot be evaluated", draft.id))
                    .cause(format!("control test `{}` found no deviation", draft.test)),
            );
        }
        for id in &draft.commitments {
            known_commitment(basis, id)?;
        }
        for control in &draft.compensating_controls {
            self.compensates(basis, control)?;
        }
        Ok(vec![EngagementEvent::DeviationEvaluated(
            DeviationEvaluated {
                narrative: filled(result, &draft.id, &draft.narrative)?,
                note: draft
                    .note
                    .map(|text| filled(result, &draft.id, &text))
                    .transpose()?,
                id: draft.id,
                controls: result.controls.clone(),
                test: draft.test,
                result_sha256: basis.digest(&result.test)?,
                items,
                tested: result.counts.tested,
                nature: draft.nature,
                cause: draft.cause,
                intentional: draft.intentional,
                harm: draft.harm,
                detected: draft.detected,
                compensation: draft.compensation,
                compensating_controls: draft.compensating_controls,
                commitments: draft.commitments,
                signed: draft.signed,
            },
        )])
    }

    /// Whether the result shows that the control operated, up to the tolerable
    /// rate of deviations.
    fn operated(&self, result: &TestResult) -> bool {
        use tickmark_control_tests::Outcome;
        match &result.outcome {
            Outcome::NoDeviations => true,
            Outcome::Deviations => self.within_tolerance(result).unwrap_or(false),
            Outcome::NoOccurrence | Outcome::NotTested { .. } => false,
        }
    }

    /// A compensating control counts only when something on file tested it and
    /// shows that it operated.
    fn compensates(&self, basis: &Basis, control: &ControlId) -> Result<(), Problem> {
        known_control(basis, control)?;
        let cannot = |why: &str| {
            Problem::new(format!("control `{control}` cannot compensate: {why}"))
                .hint("only a control that was tested and operated compensates")
        };
        let mut found = basis
            .results_of(control)
            .map(|it| self.operated(it))
            .chain(
                self.procedures_of(control)
                    .map(|it| it.result == ProcedureResult::NoExceptions),
            )
            .peekable();
        if found.peek().is_none() {
            return Err(cannot("nothing on file tested it"));
        }
        found
            .any(|is_clean| is_clean)
            .then_some(())
            .ok_or_else(|| cannot("no test shows that it operated within the tolerable rate"))
    }

    fn receive_response(&self, response: ResponseReceived) -> Decided {
        let texts = [&response.position, &response.cause, &response.action];
        refuse_placeholders(&format!("response to `{}`", response.deviation), texts)?;
        if !self.deviations.contains_key(&response.deviation) {
            return Err(Problem::new(format!(
                "there is no deviation `{}` to respond to",
                response.deviation
            )));
        }
        Ok(vec![EngagementEvent::ResponseReceived(response)])
    }

    fn conclude_control(
        &self,
        basis: &Basis,
        control: ControlId,
        conclusion: ControlConclusion,
        reason: Option<String>,
        signed: Signed,
    ) -> Decided {
        self.signed(&signed)?;
        known_control(basis, &control)?;
        let no_evidence = || {
            Problem::new(format!("control `{control}` cannot be concluded on: no procedure is on file"))
                .hint("record the procedures performed first; a conclusion cannot come before its evidence")
        };
        if self.procedures_of(&control).next().is_none() {
            return Err(no_evidence());
        }
        for result in basis
            .results_of(&control)
            .filter(|result| result.counts.deviations > 0)
        {
            self.exception_of(&result.test)?;
        }
        let proposal = self
            .propose_control(basis, &control)
            .ok_or_else(no_evidence)?;
        self.evidence_before(&control, &signed)?;
        refuse_unfounded(&control, proposal.value, conclusion)?;
        let reason = self::reason(
            &format!("control `{control}`"),
            proposal.value != conclusion || proposal.has_deviations,
            reason,
        )?;
        let (proposal, inputs_sha256) = (proposal.value, proposal.inputs_sha256);
        Ok(vec![EngagementEvent::ControlConcluded(Concluded {
            subject: control,
            proposal,
            inputs_sha256,
            conclusion,
            reason,
            signed,
        })])
    }

    /// A conclusion is not signed before the work it rests on.
    fn evidence_before(&self, control: &ControlId, signed: &Signed) -> Result<(), Problem> {
        let latest = self
            .procedures_of(control)
            .map(|procedure| procedure.signed.prepared.on)
            .max();
        in_order(
            &format!("the conclusion on control `{control}`"),
            latest,
            signed.prepared.on,
        )
    }

    fn conclude_criterion(
        &self,
        basis: &Basis,
        criterion: CriterionId,
        conclusion: CriterionConclusion,
        remaining_suffice: bool,
        reason: Option<String>,
        signed: Signed,
    ) -> Decided {
        self.signed(&signed)?;
        if !basis.criteria.contains(&criterion) && !basis.not_relevant.contains(&criterion) {
            return Err(Problem::new(format!(
                "criterion `{criterion}` is not in the scope of this engagement"
            )));
        }
        let open: Vec<String> = basis
            .controls_of(criterion)
            .filter(|control| !self.controls.contains_key(*control))
            .map(ToString::to_string)
            .collect();
        if !open.is_empty() {
            return Err(Problem::new(format!(
                "criterion `{criterion}` cannot be concluded on yet"
            ))
            .cause(format!("not concluded: {}", open.join(", "))));
        }
        let latest = basis
            .controls_of(criterion)
            .filter_map(|control| self.controls.get(control))
            .map(|it| it.signed.prepared.on)
            .max();
        in_order(
            &format!("the conclusion on criterion `{criterion}`"),
            latest,
            signed.prepared.on,
        )?;
        let proposal = self.propose_criterion(basis, criterion, remaining_suffice);
        let reason = self::reason(
            &format!("criterion `{criterion}`"),
            proposal.value != conclusion || proposal.has_deviations,
            reason,
        )?;
        let (proposal, inputs_sha256) = (proposal.value, proposal.inputs_sha256);
        Ok(vec![EngagementEvent::CriterionConcluded(Concluded {
            subject: criterion,
            proposal,
            inputs_sha256,
            conclusion,
            reason,
            signed,
        })])
    }

    fn conclude_commitment(
        &self,
        basis: &Basis,
        commitment: String,
        conclusion: CommitmentConclusion,
        reason: Option<String>,
        signed: Signed,
    ) -> Decided {
        self.signed(&signed)?;
        known_commitment(basis, &commitment)?;
        let touched: Vec<&str> = self
            .deviations
            .values()
            .filter(|it| it.commitments.contains(&commitment))
            .map(|it| it.id.as_str())
            .collect();
        let proposal = if touched.is_empty() {
            CommitmentConclusion::Achieved
        } else {
            CommitmentConclusion::AchievedWithDeviations
        };
        let reason = self::reason(
            &format!("commitment `{commitment}`"),
            proposal != conclusion || !touched.is_empty(),
            reason,
        )?;
        let inputs_sha256 = Sha256Hex::of(touched.join("\n").as_bytes());
        Ok(vec![EngagementEvent::CommitmentConcluded(Concluded {
            subject: commitment,
            proposal,
            inputs_sha256,
            conclusion,
            reason,
            signed,
        })])
    }

    fn conclude_matter(
        &self,
        basis: &Basis,
        matter: SubjectMatter,
        conclusion: Opinion,
        reason: Option<String>,
        signed: Signed,
    ) -> Decided {
        self.signed(&signed)?;
        let open: Vec<String> = basis
            .criteria
            .iter()
            .filter(|criterion| !self.criteria.contains_key(*criterion))
            .map(ToString::to_string)
            .collect();
        if !open.is_empty() {
            return Err(
                Problem::new("the subject matter cannot be concluded on yet")
                    .cause(format!("criteria not concluded: {}", open.join(", "))),
            );
        }
        let latest = self.criteria.values().map(|it| it.signed.prepared.on).max();
        in_order(
            "the conclusion on the subject matter",
            latest,
            signed.prepared.on,
        )?;
        let proposal = self.propose_matter(matter);
        let reason = self::reason(
            "the subject matter",
            proposal.value != conclusion || proposal.has_deviations,
            reason,
        )?;
        let criteria = self
            .grounds(matter)
            .into_iter()
            .map(|ground| ground.criterion)
            .collect();
        let (proposal, inputs_sha256) = (proposal.value, proposal.inputs_sha256);
        Ok(vec![EngagementEvent::MatterConcluded(MatterConcluded {
            matter,
            proposal,
            inputs_sha256,
            conclusion,
            criteria,
            reason,
            signed,
        })])
    }

    fn conclude_opinion(
        &self,
        conclusion: Opinion,
        grounds: Vec<Ground>,
        emphasis: Vec<String>,
        reason: String,
        signed: Signed,
    ) -> Decided {
        self.signed(&signed)?;
        if self.member(&signed.reviewed.by)?.role != MemberRole::Partner {
            return Err(Problem::new(
                "the opinion must be reviewed by the engagement partner",
            ));
        }
        self.matters_concluded()?;
        let proposal = combine(self.matters.values().map(|it| it.conclusion));
        if conclusion != Opinion::Unmodified && grounds.is_empty() {
            return Err(Problem::new("a modified opinion needs its basis")
                .hint("name the matter, the criteria and the effect"));
        }
        if conclusion == Opinion::Unmodified && !grounds.is_empty() {
            return Err(Problem::new(
                "an unmodified opinion has no basis for modification",
            ));
        }
        let matters = grounds.iter().flat_map(|it| [&it.matter, &it.effect]);
        refuse_placeholders("opinion", matters.chain(&emphasis))?;
        let concluded = OpinionConcluded {
            proposal,
            conclusion,
            grounds,
            emphasis,
            reason,
            signed,
        };
        Ok(vec![EngagementEvent::OpinionConcluded(concluded)])
    }

    fn matters_concluded(&self) -> Result<(), Problem> {
        let mut needed = vec![SubjectMatter::Description, SubjectMatter::Design];
        if self.terms()?.report_type != ReportType::Type1 {
            needed.push(SubjectMatter::Operation);
        }
        let open = needed
            .iter()
            .filter(|matter| !self.matters.contains_key(matter))
            .count();
        if open > 0 {
            return Err(Problem::new(format!(
                "{open} of the subject matters of this report are not concluded on"
            )));
        }
        Ok(())
    }

    fn receive_letter(&self, letter: LetterReceived) -> Decided {
        let terms = self.terms()?;
        if matches!(
            letter.letter,
            LetterKind::RepresentationLetter | LetterKind::SubsequentEvents
        ) && letter.dated <= terms.period.end
        {
            return Err(
                Problem::new("the letter is dated inside the period").cause(format!(
                    "dated {}, the period ends {}",
                    letter.dated, terms.period.end
                )),
            );
        }
        Ok(vec![EngagementEvent::LetterReceived(letter)])
    }

    fn receive_subservice_assertion(
        &self,
        basis: &Basis,
        assertion: SubserviceAssertionReceived,
    ) -> Decided {
        let (terms, id) = (self.terms()?, &assertion.organization);
        if !basis.inclusive.contains(id) {
            return Err(Problem::new(format!(
                "subservice organization `{id}` is not presented by the inclusive method"
            ))
            .hint("only an organization whose controls are part of the description asserts"));
        }
        if assertion.dated < terms.period.end {
            return Err(Problem::new(format!(
                "the assertion of subservice organization `{id}` is dated too early"
            ))
            .cause(format!(
                "dated {}, the period ends {}",
                assertion.dated, terms.period.end
            )));
        }
        Ok(vec![EngagementEvent::SubserviceAssertionReceived(
            assertion,
        )])
    }

    pub(crate) fn member(&self, id: &MemberId) -> Result<&Member, Problem> {
        self.terms()?;
        let stranger = || {
            Problem::new(format!("`{id}` is not on the engagement team"))
                .hint("add the member with a confirmation of independence first")
        };
        self.members.get(id).ok_or_else(stranger)
    }

    /// Preparer and reviewer are two members, in that order of time, and the
    /// reviewer may review.
    fn signed(&self, signed: &Signed) -> Result<(), Problem> {
        let prepared = self.member(&signed.prepared.by)?;
        let reviewed = self.member(&signed.reviewed.by)?;
        if prepared.id == reviewed.id {
            return Err(Problem::new(format!(
                "`{}` cannot review their own work",
                prepared.id
            )));
        }
        if reviewed.role == MemberRole::Staff {
            return Err(Problem::new(format!(
                "`{}` is staff and cannot review",
                reviewed.id
            )));
        }
        for (member, on) in [
            (prepared, signed.prepared.on),
            (reviewed, signed.reviewed.on),
        ] {
            in_order(
                &format!("a signature of `{}`", member.id),
                Some(member.independence_confirmed_on),
                on,
            )?;
        }
        in_order("the review", Some(signed.prepared.on), signed.reviewed.on)
    }
}

fn in_order(what: &str, earliest: Option<Date>, on: Date) -> Result<(), Problem> {
    match earliest {
        Some(earliest) if on < earliest => Err(Problem::new(format!("{what} is dated too early"))
            .cause(format!("dated {on}, what it rests on is of {earliest}"))),
        _ => Ok(()),
    }
}

fn result<'a>(basis: &'a Basis, test: &ControlTestId) -> Result<&'a TestResult, Problem> {
    let missing = || {
        Problem::new(format!("control test `{test}` has no result"))
            .hint("run it over the period first")
    };
    basis.results.get(test).ok_or_else(missing)
}

fn known_control(basis: &Basis, control: &ControlId) -> Result<(), Problem> {
    let unknown = || {
        Problem::new(format!(
            "control `{control}` is not in the scope of this engagement"
        ))
    };
    basis
        .controls
        .contains_key(control)
        .then_some(())
        .ok_or_else(unknown)
}

fn known_commitment(basis: &Basis, id: &str) -> Result<(), Problem> {
    let unknown = || {
        Problem::new(format!(
            "commitment or requirement `{id}` is not in the program"
        ))
    };
    basis
        .commitments
        .contains(id)
        .then_some(())
        .ok_or_else(unknown)
}

fn refuse_incomplete(result: &TestResult, what: &str) -> Result<(), Problem> {
    match result.incomplete() {
        Some(dataset) => Err(Problem::new(format!(
            "no sample can be {what} population `{}`",
            dataset.dataset
        ))
        .cause("its reconciliation with an independent source fails")
        .hint("resolve the difference and import the population again")),
        None => Ok(()),
    }
}

/// Effective is not concluded where something prevents any conclusion.
fn refuse_unfounded(
    control: &ControlId,
    proposal: ControlConclusion,
    conclusion: ControlConclusion,
) -> Result<(), Problem> {
    let effective = matches!(
        conclusion,
        ControlConclusion::OperatedEffectively
            | ControlConclusion::OperatedEffectivelyDeviationNoted
    );
    if effective
        && matches!(
            proposal,
            ControlConclusion::ScopeLimitation | ControlConclusion::DesignOnlyNoOccurrence
        )
    {
        return Err(
            Problem::new(format!("control `{control}` cannot be concluded effective"))
                .cause("its operation was not tested in the period"),
        );
    }
    Ok(())
}

fn reason(what: &str, mandatory: bool, reason: Option<String>) -> Result<Option<String>, Problem> {
    if mandatory && reason.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(
            Problem::new(format!("the conclusion on {what} needs a reason"))
                .cause("it differs from the proposal, or a deviation stands behind it")
                .hint("state why"),
        );
    }
    Ok(reason)
}

/// The items a sample is drawn from: what was tested, not what was excluded.
fn population(result: &TestResult) -> Vec<String> {
    result
        .items
        .iter()
        .filter(|item| item.status != ItemStatus::Excluded)
        .map(|item| item.item.clone())
        .collect()
}

fn deviating(result: &TestResult) -> impl Iterator<Item = &str> {
    result
        .items
        .iter()
        .filter(|item| item.status == ItemStatus::Deviation)
        .map(|item| item.item.as_str())
}

/// Fills `{deviations}`, `{tested}`, `{population}`, `{excluded}` from the
/// counts and `{column}` from the first deviating item, so that no figure is
/// typed into prose.
///
/// # Errors
/// Names that stand for nothing.
fn filled(result: &TestResult, deviation: &str, text: &str) -> Result<String, Problem> {
    let counts = &result.counts;
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    if let Some(item) = result
        .items
        .iter()
        .find(|item| item.status == ItemStatus::Deviation)
    {
        values.extend(item.detail.to_map());
    }
    values.extend(result.inputs.parameters.clone());
    for (name, value) in [
        ("deviations", counts.deviations),
        ("tested", counts.tested),
        ("population", counts.population),
        ("excluded", counts.excluded),
    ] {
        values.insert(name.to_owned(), value.to_string());
    }
    let unknown: Vec<String> = placeholders(text)
        .into_iter()
        .filter(|name| !values.contains_key(*name))
        .map(|name| format!("`{{{name}}}`"))
        .collect();
    if !unknown.is_empty() {
        let known: Vec<String> = values.keys().map(|name| format!("`{name}`")).collect();
        return Err(Problem::new(format!(
            "nothing fills {} in the text of deviation `{deviation}`",
            unknown.join(", ")
        ))
        .hint(format!("known here are {}", known.join(", "))));
    }
    fill(text, |name| values.get(name).cloned())
}

/// Refuses a `{name}` in a text that nothing is filled into.
fn refuse_placeholders<'a>(
    what: &str,
    texts: impl IntoIterator<Item = &'a String>,
) -> Result<(), Problem> {
    let is_name = |name: &&str| {
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
    };
    let left: Vec<String> = texts
        .into_iter()
        .flat_map(|text| placeholders(text))
        .filter(is_name)
        .map(|name| format!("`{{{name}}}`"))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "nothing fills {} in the text of the {what}",
        left.join(", ")
    ))
    .hint("only the narrative and the note of a deviation are filled; write the words"))
}

fn risk_name(risk: RiskProfile) -> &'static str {
    match risk {
        RiskProfile::Low => "low",
        RiskProfile::Moderate => "moderate",
        RiskProfile::High => "high",
    }
}
