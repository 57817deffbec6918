//! A file of decisions put on file again: unchanged, changed, and after the firm
//! came to rely on other results.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use tickmark_catalog::{Problems, Sha256Hex};
use tickmark_engagement::{
    Basis, CheckpointRelied, Decisions, EngagementEvent, EngagementState, Procedures,
};

use crate::broken::{PROCEDURES, SMALL, basis};

fn decide(
    state: &EngagementState,
    text: &str,
    procedures: &str,
    basis: &Basis,
) -> Result<Vec<EngagementEvent>, Problems> {
    let procedures = Procedures::parse("procedures.toml", procedures).unwrap();
    Decisions::parse("decisions.toml", text)
        .unwrap()
        .decide(state, &procedures, basis)
}

/// The state after everything in the small file.
fn decided() -> EngagementState {
    let mut state = EngagementState::default();
    state.apply(relied(1));
    for event in decide(&state, SMALL, PROCEDURES, &basis()).unwrap() {
        state.apply(event);
    }
    state
}

/// Relying on the results that `seed` stands for.
fn relied(seed: u8) -> EngagementEvent {
    EngagementEvent::CheckpointRelied(CheckpointRelied {
        origin: "tickmark.dev/company/fernhollow".to_owned(),
        size: u64::from(seed),
        note: format!("checkpoint {seed}"),
        results: BTreeMap::from([(
            "access-removed-on-leaving".parse().unwrap(),
            Sha256Hex::of(&[seed]),
        )]),
    })
}

fn changed(from: &str, to: &str) -> String {
    assert_eq!(SMALL.matches(from).count(), 1, "`{from}`");
    SMALL.replace(from, to)
}

fn named(events: &[EngagementEvent]) -> Vec<String> {
    let name = |event: &EngagementEvent| format!("{} {}", event.kind(), event.subject());
    events.iter().map(name).collect()
}

fn first_of(result: Result<Vec<EngagementEvent>, Problems>) -> String {
    result.unwrap_err().0[0].to_string()
}

#[test]
fn what_is_on_file_is_not_recorded_twice() {
    let again = decide(&decided(), SMALL, PROCEDURES, &basis()).unwrap();
    assert_eq!(named(&again), Vec::<String>::new());
}

#[test]
fn only_what_changed_is_recorded() {
    let text = changed(
        "note = \"Covers the period and the time to the date of the report.\"",
        "note = \"Covers the period and the time up to the report.\"",
    );
    let again = decide(&decided(), &text, PROCEDURES, &basis()).unwrap();
    assert_eq!(
        named(&again),
        ["engagement.letter_received/1 representation_letter"]
    );
}

#[test]
fn what_was_concluded_from_it_follows_a_change() {
    // The conclusion is the same; what it was computed from is not.
    let text = changed("harm = \"None found.\"", "harm = \"None was found.\"");
    let again = decide(&decided(), &text, PROCEDURES, &basis()).unwrap();
    assert_eq!(
        named(&again),
        [
            "engagement.deviation_evaluated/1 D-01",
            "engagement.control_concluded/1 TM-048"
        ]
    );
}

#[test]
fn what_is_on_file_is_not_unsaid() {
    let one = &PROCEDURES[..PROCEDURES.rfind("[[procedure]]").unwrap()];
    let left = decide(&decided(), SMALL, one, &basis());
    assert_snapshot!(left.unwrap_err(), @r#"
    error: procedure `WP-TM-072-002` is on file, and is not in the files any more
    hint: put it back, changed where it was wrong; new procedures go to the end of their file
    "#);
    // Under another number the same work is other work.
    let swapped = format!(
        "{}{one}",
        &PROCEDURES[PROCEDURES.rfind("[[procedure]]").unwrap()..]
    );
    assert_snapshot!(first_of(decide(&decided(), SMALL, &swapped, &basis())), @r#"
    error: procedure `WP-TM-002-001` is on file, and is not in the files any more
    hint: put it back, changed where it was wrong; new procedures go to the end of their file
    "#);
}

#[test]
fn terms_and_samples_stand() {
    let terms = changed("tolerable_rate = \"0.10\"", "tolerable_rate = \"0.05\"");
    assert_snapshot!(first_of(decide(&decided(), &terms, PROCEDURES, &basis())), @r#"
    error: engagement `small-2026` is open already, on other terms
      --> decisions.toml:4
    hint: put the terms back as they were agreed; another engagement has a workspace of its own
    "#);
    let nonce = changed("nonce = \"small\"", "nonce = \"luckier\"");
    assert_snapshot!(first_of(decide(&decided(), &nonce, PROCEDURES, &basis())), @r#"
    error: sample `S-01` was drawn already, otherwise
      --> decisions.toml:43
    hint: a sample is extended, never drawn again
    "#);
}

#[test]
fn what_rests_on_other_results_lapses() {
    let mut state = decided();
    let before = state.clone();
    state.apply(relied(1));
    assert_eq!(state, before, "the same results");
    state.apply(relied(2));
    let (terms, members, letters) = (&state.terms, &state.members, &state.letters);
    assert_eq!(
        (terms, members, letters),
        (&before.terms, &before.members, &before.letters)
    );
    assert_eq!(state.lapsed_samples.len(), before.samples.len());
    let mut bare = EngagementState {
        lapsed_samples: state.lapsed_samples.clone(),
        terms: before.terms.clone(),
        members: before.members.clone(),
        letters: before.letters.clone(),
        ..EngagementState::default()
    };
    bare.apply(relied(2));
    assert_eq!(state, bare, "nothing else stands");
    // All of it can be done anew, the sample included: its population may be another.
    let again = decide(&state, SMALL, PROCEDURES, &basis()).unwrap();
    let resting = |event: &&EngagementEvent| event.rests_on_evidence();
    let first = decide(&EngagementState::default(), SMALL, PROCEDURES, &basis()).unwrap();
    let first: Vec<EngagementEvent> = first.iter().filter(resting).cloned().collect();
    assert_eq!(again, first);
    let luckier = changed("nonce = \"small\"", "nonce = \"luckier\"");
    assert_snapshot!(first_of(decide(&state, &luckier, PROCEDURES, &basis())), @r#"
    error: sample `S-01` would draw again from the population of sample `S-01`
      Caused by: it lapsed, but its population is still the same
      --> decisions.toml:43
    hint: draw with its nonce, `small`: a sample is extended, never drawn again
    "#);
}
