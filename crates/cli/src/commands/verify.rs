//! `tickmark verify`: from the page back to the row.

use tickmark_catalog::Problem;
use tickmark_ledger::verifier::{Failure, VerifierKey};
use tickmark_realm::Result;
use tickmark_realm::verify::{Trust, Verification, verify};

use super::Session;
use super::examination::pdf_in_child;
use crate::args::VerifyArgs;
use crate::output::{BAD, FAINT, GOOD, styled};

/// Verifies and says each step; exit code 3 when something does not hold, 1 when
/// something holds as far as this build can compare it.
///
/// # Errors
/// When there is nothing to verify or a key is no key.
pub fn run(session: &Session, args: &VerifyArgs) -> Result<u8> {
    let trust = Trust {
        company: args.company_key.as_deref().map(key).transpose()?,
        firm: args.firm_key.as_deref().map(key).transpose()?,
        witnesses: args
            .witness_key
            .iter()
            .map(|line| judged(line, VerifierKey::of_witness(line)))
            .collect::<Result<_>>()?,
    };
    let bar = super::progress(session, "verifying");
    let verification = verify(
        &args.path,
        &trust,
        session.surroundings.executable(),
        &|report| pdf_in_child(report),
    );
    bar.finish();
    let verification = verification?;
    session
        .output
        .print(&verification, || text(&verification))?;
    Ok(if verification.failure.is_some() {
        3
    } else {
        u8::from(!verification.holds())
    })
}

/// The verifier key of a ledger, from its line.
///
/// # Errors
/// When the line is no verifier key of a ledger.
pub fn key(line: &str) -> Result<VerifierKey> {
    judged(line, VerifierKey::of_log(line))
}

fn judged(line: &str, parsed: Result<VerifierKey, Failure>) -> Result<VerifierKey> {
    parsed.map_err(|failure| {
        Problem::new(format!("`{line}` is no verifier key that can be used here"))
            .cause(failure.why)
            .into()
    })
}

fn text(verification: &Verification) -> String {
    let mut text = String::new();
    for step in &verification.steps {
        text.push_str(&format!(
            "{} {} {}\n",
            styled(GOOD, "✓"),
            step.what,
            styled(FAINT, format!("({})", step.detail))
        ));
    }
    for note in &verification.notes {
        text.push_str(&format!("{} {note}\n", styled(FAINT, "!")));
    }
    match (&verification.failure, &verification.not_compared) {
        (None, Some(problem)) => text.push_str(&format!(
            "{} the {} holds, but not everything was compared\n{problem}\n",
            styled(BAD, "!"),
            verification.subject
        )),
        (None, None) => text.push_str(&format!(
            "the {} is genuine and can be recomputed\n",
            verification.subject
        )),
        (Some(problem), _) => text.push_str(&format!(
            "{} the {} does not verify\n{problem}\n",
            styled(BAD, "✗"),
            verification.subject
        )),
    }
    text
}
