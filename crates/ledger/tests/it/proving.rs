//! Roots and proofs at every interesting size, against a tree we did not write.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;
use tickmark_ledger::proof_file::prove;
use tickmark_ledger::verifier::{open_checkpoint, verify_proof};

use crate::scratch::{Scratch, append, log_key, message};

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    let scratch = Scratch::with_entries(600);
    let reader = scratch.reader();
    let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=600_u64 {
        tree.push(reader.leaf(size - 1).unwrap());
        let root = tree.root();
        assert_eq!(
            reader.root_at(size).unwrap().as_slice(),
            root.as_bytes().as_slice()
        );
        if ![1, 2, 3, 255, 256, 257, 511, 512, 513, 600].contains(&size) {
            continue;
        }
        for index in 0..size {
            let ours = reader.prove_inclusion(index, size).unwrap();
            let theirs = tree.prove_inclusion(index as usize);
            assert_eq!(
                ours.path.as_flattened(),
                theirs.as_bytes(),
                "{index} of {size}"
            );
        }
        for old in 1..=size {
            let ours = reader.prove_consistency(old, size).unwrap();
            let theirs = tree.prove_consistency((size - old) as usize);
            assert_eq!(ours.as_flattened(), theirs.as_bytes(), "{old} to {size}");
        }
    }
}

#[test]
fn a_proof_file_verifies_and_one_changed_byte_does_not() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 300);
    let note = ledger.checkpoint().unwrap();
    let reader = ledger.reader().unwrap();
    for index in [0, 1, 255, 256, 299] {
        let made = prove(&reader, index, &note).unwrap();
        let proof = made.proof.as_bytes();
        let verified = verify_proof(proof, &made.leaf, &log_key(), &[]).unwrap();
        assert_eq!(verified.entry.index, index);
        assert_eq!(verified.checkpoint.size, 300);
        for at in 0..proof.len() {
            let mut changed = proof.to_vec();
            changed[at] ^= 1;
            assert!(
                verify_proof(&changed, &made.leaf, &log_key(), &[]).is_err(),
                "byte {at}"
            );
        }
        for at in 0..made.leaf.len() {
            let mut changed = made.leaf.clone();
            changed[at] ^= 1;
            assert!(
                verify_proof(proof, &changed, &log_key(), &[]).is_err(),
                "byte {at}"
            );
        }
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 3);
    let note = ledger.checkpoint().unwrap();
    append(&ledger, 1);
    let reader = ledger.reader().unwrap();
    assert_eq!(
        message(prove(&reader, 3, &note)),
        "there is no entry 3 in a ledger of 3 entries"
    );
    assert_eq!(
        message(reader.prove_inclusion(0, 9)),
        "this ledger has 4 entries, not 9"
    );
    assert_eq!(
        message(reader.prove_consistency(3, 2)),
        "a ledger of 2 entries cannot extend one of 3"
    );
}

#[test]
fn checkpoints_repeat_until_something_is_appended() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 2);
    let first = ledger.checkpoint().unwrap();
    assert_eq!(first, ledger.checkpoint().unwrap());
    append(&ledger, 1);
    assert_ne!(first, ledger.checkpoint().unwrap());
    insta::assert_snapshot!(String::from_utf8(first).unwrap(), @"
    fernhollow.example/ledger
    2
    H+9jBJzkI3bWbC3Q8haYaqzZGT/o0AxuViLrAMxGxTY=

    — fernhollow.example/ledger wnw8YJ1/qSpJICog7x5GDjfszh/QUV4WVz372yFExqm/k7XONYYUT4qAYxpG9XX4wJxwPmF8p9rE1rHYG2/XXk/SsgM=
    ");
}

#[test]
fn a_checkpoint_is_judged_by_its_signature() {
    let scratch = Scratch::with_entries(1);
    let note = scratch.open().unwrap().checkpoint().unwrap();
    let text = String::from_utf8(note.clone()).unwrap();
    let line = text.lines().last().unwrap();
    let cases = [
        (text.replace("\n1\n", "\n2\n"), "does not verify"),
        (
            text.replace("fernhollow", "brindlewood"),
            "is not signed by",
        ),
        (
            text.replace(line, "\u{2014} someone AAAAAAAAAAAA"),
            "is not signed by",
        ),
        (
            text.replace(line, "no signature"),
            "is not a signature line",
        ),
        (text.replace("\n\n", "\n"), "it has no signature lines"),
    ];
    assert_eq!(open_checkpoint(&note, &log_key(), &[]).unwrap().size, 1);
    for (changed, expected) in cases {
        let told = open_checkpoint(changed.as_bytes(), &log_key(), &[])
            .unwrap_err()
            .to_string();
        assert!(told.contains(expected), "{told} should say: {expected}");
    }
}
