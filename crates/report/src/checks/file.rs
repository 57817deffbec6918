//! What the checks must know besides the report: the auditor's file and the
//! program it rests on.
//!
//! What must hold: dates and ids only, no names of people; a caller may add
//! names that must not appear in results, and they are never printed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tickmark_catalog::{Category, ControlId, CriterionId};
use tickmark_engagement::ladder::CriterionConclusion;
use tickmark_engagement::{EngagementState, LetterKind, Signed};
use tickmark_program::Program;

use crate::value::rich_text::{from_markdown, plain};

/// A member of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFacts {
    /// The opaque id.
    pub id: String,
    /// When the member confirmed independence.
    pub independence_confirmed_on: Option<Date>,
}

/// The two signatures under a working paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOffFacts {
    /// The working paper or conclusion.
    pub what: String,
    /// Who prepared it.
    pub prepared_by: String,
    /// Who reviewed it.
    pub reviewed_by: String,
    /// When it was reviewed.
    pub reviewed_on: Date,
}

/// The assertion of a subservice organization presented inclusively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubserviceAssertionFacts {
    /// Its date.
    pub dated: Date,
    /// When the firm confirmed that it is independent of the organization.
    pub independence_confirmed_on: Date,
}

/// The auditor's file, as far as the checks read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditFile {
    /// The team.
    pub members: Vec<MemberFacts>,
    /// Date of the engagement letter.
    pub engagement_letter: Option<Date>,
    /// Date of management's representation letter.
    pub representation_letter: Option<Date>,
    /// Whether the assertion on file is modified.
    pub is_assertion_modified: bool,
    /// Day through which subsequent events were inquired about.
    pub subsequent_events: Option<Date>,
    /// Whether a quality review is required.
    pub is_quality_review_required: bool,
    /// Date of the quality review.
    pub quality_review: Option<Date>,
    /// Every working paper and conclusion with its signatures.
    pub sign_offs: Vec<SignOffFacts>,
    /// The deviations evaluated.
    pub deviations: Vec<String>,
    /// The conclusion on each criterion.
    pub criteria: BTreeMap<CriterionId, CriterionConclusion>,
    /// The categories of the engagement's terms.
    pub categories: Vec<Category>,
    /// The control register in force: the plain text of each control.
    pub register: BTreeMap<ControlId, String>,
    /// Controls that began inside the period, with their first day.
    pub begun: BTreeMap<ControlId, Date>,
    /// The assertions of subservice organizations that are on file, by
    /// organization.
    pub subservice_assertions: BTreeMap<String, SubserviceAssertionFacts>,
    /// Names of people and customers that must not appear in results.
    pub private_names: Vec<String>,
}

impl AuditFile {
    /// Reads the file from the engagement and the program it covers.
    pub fn of(engagement: &EngagementState, program: &Program) -> Self {
        let dated = |kind| engagement.letters.get(&kind).map(|letter| letter.dated);
        let terms = engagement.terms.as_ref();
        let assertion = engagement.letters.get(&LetterKind::Assertion);
        Self {
            members: members(engagement),
            engagement_letter: dated(LetterKind::EngagementLetter),
            representation_letter: dated(LetterKind::RepresentationLetter),
            is_assertion_modified: assertion.is_some_and(|letter| letter.modified),
            subsequent_events: dated(LetterKind::SubsequentEvents),
            is_quality_review_required: terms.is_some_and(|terms| terms.quality_review_required),
            quality_review: dated(LetterKind::QualityReview),
            sign_offs: sign_offs(engagement),
            deviations: engagement.deviations.keys().cloned().collect(),
            criteria: engagement
                .criteria
                .iter()
                .map(|(id, it)| (*id, it.conclusion))
                .collect(),
            categories: terms
                .map(|terms| terms.categories.clone())
                .unwrap_or_default(),
            register: program
                .controls
                .iter()
                .map(|c| (c.id.clone(), words(&c.description)))
                .collect(),
            begun: begun(program),
            subservice_assertions: subservice_assertions(engagement),
            private_names: Vec::new(),
        }
    }
}

fn words(markdown: &str) -> String {
    from_markdown(markdown)
        .map(|blocks| plain(&blocks))
        .unwrap_or_default()
}

fn members(engagement: &EngagementState) -> Vec<MemberFacts> {
    let member = |member: &tickmark_engagement::Member| MemberFacts {
        id: member.id.to_string(),
        independence_confirmed_on: Some(member.independence_confirmed_on),
    };
    engagement.members.values().map(member).collect()
}

fn subservice_assertions(
    engagement: &EngagementState,
) -> BTreeMap<String, SubserviceAssertionFacts> {
    let facts = |it: &tickmark_engagement::SubserviceAssertionReceived| SubserviceAssertionFacts {
        dated: it.dated,
        independence_confirmed_on: it.independence_confirmed_on,
    };
    engagement
        .subservice_assertions
        .iter()
        .map(|(id, it)| (id.clone(), facts(it)))
        .collect()
}

fn begun(program: &Program) -> BTreeMap<ControlId, Date> {
    let begun = program
        .controls
        .iter()
        .filter_map(|control| Some((control.id.clone(), control.since?)));
    begun
        .filter(|(_, since)| program.period.contains(*since))
        .collect()
}

fn sign_offs(engagement: &EngagementState) -> Vec<SignOffFacts> {
    let mut list = Vec::new();
    let mut add = |what: String, signed: &Signed| list.push(sign_off(what, signed));
    for procedure in engagement.procedures.values() {
        add(procedure.id.clone(), &procedure.signed);
    }
    for (id, sample) in &engagement.sample_results {
        add(id.clone(), &sample.signed);
    }
    for (id, deviation) in &engagement.deviations {
        add(id.clone(), &deviation.signed);
    }
    for (id, conclusion) in &engagement.controls {
        add(id.to_string(), &conclusion.signed);
    }
    for (id, conclusion) in &engagement.criteria {
        add(id.to_string(), &conclusion.signed);
    }
    for (id, conclusion) in &engagement.commitments {
        add(id.clone(), &conclusion.signed);
    }
    for conclusion in engagement.matters.values() {
        add("a subject matter".to_owned(), &conclusion.signed);
    }
    if let Some(opinion) = &engagement.opinion {
        add("the opinion".to_owned(), &opinion.signed);
    }
    list
}

fn sign_off(what: String, signed: &Signed) -> SignOffFacts {
    SignOffFacts {
        what,
        prepared_by: signed.prepared.by.to_string(),
        reviewed_by: signed.reviewed.by.to_string(),
        reviewed_on: signed.reviewed.on,
    }
}
