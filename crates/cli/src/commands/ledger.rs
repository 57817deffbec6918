//! `tickmark ledger …`: sign, prove, verify, export, check, list and erase.
//!
//! Everything here is told where the ledger is and what time it is; nothing
//! looks for a workspace or reads a clock.

mod rotate;
mod verify;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tickmark_ledger::export::export;
use tickmark_ledger::fsck::{Against, Replay, fsck};
use tickmark_ledger::proof_file::{prove, write_proof};
use tickmark_ledger::verifier::VerifierKey;
use tickmark_ledger::witness::check_cosignatures;
use tickmark_ledger::{
    Checkpoint, Clock, Ledger, LedgerError, LedgerReader, LogKey, Record, Settings,
};

pub use verify::VerifyArgs;

/// Exit status when what was checked is damaged or does not verify.
const DAMAGED: u8 = 3;

/// Work with the ledger: the tamper-evident record of everything that happened.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LedgerCommand,
}

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Sign the ledger as it is now and print the checkpoint.
    ///
    /// Give it to someone outside: a checkpoint that left the building is what
    /// makes a later change show.
    Checkpoint {
        /// Also have the witness at this address cosign it.
        #[arg(long, value_name = "URL", requires = "witness_key")]
        witness: Option<String>,
        /// Verifier key line of that witness.
        #[arg(long, value_name = "VKEY")]
        witness_key: Option<String>,
        /// Keep the cosignature lines in this file, as `tickmark witness cosign` printed them,
        /// once they verify for the newest checkpoint.
        #[arg(
            long,
            value_name = "FILE",
            conflicts_with = "witness",
            requires = "witness_key"
        )]
        add_cosignatures: Option<PathBuf>,
    },
    /// Prove that one entry is in the signed ledger.
    ///
    /// Writes `entry-<INDEX>.tlog-proof` and, beside it, the entry itself.
    Prove {
        /// Index of the entry.
        index: u64,
        /// Folder for the two files.
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Verify an exported ledger, a package or a proof, with code that does not
    /// share anything with the writer.
    Verify(VerifyArgs),
    /// Export the ledger in the tlog-tiles layout, for tools of others.
    Export {
        /// Folder to write to: new, or holding an older export.
        out: PathBuf,
    },
    /// Check every invariant of the ledger and report everything found.
    Fsck {
        /// Also check this exported folder against the ledger.
        #[arg(long, value_name = "DIR")]
        published: Option<PathBuf>,
    },
    /// List the newest entries.
    Tail {
        /// How many.
        #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 20)]
        lines: u64,
        /// Show bodies too. They may hold personal data.
        #[arg(long)]
        bodies: bool,
    },
    /// Erase the body of an entry. The entry and all proofs stay; the erasure
    /// is itself recorded.
    Erase {
        /// Index of the entry.
        index: u64,
        /// The provision it rests on, such as `GDPR article 17(1)(b)`.
        #[arg(long, value_name = "TEXT")]
        legal_basis: String,
    },
    /// Print the verifier key line: what others pin to verify this ledger.
    Vkey,
    /// Sign with a new key from now on.
    ///
    /// The old key signs the change, which is an entry: whoever trusts the old
    /// key and verifies a package can follow it to the new one. The old key's
    /// file is kept beside the new one; destroy it when it may have been stolen,
    /// and tell everyone the new verifier key line another way.
    RotateKey,
    /// Go on, on purpose, from a restored copy that lost entries.
    Epoch {
        /// What happened. Kept for ever; no personal data.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Where a ledger is and what opening it takes.
#[derive(Debug, Clone)]
pub struct LedgerPlace {
    /// The database file.
    pub database: PathBuf,
    /// The high-water mark, outside the workspace.
    pub high_water_mark: PathBuf,
    /// The signing key, outside the workspace.
    pub key_file: PathBuf,
    /// Kinds of entries the program can read, besides the ledger's own.
    pub known_kinds: Vec<&'static str>,
    /// Opaque id of whoever runs the command.
    pub actor: String,
}

impl LedgerArgs {
    /// Runs what needs no workspace: verifying something of which the key is
    /// named. Nothing for any other command.
    pub fn run_alone(&self, json: bool, out: &mut dyn Write) -> Option<Result<u8, LedgerError>> {
        let LedgerCommand::Verify(args) = &self.command else {
            return None;
        };
        let (path, _) = args.path.as_ref().zip(args.vkey.as_ref())?;
        let verified = verify::at(path, args, || {
            Err(LedgerError::Refused("name a key with `--vkey`".into()))
        });
        Some(verified.and_then(|verified| verify::tell(&verified, json, out)))
    }
}

impl LedgerPlace {
    /// Settings to open or create the ledger here.
    ///
    /// # Errors
    /// When the key file cannot be read.
    pub fn settings(&self, clock: &Clock, random: fn(&mut [u8])) -> Result<Settings, LedgerError> {
        let clock = clock.clone();
        Ok(Settings::new(
            &self.database,
            &self.high_water_mark,
            LogKey::read(&self.key_file)?,
            &self.known_kinds,
            move || clock(),
            random,
        ))
    }
}

/// Everything a subcommand works with.
struct Session<'a> {
    place: &'a LedgerPlace,
    clock: &'a Clock,
    random: fn(&mut [u8]),
    json: bool,
    out: &'a mut dyn Write,
}

/// Runs a subcommand and returns the exit status. `replay` is asked about each
/// record during `fsck` (invariant I11).
///
/// # Errors
/// Those of the ledger; [`LedgerError::exit_code`] is their exit status.
pub fn run(
    args: &LedgerArgs,
    place: &LedgerPlace,
    clock: &Clock,
    random: fn(&mut [u8]),
    replay: Option<&mut Replay<'_>>,
    json: bool,
    out: &mut dyn Write,
) -> Result<u8, LedgerError> {
    let mut session = Session {
        place,
        clock,
        random,
        json,
        out,
    };
    match &args.command {
        LedgerCommand::Checkpoint {
            witness,
            witness_key,
            add_cosignatures,
        } => session.checkpoint(
            witness.as_deref(),
            witness_key.as_deref(),
            add_cosignatures.as_deref(),
        ),
        LedgerCommand::Prove { index, out } => session.prove(*index, out),
        LedgerCommand::Verify(args) => session.verify(args),
        LedgerCommand::Export { out } => session.export(out),
        LedgerCommand::Fsck { published } => session.fsck(published.as_deref(), replay),
        LedgerCommand::Tail { lines, bodies } => session.tail(*lines, *bodies),
        LedgerCommand::Erase { index, legal_basis } => session.erase(*index, legal_basis),
        LedgerCommand::Vkey => session.vkey(),
        LedgerCommand::RotateKey => rotate::run(&mut session),
        LedgerCommand::Epoch { reason } => session.epoch(reason),
    }
}

impl Session<'_> {
    fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(self.place.settings(self.clock, self.random)?)
    }

    fn reader(&self) -> Result<LedgerReader, LedgerError> {
        LedgerReader::open(&self.place.database)
    }

    fn checkpoint(
        &mut self,
        witness: Option<&str>,
        witness_key: Option<&str>,
        lines: Option<&Path>,
    ) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        if let Some(path) = lines {
            let lines = read_text(path)?;
            let newest = newest_checkpoint(&ledger)?;
            let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
            let key = VerifierKey::of_witness(witness_key.unwrap_or_default());
            let key = key.map_err(|failure| LedgerError::Refused(failure.to_string()))?;
            let lines = check_cosignatures(&ledger.reader()?, &newest, &key, &lines)?;
            ledger.add_cosignatures(&newest, &lines)?;
            return self.print_checkpoint(&newest_checkpoint(&ledger)?);
        }
        let note = ledger.checkpoint()?;
        if let (Some(url), Some(key)) = (witness, witness_key) {
            super::witness::cosign_over_http(&ledger, &note, url, key)?;
        }
        self.print_checkpoint(&ledger.checkpoint()?)
    }

    fn print_checkpoint(&mut self, note: &[u8]) -> Result<u8, LedgerError> {
        let text = String::from_utf8_lossy(note).into_owned();
        let signed = Checkpoint::parse_note(note)?;
        self.print(&text, || {
            json!({
                "origin": signed.origin,
                "size": signed.size,
                "root": hex(&signed.root),
                "note": text,
            })
        })
    }

    fn prove(&mut self, index: u64, out: &Path) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        let note = ledger.checkpoint()?;
        let proof = prove(&ledger.reader()?, index, &note)?;
        let (proof_path, leaf_path) = write_proof(out, index, &proof)?;
        let text = format!(
            "wrote {} and {}\n",
            proof_path.display(),
            leaf_path.display()
        );
        self.print(
            &text,
            || json!({"index": index, "proof": proof_path, "leaf": leaf_path}),
        )
    }

    fn export(&mut self, out: &Path) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        let note = ledger.checkpoint()?;
        let exported = export(&ledger.reader()?, &note, out)?;
        let (size, files) = (exported.checkpoint.size, exported.files_written);
        let text = format!(
            "exported {size} entries to {} ({files} new files)\n",
            out.display()
        );
        self.print(
            &text,
            || json!({"size": size, "files_written": files, "path": out}),
        )
    }

    fn fsck(
        &mut self,
        published: Option<&Path>,
        mut replay: Option<&mut Replay<'_>>,
    ) -> Result<u8, LedgerError> {
        if let Some(folder) = published.filter(|folder| !folder.join("checkpoint").is_file()) {
            return Err(LedgerError::Refused(format!(
                "there is no exported ledger in `{}`: it has no `checkpoint`",
                folder.display()
            )));
        }
        let reader = self.reader()?;
        let mut replayed = |record: &Record| match &mut replay {
            Some(replay) => replay(record),
            None => Ok(()),
        };
        let against = Against {
            high_water_mark: Some(&self.place.high_water_mark),
            known_kinds: &self.place.known_kinds,
            published,
            replay: Some(&mut replayed),
            ..Against::default()
        };
        let findings = fsck(&reader, against)?;
        let size = reader.head()?.size;
        let mut text = String::new();
        for finding in &findings {
            text.push_str(&format!("{finding}\n"));
        }
        text.push_str(&format!(
            "checked {size} entries: {}\n",
            counted(findings.len(), "finding", "findings")
        ));
        self.print(&text, || {
            let found: Vec<Value> = findings
                .iter()
                .map(|finding| json!({"invariant": finding.invariant, "what": finding.what}))
                .collect();
            json!({"entries": size, "findings": found})
        })?;
        Ok(if findings.is_empty() { 0 } else { DAMAGED })
    }

    fn tail(&mut self, lines: u64, bodies: bool) -> Result<u8, LedgerError> {
        let reader = self.reader()?;
        let size = reader.head()?.size;
        for record in reader.entries(size.saturating_sub(lines)..size) {
            let record = record?;
            let body = if bodies { record.value()? } else { None };
            let text = line_of(&record, body.as_ref());
            self.print(&text, || object_of(&record, bodies.then_some(body)))?;
        }
        Ok(0)
    }

    fn erase(&mut self, index: u64, legal_basis: &str) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        let receipt = ledger.erase(&self.place.actor, index, legal_basis)?;
        let entry = ledger.reader()?.entry(index)?;
        let text = format!(
            "erased the body of entry {index} (`{}` of `{}`); recorded as entry {}\nwhat it said counts no more in anything computed from now on\n",
            entry.kind, entry.subject, receipt.index
        );
        self.print(&text, || {
            json!({
                "erased": index,
                "kind": entry.kind,
                "subject": entry.subject,
                "recorded_as": receipt.index,
            })
        })
    }

    fn vkey(&mut self) -> Result<u8, LedgerError> {
        let line = self.reader()?.verifier_key()?;
        self.print(&format!("{line}\n"), || json!({"vkey": line}))
    }

    fn epoch(&mut self, reason: &str) -> Result<u8, LedgerError> {
        let settings = self.place.settings(self.clock, self.random)?;
        let ledger = Ledger::open_epoch(settings, &self.place.actor, reason)?;
        let reader = ledger.reader()?;
        let (origin, line) = (reader.origin()?, reader.verifier_key()?);
        let text = format!("opened `{origin}`; give others its verifier key:\n{line}\n");
        self.print(&text, || json!({"origin": origin, "vkey": line}))
    }

    /// Verifies what is named, or the workspace's own ledger.
    fn verify(&mut self, args: &VerifyArgs) -> Result<u8, LedgerError> {
        let verified = match &args.path {
            Some(path) => verify::at(path, args, || self.reader()?.verifier_key())?,
            None => {
                let ledger = self.open()?;
                let (reader, note) = (ledger.reader()?, ledger.checkpoint()?);
                verify::database(&reader, &note, args, || reader.verifier_key())?
            }
        };
        verify::tell(&verified, self.json, self.out)
    }

    fn print(&mut self, text: &str, value: impl FnOnce() -> Value) -> Result<u8, LedgerError> {
        print(self.out, self.json, text, value)
    }
}

fn newest_checkpoint(ledger: &Ledger) -> Result<Vec<u8>, LedgerError> {
    ledger.reader()?.last_checkpoint()?.ok_or_else(|| {
        LedgerError::Refused("nothing has been signed yet; run `tickmark ledger checkpoint`".into())
    })
}

fn line_of(record: &Record, body: Option<&Value>) -> String {
    let entry = &record.entry;
    let erased = if record.body.is_none() {
        "  (body erased)"
    } else {
        ""
    };
    let body = body.map_or_else(String::new, |body| format!("  {body}"));
    format!(
        "{:>6}  {}  {:<32}  {}  by {}{erased}{body}\n",
        entry.idx, entry.at, entry.kind, entry.subject, entry.actor
    )
}

fn object_of(record: &Record, body: Option<Option<Value>>) -> Value {
    let entry = &record.entry;
    let mut object = json!({
        "index": entry.idx,
        "at": entry.at.to_string(),
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "erased": record.body.is_none(),
    });
    if let (Some(body), Some(fields)) = (body, object.as_object_mut()) {
        fields.insert("body".into(), body.unwrap_or(Value::Null));
    }
    object
}

fn read_text(path: &Path) -> Result<String, LedgerError> {
    Ok(String::from_utf8_lossy(&read_bytes(path)?).into_owned())
}

/// Prints text, or with `--json` one line of JSON.
pub(super) fn print(
    out: &mut dyn Write,
    json: bool,
    text: &str,
    value: impl FnOnce() -> Value,
) -> Result<u8, LedgerError> {
    let written = if json {
        writeln!(out, "{}", value())
    } else {
        out.write_all(text.as_bytes())
    };
    match written {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => Err(LedgerError::File {
            action: "write to",
            path: "standard output".into(),
            source,
        }),
        _ => Ok(0),
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, LedgerError> {
    std::fs::read(path).map_err(|source| LedgerError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
