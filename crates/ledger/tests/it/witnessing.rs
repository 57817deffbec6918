//! Witnesses: what they cosign, what they refuse, online and offline.

use std::sync::Arc;

use jiff::Timestamp;
use tickmark_ledger::export::export;
use tickmark_ledger::verifier::{VerifierKey, open_checkpoint};
use tickmark_ledger::witness::{
    AddCheckpoint, Answer, Refusal, Witness, cosign_in_process, request_cosignature, send_http,
    serve,
};
use tickmark_ledger::{Ledger, checkpoint::Checkpoint};

use crate::scratch::{ORIGIN, Scratch, append, key, log_key, message};

fn now() -> Timestamp {
    Timestamp::from_second(1_782_100_000).unwrap()
}

fn witness(scratch: &Scratch) -> Witness {
    let logs = [key(7).verifier_key(ORIGIN)];
    Witness::new(
        "brindlewood.example/witness",
        key(40),
        &logs,
        &scratch.path("witness"),
    )
    .unwrap()
}

fn witness_key(witness: &Witness) -> VerifierKey {
    VerifierKey::parse(&witness.verifier_key()).unwrap()
}

/// A request that carries a correct proof from `old`.
fn request(ledger: &Ledger, old: u64) -> Vec<u8> {
    let checkpoint = ledger.checkpoint().unwrap();
    let size = Checkpoint::parse_note(&checkpoint).unwrap().size;
    let proof = ledger
        .reader()
        .unwrap()
        .prove_consistency(old, size)
        .unwrap();
    AddCheckpoint {
        old_size: old,
        proof,
        checkpoint,
    }
    .to_bytes()
}

#[test]
fn a_growing_ledger_is_cosigned_step_by_step() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let witness = witness(&scratch);
    for step in [0, 1, 1, 254, 300, 0] {
        append(&ledger, step);
        let note = ledger.checkpoint().unwrap();
        cosign_in_process(&ledger, &note, &witness, now()).unwrap();
        let cosigned = ledger.checkpoint().unwrap();
        let verified = open_checkpoint(&cosigned, &log_key(), &[witness_key(&witness)]).unwrap();
        assert_eq!(verified.cosignatures.len(), 1);
        assert_eq!(verified.cosignatures[0].time, 1_782_100_000);
        assert_eq!(witness.size_of(ORIGIN).unwrap(), verified.size);
    }
}

#[test]
fn every_refusal_has_the_status_of_the_protocol() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 5);
    let witness = witness(&scratch);
    witness.add_checkpoint(&request(&ledger, 0), now()).unwrap();
    append(&ledger, 4);

    let status = |bytes: &[u8]| witness.add_checkpoint(bytes, now()).unwrap_err().status();
    let sound = String::from_utf8(request(&ledger, 5)).unwrap();
    let changed = |from: &str, to: &str| status(sound.replacen(from, to, 1).as_bytes());
    let first_hash = sound.lines().nth(1).unwrap();
    assert_eq!(status(b"hello"), 400);
    assert_eq!(changed("old 5", "old 05"), 400);
    assert_eq!(changed("old 5", "old 10"), 400);
    assert_eq!(changed(first_hash, "AAAA"), 400);
    assert_eq!(
        changed(first_hash, &format!("{first_hash}\n").repeat(64)),
        400
    );
    assert_eq!(
        changed("\nfernhollow.example/ledger\n", "\nelsewhere.example\n"),
        404
    );
    assert_eq!(changed("\n9\n", "\n8\n"), 403);
    assert_eq!(changed("old 5", "old 4"), 409);
    assert_eq!(status(&request(&ledger, 0)), 409);
    assert_eq!(changed(first_hash, &"A".repeat(43)), 400);
    assert_eq!(changed(&format!("{first_hash}\n"), ""), 422);
    assert_eq!(
        changed(first_hash, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        422
    );
    assert_eq!(
        witness.size_of(ORIGIN).unwrap(),
        5,
        "nothing refused was stored"
    );
    witness.add_checkpoint(sound.as_bytes(), now()).unwrap();
}

#[test]
fn a_rewritten_history_is_never_cosigned() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 9);
    let witness = witness(&scratch);
    cosign_in_process(&ledger, &ledger.checkpoint().unwrap(), &witness, now()).unwrap();

    let forged = Scratch::new();
    forged
        .seconds
        .fetch_add(60, std::sync::atomic::Ordering::SeqCst);
    let ledger = forged.create();
    for (size, told) in [
        (9, "another root was seen at size 9"),
        (3, "no consistency"),
    ] {
        append(&ledger, size);
        let note = ledger.checkpoint().unwrap();
        let refused = message(cosign_in_process(&ledger, &note, &witness, now()));
        assert!(refused.contains(told), "{refused}");
        let out = forged.path(&format!("out-{size}"));
        export(&ledger.reader().unwrap(), &note, &out).unwrap();
        let refused = witness.cosign_folder(&out, now());
        assert!(
            matches!(refused, Err(Refusal::NotExtending(_))),
            "{refused:?}"
        );
    }
}

#[test]
fn a_rolled_back_ledger_hears_what_the_witness_saw() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 3);
    let early = ledger.checkpoint().unwrap();
    append(&ledger, 3);
    let witness = witness(&scratch);
    cosign_in_process(&ledger, &ledger.checkpoint().unwrap(), &witness, now()).unwrap();
    let told = message(cosign_in_process(&ledger, &early, &witness, now()));
    assert!(
        told.contains("has seen 6 entries of this ledger, the checkpoint covers 3"),
        "{told}"
    );
}

#[test]
fn offline_cosigning_takes_an_exported_folder() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    let witness = witness(&scratch);
    let out = scratch.path("out");
    for step in [0, 300, 1] {
        append(&ledger, step);
        let note = ledger.checkpoint().unwrap();
        export(&ledger.reader().unwrap(), &note, &out).unwrap();
        let lines = witness.cosign_folder(&out, now()).unwrap();
        ledger.add_cosignatures(&note, &lines).unwrap();
        let cosigned = ledger.checkpoint().unwrap();
        open_checkpoint(&cosigned, &log_key(), &[witness_key(&witness)]).unwrap();
    }
    std::fs::write(out.join("tile/0/000"), "forged").unwrap();
    assert!(matches!(
        witness.cosign_folder(&out, now()),
        Err(Refusal::NotExtending(_))
    ));
}

#[test]
fn cosignatures_of_others_or_of_another_head_are_not_kept() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 2);
    let note = ledger.checkpoint().unwrap();
    let reader = ledger.reader().unwrap();
    let witness = witness(&scratch);
    let lines = witness.add_checkpoint(&request(&ledger, 0), now()).unwrap();
    let other = {
        let mut key = witness.verifier_key();
        key.replace_range(0..0, "x");
        VerifierKey::parse(&key)
    };
    assert!(other.is_err(), "the id binds the name");
    let forged = lines[0].replacen("/", "/x", 1);
    for answer in [
        vec![],
        vec![forged],
        vec!["\u{2014} brindlewood.example/witness AAAAAAAAAAAA".into()],
    ] {
        let mut send = |_: &[u8]| Ok(Answer::Cosigned(answer.clone()));
        assert!(request_cosignature(&reader, &note, &witness_key(&witness), &mut send).is_err());
    }
    let elsewhere = Scratch::with_entries(2);
    let theirs = elsewhere.open().unwrap();
    append(&theirs, 1);
    let told = message(ledger.add_cosignatures(&theirs.checkpoint().unwrap(), &lines));
    assert!(told.contains("never signed a checkpoint"), "{told}");
}

#[test]
fn racing_requests_never_roll_a_witness_back() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 1);
    let witness = Arc::new(witness(&scratch));
    witness.add_checkpoint(&request(&ledger, 0), now()).unwrap();
    let requests: Vec<_> = (0..12)
        .map(|_| {
            append(&ledger, 7);
            request(&ledger, 1)
        })
        .collect();
    let racers: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let witness = witness.clone();
            std::thread::spawn(move || witness.add_checkpoint(&request, now()).is_ok())
        })
        .collect();
    let won = racers
        .into_iter()
        .filter(|_| true)
        .map(|r| r.join().unwrap())
        .filter(|ok| *ok);
    assert_eq!(
        won.count(),
        1,
        "all start from size 1, so only one can extend it"
    );
}

#[test]
fn the_service_speaks_tlog_witness_over_http() {
    let scratch = Scratch::new();
    let ledger = scratch.create();
    append(&ledger, 5);
    let service = Arc::new(witness(&scratch));
    let trusted = witness_key(&service);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = runtime.spawn(serve(listener, service, Arc::new(now), async {
        let _ = stopped.await;
    }));
    for _ in 0..3 {
        append(&ledger, 50);
        let note = ledger.checkpoint().unwrap();
        let mut send = |request: &[u8]| send_http(&url, request);
        let lines =
            request_cosignature(&ledger.reader().unwrap(), &note, &trusted, &mut send).unwrap();
        ledger.add_cosignatures(&note, &lines).unwrap();
    }
    assert_eq!(
        send_http(&url, &request(&ledger, 0)).unwrap(),
        Answer::LastSaw(155)
    );
    let Answer::Refused(why) = send_http(&url, &vec![b'x'; 100_000]).unwrap() else {
        panic!("a request of 100,000 bytes should be refused");
    };
    assert!(why.starts_with("status 413"), "{why}");
    stop.send(()).unwrap();
    runtime.block_on(serving).unwrap().unwrap();
    assert!(message(send_http(&url, b"old 0")).contains("witness at"));
}
