//! What happens in an engagement, as ledger entries.
//!
//! Kinds end in a version; a changed meaning is a new kind, and the old one is
//! read for ever. No event holds a person's name: members are opaque ids.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{
    Category, ControlId, ControlTestId, CriterionId, Period, ReportType, Sha256Hex,
};
use tickmark_control_tests::Outcome;

use crate::ladder::{
    Cause, Compensation, ControlConclusion, CriterionConclusion, Opinion, SubjectMatter,
};
use crate::member::{Member, SignOff, Signed};

/// The terms of the engagement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementOpened {
    /// Id of the engagement.
    pub id: String,
    /// Name of the CPA firm.
    pub firm: String,
    /// City and state the firm signs in.
    pub firm_place: String,
    /// Name of the service organization.
    pub organization: String,
    /// To whom the report is addressed.
    pub addressee: String,
    /// Kind of report.
    pub report_type: ReportType,
    /// Period examined; for a Type 1 the single day.
    pub period: Period,
    /// Categories examined.
    pub categories: Vec<Category>,
    /// Rate of deviation the firm tolerates in a test, as decimal text.
    pub tolerable_rate: String,
    /// Confidence of the firm's samples, as decimal text.
    pub confidence: String,
    /// Whether the firm's rules ask for a quality review of this engagement.
    pub quality_review_required: bool,
}

/// The company's checkpoint that the firm relies on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointRelied {
    /// Origin line of the company's ledger.
    pub origin: String,
    /// Entries the checkpoint covers.
    pub size: u64,
    /// The signed note, as received.
    pub note: String,
    /// Digest of the results the firm re-ran from it, by control test.
    pub results: BTreeMap<ControlTestId, Sha256Hex>,
}

impl CheckpointRelied {
    /// Whether what was done and decided on `before` lapses with this one.
    pub fn lets_lapse(&self, before: &Self) -> bool {
        self.results != before.results
    }
}

/// A sample drawn from a frozen population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleDrawn {
    /// Id of the sample, for example `S-01`.
    pub id: String,
    /// The control tested.
    pub control: ControlId,
    /// The control test whose items are the population.
    pub test: ControlTestId,
    /// Digest of the frozen population ([`crate::sampling::population_digest`]).
    pub population_sha256: Sha256Hex,
    /// Items in the population.
    pub population: u64,
    /// Where the size comes from: a row of the firm's table, or rates.
    pub basis: String,
    /// The auditor's nonce, entered after the population was frozen.
    pub nonce: String,
    /// The algorithm ([`crate::sampling::DRAW_ALGORITHM`]).
    pub algorithm: String,
    /// The items, in the order drawn.
    pub items: Vec<String>,
    /// Who drew, and when.
    pub drawn: SignOff,
}

/// The results of a sample's items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleEvaluated {
    /// The sample.
    pub id: String,
    /// Items found to deviate.
    pub deviating: Vec<String>,
    /// Upper deviation limit in tenths of a percent at the engagement's confidence.
    pub upper_limit_permille: u64,
    /// Signatures.
    pub signed: Signed,
}

/// What a procedure found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "found")]
pub enum ProcedureResult {
    /// No exceptions.
    NoExceptions,
    /// The circumstances did not occur in the period.
    NoOccurrence,
    /// An exception, told in a deviation of its own.
    Exception {
        /// The deviation.
        deviation: String,
    },
    /// Evidence was not available.
    ScopeLimitation {
        /// What was missing.
        why: String,
    },
}

/// A procedure the auditor performed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedurePerformed {
    /// Id of the workpaper, for example `WP-TM-002-1`.
    pub id: String,
    /// The control.
    pub control: ControlId,
    /// `inquiry`, `observation`, `inspection` or `reperformance`.
    pub nature: String,
    /// What was done, as Section IV prints it.
    pub text: String,
    /// What the auditor set out to find and, without an exception, found; for
    /// the working papers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Documents inspected, with the digest each had then.
    #[serde(default)]
    pub documents: BTreeMap<String, Sha256Hex>,
    /// The control test re-run, with the digest of its result.
    #[serde(default)]
    pub test: Option<TestReperformed>,
    /// What was found.
    pub result: ProcedureResult,
    /// Signatures.
    pub signed: Signed,
}

/// A control test the firm ran again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestReperformed {
    /// The control test.
    pub test: ControlTestId,
    /// Digest of its result.
    pub result_sha256: Sha256Hex,
    /// Its outcome.
    pub outcome: Outcome,
}

/// The auditor's evaluation of a deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviationEvaluated {
    /// Id, for example `D-01`.
    pub id: String,
    /// Controls it concerns.
    pub controls: Vec<ControlId>,
    /// The control test that found it, with the digest of its result.
    pub test: ControlTestId,
    /// Digest of the result evaluated.
    pub result_sha256: Sha256Hex,
    /// The deviating items.
    pub items: Vec<String>,
    /// Items tested.
    pub tested: u64,
    /// What failed and by how much, as the rest of "For 1 of 27 leavers
    /// tested, …": a clause without a full stop, no cause, no praise.
    pub narrative: String,
    /// Further sentences about what the auditor found, such as work on
    /// compensating controls.
    #[serde(default)]
    pub note: Option<String>,
    /// Nature and cause.
    pub nature: String,
    /// Isolated or systemic.
    pub cause: Cause,
    /// Intentional, a bypass, or a hint at fraud.
    pub intentional: bool,
    /// Harm done, if any.
    pub harm: String,
    /// When and by whom it was noticed.
    pub detected: String,
    /// A compensating control, tested and effective.
    pub compensation: Compensation,
    /// The controls that compensate.
    #[serde(default)]
    pub compensating_controls: Vec<ControlId>,
    /// Commitments it touches.
    #[serde(default)]
    pub commitments: Vec<String>,
    /// Signatures.
    pub signed: Signed,
}

/// Management's response to a deviation; not examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseReceived {
    /// The deviation answered.
    pub deviation: String,
    /// Agrees or disagrees, in management's words.
    pub position: String,
    /// Cause, as management sees it.
    pub cause: String,
    /// What is done about it.
    pub action: String,
    /// Role that answers for the action.
    pub owner_role: String,
    /// When it is or was done.
    pub due_on: Date,
    /// When the firm received the response.
    pub received_on: Date,
}

/// A conclusion beside what was proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concluded<S, C> {
    /// What it is on.
    pub subject: S,
    /// What the tables propose.
    pub proposal: C,
    /// Digest of what the proposal was computed from.
    pub inputs_sha256: Sha256Hex,
    /// What the person concludes.
    pub conclusion: C,
    /// Why; mandatory where it differs or a deviation exists.
    pub reason: Option<String>,
    /// Signatures.
    pub signed: Signed,
}

/// A conclusion on a commitment or requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentConclusion {
    /// Reasonable assurance that it was achieved.
    Achieved,
    /// Achieved, with deviations disclosed.
    AchievedWithDeviations,
    /// Missed at least once; disclosed in the description.
    MissedDisclosed,
    /// Not achieved.
    NotAchieved,
}

/// The conclusion on a subject matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterConcluded {
    /// Description, design or operation.
    pub matter: SubjectMatter,
    /// What the tables propose.
    pub proposal: Opinion,
    /// Digest of what the proposal was computed from.
    pub inputs_sha256: Sha256Hex,
    /// What the person concludes.
    pub conclusion: Opinion,
    /// Criteria named as the basis for a modified opinion.
    pub criteria: Vec<CriterionId>,
    /// Why.
    pub reason: Option<String>,
    /// Signatures.
    pub signed: Signed,
}

/// One matter that modifies the opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// What the matter is, in full sentences.
    pub matter: String,
    /// The criteria affected.
    pub criteria: Vec<CriterionId>,
    /// The part of the period affected; the whole when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The effect, in full sentences.
    pub effect: String,
}

/// The opinion on the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpinionConcluded {
    /// What the conclusions on the three matters combine to.
    pub proposal: Opinion,
    /// The opinion.
    pub conclusion: Opinion,
    /// The basis of a modified opinion; empty for an unmodified one.
    #[serde(default)]
    pub grounds: Vec<Ground>,
    /// Paragraphs that draw attention without modifying the opinion.
    #[serde(default)]
    pub emphasis: Vec<String>,
    /// Why.
    pub reason: String,
    /// Signatures; the reviewer is the partner.
    pub signed: Signed,
}

/// A letter or inquiry that must be on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Agreed terms, signed by both.
    EngagementLetter,
    /// Management's assertion.
    Assertion,
    /// Management's representations at the end.
    RepresentationLetter,
    /// Inquiry about events after the period's end.
    SubsequentEvents,
    /// The second partner's review before release.
    QualityReview,
}

/// A letter or inquiry put on file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterReceived {
    /// Which one.
    pub letter: LetterKind,
    /// Its date.
    pub dated: Date,
    /// Who signed, as a role or member id.
    pub signed_by: String,
    /// What it says that matters here, in a line.
    pub note: String,
    /// For the assertion: modified as the opinion is.
    #[serde(default)]
    pub modified: bool,
}

/// The assertion of a subservice organization presented by the inclusive
/// method was put on file. Its management answers for its part of the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceAssertionReceived {
    /// Id of the subservice organization in the program.
    pub organization: String,
    /// Date of the assertion.
    pub dated: Date,
    /// Who signed, as a role.
    pub signed_by: String,
    /// When the firm confirmed that it is independent of the organization.
    pub independence_confirmed_on: Date,
    /// What it says that matters here, in a line.
    pub note: String,
}

/// A report was issued and bound to its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportIssued {
    /// Id of the report.
    pub report: String,
    /// Kind of report.
    pub report_type: ReportType,
    /// Date of the report.
    pub dated: Date,
    /// The opinion it carries.
    pub opinion: Opinion,
    /// File name and SHA-256 of each rendering.
    pub files: BTreeMap<String, Sha256Hex>,
    /// Digest of the evidence package's list of files.
    pub package_sha256: Option<Sha256Hex>,
    /// Who released it.
    pub released: SignOff,
    /// What composed and set it; not told by the first builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
}

/// What composed and set a report. Another build may word it and break its
/// pages otherwise; a reader with another build must know that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Version of Tickmark.
    pub tickmark: String,
    /// The engine that computed the results, as they name it themselves.
    pub engine: String,
    /// Digest of what the pages are set with: typesetter, template, style and
    /// fonts.
    pub pages_sha256: Sha256Hex,
}

/// What a conclusion in the generic form is on.
pub type Subject = String;

/// Everything that can happen in an engagement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum EngagementEvent {
    /// The engagement began.
    #[serde(rename = "engagement.opened/1")]
    Opened(EngagementOpened),
    /// A member joined the team.
    #[serde(rename = "engagement.member_added/1")]
    MemberAdded(Member),
    /// The firm took a company checkpoint as its basis.
    #[serde(rename = "engagement.checkpoint_relied/1")]
    CheckpointRelied(CheckpointRelied),
    /// A sample was drawn.
    #[serde(rename = "engagement.sample_drawn/1")]
    SampleDrawn(SampleDrawn),
    /// A sample's items were evaluated.
    #[serde(rename = "engagement.sample_evaluated/1")]
    SampleEvaluated(SampleEvaluated),
    /// A procedure was performed.
    #[serde(rename = "engagement.procedure_performed/1")]
    ProcedurePerformed(ProcedurePerformed),
    /// A deviation was evaluated.
    #[serde(rename = "engagement.deviation_evaluated/1")]
    DeviationEvaluated(DeviationEvaluated),
    /// Management responded.
    #[serde(rename = "engagement.response_received/1")]
    ResponseReceived(ResponseReceived),
    /// A control was concluded on.
    #[serde(rename = "engagement.control_concluded/1")]
    ControlConcluded(Concluded<ControlId, ControlConclusion>),
    /// A criterion was concluded on.
    #[serde(rename = "engagement.criterion_concluded/1")]
    CriterionConcluded(Concluded<CriterionId, CriterionConclusion>),
    /// A commitment was concluded on.
    #[serde(rename = "engagement.commitment_concluded/1")]
    CommitmentConcluded(Concluded<Subject, CommitmentConclusion>),
    /// A subject matter was concluded on.
    #[serde(rename = "engagement.matter_concluded/1")]
    MatterConcluded(MatterConcluded),
    /// The opinion was reached.
    #[serde(rename = "engagement.opinion_concluded/1")]
    OpinionConcluded(OpinionConcluded),
    /// A letter was put on file.
    #[serde(rename = "engagement.letter_received/1")]
    LetterReceived(LetterReceived),
    /// The assertion of a subservice organization was put on file.
    #[serde(rename = "engagement.subservice_assertion_received/1")]
    SubserviceAssertionReceived(SubserviceAssertionReceived),
    /// A report was issued.
    #[serde(rename = "engagement.report_issued/1")]
    ReportIssued(ReportIssued),
}

impl EngagementEvent {
    /// Every kind this crate writes or reads.
    pub const KINDS: &'static [&'static str] = &[
        "engagement.opened/1",
        "engagement.member_added/1",
        "engagement.checkpoint_relied/1",
        "engagement.sample_drawn/1",
        "engagement.sample_evaluated/1",
        "engagement.procedure_performed/1",
        "engagement.deviation_evaluated/1",
        "engagement.response_received/1",
        "engagement.control_concluded/1",
        "engagement.criterion_concluded/1",
        "engagement.commitment_concluded/1",
        "engagement.matter_concluded/1",
        "engagement.opinion_concluded/1",
        "engagement.letter_received/1",
        "engagement.subservice_assertion_received/1",
        "engagement.report_issued/1",
    ];

    /// The event's kind and version, as the ledger names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "engagement.opened/1",
            Self::MemberAdded(_) => "engagement.member_added/1",
            Self::CheckpointRelied(_) => "engagement.checkpoint_relied/1",
            Self::SampleDrawn(_) => "engagement.sample_drawn/1",
            Self::SampleEvaluated(_) => "engagement.sample_evaluated/1",
            Self::ProcedurePerformed(_) => "engagement.procedure_performed/1",
            Self::DeviationEvaluated(_) => "engagement.deviation_evaluated/1",
            Self::ResponseReceived(_) => "engagement.response_received/1",
            Self::ControlConcluded(_) => "engagement.control_concluded/1",
            Self::CriterionConcluded(_) => "engagement.criterion_concluded/1",
            Self::CommitmentConcluded(_) => "engagement.commitment_concluded/1",
            Self::MatterConcluded(_) => "engagement.matter_concluded/1",
            Self::OpinionConcluded(_) => "engagement.opinion_concluded/1",
            Self::LetterReceived(_) => "engagement.letter_received/1",
            Self::SubserviceAssertionReceived(_) => "engagement.subservice_assertion_received/1",
            Self::ReportIssued(_) => "engagement.report_issued/1",
        }
    }

    /// What the event is about, as an opaque id.
    pub fn subject(&self) -> String {
        match self {
            Self::Opened(it) => it.id.clone(),
            Self::MemberAdded(it) => it.id.to_string(),
            Self::CheckpointRelied(it) => it.origin.clone(),
            Self::SampleDrawn(it) => it.id.clone(),
            Self::SampleEvaluated(it) => it.id.clone(),
            Self::ProcedurePerformed(it) => it.id.clone(),
            Self::DeviationEvaluated(it) => it.id.clone(),
            Self::ResponseReceived(it) => it.deviation.clone(),
            Self::ControlConcluded(it) => it.subject.to_string(),
            Self::CriterionConcluded(it) => it.subject.to_string(),
            Self::CommitmentConcluded(it) => it.subject.clone(),
            Self::MatterConcluded(it) => matter_name(it.matter).to_owned(),
            Self::OpinionConcluded(_) => "opinion".to_owned(),
            Self::LetterReceived(it) => letter_name(it.letter).to_owned(),
            Self::SubserviceAssertionReceived(it) => it.organization.clone(),
            Self::ReportIssued(it) => it.report.clone(),
        }
    }

    /// Who did it, where the event names a member.
    pub fn actor(&self) -> Option<&crate::member::MemberId> {
        let signed = match self {
            Self::SampleDrawn(it) => return Some(&it.drawn.by),
            Self::ReportIssued(it) => return Some(&it.released.by),
            Self::SampleEvaluated(it) => &it.signed,
            Self::ProcedurePerformed(it) => &it.signed,
            Self::DeviationEvaluated(it) => &it.signed,
            Self::ControlConcluded(it) => &it.signed,
            Self::CriterionConcluded(it) => &it.signed,
            Self::CommitmentConcluded(it) => &it.signed,
            Self::MatterConcluded(it) => &it.signed,
            Self::OpinionConcluded(it) => &it.signed,
            _ => return None,
        };
        Some(&signed.reviewed.by)
    }
}

fn matter_name(matter: SubjectMatter) -> &'static str {
    match matter {
        SubjectMatter::Description => "description",
        SubjectMatter::Design => "design",
        SubjectMatter::Operation => "operation",
    }
}

fn letter_name(letter: LetterKind) -> &'static str {
    match letter {
        LetterKind::EngagementLetter => "engagement_letter",
        LetterKind::Assertion => "assertion",
        LetterKind::RepresentationLetter => "representation_letter",
        LetterKind::SubsequentEvents => "subsequent_events",
        LetterKind::QualityReview => "quality_review",
    }
}
