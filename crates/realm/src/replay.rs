//! Going through a firm's entries again, rule by rule.
//!
//! What must hold: an entry that the rules of the engagement refuse does not
//! stand because somebody with the firm's key wrote it past them: what is
//! concluded rests on evidence that was there before, in the order of the
//! ladder, with reasons, signed by two.

use tickmark_catalog::Problem;
use tickmark_engagement::{EngagementEvent, EngagementState};

use crate::error::{Error, Result};
use crate::firm::Examined;
use crate::reliance::digests;
use crate::told::Told;

/// Puts every event of the engagement to the rules again; returns the state and
/// how many there were.
///
/// # Errors
/// The first entry that breaks a rule.
pub(crate) fn replay<'t>(
    told: impl IntoIterator<Item = &'t Told>,
    examined: &Examined,
) -> Result<(EngagementState, usize)> {
    let (basis, relied) = (examined.basis()?, digests(examined)?);
    let (mut state, mut count) = (EngagementState::default(), 0);
    for told in told {
        if !EngagementEvent::KINDS.contains(&told.kind.as_str()) {
            continue;
        }
        let Some(event) = told.event::<EngagementEvent>()? else {
            continue;
        };
        check_head(told, &event)?;
        if event.rests_on_evidence()
            && state.checkpoint.as_ref().map(|it| &it.results) != Some(&relied)
        {
            let why = match &state.checkpoint {
                None => "the firm had received no evidence yet".to_owned(),
                Some(it) => format!(
                    "the firm then relied on {} entries of the company, whose results were others",
                    it.size
                ),
            };
            return Err(breaks(told, &Problem::new(why)));
        }
        state
            .admits(&event, &basis)
            .map_err(|problem| breaks(told, &problem))?;
        state.apply(event);
        count += 1;
    }
    Ok((state, count))
}

/// What stands on the outside of an entry is what stands inside.
fn check_head(told: &Told, event: &EngagementEvent) -> Result<()> {
    if told.subject != event.subject() {
        let why = format!("it says it is about `{}`", event.subject());
        return Err(breaks(told, &Problem::new(why)));
    }
    match event.actor() {
        Some(signer) if signer.0 != told.actor => {
            let why = format!("it was entered by `{}`, signed by `{signer}`", told.actor);
            Err(breaks(told, &Problem::new(why)))
        }
        _ => Ok(()),
    }
}

fn breaks(told: &Told, problem: &Problem) -> Error {
    let mut found = Problem::new(format!(
        "entry {} of the firm's ledger breaks a rule of the engagement",
        told.index
    ))
    .cause(format!("{} on `{}`", told.kind, told.subject))
    .cause(problem.message.clone());
    found.causes.extend(problem.causes.iter().cloned());
    Error::Damaged(found)
}
