//! What is going on when the crash comes: a process that appends, signs,
//! exports and erases, and says on standard output what it promised.
//!
//! Lines: `ack INDEX LEAF_HASH` once an entry is acknowledged, `signed NOTE`
//! (hex) once a checkpoint is handed out, `broken WHY` when the ledger itself
//! misbehaves. With `--early 1` entries are acknowledged before they are
//! durable, which the harnesses must notice.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::json;
use tickmark_ledger::export::export;
use tickmark_ledger::{Ledger, LedgerError, LedgerHandle, LogKey, NewEntry, Receipt, Settings};

use crate::dice::Dice;
use crate::{Options, Outcome};

/// Kind of every entry but the ledger's own.
pub const KIND: &str = "sample.noted/1";
/// Name of the ledger.
pub const ORIGIN: &str = "crash.example/ledger";

/// Settings of the ledger in `folder`.
pub fn settings(folder: &Path, seed: u64, synchronous: &str) -> Settings {
    let mut dice = Dice::new(seed);
    let settings = Settings::new(
        &folder.join("data/ledger.db"),
        &folder.join("mark/high-water-mark"),
        LogKey::from_seed([3; 32]),
        &[KIND],
        || Timestamp::UNIX_EPOCH,
        move |bytes| bytes.fill_with(|| dice.below(256) as u8),
    );
    match synchronous {
        "NORMAL" => settings.weakened_for_negative_control("NORMAL"),
        "OFF" => settings.weakened_for_negative_control("OFF"),
        _ => settings,
    }
}

/// Opens the ledger, or creates it where a crash left none.
pub fn open(folder: &Path, seed: u64, synchronous: &str) -> Result<Ledger, LedgerError> {
    match Ledger::open(settings(folder, seed, synchronous)) {
        Err(LedgerError::Missing { .. }) => {
            Ledger::create(settings(folder, seed, synchronous), ORIGIN)
        }
        other => other,
    }
}

/// One caller doing a bit of everything, then ending in good order.
pub fn tour(options: &Options) -> Outcome<ExitCode> {
    let promises = Promises::new(options)?;
    let folder = options.folder()?;
    let seed = options.number("seed", 1)?;
    let work = || -> Result<(), LedgerError> {
        let ledger = open(&folder, seed, &options.text("synchronous", "FULL"))?;
        let ended = walk(&ledger, &folder, seed, &promises);
        if let Err(LedgerError::Stopped(_)) = ended {
            promises.check_stopped(&ledger);
        }
        ended
    };
    Ok(exit_of(work()))
}

fn walk(ledger: &Ledger, folder: &Path, seed: u64, promises: &Promises) -> Result<(), LedgerError> {
    let mut person = None;
    for round in 0..3 {
        for batch in 0..3 {
            let entries = (0..30)
                .map(|n| note(seed, round * 100 + batch * 30 + n))
                .collect();
            let receipts = promises.append(ledger, entries)?;
            person = receipts.first().map(|receipt| receipt.index);
        }
        publish(ledger, folder, promises)?;
    }
    if let Some(index) = person {
        let receipt = ledger.erase("user-1", index, "consent withdrawn")?;
        promises.acknowledge(&receipt)?;
    }
    promises.append(ledger, vec![note(seed, 999)])?;
    publish(ledger, folder, promises)
}

/// Many callers without end; the harness kills the process.
pub fn crowd(options: &Options) -> Outcome<ExitCode> {
    let promises = Promises::new(options)?;
    let folder = options.folder()?;
    let seed = options.number("seed", 1)?;
    let ledger = match open(&folder, seed, "FULL") {
        Ok(ledger) => ledger,
        failed => return Ok(exit_of(failed.map(|_| ()))),
    };
    let callers = options.number("callers", 4)?;
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (handle, promises, folder) = (ledger.handle(), &promises, &folder);
            scope.spawn(move || call(&handle, folder, Dice::new(seed * 64 + caller), promises));
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn call(handle: &LedgerHandle, folder: &Path, mut dice: Dice, promises: &Promises) {
    for turn in 0.. {
        let entries = (0..1 + dice.below(8)).map(|n| note(turn, n)).collect();
        let done = match dice.below(40) {
            0 => publish(handle, folder, promises),
            _ => promises.append(handle, entries).map(|_| ()),
        };
        if done.is_err() {
            return;
        }
    }
}

/// Signs, exports, and only then says so. Exporting is not for two at a time.
fn publish(handle: &LedgerHandle, folder: &Path, promises: &Promises) -> Result<(), LedgerError> {
    let _one = promises
        .publishing
        .lock()
        .map_err(|_| LedgerError::Closed)?;
    let note = handle.checkpoint()?;
    promises.say(&format!("signed {}", hex::encode(&note)))?;
    export(&handle.reader()?, &note, &folder.join("published")).map(|_| ())
}

fn note(turn: u64, number: u64) -> NewEntry {
    let body = json!({"turn": turn, "number": number, "text": "found in order"});
    NewEntry::new("user-1", KIND, format!("note-{turn}-{number}"), body)
}

/// Says what was promised, one line per write.
struct Promises {
    early: bool,
    next: std::sync::atomic::AtomicU64,
    publishing: std::sync::Mutex<()>,
}

impl Promises {
    fn new(options: &Options) -> Outcome<Self> {
        Ok(Self {
            early: options.number("early", 0)? == 1,
            next: options.number("entries", 0)?.into(),
            publishing: std::sync::Mutex::default(),
        })
    }

    fn append(
        &self,
        handle: &LedgerHandle,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<Receipt>, LedgerError> {
        if self.early {
            let count = entries.len() as u64;
            let first = self
                .next
                .fetch_add(count, std::sync::atomic::Ordering::SeqCst);
            for index in first..first + count {
                self.say(&format!("ack {index} early"))?;
            }
        }
        let receipts = handle.append(entries)?;
        if !self.early {
            receipts
                .iter()
                .try_for_each(|receipt| self.acknowledge(receipt))?;
        }
        Ok(receipts)
    }

    fn acknowledge(&self, receipt: &Receipt) -> Result<(), LedgerError> {
        let hash = hex::encode(receipt.leaf_hash);
        self.say(&format!("ack {} {hash}", receipt.index))
    }

    /// After a failed write, nothing may be accepted any more.
    fn check_stopped(&self, ledger: &Ledger) {
        let again = ledger.append(vec![note(0, 0)]);
        let signed = ledger.checkpoint();
        if !matches!(again, Err(LedgerError::Stopped(_))) || signed.is_ok() {
            let _ = self.say("broken a stopped ledger still answers");
        }
    }

    fn say(&self, line: &str) -> Result<(), LedgerError> {
        let mut out = std::io::stdout().lock();
        out.write_all(format!("{line}\n").as_bytes())
            .and_then(|()| out.flush())
            .map_err(|source| LedgerError::File {
                action: "write to",
                path: "standard output".into(),
                source,
            })
    }
}

fn exit_of(outcome: Result<(), LedgerError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}
