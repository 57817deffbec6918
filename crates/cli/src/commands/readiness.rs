//! `tickmark readiness`: the truth about where the program stands.

use tickmark_realm::{CompanyState, Folded, Moment, Readiness, Realm, Result, readiness};

use super::Session;
use crate::output::{BAD, GOOD, styled};

/// Shows the readiness picture; exit code 1 when anything needs a look.
///
/// # Errors
/// When no program was recorded by then.
pub fn run(session: &Session, at: Option<Moment>) -> Result<u8> {
    let workspace = session.open()?.expect(Realm::Company)?;
    let state = CompanyState::read(&workspace, at)?;
    let readiness = readiness(&state)?;
    session.output.print(&readiness, || text(&readiness))?;
    let fine = readiness.incomplete_populations.is_empty()
        && readiness.criteria.iter().all(|it| {
            it.with_deviations.is_empty()
                && it.not_tested.is_empty()
                && it.without_evidence.is_empty()
        });
    Ok(u8::from(
        !fine || !readiness.criteria_without_controls.is_empty(),
    ))
}

fn text(readiness: &Readiness) -> String {
    let mut text = format!(
        "{:<8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}\n",
        "", "controls", "fine", "deviate", "nothing", "not", "document", "no"
    );
    text.push_str(&format!(
        "{:<8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}\n",
        "", "", "", "", "occurred", "tested", "only", "evidence"
    ));
    for it in &readiness.criteria {
        let line = format!(
            "{:<8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}",
            it.criterion.to_string(),
            it.controls,
            it.without_deviations.len(),
            it.with_deviations.len(),
            it.no_occurrence.len(),
            it.not_tested.len(),
            it.by_document_only.len(),
            it.without_evidence.len(),
        );
        let bad = it.controls == 0
            || !it.with_deviations.is_empty()
            || !it.not_tested.is_empty()
            || !it.without_evidence.is_empty();
        text.push_str(&format!("{}\n", styled(if bad { BAD } else { GOOD }, line)));
    }
    for (dataset, reasons) in &readiness.incomplete_populations {
        text.push_str(&styled(
            BAD,
            format!(
                "population `{dataset}` is not complete: {}\n",
                reasons.join("; ")
            ),
        ));
    }
    if !readiness.missing_populations.is_empty() {
        text.push_str(&format!(
            "never imported: {}\n",
            readiness.missing_populations.join(", ")
        ));
    }
    if !readiness.populations_not_reconciled.is_empty() {
        text.push_str(&format!(
            "completeness not shown: {}\n",
            readiness.populations_not_reconciled.join(", ")
        ));
    }
    text
}
