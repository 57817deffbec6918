//! The report written once more from the ledgers, and compared.
//!
//! What must hold: pages are called the same only when their bytes are; of a
//! report that another build issued, what cannot be compared is said to be not
//! compared, never taken for granted.

use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_engagement::{EngagementState, ReportEntry, ReportIssued};
use tickmark_report::checks::AuditFile;

use super::Verification;
use crate::error::{Error, Result};
use crate::firm::Examined;
use crate::issue::{RenderPdf, Renderings, check, issuer, render};
use crate::report_facts::LedgerHead;

/// Writes and renders the report once more, runs the checks before issue, and
/// compares the bytes.
pub(super) fn write_again(
    before: &EngagementState,
    head: &LedgerHead,
    issued: &ReportIssued,
    examined: &Examined,
    pdf: RenderPdf<'_>,
    verification: &mut Verification,
) -> Result<()> {
    let entry = ReportEntry {
        id: issued.report.clone(),
        dated: issued.dated,
        released: issued.released.clone(),
    };
    let again = render(examined, before, &entry, head, pdf)?;
    let differing = differing(issued, &again);
    if issued.issuer.as_ref() == Some(&issuer()) {
        if let Some(name) = differing.first() {
            return Err(written_otherwise(name));
        }
    } else if !differing.is_empty() {
        return compare_value(issued, &differing, verification);
    }
    check(&again.report, &AuditFile::of(before, &examined.program)).map_err(blocked)?;
    verification.step(
        "the report, written again from the ledgers, has the same bytes",
        again.files.keys().cloned().collect::<Vec<_>>().join(", "),
    );
    Ok(())
}

/// Names of the files that come out with other bytes, or that only one of the
/// two has.
fn differing(issued: &ReportIssued, again: &Renderings) -> Vec<String> {
    let mut names: Vec<String> = issued.files.keys().cloned().collect();
    names.extend(again.files.keys().cloned());
    names.sort();
    names.dedup();
    names.retain(|name| {
        let written = again.files.get(name).map(|bytes| Sha256Hex::of(bytes));
        issued.files.get(name) != written.as_ref()
    });
    names
}

/// Of a report by another build, the value must still come out the same; its
/// pages cannot be compared.
fn compare_value(
    issued: &ReportIssued,
    differing: &[String],
    verification: &mut Verification,
) -> Result<()> {
    let value = format!("{}.json", issued.report);
    let (theirs, ours) = match &issued.issuer {
        Some(theirs) => told_apart(&theirs.tickmark, &issuer().tickmark),
        None => (
            "a build that does not say which".to_owned(),
            issuer().tickmark,
        ),
    };
    let told = |agrees: &str| {
        Problem::new(format!(
            "the report was issued by Tickmark {theirs}, this is {ours}"
        ))
        .cause(format!("the value {agrees}, the pages were not compared"))
        .hint(format!(
            "verify it with Tickmark {theirs} to compare the pages too"
        ))
    };
    if differing.contains(&value) {
        return Err(Error::Damaged(told("does not agree")));
    }
    verification.step(
        "the report's value, written again from the ledgers, is the same",
        value,
    );
    verification.not_compared = Some(told("agrees"));
    Ok(())
}

/// The two versions; where they are the same, their builds still are not.
fn told_apart(theirs: &str, ours: &str) -> (String, String) {
    if theirs == ours {
        let ours = format!("another build of {ours}");
        return (theirs.to_owned(), ours);
    }
    (theirs.to_owned(), ours.to_owned())
}

fn written_otherwise(name: &str) -> Error {
    Error::Damaged(
        Problem::new(format!("`{name}` does not verify"))
            .cause("written again from the ledgers it comes out differently"),
    )
}

/// A report that fails a check before issue was not issued by the rules.
fn blocked(error: Error) -> Error {
    match error {
        Error::Problems(problems) => {
            let first = problems.0.into_iter().next();
            let mut problem = Problem::new("the report fails a check that bars its issue");
            if let Some(first) = first {
                problem = problem.cause(first.message);
                problem.causes.extend(first.causes);
            }
            Error::Damaged(problem)
        }
        other => other,
    }
}
