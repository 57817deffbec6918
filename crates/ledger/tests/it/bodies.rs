//! Erasure: the body goes without a trace, every proof stays.

use std::fs;

use serde_json::json;
use tickmark_ledger::package::export_package;
use tickmark_ledger::verifier::{Erasure, read_bodies, verify_bodies, verify_directory};
use tickmark_ledger::{Ledger, LedgerEvent, NewEntry};

use crate::scratch::{Scratch, append, log_key, message};

const SECRET: &str = "Philippa Quillfeather";

/// A ledger of 300 entries, the one at index 7 about a person.
fn with_person(scratch: &Scratch) -> Ledger {
    let ledger = scratch.create();
    append(&ledger, 7);
    let person = NewEntry::new(
        "user-1",
        "sample.person_joined/1",
        "person-9",
        json!({"name": SECRET}),
    );
    ledger.append(vec![person]).unwrap();
    append(&ledger, 292);
    ledger
}

#[test]
fn an_erased_body_leaves_no_byte_behind() {
    let scratch = Scratch::new();
    let ledger = with_person(&scratch);
    assert!(folder_holds(&scratch, SECRET));
    let receipt = ledger.erase("user-1", 7, "GDPR article 17(1)(a)").unwrap();
    assert!(!folder_holds(&scratch, SECRET));
    drop(ledger);
    assert!(!folder_holds(&scratch, SECRET));

    let ledger = scratch.open().unwrap();
    let reader = ledger.reader().unwrap();
    assert_eq!(reader.entries(7..8).next().unwrap().unwrap().body, None);
    let erasure = reader.entries(receipt.index..301).next().unwrap().unwrap();
    let expected = LedgerEvent::BodyErased {
        index: 7,
        legal_basis: "GDPR article 17(1)(a)".into(),
    };
    assert_eq!(erasure.event::<LedgerEvent>().unwrap(), Some(expected));
    assert_eq!(reader.root_at(301).unwrap(), reader.head().unwrap().root);
}

#[test]
fn erasures_that_make_no_sense_are_refused() {
    let scratch = Scratch::new();
    let ledger = with_person(&scratch);
    ledger.erase("user-1", 7, "consent withdrawn").unwrap();
    let told = |index, basis: &str| message(ledger.erase("user-1", index, basis));
    assert_eq!(
        told(7, "again"),
        "the body of entry 7 has been erased already"
    );
    assert_eq!(told(9_999, "x"), "there is no entry 9999 in this ledger");
    assert!(told(300, "x").contains("is needed to verify the ledger"));
    assert!(told(8, "  ").contains("needs a legal basis"));
    assert_eq!(ledger.reader().unwrap().head().unwrap().size, 301);
}

#[test]
fn a_package_opens_every_commitment_and_lists_what_was_erased() {
    let scratch = Scratch::new();
    let ledger = with_person(&scratch);
    ledger.erase("user-1", 7, "consent withdrawn").unwrap();
    let package = scratch.path("package");
    let note = ledger.checkpoint().unwrap();
    export_package(&ledger.reader().unwrap(), &note, &package).unwrap();
    let verified = verify_directory(&package.join("ledger"), &log_key(), &[]).unwrap();
    let bodies = package.join("bodies.ndjson");
    let (records, erased) = read_bodies(&bodies, &verified).unwrap();
    let expected = [Erasure {
        index: 7,
        kind: "sample.person_joined/1".into(),
        recorded_as: 300,
        legal_basis: "consent withdrawn".into(),
    }];
    assert_eq!(erased, expected);
    let checked = verify_bodies(&bodies, &verified).unwrap();
    assert_eq!(
        (checked.opened, checked.erased.as_slice()),
        (300, &expected[..])
    );
    assert_eq!(records.len(), 301);
    assert_eq!(records[7].body, None);
    assert_eq!(
        records[8].body,
        Some(json!({"number": 0, "text": "found in order"}))
    );
}

#[test]
fn a_changed_bodies_file_is_refused() {
    let scratch = Scratch::new();
    let ledger = with_person(&scratch);
    ledger.erase("user-1", 7, "consent withdrawn").unwrap();
    let package = scratch.path("package");
    export_package(
        &ledger.reader().unwrap(),
        &ledger.checkpoint().unwrap(),
        &package,
    )
    .unwrap();
    let verified = verify_directory(&package.join("ledger"), &log_key(), &[]).unwrap();
    let path = package.join("bodies.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let erased = lines[7];
    let cases = [
        (
            text.replacen("found in order", "found in ordeR", 1),
            "is not the one that was recorded",
        ),
        (
            text.replacen("\"salt\":\"", "\"salt\":\"00", 1),
            "its salt is not 32 bytes in hexadecimal",
        ),
        (
            text.replacen(&format!("{}\n", lines[9]), "", 1),
            "entry 9: its body is not listed",
        ),
        (text.replacen(erased, lines[8], 1), "it is listed twice"),
        (
            text.replacen(lines[8], &erased.replace('7', "8"), 1),
            "gone without an entry that records",
        ),
        (
            format!("{text}{}\n", erased.replace('7', "999")),
            "the ledger has no such entry",
        ),
        (
            format!("{text}what\n"),
            "bodies.ndjson:302: it is not a line of a bodies file",
        ),
    ];
    for (changed, expected) in cases {
        fs::write(&path, changed).unwrap();
        let told = verify_bodies(&path, &verified).unwrap_err().to_string();
        assert!(told.contains(expected), "{told} should say: {expected}");
    }
}

/// Whether any file of the ledger contains the text.
fn folder_holds(scratch: &Scratch, text: &str) -> bool {
    fs::read_dir(scratch.path("")).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file()
            && fs::read(path)
                .unwrap()
                .windows(text.len())
                .any(|window| window == text.as_bytes())
    })
}
