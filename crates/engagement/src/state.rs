//! The engagement as it stands: a fold of its events.

use std::collections::BTreeMap;

use tickmark_catalog::{ControlId, CriterionId};

use crate::event::{
    CheckpointRelied, CommitmentConclusion, Concluded, DeviationEvaluated, EngagementEvent,
    EngagementOpened, LetterKind, LetterReceived, MatterConcluded, OpinionConcluded,
    ProcedurePerformed, ReportIssued, ResponseReceived, SampleDrawn, SampleEvaluated,
    SubserviceAssertionReceived,
};
use crate::ladder::{ControlConclusion, CriterionConclusion, SubjectMatter};
use crate::member::{Member, MemberId};

/// The engagement after some number of events.
///
/// A later event about the same subject stands in place of the earlier one;
/// the earlier one stays in the ledger. What rests on the company's evidence
/// lapses when the firm relies on other results: it is done and decided anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngagementState {
    /// The terms; absent before the engagement opened.
    pub terms: Option<EngagementOpened>,
    /// The team.
    pub members: BTreeMap<MemberId, Member>,
    /// The company checkpoint relied on last.
    pub checkpoint: Option<CheckpointRelied>,
    /// Samples by id.
    pub samples: BTreeMap<String, SampleDrawn>,
    /// Samples drawn on results that are no longer relied on. They bind: the
    /// same population is not drawn from with another nonce.
    pub lapsed_samples: Vec<SampleDrawn>,
    /// Evaluations of samples by sample id.
    pub sample_results: BTreeMap<String, SampleEvaluated>,
    /// Procedures by workpaper id.
    pub procedures: BTreeMap<String, ProcedurePerformed>,
    /// Deviations by id.
    pub deviations: BTreeMap<String, DeviationEvaluated>,
    /// Management's responses by deviation id.
    pub responses: BTreeMap<String, ResponseReceived>,
    /// Conclusions on controls.
    pub controls: BTreeMap<ControlId, Concluded<ControlId, ControlConclusion>>,
    /// Conclusions on criteria.
    pub criteria: BTreeMap<CriterionId, Concluded<CriterionId, CriterionConclusion>>,
    /// Conclusions on commitments and requirements.
    pub commitments: BTreeMap<String, Concluded<String, CommitmentConclusion>>,
    /// Conclusions on description, design and operation.
    pub matters: BTreeMap<SubjectMatter, MatterConcluded>,
    /// The opinion.
    pub opinion: Option<OpinionConcluded>,
    /// Letters on file.
    pub letters: BTreeMap<LetterKind, LetterReceived>,
    /// Assertions of subservice organizations by organization id.
    pub subservice_assertions: BTreeMap<String, SubserviceAssertionReceived>,
    /// Reports issued, in order.
    pub issued: Vec<ReportIssued>,
}

impl EngagementState {
    /// Folds one event in.
    pub fn apply(&mut self, event: EngagementEvent) {
        match event {
            EngagementEvent::Opened(it) => self.terms = Some(it),
            EngagementEvent::MemberAdded(it) => keep(&mut self.members, it.id.clone(), it),
            EngagementEvent::CheckpointRelied(it) => self.rely_on(it),
            EngagementEvent::SampleDrawn(it) => keep(&mut self.samples, it.id.clone(), it),
            EngagementEvent::SampleEvaluated(it) => {
                keep(&mut self.sample_results, it.id.clone(), it)
            }
            EngagementEvent::ProcedurePerformed(it) => {
                keep(&mut self.procedures, it.id.clone(), it)
            }
            EngagementEvent::DeviationEvaluated(it) => {
                keep(&mut self.deviations, it.id.clone(), it)
            }
            EngagementEvent::ResponseReceived(it) => {
                keep(&mut self.responses, it.deviation.clone(), it)
            }
            EngagementEvent::ControlConcluded(it) => {
                keep(&mut self.controls, it.subject.clone(), it)
            }
            EngagementEvent::CriterionConcluded(it) => keep(&mut self.criteria, it.subject, it),
            EngagementEvent::CommitmentConcluded(it) => {
                keep(&mut self.commitments, it.subject.clone(), it)
            }
            EngagementEvent::MatterConcluded(it) => keep(&mut self.matters, it.matter, it),
            EngagementEvent::OpinionConcluded(it) => self.opinion = Some(it),
            EngagementEvent::LetterReceived(it) => keep(&mut self.letters, it.letter, it),
            EngagementEvent::SubserviceAssertionReceived(it) => {
                keep(&mut self.subservice_assertions, it.organization.clone(), it)
            }
            EngagementEvent::ReportIssued(it) => self.issued.push(it),
        }
    }

    /// Takes a checkpoint as the basis. What was done and decided on other
    /// results lapses; terms, team and letters stay, and so do reports, which
    /// are issued for good, and the memory of samples.
    fn rely_on(&mut self, checkpoint: CheckpointRelied) {
        let before = self.checkpoint.as_ref();
        if before.is_some_and(|before| checkpoint.lets_lapse(before)) {
            let mut lapsed_samples = std::mem::take(&mut self.lapsed_samples);
            lapsed_samples.extend(std::mem::take(&mut self.samples).into_values());
            *self = Self {
                lapsed_samples,
                terms: self.terms.take(),
                members: std::mem::take(&mut self.members),
                letters: std::mem::take(&mut self.letters),
                issued: std::mem::take(&mut self.issued),
                ..Self::default()
            };
        }
        self.checkpoint = Some(checkpoint);
    }

    /// Whether this very thing is on file, so that saying it again adds nothing.
    pub fn holds(&self, event: &EngagementEvent) -> bool {
        match event {
            EngagementEvent::Opened(it) => self.terms.as_ref() == Some(it),
            EngagementEvent::MemberAdded(it) => self.members.get(&it.id) == Some(it),
            EngagementEvent::CheckpointRelied(it) => self.checkpoint.as_ref() == Some(it),
            EngagementEvent::SampleDrawn(it) => self.samples.get(&it.id) == Some(it),
            EngagementEvent::SampleEvaluated(it) => self.sample_results.get(&it.id) == Some(it),
            EngagementEvent::ProcedurePerformed(it) => self.procedures.get(&it.id) == Some(it),
            EngagementEvent::DeviationEvaluated(it) => self.deviations.get(&it.id) == Some(it),
            EngagementEvent::ResponseReceived(it) => self.responses.get(&it.deviation) == Some(it),
            EngagementEvent::ControlConcluded(it) => self.controls.get(&it.subject) == Some(it),
            EngagementEvent::CriterionConcluded(it) => self.criteria.get(&it.subject) == Some(it),
            EngagementEvent::CommitmentConcluded(it) => {
                self.commitments.get(&it.subject) == Some(it)
            }
            EngagementEvent::MatterConcluded(it) => self.matters.get(&it.matter) == Some(it),
            EngagementEvent::OpinionConcluded(it) => self.opinion.as_ref() == Some(it),
            EngagementEvent::LetterReceived(it) => self.letters.get(&it.letter) == Some(it),
            EngagementEvent::SubserviceAssertionReceived(it) => {
                self.subservice_assertions.get(&it.organization) == Some(it)
            }
            EngagementEvent::ReportIssued(it) => self.issued.contains(it),
        }
    }

    /// Names what is on file here and not in `other`: pieces of work and
    /// conclusions, each with what it is.
    pub(crate) fn beyond(&self, other: &Self) -> Vec<String> {
        fn left<K: Ord + std::fmt::Display, V>(
            what: &str,
            ours: &BTreeMap<K, V>,
            theirs: &BTreeMap<K, V>,
        ) -> Vec<String> {
            let left = ours.keys().filter(|key| !theirs.contains_key(*key));
            left.map(|key| format!("{what} `{key}`")).collect()
        }
        [
            left("sample", &self.samples, &other.samples),
            left("procedure", &self.procedures, &other.procedures),
            left("deviation", &self.deviations, &other.deviations),
            left(
                "the response to deviation",
                &self.responses,
                &other.responses,
            ),
            left("the conclusion on control", &self.controls, &other.controls),
            left(
                "the conclusion on criterion",
                &self.criteria,
                &other.criteria,
            ),
            left("the conclusion on", &self.commitments, &other.commitments),
        ]
        .concat()
    }

    /// The deviations that concern one control, in order of id.
    pub fn deviations_of(&self, control: &ControlId) -> impl Iterator<Item = &DeviationEvaluated> {
        self.deviations
            .values()
            .filter(move |deviation| deviation.controls.contains(control))
    }

    /// The procedures performed on one control, in order of id.
    pub fn procedures_of(&self, control: &ControlId) -> impl Iterator<Item = &ProcedurePerformed> {
        self.procedures
            .values()
            .filter(move |procedure| &procedure.control == control)
    }
}

fn keep<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) {
    map.insert(key, value);
}
