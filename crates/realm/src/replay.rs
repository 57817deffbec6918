//! Going through a firm's entries again, rule by rule.
//!
//! What must hold: an entry that the rules of the engagement refuse does not
//! stand because somebody with the firm's key wrote it past them: what is
//! concluded rests on evidence that was there before, in the order of the
//! ladder, with reasons, signed by two.

use std::collections::BTreeMap;

use tickmark_catalog::{ControlTestId, Problem, Sha256Hex};
use tickmark_engagement::{EngagementEvent, EngagementState};

use crate::error::{Error, Result};
use crate::firm::Examined;
use crate::reliance::digests;
use crate::told::Told;

/// Puts every event of the engagement to the rules again; returns the state and
/// how many there were.
///
/// Work done on results that the firm then stopped relying on has lapsed: the
/// evidence it stood on is not here to hold it against, and nothing stands on it.
///
/// # Errors
/// The first entry that breaks a rule.
pub(crate) fn replay<'t>(
    told: impl IntoIterator<Item = &'t Told>,
    examined: &Examined,
) -> Result<(EngagementState, usize)> {
    let (basis, relied) = (examined.basis()?, digests(examined)?);
    let events = events(told)?;
    let lapsed = lapsed(&events);
    let mut state = EngagementState::default();
    let count = events.len();
    for (position, (told, event)) in events.into_iter().enumerate() {
        check_head(told, &event)?;
        if position >= lapsed || !event.rests_on_evidence() {
            refuse_other_evidence(told, &event, &state, &relied)?;
            state
                .admits(&event, &basis)
                .map_err(|problem| breaks(told, &problem))?;
        }
        state.apply(event);
    }
    Ok((state, count))
}

/// The events of the engagement among a firm's entries, each with its entry.
///
/// # Errors
/// An entry whose body does not fit its kind.
fn events<'t>(
    told: impl IntoIterator<Item = &'t Told>,
) -> Result<Vec<(&'t Told, EngagementEvent)>> {
    let mut events = Vec::new();
    for told in told {
        if EngagementEvent::KINDS.contains(&told.kind.as_str())
            && let Some(event) = told.event::<EngagementEvent>()?
        {
            events.push((told, event));
        }
    }
    Ok(events)
}

/// Position of the last event by which the firm came to rely on other results.
fn lapsed(events: &[(&Told, EngagementEvent)]) -> usize {
    let mut last = 0;
    let mut before = None;
    for (position, (_, event)) in events.iter().enumerate() {
        if let EngagementEvent::CheckpointRelied(relied) = event
            && let Some(before) = before.replace(relied)
            && relied.lets_lapse(before)
        {
            last = position;
        }
    }
    last
}

fn refuse_other_evidence(
    told: &Told,
    event: &EngagementEvent,
    state: &EngagementState,
    relied: &BTreeMap<ControlTestId, Sha256Hex>,
) -> Result<()> {
    let why = match &state.checkpoint {
        _ if !event.rests_on_evidence() => return Ok(()),
        Some(it) if it.results == *relied => return Ok(()),
        None => "the firm had received no evidence yet".to_owned(),
        Some(it) => format!(
            "the firm then relied on {} entries of the company, whose results were others",
            it.size
        ),
    };
    Err(breaks(told, &Problem::new(why)))
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
