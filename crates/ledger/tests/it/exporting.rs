//! Exported folders: the layout at the sizes where it changes, and that any
//! change to any file is found.

use std::fs;
use std::path::{Path, PathBuf};

use tickmark_ledger::export::{export, tile_path};
use tickmark_ledger::verifier::{open_checkpoint, verify_directory, verify_extends};

use crate::scratch::{Scratch, append, log_key, message};

#[test]
fn every_size_exports_and_verifies() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let growing = scratch.path("growing");
    let mut older = Vec::new();
    let mut size = 0;
    for next in [
        0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 100_000,
    ] {
        append(&ledger, next - size);
        size = next;
        let note = ledger.checkpoint().unwrap();
        let reader = ledger.reader().unwrap();
        export(&reader, &note, &growing).unwrap();
        let verified = verify_directory(&growing, &log_key(), &[]).unwrap();
        assert_eq!(verified.entries.len() as u64, size);
        older.push(open_checkpoint(&note, &log_key(), &[]).unwrap());
        for checkpoint in &older {
            verify_extends(&verified, checkpoint).unwrap();
        }
        let again = export(&reader, &note, &growing).unwrap();
        assert_eq!(again.files_written, 0, "exporting size {size} again");
    }
}

#[test]
fn the_layout_is_exactly_that_of_tlog_tiles() {
    let listed = |size| {
        let scratch = Scratch::new();
        let ledger = scratch.create();
        append(&ledger, size);
        let out = scratch.path("out");
        export(
            &ledger.reader().unwrap(),
            &ledger.checkpoint().unwrap(),
            &out,
        )
        .unwrap();
        files_below(&out).join(" ")
    };
    insta::assert_snapshot!(listed(0), @"checkpoint");
    insta::assert_snapshot!(listed(1), @"checkpoint tile/0/000.p/1 tile/entries/000.p/1");
    insta::assert_snapshot!(listed(256), @"checkpoint tile/0/000 tile/1/000.p/1 tile/entries/000");
    insta::assert_snapshot!(listed(600), @"checkpoint tile/0/000 tile/0/001 tile/0/002.p/88 tile/1/000.p/2 tile/entries/000 tile/entries/001 tile/entries/002.p/88");
}

#[test]
fn tile_paths_group_digits_by_three() {
    let path = |index, width| tile_path("0", index, width).display().to_string();
    assert_eq!(path(5, 256), "tile/0/005");
    assert_eq!(path(1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path(1_000, 17), "tile/0/x001/000.p/17");
}

#[test]
fn any_changed_byte_is_found() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 300);
    let out = scratch.path("out");
    export(
        &ledger.reader().unwrap(),
        &ledger.checkpoint().unwrap(),
        &out,
    )
    .unwrap();
    for name in files_below(&out) {
        let path = out.join(&name);
        let whole = fs::read(&path).unwrap();
        let step = (whole.len() / 97).max(1);
        for at in (0..whole.len()).step_by(step) {
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            fs::write(&path, changed).unwrap();
            assert!(
                verify_directory(&out, &log_key(), &[]).is_err(),
                "{name} byte {at}"
            );
        }
        for length in [0, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(
                verify_directory(&out, &log_key(), &[]).is_err(),
                "{name} cut at {length}"
            );
        }
        fs::remove_file(&path).unwrap();
        assert!(
            verify_directory(&out, &log_key(), &[]).is_err(),
            "{name} removed"
        );
        fs::write(&path, whole).unwrap();
    }
    verify_directory(&out, &log_key(), &[]).unwrap();
}

#[test]
fn files_that_no_ledger_has_are_named() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 3);
    let out = scratch.path("out");
    export(
        &ledger.reader().unwrap(),
        &ledger.checkpoint().unwrap(),
        &out,
    )
    .unwrap();
    for stray in [
        "tile/0/001",
        "tile/9/000",
        "tile/0/000.p/4",
        "tile/entries/001",
        "tile/note.txt",
    ] {
        fs::create_dir_all(out.join(stray).parent().unwrap()).unwrap();
        fs::write(out.join(stray), "stray").unwrap();
        let told = verify_directory(&out, &log_key(), &[])
            .unwrap_err()
            .to_string();
        assert!(told.contains(stray), "{told} should name {stray}");
        fs::remove_file(out.join(stray)).unwrap();
    }
}

#[test]
fn an_export_that_was_interrupted_verifies_up_to_its_checkpoint() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let out = scratch.path("out");
    let reader = ledger.reader().unwrap();
    append(&ledger, 250);
    let early = ledger.checkpoint().unwrap();
    append(&ledger, 300);
    export(&reader, &early, &out).unwrap();
    export(&reader, &ledger.checkpoint().unwrap(), &out).unwrap();
    fs::write(out.join("checkpoint"), &early).unwrap();
    let verified = verify_directory(&out, &log_key(), &[]).unwrap();
    assert_eq!((verified.entries.len(), verified.beyond.len()), (250, 7));
    let full = fs::read(out.join("tile/0/000")).unwrap();
    let mut changed = full.clone();
    changed[249 * 32] ^= 1;
    fs::write(out.join("tile/0/000"), changed).unwrap();
    assert!(verify_directory(&out, &log_key(), &[]).is_err());
}

#[test]
fn a_folder_with_something_else_is_left_alone() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 3);
    let (note, reader) = (ledger.checkpoint().unwrap(), ledger.reader().unwrap());
    let out = scratch.path("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.txt"), "years of work").unwrap();
    assert!(message(export(&reader, &note, &out)).contains("no part of an exported ledger"));

    let other = Scratch::new();
    let theirs = other.create();
    append(&theirs, 5);
    let out = scratch.path("theirs");
    export(
        &theirs.reader().unwrap(),
        &theirs.checkpoint().unwrap(),
        &out,
    )
    .unwrap();
    assert!(message(export(&reader, &note, &out)).contains("export into a new folder"));
}

/// Names of all files below a folder, sorted.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}
