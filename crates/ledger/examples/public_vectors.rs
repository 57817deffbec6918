//! Writes exported ledgers, proofs and a package for verifiers that others
//! wrote (`scripts/public-verifiers.sh`): one ledger at the sizes where the
//! layout changes, cosigned by a witness.
//!
//! `FOLDER/keys` holds two lines: verifier keys of the ledger and the witness.
//! `FOLDER/<size>/` is an export, `FOLDER/<size>-proofs/` holds proofs of some
//! entries, `FOLDER/package/` is an evidence package.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use serde_json::json;
use tickmark_ledger::export::export;
use tickmark_ledger::package::export_package;
use tickmark_ledger::proof_file::{prove, write_proof};
use tickmark_ledger::witness::{Witness, cosign_in_process};
use tickmark_ledger::{Ledger, LogKey, NewEntry, Settings};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const KIND: &str = "sample.noted/1";
const ORIGIN: &str = "vectors.example/ledger";
const SIZES: &[u64] = &[0, 1, 2, 255, 256, 257, 600, 65_535, 65_536, 65_537, 100_000];

fn main() -> Outcome<()> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("usage: public_vectors FOLDER")?;
    write_vectors(Path::new(&folder))
}

fn write_vectors(folder: &Path) -> Outcome<()> {
    let ledger = create(folder)?;
    let key = LogKey::from_seed([6; 32]);
    let logs = [LogKey::from_seed([5; 32]).verifier_key(ORIGIN)];
    let witness = Witness::new(
        "vectors.example/witness",
        key,
        &logs,
        &folder.join("witness"),
    )?;
    std::fs::write(
        folder.join("keys"),
        format!("{}\n{}\n", logs.concat(), witness.verifier_key()),
    )?;
    let mut size = 0;
    for &next in SIZES {
        if next > size {
            ledger.append((size..next).map(note).collect())?;
        }
        size = next;
        write_size(&ledger, &witness, folder, size)?;
    }
    let small = create(&folder.join("small"))?;
    small.append((0..300).map(note).collect())?;
    small.erase("user-1", 7, "consent withdrawn")?;
    export_package(
        &small.reader()?,
        &small.checkpoint()?,
        &folder.join("package"),
    )?;
    Ok(())
}

fn write_size(ledger: &Ledger, witness: &Witness, folder: &Path, size: u64) -> Outcome<()> {
    let now = Timestamp::from_second(1_782_000_000)?;
    cosign_in_process(ledger, &ledger.checkpoint()?, witness, now)?;
    let cosigned = ledger.checkpoint()?;
    let reader = ledger.reader()?;
    export(&reader, &cosigned, &folder.join(size.to_string()))?;
    let proofs = folder.join(format!("{size}-proofs"));
    std::fs::create_dir_all(&proofs)?;
    for index in [0, 1, 255, 256, 65_535, size.saturating_sub(1)] {
        if index < size {
            write_proof(&proofs, index, &prove(&reader, index, &cosigned)?)?;
        }
    }
    Ok(())
}

fn create(folder: &Path) -> Outcome<Ledger> {
    let seconds = AtomicI64::new(1_751_328_000);
    let mut next = 0_u8;
    let settings = Settings::new(
        &folder.join("ledger.db"),
        &folder.join("mark"),
        LogKey::from_seed([5; 32]),
        &[KIND],
        move || {
            let second = seconds.fetch_add(1, Ordering::Relaxed);
            Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
        },
        move |bytes| {
            next = next.wrapping_add(1);
            bytes.fill(next);
        },
    );
    Ok(Ledger::create(settings, ORIGIN)?)
}

fn note(number: u64) -> NewEntry {
    let body = json!({"number": number, "ratio": 0.1, "text": "séance \"très\" utile\n"});
    NewEntry::new("user-1", KIND, format!("note \"{number}\""), body)
}
