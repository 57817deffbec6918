//! What somebody with a key can write past the program: entries of their own,
//! ledgers made anew.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tickmark_ledger::proof_file::{prove, write_proof};
use tickmark_ledger::{Ledger, LedgerReader, NewEntry, Receipt};
use tickmark_realm::{CompanyState, FirmState, Realm, Surroundings, Workspace, write_package};

use crate::world::World;

/// The system's clock, and the same random bytes every time.
fn surroundings() -> Surroundings {
    let random = |bytes: &mut [u8]| bytes.fill(7);
    Surroundings::new(jiff::Timestamp::now, random, env!("CARGO_BIN_EXE_tickmark"))
}

/// An entry as it stands in a ledger.
#[derive(Debug, Clone)]
pub struct Forged {
    pub actor: String,
    pub kind: String,
    pub subject: String,
    pub body: Value,
}

impl Forged {
    fn entry(&self) -> NewEntry {
        NewEntry::new(&*self.actor, &*self.kind, &*self.subject, self.body.clone())
    }

    /// Whether it is of `kind`, whatever its version, about `subject`.
    pub fn is(&self, kind: &str, subject: &str) -> bool {
        let (name, _) = self.kind.split_once('/').unwrap();
        name == kind && self.subject == subject
    }
}

/// The entries of a workspace's ledger, but those of the ledger itself.
pub fn entries(workspace: &Path) -> Vec<Forged> {
    let reader = LedgerReader::open(&workspace.join(".tickmark/ledger.db")).unwrap();
    let size = reader.head().unwrap().size;
    let all = reader.entries(0..size).map(|record| {
        let record = record.unwrap();
        let body = record.value().unwrap().unwrap();
        Forged {
            actor: record.entry.actor,
            kind: record.entry.kind,
            subject: record.entry.subject,
            body,
        }
    });
    all.filter(|it| !it.kind.starts_with("ledger.")).collect()
}

/// Appends entries to the sample company's ledger, past every check.
pub fn append_to_company(world: &World, forged: &[Forged]) {
    let (folder, keys) = (world.path("fernhollow"), world.path("keys/company"));
    let workspace = Workspace::open(&folder, &keys).unwrap();
    append(&workspace, &CompanyState::kinds(), forged);
}

/// Appends entries to the sample firm's ledger, past every check; returns the
/// index of the last one.
pub fn append_to_firm(world: &World, forged: &[Forged]) -> u64 {
    let (folder, keys) = (world.path("brindlewood"), world.path("keys/firm"));
    let workspace = Workspace::open(&folder, &keys).unwrap();
    let receipts = append(&workspace, &FirmState::kinds(), forged);
    receipts.last().unwrap().index
}

fn append(workspace: &Workspace, kinds: &[&str], forged: &[Forged]) -> Vec<Receipt> {
    let ledger = workspace.ledger(&surroundings(), kinds).unwrap();
    let receipts = ledger
        .append(forged.iter().map(Forged::entry).collect())
        .unwrap();
    ledger.checkpoint().unwrap();
    receipts
}

/// Makes the firm behind the copied report another one, whose ledger holds
/// `forged` and whose last entry issued the report.
pub fn replace_firm(world: &World, forged: &[Forged]) {
    let (folder, keys) = (world.path("forger"), world.path("forger-keys"));
    let kinds = &FirmState::kinds();
    let (_, ledger) = Workspace::create(
        &folder,
        &keys,
        Realm::Firm,
        "brindlewood",
        &surroundings(),
        kinds,
    )
    .unwrap();
    let receipts = ledger
        .append(forged.iter().map(Forged::entry).collect())
        .unwrap();
    write_verification(
        &ledger,
        receipts.last().unwrap().index,
        &world.path("report"),
    );
}

/// Writes the firm's part of a report's `verification/` anew.
pub fn write_verification(ledger: &Ledger, index: u64, report: &Path) {
    let verification = report.join("verification");
    for path in proofs(&verification) {
        fs::remove_file(path).unwrap();
    }
    let firm = verification.join("firm");
    if firm.exists() {
        fs::remove_dir_all(&firm).unwrap();
    }
    let (note, reader) = (ledger.checkpoint().unwrap(), ledger.reader().unwrap());
    write_package(&reader, &note, None, &firm).unwrap();
    write_proof(&verification, index, &prove(&reader, index, &note).unwrap()).unwrap();
}

/// The sample firm's ledger, open for writing.
pub fn firm_ledger(world: &World) -> Ledger {
    let (folder, keys) = (world.path("brindlewood"), world.path("keys/firm"));
    let workspace = Workspace::open(&folder, &keys).unwrap();
    workspace
        .ledger(&surroundings(), &FirmState::kinds())
        .unwrap()
}

fn proofs(verification: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(verification).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).collect()
}
