//! Opening and creating: every refusal says what to do.

use std::fs;

use tickmark_ledger::{Ledger, LedgerError, LedgerReader, Settings};

use crate::scratch::{ORIGIN, Scratch, append, key, message, note};

#[test]
fn what_was_appended_is_there_after_reopening() {
    let scratch = Scratch::with_entries(700);
    let ledger = scratch.open().unwrap();
    append(&ledger, 10);
    assert_eq!(ledger.reader().unwrap().entries(0..9_999).count(), 710);
}

#[test]
fn a_second_writer_is_refused_by_name() {
    let scratch = Scratch::new();
    let _ledger = scratch.create();
    let told = message(scratch.open());
    assert!(told.contains("in use by another process"), "{told}");
    assert!(told.contains(&std::process::id().to_string()), "{told}");
}

#[test]
fn readers_work_while_a_writer_is_open() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let reader = scratch.reader();
    append(&ledger, 5);
    assert_eq!(reader.head().unwrap().size, 5);
    append(&ledger, 300);
    assert_eq!(reader.root_at(305).unwrap(), reader.head().unwrap().root);
}

#[test]
fn a_ledger_is_never_created_over_another() {
    let scratch = Scratch::with_entries(3);
    let again = Ledger::create(scratch.settings(), ORIGIN);
    assert!(matches!(again, Err(LedgerError::Exists { .. })));
    assert_eq!(scratch.reader().head().unwrap().size, 3);
}

#[test]
fn nothing_there_is_said_plainly() {
    let scratch = Scratch::new();
    assert!(message(scratch.open()).contains("there is no ledger at"));
    assert!(message(LedgerReader::open(&scratch.database())).contains("there is no ledger at"));
    fs::write(scratch.database(), "").unwrap();
    assert!(message(scratch.open()).contains("there is no ledger at"));
    fs::write(
        scratch.database(),
        "not a database, but long enough to look at: ".repeat(99),
    )
    .unwrap();
    assert!(message(scratch.open()).contains("file is not a database"));
}

#[test]
fn another_key_is_refused() {
    let scratch = Scratch::with_entries(1);
    let mut settings = scratch.settings();
    settings.key = key(8);
    assert!(message(Ledger::open(settings)).contains("does not belong to this ledger"));
}

#[test]
fn unknown_kinds_are_named_with_their_first_entry() {
    let scratch = Scratch::with_entries(4);
    let settings = Settings::new(
        &scratch.database(),
        &scratch.mark(),
        key(7),
        &["sample.person_joined/1"],
        || jiff::Timestamp::UNIX_EPOCH,
        |_| {},
    );
    let told = message(Ledger::open(settings));
    assert!(
        told.contains("kind `sample.noted/1` (first at index 0)"),
        "{told}"
    );
}

#[test]
fn a_newer_format_is_refused() {
    let scratch = Scratch::with_entries(1);
    rusqlite::Connection::open(scratch.database())
        .unwrap()
        .execute("UPDATE meta SET format = 2", [])
        .unwrap();
    assert!(message(scratch.open()).contains("has format 2, this program reads format 1"));
}

#[test]
fn a_changed_entry_or_head_is_not_opened() {
    for damage in [
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE entry SET leaf = zeroblob(10) WHERE idx = 290",
        "DELETE FROM entry WHERE idx = 290",
        "DELETE FROM tile",
        "UPDATE tile SET hashes = zeroblob(8192)",
        "UPDATE tile SET hashes = zeroblob(7)",
    ] {
        let scratch = Scratch::with_entries(300);
        rusqlite::Connection::open(scratch.database())
            .unwrap()
            .execute(damage, [])
            .unwrap();
        let refused = scratch.open();
        assert!(
            matches!(refused, Err(LedgerError::Damaged(_))),
            "{damage}: {}",
            message(refused)
        );
    }
}

#[test]
fn origins_that_cannot_name_a_signature_are_refused() {
    for origin in ["", "two words", "a+b", "line\nbreak"] {
        let scratch = Scratch::new();
        let told = message(Ledger::create(scratch.settings(), origin));
        assert!(
            told.contains("cannot name a signature"),
            "{origin:?}: {told}"
        );
        assert!(!scratch.database().exists());
    }
}

#[test]
fn a_folder_that_cannot_be_written_can_still_be_read() {
    let scratch = Scratch::with_entries(5);
    let frozen = scratch.path("frozen");
    fs::create_dir(&frozen).unwrap();
    fs::copy(scratch.database(), frozen.join("ledger.db")).unwrap();
    let reader = LedgerReader::open(&frozen.join("ledger.db")).unwrap();
    assert_eq!(reader.entries(0..5).count(), 5);
}

#[test]
fn what_a_killed_writer_left_can_be_read() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 5);
    let left = scratch.path("left");
    fs::create_dir(&left).unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        fs::copy(scratch.path(name), left.join(name)).unwrap();
    }
    let reader = LedgerReader::open(&left.join("ledger.db")).unwrap();
    assert_eq!(reader.entries(0..9).count(), 5);
    assert_eq!(reader.root_at(5).unwrap(), reader.head().unwrap().root);
}

#[test]
fn the_key_file_is_private_and_never_overwritten() {
    let scratch = Scratch::new();
    let path = scratch.path("signing-key");
    key(7).write_new(&path).unwrap();
    let read = tickmark_ledger::LogKey::read(&path).unwrap();
    assert_eq!(read.public_key(), key(7).public_key());
    assert!(message(key(8).write_new(&path)).contains("cannot create"));
    fs::write(&path, "tickmark-signing-key/1\nAAAA\n").unwrap();
    let told = message(tickmark_ledger::LogKey::read(&path));
    assert!(
        told.contains("is not a signing key") && !told.contains("AAAA"),
        "{told}"
    );
    #[cfg(unix)]
    {
        let path = scratch.path("private");
        key(7).write_new(&path).unwrap();
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn appending_after_reopening_uses_the_stored_edge() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    drop(ledger);
    for number in 0..520 {
        if number % 65 == 0 {
            let ledger = scratch.open().unwrap();
            ledger
                .append((0..65).map(|n| note(number + n)).collect())
                .unwrap();
        }
    }
    let reader = scratch.reader();
    assert_eq!(reader.root_at(520).unwrap(), reader.head().unwrap().root);
}
