//! The checklist before issue: what software can verify, it verifies; the rest
//! it asks.
//!
//! What must hold: every item of the catalogue's checklist with mode `auto` has
//! a rule here, and every rule can fail (both are tested). A rule looks at the
//! finished value and the auditor's file, never at how the value was built, so
//! that it also judges a report somebody edited. Rules only find; whether a
//! finding stops the issue is decided by the caller.

mod assertion;
mod auditor_report;
mod cover;
mod description;
mod figures;
mod file;
mod gates;
mod other_information;
mod tests_of_controls;
mod words;

use serde::Serialize;
use tickmark_catalog::{CheckMode, ChecklistItem, catalog};

use crate::value::{Report, Subservice, SubserviceMethod};

pub use file::{AuditFile, MemberFacts, SignOffFacts, SubserviceAssertionFacts};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is as it must be.
    Pass,
    /// It is not.
    Fail {
        /// What is wrong, in words.
        why: String,
    },
    /// It does not apply to this report.
    NotApplicable {
        /// Why not.
        why: String,
    },
    /// A person must answer it.
    Question,
}

/// One item of the checklist and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The item's id.
    pub id: String,
    /// The part of the report it looks at.
    pub section: String,
    /// What must be so.
    pub check: String,
    /// What was found.
    pub verdict: Verdict,
}

/// What rules look at.
#[derive(Clone, Copy)]
struct Examined<'a> {
    report: &'a Report,
    file: &'a AuditFile,
}

impl<'a> Examined<'a> {
    /// The subservice organizations presented inclusively.
    fn included(self) -> impl Iterator<Item = &'a Subservice> {
        let all = self.report.description.subservice.iter();
        all.filter(|it| it.method == SubserviceMethod::Inclusive)
    }
}

/// A rule: looks and tells.
type Rule = fn(Examined<'_>) -> Verdict;

/// Runs every item of the checklist, in its order.
pub fn run(report: &Report, file: &AuditFile) -> Vec<Checked> {
    let examined = Examined { report, file };
    catalog()
        .checklist
        .iter()
        .map(|item| checked(item, examined))
        .collect()
}

/// The items that failed.
pub fn failures(checked: &[Checked]) -> impl Iterator<Item = &Checked> {
    checked
        .iter()
        .filter(|item| matches!(item.verdict, Verdict::Fail { .. }))
}

/// Whether the item called `id` has a rule.
pub fn has_rule(id: &str) -> bool {
    rule(id).is_some()
}

fn checked(item: &ChecklistItem, examined: Examined<'_>) -> Checked {
    Checked {
        id: item.id.clone(),
        section: item.section.clone(),
        check: item.check.clone(),
        verdict: verdict(item, examined),
    }
}

fn verdict(item: &ChecklistItem, examined: Examined<'_>) -> Verdict {
    if !item.applies.contains(&examined.report.meta.report_type) {
        return not_applicable("not for this kind of report");
    }
    match (item.mode, rule(&item.id)) {
        (CheckMode::Assisted, _) => Verdict::Question,
        (CheckMode::Auto, Some(rule)) => rule(examined),
        (CheckMode::Auto, None) => fail("this version has no rule for the item"),
    }
}

fn rule(id: &str) -> Option<Rule> {
    match id.get(..2)? {
        "CV" => cover::rule(id),
        "AR" => auditor_report::rule(id),
        "MA" => assertion::rule(id),
        "SD" => description::rule(id),
        "TC" => tests_of_controls::rule(id),
        "OI" => other_information::rule(id),
        "FG" => gates::rule(id),
        _ => None,
    }
}

fn fail(why: impl Into<String>) -> Verdict {
    Verdict::Fail { why: why.into() }
}

fn not_applicable(why: impl Into<String>) -> Verdict {
    Verdict::NotApplicable { why: why.into() }
}

/// Passes when `holds`, else fails with `why`.
fn when(holds: bool, why: impl Into<String>) -> Verdict {
    if holds { Verdict::Pass } else { fail(why) }
}

/// Passes when nothing is listed, else fails and lists.
fn none_of(offenders: &[String], why: &str) -> Verdict {
    when(
        offenders.is_empty(),
        format!("{why}: {}", offenders.join(", ")),
    )
}
