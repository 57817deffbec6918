//! Long work that pages and programs start alike.
//!
//! What must hold: whoever starts it is its actor and alone may end it; what it
//! came to leads to the page that shows it.

use tickmark_catalog::ControlTestId;

use crate::fault::Answer;
use crate::format;
use crate::jobs::{End, end_of, told};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// Verifies the company's ledger; the id of the job.
///
/// # Errors
/// When this server holds no company, or nobody is signed in.
pub fn verify(visit: &Visit) -> Answer<u64> {
    let host = visit.company()?.clone();
    let title = t!("Verifying the ledger");
    let work = move |job: &_| match host.verify(job) {
        Ok(Some(size)) => End::Done {
            href: "/ledger".to_owned(),
            summary: t!(
                "{n} entries: every leaf, body, hash and signature holds",
                n = format::number(size)
            ),
        },
        Ok(None) => End::Cancelled,
        Err(problems) => End::Failed { problems },
    };
    Ok(visit.app().jobs().start(title, &visit.actor()?, work))
}

/// Makes every reconciliation again; the id of the job.
///
/// # Errors
/// As [`verify`].
pub fn reconcile(visit: &Visit) -> Answer<u64> {
    let (host, by) = (visit.company()?.clone(), visit.actor()?);
    let actor = by.clone();
    let work = move |_: &_| {
        let results = host.command_now(|company| company.reconcile(&actor));
        end_of(results.map(|results| {
            let failed = results.iter().filter(|it| !it.complete).count();
            let summary = tn!(
                failed,
                "{n} reconciliation does not match",
                "{n} reconciliations do not match"
            );
            ("/populations".to_owned(), summary)
        }))
    };
    Ok(visit.app().jobs().start(t!("Reconciling"), &by, work))
}

/// Runs control tests over the period; the id of the job. `only`: those to run,
/// all where it is empty; `href`: the page that shows what came of it.
///
/// # Errors
/// As [`verify`].
pub fn run_tests(visit: &Visit, only: Vec<ControlTestId>, href: String) -> Answer<u64> {
    let (host, by) = (visit.company()?.clone(), visit.actor()?);
    let actor = by.clone();
    let work = move |job: &_| {
        let wanted = (!only.is_empty()).then_some(only.as_slice());
        match host.run_tests(&actor, wanted, job) {
            Ok(Some(summary)) => End::Done { href, summary },
            Ok(None) => End::Cancelled,
            Err(error) => End::Failed {
                problems: told(&error.into_problems()),
            },
        }
    };
    let title = t!("Running control tests");
    Ok(visit.app().jobs().start(title, &by, work))
}
