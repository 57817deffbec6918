//! Fsck: silent on a sound ledger, and it names the invariant of every damage.

use std::fs;

use tickmark_ledger::export::export;
use tickmark_ledger::fsck::{Against, fsck};
use tickmark_ledger::{LedgerReader, Receipt};

use crate::scratch::{KINDS, Scratch, append, copy, note};

/// Invariants that fsck finds broken, each once, in order.
fn broken(scratch: &Scratch, acknowledged: &[Receipt]) -> String {
    let mark = scratch.mark();
    let published = scratch.path("published");
    let against = Against {
        high_water_mark: Some(&mark),
        known_kinds: KINDS,
        acknowledged,
        published: Some(&published),
        ..Against::default()
    };
    let reader = LedgerReader::open(&scratch.database()).unwrap();
    let mut names: Vec<_> = fsck(&reader, against)
        .unwrap()
        .iter()
        .map(|finding| finding.invariant)
        .collect();
    names.sort_by_key(|name| name.trim_start_matches('I').parse::<u32>().unwrap_or(0));
    names.dedup();
    names.join(" ")
}

/// 600 entries, three checkpoints, an erasure, an export.
fn sound() -> Scratch {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    for _ in 0..3 {
        append(&ledger, 200);
        ledger.checkpoint().unwrap();
    }
    ledger.erase("user-1", 7, "consent withdrawn").unwrap();
    let note = ledger.checkpoint().unwrap();
    export(&ledger.reader().unwrap(), &note, &scratch.path("published")).unwrap();
    drop(ledger);
    scratch
}

#[test]
fn a_sound_ledger_has_no_findings() {
    assert_eq!(broken(&sound(), &[]), "");
    assert_eq!(broken(&Scratch::with_entries(0), &[]), "");
}

#[test]
fn every_damage_is_found_under_its_invariant() {
    let leaf = "(SELECT leaf FROM entry WHERE idx = 50)";
    let cases = [
        ("DELETE FROM entry WHERE idx = 300", "I1 I2 I3 I4 I7 I10"),
        ("DELETE FROM entry WHERE idx = 600", "I3 I4 I5 I7 I10 I12"),
        (
            "UPDATE entry SET idx = 700 WHERE idx = 600",
            "I1 I5 I10 I12",
        ),
        (
            "UPDATE entry SET idx = 9000 WHERE idx = 600",
            "I1 I5 I10 I12",
        ),
        (
            &format!("UPDATE entry SET leaf = {leaf} WHERE idx = 10"),
            "I1 I2 I3 I4 I7 I9 I10",
        ),
        (
            "UPDATE entry SET leaf = CAST(leaf || ' ' AS BLOB) WHERE idx = 10",
            "I2 I3 I4 I7 I13",
        ),
        (
            "UPDATE entry SET leaf = x'00' WHERE idx = 10",
            "I2 I3 I4 I7 I13",
        ),
        (
            "UPDATE tile SET hashes = zeroblob(8192) WHERE key = 1",
            "I2 I5",
        ),
        ("DELETE FROM tile WHERE key = 0", "I2 I5"),
        (
            "INSERT INTO tile SELECT 99, hashes FROM tile WHERE key = 0",
            "I2",
        ),
        ("UPDATE head SET root = zeroblob(32)", "I3"),
        ("UPDATE head SET size = 550", "I3 I5"),
        ("UPDATE checkpoint SET size = 100 WHERE size = 200", "I8"),
        (
            "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 400) WHERE size = 200",
            "I8",
        ),
        (
            "UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), 'A', 'B') AS BLOB) WHERE size = 200",
            "I8",
        ),
        ("UPDATE checkpoint SET origin = 'other.example'", "I8"),
        (
            "UPDATE body SET bytes = CAST(bytes || ' ' AS BLOB) WHERE idx = 3",
            "I10",
        ),
        ("UPDATE body SET salt = x'0102' WHERE idx = 3", "I10"),
        ("DELETE FROM body WHERE idx = 3", "I10"),
        (
            "INSERT INTO body SELECT 7, salt, bytes FROM body WHERE idx = 3",
            "I10",
        ),
        (
            "INSERT INTO body SELECT 999, salt, bytes FROM body WHERE idx = 3",
            "I10",
        ),
        ("UPDATE kind SET first_idx = 1 WHERE first_idx = 0", "I12"),
        ("INSERT INTO kind VALUES ('sample.forgotten/1', 3)", "I12"),
    ];
    let mut surprises = Vec::new();
    for (damage, expected) in cases {
        let scratch = sound();
        rusqlite::Connection::open(scratch.database())
            .unwrap()
            .execute(damage, [])
            .unwrap();
        let found = broken(&scratch, &[]);
        if found != expected {
            surprises.push(format!("{damage}: {found}, not {expected}"));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn unknown_kinds_are_found() {
    let scratch = Scratch::with_entries(3);
    let reader = scratch.reader();
    let findings = fsck(&reader, Against::default()).unwrap();
    assert_eq!(findings.len(), 1);
    insta::assert_snapshot!(findings[0], @"I12: entry 0 is of unknown kind `sample.noted/1`");
}

#[test]
fn an_old_copy_breaks_the_mark_and_the_receipts() {
    let scratch = Scratch::with_entries(3);
    copy(&scratch.database(), &scratch.path("backup"));
    let ledger = scratch.open().unwrap();
    let receipts = ledger.append(vec![note(1), note(2)]).unwrap();
    ledger.checkpoint().unwrap();
    drop(ledger);
    assert_eq!(broken(&scratch, &receipts), "");
    copy(&scratch.path("backup"), &scratch.database());
    assert_eq!(broken(&scratch, &receipts), "I5 I6");
}

#[test]
fn a_receipt_for_another_leaf_is_found() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let mut receipts = ledger.append(vec![note(1), note(2)]).unwrap();
    receipts[1].leaf_hash[0] ^= 1;
    assert_eq!(broken(&scratch, &receipts), "I6");
}

#[test]
fn a_published_folder_that_ran_ahead_is_found() {
    let scratch = sound();
    let other = Scratch::with_entries(900);
    let ledger = other.open().unwrap();
    let published = scratch.path("published");
    fs::remove_dir_all(&published).unwrap();
    export(
        &ledger.reader().unwrap(),
        &ledger.checkpoint().unwrap(),
        &published,
    )
    .unwrap();
    assert_eq!(broken(&scratch, &[]), "I7");
}

#[test]
fn replaying_is_the_callers_to_judge() {
    let scratch = Scratch::with_entries(3);
    let mut seen = Vec::new();
    let mut replay = |record: &tickmark_ledger::Record| {
        seen.push(record.entry.idx);
        if record.entry.idx == 1 {
            Err("no such note".to_owned())
        } else {
            Ok(())
        }
    };
    let against = Against {
        known_kinds: KINDS,
        replay: Some(&mut replay),
        ..Against::default()
    };
    let findings = fsck(&scratch.reader(), against).unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(
        findings[0].to_string(),
        "I11: entry 1 does not replay: no such note"
    );
    assert_eq!(seen, [0, 1, 2]);
}
