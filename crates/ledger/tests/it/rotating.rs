//! Changes of the signing key: who trusts the old one is led to the new one,
//! and by nothing but a signature of the old.

use std::fs;
use std::path::{Path, PathBuf};

use tickmark_ledger::fsck::{Against, fsck};
use tickmark_ledger::package::export_package;
use tickmark_ledger::verifier::{
    Failures, VerifiedLedger, VerifierKey, verify_bodies, verify_rotated,
};
use tickmark_ledger::{Checkpoint, Ledger};

use crate::scratch::{KINDS, ORIGIN, Scratch, append, key};

/// A package of 20 entries of key 7, then of key 8 to entry 41, then of key 9.
fn package(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.create();
    append(&ledger, 20);
    ledger.rotate_key("user-1", key(8)).unwrap();
    append(&ledger, 20);
    ledger.rotate_key("user-1", key(9)).unwrap();
    append(&ledger, 300);
    export(scratch, &ledger)
}

fn export(scratch: &Scratch, ledger: &Ledger) -> PathBuf {
    let package = scratch.path("package");
    let note = ledger.checkpoint().unwrap();
    export_package(&ledger.reader().unwrap(), &note, &package).unwrap();
    package
}

fn verifier(seed: u8) -> VerifierKey {
    VerifierKey::parse(&key(seed).verifier_key(ORIGIN)).unwrap()
}

/// Verifies tree and bodies, and returns the entries that changed the key.
fn verify(package: &Path, seed: u8) -> Result<Vec<u64>, Failures> {
    let bodies = package.join("bodies.ndjson");
    let (ledger, rotations): (VerifiedLedger, _) =
        verify_rotated(&package.join("ledger"), &bodies, &verifier(seed), &[])?;
    verify_bodies(&bodies, &ledger)?;
    Ok(rotations.iter().map(|rotation| rotation.index).collect())
}

#[test]
fn every_earlier_key_leads_to_the_one_of_today() {
    let scratch = Scratch::new();
    let package = package(&scratch);
    assert_eq!(verify(&package, 7).unwrap(), [20, 41]);
    assert_eq!(verify(&package, 8).unwrap(), [41]);
    assert_eq!(verify(&package, 9).unwrap(), [0; 0]);
    let stranger = verify(&package, 6).unwrap_err().to_string();
    assert!(stranger.contains("it is not signed by"), "{stranger}");
    let against = Against {
        known_kinds: KINDS,
        ..Against::default()
    };
    assert_eq!(fsck(&scratch.reader(), against).unwrap(), []);
}

#[test]
fn a_key_that_was_given_up_signs_nothing_any_more() {
    let scratch = Scratch::new();
    let package = package(&scratch);
    let path = package.join("ledger/checkpoint");
    let head = Checkpoint::parse_note(&fs::read(&path).unwrap()).unwrap();
    for seed in [7, 8] {
        fs::write(&path, head.sign(&[&key(seed)]).unwrap()).unwrap();
        for trusted in [7, 8, 9] {
            assert!(verify(&package, trusted).is_err(), "{seed} to {trusted}");
        }
    }
    fs::write(&path, head.sign(&[&key(9)]).unwrap()).unwrap();
    assert_eq!(verify(&package, 7).unwrap(), [20, 41]);
}

#[test]
fn a_handover_that_the_old_key_did_not_sign_leads_nowhere() {
    let scratch = Scratch::new();
    let package = package(&scratch);
    let path = package.join("bodies.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let names = |seed| key(seed).verifier_key(ORIGIN);
    let cases = [
        // It names another key than the one it was signed for.
        text.replacen(
            &format!("key-rotated-to {}", names(8)),
            &format!("key-rotated-to {}", names(5)),
            1,
        ),
        // It is gone.
        text.replacen("key-rotated-to", "key-goes-to", 1),
        // It stands at another entry.
        text.replacen("\"index\":20,", "\"index\":19,", 1),
    ];
    for changed in cases {
        assert_ne!(changed, text);
        fs::write(&path, changed).unwrap();
        assert!(verify(&package, 7).is_err());
    }
}

#[test]
fn a_key_may_come_back() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    for seed in [8, 7, 9] {
        append(&ledger, 3);
        ledger.rotate_key("user-1", key(seed)).unwrap();
    }
    let package = export(&scratch, &ledger);
    assert_eq!(verify(&package, 7).unwrap(), [3, 7, 11]);
    assert_eq!(verify(&package, 8).unwrap(), [7, 11]);
}
