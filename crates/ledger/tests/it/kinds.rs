//! One real entry of every kind the ledger writes itself. These lines are in
//! ledgers out there: a change that breaks them needs a new version of the kind.

use std::fs;

use tickmark_ledger::{Ledger, LedgerEvent, NewEntry};

use crate::scratch::{ORIGIN, Scratch, append, copy, key};

/// Kind and body of every own entry, one a line, after each has been decoded
/// and encoded again.
fn own_entries(scratch: &Scratch) -> String {
    let mut lines = Vec::new();
    for record in scratch.reader().entries(0..u64::MAX) {
        let record = record.unwrap();
        if LedgerEvent::KINDS.contains(&record.entry.kind.as_str()) {
            let event: LedgerEvent = record.event().unwrap().unwrap();
            assert_eq!(event.kind(), record.entry.kind);
            let again = NewEntry::from_event("a", "b", &event).unwrap();
            assert_eq!(Some(again.body), record.value().unwrap());
            let body = String::from_utf8(record.body.unwrap().bytes).unwrap();
            lines.push(format!(
                "{} {} {body}",
                record.entry.kind, record.entry.subject
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn every_own_kind_reads_as_it_always_did() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let verifier_key = key(7).verifier_key(ORIGIN);
    let opened = LedgerEvent::Opened {
        origin: ORIGIN.into(),
        verifier_key,
    };
    let opened = NewEntry::from_event("user-1", ORIGIN, &opened).unwrap();
    ledger.append(vec![opened]).unwrap();
    append(&ledger, 2);
    ledger.erase("user-1", 1, "GDPR article 17(1)(b)").unwrap();
    ledger.rotate_key("user-1", key(9)).unwrap();
    drop(ledger);
    let with_new_key = || {
        let mut settings = scratch.settings();
        settings.key = key(9);
        settings
    };
    copy(&scratch.database(), &scratch.path("backup"));
    let ledger = Ledger::open(with_new_key()).unwrap();
    append(&ledger, 1);
    ledger.checkpoint().unwrap();
    drop(ledger);
    fs::rename(scratch.path("backup"), scratch.database()).unwrap();
    drop(Ledger::open_epoch(with_new_key(), "user-1", "the disk failed").unwrap());
    let found = own_entries(&scratch);
    assert!(LedgerEvent::KINDS.iter().all(|kind| found.contains(kind)));
    insta::assert_snapshot!(found, @r#"
    ledger.opened/1 fernhollow.example/ledger {"origin":"fernhollow.example/ledger","verifier_key":"fernhollow.example/ledger+c27c3c60+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"}
    ledger.body_erased/1 entry-1 {"index":1,"legal_basis":"GDPR article 17(1)(b)"}
    ledger.key_rotated/1 fernhollow.example/ledger {"handover":"fernhollow.example/ledger\n4\nAw2Y/hy0H9kX0TtI0wozJJbQsEiazx6sxQqfIMAsFac=\nkey-rotated-to fernhollow.example/ledger+e202b07b+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY\n\n— fernhollow.example/ledger wnw8YGT+E3yKh6/RDTWBrDAmXw+2BVo44FmLfiDlhJHWRCwWKghfLNSpS+zckBVDHluxFXGFiCs1E0k0dk8ZsRoGiAs=\n","new_verifier_key":"fernhollow.example/ledger+e202b07b+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY","old_verifier_key":"fernhollow.example/ledger+c27c3c60+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"}
    ledger.epoch_opened/1 fernhollow.example/ledger/2 {"entries_kept":5,"entries_lost":1,"history_differs":false,"last_checkpoint":"fernhollow.example/ledger\n6\niWbsWh8Ooq1/LMVo4aZWx++DZdCAwqbM6JBanR1wCJg=\n\n— fernhollow.example/ledger 4gKwe/CZ0HvQMie1wpEuHuP96d3KqTtzkcIitq3KrUHHJcZ8Mc+XYwmZE1BTsvKsZ4JLI12KO7gfLlQcmVt06rjiRQ0=\n","origin":"fernhollow.example/ledger/2","previous_origin":"fernhollow.example/ledger","reason":"the disk failed","verifier_key":"fernhollow.example/ledger/2+147eaf0d+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"}
    "#);
}
