//! Appending: receipts, order, times, limits, many callers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::atomic::Ordering;
use tickmark_ledger::{LedgerEvent, NewEntry, hash::leaf_hash};

use crate::scratch::{ORIGIN, Scratch, append, key, message, note};

#[test]
fn receipts_name_index_and_leaf() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let first = ledger.append(vec![note(0), note(1)]).unwrap();
    let second = ledger.append(vec![note(2)]).unwrap();
    let reader = ledger.reader().unwrap();
    for (index, receipt) in (0..).zip(first.iter().chain(&second)) {
        assert_eq!(receipt.index, index);
        assert_eq!(receipt.leaf_hash, leaf_hash(&reader.leaf(index).unwrap()));
        assert_eq!(receipt.at, reader.entry(index).unwrap().at);
    }
}

#[test]
fn an_entry_is_small_canonical_json() {
    let scratch = Scratch::with_entries(1);
    let leaf = scratch.reader().leaf(0).unwrap();
    insta::assert_snapshot!(String::from_utf8(leaf).unwrap(), @r#"{"actor":"user-1","at":"2026-06-21T00:00:00Z","body":"99bb1b30ecfe93fbce2961bf58aacd2c3b7234303f4875b2c1190a79036b7817","idx":0,"kind":"sample.noted/1","subject":"note-0","v":1}"#);
}

#[test]
fn entries_come_back_with_their_bodies() {
    let scratch = Scratch::with_entries(2_500);
    let reader = scratch.reader();
    let records: Vec<_> = reader.entries(1_000..2_100).map(Result::unwrap).collect();
    assert_eq!(records.len(), 1_100);
    assert_eq!(records[0].entry.idx, 1_000);
    assert_eq!(records[1_099].value().unwrap().unwrap()["number"], 2_099);
    assert_eq!(reader.entries(2_499..9_999).count(), 1);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
enum SampleEvent {
    #[serde(rename = "sample.noted/1")]
    Noted { text: String },
    #[serde(rename = "sample.person_joined/1")]
    PersonJoined,
}

#[test]
fn typed_events_go_in_and_come_out() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let events = [
        SampleEvent::Noted {
            text: "sähen, \"gut\"".into(),
        },
        SampleEvent::PersonJoined,
    ];
    let entries = events
        .iter()
        .map(|event| NewEntry::from_event("user-1", "thing-1", event).unwrap());
    ledger.append(entries.collect()).unwrap();
    let reader = ledger.reader().unwrap();
    for (record, event) in reader.entries(0..2).zip(&events) {
        assert_eq!(
            record.unwrap().event::<SampleEvent>().unwrap().as_ref(),
            Some(event)
        );
    }
}

#[test]
fn time_never_goes_back_and_the_clock_is_told_when_it_did() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 1);
    scratch.seconds.fetch_sub(3_600, Ordering::SeqCst);
    append(&ledger, 1);
    let reader = ledger.reader().unwrap();
    let (first, second) = (reader.entry(0).unwrap(), reader.entry(1).unwrap());
    assert_eq!(second.at, first.at);
    assert_eq!(first.clock, None);
    assert_eq!(
        second.clock,
        Some(Timestamp::from_second(1_782_000_000 + 1 - 3_600).unwrap())
    );
}

#[test]
fn the_ledger_as_of_a_date_is_a_prefix() {
    let scratch = Scratch::with_entries(300);
    let reader = scratch.reader();
    let start = 1_782_000_000;
    for (second, size) in [
        (start - 1, 0),
        (start, 1),
        (start + 99, 100),
        (start + 9_999, 300),
    ] {
        let at = Timestamp::from_second(second).unwrap();
        assert_eq!(reader.size_as_of(at).unwrap(), size, "at {at}");
    }
}

#[test]
fn entries_that_cannot_be_kept_are_refused_whole() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let entry =
        |actor: &str, kind: &str, subject: &str| NewEntry::new(actor, kind, subject, json!(null));
    let kind = "sample.noted/1";
    let long = "x".repeat(65_535);
    let cases = [
        (
            entry("ann@fernhollow.example", kind, "s"),
            "looks like a mail address",
        ),
        (entry("user-1", kind, ""), "is empty"),
        (entry("Zoë", kind, "s"), "outside printable ASCII"),
        (
            entry("user-1", "noted", "s"),
            "is not a kind this ledger was opened with",
        ),
        (
            entry("user-1", "sample.other/1", "s"),
            "is not a kind this ledger was opened with",
        ),
        (entry("user-1", kind, &long), "exceeds the limit of 65535"),
        (
            NewEntry::new("u", kind, "s", json!({"n": 1_u64 << 60})),
            "exceeds 2^53 - 1",
        ),
        (
            NewEntry::new("u", kind, "s", json!("y".repeat(17 << 20))),
            "store it as an artifact",
        ),
    ];
    for (bad, expected) in cases {
        let told = message(ledger.append(vec![note(0), bad]));
        assert!(told.contains(expected), "{told} should say: {expected}");
    }
    assert_eq!(ledger.reader().unwrap().head().unwrap().size, 0);
}

#[test]
fn the_longest_entry_fits() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let fits = |length: usize| {
        let subject = "x".repeat(length);
        NewEntry::new("u", "sample.noted/1", subject, json!(0))
    };
    let longest = (64_000..65_535)
        .rev()
        .find(|&length| ledger.append(vec![fits(length)]).is_ok())
        .unwrap();
    let leaf = ledger.reader().unwrap().leaf(0).unwrap();
    assert!(
        leaf.len() <= 65_535 && longest > 65_000,
        "{} {longest}",
        leaf.len()
    );
}

#[test]
fn many_callers_share_commits_and_each_gets_its_own_receipts() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let workers: Vec<_> = (0..16_u64)
        .map(|worker| {
            let handle = ledger.handle();
            std::thread::spawn(move || {
                (0..20)
                    .flat_map(|n| {
                        handle
                            .append(vec![note(worker * 1_000 + n), note(9)])
                            .unwrap()
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let receipts: Vec<_> = workers
        .into_iter()
        .flat_map(|w| w.join().unwrap())
        .collect();
    let reader = ledger.reader().unwrap();
    assert_eq!(reader.head().unwrap().size, 640);
    for receipt in receipts {
        assert_eq!(
            leaf_hash(&reader.leaf(receipt.index).unwrap()),
            receipt.leaf_hash
        );
    }
}

#[test]
fn a_handle_outlives_its_ledger_harmlessly() {
    let scratch = Scratch::new();
    let handle = scratch.create().handle();
    assert_eq!(
        message(handle.append(vec![note(1)])),
        "the ledger is closed"
    );
}

#[test]
fn what_only_the_ledger_may_say_is_refused_from_others() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let rotated = LedgerEvent::KeyRotated {
        old_verifier_key: key(7).verifier_key(ORIGIN),
        new_verifier_key: key(8).verifier_key(ORIGIN),
        handover: None,
    };
    let erased = LedgerEvent::BodyErased {
        index: 0,
        legal_basis: "none".into(),
    };
    for event in [rotated, erased] {
        let entry = NewEntry::from_event("user-1", ORIGIN, &event).unwrap();
        let told = message(ledger.append(vec![entry]));
        assert!(
            told.contains("is only written by the ledger itself"),
            "{told}"
        );
    }
    assert_eq!(ledger.reader().unwrap().head().unwrap().size, 0);
}
