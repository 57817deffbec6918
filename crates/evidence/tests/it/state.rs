//! Events and their fold.

use jiff::Timestamp;
use tickmark_catalog::Sha256Hex;
use tickmark_evidence::{
    Completeness, EvidenceEvent, EvidenceState, Grade, ReconciliationResult, Rejects,
    SnapshotRecord,
};

use crate::setup::{Setup, instant, mapping};

fn snapshot(source_id: &str, observed_at: &str, content: &str) -> EvidenceEvent {
    let snapshot = SnapshotRecord {
        source_id: source_id.to_owned(),
        dataset: "leavers".to_owned(),
        dataset_version: 1,
        system: "HR".to_owned(),
        grade: Grade::ClientFile,
        manifest: Sha256Hex::of(format!("manifest of {content}").as_bytes()),
        derived: Sha256Hex::of(content.as_bytes()),
        row_count: 18,
        reject_count: 0,
        covers: None,
        observed_at: instant(observed_at),
    };
    EvidenceEvent::SnapshotRecorded { snapshot }
}

fn reconciliation(id: &str, read: &[&str], complete: bool) -> EvidenceEvent {
    let row = || vec![vec![Some("7".to_owned())]];
    let reconciliation = ReconciliationResult {
        id: id.to_owned(),
        definition: Sha256Hex::of(b"definition"),
        marks: vec!["leavers".to_owned()],
        read: read
            .iter()
            .map(|content| Sha256Hex::of(content.as_bytes()))
            .collect(),
        matched_count: 26,
        only_left: Vec::new(),
        only_right: if complete { Vec::new() } else { row() },
        repeated_left_count: 0,
        repeated_right_count: 0,
        complete,
    };
    EvidenceEvent::ReconciliationRecorded { reconciliation }
}

fn fold(events: &[EvidenceEvent]) -> EvidenceState {
    let mut state = EvidenceState::default();
    for (index, event) in events.iter().enumerate() {
        let at = Timestamp::from_second(index as i64).unwrap();
        state.apply(event, at).unwrap();
    }
    state
}

#[test]
fn the_current_snapshot_is_the_one_observed_last() {
    let check = |events: &[EvidenceEvent], expected: &[&str]| {
        let state = fold(events);
        let current: Vec<_> = state
            .current("leavers")
            .iter()
            .map(|found| found.derived.clone())
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|content| Sha256Hex::of(content.as_bytes()))
            .collect();
        assert_eq!(current, expected);
        assert_eq!(state.history("leavers").len(), events.len());
    };
    let (early, late) = ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    check(&[], &[]);
    check(
        &[
            snapshot("hris", early, "first"),
            snapshot("hris", late, "corrected"),
        ],
        &["corrected"],
    );
    check(
        &[
            snapshot("hris", late, "corrected"),
            snapshot("hris", early, "backfill"),
        ],
        &["corrected"],
    );
    check(
        &[
            snapshot("hris", early, "first"),
            snapshot("hris", early, "again"),
        ],
        &["again"],
    );
    check(
        &[
            snapshot("procurement", early, "contractors"),
            snapshot("hris", late, "employees"),
        ],
        &["employees", "contractors"],
    );
}

#[test]
fn completeness_follows_the_latest_comparison_of_current_rows() {
    let check = |events: &[EvidenceEvent], expected: Completeness| {
        assert_eq!(fold(events).completeness("leavers"), expected);
    };
    let first = || snapshot("hris", "2026-07-01T00:00:00Z", "first");
    let corrected = || snapshot("hris", "2026-07-02T00:00:00Z", "corrected");
    let failed = || Completeness::Incomplete {
        reasons: vec!["reconciliation `idp`: 26 matched, 0 only left, 1 only right".to_owned()],
    };
    check(&[], Completeness::NotShown);
    check(&[first()], Completeness::NotShown);
    check(
        &[first(), reconciliation("idp", &["first"], false)],
        failed(),
    );
    check(
        &[
            first(),
            reconciliation("idp", &["first"], false),
            corrected(),
        ],
        Completeness::NotShown,
    );
    check(
        &[
            first(),
            reconciliation("idp", &["first"], false),
            corrected(),
            reconciliation("idp", &["corrected"], true),
        ],
        Completeness::Complete,
    );
    check(
        &[
            first(),
            reconciliation("idp", &["first"], false),
            reconciliation("payroll", &["first"], true),
        ],
        failed(),
    );
}

#[test]
fn events_keep_their_kind_through_json() {
    let setup = Setup::new();
    setup.write("a.csv", "id\n1\n1\n");
    let text = mapping("format = \"csv\"\nfiles = [\"a.csv\"]", &[]);
    let imported = setup.import(&text, Rejects::Accept).unwrap();
    let events = [
        EvidenceEvent::snapshot(&imported),
        EvidenceEvent::rejects(&imported, "test rows of the vendor").unwrap(),
        reconciliation("idp", &["first"], false),
    ];
    for event in &events {
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["kind"], event.kind());
        assert!(EvidenceEvent::KINDS.contains(&event.kind()));
        assert_eq!(
            serde_json::from_value::<EvidenceEvent>(json).unwrap(),
            *event
        );
    }
    assert_eq!(
        events.each_ref().map(EvidenceEvent::subject),
        ["source:things", "source:things", "reconciliation:idp"]
    );
    let state = fold(&events);
    let accepted = state.accepted_rejects(&imported.manifest_sha256).unwrap();
    assert_eq!(accepted.value.reject_count, 1);
}

#[test]
fn refuses_what_it_does_not_know() {
    let unknown = r#"{"kind":"evidence.snapshot_recorded/9","body":{}}"#;
    assert!(serde_json::from_str::<EvidenceEvent>(unknown).is_err());
    let stray = EvidenceEvent::RejectsAccepted {
        source_id: "hris".to_owned(),
        manifest: Sha256Hex::of(b"never recorded"),
        rejects: Sha256Hex::of(b"rejects"),
        reject_count: 1,
        reason: "…".to_owned(),
    };
    assert!(
        EvidenceState::default()
            .apply(&stray, instant("2026-07-01T00:00:00Z"))
            .is_err()
    );
}

/// One entry of every kind, as the first release wrote it.
const GOLDEN: &str = include_str!("../data/events.ndjson");

#[test]
fn entries_of_the_first_release_are_read_and_written_alike() {
    let events: Vec<EvidenceEvent> = GOLDEN
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = events.iter().map(EvidenceEvent::kind).collect();
    assert_eq!(kinds, EvidenceEvent::KINDS);
    for (event, line) in events.iter().zip(GOLDEN.lines()) {
        assert_eq!(serde_json::to_string(event).unwrap(), line);
    }
    let state = fold(&events);
    assert_eq!(state.artifacts().count(), 1);
    assert!(matches!(
        state.completeness("leavers"),
        Completeness::Incomplete { .. }
    ));
}
