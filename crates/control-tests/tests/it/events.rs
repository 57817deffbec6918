//! Events: their written form does not change, and the state is their fold.

use jiff::Timestamp;
use tickmark_control_tests::{ControlTestsEvent, ControlTestsState};

use crate::sample::{result, test};

fn at() -> Timestamp {
    "2026-07-05T12:00:00Z".parse().unwrap()
}

#[test]
fn events_are_written_with_kind_and_body() {
    let defined = ControlTestsEvent::defined(&test());
    let run = ControlTestsEvent::run_recorded(&result(26, 1, 0, 0)).unwrap();
    let removed = ControlTestsEvent::removed(test().id);
    for event in [&defined, &removed, &run] {
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["kind"], event.kind());
        assert!(ControlTestsEvent::KINDS.contains(&event.kind()));
        assert_eq!(event.subject(), "access-removed");
        assert_eq!(
            &serde_json::from_value::<ControlTestsEvent>(json).unwrap(),
            event
        );
    }
    let json = serde_json::to_value(&run).unwrap();
    assert_eq!(json["body"]["outcome"]["outcome"], "deviations");
    assert_eq!(json["body"]["counts"]["population"], 27);
}

#[test]
fn unknown_kinds_and_fields_are_refused() {
    for json in [
        r#"{"kind": "control_tests.defined/2", "body": {}}"#,
        r#"{"kind": "control_tests.defined/1", "body": {"id": "a", "extra": 1}}"#,
    ] {
        assert!(
            serde_json::from_str::<ControlTestsEvent>(json).is_err(),
            "{json}"
        );
    }
}

#[test]
fn the_state_holds_definitions_and_latest_runs() {
    let mut state = ControlTestsState::default();
    let run = ControlTestsEvent::run_recorded(&result(26, 1, 0, 0)).unwrap();
    assert_eq!(
        state.apply(&run, at()).unwrap_err().message,
        "a run of control test `access-removed` is recorded before its definition"
    );
    assert!(!state.is_defined_as(&test()));
    state
        .apply(&ControlTestsEvent::defined(&test()), at())
        .unwrap();
    assert!(state.is_defined_as(&test()));
    state.apply(&run, at()).unwrap();
    let again = result(27, 0, 0, 0);
    state
        .apply(&ControlTestsEvent::run_recorded(&again).unwrap(), at())
        .unwrap();
    assert_eq!(state.runs.len(), 1);
    assert_eq!(state.runs.values().next().unwrap().0.counts.deviations, 0);
    assert_eq!(
        state.result_of(&again.key().unwrap()).unwrap(),
        again.sha256().unwrap()
    );
}

#[test]
fn what_was_removed_is_no_longer_in_force_and_cannot_run() {
    let mut state = ControlTestsState::default();
    let removed = ControlTestsEvent::removed(test().id);
    assert_eq!(
        state.apply(&removed, at()).unwrap_err().message,
        "control test `access-removed` is removed without being in force"
    );
    state
        .apply(&ControlTestsEvent::defined(&test()), at())
        .unwrap();
    let run = ControlTestsEvent::run_recorded(&result(26, 1, 0, 0)).unwrap();
    state.apply(&run, at()).unwrap();
    state.apply(&removed, at()).unwrap();
    assert!(state.defined.is_empty());
    assert_eq!(state.runs.len(), 1, "what was run stays on the record");
    assert!(state.apply(&run, at()).is_err());
}
