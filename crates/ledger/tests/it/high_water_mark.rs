//! Restored copies: refused, until a new epoch is opened on purpose.

use std::fs;
use std::sync::Barrier;

use tickmark_ledger::export::export;
use tickmark_ledger::verifier::{VerifierKey, verify_directory};
use tickmark_ledger::{Ledger, LedgerError, LedgerEvent};

use crate::scratch::{ORIGIN, Scratch, append, copy, key, message, note};

/// A ledger of 5 signed entries, and a copy of it from when it had 3.
fn rolled_back() -> Scratch {
    let scratch = Scratch::with_entries(3);
    copy(&scratch.database(), &scratch.path("backup"));
    let ledger = scratch.open().unwrap();
    append(&ledger, 2);
    ledger.checkpoint().unwrap();
    drop(ledger);
    copy(&scratch.path("backup"), &scratch.database());
    scratch
}

#[test]
fn an_old_copy_is_refused() {
    let scratch = rolled_back();
    let told = message(scratch.open());
    assert!(
        told.contains("it holds 3 entries, the last signed head covered 5"),
        "{told}"
    );
    assert!(told.contains("tickmark ledger epoch"), "{told}");
}

#[test]
fn an_old_copy_that_grew_again_is_refused() {
    let scratch = rolled_back();
    let hidden = scratch.path("hidden");
    fs::rename(scratch.mark(), &hidden).unwrap();
    let ledger = scratch.open().unwrap();
    append(&ledger, 9);
    drop(ledger);
    fs::rename(&hidden, scratch.mark()).unwrap();
    let told = message(scratch.open());
    assert!(
        told.contains("its first 5 entries are not the ones that were signed"),
        "{told}"
    );
}

#[test]
fn a_missing_mark_is_refused_once_something_was_signed() {
    let scratch = Scratch::with_entries(3);
    scratch.open().unwrap().checkpoint().unwrap();
    fs::remove_file(scratch.mark()).unwrap();
    assert!(message(scratch.open()).contains("is missing"));
}

#[test]
fn a_mark_of_another_key_or_a_broken_one_is_refused() {
    let scratch = Scratch::with_entries(3);
    let note = scratch.open().unwrap().checkpoint().unwrap();
    let mut changed = note.clone();
    changed[ORIGIN.len() + 1] = b'2';
    for mark in [changed.as_slice(), b"", b"hello", &note[..note.len() - 9]] {
        fs::write(scratch.mark(), mark).unwrap();
        let refused = scratch.open();
        assert!(
            matches!(refused, Err(LedgerError::Damaged(_))),
            "{}",
            message(refused)
        );
    }
}

#[test]
fn a_head_that_does_not_extend_the_mark_is_never_signed() {
    let scratch = Scratch::with_entries(3);
    let ledger = scratch.open().unwrap();
    ledger.checkpoint().unwrap();
    let other = Scratch::with_entries(9);
    other.open().unwrap().checkpoint().unwrap();
    copy(&other.mark(), &scratch.mark());
    append(&ledger, 1);
    assert!(matches!(
        ledger.checkpoint(),
        Err(LedgerError::RolledBack { .. })
    ));
}

#[test]
fn a_new_epoch_keeps_what_is_left_and_says_what_was_lost() {
    let scratch = rolled_back();
    let last = fs::read_to_string(scratch.mark()).unwrap();
    let ledger = Ledger::open_epoch(scratch.settings(), "user-1", "disk failed on site").unwrap();
    let reader = ledger.reader().unwrap();
    assert_eq!(reader.origin().unwrap(), format!("{ORIGIN}/2"));
    let record = reader.entries(3..4).next().unwrap().unwrap();
    let Some(LedgerEvent::EpochOpened(epoch)) = record.event().unwrap() else {
        panic!("entry 3 should open the epoch");
    };
    assert_eq!((epoch.entries_kept, epoch.entries_lost), (3, 2));
    assert_eq!(epoch.last_checkpoint, Some(last));
    assert_eq!(epoch.previous_origin, ORIGIN);
    assert!(!epoch.history_differs);

    append(&ledger, 3);
    let out = scratch.path("out");
    export(&reader, &ledger.checkpoint().unwrap(), &out).unwrap();
    let line = key(7).verifier_key(&format!("{ORIGIN}/2"));
    let verified = verify_directory(&out, &VerifierKey::parse(&line).unwrap(), &[]).unwrap();
    assert_eq!(verified.entries.len(), 7);
    drop(ledger);
    append(&scratch.open().unwrap(), 1);
}

#[test]
fn a_third_epoch_follows_the_second() {
    let scratch = rolled_back();
    copy(&scratch.database(), &scratch.path("oldest"));
    drop(Ledger::open_epoch(scratch.settings(), "user-1", "first loss").unwrap());
    copy(&scratch.path("oldest"), &scratch.database());
    assert!(message(scratch.open()).contains("the last signed head belongs to"));
    let ledger = Ledger::open_epoch(scratch.settings(), "user-1", "second loss").unwrap();
    assert_eq!(
        ledger.reader().unwrap().origin().unwrap(),
        format!("{ORIGIN}/3")
    );
}

#[test]
fn an_epoch_that_is_not_needed_is_refused() {
    let scratch = Scratch::with_entries(3);
    scratch.open().unwrap().checkpoint().unwrap();
    let told = message(Ledger::open_epoch(scratch.settings(), "user-1", "why not"));
    assert!(told.contains("needs no new epoch"), "{told}");
}

#[test]
fn a_crash_before_the_first_head_of_an_epoch_is_harmless() {
    let scratch = rolled_back();
    let before = fs::read(scratch.mark()).unwrap();
    drop(Ledger::open_epoch(scratch.settings(), "user-1", "disk failed").unwrap());
    fs::write(scratch.mark(), before).unwrap();
    scratch.open().unwrap().checkpoint().unwrap();
}

#[test]
fn after_a_rotation_both_keys_sign_once_and_the_old_key_opens_nothing() {
    let scratch = Scratch::with_entries(3);
    let ledger = scratch.open().unwrap();
    ledger.checkpoint().unwrap();
    let note = ledger.rotate_key("user-1", key(9)).unwrap();
    let note = String::from_utf8(note).unwrap();
    assert_eq!(
        note.lines()
            .filter(|line| line.starts_with('\u{2014}'))
            .count(),
        2
    );
    append(&ledger, 1);
    ledger.checkpoint().unwrap();
    drop(ledger);
    assert!(matches!(scratch.open(), Err(LedgerError::WrongKey { .. })));
    let mut settings = scratch.settings();
    settings.key = key(9);
    append(&Ledger::open(settings).unwrap(), 1);
}

#[test]
fn two_copies_never_sign_two_histories() {
    let scratch = Scratch::with_entries(3);
    scratch.open().unwrap().checkpoint().unwrap();
    // A copy with a lock of its own, but the same key and the same mark.
    fs::create_dir(scratch.path("copy")).unwrap();
    copy(&scratch.database(), &scratch.path("copy/ledger.db"));
    let mut other = scratch.settings();
    other.database = scratch.path("copy/ledger.db");
    let ledgers = [scratch.open().unwrap(), Ledger::open(other).unwrap()];
    for (number, ledger) in (0..).zip(&ledgers) {
        ledger.append(vec![note(number)]).unwrap();
    }
    let start = Barrier::new(2);
    let signed: Vec<bool> = std::thread::scope(|scope| {
        let start = &start;
        let signing = ledgers.each_ref().map(|ledger| {
            scope.spawn(move || {
                start.wait();
                ledger.checkpoint().is_ok()
            })
        });
        signing.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(signed.iter().filter(|signed| **signed).count(), 1);
}
