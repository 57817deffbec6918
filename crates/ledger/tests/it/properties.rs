//! Properties over random histories and random damage.

use std::collections::BTreeMap;
use std::fs;

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use tickmark_ledger::checkpoint::MAX_SIZE;
use tickmark_ledger::fsck::{Against, fsck};
use tickmark_ledger::package::export_package;
use tickmark_ledger::proof_file::prove;
use tickmark_ledger::verifier::{
    open_checkpoint, read_bodies, verify_directory, verify_extends, verify_proof,
};
use tickmark_ledger::witness::{AddCheckpoint, Witness};
use tickmark_ledger::{Checkpoint, Ledger, LedgerReader, NewEntry, Record};

use crate::scratch::{KINDS, ORIGIN, Scratch, key, log_key};

/// One thing a caller may do.
#[derive(Debug, Clone)]
enum Act {
    Append(Vec<(u8, String)>),
    Erase(prop::sample::Index),
    Sign,
    Reopen,
    Export,
}

fn act() -> impl Strategy<Value = Act> {
    let entry = (any::<u8>(), "\\PC{0,40}");
    prop_oneof![
        6 => prop::collection::vec(entry, 1..90).prop_map(Act::Append),
        2 => any::<prop::sample::Index>().prop_map(Act::Erase),
        2 => Just(Act::Sign),
        1 => Just(Act::Reopen),
        1 => Just(Act::Export),
    ]
}

/// What a ledger must hold after some acts.
#[derive(Default)]
struct Model {
    bodies: Vec<Option<serde_json::Value>>,
    own: Vec<bool>,
    signed: Vec<Vec<u8>>,
}

fn perform(scratch: &Scratch, ledger: Ledger, act: &Act, model: &mut Model) -> Ledger {
    match act {
        Act::Append(entries) => {
            let new = entries.iter().map(|(number, text)| {
                let body = json!({"number": number, "text": text});
                model.bodies.push(Some(body.clone()));
                model.own.push(false);
                NewEntry::new("user-1", KINDS[usize::from(number % 2)], "thing", body)
            });
            ledger.append(new.collect()).unwrap();
        }
        Act::Erase(index) if !model.bodies.is_empty() => {
            let index = index.index(model.bodies.len());
            let allowed = model.bodies[index].is_some() && !model.own[index];
            let erased = ledger.erase("user-1", index as u64, "consent withdrawn");
            assert_eq!(erased.is_ok(), allowed, "{index}");
            if allowed {
                model.bodies[index] = None;
                let body = json!({"index": index, "legal_basis": "consent withdrawn"});
                model.bodies.push(Some(body));
                model.own.push(true);
            }
        }
        Act::Erase(_) => {}
        Act::Sign => model.signed.push(ledger.checkpoint().unwrap()),
        Act::Reopen => {
            drop(ledger);
            return scratch.open().unwrap();
        }
        Act::Export => {
            let note = ledger.checkpoint().unwrap();
            let reader = ledger.reader().unwrap();
            export_package(&reader, &note, &scratch.path("package")).unwrap();
        }
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_history_reads_back_proves_and_verifies(acts in prop::collection::vec(act(), 1..25)) {
        let scratch = Scratch::new();
        let mut ledger = scratch.create();
        let mut model = Model::default();
        for act in &acts {
            ledger = perform(&scratch, ledger, act, &mut model);
        }
        let note = ledger.checkpoint().unwrap();
        let reader = ledger.reader().unwrap();
        let bodies: Vec<_> =
            reader.entries(0..u64::MAX).map(|record| record.unwrap().value().unwrap()).collect();
        prop_assert_eq!(&bodies, &model.bodies);

        let mark = scratch.mark();
        let against = Against { high_water_mark: Some(&mark), known_kinds: KINDS, ..Against::default() };
        prop_assert_eq!(fsck(&reader, against).unwrap(), vec![]);

        let package = scratch.path("package");
        export_package(&reader, &note, &package).unwrap();
        let verified = verify_directory(&package.join("ledger"), &log_key(), &[]).unwrap();
        let (records, _) = read_bodies(&package.join("bodies.ndjson"), &verified).unwrap();
        let opened: Vec<_> = records.into_iter().map(|record| record.body).collect();
        prop_assert_eq!(&opened, &model.bodies);
        for older in &model.signed {
            verify_extends(&verified, &open_checkpoint(older, &log_key(), &[]).unwrap()).unwrap();
        }
        for index in (0..bodies.len() as u64).step_by(17) {
            let proof = prove(&reader, index, &note).unwrap();
            verify_proof(proof.proof.as_bytes(), &proof.leaf, &log_key(), &[]).unwrap();
        }
    }

    #[test]
    fn sizes_agree_with_any_other_split_of_the_same_appends(
        batches in prop::collection::vec(1_u64..400, 1..6)
    ) {
        let (whole, split) = (Scratch::new(), Scratch::new());
        let total: u64 = batches.iter().sum();
        let entries = |range: std::ops::Range<u64>| range.map(crate::scratch::note).collect::<Vec<_>>();
        whole.create().append(entries(0..total)).unwrap();
        let ledger = split.create();
        let mut start = 0;
        for batch in batches {
            ledger.append(entries(start..start + batch)).unwrap();
            start += batch;
        }
        prop_assert_eq!(whole.reader().head().unwrap(), ledger.reader().unwrap().head().unwrap());
    }
}

/// A closed ledger of 300 entries with an erasure and a checkpoint.
fn sample() -> Scratch {
    let scratch = Scratch::with_entries(300);
    let ledger = scratch.open().unwrap();
    ledger.erase("user-1", 7, "consent withdrawn").unwrap();
    ledger.checkpoint().unwrap();
    drop(ledger);
    scratch
}

/// All records, when the ledger opens for writing and fsck finds nothing.
fn trusted_records(scratch: &Scratch) -> Option<Vec<Record>> {
    drop(scratch.open().ok()?);
    let reader = LedgerReader::open(&scratch.database()).ok()?;
    let mark = scratch.mark();
    let against = Against {
        high_water_mark: Some(&mark),
        known_kinds: KINDS,
        ..Against::default()
    };
    let sound = fsck(&reader, against).is_ok_and(|findings| findings.is_empty());
    let records: Result<Vec<_>, _> = reader.entries(0..u64::MAX).collect();
    sound.then(|| records.ok())?
}

#[test]
fn damage_to_the_database_is_found_or_without_effect() {
    let scratch = sample();
    let whole = fs::read(scratch.database()).unwrap();
    let records = trusted_records(&scratch).unwrap();
    let mut outcomes = BTreeMap::new();
    let mut try_damaged = |bytes: &[u8], what: String| {
        fs::write(scratch.database(), bytes).unwrap();
        for suffix in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = fs::remove_file(scratch.path(suffix));
        }
        let trusted = trusted_records(&scratch);
        let unharmed = trusted.as_ref().is_none_or(|trusted| *trusted == records);
        assert!(unharmed, "{what}: other records are trusted");
        *outcomes.entry(trusted.is_some()).or_insert(0) += 1;
    };
    for round in 0..400_usize {
        let at = round.wrapping_mul(7_919_993) % whole.len();
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (round % 8);
        try_damaged(&damaged, format!("bit {} of byte {at}", round % 8));
    }
    for sector in (0..whole.len() / 512).step_by(9) {
        let mut damaged = whole.clone();
        damaged[sector * 512..][..512].fill(0);
        try_damaged(&damaged, format!("sector {sector}"));
    }
    for part in 1..20 {
        try_damaged(
            &whole[..whole.len() * part / 20],
            format!("cut to {part}/20"),
        );
    }
    assert!(
        outcomes[&false] > 200,
        "damage should mostly be found: {outcomes:?}"
    );
}

#[test]
fn any_bit_of_the_high_water_mark_counts() {
    let scratch = sample();
    let whole = fs::read(scratch.mark()).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(scratch.mark(), damaged).unwrap();
        assert!(scratch.open().is_err(), "byte {at}");
    }
}

proptest! {
    #[test]
    fn a_witness_survives_any_request(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let scratch = Scratch::new();
        let logs = [key(7).verifier_key(ORIGIN)];
        let witness = Witness::new("w.example", key(4), &logs, &scratch.path("w")).unwrap();
        prop_assert!(witness.add_checkpoint(&bytes, jiff::Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn requests_read_back_as_they_were_written(
        old_size in any::<u64>(),
        proof in prop::collection::vec(any::<[u8; 32]>(), 0..=63),
    ) {
        let checkpoint = b"a.example\n1\nAAAA\n\n\xe2\x80\x94 a.example AAAAAAAA\n".to_vec();
        let request = AddCheckpoint { old_size, proof, checkpoint };
        prop_assert_eq!(AddCheckpoint::parse(&request.to_bytes()), Ok(request));
    }

    #[test]
    fn verifiers_survive_any_text(text in "(\\PC|\n){0,300}") {
        let _ = verify_proof(text.as_bytes(), b"{}", &log_key(), &[]);
        let _ = open_checkpoint(text.as_bytes(), &log_key(), &[]);
        let _ = tickmark_ledger::verifier::VerifierKey::parse(&text);
        let note = format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{text}\n\n\u{2014} {text}\n");
        let _ = verify_proof(note.as_bytes(), text.as_bytes(), &log_key(), &[]);
    }

    /// Whoever holds the key can sign any size; a verifier must not fall over it.
    #[test]
    fn verifiers_survive_any_size(
        size in prop_oneof![0_u64..5, any::<u64>(), (u64::MAX - 3)..=u64::MAX, (0_u32..64).prop_map(|n| 1 << n)],
        index in prop_oneof![0_u64..5, any::<u64>(), (u64::MAX - 3)..=u64::MAX],
        old in prop_oneof![0_u64..5, any::<u64>()],
        steps in 0_usize..66,
    ) {
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: [7; 32] };
        let note = checkpoint.sign(&[&key(7)]).unwrap();
        let hash = format!("{}\n", BASE64_STANDARD.encode([1; 32]));
        let text = format!(
            "c2sp.org/tlog-proof@v1\nindex {index}\n{}\n{}",
            hash.repeat(steps),
            String::from_utf8(note.clone()).unwrap(),
        );
        let proved = verify_proof(text.as_bytes(), b"{}", &log_key(), &[]);
        prop_assert!(proved.is_err());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("checkpoint"), &note).unwrap();
        prop_assert!(verify_directory(folder.path(), &log_key(), &[]).is_err());
        let log = key(7).verifier_key(ORIGIN);
        let witness = Witness::new("w.example/w", key(4), &[log], folder.path()).unwrap();
        let mut request = AddCheckpoint {
            old_size: 0,
            proof: Vec::new(),
            checkpoint: note,
        };
        // Nothing was seen before, so the first head counts if it is one.
        let first = witness.add_checkpoint(&request.to_bytes(), Timestamp::UNIX_EPOCH);
        prop_assert_eq!(first.is_ok(), (1..=MAX_SIZE).contains(&size));
        request.old_size = old;
        request.proof = vec![[1; 32]; steps];
        let again = witness.add_checkpoint(&request.to_bytes(), Timestamp::UNIX_EPOCH);
        prop_assert!(again.is_err() || (old == size && steps == 0));
    }
}
