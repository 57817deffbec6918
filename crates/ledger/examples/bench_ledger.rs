//! Measures the ledger against plain SQLite and bare hashing, in one run, and
//! prints one JSON object: medians and ratios.
//!
//! `appends`: durable inserts of the same rows (1 KiB bodies), by 1 caller one
//! at a time, by 64 callers, and 1,000 per commit. The plain side writes leaf
//! and body rows of the same size with the same settings and group commit.
//! `verification`: the independent verifier, of an exported ledger and of a
//! package with bodies, and fsck, each against bare SHA-256 over exactly the
//! leaves and bodies it has to hash. Bare hashing is measured on one processor
//! and spread over all; verification reads files, hashes inner nodes, keys
//! HMACs, parses and compares on top of that, over all processors.
//! `replay`: reading 100,000 entries with bodies and decoding them.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Value, json};
use tickmark_ledger::export::export;
use tickmark_ledger::fsck::{Against, fsck};
use tickmark_ledger::hash::leaf_hash;
use tickmark_ledger::package::export_package;
use tickmark_ledger::verifier::{VerifierKey, verify_bodies, verify_directory};
use tickmark_ledger::{Ledger, LedgerReader, LogKey, NewEntry, Settings};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const KIND: &str = "sample.noted/1";
const ORIGIN: &str = "bench.example/ledger";
/// Entries that are verified and replayed.
const ENTRIES: u64 = 100_000;

fn main() -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("bench-ledger-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let seconds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1.0);
    let measured = measure(&folder, Duration::from_secs_f64(seconds));
    std::fs::remove_dir_all(&folder)?;
    println!("{}", serde_json::to_string_pretty(&measured?)?);
    Ok(())
}

fn measure(folder: &Path, span: Duration) -> Outcome<Value> {
    Ok(json!({
        "verification": verification(folder)?,
        "appends": {
            "one_caller": compare(folder, span, 1, 1)?,
            "64_callers": compare(folder, span, 64, 1)?,
            "1000_per_commit": compare(folder, span, 1, 1000)?,
        },
    }))
}

/// Alternates both sides five times and compares medians.
fn compare(folder: &Path, span: Duration, callers: usize, batch: u64) -> Outcome<Value> {
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let place = folder.join(format!("{callers}-{batch}-{round}"));
        plain.push(plain_rate(&place.join("plain"), span, callers, batch)?);
        ours.push(ledger_rate(&place.join("ledger"), span, callers, batch)?);
        std::fs::remove_dir_all(place)?;
    }
    let (plain, ours) = (median(plain), median(ours));
    Ok(json!({
        "plain_sqlite_per_second": plain.round(),
        "ledger_per_second": ours.round(),
        "plain_over_ledger": rounded(plain / ours),
    }))
}

fn ledger_rate(folder: &Path, span: Duration, callers: usize, batch: u64) -> Outcome<f64> {
    let ledger = create(folder)?;
    rate(span, callers, batch, |_| {
        let handle = ledger.handle();
        move |first| {
            let entries = (first..first + batch).map(entry).collect();
            handle.append(entries).is_ok()
        }
    })
}

fn plain_rate(folder: &Path, span: Duration, callers: usize, batch: u64) -> Outcome<f64> {
    std::fs::create_dir_all(folder)?;
    let conn = plain_database(folder)?;
    let (rows, received) = channel();
    let writer = std::thread::spawn(move || insert_rows(conn, &received));
    let measured = rate(span, callers, batch, |_| {
        let rows = rows.clone();
        move |first| {
            let (reply, done) = sync_channel(1);
            let new = (first..first + batch).map(|number| (plain_leaf(number), plain_body(number)));
            rows.send((new.collect(), reply)).is_ok() && done.recv().is_ok()
        }
    });
    drop(rows);
    writer.join().map_err(|_| "the plain writer failed")??;
    measured
}

/// Runs the callers for a while and returns entries per second.
fn rate<F: FnMut(u64) -> bool + Send>(
    span: Duration,
    callers: usize,
    batch: u64,
    make: impl Fn(usize) -> F,
) -> Outcome<f64> {
    let start = Instant::now();
    let done: u64 = std::thread::scope(|scope| {
        let running: Vec<_> = (0..callers)
            .map(|caller| {
                let mut append = make(caller);
                scope.spawn(move || {
                    let mut count = 0;
                    while start.elapsed() < span && append(count) {
                        count += batch;
                    }
                    count
                })
            })
            .collect();
        running
            .into_iter()
            .map(|caller| caller.join().unwrap_or(0))
            .sum()
    });
    Ok(done as f64 / start.elapsed().as_secs_f64())
}

/// Rows to insert and whom to tell.
type Insert = (Vec<(Vec<u8>, Vec<u8>)>, SyncSender<()>);

/// One writer with group commit, as the ledger has, but without a ledger.
fn insert_rows(mut conn: Connection, received: &Receiver<Insert>) -> rusqlite::Result<()> {
    let mut next = 0_i64;
    while let Ok(first) = received.recv() {
        let mut batch = vec![first];
        batch.extend(received.try_iter().take(4095));
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut entry = tx.prepare_cached("INSERT INTO entry VALUES (?1, ?2)")?;
            let mut body = tx.prepare_cached("INSERT INTO body VALUES (?1, ?2, ?3)")?;
            for (leaf, bytes) in batch.iter().flat_map(|(rows, _)| rows) {
                entry.execute(params![next, leaf])?;
                body.execute(params![next, [7_u8; 32], bytes])?;
                next += 1;
            }
        }
        tx.commit()?;
        for (_, reply) in batch {
            let _ = reply.send(());
        }
    }
    Ok(())
}

fn plain_database(folder: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(folder.join("plain.db"))?;
    conn.pragma_update(None, "page_size", 8192)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.execute_batch(
        "CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
         CREATE TABLE body (idx INTEGER PRIMARY KEY, salt BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;",
    )?;
    Ok(conn)
}

fn verification(folder: &Path) -> Outcome<Value> {
    let place = folder.join("verify");
    let ledger = create(&place)?;
    for start in (0..ENTRIES).step_by(1000) {
        ledger.append((start..start + 1000).map(entry).collect())?;
    }
    let note = ledger.checkpoint()?;
    let reader = ledger.reader()?;
    let out = place.join("out");
    export(&reader, &note, &out)?;
    let leaves: Vec<Vec<u8>> = (0..ENTRIES)
        .map(|n| reader.leaf(n))
        .collect::<Result<_, _>>()?;
    let log = VerifierKey::parse(&reader.verifier_key()?)?;
    let package = place.join("package");
    export_package(&reader, &note, &package)?;
    let bodies: Vec<Vec<u8>> = (0..ENTRIES).map(plain_body).collect();
    let both: Vec<&[u8]> = leaves.iter().chain(&bodies).map(Vec::as_slice).collect();
    let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let exported = || Ok(verify_directory(&out, &log, &[])?.entries.len() as u64);
    let packaged = || {
        let ledger = verify_directory(&package.join("ledger"), &log, &[])?;
        Ok(verify_bodies(&package.join("bodies.ndjson"), &ledger)?.opened as u64)
    };
    Ok(json!({
        "entries": ENTRIES,
        "processors": processors(),
        "exported_ledger": against_bare("leaves", &leaves, exported)?,
        "package": against_bare("leaves and bodies", &both, packaged)?,
        "fsck": against_bare("leaves and bodies", &both, || findings(&reader))?,
        "replay_with_bodies_seconds": rounded(fastest(|| replay(&reader))?),
    }))
}

/// Measures `verify` against bare hashing of the same bytes.
fn against_bare(
    hashed: &str,
    pieces: &[&[u8]],
    mut verify: impl FnMut() -> Outcome<u64>,
) -> Outcome<Value> {
    let bytes: usize = pieces.iter().map(|piece| piece.len()).sum();
    let one = |pieces: &[&[u8]]| pieces.iter().map(|piece| leaf_hash(piece)).fold(0, fold);
    let bare = fastest(|| Ok(one(pieces)))?;
    let shares = pieces.chunks(pieces.len().div_ceil(processors()));
    let bare_on_all = fastest(|| {
        Ok(std::thread::scope(|scope| {
            let running: Vec<_> = shares
                .clone()
                .map(|share| scope.spawn(move || one(share)))
                .collect();
            running
                .into_iter()
                .map(|share| share.join().unwrap_or(0))
                .fold(0, |sum, part| sum ^ part)
        }))
    })?;
    let verified = fastest(&mut verify)?;
    Ok(json!({
        "hashed_on_both_sides": format!("{hashed}, {bytes} bytes in {} pieces", pieces.len()),
        "bare_seconds": rounded(bare),
        "bare_on_all_processors_seconds": rounded(bare_on_all),
        "seconds": rounded(verified),
        "over_bare": rounded(verified / bare),
        "over_bare_on_all_processors": rounded(verified / bare_on_all),
    }))
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn findings(reader: &LedgerReader) -> Outcome<u64> {
    let against = Against {
        known_kinds: &[KIND],
        ..Against::default()
    };
    match fsck(reader, against)?.first() {
        None => Ok(0),
        Some(finding) => Err(finding.to_string().into()),
    }
}

fn replay(reader: &LedgerReader) -> Outcome<u64> {
    let mut sum = 0;
    for record in reader.entries(0..ENTRIES) {
        let body = record?.value()?.unwrap_or_default();
        sum += body.get("number").and_then(Value::as_u64).unwrap_or(0);
    }
    Ok(sum)
}

fn create(folder: &Path) -> Outcome<Ledger> {
    let mut state = 1_u64;
    let settings = Settings::new(
        &folder.join("ledger.db"),
        &PathBuf::from(folder).join("mark"),
        LogKey::from_seed([9; 32]),
        &[KIND],
        || Timestamp::UNIX_EPOCH,
        move |bytes| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            bytes.fill((state >> 32) as u8);
        },
    );
    Ok(Ledger::create(settings, ORIGIN)?)
}

fn entry(number: u64) -> NewEntry {
    NewEntry::new("user-1", KIND, format!("note-{number}"), body(number))
}

/// About 1 KiB.
fn body(number: u64) -> Value {
    json!({"number": number, "text": "x".repeat(1000)})
}

fn plain_body(number: u64) -> Vec<u8> {
    body(number).to_string().into_bytes()
}

/// As long as an entry's leaf.
fn plain_leaf(number: u64) -> Vec<u8> {
    format!("{number:>190}").into_bytes()
}

fn fold(sum: u64, hash: [u8; 32]) -> u64 {
    let [first, ..] = hash;
    sum ^ u64::from(first)
}

/// Seconds of the fastest of five runs.
fn fastest(mut work: impl FnMut() -> Outcome<u64>) -> Outcome<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        std::hint::black_box(work()?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
