//! A copy while others write, and whether the ledger can be written at all.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tickmark_ledger::fsck::{Against, fsck};
use tickmark_ledger::{LedgerError, LedgerReader, NewEntry};

use crate::scratch::{KINDS, Scratch, append, message};

fn findings(reader: &LedgerReader) -> Vec<String> {
    let against = Against {
        known_kinds: KINDS,
        ..Against::default()
    };
    let found = fsck(reader, against).unwrap();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_copy_made_while_entries_are_written_is_whole() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 300);
    let ends = AtomicBool::new(false);
    let mut sizes = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ends.load(Ordering::Relaxed) {
                append(&ledger, 3);
            }
        });
        for number in 0..5 {
            let copy = scratch.path(&format!("copy-{number}.db"));
            let before = scratch.reader().head().unwrap().size;
            scratch.reader().copy_to(&copy).unwrap();
            let copied = LedgerReader::open(&copy).unwrap();
            let size = copied.head().unwrap().size;
            assert!(size >= before, "{size} after {before}");
            assert_eq!(findings(&copied), Vec::<String>::new());
            sizes.push((copy, size));
        }
        ends.store(true, Ordering::Relaxed);
    });
    let whole = scratch.reader();
    for (copy, size) in sizes {
        let copied = LedgerReader::open(&copy).unwrap();
        assert_eq!(copied.head().unwrap().root, whole.root_at(size).unwrap());
    }
}

#[test]
fn a_copy_replaces_nothing_and_holds_nothing_that_was_erased() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let person = NewEntry::new(
        "user-1",
        "sample.person_joined/1",
        "person-9",
        json!({"name": "Philippa Quillfeather"}),
    );
    ledger.append(vec![person]).unwrap();
    let index = ledger
        .reader()
        .unwrap()
        .entries(0..9)
        .position(|it| it.unwrap().entry.subject == "person-9")
        .unwrap();
    ledger
        .erase("user-1", index as u64, "GDPR article 17(1)(a)")
        .unwrap();
    let copy = scratch.path("copy.db");
    scratch.reader().copy_to(&copy).unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    assert!(!bytes.windows(12).any(|part| part == b"Quillfeather"));
    assert_eq!(
        findings(&LedgerReader::open(&copy).unwrap()),
        Vec::<String>::new()
    );
    let again = message(scratch.reader().copy_to(&copy));
    assert!(again.contains("already exists"), "{again}");
}

#[test]
fn a_ledger_that_stopped_says_that_it_cannot_be_written() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 2);
    ledger.check_writable().unwrap();
    let other = rusqlite::Connection::open(scratch.database()).unwrap();
    let failing = "CREATE TRIGGER failing BEFORE INSERT ON entry
        BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END";
    other.execute_batch(failing).unwrap();
    ledger.check_writable().unwrap();
    let failed = ledger.append(vec![crate::scratch::note(1)]).unwrap_err();
    assert!(matches!(failed, LedgerError::Stopped(_)), "{failed}");
    let told = ledger.check_writable().unwrap_err();
    assert!(matches!(told, LedgerError::Stopped(_)), "{told}");
}
